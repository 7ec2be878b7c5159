// Names for what the fixes of ALTER TABLE add: as PostgreSQL would choose them, and not taken by
// anything in the input.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "engine/catalog/schema.h"
#include "rules/shared/alter_actions.h"

namespace dsqlint {

/// The names of the constraints of one ALTER TABLE; it has to outlive them, and so has `schema`.
class AlterNames {
 public:
  /// `schema` may be null.
  AlterNames(const pg::AlterTableStmt& alter, const Schema* schema);
  /// The constraint's own name, or, if it has none, a name chosen by its kind.
  std::string of(const pg::Constraint& constraint) const;
  /// `table_column_not_null`, for the CHECK that replaces NOT NULL.
  std::string not_null(const std::string& column) const;
  /// `table_column_seq`, in the table's schema, of a column that the statement adds and numbers.
  ObjectName sequence(const std::string& column) const;

 private:
  bool is_taken(const std::string& name) const;
  void name_not_nulls(const pg::AlterTableStmt& alter);
  void name_sequences(const pg::AlterTableStmt& alter);

  ObjectName table_;
  const Schema* schema_;
  std::unordered_set<std::string> given_;
  std::unordered_map<const pg::Constraint*, std::string> chosen_;
  std::unordered_map<std::string, std::string> not_nulls_;  ///< by column
  std::unordered_map<std::string, std::string> sequences_;
};

}  // namespace dsqlint
