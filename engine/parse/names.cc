#include "engine/parse/names.h"

#include <algorithm>
#include <charconv>

#include "engine/text/dialect.h"
#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

const std::string kEmpty;

std::optional<int64_t> parse_integer(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ObjectName object_name(const pg::RangeVar& relation) {
  return {relation.schemaname(), relation.relname()};
}

ObjectName object_name(const google::protobuf::RepeatedPtrField<pg::Node>& parts) {
  const int n = parts.size();
  if (n == 0) return {};
  return {n > 1 ? string_value(parts[n - 2]) : kEmpty, string_value(parts[n - 1])};
}

ObjectName object_name(const pg::Node& object) {
  switch (object.node_case()) {
    case pg::Node::kList:
      return object_name(object.list().items());
    case pg::Node::kString:
      return {"", object.string().sval()};
    case pg::Node::kTypeName:
      return object_name(object.type_name().names());
    case pg::Node::kObjectWithArgs:
      return object_name(object.object_with_args().objname());
    case pg::Node::kRangeVar:
      return object_name(object.range_var());
    default:
      return {};
  }
}

std::string_view builtin_name(const google::protobuf::RepeatedPtrField<pg::Node>& parts) {
  const int n = parts.size();
  if (n == 0) return {};
  if (n > 1) {
    const std::string& schema = string_value(parts[n - 2]);
    if (!schema.empty() && schema != "pg_catalog") return {};
  }
  return string_value(parts[n - 1]);
}

std::string user_function(const google::protobuf::RepeatedPtrField<pg::Node>& parts) {
  const ObjectName name = object_name(parts);
  return name.schema == "pg_catalog" ? std::string() : to_sql(name);
}

ObjectName parse_object_name(const std::string& text) {
  const Tokens tokens(text, {0, static_cast<uint32_t>(text.size())});
  ObjectName name;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens.can_be_name(i)) continue;
    name.schema = std::move(name.name);
    name.name = tokens.is_name(i) ? tokens.name(i) : downcase(variable_placeholder(tokens.text(i)));
  }
  return name;
}

std::optional<ObjectName> nextval_sequence(const pg::Node& expression) {
  if (!expression.has_func_call()) return std::nullopt;
  const pg::FuncCall& call = expression.func_call();
  if (builtin_name(call.funcname()) != "nextval" || call.args_size() != 1) return std::nullopt;
  const pg::Node* argument = &call.args(0);
  // 's'::regclass, or 's'::text::regclass as older dumps have it.
  for (int casts = 0; casts < 2 && argument->has_type_cast(); ++casts) {
    argument = &argument->type_cast().arg();
  }
  const std::string& text = string_value(*argument);
  if (text.empty()) return std::nullopt;
  return parse_object_name(text);
}

std::string to_sql(const ObjectName& name) {
  return name.schema.empty() ? quote_identifier(name.name)
                             : quote_identifier(name.schema) + "." + quote_identifier(name.name);
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool includes(const pg::TableLikeClause& like, pg::TableLikeOption what) {
  // A bit each, in the order of the enum.
  return ((like.options() >> (what - pg::CREATE_TABLE_LIKE_COMMENTS)) & 1) != 0;
}

const std::string& created_schema(const pg::CreateSchemaStmt& create) {
  return create.schemaname().empty() ? create.authrole().rolename() : create.schemaname();
}

TypeRef type_ref(const pg::TypeName& type) {
  TypeRef ref;
  ObjectName name = object_name(type.names());
  if (name.schema != "pg_catalog") ref.schema = std::move(name.schema);
  ref.name = std::move(name.name);
  ref.array = type.array_bounds_size() != 0;
  for (const pg::Node& modifier : type.typmods()) {
    const auto value = integer_value(modifier);
    if (!value) {
      ref.modifiers.clear();
      break;
    }
    ref.modifiers.push_back(*value);
  }
  return ref;
}

const std::string& string_value(const pg::Node& node) {
  if (node.node_case() == pg::Node::kString) return node.string().sval();
  if (node.node_case() == pg::Node::kAConst && node.a_const().has_sval()) {
    return node.a_const().sval().sval();
  }
  return kEmpty;
}

std::vector<std::string> string_values(const google::protobuf::RepeatedPtrField<pg::Node>& nodes) {
  std::vector<std::string> values;
  for (const pg::Node& node : nodes) {
    if (node.node_case() == pg::Node::kString) values.push_back(node.string().sval());
  }
  return values;
}

std::optional<int64_t> integer_value(const pg::Node& node) {
  switch (node.node_case()) {
    case pg::Node::kInteger:
      return node.integer().ival();
    case pg::Node::kFloat:
      return parse_integer(node.float_().fval());
    case pg::Node::kAConst:
      if (node.a_const().has_ival()) return node.a_const().ival().ival();
      if (node.a_const().has_fval()) return parse_integer(node.a_const().fval().fval());
      return std::nullopt;
    case pg::Node::kAExpr: {
      const pg::A_Expr& expr = node.a_expr();
      if (expr.name_size() != 1 || expr.has_lexpr() || string_value(expr.name(0)) != "-") {
        return std::nullopt;
      }
      const pg::Node& operand = expr.rexpr();
      if (operand.node_case() != pg::Node::kAConst) return std::nullopt;
      const auto value = integer_value(operand);
      return value ? std::optional(-*value) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace dsqlint
