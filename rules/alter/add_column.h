// Taking ADD COLUMN apart: a bare column, and what it shall have in statements of its own.
#pragma once

#include <optional>

#include "engine/lint/rule.h"
#include "rules/shared/alter_actions.h"
#include "rules/shared/alter_names.h"

namespace dsqlint {

/// What the fixes for all columns that one ALTER TABLE adds have in common: read once, for there
/// may be thousands of them. `alter` and `ctx` have to outlive it.
class AddedColumns {
 public:
  AddedColumns(const pg::AlterTableStmt& alter, const SchemaContext& ctx);

  /// The fix for ADD COLUMN with anything behind its type, or with a serial type: nothing where a
  /// part has no form of its own (PRIMARY KEY), or none yet at the engine's date. A generated
  /// column becomes an ordinary one that is filled once. Where the table has the column already,
  /// only the bare column is left.
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

/// What becomes of rows that are there when a numbered column is added.
Note numbering_note();
/// What becomes of a column that is_there.
Note there_note(const pg::ColumnDef& column);

}  // namespace dsqlint
