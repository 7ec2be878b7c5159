// What the PostgreSQL oracle needs to know about one file, as JSON: the text before and after
// fixing with DSQL's own syntax mapped back to PostgreSQL's, and which fix was applied to
// statements that name what.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "engine/lint/linter.h"
#include "engine/parse/document.h"
#include "rules/rules.h"
#include "tests/oracle/for_postgres.h"

using namespace dsqlint;

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FILE\n", argv[0]);
    return 2;
  }
  auto source = SourceFile::load(argv[1]);
  if (!source) {
    fmt::print(stderr, "{}\n", source.error().message);
    return 1;
  }
  const Linter linter(all_rules(), Config{});
  auto fixed = linter.fix(*source);
  if (!fixed) {
    fmt::print(stderr, "{}\n", fixed.error().message);
    return 1;
  }
  const Document document = Document::parse(*source);
  nlohmann::json told = {{"changed", fixed->changed},
                         {"source", oracle::mapped_back(std::string((*source)->text()))},
                         {"fixed", oracle::mapped_back(fixed->text())},
                         {"findings", oracle::applied_fixes(fixed->findings, document)},
                         {"statements", nlohmann::json::array()},
                         {"unreadable", nlohmann::json::array()}};
  for (const Statement& statement : document.statements()) {
    const uint32_t last = statement.end > 0 ? statement.end - 1 : 0;
    told["statements"].push_back({statement.range.begin, statement.end,
                                  (*source)->position(statement.range.begin).line,
                                  (*source)->position(last).line});
  }
  for (const Diagnostic& finding : fixed->findings) {
    if (finding.rule->id == "parse_error") {
      told["unreadable"].push_back((*source)->position(finding.statement.end).line);
    }
  }
  fmt::print("{}\n", oracle::to_line(told));
  return 0;
}
