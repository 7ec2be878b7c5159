// What the loop does with fixes that do not go together, shown with rules made for it.

#include <fmt/format.h>

#include <array>

#include "engine/catalog/schema.h"
#include "engine/lint/linter.h"
#include "engine/lint/rule.h"
#include "fixers/fixers.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

constexpr RuleInfo kNull{.id = "a_null", .summary = "a column may be null", .why = "", .bad = ""};
constexpr RuleInfo kSize{.id = "b_size", .summary = "a number has no size", .why = "", .bad = ""};
constexpr RuleInfo kBroken{.id = "c_broken", .summary = "a query", .why = "", .bad = ""};

void insert_behind_type(Context& ctx, std::string_view unless, std::string text) {
  const Tokens& tokens = ctx.tokens();
  size_t type = 0;
  while (type < tokens.size() && !tokens.is(type, "numeric")) ++type;
  if (type == tokens.size() || tokens.text(tokens.all()).find(unless) != std::string_view::npos) {
    return;
  }
  ctx.report(
      {.range = tokens.range(type),
       .fix =
           Fix{Safety::Exact, "insert it", {fixers::insert_after(tokens, type, std::move(text))}}});
}

void check_null(Context& ctx) { insert_behind_type(ctx, "not null", " not null"); }
void check_size(Context& ctx) { insert_behind_type(ctx, "(18,6)", "(18,6)"); }

/// Its fix is wrong whatever else is applied.
void check_broken(Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  if (!tokens.is(0, "select")) return;
  ctx.report(
      {.range = tokens.range(0),
       .fix =
           Fix{Safety::Exact, "break it", {fixers::insert_after(tokens, tokens.size() - 1, ")")}}});
}

constexpr RuleInfo kLater{.id = "d_later",
                          .summary = "what another fix resolves",
                          .why = "",
                          .bad = "",
                          .phase = Phase::Transaction};

void check_later(Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  if (tokens.text(tokens.all()).find("numeric)") == std::string_view::npos) return;
  ctx.report({.range = tokens.range(0),
              .notes = {{"what this fix would change"}},
              .fix = Fix{Safety::Exact, "do it here", {fixers::insert_after(tokens, 0, " x")}}});
}

constexpr RuleInfo kRemoved{.id = "e_removed", .summary = "no such table", .why = "", .bad = ""};
constexpr RuleInfo kAlso{.id = "f_also", .summary = "nor this", .why = "", .bad = ""};

void check_removed(Context& ctx) {
  if (!ctx.tokens().is(2, "gone")) return;
  ctx.report({.range = ctx.tokens().range(2),
              .fix = Fix{Safety::Review, "remove it", {{ctx.statement().range, ""}}}});
}

constexpr std::array kLaterRules = {rule<check_size>(kSize), rule<check_later>(kLater)};

constexpr std::array kRemovingRules = {rule<check_size>(kSize), rule<check_removed>(kRemoved),
                                       rule<check_removed>(kAlso)};

constexpr std::array kRules = {rule<check_null>(kNull), rule<check_size>(kSize),
                               rule<check_broken>(kBroken)};

TEST_CASE("fixes that break a statement together are applied one after the other", "[fix_loop]") {
  auto source = SourceFile::from_text("x.sql", "create table t (n numeric);\nselect 1;\n");
  REQUIRE(source);
  const auto fixed = Linter({std::span<const Rule>(kRules)}, Config{}).fix(*source);
  REQUIRE(fixed);
  CHECK(fixed->text() == "create table t (n numeric(18,6) not null);\nselect 1;\n");
  REQUIRE(fixed->findings.size() == 3);
  CHECK(fixed->findings[0].fix.has_value());
  CHECK(fixed->findings[1].fix.has_value());
  // One that breaks its statement alone is left out, and said to be.
  const Diagnostic& culprit = fixed->findings[2];
  CHECK(!culprit.fix);
  REQUIRE(!culprit.notes.empty());
  CHECK(culprit.notes.back().message.find("would not parse") != std::string::npos);
}

TEST_CASE("a fix that was not needed any more is not told as done", "[fix_loop]") {
  auto source = SourceFile::from_text("x.sql", "create table t (n numeric);\n");
  REQUIRE(source);
  const auto fixed = Linter({std::span<const Rule>(kLaterRules)}, Config{}).fix(*source);
  REQUIRE(fixed);
  CHECK(fixed->text() == "create table t (n numeric(18,6));\n");
  REQUIRE(fixed->findings.size() == 2);
  const Diagnostic& resolved = fixed->findings[0];
  REQUIRE(resolved.fix);
  CHECK(resolved.fix->title == "resolved by another fix");
  CHECK(resolved.fix->edits.empty());
  CHECK(resolved.notes.empty());
}

TEST_CASE("what goes with its statement is not told beside it", "[fix_loop]") {
  auto source = SourceFile::from_text(
      "x.sql", "create table gone (n numeric);\ncreate table t (n numeric);\n");
  REQUIRE(source);
  const Linter linter({std::span<const Rule>(kRemovingRules)}, Config{});
  const auto fixed = linter.fix(*source);
  REQUIRE(fixed);
  CHECK(fixed->text() == ";\ncreate table t (n numeric(18,6));\n");
  CHECK(fixed->passes == 1);
  for (const auto& findings : {fixed->findings, linter.check(*source).findings}) {
    // Two that remove it for reasons of their own are both told, each with its fix.
    REQUIRE(findings.size() == 3);
    CHECK(findings[0].rule->id == "e_removed");
    CHECK(findings[1].rule->id == "f_also");
    CHECK(findings[2].rule->id == "b_size");
    for (const Diagnostic& finding : findings) {
      REQUIRE(finding.fix);
      CHECK(finding.fix->title != "resolved by another fix");
    }
  }
}

