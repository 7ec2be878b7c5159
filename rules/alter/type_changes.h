// Columns whose types a file changes: a new column replaces each, and the old one may be kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/catalog/schema.h"
#include "engine/lint/rule.h"

namespace dsqlint {

/// Is the old column kept? It is only dropped if nothing depends on it and the table, created in
/// `file`, is empty: filling the new column may fail half-way, and a script may continue anyway.
/// `table` is null where the input does not show it.
bool old_column_stays(const Table* table, const std::string& name, uint32_t file);

/// `base`, or the first of `base_2`, `base_3` … that is not taken.
template <typename Taken>
std::string first_free(const std::string& base, const Taken& taken) {
  std::string name = base;
  for (size_t i = 2; taken(name); ++i) name = base + "_" + std::to_string(i);
  return name;
}

/// The name of the old column then, one that neither the table nor `taken` has. An earlier file may
/// have changed the type as well and left `name_old`, whether its own fix is applied already or
/// not: the number of the file keeps the two apart.
std::string old_column_name(const std::string& name, const Table* table, uint32_t file,
                            const std::set<std::string>& taken = {});

/// Is it a statement of the text that is being checked, so that all since then has been noted?
inline bool in_text(StatementRef statement, const Schema& schema) {
  return statement.file >= schema.file();
}

/// The type of the input that a column of type `type` got when it was made by `added`: a later type
/// may have got that name since.
const UserType* type_since(const TypeRef& type, StatementRef added, const Schema& schema);

/// The changes of types that the text still contains, in its order.
class TypeChanges {
 public:
  /// A column that is kept beside the one that replaces it.
  struct Kept {
    std::string table;   ///< as SQL
    std::string column;  ///< as SQL, by the name it gets
  };
  /// A type that DROP TYPE or DROP DOMAIN names.
  struct DroppedType {
    std::optional<uint32_t> type;  ///< in Schema::types(); empty: the input does not create it
    std::optional<Kept> kept;      ///< the first column that has it, or may have it, by then
  };

  void note(const pg::AlterTableStmt& alter, NoteContext& ctx);
  void note(const pg::RenameStmt& rename, NoteContext& ctx);
  void note(const pg::DropStmt& drop, NoteContext& ctx);

  /// Does an earlier statement change the type of that column? By the names that they have now.
  bool pending(const ObjectName& table, const std::string& column, const Schema& schema) const;
  /// Names of columns that the statements so far give to old ones.
  const std::set<std::string>& names(const ObjectName& table, const Schema& schema) const;
  /// The type of the input that the column has now, as its number in Schema::types().
  std::optional<uint32_t> type_of(const Table& table, const Column& column,
                                  const Schema& schema) const;
  /// What DROP TYPE or DROP DOMAIN, `statement`, drops, in its order.
  const std::vector<DroppedType>& dropped_by(size_t statement) const;

 private:
  struct Changed {
    /// By column: its type in Schema::types() after the change, if it is one of the input.
    std::map<std::string, std::optional<uint32_t>> types;
    std::set<std::string> names;  ///< that old columns get, and those of RENAME COLUMN
  };
  /// The first column of that type that an earlier fix has kept.
  std::optional<Kept> kept_before(uint32_t type, const Schema& schema) const;

  std::unordered_map<std::string, Changed> changed_;  ///< by table
  std::unordered_map<uint32_t, Kept>
      kept_;                     ///< by their type in Schema::types(), the first of each
  std::optional<Kept> unknown_;  ///< the first whose type is not known
  std::unordered_map<size_t, std::vector<DroppedType>> drops_;
};

void note_type_changes(const pg::AlterTableStmt& alter, NoteContext& ctx);
void note_renamed_columns(const pg::RenameStmt& rename, NoteContext& ctx);
void note_dropped_types(const pg::DropStmt& drop, NoteContext& ctx);

}  // namespace dsqlint
