// What every rule owes its readers.

#include "cli/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "cli/print_catalogue.h"
#include "engine/lint/rule.h"
#include "mysql/check.h"
#include "mysql/rules.h"
#include "plugins/migrations/history_rules.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<Diagnostic> findings_in(std::string_view sql, const Linter& linter) {
  auto source = SourceFile::from_text("example.sql", std::string(sql));
  REQUIRE(source);
  return linter.check(*source).findings;
}

/// Rules whose `bad` would be too big to print, or would have to be a folder.
constexpr std::string_view kWithoutExample[] = {"copy_row_limit",
                                                "duplicate_migration_version",
                                                "expression_too_deep",
                                                "insert_row_limit",
                                                "migration_checksum_mismatch",
                                                "migration_out_of_order",
                                                "migration_version_gap",
                                                "misplaced_migration_mark",
                                                "missing_migration_file",
                                                "mysql_insert_batched",
                                                "mysql_transaction_split",
                                                "removed_index_reference",
                                                "statement_too_large",
                                                "too_many_columns",
                                                "too_many_indexes",
                                                "too_many_sequences",
                                                "too_many_tables",
                                                "too_many_views",
                                                "transaction_row_limit",
                                                "unlisted_migration",
                                                "unresolved_placeholder",
                                                "view_definition_size"};

/// What the program finds in a rule's example by `engine`.
std::vector<Diagnostic> findings_in_bad(const RuleInfo& info, Engine engine) {
  auto source = SourceFile::from_text("example.sql", std::string(info.bad), Encoding::Bytes);
  REQUIRE(source);
  const Linter linter = make_linter({.engine = engine});
  return mysql::find_translation_rule(info.id) == nullptr
             ? linter.check(*source).findings
             : mysql::check(linter, *source, {.engine = engine}).findings;
}

bool has_rule(const std::vector<Diagnostic>& findings, std::string_view id) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Diagnostic& finding) { return finding.rule->id == id; });
}

TEST_CASE("every example is true of the engine that its page names", "[catalogue]") {
  for (const RuleInfo* info : rule_catalogue()) {
    INFO(info->id);
    const bool without = std::find(std::begin(kWithoutExample), std::end(kWithoutExample),
                                   info->id) != std::end(kWithoutExample);
    CHECK(info->bad.empty() == without);
    const std::string page = rule_page(*info);
    const auto since = accepted_since(*info);
    CHECK(contains(page, since ? "Accepted since " + to_string(*since) : "As of "));
    if (info->bad.empty()) continue;
    if (!since) {
      CHECK(has_rule(findings_in_bad(*info, Engine()), info->id));
    } else {
      CHECK(info->accepted_parts.empty());
      CHECK(findings_in_bad(*info, Engine()).empty());
      CHECK(findings_in_bad(*info, Engine(*since)).empty());
      CHECK(has_rule(findings_in_bad(*info, Engine(day_before(*since))), info->id));
    }
    // The page shows what `check` finds.
    CHECK(contains(page, fmt::format("[{}]: ", info->id)));
    const bool fixed = rule_example(*info).fixed.has_value();
    if (info->fixes == Fixes::Always) CHECK(fixed);
    if (info->fixes == Fixes::Never && mysql::find_translation_rule(info->id) == nullptr) {
      CHECK(!fixed);
    }
  }
}

TEST_CASE("a rule about what is accepted by now has no finding by the newest engine",
          "[catalogue]") {
  std::set<std::string_view> accepted;
  for (const RuleInfo* info : rule_catalogue()) {
    if (info->accepted) accepted.insert(info->id);
  }
  CHECK(!accepted.empty());
  const fs::path fixtures = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  size_t read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures)) {
    if (entry.path().extension() != ".expected") continue;
    fs::path sql = entry.path();
    sql.replace_extension(".sql");
    if (!fs::exists(sql) || contains(read_file(sql.string()), "engine=")) continue;
    const std::string golden = read_file(entry.path().string());
    INFO(sql);
    ++read;
    for (const std::string_view id : accepted) CHECK(!contains(golden, fmt::format("[{}]: ", id)));
  }
  CHECK(read > 500);
}

TEST_CASE("every rule keeps its promises", "[catalogue]") {
  const fs::path fixtures = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures";
  for (const RuleInfo* info : rule_catalogue()) {
    INFO(info->id);
    CHECK(std::all_of(info->id.begin(), info->id.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }));
    for (const RetiredRule& retired : retired_rules()) CHECK(info->id != retired.id);
    CHECK(!info->summary.empty());
    CHECK(!info->why.empty());
    // Those of the MySQL translation are held to theirs in mysql_test.cc.
    if (mysql::find_translation_rule(info->id) != nullptr) continue;
    // Those of a folder of migrations are found in tests/fixtures/migrations.
    if (is_history_rule(info->id)) continue;
    CHECK(fs::is_directory(fixtures / info->id));
    if (info->bad.empty()) continue;

    const Linter linter = make_linter({.engine = example_engine(*info)});
    const std::vector<Diagnostic> bad = findings_in(info->bad, linter);
    for (const Diagnostic& finding : bad) CHECK(finding.rule->id == info->id);
    if (!info->good.empty()) {
      for (const Diagnostic& finding : findings_in(info->good, linter)) {
        FAIL_CHECK("finding in `good`: " << finding.rule->id << ": " << finding.message);
      }
    }
    auto source = SourceFile::from_text("bad.sql", std::string(info->bad));
    REQUIRE(source);
    auto fixed = linter.fix(*source);
    REQUIRE(fixed);
    if (info->fixes == Fixes::Always) CHECK(fixed->text == info->good);
    if (info->fixes == Fixes::Never) {
      CHECK(!fixed->changed);
      for (const Diagnostic& finding : bad) CHECK(!finding.help.empty());
    }
  }
}

TEST_CASE("two rules with one id are one rule with two hooks", "[catalogue]") {
  std::map<std::string_view, const RuleInfo*> seen;
  for (const std::span<const Rule> table : all_rules()) {
    for (const Rule& rule : table) {
      const auto [known, added] = seen.emplace(rule.info.id, &rule.info);
      if (added) continue;
      INFO(rule.info.id);
      CHECK(known->second->summary == rule.info.summary);
      CHECK(known->second->why == rule.info.why);
    }
  }
}

TEST_CASE("rules/README.md is the catalogue", "[catalogue]") {
  const std::string path = std::string(DSQLINT_SOURCE_DIR) + "/rules/README.md";
  const std::string catalogue = catalogue_markdown();
  if (std::getenv("DSQLINT_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << catalogue;
  } else {
    INFO("DSQLINT_UPDATE=1 scripts/test --quick rewrites it");
    CHECK((fs::exists(path) ? read_file(path) : "") == catalogue);
  }
}

}  // namespace
}  // namespace dsqlint::test
