#include "rules/expressions/immutability.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "rules/expressions/query_columns.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

/// Why a function's value may change between two calls with the same arguments.
enum class Why : uint8_t { EveryCall, Transaction, Settings, Session };

struct MutableFunction {
  std::string_view name;
  Why why;
  int arguments = -1;  ///< of the form meant; -1: all of them
};

constexpr std::array kFunctions = {
    MutableFunction{"age", Why::Transaction, 1},
    MutableFunction{"array_to_string", Why::Settings},
    MutableFunction{"clock_timestamp", Why::EveryCall},
    MutableFunction{"concat", Why::Settings},
    MutableFunction{"concat_ws", Why::Settings},
    MutableFunction{"currval", Why::Session},
    MutableFunction{"current_setting", Why::Settings},
    MutableFunction{"format", Why::Settings},
    MutableFunction{"gen_random_uuid", Why::EveryCall},
    MutableFunction{"json_build_array", Why::Settings},
    MutableFunction{"json_build_object", Why::Settings},
    MutableFunction{"jsonb_build_array", Why::Settings},
    MutableFunction{"jsonb_build_object", Why::Settings},
    MutableFunction{"jsonb_path_exists_tz", Why::Settings},
    MutableFunction{"jsonb_path_match_tz", Why::Settings},
    MutableFunction{"jsonb_path_query_array_tz", Why::Settings},
    MutableFunction{"jsonb_path_query_first_tz", Why::Settings},
    MutableFunction{"lastval", Why::Session},
    MutableFunction{"make_timestamptz", Why::Settings},
    MutableFunction{"nextval", Why::EveryCall},
    MutableFunction{"now", Why::Transaction},
    MutableFunction{"random", Why::EveryCall},
    MutableFunction{"row_to_json", Why::Settings},
    MutableFunction{"setval", Why::EveryCall},
    MutableFunction{"statement_timestamp", Why::Transaction},
    MutableFunction{"timeofday", Why::EveryCall},
    MutableFunction{"to_char", Why::Settings},
    MutableFunction{"to_date", Why::Settings},
    MutableFunction{"to_json", Why::Settings},
    MutableFunction{"to_jsonb", Why::Settings},
    MutableFunction{"to_number", Why::Settings},
    MutableFunction{"to_timestamp", Why::Settings, 2},
    MutableFunction{"to_tsquery", Why::Settings, 1},
    MutableFunction{"to_tsvector", Why::Settings, 1},
    MutableFunction{"transaction_timestamp", Why::Transaction},
    MutableFunction{"unaccent", Why::Settings},
    MutableFunction{"uuid_generate_v1", Why::EveryCall},
    MutableFunction{"uuid_generate_v4", Why::EveryCall},
};

std::string_view phrase(Why why) {
  switch (why) {
    case Why::EveryCall:
      return "gives another value at every call";
    case Why::Transaction:
      return "gives another value in every transaction";
    case Why::Settings:
      return "depends on settings, not on its arguments alone";
    case Why::Session:
      return "depends on the session";
  }
  return {};
}

TypeRef plain_type(std::string name) { return {.schema = {}, .name = std::move(name)}; }

/// Expressions nested deeper are not looked into.
constexpr int kMaxDepth = 20;

/// What the names in an expression may mean.
struct Names {
  const Table* table;
  const Schema& schema;
};

std::optional<TypeRef> certain_type(const pg::Node& node, const Names& names, int depth = 0);

/// Is it PostgreSQL's own function of that name, as far as the input tells?
bool is_builtin(const pg::FuncCall& call, const Names& names) {
  return !builtin_name(call.funcname()).empty() &&
         names.schema.find_function(object_name(call.funcname())) == nullptr;
}

std::optional<TypeRef> call_type(const pg::FuncCall& call, const Names& names, int depth) {
  const std::string_view name = builtin_name(call.funcname());
  if (!is_builtin(call, names)) return std::nullopt;
  const int last = call.args_size() - 1;
  if (is_one_of(name, {"date", "make_date"})) return plain_type("date");
  if (is_one_of(name, {"age", "make_interval", "justify_days", "justify_hours"})) {
    return plain_type("interval");
  }
  // x AT TIME ZONE z
  if (name == "timezone" && last == 1) {
    const auto type = certain_type(call.args(1), names, depth);
    if (type && type->name == "timestamptz") return plain_type("timestamp");
    if (type && type->name == "timestamp") return plain_type("timestamptz");
  }
  if (name == "date_trunc" && last >= 1) {
    const auto type = certain_type(call.args(1), names, depth);
    return type && type->name == "date" ? plain_type("timestamptz") : type;
  }
  const std::string_view result = function_result(name);
  if (result == "timestamp with time zone") return plain_type("timestamptz");
  if (is_one_of(result, {"date", "text", "uuid"})) return plain_type(std::string(result));
  return std::nullopt;
}

