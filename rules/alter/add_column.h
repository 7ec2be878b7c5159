// Splitting ADD COLUMN: the column with its type only, and the rest in separate statements.
#pragma once

#include <optional>

#include "engine/lint/rule.h"
#include "rules/shared/alter_actions.h"
#include "rules/shared/alter_names.h"

namespace dsqlint {

/// What the fixes for all columns that one ALTER TABLE adds have in common: read once, because
/// there may be thousands of them. `alter` and `ctx` have to outlive it.
class AddedColumns {
 public:
  AddedColumns(const pg::AlterTableStmt& alter, const SchemaContext& ctx);

  /// The fix for ADD COLUMN with anything after its type, or with a serial type: nothing if a part
  /// cannot be added by a separate statement (PRIMARY KEY), or not yet at the engine's date. A
  /// generated column becomes an ordinary one that is filled once. If the table has the column
  /// already, only the column with its type is left.
  std::optional<Fix> split(const pg::AlterTableCmd& cmd) const;
  /// IF NOT EXISTS of a column that the table has: the action does nothing.
  bool is_there(const pg::AlterTableCmd& cmd) const;

 private:
  friend class AddedColumn;

  const pg::AlterTableStmt& alter_;
  const SchemaContext& ctx_;
  AlterTable table_;
  AlterNames names_;
};

/// Calls `visit(cmd, column)` for the columns that ALTER TABLE adds.
template <typename Visit>
void each_added_column(const pg::AlterTableStmt& alter, Visit&& visit) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() == pg::AT_AddColumn && cmd.def().has_column_def()) {
      visit(cmd, cmd.def().column_def());
    }
  }
}

/// What happens to existing rows when a numbered column is added.
Note numbering_note();
/// What happens to a column that is_there.
Note there_note(const pg::ColumnDef& column);

}  // namespace dsqlint
