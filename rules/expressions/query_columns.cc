// Follows PostgreSQL's parse_target.c (FigureColname) and the result types of its most used
// functions and operators. What it is not sure of stays unknown.

#include "rules/expressions/query_columns.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

/// Expressions nested deeper are not looked into.
constexpr int kMaxDepth = 20;

/// The type of an untyped literal or NULL, which takes the type of what stands beside it.
constexpr std::string_view kUntyped = "?";

/// A table of the FROM clause; null: something whose columns are unknown.
struct Source {
  std::string alias;
  const Table* table = nullptr;
};

class Scope {
 public:
  /// `query` may be the first of a UNION, `whole`.
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
  bool expand(const std::string& alias, std::vector<QueryColumn>& columns) const {
    if (alias.empty() && merges_) return false;
    bool found = false;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.table == nullptr || !source.table->complete) return false;
      found = true;
      for (const Column& column : source.table->columns) {
        columns.push_back({column.name, column_type(column)});
      }
    }
    return found;
  }

  /// The type of [alias.]name; empty when it is unknown.
  std::string type_of(const std::string& alias, const std::string& name) const {
    std::string type;
    for (const Source& source : sources_) {
      if (!alias.empty() && source.alias != alias) continue;
      if (source.table == nullptr) return {};
      const Column* column = source.table->column(name);
      if (column == nullptr && !source.table->complete) return {};
      if (column == nullptr) continue;
      const std::string found = column_type(*column);
      if (!type.empty() && type != found) return {};
      type = found;
    }
    return type;
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

  /// `serial` is a way to declare a column, not a type to have; on Aurora DSQL it is a bigint.
  static std::string column_type(const Column& column) {
    const bool serial =
        column.type.schema.empty() && column.type.name.find("serial") != std::string::npos;
    return serial ? "bigint" : spell_type(column.type);
  }

  const SchemaContext& ctx_;
  std::unordered_set<std::string> ctes_;
  std::vector<Source> sources_;
  bool merges_ = false;  ///< NATURAL or USING: `*` is not just all columns in order
};

struct FunctionType {
  std::string_view name;
  std::string_view type;
};

// Whatever the arguments are. Sorted by name.
constexpr std::array kFunctionTypes = {
    FunctionType{"array_to_string", "text"},
    FunctionType{"ascii", "integer"},
    FunctionType{"bool_and", "boolean"},
    FunctionType{"bool_or", "boolean"},
    FunctionType{"btrim", "text"},
    FunctionType{"char_length", "integer"},
    FunctionType{"chr", "text"},
    FunctionType{"clock_timestamp", "timestamp with time zone"},
    FunctionType{"concat", "text"},
    FunctionType{"concat_ws", "text"},
    FunctionType{"count", "bigint"},
    FunctionType{"currval", "bigint"},
    FunctionType{"date_part", "double precision"},
    FunctionType{"dense_rank", "bigint"},
    FunctionType{"every", "boolean"},
    FunctionType{"extract", "numeric"},
    FunctionType{"format", "text"},
    FunctionType{"gen_random_uuid", "uuid"},
    FunctionType{"initcap", "text"},
    FunctionType{"json_agg", "json"},
    FunctionType{"json_build_array", "json"},
    FunctionType{"json_build_object", "json"},
    FunctionType{"json_object_agg", "json"},
    FunctionType{"jsonb_agg", "jsonb"},
    FunctionType{"jsonb_build_array", "jsonb"},
    FunctionType{"jsonb_build_object", "jsonb"},
    FunctionType{"jsonb_object_agg", "jsonb"},
    FunctionType{"left", "text"},
    FunctionType{"length", "integer"},
    FunctionType{"lower", "text"},
    FunctionType{"lpad", "text"},
    FunctionType{"ltrim", "text"},
    FunctionType{"md5", "text"},
    FunctionType{"nextval", "bigint"},
    FunctionType{"now", "timestamp with time zone"},
    FunctionType{"octet_length", "integer"},
    FunctionType{"quote_ident", "text"},
    FunctionType{"quote_literal", "text"},
    FunctionType{"random", "double precision"},
    FunctionType{"rank", "bigint"},
    FunctionType{"regexp_replace", "text"},
    FunctionType{"repeat", "text"},
    FunctionType{"replace", "text"},
    FunctionType{"right", "text"},
    FunctionType{"row_number", "bigint"},
    FunctionType{"rpad", "text"},
    FunctionType{"rtrim", "text"},
    FunctionType{"split_part", "text"},
    FunctionType{"statement_timestamp", "timestamp with time zone"},
    FunctionType{"string_agg", "text"},
    FunctionType{"strpos", "integer"},
    FunctionType{"substr", "text"},
    FunctionType{"to_char", "text"},
    FunctionType{"to_date", "date"},
    FunctionType{"to_json", "json"},
    FunctionType{"to_jsonb", "jsonb"},
    FunctionType{"to_timestamp", "timestamp with time zone"},
    FunctionType{"transaction_timestamp", "timestamp with time zone"},
    FunctionType{"translate", "text"},
    FunctionType{"upper", "text"},
};
static_assert(std::is_sorted(kFunctionTypes.begin(), kFunctionTypes.end(),
                             [](const FunctionType& a, const FunctionType& b) {
                               return a.name < b.name;
                             }));

