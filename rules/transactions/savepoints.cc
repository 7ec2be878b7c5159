// SAVEPOINT, RELEASE SAVEPOINT and ROLLBACK TO SAVEPOINT.

#include <fmt/format.h>

#include <array>
#include <set>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "A transaction commits or rolls back as a whole: after any error every\n"
    "statement up to ROLLBACK fails with 25P02. A savepoint to which no ROLLBACK TO\n"
    "returns has no effect. Otherwise check before writing (`ON CONFLICT DO\n"
    "NOTHING`, `WHERE NOT EXISTS`), or put the part that may fail into a separate\n"
    "transaction.";

constexpr RuleInfo kSavepoint{
    .id = "unsupported_savepoint",
    .summary = "savepoints are not supported",
    .why = kWhy,
    .bad = "begin;\nsavepoint a;\nselect 1;\ncommit;",
    .good = "begin;\nselect 1;\ncommit;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kRelease{
    .id = "unsupported_release_savepoint",
    .summary = "savepoints are not supported",
    .why = kWhy,
    .bad = "begin;\nselect 1;\nrelease savepoint a;\ncommit;",
    .good = "begin;\nselect 1;\ncommit;",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kRollbackTo{
    .id = "unsupported_rollback_to_savepoint",
    .summary = "savepoints are not supported",
    .why = kWhy,
    .bad = "begin;\nselect 1;\nrollback to savepoint a;\ncommit;",
};

struct Savepoint {
  size_t statement;
  std::string name;
  pg::TransactionStmtKind kind;
};

std::string way_out(const std::string& name) {
  return fmt::format(
      "move what runs between `SAVEPOINT {0}` and `ROLLBACK TO {0}` to a separate transaction, or "
      "prevent it from failing: `ON CONFLICT DO NOTHING`, `WHERE NOT EXISTS`",
      name);
}

/// Reports the savepoints of one transaction that are of `kind`.
void report(ScriptContext& ctx, const std::vector<Savepoint>& block, pg::TransactionStmtKind kind) {
  std::set<std::string_view> targets;
  for (const Savepoint& savepoint : block) {
    if (savepoint.kind == pg::TRANS_STMT_ROLLBACK_TO) targets.insert(savepoint.name);
  }
  for (const Savepoint& savepoint : block) {
    if (savepoint.kind != kind) continue;
    const Statement& statement = ctx.document().statements()[savepoint.statement];
    const std::string name = quote_identifier(savepoint.name);
    Diagnostic finding{.range = statement.range};
    switch (kind) {
      case pg::TRANS_STMT_SAVEPOINT:
        finding.message = fmt::format("savepoint `{}` is not supported", name);
        break;
      case pg::TRANS_STMT_RELEASE:
        finding.message = fmt::format("releasing savepoint `{}` is not supported", name);
        break;
      default:
        finding.message = fmt::format("rolling back to savepoint `{}` is not supported", name);
        finding.notes.push_back({"only the whole transaction can be rolled back"});
        break;
    }
    if (targets.count(savepoint.name) != 0) {
      finding.help = way_out(name);
    } else {
      finding.notes.push_back(
          {"nothing in this file rolls back to it; if a program does, it has to retry the whole "
           "transaction"});
      finding.fix = Fix{Safety::Review,
                        "remove the statement",
                        {fixers::remove_statement(ctx.source(), statement)}};
    }
    ctx.report(std::move(finding));
  }
}

template <pg::TransactionStmtKind kind>
void check(ScriptContext& ctx) {
  if (ctx.document().of_kind(pg::Node::kTransactionStmt).empty()) return;
  const auto statements = ctx.document().statements();
  std::vector<Savepoint> block;
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (ctx.document().starts_file(i)) {
      report(ctx, block, kind);
      block.clear();
    }
    if (statement.cls == StatementClass::Begin || statement.cls == StatementClass::Commit ||
        statement.cls == StatementClass::Rollback) {
      report(ctx, block, kind);
      block.clear();
      continue;
    }
    const auto* transaction = tree_of(statement).as<pg::TransactionStmt>();
    if (transaction == nullptr || transaction->savepoint_name().empty()) continue;
    block.push_back({i, transaction->savepoint_name(), transaction->kind()});
  }
  report(ctx, block, kind);
}

constexpr std::array kRules = {
    rule<check<pg::TRANS_STMT_SAVEPOINT>>(kSavepoint),
    rule<check<pg::TRANS_STMT_RELEASE>>(kRelease),
    rule<check<pg::TRANS_STMT_ROLLBACK_TO>>(kRollbackTo),
};

}  // namespace

std::span<const Rule> savepoints() { return kRules; }

}  // namespace dsqlint
