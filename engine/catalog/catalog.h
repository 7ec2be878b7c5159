// The catalog: what exists at every statement of a history, as a timeline per name and per object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/catalog/name_index.h"
#include "engine/catalog/objects.h"

namespace dsqlint::catalog {

/// Names of one space and one schema are taken once; relations are tables, views, indexes and
/// sequences.
enum class NameSpace : uint8_t {
  Schema,
  Relation,
  Type,
  Function,
  Constraint,
  Statistics,
  Extension
};
NameSpace name_space(ObjectKind kind);

/// A moment of a catalog: so many steps have been made. Steps are numbered by statement that
/// changes something.
using Step = uint32_t;

class Catalog;

/// Why a name means nothing now.
struct Absence {
  enum class Why : uint8_t {
    NeverThere,  ///< nothing known has had the name
    Dropped,
    Renamed,  ///< or moved to another schema
    Unmade,   ///< a text that was cut had made it, and the one in its place does not
  } why = Why::NeverThere;
  Origin by = {};       ///< what dropped or renamed it, or had made it
  ObjectName now = {};  ///< of Renamed: its name after that
  ObjectKind kind = ObjectKind::Table;
};

/// The catalog at one moment: a plain value of two words. Good as long as the catalog is, and until
/// the catalog is cut back to before that moment. What it gives out is good as long.
class State {
 public:
  State() = default;
  State(const Catalog& catalog, Step step) : catalog_(&catalog), step_(step) {}
  Step step() const { return step_; }

  /// The object of exactly that schema; kNoObject where there is none. Of functions the newest of
  /// the name.
  ObjectId find_in(NameSpace space, std::string_view schema, std::string_view name) const;
  /// As a session with that search path means it: pg_temp first, then the path, where the name has
  /// no schema. Where the path has nothing of that name, what another schema has of it: inputs do
  /// not always say their path.
  ObjectId find(NameSpace space, const ObjectName& name,
                const std::vector<std::string>& path = default_path()) const;
  /// Null where it does not exist at that moment.
  const Object* get(ObjectId id) const;
  const Object* get(NameSpace space, const ObjectName& name,
                    const std::vector<std::string>& path = default_path()) const {
    return get(find(space, name, path));
  }
  /// Of a name that `find` does not find.
  Absence absence(NameSpace space, const ObjectName& name,
                  const std::vector<std::string>& path = default_path()) const;
  /// Of a column that the relation or type does not have now: NeverThere, Dropped, or Renamed, then
  /// `now` is the column's name in `name`.
  Absence column_absence(ObjectId id, std::string_view column) const;
  /// Those that have that bare name in any schema, all overloads of functions; in the order in
  /// which the names were taken first.
  std::vector<ObjectId> all_named(NameSpace space, std::string_view name) const;
  /// All that exist, in order of creation.
  std::vector<ObjectId> all() const;
  /// Those that refer to it: indexes and foreign keys of a table, views over it, columns of a type
  /// …
  std::vector<ObjectId> dependents(ObjectId id) const;

  static const std::vector<std::string>& default_path();  ///< public

 private:
  const Catalog* catalog_ = nullptr;
  Step step_ = 0;
};

/// Grows by steps. Not thread-safe while it grows; a State may be read on any thread meanwhile only
/// if nothing grows.
class Catalog {
 public:
  /// With the schema `public`.
  Catalog();

  State now() const { return {*this, step_}; }
  Step step() const { return step_; }

  // Changes are made within a step. An object that a step has opened has one new version by it.
  /// Begins the next step; `by` made it.
  void begin_step(const Origin& by);
  /// Adds an object under its name; the name is free, or it means the new one from now on.
  ObjectId add(Object object);
  /// The object, to be changed but for its name: a new version of it by this step.
  Object& open(ObjectId id);
  void rename(ObjectId id, ObjectName name);
  void remove(ObjectId id);
  /// The one that has the name and, of a function, the argument types of `object` now.
  ObjectId find_same(const Object& object) const;
  /// Says that `from` refers to `to`, for State::dependents. Never taken back: those who ask look
  /// whether it still does.
  void add_dependent(ObjectId to, ObjectId from);
  /// A name of a constraint is taken, or free again, in the schema of its table.
  void take_constraint(ObjectId table, const std::string& schema, const std::string& name);
  void free_constraint(ObjectId table, const std::string& schema, const std::string& name);
  /// Has anything ever had that name, or one of the same hash?
  bool has_name(std::string_view name) const;
  /// Is it the name of a constraint of any table of that schema now?
  bool has_constraint(const std::string& schema, const std::string& name) const;

  /// From now on only these states are needed, in order, and those of the last two steps: other
  /// versions are forgotten as new ones come. A text that alters one object again and again would
  /// keep a copy of it for each statement.
  void need_only(std::vector<Step> steps) { needed_ = std::move(steps); }
  /// Forgets the steps after that one: what they made is gone, states of them too. Names that they
  /// were the first to take are remembered, see Absence::Why::Unmade; not so those of a statement
  /// that is `refused`.
  void cut(Step step, bool refused = false);
  /// Makes a step by which all is as it was at `step`: ROLLBACK.
  void restore(Step step);

  /// Bytes that it holds, for measuring.
  size_t bytes() const;

 private:
  friend class State;

  struct Version {
    Step step = 0;
    std::shared_ptr<Object> object;  ///< null: it is gone
  };
  struct Thing {
    std::vector<Version> versions;
    std::vector<ObjectId> dependents;
  };
  struct Binding {
    Step step = 0;
    ObjectId object = kNoObject;
  };
  /// One name of one schema.
  struct Slot {
    NameSpace space = NameSpace::Relation;
    std::string schema;
    std::string name;
    std::string more;  ///< of a function its argument types, of a constraint its table
    std::vector<Binding> bindings;
    std::optional<Origin> first;  ///< what bound it first, also if that was cut
  };
  /// What a step has touched, to take it back.
  struct Touch {
    Step step = 0;
    bool slot = false;
    uint32_t index = 0;
  };

  uint32_t slot_of(NameSpace space, const ObjectName& name, const std::string& more);
  void bind(uint32_t slot, ObjectId object);
  void bind_name(ObjectId id, const Object& object, bool taken);
  Version& version(ObjectId id);

  Step step_ = 0;
  std::optional<std::vector<Step>> needed_;
  Origin by_;
  std::vector<Thing> things_;
  std::vector<Slot> slots_;
  NameIndex slots_by_name_;
  std::vector<Touch> log_;
  std::vector<Origin> made_by_;  ///< by step
};

}  // namespace dsqlint::catalog
