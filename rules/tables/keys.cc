// Primary keys and unique constraints of CREATE TABLE: how many columns, of what types, how wide.

#include <fmt/format.h>

#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "rules/shared/columns.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCount{
    .id = "too_many_key_columns",
    .summary = "a key has at most 8 columns",
    .why =
        "A primary key or unique constraint is an index, and an index has at most 8 key\n"
        "columns. INCLUDE carries further columns that need not be unique.",
    .bad =
        "create table t (a int, b int, c int, d int, e int, f int, g int, h int, i int,\n"
        "                unique (a, b, c, d, e, f, g, h, i));",
    .good =
        "create table t (a int, b int, c int, d int, e int, f int, g int, h int, i int,\n"
        "                unique (a, b, c, d, e, f, g, h));",
};

constexpr RuleInfo kType{
    .id = "key_column_type",
    .summary = "the type cannot be part of a key",
    .why =
        "interval, timetz, json, jsonb and domains over bytea cannot be part of a\n"
        "primary key, a unique constraint or an index. For bytea itself, see\n"
        "`bytea_key`.",
    .bad = "create table t (span interval primary key);",
    .good = "create table t (seconds integer primary key);",
    .accepted_parts = {Capability::NumericKeys},
};

constexpr RuleInfo kWidth{
    .id = "key_too_wide",
    .summary = "the declared sizes of a key's columns are limited to 2,000 bytes",
    .why =
        "The engine adds up the declared sizes of a key's columns and refuses more than\n"
        "2,000 bytes. `text` declares no size; its values are checked when they are\n"
        "written, and about 1 KiB per key is safe.",
    .bad = "create table t (a varchar(1500), b varchar(1500), unique (a, b));",
    .good = "create table t (a varchar(500), b varchar(500), unique (a, b));",
};

/// A key with the columns it names, and where they stand.
struct KeySite {
  const pg::Constraint& constraint;
  TokenSpan span;  ///< the whole constraint
  std::vector<std::pair<std::string, TokenSpan>> columns;
};

template <typename Visit>
void each_key(const pg::CreateStmt& create, const Context& ctx, Visit&& visit) {
  const auto is_key = [](const pg::Constraint& constraint) {
    return constraint.contype() == pg::CONSTR_PRIMARY || constraint.contype() == pg::CONSTR_UNIQUE;
  };
  const Tokens& tokens = ctx.tokens();
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) {
      const pg::ColumnDef& column = element.column_def();
      for (const pg::Node& node : column.constraints()) {
        if (!is_key(node.constraint())) continue;
        const size_t first = ctx.token_at(node.constraint().location());
        if (first == Tokens::npos) continue;
        size_t end = first;  // CONSTRAINT name PRIMARY KEY, UNIQUE
        while (end < tokens.size() && !tokens.is(end, "primary") && !tokens.is(end, "unique"))
          ++end;
        end = std::min(end + (tokens.is(end, "primary") ? 2 : 1), tokens.size());
        visit(KeySite{node.constraint(), {first, end}, {{column.colname(), {first, end}}}});
      }
    } else if (element.has_constraint() && is_key(element.constraint())) {
      const size_t first = ctx.token_at(element.constraint().location());
      if (first == Tokens::npos) continue;
      KeySite site{element.constraint(), element_from(first, tokens), {}};
      const size_t open = tokens.find_op(site.span, "(");
      const size_t close = open == Tokens::npos ? open : tokens.close(open);
      if (close == Tokens::npos) continue;
      for (const TokenSpan name : tokens.split({open + 1, close})) {
        if (!name.empty()) site.columns.emplace_back(tokens.name(name.begin), name);
      }
      visit(site);
    }
  }
}

/// Cheap enough for every CREATE TABLE: most have a key, few need its tokens.
bool may_matter(const pg::CreateStmt& create) {
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_table_like_clause()) return true;
    if (element.has_constraint() && element.constraint().keys_size() > 1) return true;
    if (!element.has_column_def()) continue;
    const KnownType* known = known_type(type_ref(element.column_def().type_name()));
    if (known == nullptr || !known->key || known->name == "varchar" || known->name == "bpchar" ||
        known->name == "numeric") {
      return true;
    }
  }
  return false;
}