TEST_CASE("a comment is of use when it silences something in any pass", "[fix_loop]") {
  const Linter linter({std::span<const Rule>(kLaterRules)}, Config{});
  const std::string table = "create table t (n numeric);\n";
  const struct {
    std::string text;
    size_t findings;
  } cases[] = {
      {"-- dsqlint: ignore d_later: its finding goes with a fix\n" + table, 1},
      {"-- dsqlint: ignore c_broken: there is none\n" + table, 3},
  };
  for (const auto& [text, findings] : cases) {
    INFO(text);
    auto source = SourceFile::from_text("x.sql", text);
    REQUIRE(source);
    CHECK(linter.check(*source).findings.size() == findings);
    const auto fixed = linter.fix(*source);
    REQUIRE(fixed);
    CHECK(fixed->findings.size() == findings);
  }
}

constexpr RuleInfo kUnreadable{.id = "parse_error", .summary = "no SQL", .why = "", .bad = ""};

TEST_CASE("fixing ends, whatever the fixes do", "[fix_loop]") {
  auto source = SourceFile::from_text("x.sql", "select 1, 2, 3, 4, 5, 6, 7, 8, 9\n");
  REQUIRE(source);
  const struct {
    std::string inserted;
    int passes;
    size_t checks;
  } cases[] = {
      {" ", 10, 11},  // each pass makes a text that has something to fix
      {")", 0, 6},    // each fix breaks the text: soon all that are left are left out
  };
  for (const auto& [inserted, passes, most] : cases) {
    INFO(inserted);
    size_t checks = 0;
    const CheckText check = [&](const std::shared_ptr<const SourceFile>& text, const PassStep*) {
      ++checks;
      CheckOutcome outcome;
      const Range statement{0, text->size()};
      if (text->text().find(')') != std::string_view::npos) {
        outcome.findings.push_back(
            {.range = statement, .rule = &kUnreadable, .statement = statement});
        return outcome;
      }
      for (uint32_t i = 0; i < 20; ++i) {
        outcome.findings.push_back({.range = {i, i + 1},
                                    .fix = Fix{Safety::Exact, "insert it", {{{i, i}, inserted}}},
                                    .rule = &kBroken,
                                    .statement = statement});
      }
      return outcome;
    };
    const auto fixed = fix_text(*source, Safety::Exact, check);
    REQUIRE(fixed);
    CHECK(fixed->passes == passes);
    CHECK(checks == most);
    CHECK(fixed->changed == (passes != 0));
  }
}

TEST_CASE("rows that no pass has at hand come out as they were", "[fix_loop]") {
  // Rows enough for gaps, and for batches that are cut within them.
  const auto rows = [](std::string_view between) {
    std::string text;
    for (int i = 0; i < 7000; ++i) text += fmt::format("{}{}some text\n", i, between);
    return text;
  };
  const std::string text =
      "create table a (id serial primary key, b text);\ncopy a from stdin;\n" + rows("\t") +
      "\\.\ncreate index on a (b);\nselect 1;\n\\copy a from stdin\n" + rows("\t") +
      "\\.\ncopy a from stdin with (format csv);\n0,\"in\nlines\"\n" + rows(",") +
      "\\.\ncreate temp table c (d money);\ncopy c from stdin;\n1\n" + rows(".0 ");
  const auto source = SourceFile::from_text("dump.sql", text);
  REQUIRE(source);
  const Properties properties = check_properties(*source, {});
  for (const std::string& violation : properties.violations) FAIL_CHECK(violation);
  CHECK(!properties.fixed.fixed->next_gap(0).empty());

  const Linter linter = make_linter({});
  const auto copied = fix_text(*source, Safety::Review,
                               [&](const std::shared_ptr<const SourceFile>& now, const PassStep*) {
                                 CheckOutcome outcome = linter.pass(now);
                                 outcome.unread.clear();
                                 return outcome;
                               });
  REQUIRE(copied);
  CHECK(copied->fixed->next_gap(0).empty());
  CHECK(copied->text() == properties.fixed.text());
  CHECK(copied->findings.size() == properties.fixed.findings.size());
  CHECK(copied->left.size() == properties.fixed.left.size());
}

TEST_CASE("a check does not change what a history holds", "[fix_loop]") {
  const Linter linter = make_linter({});
  auto first = SourceFile::from_text("1.sql", "create temp table t (id serial, n int);\n");
  auto second = SourceFile::from_text("2.sql", "alter table t alter column n type bigint;\n");
  REQUIRE(first);
  REQUIRE(second);
  Schema checked;
  Schema learnt;
  CHECK(!linter.check(*first, {.history = &checked}).findings.empty());
  linter.learn(*first, {.history = &learnt});
  const auto a = linter.check(*second, {.history = &checked}).findings;
  const auto b = linter.check(*second, {.history = &learnt}).findings;
  REQUIRE(a.size() == b.size());
  REQUIRE(!a.empty());
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i].message == b[i].message);
}

}  // namespace
}  // namespace dsqlint::test
