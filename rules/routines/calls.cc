// CALL, EXPLAIN of what cannot run, and sys.wait_for_job in the wrong place.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCall{
    .id = "unsupported_call",
    .summary = "only procedures of the schema `sys` can be called",
    .why =
        "There are no user-defined procedures, so CALL is only for the procedures of\n"
        "the service, such as `sys.wait_for_job`. Move what a procedure did into the\n"
        "application or, where it is one query, into a LANGUAGE sql function that is\n"
        "called with SELECT.",
    .bad = "call app.close_month('2026-09');",
};

constexpr RuleInfo kWait{
    .id = "wait_for_job_select",
    .summary = "sys.wait_for_job is a procedure and requires CALL",
    .why =
        "SELECT of a procedure fails (42809). CALL waits until the job has ended; when\n"
        "the job has failed, it returns false and raises no error.",
    .bad = "select sys.wait_for_job('n2wprkh2ijf5zbu2ifwhdzfkga');",
    .good = "call sys.wait_for_job('n2wprkh2ijf5zbu2ifwhdzfkga');",
    .fixes = Fixes::Sometimes,
    .help = "write CALL sys.wait_for_job('…') as a statement of its own",
};

constexpr RuleInfo kWaitInBlock{
    .id = "wait_for_job_in_transaction",
    .summary = "sys.wait_for_job cannot run inside a transaction block",
    .why =
        "A job that this transaction starts begins after its COMMIT, so waiting for it\n"
        "inside the transaction would never end; the engine refuses it.",
    .bad = "begin;\ncall sys.wait_for_job('n2wprkh2ijf5zbu2ifwhdzfkga');\ncommit;",
    .good = "call sys.wait_for_job('n2wprkh2ijf5zbu2ifwhdzfkga');",
    .help = "put the CALL after COMMIT",
};

constexpr RuleInfo kExplain{
    .id = "unsupported_explain",
    .summary = "EXPLAIN is for queries",
    .why =
        "A statement that cannot be run cannot be explained either: use EXPLAIN with\n"
        "the query inside it.",
    .bad = "explain execute p;",
    .good = "explain select 1;",
    .help = "EXPLAIN the SELECT itself",
};

void check_call(const pg::CallStmt& call, Context& ctx) {
  const ObjectName name = object_name(call.funccall().funcname());
  if (name.schema == "sys") return;
  const Tokens& tokens = ctx.tokens();
  const std::string written = to_sql(name);
  ctx.report({.range = tokens.range(TokenSpan{0, std::max<size_t>(tokens.skip_name(1), 1)}),
              .message = fmt::format("procedure `{}` cannot be called", written),
              .help = fmt::format("run the statements of `{}` in the application, each change in a "
                                  "transaction of at most 3,000 rows",
                                  written)});
}

void check_wait(const pg::FuncCall& call, Context& ctx) {
  const ObjectName name = object_name(call.funcname());
  if (name.schema != "sys" || name.name != "wait_for_job") return;
  if (!ctx.parents().empty() && ctx.parents().back().as<pg::CallStmt>() != nullptr) return;
  const Tokens& tokens = ctx.tokens();
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  const size_t open = tokens.skip_name(at);
  Diagnostic finding{.range = tokens.range(TokenSpan{at, open})};
  const bool whole = tokens.is_op(open, "(") && tokens.close(open) + 1 == tokens.size();
  const bool select_list = at == 1 && tokens.is(0, "select");
  const bool from_item = at == 3 && tokens.is(0, "select") && tokens.is_op(1, "*");
  if (whole && (select_list || from_item) &&
      !touches_comment(tokens, {tokens[0].begin, tokens[at].begin})) {
    finding.fix = Fix{Safety::Exact,
                      "write CALL",
                      {fixers::replace(tokens, {0, at}, match_case(tokens.text(0), "CALL"))}};
  }
  ctx.report(std::move(finding));
}

void check_wait_in_block(ScriptContext& ctx) {
  if (ctx.document().of_kind(pg::Node::kCallStmt).empty()) return;
  bool open = false;
  const std::span<const Statement> statements = ctx.document().statements();
  for (size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    if (ctx.document().starts_file(i)) open = false;
    if (statement.cls == StatementClass::Begin) open = true;
    if (statement.cls == StatementClass::Commit || statement.cls == StatementClass::Rollback) {
      open = false;
    }
    const auto* call = tree_of(statement).as<pg::CallStmt>();
    if (!open || call == nullptr) continue;
    const ObjectName name = object_name(call->funccall().funcname());
    if (name.schema == "sys" && name.name == "wait_for_job") {
      ctx.report({.range = statement.range});
    }
  }
}

bool has_into(const pg::SelectStmt& select) {
  const pg::SelectStmt* first = &select;  // of a UNION
  while (!first->has_into_clause() && first->has_larg()) first = &first->larg();
  return first->has_into_clause();
}

void check_explain(const pg::ExplainStmt& explain, Context& ctx) {
  switch (explain.query().node_case()) {
    case pg::Node::kSelectStmt:
      if (has_into(explain.query().select_stmt())) ctx.report({.range = ctx.head()});
      return;
    case pg::Node::kInsertStmt:
    case pg::Node::kUpdateStmt:
    case pg::Node::kDeleteStmt:
    case pg::Node::kMergeStmt:  // reported as such
      return;
    default:
      ctx.report({.range = ctx.head()});
  }
}

constexpr std::array kRules = {
    rule<check_call>(kCall),
    rule<check_wait>(kWait),
    rule<check_wait_in_block>(kWaitInBlock),
    rule<check_explain>(kExplain),
};

}  // namespace

std::span<const Rule> calls() { return kRules; }

}  // namespace dsqlint
