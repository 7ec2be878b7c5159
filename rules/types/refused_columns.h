// The columns of a file whose types Aurora DSQL refuses where they stand, and what else in the file
// depends on them.
#pragma once

#include <optional>
#include <vector>

#include "engine/lint/rule.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {

/// How a refused column is judged: by the family of its type, or by what defines the type.
enum class RefusedKind : uint8_t {
  Array,
  Json,
  Money,
  Network,
  Bits,
  Geometric,
  Xml,
  TextSearch,
  Range,
  System,
  Pseudo,
  Extension,
  UserDefined,  ///< composite, base and row types
  Unknown,      ///< defined nowhere in the input
  KeyBytes,     ///< bytea, which columns may have, in a key of its CREATE TABLE
};

/// What goes when a column goes.
struct Follower {
  size_t statement = 0;
  std::vector<size_t> actions;  ///< of an ALTER TABLE; empty: all of the statement
};

struct RefusedColumn {
  RefusedKind kind = RefusedKind::Unknown;
  size_t statement = 0;
  const pg::ColumnDef* column = nullptr;
  const pg::CreateStmt* create = nullptr;  ///< null: ADD COLUMN
  ObjectName table;
  ResolvedType type;
  /// A later statement that computes with the column, as far as names tell: a view, a function, a
  /// query, an index, a constraint. COPY and INSERT of VALUES do not count. Of a money column only
  /// a SET DEFAULT of an amount with its sign; of a KeyBytes column also the foreign key that binds
  /// its type to another column's.
  std::optional<size_t> use;
  /// Of a text-search column: its indexes and comments, and what renames or drops it.
  std::vector<Follower> followers;
};

/// The columns whose types need a closer look, noted as their statements pass.
struct DoubtfulColumns {
  struct Doubt {
    size_t statement;
    const pg::ColumnDef* column;
    const pg::RangeVar* table;
    const pg::CreateStmt* create;  ///< null: ADD COLUMN
    bool key_bytes;
    bool row;  ///< the type is a table that is there by then, and may have another name later
    std::optional<TypeKind> defined;  ///< what the input has made the type by then
  };
  std::vector<Doubt> all;
};
void note_created_columns(const pg::CreateStmt& create, NoteContext& ctx);
void note_schema_columns(const pg::CreateSchemaStmt& schema, NoteContext& ctx);
void note_added_columns(const pg::AlterTableStmt& alter, NoteContext& ctx);

/// Facts of a file, found once for all rules that ask.
class RefusedColumns {
 public:
  explicit RefusedColumns(ScriptContext& ctx);
  const std::vector<RefusedColumn>& all() const { return columns_; }

 private:
  void find_uses(const ScriptContext& ctx);
  void find_foreign_keys(const ScriptContext& ctx);

  std::vector<RefusedColumn> columns_;
};

}  // namespace dsqlint
