// The schema model: what the statements of a run have made of the database so far. Values only:
// it outlives trees, and statements of earlier files stay known.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/catalog/name_index.h"
#include "engine/parse/object_name.h"
#include "engine/parse/trigger_body.h"
#include "engine/text/source.h"

namespace dsqlint {

class Document;

namespace catalog {
class Catalog;
struct Refused;
}  // namespace catalog

/// Where a statement stands in a run over several files: the file's number among them all, and the
/// statement's in its document. Only those of the current source can be looked up in it: those
/// whose file is at least Schema::file.
struct StatementRef {
  uint32_t file = 0;
  uint32_t index = 0;
  friend auto operator<=>(const StatementRef&, const StatementRef&) = default;
};

/// NOT NULL that was added by ALTER TABLE.
struct LateNotNull {
  enum class By : uint8_t { SetNotNull, AddColumn, SetType } by = By::SetNotNull;
  StatementRef statement;
  uint32_t place = 0;  ///< a byte of the action, in its file
  std::string name;    ///< not taken at that point, for a CHECK that replaces it
};

struct Column {
  std::string name;
  TypeRef type;
  StatementRef added;
  bool not_null = false;
  bool identity = false;
  bool generated = false;
  bool has_default = false;
  std::optional<ObjectName> sequence;  ///< its default is `nextval` of this
  std::optional<LateNotNull> late;     ///< it has become NOT NULL after its CREATE TABLE
};

enum class KeyKind : uint8_t { Primary, Unique };

/// How a key came to its table.
enum class KeyOrigin : uint8_t { CreateTable, AddConstraint, AddColumn, UsingIndex };

struct Key {
  std::string name;  ///< as written, or as the server chooses it
  KeyKind kind = KeyKind::Primary;
  std::vector<std::string> columns;
  std::vector<std::string> included;
  StatementRef added;
  KeyOrigin origin = KeyOrigin::CreateTable;
  uint32_t place = 0;  ///< where it is written, a byte of its file
};

struct Check {
  std::string name;                  ///< as written, or as the server chooses it
  std::vector<std::string> columns;  ///< that it refers to
  StatementRef added;
};

struct ForeignKey {
  std::string name;  ///< as written, or as the server chooses it
  std::vector<std::string> columns;
  ObjectName target;                        ///< its name now
  std::vector<std::string> target_columns;  ///< empty: the primary key
  StatementRef added;
};

struct Index {
  std::string name;  ///< empty: chosen by the server
  bool unique = false;
  StatementRef created;
  std::vector<std::string> columns;  ///< the key; empty for an expression
  std::vector<std::string> included;
  bool partial = false;
};

/// What a later statement did to a table. Of a run of statements of one kind that touch only rows
/// or only mention the table, the first one of each file stands for all.
struct TableEvent {
  StatementRef statement;
  enum class Kind : uint8_t {
    Altered,
    Renamed,  ///< the table or a column of it, or moved to another schema
    Dropped,
    Indexed,
    Unindexed,
    Attached,   ///< made a partition of another table, or no longer one
    Inserted,   ///< rows were added, by INSERT or COPY
    Changed,    ///< rows were changed or removed
    Mentioned,  ///< a view, a function or another table was built on it
  } kind = Kind::Altered;
};

using TableId = uint32_t;

/// What a table is a partition of, or has once been.
struct PartitionOf {
  ObjectName name;               ///< as written
  std::optional<TableId> table;  ///< where the input creates it
  StatementRef since;
};

/// The first change of a column's type after which its place may be another's.
struct Retyped {
  StatementRef statement;
  std::string column;
};

struct Table {
  ObjectName name;
  StatementRef created;
  bool dropped = false;
  bool complete = true;         ///< false: columns come from elsewhere too (LIKE, INHERITS, OF, AS)
  std::vector<Column> columns;  ///< in order, without the dropped ones
  uint32_t dropped_columns = 0;
  std::vector<Key> keys;
  std::vector<Check> checks;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Index> indexes;
  uint32_t statistics = 0;         ///< extended statistics objects, dropped ones left out
  std::vector<TableEvent> events;  ///< in order
  bool seen = true;                ///< false: no statement creates it
  std::optional<PartitionOf> partition_of;
  std::optional<Retyped> retyped;

