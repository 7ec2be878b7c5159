// PREPARE, EXECUTE and DEALLOCATE; what is prepared in the same file is written out where it is
// executed.

#include <fmt/format.h>

#include <array>
#include <map>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "The driver prepares statements with the messages of the protocol, which work.\n"
    "The SQL commands PREPARE and EXECUTE are refused, and so is DEALLOCATE of a\n"
    "single name; `DEALLOCATE ALL` is accepted.";

constexpr RuleInfo kPrepare{
    .id = "unsupported_prepare",
    .summary = "PREPARE is not supported",
    .why = kWhy,
    .bad = "prepare by_id (bigint) as select * from t where id = $1;",
    .fixes = Fixes::Sometimes,
    .help = "let the driver prepare the statement, or run it as it is",
};

constexpr RuleInfo kExecute{
    .id = "unsupported_execute",
    .summary = "EXECUTE is not supported",
    .why = kWhy,
    .bad = "execute by_id (17);",
    .fixes = Fixes::Sometimes,
    .help = "write out the statement that was prepared, with its values",
};

constexpr RuleInfo kDeallocate{
    .id = "unsupported_deallocate",
    .summary = "DEALLOCATE accepts only ALL",
    .why = kWhy,
    .bad = "deallocate by_id;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

/// PREPARE name (types) AS query, or EXECUTE name (values).
struct PreparedParts {
  std::vector<TokenSpan> list;  ///< types, or values
  size_t rest = 0;              ///< the query's first token
};

PreparedParts prepared_parts(const Tokens& tokens) {
  PreparedParts parts{{}, 2};
  if (tokens.is_op(2, "(")) {
    const size_t close = tokens.close(2);
    if (close == Tokens::npos) return parts;
    parts.list = tokens.split({3, close});
    parts.rest = close + 1;
  }
  if (tokens.is(parts.rest, "as")) ++parts.rest;
  return parts;
}

bool is_literal(const Tokens& tokens, TokenSpan value) {
  if (value.size() == 2 && (tokens.is_op(value.begin, "-") || tokens.is_op(value.begin, "+"))) {
    return tokens[value.begin + 1].kind == TokenKind::Number;
  }
  if (value.size() != 1) return false;
  const TokenKind kind = tokens[value.begin].kind;
  return kind == TokenKind::Number || kind == TokenKind::String || tokens.is(value.begin, "null") ||
         tokens.is(value.begin, "true") || tokens.is(value.begin, "false");
}

/// The prepared query with the values of one EXECUTE in place of its parameters; empty when that
/// cannot be done to the letter.
std::string written_out(const Tokens& prepare, const Tokens& execute) {
  const PreparedParts prepared = prepared_parts(prepare);
  const PreparedParts values = prepared_parts(execute);
  if (prepared.rest >= prepare.size() || touches_comment(prepare, prepare.range(prepare.all())) ||
      touches_comment(execute, execute.range(execute.all())) ||
      (!prepared.list.empty() && prepared.list.size() != values.list.size())) {
    return {};
  }
  std::string sql;
  uint32_t at = prepare[prepared.rest].begin;
  const auto copy_to = [&](uint32_t offset) {
    const Range whole = prepare.range(prepare.all());
    sql += prepare.text(prepare.all()).substr(at - whole.begin, offset - at);
  };
  for (size_t i = prepared.rest; i < prepare.size(); ++i) {
    if (prepare[i].kind != TokenKind::Parameter) continue;
    const std::string_view number = prepare.text(i).substr(1);
    size_t n = 0;
    for (const char c : number.substr(0, 4)) n = n * 10 + static_cast<size_t>(c - '0');
    if (n == 0 || n > values.list.size() || number.size() > 4) return {};
    const TokenSpan value = values.list[n - 1];
    copy_to(prepare[i].begin);
    at = prepare[i].end;
    if (n <= prepared.list.size()) {
      sql += fmt::format("CAST({} AS {})", execute.text(value), prepare.text(prepared.list[n - 1]));
    } else if (is_literal(execute, value)) {
      sql += execute.text(value);
    } else {
      sql += fmt::format("({})", execute.text(value));
    }
  }
  copy_to(prepare[prepare.size() - 1].end);
  return sql;
}

/// What the file does with the statements it prepares.
struct PreparedStatements {
  struct Prepared {
    std::vector<size_t> prepares;
    std::vector<size_t> executes;
    bool elsewhere = false;  ///< executed inside another statement, or before it is prepared
    std::optional<Fix> fix;  ///< writes it out wherever it is executed
  };
  std::map<std::string, Prepared> by_name;

  explicit PreparedStatements(ScriptContext& ctx) {
    if (ctx.document().of_kind(pg::Node::kPrepareStmt).empty() &&
        ctx.document().of_kind(pg::Node::kExecuteStmt).empty()) {
      return;
    }
    const auto statements = ctx.document().statements();
    for (size_t i = 0; i < statements.size(); ++i) collect(tree_of(statements[i]), i);
    for (auto& [name, prepared] : by_name) write_out(ctx, prepared);
  }

 private:
  void collect(AstRef tree, size_t index) {
    if (const auto* prepare = tree.as<pg::PrepareStmt>()) {
      by_name[prepare->name()].prepares.push_back(index);
    } else if (const auto* execute = tree.as<pg::ExecuteStmt>()) {
      Prepared& prepared = by_name[execute->name()];
      prepared.elsewhere = prepared.elsewhere || prepared.prepares.empty();
      prepared.executes.push_back(index);
    } else if (const auto* explain = tree.as<pg::ExplainStmt>()) {
      if (explain->query().has_execute_stmt()) {
        by_name[explain->query().execute_stmt().name()].elsewhere = true;
      }
    } else if (const auto* as = tree.as<pg::CreateTableAsStmt>()) {
      if (as->query().has_execute_stmt())
        by_name[as->query().execute_stmt().name()].elsewhere = true;
    }
  }

  static void write_out(ScriptContext& ctx, Prepared& prepared) {
    if (prepared.prepares.size() != 1 || prepared.executes.empty() || prepared.elsewhere) return;
    const Document& document = ctx.document();
    const Tokens prepare = document.tokens(prepared.prepares[0]);
    Fix fix{Safety::Review,
            "write the statement in full where it is executed",
            {fixers::remove_statement(ctx.source(), document.statements()[prepared.prepares[0]])}};
    for (const size_t index : prepared.executes) {
      const Tokens execute = document.tokens(index);
      std::string sql = written_out(prepare, execute);
      if (sql.empty()) return;
      fix.edits.push_back(fixers::replace(execute, execute.all(), std::move(sql)));
    }
    prepared.fix = std::move(fix);
  }
};

template <bool executes>
void check(ScriptContext& ctx) {
  for (const auto& [name, prepared] : ctx.facts<PreparedStatements>().by_name) {
    for (const size_t index : executes ? prepared.executes : prepared.prepares) {
      const Tokens tokens = ctx.document().tokens(index);
      Diagnostic finding{.range = tokens.range(TokenSpan{0, std::min<size_t>(2, tokens.size())}),
                         .message = fmt::format("{} `{}` is not supported",
                                                executes ? "EXECUTE of" : "PREPARE of", name),
                         .fix = prepared.fix};
      ctx.report(std::move(finding));
    }
  }
}

void check_deallocate(const pg::DeallocateStmt& deallocate, Context& ctx) {
  if (deallocate.isall() || deallocate.name().empty()) return;
  ctx.report({.range = ctx.tokens().range(ctx.tokens().all()),
              .message = fmt::format("DEALLOCATE of `{}` is not supported", deallocate.name()),
              .notes = {{"no statement of that name can be prepared with SQL; the driver closes "
                         "the ones that it prepares"}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

constexpr std::array kRules = {
    rule<check<false>>(kPrepare),
    rule<check<true>>(kExecute),
    rule<check_deallocate>(kDeallocate),
};

}  // namespace

std::span<const Rule> prepared() { return kRules; }

}  // namespace dsqlint
