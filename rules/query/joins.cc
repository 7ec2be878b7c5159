// left_join_lateral: a LEFT JOIN LATERAL whose subquery passes a column of the outer table on.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <unordered_set>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kLateral{
    .id = "left_join_lateral",
    .summary = "LEFT JOIN LATERAL of a subquery that selects an outer column fails",
    .why =
        "The engine has been seen to refuse it (42804) when the subquery's own select\n"
        "list names a column of a table outside. CROSS JOIN LATERAL and JOIN LATERAL\n"
        "work, and the outer column can be selected outside.",
    .bad = "select l.id from a left join lateral (select a.id from b) l on true;",
    .good = "select a.id from a left join lateral (select b.n from b where b.id = a.id) l on true;",
    .severity = Severity::Warning,
    .help = "select the column outside of the subquery, or use CROSS JOIN LATERAL",
    .fact = Date{20260918},
};

/// The names that the FROM clause gives its tables; nothing when they cannot be told.
std::optional<std::unordered_set<std::string>> tables_of(const pg::SelectStmt& query) {
  std::unordered_set<std::string> names;
  std::vector<const pg::Node*> pending;
  for (const pg::Node& item : query.from_clause()) pending.push_back(&item);
  while (!pending.empty()) {
    const pg::Node& item = *pending.back();
    pending.pop_back();
    if (item.has_join_expr()) {
      if (item.join_expr().has_alias()) names.insert(item.join_expr().alias().aliasname());
      pending.push_back(&item.join_expr().larg());
      pending.push_back(&item.join_expr().rarg());
    } else if (item.has_range_var()) {
      const pg::RangeVar& table = item.range_var();
      names.insert(table.has_alias() ? table.alias().aliasname() : table.relname());
    } else if (item.has_range_subselect()) {
      names.insert(item.range_subselect().alias().aliasname());
    } else if (item.has_range_function()) {
      const pg::RangeFunction& function = item.range_function();
      names.insert(function.alias().aliasname());
    } else {
      // Samples, XMLTABLE and the like have aliases elsewhere.
      return std::nullopt;
    }
  }
  // Functions without an alias are called by their own name.
  if (names.count("") != 0) return std::nullopt;
  return names;
}

void check(const pg::JoinExpr& join, Context& ctx) {
  if (join.jointype() != pg::JOIN_LEFT || !join.rarg().has_range_subselect() ||
      !join.rarg().range_subselect().lateral()) {
    return;
  }
  const pg::Node& subquery = join.rarg().range_subselect().subquery();
  if (!subquery.has_select_stmt()) return;
  const auto inner = tables_of(subquery.select_stmt());
  if (!inner) return;
  for (const pg::Node& node : subquery.select_stmt().target_list()) {
    const pg::Node& value = node.res_target().val();
    if (!value.has_column_ref()) continue;
    const pg::ColumnRef& column = value.column_ref();
    const size_t at = ctx.token_at(column.location());
    // A bare name is an outer column only where there are no inner ones.
    const bool outer = column.fields_size() == 2 ? inner->count(string_value(column.fields(0))) == 0
                                                 : column.fields_size() == 1 && inner->empty();
    if (!outer || at == Tokens::npos) continue;
    const Range range = ctx.tokens().range(TokenSpan{at, ctx.tokens().skip_name(at)});
    ctx.report({.range = range,
                .message = fmt::format("the outer column `{}` is selected inside LEFT JOIN "
                                       "LATERAL, which fails",
                                       ctx.source().slice(range))});
  }
}

constexpr std::array kRules = {rule<check>(kLateral)};

}  // namespace

std::span<const Rule> joins() { return kRules; }

}  // namespace dsqlint