  const Column* column(std::string_view name) const;
  const Key* primary_key() const;
};

struct Sequence {
  ObjectName name;
  StatementRef created;
  bool dropped = false;
  std::optional<ObjectName> owner;  ///< the table of OWNED BY
  std::string owner_column;
};

/// As declared; without a word functions are volatile.
enum class Volatility : uint8_t { Immutable, Stable, Volatile };

struct Function {
  ObjectName name;
  StatementRef created;
  TypeRef result;  ///< of one row, where it returns a set
  Volatility volatility = Volatility::Volatile;
  bool trigger = false;  ///< RETURNS trigger or event_trigger
  /// Columns of the trigger's row that it sets to the current time, when that is all it does.
  std::vector<std::string> touches;
  TriggerEffects effects;  ///< of a trigger function
};

struct View {
  ObjectName name;
  StatementRef created;
  bool dropped = false;
  bool materialized = false;
};

/// How many there are now.
struct ObjectCounts {
  uint32_t tables = 0;
  uint32_t views = 0;
  uint32_t sequences = 0;  ///< those of identity columns included
};

enum class TypeKind : uint8_t { Enum, Composite, Range, Domain, Base };

struct UserType {
  ObjectName name;
  std::vector<ObjectName> earlier_names;  ///< columns made before may still say them
  TypeKind kind = TypeKind::Base;
  StatementRef created;
  bool dropped = false;
  TypeRef base;                     ///< of a domain
  std::vector<std::string> labels;  ///< of an enum

  bool had_name(const ObjectName& wanted) const;
};

/// Grows by `apply`, in statement order, file after file. Not thread-safe while it grows.
class Schema {
 public:
  /// Starts another source: its statements follow, those of as many files as it has numbers (see
  /// FilePart). Costs next to nothing, however much is known.
  void begin_file(uint32_t numbers = 1);
  /// Forgets what the statements since `begin_file` have changed; costs what they have cost.
  void restart_file();
  /// The number of the first file that is being read, as in StatementRef.
  uint32_t file() const { return file_ == kNoFile ? 0 : file_; }
  /// The objects of that file are those from here on in the lists below: what looks at a file's own
  /// must not pass through all that came before it.
  size_t first_table() const { return first_table_; }
  size_t first_sequence() const { return first_sequence_; }
  size_t first_type() const { return first_type_; }
  size_t first_view() const { return first_view_; }
  /// Takes over what `statement` of `document` changes.
  void apply(const Document& document, uint32_t statement);

  /// All objects, complete, at every statement so far.
  const catalog::Catalog& catalog() const;
  /// What a server would refuse statements of the file for, and what it would have refused those of
  /// the text for from which fixes have made this one.
  const std::vector<catalog::Refused>& refused() const;
  const std::vector<catalog::Refused>& refused_before() const;
  /// Have fixes made the file that is being read from another text?
  bool is_fixed() const;
  /// The number of the document's first file in catalog::Origin::file.
  uint32_t first_origin() const;

  /// By the interop contract's name matching: an unqualified name matches any schema, and a
  /// candidate with the same explicit schema wins. Only tables that exist now.
  const Table* find_table(const ObjectName& name) const;
  /// As find_table, or what is known from statements about a table that the input does not create:
  /// the columns and constraints that they name.
  const Table* find_altered(const ObjectName& name) const;
  const Sequence* find_sequence(const ObjectName& name) const;
  /// Where none has that name now, the newest that has had it.
  const UserType* find_type(const ObjectName& name) const;
  /// The first of that name, whatever its arguments.
  const Function* find_function(const ObjectName& name) const;
  /// The newest of that name: what CREATE OR REPLACE has made of it.
  const Function* latest_function(const ObjectName& name) const;
  /// Calls `visit(function)` for all of that bare name, whatever their schema.
  template <typename Visit>
  void each_function(const std::string& bare_name, Visit&& visit) const {
    functions_by_name_.each(bare_name, [&](uint32_t id) {
      if (functions_[id].name.name == bare_name) visit(functions_[id]);
    });
  }
  const View* find_view(const ObjectName& name) const;
  /// Tables, as numbers in `tables()`, that have had a foreign key to a table of that bare name:
  /// the one it has now.
  const std::vector<TableId>& referring_tables(const std::string& bare_name) const;

