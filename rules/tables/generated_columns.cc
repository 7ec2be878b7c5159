// generated_not_immutable: GENERATED ALWAYS AS … STORED may only depend on the row.

#include <array>
#include <optional>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "rules/expressions/expression_type.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "generated_not_immutable",
    .summary = "a generated column may only depend on the row",
    .why =
        "Functions and casts in its expression have to be immutable, as in PostgreSQL:\n"
        "the current time, settings such as the time zone, and random values do not\n"
        "come from the row.",
    .bad = "create table t (a text, seen timestamptz generated always as (now()) stored);",
    .good = "create table t (a text, seen timestamptz default now());",
};

/// The columns that the statement defines, for what the casts of its expressions do.
Table own_columns(const pg::CreateStmt& create) {
  Table table;
  for (const pg::Node& element : create.table_elts()) {
    if (!element.has_column_def()) continue;
    Column& column = table.columns.emplace_back();
    column.name = element.column_def().colname();
    column.type = type_ref(element.column_def().type_name());
  }
  return table;
}

void check_table(const pg::CreateStmt& create, SchemaContext& ctx) {
  std::optional<Table> own;
  for (const pg::Node& element : create.table_elts()) {
    for (const pg::Node& node : element.column_def().constraints()) {
      const pg::Constraint& constraint = node.constraint();
      if (constraint.contype() != pg::CONSTR_GENERATED) continue;
      if (!own) own = own_columns(create);
      const ExpressionNames names = table_names(&*own, ctx.schema());
      const auto part = analyze_expression(constraint.raw_expr(), names).mutable_part;
      if (!part) continue;
      const std::string name = quote_identifier(element.column_def().colname());
      const size_t token = ctx.token_at(part->location);
      Diagnostic finding{.range = token == Tokens::npos ? ctx.head() : ctx.tokens().range(token)};
      finding.message =
          "generated column `" + element.column_def().colname() + "` may only depend on the row";
      finding.notes.push_back({part->reason});
      finding.help = "make `" + name + "` a plain column that the application writes, give it a " +
                     "DEFAULT, or compute it in a view";
      if (!part->help.empty()) finding.help = part->help + "; or " + finding.help;
      ctx.report(std::move(finding));
    }
  }
}

void check_in_schema(const pg::CreateSchemaStmt& schema, SchemaContext& ctx) {
  for (const pg::Node& element : schema.schema_elts()) {
    if (element.has_create_stmt()) check_table(element.create_stmt(), ctx);
  }
}

constexpr std::array kRules = {rule<check_table>(kInfo), rule<check_in_schema>(kInfo)};

}  // namespace

std::span<const Rule> generated_columns() { return kRules; }

}  // namespace dsqlint
