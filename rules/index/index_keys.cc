// What an index is made of: types, sizes and number of its keys, and that they stay what they are.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "rules/expressions/immutability.h"
#include "rules/shared/index_parts.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kType{
    .id = "index_key_type",
    .summary = "the type cannot be the key of an index",
    .why =
        "Keys are compared byte by byte in a B-tree: json, jsonb, bytea, interval,\n"
        "timetz and arrays are refused. Index an expression of another type instead,\n"
        "such as `((data ->> 'name'))`.",
    .bad = "create table t (a jsonb);\ncreate index async t_a_idx on t (a);",
    .good = "create table t (a jsonb);\n",
    .fixes = Fixes::Sometimes,
    .accepted_parts = {Capability::NumericKeys},
};

constexpr RuleInfo kBytes{
    .id = "index_key_bytes",
    .summary = "the key of an index is declared too long",
    .why =
        "The declared sizes of all key columns may add up to 2,000 bytes. The values\n"
        "are limited too: about 1 KiB per key is safe.",
    .bad = "create table t (a varchar(3000));\ncreate index async t_a_idx on t (a);",
    .help = "declare the columns shorter, or index a digest: `(md5(a))`",
};

constexpr RuleInfo kColumns{
    .id = "index_key_columns",
    .summary = "an index has at most 8 key columns",
    .why = "More are refused. Columns that are only read can be listed in INCLUDE.",
    .bad = "create index async i on t (a, b, c, d, e, f, g, h, i);",
    .help = "keep the 8 keys that are the most selective, and move the others into INCLUDE",
};

constexpr RuleInfo kMutable{
    .id = "index_not_immutable",
    .summary = "an index can only depend on the row",
    .why =
        "Functions and casts in keys and predicates have to be immutable, as in\n"
        "PostgreSQL: the current time, settings such as the time zone, and random\n"
        "values do not come from the row.",
    .bad = "create index async t_a_idx on t (a) where b > now();",
    .help = "leave it out, or store the value in a column when the row is written",
};

Range key_range(const pg::IndexStmt& index, int key, const Context& ctx) {
  const std::vector<TokenSpan> keys = create_index_parts(ctx.tokens()).keys;
  if (keys.size() != static_cast<size_t>(index.index_params_size())) return ctx.head();
  const TokenSpan span = keys[static_cast<size_t>(key)];
  const pg::IndexElem& elem = index.index_params(key).index_elem();
  return ctx.tokens().range(index_key_parts(elem, span, ctx.tokens()).key);
}

struct FunctionResult {
  std::string_view name;
  std::string_view type;
  bool array = false;
};

