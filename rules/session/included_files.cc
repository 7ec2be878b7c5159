// include_in_transaction: psql's \i between BEGIN and COMMIT.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInclude{
    .id = "include_in_transaction",
    .summary = "an included file runs in the transaction around it",
    .why =
        "A transaction holds one DDL statement, and never DDL and DML together. The\n"
        "included files are not known here, and each of them may be correct alone.",
    .bad = "begin;\n\\i tables.sql\ncommit;",
    .good = "\\i tables.sql",
    .severity = Severity::Warning,
    .help = "remove BEGIN and COMMIT around it, or check the files in one text",
};

bool includes_file(std::string_view command) {
  return is_one_of(command.substr(0, command.find_first_of(" \t")),
                   {"\\i", "\\ir", "\\include", "\\include_relative"});
}

void check_includes(ScriptContext& ctx) {
  const std::span<const Statement> statements = ctx.document().statements();
  size_t passed = 0;
  bool open = false;
  for (const Range range : ctx.document().commands()) {
    for (; passed < statements.size() && statements[passed].range.begin < range.begin; ++passed) {
      const StatementClass cls = statements[passed].cls;
      if (ctx.document().starts_file(passed)) open = false;
      if (cls == StatementClass::Begin) open = true;
      if (cls == StatementClass::Commit || cls == StatementClass::Rollback) open = false;
    }
    const std::string_view command = ctx.source().slice(range);
    const auto file_of = [&](uint32_t at) { return ctx.source().file_at(at); };
    if (passed > 0 && file_of(statements[passed - 1].range.begin) != file_of(range.begin)) {
      open = false;
    }
    if (!open || !includes_file(command)) continue;
    ctx.report({.range = {range.begin, range.begin + static_cast<uint32_t>(
                                                         command.find_last_not_of(" \t\r") + 1)},
                .message = "the statements of the included file count in this transaction"});
  }
}

constexpr std::array kRules = {rule<check_includes>(kInclude)};

}  // namespace

std::span<const Rule> included_files() { return kRules; }

}  // namespace dsqlint