bool is_literal_text(const pg::Node& node) {
  return node.has_a_const() && node.a_const().has_sval();
}

std::optional<TypeRef> operator_type(const pg::A_Expr& expr, const Names& names, int depth) {
  const std::string_view name = builtin_name(expr.name());
  if (expr.kind() != pg::AEXPR_OP || !expr.has_lexpr()) return std::nullopt;
  if (name == "->>" || name == "#>>") return plain_type("text");
  const auto left = certain_type(expr.lexpr(), names, depth);
  const auto right = certain_type(expr.rexpr(), names, depth);
  if (name == "||") {
    const auto fits = [&](const std::optional<TypeRef>& type, const pg::Node& node) {
      return is_literal_text(node) || (type && !type->array && type->schema.empty());
    };
    const bool text = (left && is_text_type(*left)) || (right && is_text_type(*right));
    if (text && fits(left, expr.lexpr()) && fits(right, expr.rexpr())) return plain_type("text");
  }
  if ((name != "+" && name != "-") || !left || !right) return std::nullopt;
  const bool moves = right->name == "interval";
  if (moves && is_one_of(left->name, {"timestamp", "timestamptz"})) return left;
  if (left->name == "date" && (moves || right->name == "time")) return plain_type("timestamp");
  return std::nullopt;
}

/// The type of a part of an expression, where it is beyond doubt.
std::optional<TypeRef> certain_type(const pg::Node& node, const Names& names, int depth) {
  if (++depth > kMaxDepth) return std::nullopt;
  if (node.has_type_cast()) return type_ref(node.type_cast().type_name());
  if (node.has_func_call()) return call_type(node.func_call(), names, depth);
  if (node.has_a_expr()) return operator_type(node.a_expr(), names, depth);
  if (node.has_coalesce_expr()) {
    // All have one type, and literals take it.
    for (const pg::Node& value : node.coalesce_expr().args()) {
      if (!value.has_a_const()) return certain_type(value, names, depth);
    }
    return std::nullopt;
  }
  if (!node.has_column_ref() || names.table == nullptr) return std::nullopt;
  const auto& fields = node.column_ref().fields();
  if (fields.empty()) return std::nullopt;
  const Column* column = names.table->column(string_value(fields[fields.size() - 1]));
  return column == nullptr ? std::nullopt : std::optional(column->type);
}

/// Is it written by DateStyle, IntervalStyle or TimeZone?
bool is_written_by_settings(const TypeRef& type) {
  return !type.array && is_one_of(type.name, {"date", "interval", "timestamp", "timestamptz"});
}

/// Does a cast between the types look at DateStyle, IntervalStyle or TimeZone?
bool cast_depends_on_settings(const TypeRef& from, const TypeRef& to) {
  if (from.array || to.array) return false;
  if (from.name == "timestamptz" && is_one_of(to.name, {"date", "timestamp", "time", "timetz"})) {
    return true;
  }
  if (to.name == "timestamptz" && is_one_of(from.name, {"date", "timestamp"})) return true;
  if (to.name == "timetz" && from.name == "time") return true;
  if (is_text_type(to)) return is_written_by_settings(from);
  return is_text_type(from) &&
         (is_written_by_settings(to) || is_one_of(to.name, {"regclass", "time", "timetz"}));
}

MutablePart mutable_cast(int location, const TypeRef& from, const TypeRef& to) {
  return {location, fmt::format("the cast from `{}` to `{}` depends on {}", from.name, to.name,
                                to.name == "regclass" ? "the search path and on what there is"
                                : from.name == "interval" || to.name == "interval"
                                    ? "the session's interval style"
                                    : "the session's time zone or date style")};
}

/// An operator whose operands' types make it look at the settings.
std::optional<MutablePart> judge_operator(const pg::A_Expr& expr, const Names& names) {
  if (expr.kind() != pg::AEXPR_OP || !expr.has_lexpr()) return std::nullopt;
  const std::string_view name = builtin_name(expr.name());
  const bool compares = is_one_of(name, {"<", "<=", "<>", "=", ">", ">="});
  if (!compares && !is_one_of(name, {"+", "-", "||"})) return std::nullopt;
  const auto left = certain_type(expr.lexpr(), names);
  const auto right = certain_type(expr.rexpr(), names);
  if (name == "||") {
    const auto is_side = [&](const std::optional<TypeRef>& type, const pg::Node& node) {
      return is_literal_text(node) || (type && is_text_type(*type));
    };
    const TypeRef* written = nullptr;
    if (is_side(left, expr.lexpr()) && right && is_written_by_settings(*right)) written = &*right;
    if (is_side(right, expr.rexpr()) && left && is_written_by_settings(*left)) written = &*left;
    if (written == nullptr) return std::nullopt;
    return MutablePart{
        expr.location(),
        fmt::format("`||` writes the `{}` as text, as the session's settings have it",
                    written->name)};
  }
  if (!left || !right || left->array || right->array) return std::nullopt;
  const bool zoned = left->name == "timestamptz" || right->name == "timestamptz";
  const TypeRef& other = left->name == "timestamptz" ? *right : *left;
  const bool converts = is_one_of(other.name, {"date", "timestamp"});
  const bool moves = other.name == "interval" && !compares;
  if (!zoned || !((converts && name != "+") || moves)) return std::nullopt;
  return MutablePart{expr.location(),
                     fmt::format("`{}` of `{}` and `{}` depends on the session's time zone", name,
                                 left->name, right->name)};
}

