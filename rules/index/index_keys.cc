// What an index is made of: types, sizes and number of its keys, and that they stay what they are.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "rules/expressions/expression_type.h"
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
    .summary = "an index may only depend on the row",
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

/// The type of a key, where it is beyond doubt.
std::optional<TypeRef> key_type(const pg::IndexElem& elem, const Table* table,
                                const Schema& schema) {
  if (elem.has_expr()) {
    return analyze_expression(elem.expr(), table_names(table, schema)).type.ref();
  }
  const Column* column = table == nullptr ? nullptr : table->column(elem.name());
  return column == nullptr ? std::nullopt : std::optional(column->type);
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
    const auto part = analyze_expression(expression, table_names(table, ctx.schema())).mutable_part;
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
