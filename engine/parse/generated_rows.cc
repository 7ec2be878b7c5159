#include "engine/parse/generated_rows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint {
namespace {

/// Subqueries nested deeper are not looked into.
constexpr int kMaxDepth = 32;

constexpr std::array<std::string_view, 24> kAggregates = {"any_value",
                                                          "array_agg",
                                                          "avg",
                                                          "bit_and",
                                                          "bit_or",
                                                          "bit_xor",
                                                          "bool_and",
                                                          "bool_or",
                                                          "corr",
                                                          "count",
                                                          "every",
                                                          "json_agg",
                                                          "max",
                                                          "min",
                                                          "json_object_agg",
                                                          "jsonb_agg",
                                                          "jsonb_object_agg",
                                                          "stddev",
                                                          "stddev_pop",
                                                          "stddev_samp",
                                                          "string_agg",
                                                          "sum",
                                                          "variance",
                                                          "var_samp"};

using Withs = std::vector<const pg::WithClause*>;

uint64_t times(uint64_t a, uint64_t b) { return b != 0 && a > kManyRows / b ? kManyRows : a * b; }

std::optional<int64_t> constant(const pg::Node& node) {
  // 1::bigint
  return node.has_type_cast() ? integer_value(node.type_cast().arg()) : integer_value(node);
}

std::optional<uint64_t> series_rows(const pg::FuncCall& call) {
  if (builtin_name(call.funcname()) != "generate_series" || call.args_size() < 2 ||
      call.args_size() > 3) {
    return std::nullopt;
  }
  const auto start = constant(call.args(0));
  const auto stop = constant(call.args(1));
  const auto step = call.args_size() == 3 ? constant(call.args(2)) : std::optional<int64_t>(1);
  if (!start || !stop || !step || *step == 0) return std::nullopt;
  if (*step > 0 ? *start > *stop : *start < *stop) return 0;
  // Unsigned, because the difference of two numbers may not fit into a signed one.
  const uint64_t from = static_cast<uint64_t>(*start);
  const uint64_t to = static_cast<uint64_t>(*stop);
  const uint64_t width = *step > 0 ? to - from : from - to;
  const uint64_t by = *step > 0 ? static_cast<uint64_t>(*step) : -static_cast<uint64_t>(*step);
  return std::min(width / by, kManyRows - 1) + 1;
}

/// What the select list makes of each row: more by generate_series; nothing known of an aggregate,
/// which makes one row of all.
std::optional<uint64_t> listed_rows(const pg::SelectStmt& select) {
  uint64_t rows = 1;
  bool aggregates = false;
  Walker walker;
  for (const pg::Node& target : select.target_list()) {
    walker.walk(unwrap(target), [&](AstRef node, const std::vector<AstRef>& parents) {
      const auto* call = node.as<pg::FuncCall>();
      if (call == nullptr) return;
      const bool inside = std::any_of(parents.begin(), parents.end(), [](AstRef parent) {
        return parent.as<pg::SubLink>() != nullptr;
      });
      if (inside) return;
      const std::string_view name = builtin_name(call->funcname());
      aggregates = aggregates ||
                   (!call->has_over() &&
                    (call->agg_star() || call->agg_distinct() || call->has_agg_filter() ||
                     call->agg_order_size() != 0 ||
                     std::find(kAggregates.begin(), kAggregates.end(), name) != kAggregates.end()));
      // Several run beside each other, to the end of the longest.
      if (const auto series = series_rows(*call)) rows = std::max(rows, *series);
    });
  }
  return aggregates ? std::nullopt : std::optional(rows);
}

/// The WITH clause of a statement whose INSERTs in it run with it; null when there is none.
const pg::WithClause* with_of(AstRef statement) {
  const auto clause = [](const auto* node) {
    return node != nullptr && node->has_with_clause() ? &node->with_clause() : nullptr;
  };
  switch (statement.kind) {
    case pg::Node::kSelectStmt:
      return clause(statement.as<pg::SelectStmt>());
    case pg::Node::kInsertStmt:
      return clause(statement.as<pg::InsertStmt>());
    case pg::Node::kUpdateStmt:
      return clause(statement.as<pg::UpdateStmt>());
    case pg::Node::kDeleteStmt:
      return clause(statement.as<pg::DeleteStmt>());
    case pg::Node::kMergeStmt:
      return clause(statement.as<pg::MergeStmt>());
    default:
      return nullptr;
  }
}

/// Of one statement.
class Counter {
 public:
  std::optional<uint64_t> insert_rows(const pg::InsertStmt& insert, Withs withs, int depth) {
    if (!insert.has_select_stmt()) return std::nullopt;
    const pg::SelectStmt& query = insert.select_stmt().select_stmt();
    if (query.values_lists_size() != 0) return static_cast<uint64_t>(query.values_lists_size());
    if (insert.has_with_clause()) withs.push_back(&insert.with_clause());
    return query_rows(query, withs, depth);
  }

