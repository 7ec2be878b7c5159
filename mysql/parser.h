// Definitions as MySQL writes them: CREATE TABLE, ALTER TABLE, keys, columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mysql/cursor.h"
#include "mysql/symbols.h"

namespace dsqlint::mysql {

struct TableOptions {
  std::string engine;
  std::string auto_increment;
  std::string comment;
  bool has_comment = false;
  std::string charset;
  std::string collation;
  Range engine_range;
  Range comment_range;
  Range partition_range;
  bool partitioned = false;
};

struct CreateTable {
  Name name;
  bool temporary = false;
  bool or_replace = false;
  bool if_not_exists = false;
  std::optional<Name> like;
  std::vector<Column> columns;
  std::vector<Key> keys;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Check> checks;
  TableOptions options;
  Span elements;     ///< the tokens between the brackets
  size_t query = 0;  ///< the token where `SELECT …` begins; 0: none
};

enum class ActionKind : uint8_t {
  AddColumn,
  DropColumn,
  ChangeColumn,  ///< MODIFY and CHANGE
  SetDefault,
  DropDefault,
  RenameColumn,
  RenameTable,
  RenameIndex,
  AddKey,
  AddForeignKey,
  AddCheck,
  DropKey,
  DropPrimaryKey,
  DropForeignKey,
  DropConstraint,
  AutoIncrement,
  Comment,
  Storage,  ///< of no meaning for the target: ENGINE, CONVERT TO, ALGORITHM, …
  Partition,
  Unknown,
};

struct Action {
  ActionKind kind = ActionKind::Unknown;
  Column column;
  std::string old_name;
  std::string new_name;
  Name table;
  Key key;
  ForeignKey foreign_key;
  Check check;
  Span value;
  std::string text;
  bool if_exists = false;
  Range range;
};

struct AlterTable {
  Name name;
  bool if_exists = false;
  std::vector<Action> actions;
};

/// Each begins after CREATE TABLE / ALTER TABLE and reads to the end of the statement.
CreateTable parse_create_table(Cursor& cursor);
AlterTable parse_alter_table(Cursor& cursor);
/// A default without brackets: a literal, or a function with its own.
Span default_value(Cursor& cursor);
/// [CONSTRAINT [name]] in front of a key or CHECK.
std::string constraint_name(Cursor& cursor);
bool begins_key(const Cursor& cursor);
Key parse_key(Cursor& cursor, std::string constraint);
/// From REFERENCES on.
void parse_references(Cursor& cursor, ForeignKey& key);
/// After CHECK.
void parse_check(Cursor& cursor, Check& check);
/// After the column's name.
Column parse_column(Cursor& cursor, std::string name, Range name_range);
/// `(a, b(20) desc, (lower(c)))`
std::vector<KeyPart> parse_key_parts(Cursor& cursor);
/// USING BTREE, COMMENT 'x', WITH PARSER p, KEY_BLOCK_SIZE n, [IN]VISIBLE …
void skip_key_options(Cursor& cursor);

}  // namespace dsqlint::mysql
