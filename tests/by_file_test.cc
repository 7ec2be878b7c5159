// What was found in joined files, taken apart again.

#include "engine/lint/by_file.h"

#include "tests/catch.h"

namespace dsqlint {
namespace {

std::shared_ptr<const SourceFile> two_files() {
  std::vector<std::shared_ptr<const SourceFile>> texts;
  for (const char* text : {"select 1;\n", "select 2;\nselect 3;\n"}) {
    auto source = SourceFile::from_text("x.sql", text);
    REQUIRE(source);
    texts.push_back(*source);
  }
  auto joined = SourceFile::join({{"a.sql", {}, 0}, {"b.sql", {}, 1}}, texts);
  REQUIRE(joined);
  return *joined;
}

constexpr uint32_t kSecond = 11;  // where the second file begins

Diagnostic finding_at(Range range, Range statement) {
  static constexpr RuleInfo kRule{.id = "some_rule", .summary = "s", .why = "w", .bad = "b"};
  Diagnostic finding{.range = range, .rule = &kRule};
  finding.statement = statement;
  return finding;
}

TEST_CASE("a finding comes in the positions of its file", "[by_file]") {
  const auto source = two_files();
  Diagnostic finding = finding_at({kSecond + 10, kSecond + 16}, {kSecond + 10, kSecond + 18});
  finding.notes = {{"here", Range{kSecond, kSecond + 6}}, {"there", Range{0, 6}}};
  finding.fix = Fix{Safety::Review, "t", {{{0, 1}, "x"}, {{kSecond + 10, kSecond + 11}, "y"}}};
  const std::vector<CheckOutcome> parts = by_file(CheckOutcome{.findings = {finding}}, *source);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].findings.empty());
  REQUIRE(parts[1].findings.size() == 1);
  const Diagnostic& moved = parts[1].findings.front();
  CHECK(moved.range == Range{10, 16});
  CHECK(moved.statement == Range{10, 18});
  CHECK(moved.notes[0].range == Range{0, 6});
  CHECK(!moved.notes[1].range);
  CHECK(moved.notes[1].message == "there (a.sql:1)");
  REQUIRE(moved.fix->edits.size() == 1);
  CHECK(moved.fix->edits.front().range == Range{10, 11});
}

TEST_CASE("a statement that a fix has brought has a place in its file, too", "[by_file]") {
  const auto source = two_files();
  const uint32_t at = kSecond + 9;
  for (const Range statement : {Range{at, at}, Range{0, 0}}) {
    const std::vector<CheckOutcome> parts =
        by_file(CheckOutcome{.findings = {finding_at({at, at}, statement)}}, *source);
    REQUIRE(parts[1].findings.size() == 1);
    CHECK(parts[1].findings.front().statement.end <= source->file_range(1).size());
  }
}

TEST_CASE("each file has its part of the fixed text", "[by_file]") {
  const auto source = two_files();
  FixOutcome outcome;
  outcome.fixed = *source->revised(std::string("select 1;\n\0select 4;\n", 21));
  outcome.left = {finding_at({kSecond, kSecond + 6}, {kSecond, kSecond + 8})};
  const std::vector<FixOutcome> parts = by_file(std::move(outcome), *source);
  REQUIRE(parts.size() == 2);
  CHECK(!parts[0].changed);
  CHECK(parts[1].changed);
  CHECK(parts[1].text() == "select 4;\n");
  REQUIRE(parts[1].left.size() == 1);
  CHECK(parts[1].left.front().range == Range{0, 6});
}

}  // namespace
}  // namespace dsqlint
