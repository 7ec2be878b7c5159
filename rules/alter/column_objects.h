// What a new column has to get when it takes the place of one whose type changes: the default, the
// rule that it is not null, unique indexes and foreign keys.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/lint/rule.h"
#include "rules/shared/alter_actions.h"

namespace dsqlint {

/// Where the file writes the defaults of its columns, as far as its statements have passed.
class ColumnDefaults {
 public:
  struct Source {
    size_t statement = 0;
    const pg::Node* value = nullptr;
    const pg::ColumnDef* column = nullptr;  ///< null: SET DEFAULT
  };
  void note(const pg::AlterTableStmt& alter, NoteContext& ctx);
  void note(const pg::RenameStmt& rename, NoteContext& ctx);
  void note(AstRef creation, NoteContext& ctx) { creations_.emplace(ctx.index(), creation); }

  /// Does an earlier ALTER TABLE set or drop the column's default?
  bool is_set(const Table& table, const std::string& column, const Schema& schema) const;
  /// Of the default that the column has now; nothing where another file writes it.
  std::optional<Source> find(const Table& table, const Column& column, const Schema& schema) const;

 private:
  using Place = std::pair<uint32_t, std::string>;  ///< number in Schema::tables(), column
  std::map<Place, Source> set_;                    ///< by ALTER TABLE
  std::map<Place, std::string> first_names_;       ///< of columns that have another one now
  std::unordered_map<size_t, AstRef> creations_;   ///< of tables, by statement
};
void note_set_defaults(const pg::AlterTableStmt& alter, NoteContext& ctx);
void note_moved_defaults(const pg::RenameStmt& rename, NoteContext& ctx);
void note_created_defaults(const pg::CreateStmt& create, NoteContext& ctx);
void note_schema_defaults(const pg::CreateSchemaStmt& schema, NoteContext& ctx);

/// The default that a column has now, where this file writes it.
struct KnownDefault {
  const pg::Node* value = nullptr;
  std::string text;  ///< as SQL, on one line
};
std::optional<KnownDefault> known_default(const Table& table, const Column& column,
                                          const SchemaContext& ctx);

/// The CHECK that stands for NOT NULL of the column, as the fixes name it.
const Check* not_null_check(const Table& table, const std::string& column);

/// Statements that give the new column what the old one had, and what remains to be said.
struct Successors {
  std::vector<std::string> steps;
  std::vector<Note> notes;
};
/// `parts` is the ALTER TABLE that changes the type of `column`. Its name is that of the new column
/// when the steps run, and the old one is called `old` then.
Successors successors(const Table& table, const std::string& column, const std::string& old,
                      const AlterTable& parts, const SchemaContext& ctx);

}  // namespace dsqlint
