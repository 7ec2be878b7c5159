// What it is not sure of stays unknown.

#include "rules/expressions/query_columns.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/result_name.h"
#include "rules/expressions/expression_type.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

/// A table of the FROM clause; null: something whose columns are unknown.
struct Source {
  std::string alias;
  const Table* table = nullptr;
};

/// A column with its type before it is spelled.
struct TypedColumn {
  std::string name;
  ExpressionType type;
  std::string spelled = {};  ///< where the query spells its type, or the column has it as it is
};

/// `serial` is a way to declare a column, not a type to have; on Aurora DSQL it is a bigint.
TypeRef column_type(const Column& column) {
  return is_serial(column.type) ? TypeRef{.schema = {}, .name = "int8"} : column.type;
}

class Scope {
 public:
  /// `query` may be one of a UNION, `whole`.
  Scope(const pg::SelectStmt& query, const pg::SelectStmt& whole, const SchemaContext& ctx)
      : ctx_(ctx) {
    for (const pg::SelectStmt* with : {&query, &whole}) {
      for (const pg::Node& node : with->with_clause().ctes()) {
        ctes_.insert(node.common_table_expr().ctename());
      }
    }
    std::vector<const pg::Node*> pending;
    for (auto item = query.from_clause().rbegin(); item != query.from_clause().rend(); ++item) {
      pending.push_back(&*item);
    }
    while (!pending.empty()) {
      const pg::Node& item = *pending.back();
      pending.pop_back();
      if (item.has_join_expr()) {
        const pg::JoinExpr& join = item.join_expr();
        if (join.is_natural() || join.using_clause_size() != 0) merges_ = true;
        pending.push_back(&join.rarg());
        pending.push_back(&join.larg());
      } else {
        add(item);
      }
    }
  }

  /// All columns of one source, or of all of them when `alias` is empty.
  bool expand(const std::string& alias, std::vector<TypedColumn>& columns) const {
    if (alias.empty() && merges_) return false;
    bool found = false;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.table == nullptr || !source.table->complete) return false;
      found = true;
      for (const Column& column : source.table->columns) {
        columns.push_back(as_it_is(column.name, column_type(column)));
      }
    }
    return found;
  }

  /// The type of [alias.]name; nothing when it is unknown.
  std::optional<TypeRef> type_of(const pg::ColumnRef& ref) const {
    const int n = ref.fields_size();
    if (n == 0 || n > 2) return std::nullopt;
    const std::string& alias = n == 2 ? string_value(ref.fields(0)) : std::string();
    const std::string& name = string_value(ref.fields(n - 1));
    std::optional<TypeRef> type;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.table == nullptr) return std::nullopt;
      const Column* column = source.table->column(name);
      if (column == nullptr && !source.table->complete) return std::nullopt;
      if (column == nullptr) continue;
      TypeRef found = column_type(*column);
      if (type && !(*type == found)) return std::nullopt;
      type = std::move(found);
    }
    return type;
  }

  Expression analyze(const pg::Node& node) const { return analyze_expression(node, names()); }

  TypedColumn as_it_is(std::string name, const TypeRef& type) const {
    return {std::move(name), declared_type(type, ctx_.schema()), spell_type(type)};
  }

  const SchemaContext& context() const { return ctx_; }

 private:
  void add(const pg::Node& item) {
    Source source;
    if (item.has_range_var()) {
      const pg::RangeVar& relation = item.range_var();
      source.alias = relation.has_alias() ? relation.alias().aliasname() : relation.relname();
      const bool cte = relation.schemaname().empty() && ctes_.count(relation.relname()) != 0;
      const bool renamed = relation.alias().colnames_size() != 0;
      if (!cte && !renamed) source.table = ctx_.schema().find_table(object_name(relation));
    } else if (item.has_range_subselect()) {
      source.alias = item.range_subselect().alias().aliasname();
    } else if (item.has_range_function()) {
      source.alias = item.range_function().alias().aliasname();
    }
    sources_.push_back(std::move(source));
  }

  ExpressionNames names() const {
    return {ctx_.schema(), [this](AstRef name) {
              const auto* ref = name.as<pg::ColumnRef>();
              return ref == nullptr ? std::nullopt : type_of(*ref);
            }};
  }

  const SchemaContext& ctx_;
  std::unordered_set<std::string> ctes_;
  std::vector<Source> sources_;
  bool merges_ = false;  ///< NATURAL or USING: `*` is not just all columns in order
};

