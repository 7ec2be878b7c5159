// Names for what the fixes of ALTER TABLE add: as PostgreSQL would choose them, and not taken by
// anything the input tells of.
#pragma once

#include <string>

#include "engine/schema.h"
#include "rules/alter_actions.h"

namespace dsqlint {

/// The name of a constraint that has none, by its kind; `column` when it is a column's.
std::string constraint_name(const pg::Constraint& constraint, const std::string& column,
                            const pg::AlterTableStmt& alter, const Schema* schema);
/// `table_column_not_null`, for the CHECK that stands for NOT NULL.
std::string not_null_name(const std::string& column, const pg::AlterTableStmt& alter,
                          const Schema* schema);
/// `table_column_seq`, in the table's schema.
ObjectName sequence_name(const std::string& column, const pg::AlterTableStmt& alter,
                         const Schema* schema);

}  // namespace dsqlint
