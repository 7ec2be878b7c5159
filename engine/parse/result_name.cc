// Follows PostgreSQL's parse_target.c (FigureColname).

#include "engine/parse/result_name.h"

#include <algorithm>

#include "engine/parse/names.h"

namespace dsqlint {
namespace {

std::string value_function_name(pg::SQLValueFunctionOp op) {
  switch (op) {
    case pg::SVFOP_CURRENT_DATE:
      return "current_date";
    case pg::SVFOP_CURRENT_TIME:
    case pg::SVFOP_CURRENT_TIME_N:
      return "current_time";
    case pg::SVFOP_CURRENT_TIMESTAMP:
    case pg::SVFOP_CURRENT_TIMESTAMP_N:
      return "current_timestamp";
    case pg::SVFOP_LOCALTIME:
    case pg::SVFOP_LOCALTIME_N:
      return "localtime";
    case pg::SVFOP_LOCALTIMESTAMP:
    case pg::SVFOP_LOCALTIMESTAMP_N:
      return "localtimestamp";
    case pg::SVFOP_CURRENT_ROLE:
      return "current_role";
    case pg::SVFOP_CURRENT_USER:
      return "current_user";
    case pg::SVFOP_USER:
      return "user";
    case pg::SVFOP_SESSION_USER:
      return "session_user";
    case pg::SVFOP_CURRENT_CATALOG:
      return "current_catalog";
    case pg::SVFOP_CURRENT_SCHEMA:
      return "current_schema";
    default:
      return {};
  }
}

}  // namespace

std::string result_name(const pg::Node& expression) {
  std::string outer;
  for (const pg::Node* node = &expression;;) {
    switch (node->node_case()) {
      case pg::Node::kColumnRef: {
        const auto& fields = node->column_ref().fields();
        return fields.empty() ? outer : string_value(fields[fields.size() - 1]);
      }
      case pg::Node::kAIndirection: {
        const auto& steps = node->a_indirection().indirection();
        const auto field = std::find_if(steps.rbegin(), steps.rend(),
                                        [](const pg::Node& step) { return step.has_string(); });
        if (field != steps.rend()) return string_value(*field);
        node = &node->a_indirection().arg();
        continue;
      }
      case pg::Node::kCollateClause:
        node = &node->collate_clause().arg();
        continue;
      case pg::Node::kTypeCast:
        if (outer.empty()) outer = object_name(node->type_cast().type_name().names()).name;
        node = &node->type_cast().arg();
        continue;
      case pg::Node::kCaseExpr:
        if (outer.empty()) outer = "case";
        if (!node->case_expr().has_defresult()) return outer;
        node = &node->case_expr().defresult();
        continue;
      case pg::Node::kFuncCall:
        return object_name(node->func_call().funcname()).name;
      case pg::Node::kCoalesceExpr:
        return "coalesce";
      case pg::Node::kMinMaxExpr:
        return node->min_max_expr().op() == pg::IS_GREATEST ? "greatest" : "least";
      case pg::Node::kAExpr:
        return node->a_expr().kind() == pg::AEXPR_NULLIF ? "nullif" : outer;
      case pg::Node::kAArrayExpr:
        return "array";
      case pg::Node::kRowExpr:
        return "row";
      case pg::Node::kGroupingFunc:
        return "grouping";
      case pg::Node::kSubLink:
        return node->sub_link().sub_link_type() == pg::EXISTS_SUBLINK ? "exists" : outer;
      case pg::Node::kSqlvalueFunction:
        return value_function_name(node->sqlvalue_function().op());
      case pg::Node::kJsonObjectConstructor:
        return "json_object";
      case pg::Node::kJsonArrayConstructor:
        return "json_array";
      case pg::Node::kJsonObjectAgg:
        return "json_objectagg";
      case pg::Node::kJsonArrayAgg:
        return "json_arrayagg";
      default:
        return outer;
    }
  }
}

}  // namespace dsqlint
