#include "rules/immutability.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/names.h"
#include "engine/walk.h"

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
    MutableFunction{"lastval", Why::Session},
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

/// The type of a part of an expression, where it is beyond doubt.
std::optional<TypeRef> certain_type(const pg::Node& node, const Table* table) {
  if (node.has_type_cast()) return type_ref(node.type_cast().type_name());
  if (!node.has_column_ref() || table == nullptr) return std::nullopt;
  const auto& fields = node.column_ref().fields();
  if (fields.empty()) return std::nullopt;
  const Column* column = table->column(string_value(fields[fields.size() - 1]));
  return column == nullptr ? std::nullopt : std::optional(column->type);
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Does a cast between the types look at DateStyle, IntervalStyle or TimeZone?
bool cast_depends_on_settings(const TypeRef& from, const TypeRef& to) {
  if (from.array || to.array) return false;
  const bool from_zoned = from.name == "timestamptz";
  const bool to_zoned = to.name == "timestamptz";
  const bool from_time = is_one_of(from.name, {"date", "timestamp", "timestamptz", "timetz"});
  const bool to_time = is_one_of(to.name, {"date", "timestamp", "timestamptz", "time", "timetz"});
  const bool from_text = is_one_of(from.name, {"text", "varchar", "bpchar"});
  const bool to_text = is_one_of(to.name, {"text", "varchar", "bpchar"});
  if (from_zoned && is_one_of(to.name, {"date", "timestamp", "time", "timetz"})) return true;
  if (to_zoned && is_one_of(from.name, {"date", "timestamp"})) return true;
  return (from_time && to_text) || (from_text && to_time);
}

std::optional<MutablePart> judge_call(const pg::FuncCall& call, const Table* table,
                                      const Schema& schema) {
  const ObjectName name = object_name(call.funcname());
  if (!name.schema.empty() && name.schema != "pg_catalog") return std::nullopt;
  if (name.schema.empty() && schema.find_function(name) != nullptr) return std::nullopt;
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(), [&](const auto& known) {
    return known.name == name.name && (known.arguments < 0 || known.arguments == call.args_size());
  });
  if (found != kFunctions.end()) {
    return MutablePart{call.location(), fmt::format("`{}` {}", name.name, phrase(found->why))};
  }
  // extract(… from x) arrives as extract('…', x).
  if (is_one_of(name.name, {"date_trunc", "date_part", "extract"}) && call.args_size() >= 2) {
    const auto type = certain_type(call.args(1), table);
    if (type && type->name == "timestamptz") {
      return MutablePart{
          call.location(),
          fmt::format("`{}` of a timestamptz depends on the session's time zone", name.name)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<MutablePart> find_mutable(const pg::Node& expression, const Table* table,
                                        const Schema& schema) {
  std::optional<MutablePart> found;
  Walker walker;
  walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
    if (found) return;
    if (const auto* value = node.as<pg::SQLValueFunction>()) {
      found = MutablePart{value->location(), "it depends on the session or the transaction"};
    } else if (const auto* call = node.as<pg::FuncCall>()) {
      found = judge_call(*call, table, schema);
    } else if (const auto* cast = node.as<pg::TypeCast>()) {
      const auto from = certain_type(cast->arg(), table);
      const TypeRef to = type_ref(cast->type_name());
      // The cast of a literal is worked out once, when the statement runs.
      if (from && cast_depends_on_settings(*from, to)) {
        found = MutablePart{
            cast->location(),
            fmt::format(
                "the cast from `{}` to `{}` depends on the session's time zone or date style",
                from->name, to.name)};
      }
    }
  });
  return found;
}

}  // namespace dsqlint