/// Built-in functions whose result no key can be, by name.
constexpr std::array kResults = {
    FunctionResult{"age", "interval"},
    FunctionResult{"array_append", "text", true},
    FunctionResult{"array_cat", "text", true},
    FunctionResult{"array_positions", "int4", true},
    FunctionResult{"array_prepend", "text", true},
    FunctionResult{"array_remove", "text", true},
    FunctionResult{"array_replace", "text", true},
    FunctionResult{"array_to_json", "json"},
    FunctionResult{"boolsend", "bytea"},
    FunctionResult{"broadcast", "inet"},
    FunctionResult{"convert_to", "bytea"},
    FunctionResult{"datemultirange", "datemultirange"},
    FunctionResult{"daterange", "daterange"},
    FunctionResult{"decode", "bytea"},
    FunctionResult{"float8send", "bytea"},
    FunctionResult{"hostmask", "inet"},
    FunctionResult{"int4multirange", "int4multirange"},
    FunctionResult{"int4range", "int4range"},
    FunctionResult{"int4send", "bytea"},
    FunctionResult{"int8multirange", "int8multirange"},
    FunctionResult{"int8range", "int8range"},
    FunctionResult{"int8send", "bytea"},
    FunctionResult{"json_build_array", "json"},
    FunctionResult{"json_build_object", "json"},
    FunctionResult{"json_extract_path", "json"},
    FunctionResult{"json_object", "json"},
    FunctionResult{"json_strip_nulls", "json"},
    FunctionResult{"jsonb_build_array", "jsonb"},
    FunctionResult{"jsonb_build_object", "jsonb"},
    FunctionResult{"jsonb_extract_path", "jsonb"},
    FunctionResult{"jsonb_insert", "jsonb"},
    FunctionResult{"jsonb_object", "jsonb"},
    FunctionResult{"jsonb_path_query_array", "jsonb"},
    FunctionResult{"jsonb_path_query_first", "jsonb"},
    FunctionResult{"jsonb_set", "jsonb"},
    FunctionResult{"jsonb_set_lax", "jsonb"},
    FunctionResult{"jsonb_strip_nulls", "jsonb"},
    FunctionResult{"justify_days", "interval"},
    FunctionResult{"justify_hours", "interval"},
    FunctionResult{"justify_interval", "interval"},
    FunctionResult{"make_interval", "interval"},
    FunctionResult{"netmask", "inet"},
    FunctionResult{"network", "cidr"},
    FunctionResult{"numeric_send", "bytea"},
    FunctionResult{"nummultirange", "nummultirange"},
    FunctionResult{"numrange", "numrange"},
    FunctionResult{"regexp_match", "text", true},
    FunctionResult{"regexp_split_to_array", "text", true},
    FunctionResult{"row_to_json", "json"},
    FunctionResult{"sha224", "bytea"},
    FunctionResult{"sha256", "bytea"},
    FunctionResult{"sha384", "bytea"},
    FunctionResult{"sha512", "bytea"},
    FunctionResult{"string_to_array", "text", true},
    FunctionResult{"textsend", "bytea"},
    FunctionResult{"to_json", "json"},
    FunctionResult{"to_jsonb", "jsonb"},
    FunctionResult{"tsmultirange", "tsmultirange"},
    FunctionResult{"tsrange", "tsrange"},
    FunctionResult{"tstzmultirange", "tstzmultirange"},
    FunctionResult{"tstzrange", "tstzrange"},
    FunctionResult{"uuid_send", "bytea"},
};
static_assert(std::is_sorted(kResults.begin(), kResults.end(),
                             [](const FunctionResult& a, const FunctionResult& b) {
                               return a.name < b.name;
                             }));

std::optional<TypeRef> column_type(const Table* table, std::string_view name) {
  const Column* column = table == nullptr ? nullptr : table->column(name);
  return column == nullptr ? std::nullopt : std::optional(column->type);
}

/// What the operands of expressions are made of.
struct Names {
  const Table* table;
  const Schema& schema;
};

/// Expressions nested deeper are not looked into.
constexpr int kMaxDepth = 20;

std::optional<TypeRef> expression_type(const pg::Node& node, const Names& names, int depth = 0);

bool is_of(const std::optional<TypeRef>& type, std::initializer_list<std::string_view> wanted) {
  return type && !type->array && type->schema.empty() && is_one_of(type->name, wanted);
}

TypeRef plain_type(std::string_view name) { return {.schema = {}, .name = std::string(name)}; }

/// A literal without a type takes that of what it stands beside.
bool is_untyped(const pg::Node& node) {
  return node.has_a_const() && (node.a_const().has_sval() || node.a_const().isnull());
}

/// The one type of several values of which one is taken.
class CommonType {
 public:
  CommonType(const Names& names, int depth) : names_(names), depth_(depth) {}
  void add(const pg::Node& value) {
    std::optional<TypeRef> type = expression_type(value, names_, depth_);
    if (!type) return;
    if (type_ && type_->modifiers != type->modifiers) type->modifiers = type_->modifiers = {};
    differs_ = differs_ || (type_ && !(*type_ == *type));
    type_ = std::move(type);
  }
  std::optional<TypeRef> get() const { return differs_ ? std::nullopt : type_; }

 private:
  const Names& names_;
  int depth_;
  std::optional<TypeRef> type_;
  bool differs_ = false;
};

