// Where a statement defines columns of tables: CREATE TABLE, also inside CREATE SCHEMA, and
// ALTER TABLE … ADD COLUMN. Column lists of functions, types and foreign tables are not included.
#pragma once

#include <algorithm>

#include "engine/lint/rule.h"
#include "engine/parse/ranges.h"

namespace dsqlint {

enum class ColumnPlace : uint8_t { None, Created, Added };

/// Where the ColumnDef of a node rule is.
inline ColumnPlace column_place(const Context& ctx) {
  const auto parents = ctx.parents();
  if (parents.empty()) return ColumnPlace::None;
  const AstRef parent = parents.back();
  if (parent.kind == NodeCaseOf<pg::CreateStmt>::value) {
    const bool foreign = parents.size() > 1 && parents[parents.size() - 2].kind ==
                                                   NodeCaseOf<pg::CreateForeignTableStmt>::value;
    return foreign ? ColumnPlace::None : ColumnPlace::Created;
  }
  if (const auto* cmd = parent.as<pg::AlterTableCmd>()) {
    const auto* alter = parents[0].as<pg::AlterTableStmt>();
    if (cmd->subtype() == pg::AT_AddColumn && alter != nullptr &&
        alter->objtype() == pg::OBJECT_TABLE) {
      return ColumnPlace::Added;
    }
  }
  return ColumnPlace::None;
}

/// Is the ColumnDef of a node rule part of a query: `f() AS t(a integer)`, perhaps in ROWS FROM?
inline bool in_definition_list(const Context& ctx) {
  const auto parents = ctx.parents();
  const auto near = parents.last(std::min<size_t>(parents.size(), 3));
  return std::any_of(near.begin(), near.end(),
                     [](AstRef parent) { return parent.as<pg::RangeFunction>() != nullptr; });
}

/// The tables that a statement creates.
template <typename Visit>
void each_created_table(AstRef tree, Visit&& visit) {
  if (const auto* create = tree.as<pg::CreateStmt>()) {
    visit(*create);
  } else if (const auto* schema = tree.as<pg::CreateSchemaStmt>()) {
    for (const pg::Node& element : schema->schema_elts()) {
      if (element.has_create_stmt()) visit(element.create_stmt());
    }
  }
}

/// The columns that a statement defines: `visit(column, table, create)`, where `create` is null for
/// an added column.
template <typename Visit>
void each_column(AstRef tree, Visit&& visit) {
  each_created_table(tree, [&](const pg::CreateStmt& create) {
    for (const pg::Node& element : create.table_elts()) {
      if (element.has_column_def()) visit(element.column_def(), create.relation(), &create);
    }
  });
  const auto* alter = tree.as<pg::AlterTableStmt>();
  if (alter == nullptr || alter->objtype() != pg::OBJECT_TABLE) return;
  for (const pg::Node& node : alter->cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() == pg::AT_AddColumn && cmd.def().has_column_def()) {
      visit(cmd.def().column_def(), alter->relation(), static_cast<const pg::CreateStmt*>(nullptr));
    }
  }
}

}  // namespace dsqlint
