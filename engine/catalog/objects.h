// What a database holds, as plain values: complete objects, as the statements or a server made
// them. They outlive trees and sources.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/parse/object_name.h"

namespace dsqlint::catalog {

/// The number of an object in its catalog: it stays when the object is renamed or moved. Those of
/// two catalogs have nothing to do with each other.
using ObjectId = uint32_t;
inline constexpr ObjectId kNoObject = static_cast<ObjectId>(-1);

/// The number of a column in its relation, from 1 on: as PostgreSQL's attnum, it is never used
/// again.
using ColumnId = uint16_t;

/// What made an object or a part of it.
struct Origin {
  enum class Kind : uint8_t {
    Statement,  ///< one of a file
    Live,       ///< a database had it
  } kind = Kind::Statement;
  uint32_t file = 0;       ///< counted over all that was applied; of Statement only
  uint32_t statement = 0;  ///< its number in its document
  uint32_t place = 0;      ///< the byte where it begins in its file
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// A part of a syntax tree as the bytes of its pg_query.Node, with the names that its objects have
/// now: renaming changes it. Empty: there is none. See print.h for its SQL.
struct Tree {
  std::string node;
  explicit operator bool() const { return !node.empty(); }
  friend bool operator==(const Tree&, const Tree&) = default;
};

/// A type of a column, a domain or an argument.
struct DataType {
  TypeRef ref;                ///< as written, by PostgreSQL's internal names; for user's types: the
                              ///< name that it had then
  ObjectId type = kNoObject;  ///< the user-defined type that `ref` means, where the catalog has it
  friend bool operator==(const DataType&, const DataType&) = default;
};

enum class Identity : uint8_t { None, Always, ByDefault };

struct Column {
  std::string name;
  ColumnId id = 0;
  DataType type;
  ObjectName collation;  ///< COLLATE, as written; empty: the type's own
  bool not_null = false;
  Identity identity = Identity::None;
  bool generated = false;         ///< GENERATED ALWAYS AS (default_value) STORED
  Tree default_value;             ///< the default or the generating expression
  ObjectId sequence = kNoObject;  ///< of an identity or a serial column: the one it owns
  std::string storage = {};       ///< SET STORAGE, in lower case; empty: the type's own
  std::string compression = {};
  std::string comment = {};
  bool inherited = false;  ///< by INHERITS or PARTITION OF, not written in the table itself
  Origin origin = {};
};

enum class ConstraintKind : uint8_t { Check, PrimaryKey, Unique, ForeignKey, Exclusion };

/// Of a foreign key, when the row it refers to changes or goes.
enum class KeyAction : uint8_t { NoAction, Restrict, Cascade, SetNull, SetDefault };

/// A constraint of a table or a domain.
struct Constraint {
  std::string name;  ///< as written, or as the server chooses it
  ConstraintKind kind = ConstraintKind::Check;
  std::vector<ColumnId> columns;  ///< of a key its own, of a check those that it refers to
  Tree expression;                ///< of a check
  ObjectId index = kNoObject;     ///< of a key or an exclusion constraint
  ObjectId target = kNoObject;    ///< of a foreign key: the table it refers to
  ObjectName target_name = {};    ///< the same as written, where the catalog has no such table
  std::vector<ColumnId> target_columns = {};
  std::vector<std::string> target_column_names = {};  ///< where the catalog has no such table
  std::vector<ColumnId> set_columns = {};             ///< ON DELETE SET NULL (columns); empty: all
  KeyAction on_update = KeyAction::NoAction;
  KeyAction on_delete = KeyAction::NoAction;
  bool match_full = false;
  bool deferrable = false;
  bool deferred = false;  ///< INITIALLY DEFERRED
  bool valid = true;      ///< false: NOT VALID
  bool no_inherit = false;
  bool inherited = false;
  std::string comment = {};
  Origin origin = {};
};

/// A trigger, a policy or a rule of a relation: its name is taken there alone.
struct Attachment {
  enum class Kind : uint8_t { Trigger, Policy, Rule } kind = Kind::Trigger;
  std::string name;
  Tree statement;                 ///< its CREATE statement
  ObjectId function = kNoObject;  ///< of a trigger
  char enabled = 'O';             ///< as pg_trigger.tgenabled: O, D, R, A
  std::string comment = {};
  Origin origin = {};
};

/// One `name = value` of WITH (…) or SET (…); the value as written, without quotes.
struct Option {
  std::string name;
  std::string value;
  friend bool operator==(const Option&, const Option&) = default;
};

enum class Persistence : uint8_t { Permanent, Unlogged, Temporary };

/// A name that a column of the relation had once.
struct FormerColumn {
  std::string name;
  ColumnId column = 0;
  Origin by;  ///< what dropped or renamed it
};

struct Table {
  /// In order. Shared by the versions of the table that have not changed them.
  std::vector<std::shared_ptr<const Column>> columns;
  ColumnId next_column = 1;
  std::vector<FormerColumn> former;  ///< the latest ones, oldest first
  /// False: it may have columns that are not known (LIKE or INHERITS of a table that the input does
  /// not have, a query whose columns cannot be told).
  bool complete = true;
  std::vector<std::shared_ptr<const Constraint>> constraints;
  std::vector<std::shared_ptr<const Attachment>> attachments;
  Persistence persistence = Persistence::Permanent;
  bool row_security = false;
  bool force_row_security = false;
  bool foreign = false;                ///< CREATE FOREIGN TABLE
  char replica_identity = 'd';         ///< as pg_class.relreplident: d, n, f, i
  ObjectId replica_index = kNoObject;  ///< of `i`
  std::vector<ObjectId> parents = {};  ///< INHERITS, or the one table it is a partition of
  bool partition = false;              ///< PARTITION OF, or attached
  Tree partition_bound = {};           ///< FOR VALUES …
  Tree partition_by = {};              ///< PARTITION BY …
  DataType of_type = {};               ///< CREATE TABLE … OF type
  std::vector<Option> options = {};    ///< WITH (…)
  std::string access_method = {};

