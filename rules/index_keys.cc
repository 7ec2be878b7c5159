// What an index is made of: types, sizes and number of its keys, and that they stay what they are.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/names.h"
#include "rules/immutability.h"
#include "rules/index_parts.h"
#include "rules/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kType{
    .id = "index_key_type",
    .summary = "the type cannot be the key of an index",
    .why =
        "Keys are compared byte by byte in a B-tree: json, jsonb, bytea, interval, timetz and\n"
        "arrays are refused. Index an expression of a plain type instead, such as\n"
        "`((data ->> 'name'))`.",
    .bad = "create table t (a jsonb);\ncreate index async t_a_idx on t (a);",
    .good = "create table t (a jsonb);\n",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kBytes{
    .id = "index_key_bytes",
    .summary = "the key of an index is declared too long",
    .why =
        "The declared sizes of all key columns may add up to 2,000 bytes. What is written counts\n"
        "too: about 1 KiB per key is safe.",
    .bad = "create table t (a varchar(3000));\ncreate index async t_a_idx on t (a);",
    .help = "declare the columns shorter, or index a digest: `(md5(a))`",
};

constexpr RuleInfo kColumns{
    .id = "index_key_columns",
    .summary = "an index has at most 8 keys",
    .why = "More are refused. Columns that are only read can be INCLUDEd.",
    .bad = "create index async i on t (a, b, c, d, e, f, g, h, i);",
    .help = "keep the 8 keys that tell rows apart best, and move the others into INCLUDE",
};

constexpr RuleInfo kMutable{
    .id = "index_not_immutable",
    .summary = "an index may only depend on the row",
    .why =
        "Functions and casts in keys and predicates have to be immutable, as in PostgreSQL: the\n"
        "time, settings such as the time zone, and random values are none of the row's.",
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

bool is_point_in_time(const std::optional<TypeRef>& type) {
  return type && !type->array && (type->name == "timestamp" || type->name == "timestamptz");
}

/// The type of an expression, where it is beyond doubt and may be one that no key can be.
std::optional<TypeRef> expression_type(const pg::Node& node, const Table* table,
                                       const Schema& schema) {
  switch (node.node_case()) {
    case pg::Node::kTypeCast:
      return type_ref(node.type_cast().type_name());
    case pg::Node::kColumnRef: {
      const auto& fields = node.column_ref().fields();
      return fields.size() == 1 ? column_type(table, string_value(fields[0])) : std::nullopt;
    }
    case pg::Node::kAArrayExpr:
      return TypeRef{.name = "text", .array = true};
    case pg::Node::kCoalesceExpr:
      return node.coalesce_expr().args_size() == 0
                 ? std::nullopt
                 : expression_type(node.coalesce_expr().args(0), table, schema);
    case pg::Node::kAExpr: {
      const pg::A_Expr& expr = node.a_expr();
      if (expr.kind() != pg::AEXPR_OP || !expr.has_lexpr()) return std::nullopt;
      const std::string_view op = builtin_name(expr.name());
      const auto side = [&](const pg::Node& operand) {
        return operand.has_column_ref() ? expression_type(operand, table, schema) : std::nullopt;
      };
      const std::optional<TypeRef> left = side(expr.lexpr());
      if (op == "->" || op == "#>") {
        return TypeRef{.name = left && left->name == "json" ? "json" : "jsonb"};
      }
      const auto is_jsonb = [](const std::optional<TypeRef>& type) {
        return type && type->name == "jsonb" && !type->array;
      };
      if ((is_one_of(op, {"-", "#-", "||"}) && is_jsonb(left)) ||
          (op == "||" && is_jsonb(side(expr.rexpr())))) {
        return TypeRef{.name = "jsonb"};
      }
      if (op == "-" && is_point_in_time(left) && is_point_in_time(side(expr.rexpr()))) {
        return TypeRef{.name = "interval"};
      }
      return std::nullopt;
    }
    case pg::Node::kFuncCall: {
      const auto& parts = node.func_call().funcname();
      const std::string_view name = builtin_name(parts);
      const auto known =
          std::lower_bound(kResults.begin(), kResults.end(), name,
                           [](const FunctionResult& f, std::string_view n) { return f.name < n; });
      const bool builtin = known != kResults.end() && known->name == name;
      if (const Function* first = schema.find_function(object_name(parts))) {
        // One of several with other arguments, or PostgreSQL's own, may be meant.
        const bool sure = !builtin && first->result == schema.latest_function(first->name)->result;
        return sure ? std::optional(first->result) : std::nullopt;
      }
      if (!builtin) return std::nullopt;
      return TypeRef{.name = std::string(known->type), .array = known->array};
    }
    default:
      return std::nullopt;
  }
}

/// The type of a key, where it is beyond doubt.
std::optional<TypeRef> key_type(const pg::IndexElem& elem, const Table* table,
                                const Schema& schema) {
  return elem.has_expr() ? expression_type(elem.expr(), table, schema)
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
