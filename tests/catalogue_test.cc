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
#include "mysql/rules.h"
#include "plugins/migrations/history_rules.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

std::vector<Diagnostic> findings_in(std::string_view sql, const Linter& linter) {
  auto source = SourceFile::from_text("example.sql", std::string(sql));
  REQUIRE(source);
  return linter.check(*source).findings;
}

/// The engine the rule's example is about: the day before what it misses was accepted.
Config config_for(const RuleInfo& info) {
  Config config;
  if (!info.example_engine.empty()) config.engine = Engine(*parse_date(info.example_engine));
  return config;
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
    CHECK((info->example_engine.empty() || parse_date(info->example_engine).has_value()));
    if (info->bad.empty()) continue;  // too big to print

    const Linter linter = make_linter(config_for(*info));
    const std::vector<Diagnostic> bad = findings_in(info->bad, linter);
    CHECK(!bad.empty());
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