  std::optional<uint64_t> query_rows(const pg::SelectStmt& select, const Withs& withs, int depth) {
    // Nothing, should it come upon itself.
    const auto [known, fresh] = known_.try_emplace(&select, std::nullopt);
    if (!fresh) return known->second;
    return known_[&select] = count(select, withs, depth);
  }

 private:
  std::optional<uint64_t> count(const pg::SelectStmt& select, Withs withs, int depth) {
    if (++depth > kMaxDepth) return std::nullopt;
    if (select.has_with_clause()) withs.push_back(&select.with_clause());
    const bool plain = !select.has_larg() && !select.has_where_clause() &&
                       select.group_clause_size() == 0 && !select.has_having_clause() &&
                       select.distinct_clause_size() == 0 && !select.has_limit_offset();
    if (!plain) return std::nullopt;
    std::optional<uint64_t> rows;
    if (select.values_lists_size() != 0) {
      rows = static_cast<uint64_t>(select.values_lists_size());
    } else {
      const auto listed = listed_rows(select);
      if (!listed) return std::nullopt;
      const auto from = from_rows(select, withs, depth);
      if (!from) return std::nullopt;
      rows = times(*from, *listed);
    }
    if (select.has_limit_count()) {
      const auto limit = constant(select.limit_count());
      if (!limit || *limit < 0) return std::nullopt;
      rows = std::min(*rows, static_cast<uint64_t>(*limit));
    }
    return rows;
  }

  std::optional<uint64_t> named_rows(const pg::RangeVar& relation, const Withs& withs, int depth) {
    if (!relation.schemaname().empty()) return std::nullopt;
    for (auto with = withs.rbegin(); with != withs.rend(); ++with) {
      if ((*with)->recursive()) continue;
      for (const pg::Node& node : (*with)->ctes()) {
        const pg::CommonTableExpr& cte = node.common_table_expr();
        if (cte.ctename() != relation.relname()) continue;
        if (cte.ctequery().has_insert_stmt()) {
          // Without RETURNING it has no rows to read.
          const pg::InsertStmt& insert = cte.ctequery().insert_stmt();
          if (insert.returning_list_size() == 0 || insert.has_on_conflict_clause()) continue;
          return insert_rows(insert, withs, depth);
        }
        if (!cte.ctequery().has_select_stmt()) continue;
        return query_rows(cte.ctequery().select_stmt(), withs, depth);
      }
    }
    return std::nullopt;
  }

  /// All combinations of the rows of a FROM clause.
  std::optional<uint64_t> from_rows(const pg::SelectStmt& select, const Withs& withs, int depth) {
    uint64_t rows = 1;
    std::vector<const pg::Node*> pending;
    for (const pg::Node& item : select.from_clause()) pending.push_back(&item);
    while (!pending.empty()) {
      const pg::Node& item = *pending.back();
      pending.pop_back();
      std::optional<uint64_t> found;
      if (item.has_join_expr()) {
        const pg::JoinExpr& join = item.join_expr();
        if (join.jointype() != pg::JOIN_INNER || join.has_quals() || join.is_natural() ||
            join.using_clause_size() != 0) {
          return std::nullopt;
        }
        pending.push_back(&join.larg());
        pending.push_back(&join.rarg());
        continue;
      }
      if (item.has_range_function() && item.range_function().functions_size() == 1) {
        const auto& parts = item.range_function().functions(0).list();
        if (parts.items_size() > 0 && parts.items(0).has_func_call()) {
          found = series_rows(parts.items(0).func_call());
        }
      } else if (item.has_range_subselect()) {
        found = query_rows(item.range_subselect().subquery().select_stmt(), withs, depth);
      } else if (item.has_range_var()) {
        found = named_rows(item.range_var(), withs, depth);
      }
      if (!found) return std::nullopt;
      rows = times(rows, *found);
    }
    return rows;
  }

  /// A query that is named again and again is counted once.
  std::unordered_map<const pg::SelectStmt*, std::optional<uint64_t>> known_;
};

}  // namespace

uint64_t inserted_rows(AstRef statement) {
  const auto* insert = statement.as<pg::InsertStmt>();
  const pg::WithClause* with = with_of(statement);
  if (insert == nullptr && with == nullptr) return 0;
  Counter counter;
  Withs withs;
  uint64_t rows = insert == nullptr ? 0 : counter.insert_rows(*insert, withs, 0).value_or(0);
  if (with == nullptr) return rows;
  withs.push_back(with);
  // Each of them runs, whether the rest reads its rows or not.
  for (const pg::Node& node : with->ctes()) {
    const pg::Node& query = node.common_table_expr().ctequery();
    if (!query.has_insert_stmt()) continue;
    rows += counter.insert_rows(query.insert_stmt(), withs, 0).value_or(0);
  }
  return std::min(rows, kManyRows);
}

}  // namespace dsqlint