  const Column* column(std::string_view name) const;
  const Column* column(ColumnId id) const;
  const Constraint* constraint(std::string_view name) const;
  const Constraint* primary_key() const;
};

/// A view or a materialized view.
struct View {
  std::vector<std::shared_ptr<const Column>> columns;  ///< a type without a name: not known
  bool complete = true;                                ///< false: not all columns are known
  Tree query;
  bool materialized = false;
  bool populated = true;  ///< of a materialized view: not WITH NO DATA
  bool recursive = false;
  bool temporary = false;
  std::string check_option = {};  ///< "local", "cascaded" or empty
  std::vector<Option> options = {};
  std::vector<ObjectId> relations = {};  ///< that its query reads
  std::vector<std::shared_ptr<const Attachment>> attachments = {};

  const Column* column(std::string_view name) const;
};

struct IndexKey {
  ColumnId column = 0;  ///< 0: an expression
  Tree expression = {};
  ObjectName opclass = {};
  ObjectName collation = {};
  bool descending = false;
  bool nulls_first = false;  ///< as it is, written or not
};

struct Index {
  ObjectId table = kNoObject;
  std::string method = "btree";
  std::vector<IndexKey> keys;
  std::vector<ColumnId> included;
  Tree predicate;
  bool unique = false;
  bool primary = false;
  bool of_constraint = false;  ///< a constraint of its name owns it
  bool nulls_not_distinct = false;
  bool valid = true;
  bool asynchronous = false;  ///< CREATE INDEX ASYNC
  std::vector<Option> options = {};
};

struct Sequence {
  TypeRef type;  ///< AS; no name: bigint
  int64_t increment = 1;
  std::optional<int64_t> start = std::nullopt;
  std::optional<int64_t> minimum = std::nullopt;  ///< nothing: the type's, by direction
  std::optional<int64_t> maximum = std::nullopt;
  int64_t cache = 1;
  bool cycle = false;
  bool identity = false;       ///< it belongs to an identity column, and cannot be dropped alone
  ObjectId owner = kNoObject;  ///< OWNED BY, or the table of the serial or identity column
  ColumnId owner_column = 0;
  Persistence persistence = Persistence::Permanent;
};

enum class UserTypeKind : uint8_t { Enum, Composite, Range, Domain, Base, Shell };

struct UserType {
  UserTypeKind kind = UserTypeKind::Base;
  std::vector<std::string> labels = {};  ///< of an enum, in order
  DataType base = {};                    ///< of a domain
  ObjectName collation = {};
  bool not_null = false;
  Tree default_value = {};
  std::vector<std::shared_ptr<const Constraint>> constraints = {};
  std::vector<std::shared_ptr<const Column>> attributes = {};  ///< of a composite type
  ColumnId next_attribute = 1;
  Tree statement = {};  ///< of a range or base type: its CREATE statement
};

/// As declared.
enum class FunctionVolatility : uint8_t { Immutable, Stable, Volatile };

struct Argument {
  std::string name;
  char mode = 'i';  ///< as pg_proc.proargmodes: i, o, b, v, t
  DataType type;
  Tree default_value = {};
};

struct Function {
  enum class Kind : uint8_t { Function, Procedure, Aggregate } kind = Kind::Function;
  std::vector<Argument> arguments;
  DataType result;
  bool returns_set = false;
  std::string language;  ///< in lower case
  FunctionVolatility volatility = FunctionVolatility::Volatile;
  bool strict = false;
  bool security_definer = false;
  Tree statement;  ///< its CREATE statement
};

/// CREATE SCHEMA; `public` is there from the beginning.
struct Namespace {};

struct Statistics {
  ObjectId table = kNoObject;
  std::vector<ColumnId> columns;
  Tree statement;  ///< its CREATE statement
};

struct Extension {
  std::string version = {};
};

/// In the order of Object::what.
enum class ObjectKind : uint8_t {
  Table,
  View,
  Index,
  Sequence,
  Type,
  Function,
  Schema,
  Statistics,
  Extension
};
/// "table", "view" …, as messages of PostgreSQL say it.
std::string_view kind_word(ObjectKind kind);

/// GRANT … ON the object, by role.
struct Privilege {
  std::string role;                     ///< "public" for PUBLIC
  std::vector<std::string> privileges;  ///< in lower case, sorted; "all"
  std::vector<std::string> columns;     ///< of a column privilege
  bool grant_option = false;
  friend bool operator==(const Privilege&, const Privilege&) = default;
};

/// What few objects have.
struct Remarks {
  std::string comment = {};
  std::string owner = {};  ///< OWNER TO, AUTHORIZATION; empty: who ran the statement
  std::vector<Privilege> privileges = {};
};

struct Object {
  /// With its schema, the one it stands in: `public`, where search_path says no other. Of a schema
  /// or an extension without.
  ObjectName name;
  Origin created;
  Origin changed;  ///< by what this version was made
  std::shared_ptr<const Remarks> remarks = nullptr;
  std::variant<Table, View, Index, Sequence, UserType, Function, Namespace, Statistics, Extension>
      what;

  ObjectKind kind() const { return static_cast<ObjectKind>(what.index()); }
  const Table* table() const { return std::get_if<Table>(&what); }
  const View* view() const { return std::get_if<View>(&what); }
  const Index* index() const { return std::get_if<Index>(&what); }
  const Sequence* sequence() const { return std::get_if<Sequence>(&what); }
  const UserType* type() const { return std::get_if<UserType>(&what); }
  const Function* function() const { return std::get_if<Function>(&what); }
  const Statistics* statistics() const { return std::get_if<Statistics>(&what); }
  /// The columns of a table, a view or a composite type; empty for others.
  const std::vector<std::shared_ptr<const Column>>& columns() const;
  const Column* column(std::string_view name) const;
};

}  // namespace dsqlint::catalog