std::optional<TypeRef> operator_type(const pg::A_Expr& expr, const Names& names, int depth) {
  if (expr.kind() == pg::AEXPR_NULLIF) return expression_type(expr.lexpr(), names, depth);
  if (expr.kind() != pg::AEXPR_OP) return std::nullopt;
  const std::string_view op = builtin_name(expr.name());
  const auto side = [&](const pg::Node& operand) {
    auto type = expression_type(operand, names, depth);
    return type ? std::optional(resolve_type(*type, names.schema).type) : std::nullopt;
  };
  const std::optional<TypeRef> right = side(expr.rexpr());
  if (!expr.has_lexpr()) {
    return is_one_of(op, {"+", "-"}) && is_of(right, {"interval"}) ? right : std::nullopt;
  }
  const std::optional<TypeRef> left = side(expr.lexpr());
  if (op == "->" || op == "#>") return plain_type(is_of(left, {"json"}) ? "json" : "jsonb");
  const bool right_fits = !right || is_untyped(expr.rexpr());
  if (is_one_of(op, {"-", "#-"}) && is_of(left, {"jsonb"})) return plain_type("jsonb");
  if (op == "||") {
    const auto joins = [&](std::string_view type) {
      return (is_of(left, {type}) && (is_of(right, {type}) || right_fits)) ||
             (is_of(right, {type}) && (!left || is_untyped(expr.lexpr())));
    };
    if (joins("jsonb")) return plain_type("jsonb");
    const bool bytes = (is_of(left, {"bytea"}) || is_untyped(expr.lexpr())) &&
                       (is_of(right, {"bytea"}) || is_untyped(expr.rexpr()));
    if (bytes && (left || right)) return plain_type("bytea");
    return std::nullopt;
  }
  const bool left_interval = is_of(left, {"interval"});
  const bool right_interval = is_of(right, {"interval"});
  if (op == "*" && (left_interval || right_interval)) return plain_type("interval");
  if (op == "/" && left_interval) return plain_type("interval");
  if (op == "-") {
    if (left_interval) return plain_type("interval");
    if (is_of(left, {"timetz"}) && right_interval) return left;
    // An untyped literal is taken for the same as the other side.
    const bool same = is_untyped(expr.lexpr()) || is_untyped(expr.rexpr());
    const auto is_point = [](const std::optional<TypeRef>& type) {
      return is_of(type, {"timestamp", "timestamptz"});
    };
    const auto is_day = [](const std::optional<TypeRef>& type) { return is_of(type, {"date"}); };
    const bool points = (is_point(left) && (is_point(right) || is_day(right) || same)) ||
                        (is_point(right) && (is_day(left) || same));
    const bool times = (is_of(left, {"time"}) && (is_of(right, {"time"}) || same)) ||
                       (is_of(right, {"time"}) && same);
    if (points || times) return plain_type("interval");
  }
  if (op == "+") {
    const bool intervals =
        (left_interval || is_untyped(expr.lexpr())) && (right_interval || is_untyped(expr.rexpr()));
    if (intervals && (left || right)) return plain_type("interval");
    if (is_of(left, {"timetz"}) && right_interval) return left;
    if (left_interval && is_of(right, {"timetz"})) return right;
  }
  return std::nullopt;
}

/// Functions of PostgreSQL that return what they are given.
std::optional<TypeRef> passed_type(const pg::FuncCall& call, const Names& names, int depth) {
  const std::string_view name = builtin_name(call.funcname());
  const auto argument = [&](int i, std::string_view type) -> std::optional<TypeRef> {
    if (i >= call.args_size()) return std::nullopt;
    const auto given = expression_type(call.args(i), names, depth);
    const bool fits = given && is_of(resolve_type(*given, names.schema).type, {type});
    return fits ? std::optional(plain_type(type)) : std::nullopt;
  };
  if (is_one_of(name, {"btrim", "ltrim", "overlay", "rtrim", "set_bit", "set_byte", "substr",
                       "substring"})) {
    return argument(0, "bytea");
  }
  if (name == "date_trunc") return argument(1, "interval");
  if (name == "timezone") return argument(1, "timetz");
  return std::nullopt;
}