bool is_whole(const std::string& type) {
  return type == "smallint" || type == "integer" || type == "bigint";
}

std::string type_of(const pg::Node& node, const Scope& scope, int depth);

/// The one type that all have; untyped literals take it.
template <typename Nodes>
std::string common_type(const Nodes& nodes, const Scope& scope, int depth) {
  std::string common(kUntyped);
  for (const pg::Node* node : nodes) {
    const std::string type = type_of(*node, scope, depth);
    if (type.empty()) return {};
    if (type == kUntyped || type == common) continue;
    if (common != kUntyped) return {};
    common = type;
  }
  return common;
}

std::vector<const pg::Node*> pointers(const google::protobuf::RepeatedPtrField<pg::Node>& nodes) {
  std::vector<const pg::Node*> result;
  for (const pg::Node& node : nodes) result.push_back(&node);
  return result;
}

std::string function_type(const pg::FuncCall& call, const Scope& scope, int depth) {
  const ObjectName written = object_name(call.funcname());
  const std::string_view name = builtin_name(call.funcname());
  if (name.empty() || scope.context().schema().find_function(written) != nullptr) return {};
  if (const std::string_view result = function_result(name); !result.empty()) {
    return std::string(result);
  }
  if (call.args_size() == 0) return {};
  const std::string first = type_of(call.args(0), scope, depth);
  if (name == "min" || name == "max" || name == "first_value" || name == "last_value" ||
      name == "lag" || name == "lead" || name == "abs") {
    return first;
  }
  if (name == "sum") {
    if (first == "smallint" || first == "integer") return "bigint";
    if (first == "bigint" || first.starts_with("numeric")) return "numeric";
    return first == "real" || first == "double precision" ? first : std::string();
  }
  if (name == "avg") {
    if (is_whole(first) || first.starts_with("numeric")) return "numeric";
    return first == "real" || first == "double precision" ? "double precision" : std::string();
  }
  if (name == "date_trunc" && call.args_size() == 2) {
    const std::string type = type_of(call.args(1), scope, depth);
    if (type == "date") return "timestamp with time zone";
    return type.starts_with("timestamp") ? type : std::string();
  }
  return {};
}

std::string operator_type(const pg::A_Expr& expr, const Scope& scope, int depth) {
  if (expr.kind() != pg::AEXPR_OP) {
    return expr.kind() == pg::AEXPR_NULLIF ? type_of(expr.lexpr(), scope, depth) : "boolean";
  }
  const std::string_view name = builtin_name(expr.name());
  for (const std::string_view comparison : {"=", "<>", "<", "<=", ">", ">=", "~", "~*", "!~", "!~*",
                                            "@>", "<@", "?", "?|", "?&", "&&"}) {
    if (name == comparison) return "boolean";
  }
  if (name == "->>" || name == "#>>") return "text";
  if (!expr.has_lexpr()) return name == "-" ? type_of(expr.rexpr(), scope, depth) : std::string();
  const std::string left = type_of(expr.lexpr(), scope, depth);
  const std::string right = type_of(expr.rexpr(), scope, depth);
  if (name == "->" || name == "#>") return left == "json" || left == "jsonb" ? left : std::string();
  if (name == "||") {
    const auto is_text = [](const std::string& type) {
      return type == "text" || type == kUntyped || type.starts_with("character");
    };
    return is_text(left) && is_text(right) ? "text" : std::string();
  }
  if (name != "+" && name != "-" && name != "*" && name != "/") return {};
  if (is_whole(left) && is_whole(right)) {
    if (left == "bigint" || right == "bigint") return "bigint";
    return left == "integer" || right == "integer" ? "integer" : "smallint";
  }
  const auto is_exact = [](const std::string& type) {
    return is_whole(type) || type.starts_with("numeric");
  };
  if (is_exact(left) && is_exact(right)) return "numeric";
  return left == right && left == "double precision" ? left : std::string();
}

