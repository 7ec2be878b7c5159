// Rows that are written by the order of the columns, where fixes of earlier statements change that
// order or the number of columns.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/lint/rule.h"

namespace dsqlint {

/// The columns that tables have had, as far as the order may come to matter.
class ColumnOrders {
 public:
  struct Place {
    std::string name;
    bool generated = false;
    StatementRef added;
  };
  using Places = std::vector<Place>;

  void note(const ObjectName& table, NoteContext& ctx);
  /// The tables that have, or had in this text, generated columns which ADD COLUMN has brought.
  std::set<TableId> extended(const Schema& schema) const;
  /// Those of the table at `statement`, in order.
  Places at(size_t statement, const Table& table, const Schema& schema) const;

 private:
  struct Before {
    size_t statement = 0;  ///< that changes them
    Places places;
  };
  std::map<TableId, std::vector<Before>> by_table_;
};
void note_altered_order(const pg::AlterTableStmt& alter, NoteContext& ctx);
void note_renamed_order(const pg::RenameStmt& rename, NoteContext& ctx);

/// Finds INSERT and COPY that rely on the order of columns which an earlier statement's change of a
/// type does not keep.
void check_written_by_position(ScriptContext& ctx);
/// Finds COPY into a table where the fix of an earlier ADD COLUMN makes a generated column an
/// ordinary one.
void check_copied_by_position(ScriptContext& ctx);

}  // namespace dsqlint