std::optional<TypeRef> call_type(const pg::FuncCall& call, const Names& names, int depth) {
  const auto& parts = call.funcname();
  const std::string_view name = builtin_name(parts);
  const auto known =
      std::lower_bound(kResults.begin(), kResults.end(), name,
                       [](const FunctionResult& f, std::string_view n) { return f.name < n; });
  const bool builtin = known != kResults.end() && known->name == name;
  if (const Function* first = names.schema.find_function(object_name(parts))) {
    // One of several with other arguments, or PostgreSQL's own, may be meant.
    const bool sure =
        !builtin && first->result == names.schema.latest_function(first->name)->result;
    return sure ? std::optional(first->result) : std::nullopt;
  }
  if (!builtin) return passed_type(call, names, depth);
  return TypeRef{.name = std::string(known->type), .array = known->array};
}

/// The type of an expression, where it is beyond doubt and may be one that no key can be.
std::optional<TypeRef> expression_type(const pg::Node& node, const Names& names, int depth) {
  if (++depth > kMaxDepth) return std::nullopt;
  CommonType common(names, depth);
  switch (node.node_case()) {
    case pg::Node::kTypeCast:
      return type_ref(node.type_cast().type_name());
    case pg::Node::kColumnRef: {
      const auto& fields = node.column_ref().fields();
      return fields.size() == 1 ? column_type(names.table, string_value(fields[0])) : std::nullopt;
    }
    case pg::Node::kAArrayExpr:
      return TypeRef{.name = "text", .array = true};
    case pg::Node::kAIndirection: {
      const pg::A_Indirection& member = node.a_indirection();
      const bool subscript = std::all_of(
          member.indirection().begin(), member.indirection().end(), [](const pg::Node& step) {
            return step.has_a_indices() && !step.a_indices().is_slice();
          });
      const auto type = subscript ? expression_type(member.arg(), names, depth) : std::nullopt;
      const bool json = type && is_of(resolve_type(*type, names.schema).type, {"jsonb"});
      return json ? std::optional(plain_type("jsonb")) : std::nullopt;
    }
    case pg::Node::kCoalesceExpr:
      for (const pg::Node& value : node.coalesce_expr().args()) common.add(value);
      return common.get();
    case pg::Node::kMinMaxExpr:
      for (const pg::Node& value : node.min_max_expr().args()) common.add(value);
      return common.get();
    case pg::Node::kCaseExpr:
      for (const pg::Node& when : node.case_expr().args()) common.add(when.case_when().result());
      if (node.case_expr().has_defresult()) common.add(node.case_expr().defresult());
      return common.get();
    case pg::Node::kAExpr:
      return operator_type(node.a_expr(), names, depth);
    case pg::Node::kFuncCall:
      return call_type(node.func_call(), names, depth);
    default:
      return std::nullopt;
  }
}

/// The type of a key, where it is beyond doubt.
std::optional<TypeRef> key_type(const pg::IndexElem& elem, const Table* table,
                                const Schema& schema) {
  return elem.has_expr() ? expression_type(elem.expr(), Names{table, schema})
                         : column_type(table, elem.name());
}

/// Is it said of the expression, or where its type is made, that there is no such type? Queries may
/// calculate with others that no column can have.
bool is_told_elsewhere(const ResolvedType& type) {
  if (type.domain != nullptr) return true;
  if (type.type.array) return false;
  if (type.known == nullptr) return true;
  switch (type.known->family) {
    case TypeFamily::Json:
    case TypeFamily::Range:
    case TypeFamily::Network:
    case TypeFamily::Bits:
    case TypeFamily::Money:
      return false;
    default:
      return true;
  }
}

