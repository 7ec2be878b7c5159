// How many columns a table may have, now and over its lifetime.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "rules/shared/columns.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kColumns{
    .id = "too_many_columns",
    .summary = "a table has at most 255 columns",
    .why = "Dropped columns count too, up to 1,600 over the life of a table.",
    .bad = "",  // too long to print
    .help = "split the table, or keep rarely used columns together in one jsonb column",
};

// Dropped columns keep their number.
constexpr size_t kLifetimeColumns = 1600;

void report(Context& ctx, const pg::ColumnDef& first, const std::string& table, size_t count,
            size_t limit, std::string_view what) {
  const size_t token = ctx.token_at(first.location());
  ctx.report({
      .range = token == Tokens::npos ? ctx.head() : ctx.tokens().range(token),
      .message =
          fmt::format("table `{}` has {} columns{}; the limit is {}", table, count, what, limit),
  });
}

void check_created(const pg::CreateStmt& create, SchemaContext& ctx) {
  const auto limit = static_cast<size_t>(ctx.engine().limits().columns_per_table);
  size_t count = 0;
  const pg::ColumnDef* first = nullptr;  // beyond the limit
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_table_like_clause()) {
      const Table* source =
          ctx.schema().find_table(object_name(element.table_like_clause().relation()));
      if (source != nullptr) count += source->columns.size();
    } else if (element.has_column_def() && ++count > limit && first == nullptr) {
      first = &element.column_def();
    }
  }
  if (first != nullptr) report(ctx, *first, create.relation().relname(), count, limit, "");
}

void check_added(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  const pg::ColumnDef* last = nullptr;
  size_t added = 0;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() != pg::AT_AddColumn || !cmd.def().has_column_def()) continue;
    last = &cmd.def().column_def();
    ++added;
  }
  if (last == nullptr || alter.objtype() != pg::OBJECT_TABLE) return;
  const Table* table = ctx.schema().find_table(object_name(alter.relation()));
  if (table == nullptr) return;
  const auto limit = static_cast<size_t>(ctx.engine().limits().columns_per_table);
  const size_t count = table->columns.size() + added;
  if (count > limit) {
    report(ctx, *last, alter.relation().relname(), count, limit, "");
  } else if (count + table->dropped_columns > kLifetimeColumns) {
    report(ctx, *last, alter.relation().relname(), count + table->dropped_columns, kLifetimeColumns,
           ", including dropped ones");
  }
}

void check_in_schema(const pg::CreateSchemaStmt& schema, SchemaContext& ctx) {
  for (const pg::Node& element : schema.schema_elts()) {
    if (element.has_create_stmt()) check_created(element.create_stmt(), ctx);
  }
}

constexpr std::array kRules = {
    rule<check_created>(kColumns),
    rule<check_added>(kColumns),
    rule<check_in_schema>(kColumns),
};

}  // namespace

std::span<const Rule> table_limits() { return kRules; }

}  // namespace dsqlint
