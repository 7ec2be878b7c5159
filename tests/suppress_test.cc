// `dsqlint: ignore` comments, as a table.

#include "engine/lint/suppress.h"

#include <fmt/format.h>

#include <algorithm>

#include "plugins/catalogue.h"
#include "rules/rules.h"
#include "tests/catch.h"

namespace dsqlint {
namespace {

/// `line rule` of what is left, in order.
std::string left(const std::string& text) {
  auto source = SourceFile::from_text("x.sql", text);
  REQUIRE(source);
  std::string told;
  const Linter linter(all_rules(), Config{}, other_ids_of_files());
  for (const Diagnostic& finding : linter.check(*source).findings) {
    told += fmt::format("{}{} {}", told.empty() ? "" : ", ",
                        (*source)->position(finding.range.begin).line, finding.rule->id);
  }
  return told;
}

TEST_CASE("comments silence what they name, where they stand", "[suppress]") {
  const std::string temp = "create temp table t (a int);";
  const std::pair<std::string, std::string> cases[] = {
      {temp, "1 temp_table"},
      {temp + " -- dsqlint: ignore temp_table", ""},
      {temp + " -- dsqlint: ignore temp_table: only for the tests", ""},
      {temp + " -- dsqlint: ignore", ""},
      {temp + " /* dsqlint: ignore temp_table, truncate */", ""},
      {temp + " -- dsqlint: ignore truncate", "1 temp_table, 1 unused_suppression"},
      {"-- dsqlint: ignore temp_table\n" + temp + "\n" + temp, "3 temp_table"},
      {"-- dsqlint: ignore temp_table\n\n-- more\n" + temp, ""},
      {"-- dsqlint: ignore temp_table\r\n" + temp + "\r\n", ""},
      {"-- dsqlint: ignore-file temp_table\nselect 1;\n" + temp + "\ncreate temp table u (a int);",
       ""},
      {temp + "\n-- dsqlint: ignore-file temp_table", ""},
      {"truncate a; -- dsqlint: ignore truncate\ntruncate b;", "2 truncate"},
      {"-- dsqlint: ignore truncate\ntruncate a;truncate b;", "2 truncate"},
      {temp + "\n-- dsqlint: ignore temp_table", "1 temp_table, 2 unused_suppression"},
      {"-- dsqlint: ignore Temp Table\n" + temp, "1 unused_suppression, 2 temp_table"},
      {"-- dsqlint: disable temp_table\n" + temp, "1 unused_suppression, 2 temp_table"},
      {"create table t (a int,,); -- dsqlint: ignore parse_error", ""},
      {"-- dsqlint: ignore unused_suppression", "1 unused_suppression"},
      {"select '-- dsqlint: ignore temp_table'; " + temp, "1 temp_table"},
  };
  for (const auto& [text, findings] : cases) {
    INFO(text);
    CHECK(left(text) == findings);
  }
}

TEST_CASE("of several comments the nearest one gives the reason", "[suppress]") {
  auto source = SourceFile::from_text("x.sql",
                                      "-- dsqlint: ignore-file truncate: everywhere\n"
                                      "truncate a; -- dsqlint: ignore truncate: here\n"
                                      "truncate b;\n");
  REQUIRE(source);
  std::string reasons;
  for (const Suppressed& one : Linter(all_rules(), Config{}).check(*source).suppressed) {
    reasons += one.reason + ";";
  }
  CHECK(reasons == "here;everywhere;");
}

TEST_CASE("a comment that means no rule says which one it may mean", "[suppress]") {
  const std::pair<std::string, std::string> cases[] = {
      {"truncat: x", "`truncat` is not a rule; did you mean `truncate`?"},
      {"temp_table, truncat", "`truncat` is not a rule; did you mean `truncate`?"},
      {"wholly_strange_words", "`wholly_strange_words` is not a rule; `dsqlint rules` lists them"},
      {"truncate", "there is nothing to ignore here"},
      {"parse_error", "there is nothing to ignore here"},
  };
  for (const auto& [rules, message] : cases) {
    INFO(rules);
    auto source = SourceFile::from_text("x.sql", "select 1; -- dsqlint: ignore " + rules + "\n");
    REQUIRE(source);
    const auto findings = Linter(all_rules(), Config{}).check(*source).findings;
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].message == message);
  }
}

TEST_CASE("a comment for another command is of use there", "[suppress]") {
  CHECK(left("-- dsqlint: ignore-file duplicate_migration_version: both were run\nselect 1;") ==
        "");
  CHECK(left("select 1;  -- dsqlint: ignore mysql_enum_to_varchar") == "");
  CHECK(left("select 1;  -- dsqlint: ignore mysql_dialect_suspected") == "1 unused_suppression");
  CHECK(left("select 1;  -- dsqlint: ignore migration_out_of_ordr") == "1 unused_suppression");
  CHECK(left("select 1;  -- dsqlint: ignore mysql_enum_to_varcha") == "1 unused_suppression");
  CHECK(left("select 1;  -- dsqlint: ignore") == "1 unused_suppression");
}

TEST_CASE("suppressions can be switched off", "[suppress]") {
  auto source = SourceFile::from_text("x.sql", "create temp table t (a int); -- dsqlint: ignore\n");
  REQUIRE(source);
  Config config;
  config.suppressions = false;
  const auto findings = Linter(all_rules(), config).check(*source).findings;
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule->id == "temp_table");
}

}  // namespace
}  // namespace dsqlint