void check_type(const pg::IndexStmt& index, SchemaContext& ctx) {
  const Table* table = ctx.schema().find_altered(object_name(index.relation()));
  for (int i = 0; i < index.index_params_size(); ++i) {
    const pg::IndexElem& elem = index.index_params(i).index_elem();
    const auto type = key_type(elem, table, ctx.schema());
    if (!type) continue;
    const ResolvedType resolved = resolve_type(*type, ctx.schema());
    if (key_verdict(resolved, ctx.engine()) != TypeVerdict::Refused) continue;
    // What a column may not be is told there.
    if (column_verdict(resolved, ctx.engine()) == TypeVerdict::Refused &&
        (!elem.has_expr() || is_told_elsewhere(resolved))) {
      continue;
    }
    const std::string spelled = spell_type(*type);
    Diagnostic finding{.range = key_range(index, i, ctx),
                       .message = fmt::format("{} cannot be the key of an index", spelled)};
    const bool json = resolved.type.name == "json" || resolved.type.name == "jsonb";
    if (index.unique()) {
      finding.help = json && elem.has_expr()
                         ? "take the member as text: `->>` for `->`, `#>>` for `#>`"
                     : json ? fmt::format("make what has to be unique a key: `(({} ->> '…'))`",
                                          quote_identifier(elem.name()))
                            : "store a digest or another form of the value in a column of a plain "
                              "type, and index that one";
    } else {
      std::string note = "queries that used the index read the whole table";
      if (json && !elem.has_expr()) {
        note += fmt::format(
            "; an index on what they look for, such as `(({} ->> 'name'))`, serves "
            "comparisons of that member",
            quote_identifier(elem.name()));
      } else if (json) {
        note +=
            "; an index on the member as text (`->>` for `->`, `#>>` for `#>`) serves "
            "comparisons of it";
      }
      finding.notes.push_back({std::move(note)});
      finding.fix = drop_index_statement(ctx);
    }
    ctx.report(std::move(finding));
  }
}

void check_bytes(const pg::IndexStmt& index, SchemaContext& ctx) {
  const Table* table = ctx.schema().find_altered(object_name(index.relation()));
  if (table == nullptr) return;
  int64_t bytes = 0;
  for (const pg::Node& node : index.index_params()) {
    const auto type = key_type(node.index_elem(), table, ctx.schema());
    if (type) bytes += declared_key_bytes(resolve_type(*type, ctx.schema())).value_or(0);
  }
  const int most = ctx.engine().limits().declared_key_bytes;
  if (bytes <= most) return;
  const CreateIndexParts parts = create_index_parts(ctx.tokens());
  const bool placed = !parts.keys.empty() && parts.close < ctx.tokens().size();
  ctx.report(
      {.range = placed ? ctx.tokens().range({parts.open, parts.close + 1}) : ctx.head(),
       .message = fmt::format("the keys are declared with {} bytes, more than {}", bytes, most)});
}

void check_columns(const pg::IndexStmt& index, Context& ctx) {
  const int most = ctx.engine().limits().key_columns;
  if (!ctx.parents().empty() || index.index_params_size() <= most) return;
  ctx.report({.range = key_range(index, most, ctx),
              .message = fmt::format("an index with {} keys, more than {}",
                                     index.index_params_size(), most)});
}

void check_mutable(const pg::IndexStmt& index, SchemaContext& ctx) {
  const Table* table = ctx.schema().find_altered(object_name(index.relation()));
  const auto judge = [&](const pg::Node& expression, std::string_view where) {
    const auto part = find_mutable(expression, table, ctx.schema());
    if (!part) return;
    const size_t token = ctx.token_at(part->location);
    ctx.report({.range = token == Tokens::npos ? ctx.head() : ctx.tokens().range(token),
                .message = fmt::format("{} of an index may only depend on the row", where),
                .notes = {{part->reason}},
                .help = part->help});
  };
  for (const pg::Node& node : index.index_params()) {
    if (node.index_elem().has_expr()) judge(node.index_elem().expr(), "a key");
  }
  if (index.has_where_clause()) judge(index.where_clause(), "the predicate");
}

constexpr std::array kRules = {
    rule<check_type>(kType),
    rule<check_bytes>(kBytes),
    rule<check_columns>(kColumns),
    rule<check_mutable>(kMutable),
};

}  // namespace

std::span<const Rule> index_keys() { return kRules; }

}  // namespace dsqlint