/// Of a column of the table, or of one that LIKE brings.
std::optional<ResolvedType> column_type(const pg::CreateStmt& create, std::string_view name,
                                        const Schema& schema) {
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def() && element.column_def().colname() == name) {
      return resolve_type(type_ref(element.column_def().type_name()), schema);
    }
    if (!element.has_table_like_clause()) continue;
    const Table* source = schema.find_altered(object_name(element.table_like_clause().relation()));
    const Column* column = source == nullptr ? nullptr : source->column(name);
    if (column != nullptr) return resolve_type(column->type, schema);
  }
  return std::nullopt;
}

std::string_view key_word(const pg::Constraint& constraint) {
  return constraint.contype() == pg::CONSTR_PRIMARY ? "primary key" : "unique constraint";
}

void check_count(const pg::CreateStmt& create, Context& ctx) {
  const auto limit = static_cast<size_t>(ctx.engine().limits().key_columns);
  for (const pg::Node& element : create.table_elts()) {
    if (!element.has_constraint() ||
        static_cast<size_t>(element.constraint().keys_size()) <= limit) {
      continue;
    }
    each_key(create, ctx, [&](const KeySite& site) {
      if (site.columns.size() <= limit) return;
      ctx.report({
          .range = ctx.tokens().range(
              TokenSpan{site.columns[limit].second.begin, site.columns.back().second.end}),
          .message = fmt::format("the {} of `{}` has {} columns, {} more than a key can have",
                                 key_word(site.constraint), create.relation().relname(),
                                 site.columns.size(), site.columns.size() - limit),
          .help = site.constraint.contype() == pg::CONSTR_PRIMARY
                      ? "use a primary key of at most 8 columns, for example a uuid"
                      : "use at most 8 columns, or one column that holds a digest of all of them",
      });
    });
    return;
  }
}

void check_types(const pg::CreateStmt& create, SchemaContext& ctx) {
  if (!may_matter(create)) return;
  each_key(create, ctx, [&](const KeySite& site) {
    for (const auto& [name, span] : site.columns) {
      const auto known = column_type(create, name, ctx.schema());
      if (!known) continue;
      const ResolvedType& type = *known;
      // A column that cannot exist is said to be one; what replaces it is judged then.
      if (column_verdict(type, ctx.engine()) != TypeVerdict::Accepted ||
          key_verdict(type, ctx.engine()) != TypeVerdict::Refused) {
        continue;
      }
      if (type.domain == nullptr && type.type.name == "bytea") continue;  // bytea_key's
      const bool numeric = type.known != nullptr && type.known->name == "numeric";
      Diagnostic finding{
          .range = ctx.tokens().range(span),
          .message = fmt::format("column `{}` of the {} is {}, which a key cannot contain", name,
                                 key_word(site.constraint), spell_type(type.type)),
          .help = site.constraint.contype() == pg::CONSTR_PRIMARY
                      ? "give `" + to_sql(object_name(create.relation())) +
                            "` another primary key, for example a bigint or uuid"
                      : "remove the constraint, or store `" + name +
                            "` in a type that a key can contain (text, a number, a timestamp)",
      };
      if (numeric) finding.notes = {{ctx.engine().refusal(Capability::NumericKeys)}};
      ctx.report(std::move(finding));
    }
  });
}

void check_width(const pg::CreateStmt& create, SchemaContext& ctx) {
  if (!may_matter(create)) return;
  const int limit = ctx.engine().limits().declared_key_bytes;
  each_key(create, ctx, [&](const KeySite& site) {
    int64_t bytes = 0;
    for (const auto& [name, span] : site.columns) {
      const auto type = column_type(create, name, ctx.schema());
      if (type) bytes += declared_key_bytes(*type).value_or(0);
    }
    if (bytes <= limit) return;
    ctx.report({
        .range = ctx.tokens().range(
            TokenSpan{site.columns.front().second.begin, site.columns.back().second.end}),
        .message = fmt::format("the {} of `{}` declares {} bytes", key_word(site.constraint),
                               create.relation().relname(), bytes),
        .help = "declare shorter columns, or text where values are short anyway",
    });
  });
}

/// The same for tables inside CREATE SCHEMA.
template <auto check>
void in_schema(const pg::CreateSchemaStmt& schema, SchemaContext& ctx) {
  for (const pg::Node& element : schema.schema_elts()) {
    if (element.has_create_stmt()) check(element.create_stmt(), ctx);
  }
}

constexpr std::array kRules = {
    rule<check_count>(kCount),
    rule<check_types>(kType),
    rule<in_schema<check_types>>(kType),
    rule<check_width>(kWidth),
    rule<in_schema<check_width>>(kWidth),
};

}  // namespace

std::span<const Rule> keys() { return kRules; }

}  // namespace dsqlint
