// Taking ADD COLUMN apart: a bare column, and what it shall have in statements of its own.
#pragma once

#include <optional>

#include "engine/rule.h"

namespace dsqlint {

/// The fix for ADD COLUMN with anything behind its type, or with a serial type: nothing where a
/// part has no form of its own (PRIMARY KEY, a generated column), or none yet at the engine's date.
/// `schema` may be null; it keeps generated names free.
std::optional<Fix> split_added_column(const pg::AlterTableStmt& alter, const pg::ColumnDef& column,
                                      const Context& ctx, const Schema* schema);

/// What becomes of rows that are there when a numbered column is added.
Note numbering_note();

}  // namespace dsqlint