std::string constant_type(const pg::A_Const& constant) {
  if (constant.isnull() || constant.has_sval()) return std::string(kUntyped);
  if (constant.has_ival()) return "integer";
  if (constant.has_boolval()) return "boolean";
  if (!constant.has_fval()) return {};
  const std::string& digits = constant.fval().fval();
  const bool whole = digits.find_first_not_of("0123456789") == std::string::npos;
  return whole && digits.size() <= 18 ? "bigint" : "numeric";
}

std::string value_function_type(pg::SQLValueFunctionOp op) {
  switch (op) {
    case pg::SVFOP_CURRENT_DATE:
      return "date";
    case pg::SVFOP_CURRENT_TIMESTAMP:
      return "timestamp with time zone";
    case pg::SVFOP_LOCALTIMESTAMP:
      return "timestamp";
    case pg::SVFOP_LOCALTIME:
      return "time";
    default:
      return {};
  }
}

std::string column_ref_type(const pg::ColumnRef& ref, const Scope& scope) {
  const int n = ref.fields_size();
  if (n == 0 || n > 2) return {};
  return scope.type_of(n == 2 ? string_value(ref.fields(0)) : "", string_value(ref.fields(n - 1)));
}

std::string type_of(const pg::Node& node, const Scope& scope, int depth) {
  if (++depth > kMaxDepth) return {};
  switch (node.node_case()) {
    case pg::Node::kColumnRef:
      return column_ref_type(node.column_ref(), scope);
    case pg::Node::kAConst:
      return constant_type(node.a_const());
    case pg::Node::kTypeCast: {
      const TokenSpan span = type_span(node.type_cast().type_name(), scope.context());
      return span.empty() ? spell_type(type_ref(node.type_cast().type_name()))
                          : std::string(scope.context().tokens().text(span));
    }
    case pg::Node::kFuncCall:
      return function_type(node.func_call(), scope, depth);
    case pg::Node::kAExpr:
      return operator_type(node.a_expr(), scope, depth);
    case pg::Node::kSqlvalueFunction:
      return value_function_type(node.sqlvalue_function().op());
    case pg::Node::kCoalesceExpr:
      return common_type(pointers(node.coalesce_expr().args()), scope, depth);
    case pg::Node::kMinMaxExpr:
      return common_type(pointers(node.min_max_expr().args()), scope, depth);
    case pg::Node::kCaseExpr: {
      std::vector<const pg::Node*> results;
      for (const pg::Node& when : node.case_expr().args()) {
        results.push_back(&when.case_when().result());
      }
      if (node.case_expr().has_defresult()) results.push_back(&node.case_expr().defresult());
      return common_type(results, scope, depth);
    }
    case pg::Node::kBoolExpr:
    case pg::Node::kNullTest:
    case pg::Node::kBooleanTest:
      return "boolean";
    case pg::Node::kSubLink:
      return node.sub_link().sub_link_type() == pg::EXISTS_SUBLINK ||
                     node.sub_link().sub_link_type() == pg::ANY_SUBLINK
                 ? "boolean"
                 : std::string();
    default:
      return {};
  }
}

