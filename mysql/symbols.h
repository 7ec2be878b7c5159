// What the file defines: tables, columns, keys, as MySQL knows them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/text/source.h"
#include "mysql/types.h"

namespace dsqlint::mysql {

/// Half-open range of token indexes within one statement.
struct Span {
  size_t begin = 0;
  size_t end = 0;
  bool empty() const { return begin >= end; }
};

/// `schema`.`name`; the schema is empty where none is written.
struct Name {
  std::string schema;
  std::string name;
  Range range;
};

struct KeyPart {
  std::string column;  ///< empty for a functional part
  int prefix = -1;
  bool desc = false;
  Span expression;  ///< with its brackets
  Range range;
};

enum class KeyKind : uint8_t { Primary, Unique, Index, Fulltext, Spatial };

struct Key {
  KeyKind kind = KeyKind::Index;
  std::string name;
  std::vector<KeyPart> parts;
  Range range;
  Range name_range;
  std::string target;       ///< its name in the output; empty: PostgreSQL chooses
  bool constraint = false;  ///< a constraint in the output, not an index
  bool dropped = false;     ///< not in the output
  bool if_not_exists = false;
};

struct ForeignKey {
  std::string name;
  std::string automatic;  ///< the name that MySQL gives to one without: t_ibfk_1
  std::string target;     ///< its name in the output, where it is written without one, too
  std::vector<std::string> columns;
  Name parent;
  std::vector<std::string> parent_columns;
  std::string on_delete;  ///< CASCADE, SET NULL, …
  std::string on_update;
  std::string match;
  Range range;
};

struct Check {
  std::string name;
  Span expression;  ///< with its brackets
  bool enforced = true;
  Range range;
};

struct Column {
  std::string name;      ///< in the output
  std::string original;  ///< in the input, where it differs: longer than PostgreSQL's names may be
  Range name_range;
  Range range;
  TypeSpec type;
  bool not_null = false;
  bool null_given = false;
  bool auto_increment = false;
  bool primary = false;
  bool unique = false;
  bool invisible = false;
  bool generated = false;
  bool stored = false;
  bool on_update = false;
  bool has_default = false;
  bool inline_references = false;
  bool has_comment = false;
  bool ignores_case = false;  ///< a text that compares without regard to case
  bool positioned = false;    ///< FIRST or AFTER
  Span default_value;
  Span generated_as;  ///< with its brackets
  Range auto_increment_range;
  Range default_range;
  Range on_update_range;
  Range generated_range;
  Range references_range;
  Range comment_range;
  std::string comment;
  std::vector<Check> checks;

  Override override_with = Override::None;
  TargetType target;
  std::string default_text;    ///< as written
  std::string generated_text;  ///< the same, of a generated column's expression
  bool plain_instead = false;  ///< a generated column that became a plain one
  bool blank = false;          ///< an enum that holds '' for what is none of its members
};

/// What MySQL's counter of a table gives, as far as the file's rows tell.
struct Counter {
  int64_t next = 1;
  int64_t first_generated = 0;  ///< 0: every row brings its own id
  bool given = false;           ///< a row brings its own
  bool interleaved = false;     ///< one that is not below the counter, after a generated one
  bool unknown = false;         ///< a query, or rows that may be there already, moved it
  int64_t written = 1;          ///< while rows are written out: its state there

  void generate() {
    if (first_generated == 0) first_generated = next;
    ++next;
  }
  void take(int64_t id) {
    given = true;
    if (id < next) return;
    interleaved = interleaved || first_generated != 0;
    next = id + 1;
  }
};

/// What later statements of the file say about a table, found before it is written.
struct Hindsight {
  bool earlier = false;  ///< an earlier file has created the table: nothing can be put there
  std::map<std::string, Override> overrides;  ///< by column, lower case
  std::string identity_column;                ///< lower case; from MODIFY … AUTO_INCREMENT
  std::vector<std::string> primary_key;       ///< from ADD PRIMARY KEY
  std::string seed;                           ///< from AUTO_INCREMENT = n of a later ALTER
  /// Least and greatest number that the file's INSERTs have for a column, lower case.
  std::map<std::string, std::pair<int64_t, int64_t>> literals;
  std::vector<std::vector<std::string>> key_columns;  ///< of all its indexes, lower case
  std::set<std::string> counted;  ///< flags that are used as numbers, lower case
  std::set<std::string> blanks;   ///< enums that rows have '' for, lower case
  Counter counter;
  std::set<std::string> created;            ///< columns of the CREATE TABLE, lower case
  std::map<std::string, TypeSpec> retyped;  ///< those that a later MODIFY gives another type
  size_t first_unchecked_rows = 0;          ///< the INSERT without foreign key checks; 0: none
  size_t last_rows = 0;                     ///< the last INSERT, counted as that one is
  std::set<std::string> omitted;  ///< columns that an INSERT leaves to their defaults, lower case
};

struct Table {
  std::string schema;
  std::string name;      ///< in the output
  std::string original;  ///< in the input, where it differs
  std::vector<Column> columns;
  std::vector<Key> keys;
  std::vector<ForeignKey> foreign_keys;
  std::string collation;                  ///< of columns that say none
  bool is_view = false;                   ///< or a table made by a query: columns are not known
  std::vector<std::string> view_columns;  ///< of a view, in order; empty: not known
  std::shared_ptr<Hindsight> hindsight = std::make_shared<Hindsight>();

  /// By name, ASCII case aside, as MySQL does; null when there is none.
  const Column* column(std::string_view name) const;
  Column* column(std::string_view name);
  const Key* key(std::string_view name) const;
  const Key* primary_key() const;
  /// The unique keys that are not partial: PRIMARY KEY and UNIQUE.
  std::vector<const Key*> unique_keys() const;
};

/// Relations by name. One that stands on another sees its tables, and copies those it changes.
class Symbols {
 public:
  Symbols() = default;
  /// `below` must outlive it.
  explicit Symbols(const Symbols* below) : below_(below) {}
  Table* find(const Name& name);
  const Table* find(const Name& name) const;
  Table& define(Table table);
  void drop(const Name& name);
  void rename(const Name& from, const Name& to);

  /// `view` reads these relations from now on.
  void reads(const Name& view, const std::vector<Name>& relations);
  /// The views that read any of these, directly or through other views, in the order they were
  /// created in; those given are not among them.
  std::vector<Name> readers(const std::vector<Name>& relations) const;

  /// A relation name that nothing in the file has: `wanted`, else with _2, _3, … Taken from then
  /// on.
  std::string free_name(const std::string& schema, const std::string& wanted);
  void take_name(const std::string& schema, const std::string& name);

 private:
  void forget(const Name& name);
  static std::string key(std::string_view schema, std::string_view name);
  struct Reader {
    size_t number = 0;  ///< counts views as they are created
    Name view;
  };
  const Symbols* below_ = nullptr;
  std::unordered_map<std::string, std::shared_ptr<Table>> tables_;  ///< null: dropped from below
  std::unordered_map<std::string, std::vector<Reader>> readers_;    ///< by what they read
  std::unordered_map<std::string, size_t> views_;                   ///< number of each that exists
  size_t created_views_ = 0;
  std::unordered_set<std::string> relations_;
};

/// Bare where it reads back as the same name, else quoted. Never injects.
std::string identifier(std::string_view name);
std::string qualified(std::string_view schema, std::string_view name);

}  // namespace dsqlint::mysql