  /// All tables ever seen, dropped ones too, in order of creation.
  const std::vector<Table>& tables() const { return tables_; }
  /// Those among them that have become partitions, in that order.
  const std::vector<TableId>& partitions() const { return partitions_; }
  /// Has any of them `retyped`?
  bool any_retyped() const { return any_retyped_; }
  const std::vector<Sequence>& sequences() const { return sequences_; }
  const std::vector<UserType>& types() const { return types_; }
  const std::vector<Function>& functions() const { return functions_; }
  const std::vector<View>& views() const { return views_; }
  const ObjectCounts& counts() const { return counts_; }
  /// Schemas created by CREATE SCHEMA.
  const std::vector<std::pair<ObjectName, StatementRef>>& schemas() const { return schemas_; }
  /// Has a table of that name, in any schema, been given a constraint of that name? Tables that the
  /// input does not create count, and names that the server chose.
  bool has_constraint(const ObjectName& table, std::string_view name) const;
  /// How many of `base`, `base1`, `base2` … are certainly taken by constraints of such a table,
  /// because the server had to choose a name of that form before.
  size_t chosen_names(const ObjectName& table, std::string_view base) const;

 private:
  friend class SchemaBuilder;

  struct ConstraintNames {
    NameSet<> taken;
    NameMap<size_t> chosen;  ///< base → how many
  };

  /// The catalog, and where in it the file begins: a value whose parts only schema.cc knows.
  class Run {
   public:
    Run();
    Run(const Run& other);
    Run(Run&& other) noexcept;
    Run& operator=(Run other) noexcept;
    ~Run();

    void begin();
    void restart();
    void apply(const Document& document, uint32_t statement);
    struct Parts;
    const Parts& parts() const { return *parts_; }

   private:
    std::unique_ptr<Parts> parts_;
  };

  /// What can be taken back begins here.
  void mark();
  /// To be called before the objects or entries are changed. What earlier files made is kept as it
  /// was, once per file; what this file made goes as a whole.
  template <auto objects>
  void keep(uint32_t id);
  template <auto map>
  void keep_entry(const std::string& key);
  template <auto names>
  void keep_names(const std::string& name);
  bool keeps() const { return file_ != kNoFile && file_ != 0; }

  Run run_;
  static constexpr uint32_t kNoFile = static_cast<uint32_t>(-1);
  uint32_t file_ = kNoFile;
  uint32_t numbers_ = 1;  ///< of files in the source that is being read
  size_t first_table_ = 0;
  size_t first_sequence_ = 0;
  size_t first_type_ = 0;
  size_t first_view_ = 0;
  std::vector<std::function<void(Schema&)>> undo_;   ///< in the order of the changes
  std::set<std::pair<const void*, uint32_t>> kept_;  ///< list and number of the objects kept
  std::set<std::pair<const void*, std::string>> kept_entries_;

  std::vector<Table> tables_;
  std::vector<TableId> partitions_;
  bool any_retyped_ = false;  ///< never reset: it only saves look-ups
  std::vector<Sequence> sequences_;
  std::vector<UserType> types_;
  std::vector<Function> functions_;
  std::vector<View> views_;
  ObjectCounts counts_;
  size_t copied_ = 0;  ///< columns, keys and the like by LIKE; never reset: it is an upper bound
  std::vector<std::pair<ObjectName, StatementRef>> schemas_;
  // By bare name; the values index the vectors above.
  NameIndex tables_by_name_;
  NameIndex sequences_by_name_;
  NameIndex types_by_name_;
  NameIndex functions_by_name_;
  NameIndex views_by_name_;
  NameIndex index_tables_;  ///< tables by the names of their indexes and keys
  NameMap<std::vector<TableId>> referring_tables_;
  NameMap<TableId> statistics_tables_;         ///< by the name of the statistics object
  NameMap<ConstraintNames> constraint_names_;  ///< by bare table name
  NameMap<Table> unseen_;                      ///< by bare name
};

}  // namespace dsqlint