/// The name PostgreSQL gives a result column without AS.
std::string default_name(const pg::Node& node) {
  switch (node.node_case()) {
    case pg::Node::kColumnRef: {
      const auto& fields = node.column_ref().fields();
      return fields.empty() ? std::string() : string_value(fields[fields.size() - 1]);
    }
    case pg::Node::kTypeCast: {
      const std::string inner = default_name(node.type_cast().arg());
      if (!inner.empty()) return inner;
      return object_name(node.type_cast().type_name().names()).name;
    }
    case pg::Node::kFuncCall:
      return object_name(node.func_call().funcname()).name;
    case pg::Node::kCoalesceExpr:
      return "coalesce";
    case pg::Node::kMinMaxExpr:
      return node.min_max_expr().op() == pg::IS_GREATEST ? "greatest" : "least";
    case pg::Node::kAExpr:
      return node.a_expr().kind() == pg::AEXPR_NULLIF ? "nullif" : "";
    case pg::Node::kCaseExpr: {
      const std::string last = node.case_expr().has_defresult()
                                   ? default_name(node.case_expr().defresult())
                                   : std::string();
      return last.empty() ? "case" : last;
    }
    case pg::Node::kSubLink:
      return node.sub_link().sub_link_type() == pg::EXISTS_SUBLINK ? "exists" : "";
    case pg::Node::kSqlvalueFunction:
      switch (node.sqlvalue_function().op()) {
        case pg::SVFOP_CURRENT_DATE:
          return "current_date";
        case pg::SVFOP_CURRENT_TIMESTAMP:
          return "current_timestamp";
        case pg::SVFOP_LOCALTIMESTAMP:
          return "localtimestamp";
        case pg::SVFOP_LOCALTIME:
          return "localtime";
        default:
          return {};
      }
    default:
      return {};
  }
}

bool add_columns(const pg::ResTarget& target, const Scope& scope,
                 std::vector<QueryColumn>& columns) {
  if (target.val().has_column_ref()) {
    const pg::ColumnRef& ref = target.val().column_ref();
    const int n = ref.fields_size();
    if (n > 0 && ref.fields(n - 1).has_a_star()) {
      return n <= 2 && scope.expand(n == 2 ? string_value(ref.fields(0)) : "", columns);
    }
  }
  std::string type = type_of(target.val(), scope, 0);
  if (type == kUntyped) type = "text";
  columns.push_back({target.name().empty() ? default_name(target.val()) : target.name(), type});
  return true;
}

/// VALUES calls its columns column1, column2 …
std::vector<QueryColumn> values_columns(const pg::SelectStmt& values, const SchemaContext& ctx) {
  const Scope scope(values, values, ctx);
  std::vector<QueryColumn> columns;
  for (int i = 0; i < values.values_lists(0).list().items_size(); ++i) {
    std::vector<const pg::Node*> cells;
    for (const pg::Node& row : values.values_lists()) {
      // PostgreSQL refuses lists of different lengths.
      if (i < row.list().items_size()) cells.push_back(&row.list().items(i));
    }
    std::string type = common_type(cells, scope, 0);
    if (type == kUntyped) type = "text";
    columns.push_back({"column" + std::to_string(i + 1), std::move(type)});
  }
  return columns;
}

}  // namespace

std::string_view function_result(std::string_view name) {
  const auto known = std::lower_bound(
      kFunctionTypes.begin(), kFunctionTypes.end(), name,
      [](const FunctionType& f, std::string_view wanted) { return f.name < wanted; });
  return known != kFunctionTypes.end() && known->name == name ? known->type : std::string_view();
}

std::optional<std::vector<QueryColumn>> query_columns(const pg::SelectStmt& query,
                                                      const SchemaContext& ctx) {
  // The names are those of the first query of a UNION; the types too, where all agree.
  const pg::SelectStmt* first = &query;
  while (first->op() != pg::SETOP_NONE && first->op() != pg::SET_OPERATION_UNDEFINED &&
         first->has_larg()) {
    first = &first->larg();
  }
  if (query.values_lists_size() != 0) return values_columns(query, ctx);
  if (first->values_lists_size() != 0 || first->target_list_size() == 0) return std::nullopt;
  std::vector<QueryColumn> columns;
  const Scope scope(*first, query, ctx);
  for (const pg::Node& target : first->target_list()) {
    if (!add_columns(target.res_target(), scope, columns)) return std::nullopt;
  }
  if (first == &query) return columns;
  // What the others make of a type is left to the user, unless it is one that cannot change.
  for (QueryColumn& column : columns) {
    if (column.type != "text" && column.type != "boolean" && column.type != "uuid") {
      column.type.clear();
    }
  }
  return columns;
}

}  // namespace dsqlint