/// A function that the input creates, where all of that name are alike: which one is meant, or
/// which has replaced which, is not known.
std::optional<MutablePart> judge_own_function(const pg::FuncCall& call, const Names& names) {
  const ObjectName name = object_name(call.funcname());
  const Function* first = names.schema.find_function(name);
  if (first == nullptr || first->volatility == Volatility::Immutable) return std::nullopt;
  // One of PostgreSQL's own may be meant.
  if (!builtin_name(call.funcname()).empty() && !function_result(name.name).empty()) {
    return std::nullopt;
  }
  bool alike = true;
  names.schema.each_function(name.name, [&](const Function& other) {
    alike = alike && other.volatility != Volatility::Immutable;
  });
  if (!alike) return std::nullopt;
  const std::string spelled = to_sql(name);
  const bool stable = names.schema.latest_function(name)->volatility == Volatility::Stable;
  return MutablePart{
      call.location(),
      fmt::format("`{}` is {}", spelled,
                  stable ? "STABLE" : "VOLATILE, as functions are by default"),
      fmt::format("declare `{}` IMMUTABLE, if it depends on nothing but its arguments", spelled)};
}

std::optional<MutablePart> judge_function(const pg::FuncCall& call, const Names& names) {
  if (auto own = judge_own_function(call, names)) return own;
  const std::string_view name = builtin_name(call.funcname());
  const auto known = std::find_if(kFunctions.begin(), kFunctions.end(), [&](const auto& function) {
    return function.name == name &&
           (function.arguments < 0 || function.arguments == call.args_size());
  });
  if (known == kFunctions.end() || !is_builtin(call, names)) return std::nullopt;
  return MutablePart{call.location(), fmt::format("`{}` {}", name, phrase(known->why))};
}

/// A call whose arguments' types make it look at the settings.
std::optional<MutablePart> judge_call_types(const pg::FuncCall& call, const Names& names) {
  const std::string_view name = builtin_name(call.funcname());
  if (!is_builtin(call, names)) return std::nullopt;
  // A cast that is written as a call.
  if (call.args_size() == 1 &&
      is_one_of(name, {"date", "time", "timestamp", "timestamptz", "timetz"})) {
    const auto from = certain_type(call.args(0), names);
    const TypeRef to = plain_type(std::string(name));
    if (from && cast_depends_on_settings(*from, to)) {
      return mutable_cast(call.location(), *from, to);
    }
  }
  // extract(… from x) arrives as extract('…', x).
  if (is_one_of(name, {"date_trunc", "date_part", "extract"}) && call.args_size() >= 2) {
    const auto type = certain_type(call.args(1), names);
    // There is no date_trunc of a date: it becomes a timestamptz.
    if (type && (type->name == "timestamptz" || (type->name == "date" && name == "date_trunc"))) {
      return MutablePart{
          call.location(),
          fmt::format("`{}` of a {} depends on the session's time zone", name, type->name)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<MutablePart> find_mutable(const pg::Node& expression, const Table* table,
                                        const Schema& schema) {
  const Names names{table, schema};
  std::optional<MutablePart> found;
  std::optional<MutablePart> by_types;  // says less than a function that changes inside of it
  Walker walker;
  walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
    if (found) return;
    std::optional<MutablePart> part;
    if (const auto* value = node.as<pg::SQLValueFunction>()) {
      found = MutablePart{value->location(), "it depends on the session or the transaction"};
    } else if (const auto* call = node.as<pg::FuncCall>()) {
      found = judge_function(*call, names);
      if (!found) part = judge_call_types(*call, names);
    } else if (const auto* cast = node.as<pg::TypeCast>()) {
      const auto from = certain_type(cast->arg(), names);
      const TypeRef to = type_ref(cast->type_name());
      // The cast of a literal is worked out once, when the statement runs.
      if (from && cast_depends_on_settings(*from, to)) {
        part = mutable_cast(cast->location(), *from, to);
      }
    } else if (const auto* expr = node.as<pg::A_Expr>()) {
      part = judge_operator(*expr, names);
    }
    if (part && !by_types) by_types = std::move(part);
  });
  return found ? found : by_types;
}

}  // namespace dsqlint