bool add_columns(const pg::ResTarget& target, const Scope& scope,
                 std::vector<TypedColumn>& columns) {
  std::string name = target.name().empty() ? result_name(target.val()) : target.name();
  if (target.val().has_column_ref()) {
    const pg::ColumnRef& ref = target.val().column_ref();
    const int n = ref.fields_size();
    if (n > 0 && ref.fields(n - 1).has_a_star()) {
      return n <= 2 && scope.expand(n == 2 ? string_value(ref.fields(0)) : "", columns);
    }
    const auto type = scope.type_of(ref);
    columns.push_back(type ? scope.as_it_is(std::move(name), *type)
                           : TypedColumn{std::move(name), {}});
    return true;
  }
  TypedColumn& column =
      columns.emplace_back(TypedColumn{std::move(name), scope.analyze(target.val()).type});
  if (target.val().has_type_cast()) {
    const pg::TypeName& type = target.val().type_cast().type_name();
    const TokenSpan span = type_span(type, scope.context());
    column.spelled = span.empty() ? spell_type(type_ref(type))
                                  : std::string(scope.context().tokens().text(span));
  }
  return true;
}

/// VALUES calls its columns column1, column2 …
std::vector<TypedColumn> values_columns(const pg::SelectStmt& values, const Scope& scope) {
  std::vector<TypedColumn> columns;
  for (int i = 0; i < values.values_lists(0).list().items_size(); ++i) {
    std::vector<ExpressionType> cells;
    for (const pg::Node& row : values.values_lists()) {
      // PostgreSQL refuses lists of different lengths.
      if (i < row.list().items_size()) cells.push_back(scope.analyze(row.list().items(i)).type);
    }
    columns.push_back({"column" + std::to_string(i + 1), common_type(cells)});
  }
  return columns;
}

std::optional<std::vector<TypedColumn>> simple_columns(const pg::SelectStmt& query,
                                                       const pg::SelectStmt& whole,
                                                       const SchemaContext& ctx) {
  const Scope scope(query, whole, ctx);
  if (query.values_lists_size() != 0) return values_columns(query, scope);
  if (query.target_list_size() == 0) return std::nullopt;
  std::vector<TypedColumn> columns;
  for (const pg::Node& target : query.target_list()) {
    if (!add_columns(target.res_target(), scope, columns)) return std::nullopt;
  }
  return columns;
}

/// The names are those of the left query, the types what both have in common.
std::vector<TypedColumn> merged(std::vector<TypedColumn> left,
                                const std::optional<std::vector<TypedColumn>>& right) {
  for (size_t i = 0; i < left.size(); ++i) {
    TypedColumn& column = left[i];
    if (!right || i >= right->size()) {
      column = {std::move(column.name), {}};
      continue;
    }
    const TypedColumn& other = (*right)[i];
    column.type = common_type(std::vector<ExpressionType>{column.type, other.type});
    if (column.spelled != other.spelled) column.spelled.clear();
  }
  return left;
}

bool is_set_operation(const pg::SelectStmt& query) {
  return query.op() != pg::SETOP_NONE && query.op() != pg::SET_OPERATION_UNDEFINED &&
         query.has_larg();
}

std::string spell(const TypedColumn& column, const SchemaContext& ctx) {
  if (!column.type.certain) return {};
  const auto ref = column.type.ref();
  if (!ref) return {};
  if (!column.spelled.empty()) return column.spelled;
  // What it is stored as is left to the user.
  const ResolvedType resolved = resolve_type(*ref, ctx.schema());
  if (column_verdict(resolved, ctx.engine()) == TypeVerdict::Refused) return {};
  return spell_type(*ref);
}

}  // namespace

std::optional<std::vector<QueryColumn>> query_columns(const pg::SelectStmt& query,
                                                      const SchemaContext& ctx) {
  // Parents first; read from the end, so that both sides of a UNION are there before it is.
  std::vector<const pg::SelectStmt*> queries = {&query};
  for (size_t i = 0; i < queries.size(); ++i) {
    if (!is_set_operation(*queries[i])) continue;
    const pg::SelectStmt* operation = queries[i];
    queries.push_back(&operation->larg());
    queries.push_back(&operation->rarg());
  }
  std::unordered_map<const pg::SelectStmt*, std::optional<std::vector<TypedColumn>>> known;
  for (auto next = queries.rbegin(); next != queries.rend(); ++next) {
    if (!is_set_operation(**next)) {
      known[*next] = simple_columns(**next, query, ctx);
    } else if (auto left = std::move(known[&(*next)->larg()])) {
      known[*next] = merged(std::move(*left), known[&(*next)->rarg()]);
    } else {
      known[*next] = std::nullopt;
    }
  }
  if (!known[&query]) return std::nullopt;
  std::vector<QueryColumn> columns;
  for (TypedColumn& column : *known[&query]) {
    columns.push_back({std::move(column.name), spell(column, ctx)});
  }
  return columns;
}

}  // namespace dsqlint
