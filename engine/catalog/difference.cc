// From one state to another: ALTER where PostgreSQL has one, DROP and CREATE where it has not.
//
// Columns and labels keep their data where a statement can; their order is not compared, for
// nothing changes it. Nor are owners that only the first state knows.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/catalog/definitions.h"
#include "engine/catalog/parts.h"
#include "engine/catalog/print.h"
#include "engine/catalog/script.h"
#include "engine/catalog/tree_sql.h"
#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint::catalog {
namespace {

/// What becomes of an object of the first state.
enum class Fate : uint8_t {
  Keep,     ///< with what differs altered
  Replace,  ///< by CREATE OR REPLACE
  Remake,   ///< dropped and created again
  Drop,
};

/// One column of two tables, or one attribute of two types.
struct ColumnPair {
  const Column* from = nullptr;
  const Column* to = nullptr;
};

class Difference {
 public:
  Difference(const State& from, const State& to) : from_(from), to_(to) {}

  std::vector<std::string> statements() {
    match();
    settle();
    drop_parts();
    drop_columns();
    drop_objects();
    make();
    std::vector<std::string> all;
    for (std::vector<std::string>* list : {&detached_, &parts_, &values_, &columns_, &objects_}) {
      std::move(list->begin(), list->end(), std::back_inserter(all));
    }
    const std::vector<std::string> made = script_.in_order();
    if (makes_functions_) all.push_back("SET check_function_bodies = off");
    all.insert(all.end(), made.begin(), made.end());
    std::move(late_.begin(), late_.end(), std::back_inserter(all));
    return all;
  }

 private:
  // --- which is which ----------------------------------------------------------------------------

  static std::string key(const Definitions& definitions, const Object& object) {
    return fmt::format("{} {}", static_cast<int>(name_space(object.kind())),
                       definitions.name(object));
  }

  void match() {
    std::map<std::string, ObjectId> named;
    for (const ObjectId id : to_.state().all()) {
      if (to_.made_by(id) == id) named[key(to_, *to_.get(id))] = id;
    }
    for (const ObjectId id : from_.state().all()) {
      if (from_.made_by(id) != id) continue;
      from_ids_.push_back(id);
      const auto found = named.find(key(from_, *from_.get(id)));
      if (found == named.end()) {
        fates_[id] = Fate::Drop;
        continue;
      }
      pairs_[id] = found->second;
      back_[found->second] = id;
    }
    // What others need comes before them.
    Script order;
    std::unordered_map<ObjectId, size_t> items;
    for (const ObjectId id : from_ids_) {
      items[id] = order.add(rank_of(from_.get(id)->kind()), {});
    }
    for (const ObjectId id : from_ids_) {
      needs_[id] = from_.needs(id);
      for (const ObjectId needed : needs_[id]) {
        if (items.contains(needed)) order.after(items[id], items[needed]);
      }
    }
    std::vector<ObjectId> ordered;
    for (const size_t item : order.order()) ordered.push_back(from_ids_[item]);
    from_ids_ = std::move(ordered);
  }

  Fate fate(ObjectId id) const {
    const auto found = fates_.find(id);
    return found == fates_.end() ? Fate::Keep : found->second;
  }
  bool stays(ObjectId id) const { return fate(id) == Fate::Keep || fate(id) == Fate::Replace; }
  /// It is dropped, whether it comes again or not.
  bool is_dropped(ObjectId id) const { return id != kNoObject && !stays(id); }

  // --- what becomes of it ------------------------------------------------------------------------

  /// What no ALTER changes.
  static std::string core(const Definitions& definitions, const Object& object) {
    std::string core(definitions.kind(object));
    if (const Table* table = object.table()) {
      core += fmt::format(" {} {} {} {}", table->persistence == Persistence::Temporary,
                          table->access_method, definitions.sql(table->partition_by, object),
                          table->of_type.ref.name.empty() ? "" : definitions.type(table->of_type));
    } else if (const Sequence* sequence = object.sequence()) {
      core += fmt::format(" {}", static_cast<int>(sequence->persistence));
    } else if (const UserType* type = object.type()) {
      core += fmt::format(" {}", static_cast<int>(type->kind));
      if (type->kind == UserTypeKind::Domain) {
        core += fmt::format(" {} {}", definitions.type(type->base), to_sql(type->collation));
      }
    }
    return core;
  }

  /// Every label that was is there, in the same order, or they are as many and those that differ
  /// have new names.
  static bool can_alter(const std::vector<std::string>& from, const std::vector<std::string>& to) {
    size_t at = 0;
    for (const std::string& label : to) at += at < from.size() && from[at] == label ? 1 : 0;
    if (at == from.size()) return true;
    if (from.size() != to.size()) return false;
    for (size_t i = 0; i < from.size(); ++i) {
      if (from[i] == to[i]) continue;
      if (std::find(from.begin(), from.end(), to[i]) != from.end()) return false;
      if (std::find(to.begin(), to.end(), from[i]) != to.end()) return false;
    }
    return true;
  }

  /// Can CREATE OR REPLACE make the one of the other?
  bool can_replace(const Function& from, const Function& to) const {
    if (from.kind != to.kind || from.kind == Function::Kind::Aggregate) return false;
    if (from.returns_set != to.returns_set || from_.type(from.result) != to_.type(to.result)) {
      return false;
    }
    return std::equal(from.arguments.begin(), from.arguments.end(), to.arguments.begin(),
                      to.arguments.end(), [&](const Argument& a, const Argument& b) {
                        return a.name == b.name && a.mode == b.mode &&
                               from_.type(a.type) == to_.type(b.type) &&
                               (!a.default_value || b.default_value);
                      });
  }
  bool can_replace(const View& from, const View& to) const {
    if (from.materialized || !from.complete || !to.complete) return false;
    if (to.columns.size() < from.columns.size()) return false;
    return std::equal(from.columns.begin(), from.columns.end(), to.columns.begin(),
                      [&](const auto& a, const auto& b) {
                        return a->name == b->name && !a->type.ref.name.empty() &&
                               from_.type(a->type) == to_.type(b->type);
                      });
  }

  void settle() {
    for (const ObjectId id : from_ids_) {
      if (fate(id) == Fate::Drop) continue;
      const Object& from = *from_.get(id);
      const Object& to = *to_.get(pairs_.at(id));
      fates_[id] = fate_of(id, from, to);
      const bool columns = from.table() != nullptr || from.type() != nullptr;
      if (fates_[id] == Fate::Keep && columns) settle_columns(id, from, to);
    }
    for (const ObjectId id : from_ids_) {
      const Object& from = *from_.get(id);
      const Index* index = from.index();
      if (index != nullptr && index->unique && !stays(id)) keys_change_.insert(index->table);
      if (from.table() == nullptr || !stays(id)) continue;
      const Object& to = *to_.get(pairs_.at(id));
      for (const auto& key : from.table()->constraints) {
        if (key->kind != ConstraintKind::PrimaryKey && key->kind != ConstraintKind::Unique)
          continue;
        const Constraint* same = to.table()->constraint(key->name);
        if (same == nullptr || from_.constraint(from, *key) != to_.constraint(to, *same) ||
            std::any_of(key->columns.begin(), key->columns.end(), [&](ColumnId column) {
              return from.table()->column(column) != nullptr &&
                     goes(id, from.table()->column(column)->name);
            })) {
          keys_change_.insert(id);
        }
      }
    }
  }

  Fate fate_of(ObjectId id, const Object& from, const Object& to) const {
    if (core(from_, from) != core(to_, to)) return Fate::Remake;
    const auto needs_dropped = [&] {
      return std::any_of(needs_.at(id).begin(), needs_.at(id).end(),
                         [&](ObjectId needed) { return is_dropped(needed); });
    };
    if (const Table* table = from.table()) {
      const bool parent_dropped = std::any_of(table->parents.begin(), table->parents.end(),
                                              [&](ObjectId parent) { return is_dropped(parent); });
      return parent_dropped || is_dropped(table->of_type.type) ? Fate::Remake : Fate::Keep;
    }
    if (const UserType* type = from.type()) {
      const UserType& other = *to.type();
      if (type->kind == UserTypeKind::Enum && !can_alter(type->labels, other.labels)) {
        return Fate::Remake;
      }
      if (type->statement && from_.create(id) != to_.create(pairs_.at(id))) return Fate::Remake;
      if (is_dropped(type->base.type)) return Fate::Remake;
      const bool of_dropped =
          std::any_of(type->attributes.begin(), type->attributes.end(),
                      [&](const auto& attribute) { return is_dropped(attribute->type.type); });
      return of_dropped ? Fate::Remake : Fate::Keep;
    }
    if (const View* view = from.view()) {
      if (needs_dropped()) return Fate::Remake;
      for (const ObjectId relation : view->relations) {
        if (touches(relation, column_names_in(view->query), true)) return Fate::Remake;
      }
      if (from_.create(id) == to_.create(pairs_.at(id))) return Fate::Keep;
      return can_replace(*view, *to.view()) ? Fate::Replace : Fate::Remake;
    }
    if (const Function* function = from.function()) {
      if (needs_dropped()) return Fate::Remake;
      if (from_.create(id) == to_.create(pairs_.at(id))) return Fate::Keep;
      return can_replace(*function, *to.function()) ? Fate::Replace : Fate::Remake;
    }
    if (const Index* index = from.index()) {
      if (needs_dropped() || touches(index->table, columns_of_index(*index), false)) {
        return Fate::Remake;
      }
      return from_.create(id) == to_.create(pairs_.at(id)) ? Fate::Keep : Fate::Remake;
    }
    if (const Statistics* statistics = from.statistics()) {
      if (needs_dropped() ||
          touches(statistics->table, column_names_in(statistics->statement), false)) {
        return Fate::Remake;
      }
      return from_.create(id) == to_.create(pairs_.at(id)) ? Fate::Keep : Fate::Remake;
    }
    return Fate::Keep;
  }

  std::vector<std::string> columns_of_index(const Index& index) const {
    std::vector<std::string> names;
    const auto add = [&](ColumnId id) {
      for (const auto& column : from_.get(index.table)->columns()) {
        if (column->id == id) names.push_back(column->name);
      }
    };
    const auto add_tree = [&](const Tree& tree) {
      for (std::string& name : column_names_in(tree)) names.push_back(std::move(name));
    };
    for (const IndexKey& key : index.keys) {
      add(key.column);
      add_tree(key.expression);
    }
    for (const ColumnId id : index.included) add(id);
    add_tree(index.predicate);
    return names;
  }

  /// Does one of the columns of the table go, or, if `types` count, get another type?
  bool touches(ObjectId table, const std::vector<std::string>& names, bool types) const {
    const auto in = [&](const auto& map) {
      const auto found = map.find(table);
      if (found == map.end() || found->second.empty()) return false;
      return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return name.empty() || found->second.contains(name);
      });
    };
    return in(gone_columns_) || (types && in(retyped_columns_));
  }

  std::vector<ColumnPair> column_pairs(const Object& from, const Object& to) const {
    std::vector<ColumnPair> pairs;
    for (const auto& column : from.columns())
      pairs.push_back({column.get(), to.column(column->name)});
    for (const auto& column : to.columns()) {
      if (from.column(column->name) == nullptr) pairs.push_back({nullptr, column.get()});
    }
    return pairs;
  }

  std::string full_type(const Definitions& definitions, const Column& column) const {
    std::string type = definitions.type(column.type);
    if (!column.collation.name.empty()) type += " COLLATE " + to_sql(column.collation);
    return type;
  }

  bool is_retyped(const ColumnPair& pair) const {
    return full_type(from_, *pair.from) != full_type(to_, *pair.to) ||
           is_dropped(pair.from->type.type);
  }

  void settle_columns(ObjectId id, const Object& from, const Object& to) {
    const std::vector<ColumnPair> pairs = column_pairs(from, to);
    std::set<std::string>& gone = gone_columns_[id];
    std::set<std::string>& retyped = retyped_columns_[id];
    for (const ColumnPair& pair : pairs) {
      if (pair.from == nullptr) continue;
      if (pair.to == nullptr) {
        gone.insert(pair.from->name);
      } else if (is_retyped(pair)) {
        retyped.insert(pair.from->name);
      }
    }
    // A generating expression cannot be changed; nor can the type of what it uses.
    for (const ColumnPair& pair : pairs) {
      if (pair.from == nullptr || pair.to == nullptr || !pair.to->generated) continue;
      if (!pair.from->generated ||
          from_.default_clause(from, *pair.from) != to_.default_clause(to, *pair.to) ||
          touches(id, column_names_in(pair.from->default_value), true) ||
          needs_dropped(pair.from->default_value)) {
        gone.insert(pair.from->name);
      }
    }
  }

  bool needs_dropped(const Tree& tree) const {
    if (!tree) return false;
    const std::vector<ObjectId> needs = from_.needs(tree);
    return std::any_of(needs.begin(), needs.end(), [&](ObjectId id) { return is_dropped(id); });
  }

  bool goes(ObjectId table, const std::string& column) const {
    const auto found = gone_columns_.find(table);
    return found != gone_columns_.end() && found->second.contains(column);
  }

  // --- what goes ---------------------------------------------------------------------------------

  /// Does the part not outlive what happens to what it depends on?
  bool is_forced(const Part& part) const {
    for (const ObjectId needed : part.needs) {
      if (is_dropped(needed)) return true;
      if (part.rank == Rank::ForeignKey && keys_change_.contains(needed)) return true;
    }
    const bool types = part.rank == Rank::ForeignKey || part.rank == Rank::Trigger ||
                       part.rank == Rank::Policy || part.rank == Rank::Rule ||
                       part.rank == Rank::Enabling ||
                       (part.rank == Rank::Comment && part.key.find(" ON ") != std::string::npos);
    for (const auto& [table, column] : part.columns) {
      if (is_dropped(table) || touches(table, {column}, types)) return true;
    }
    return false;
  }

  void drop_parts() {
    for (const ObjectId id : from_ids_) {
      const std::vector<Part> before = parts_of(from_, id);
      if (!stays(id)) {
        // Tables that refer to one another go only without that.
        for (const Part& part : before) {
          if (part.rank == Rank::ForeignKey) detached_.push_back(part.drop);
        }
        continue;
      }
      std::vector<Part>& after = new_parts_[pairs_.at(id)];
      after = parts_of(to_, pairs_.at(id));
      for (const Part& part : before) {
        const auto same = std::find_if(after.begin(), after.end(),
                                       [&](const Part& one) { return one.key == part.key; });
        const bool forced = is_forced(part);
        if (same != after.end() && !forced) {
          if (same->add == part.add) {
            after.erase(same);
            continue;
          }
          if (!same->validate.empty() && same->unvalidated == part.add) {
            same->add = same->validate;
            continue;
          }
          if (same->replaces) continue;
        }
        // It goes with the column or the object that it is of.
        if (forced && goes_along(part)) continue;
        if (part.drop.empty()) continue;
        const bool first = part.rank == Rank::ForeignKey || part.rank == Rank::Trigger ||
                           part.rank == Rank::Policy || part.rank == Rank::Rule;
        (first ? detached_ : parts_).push_back(part.drop);
      }
    }
  }

  /// A comment or a setting of a column or a part that is made again.
  static bool goes_along(const Part& part) {
    return part.rank == Rank::Comment || part.rank == Rank::Enabling ||
           part.rank == Rank::Privilege ||
           (part.rank == Rank::Setting && part.key.find(" OF ") != std::string::npos);
  }

  std::string alter_column(const Definitions& definitions, const Object& table,
                           const std::string& column) const {
    return fmt::format("ALTER {} {} ALTER COLUMN {}", definitions.kind(table),
                       definitions.name(table), quote_identifier(column));
  }

  /// Has the column a default that must go before it gets what it shall have?
  bool loses_default(const Object& from, const Object& to, const ColumnPair& pair) const {
    if (pair.from->identity != Identity::None || !pair.from->default_value) return false;
    if (pair.from->generated) return !pair.to->generated;
    return !pair.to->default_value || pair.to->identity != Identity::None || is_retyped(pair) ||
           needs_dropped(pair.from->default_value) ||
           // What it asks may go.
           from_.default_clause(from, *pair.from) != to_.default_clause(to, *pair.to);
  }

  void drop_columns() {
    for (const ObjectId id : from_ids_) {
      const Object& from = *from_.get(id);
      if (!stays(id) || (from.table() == nullptr && from.type() == nullptr)) continue;
      const Object& to = *to_.get(pairs_.at(id));
      const bool table = from.table() != nullptr;
      for (const ColumnPair& pair : column_pairs(from, to)) {
        if (pair.from == nullptr) continue;
        const std::string& name = pair.from->name;
        if (goes(id, name)) {
          if (pair.from->inherited) continue;
          columns_.push_back(fmt::format("ALTER {} {} DROP {} {}",
                                         table ? from_.kind(from) : "TYPE", from_.name(from),
                                         table ? "COLUMN" : "ATTRIBUTE", quote_identifier(name)));
          continue;
        }
        if (!table) continue;
        if (pair.from->identity != Identity::None && pair.to->identity == Identity::None) {
          values_.push_back(alter_column(from_, from, name) + " DROP IDENTITY");
        } else if (loses_default(from, to, pair)) {
          values_.push_back(alter_column(from_, from, name) +
                            (pair.from->generated ? " DROP EXPRESSION" : " DROP DEFAULT"));
        }
      }
    }
  }

  /// Will the sequence go with its owner?
  bool goes_with_owner(const Sequence& sequence) const {
    const Object* owner = from_.get(sequence.owner);
    if (owner == nullptr) return false;
    if (!stays(sequence.owner)) return true;
    for (const auto& column : owner->columns()) {
      if (column->id == sequence.owner_column) return goes(sequence.owner, column->name);
    }
    return false;
  }

  bool is_taken(const Object& object) const {
    const State& state = to_.state();
    return state.find_in(NameSpace::Relation, object.name.schema, object.name.name) != kNoObject ||
           state.find_in(NameSpace::Type, object.name.schema, object.name.name) != kNoObject;
  }

  /// A name that neither state has.
  std::string spare_name(const ObjectName& name) const {
    for (size_t i = 0;; ++i) {
      const std::string spare = fmt::format("{}_old{}", name.name, i == 0 ? "" : std::to_string(i));
      const auto has = [&](const State& state) {
        return state.find_in(NameSpace::Type, name.schema, spare) != kNoObject ||
               state.find_in(NameSpace::Relation, name.schema, spare) != kNoObject;
      };
      if (!has(from_.state()) && !has(to_.state())) return spare;
    }
  }

  void drop_objects() {
    for (auto it = from_ids_.rbegin(); it != from_ids_.rend(); ++it) {
      const ObjectId id = *it;
      if (stays(id)) continue;
      const Object& object = *from_.get(id);
      std::string drop = fmt::format("DROP {} {}", from_.kind(object), from_.name(object));
      switch (object.kind()) {
        case ObjectKind::View:
          parts_.insert(parts_.begin() + static_cast<std::ptrdiff_t>(views_++), std::move(drop));
          break;
        case ObjectKind::Index:
          if (stays(object.index()->table)) {
            parts_.insert(parts_.begin() + static_cast<std::ptrdiff_t>(views_++), std::move(drop));
          }
          break;
        case ObjectKind::Statistics:
          if (stays(object.statistics()->table)) {
            parts_.insert(parts_.begin() + static_cast<std::ptrdiff_t>(views_++), std::move(drop));
          }
          break;
        case ObjectKind::Sequence:
          if (!goes_with_owner(*object.sequence())) objects_.push_back(std::move(drop));
          break;
        case ObjectKind::Type:
          // Columns may have it until they get another.
          if (is_taken(object)) {
            const std::string spare = spare_name(object.name);
            objects_.push_back(fmt::format("ALTER {} {} RENAME TO {}", from_.kind(object),
                                           from_.name(object), quote_identifier(spare)));
            drop = fmt::format("DROP {} {}", from_.kind(object),
                               to_sql(ObjectName{object.name.schema, spare}));
          }
          late_.push_back(std::move(drop));
          break;
        case ObjectKind::Schema:
        case ObjectKind::Extension:
          late_.push_back(std::move(drop));
          break;
        case ObjectKind::Table:
        case ObjectKind::Function:
          objects_.push_back(std::move(drop));
          break;
      }
    }
    // Schemas after all that stands in them.
    std::stable_partition(late_.begin(), late_.end(), [](const std::string& statement) {
      return !statement.starts_with("DROP SCHEMA");
    });
  }

  // --- what comes --------------------------------------------------------------------------------

  void make() {
    std::vector<ObjectId> ids = to_.state().all();
    std::stable_sort(ids.begin(), ids.end(), [&](ObjectId a, ObjectId b) {
      return rank_of(to_.get(a)->kind()) < rank_of(to_.get(b)->kind());
    });
    std::unordered_map<ObjectId, size_t> items;
    for (const ObjectId id : ids) {
      items[id] = script_.add(rank_of(to_.get(id)->kind()), statements_for(id));
    }
    const auto after = [&](size_t item, ObjectId needed) {
      const auto found = items.find(to_.made_by(needed));
      if (found != items.end()) script_.after(item, found->second);
    };
    for (const ObjectId id : ids) {
      if (to_.made_by(id) != id) {
        after(items.at(id), id);
        // What stands on the index of a constraint or the sequence of an identity column.
        add_parts_of_made(id, after);
        continue;
      }
      for (const ObjectId needed : to_.needs(id)) after(items.at(id), needed);
      const bool is_new = is_made(id);
      const std::vector<Part> parts = is_new ? parts_of(to_, id) : std::move(new_parts_[id]);
      for (const Part& part : parts) {
        if (is_new && part.within) continue;
        const size_t item = script_.add(part.rank, {part.add});
        after(item, id);
        for (const ObjectId needed : part.needs) after(item, needed);
      }
    }
  }

  bool is_made(ObjectId id) const {
    const auto known = back_.find(id);
    return known == back_.end() || !stays(known->second);
  }

  template <typename After>
  void add_parts_of_made(ObjectId id, After&& after) {
    // The same by name in the first state, where it has the same parts.
    const Object& object = *to_.get(id);
    const ObjectId known =
        from_.state().find_in(NameSpace::Relation, object.name.schema, object.name.name);
    std::vector<Part> before;
    if (known != kNoObject && from_.made_by(known) != known && stays(from_.made_by(known))) {
      before = parts_of(from_, known);
    }
    for (const Part& part : parts_of(to_, id)) {
      if (part.within || std::any_of(before.begin(), before.end(), [&](const Part& one) {
            return one.key == part.key && one.add == part.add;
          })) {
        continue;
      }
      after(script_.add(part.rank, {part.add}), id);
    }
  }

  std::vector<std::string> statements_for(ObjectId id) {
    if (to_.made_by(id) != id) return {};
    const Object& to = *to_.get(id);
    if (is_made(id)) {
      makes_functions_ |= to.function() != nullptr;
      return {to_.create(id)};
    }
    const ObjectId known = back_.at(id);
    if (fate(known) == Fate::Replace) {
      makes_functions_ |= to.function() != nullptr;
      std::string create = to_.create(id);
      return {create.replace(0, std::string_view("CREATE").size(), "CREATE OR REPLACE")};
    }
    std::vector<std::string> statements;
    const Object& from = *from_.get(known);
    if (to.table() != nullptr) alter_columns(known, from, to, statements);
    if (to.type() != nullptr) alter_type(known, from, to, statements);
    if (to.kind() == ObjectKind::Extension) {
      const std::string& version = std::get<Extension>(to.what).version;
      if (!version.empty() && version != std::get<Extension>(from.what).version) {
        statements.push_back(
            fmt::format("ALTER EXTENSION {} UPDATE TO {}", to_.name(to), quote_literal(version)));
      }
    }
    return statements;
  }

  void alter_columns(ObjectId known, const Object& from, const Object& to,
                     std::vector<std::string>& statements) const {
    for (const ColumnPair& pair : column_pairs(from, to)) {
      if (pair.to == nullptr || pair.to->inherited) continue;
      const std::string& name = pair.to->name;
      if (pair.from == nullptr || goes(known, name)) {
        statements.push_back(fmt::format("ALTER {} {} ADD COLUMN {}", to_.kind(to), to_.name(to),
                                         to_.column(to, *pair.to)));
        continue;
      }
      const std::string alter = alter_column(to_, to, name);
      if (is_retyped(pair)) {
        statements.push_back(fmt::format("{} TYPE {} USING {}", alter, full_type(to_, *pair.to),
                                         converted(*pair.from, *pair.to)));
      }
      const bool had_identity = pair.from->identity != Identity::None;
      const bool gets_identity = pair.to->identity != Identity::None;
      // An identity column has to be so before it becomes one.
      if (pair.to->not_null && !pair.from->not_null) statements.push_back(alter + " SET NOT NULL");
      if (gets_identity && !had_identity) {
        statements.push_back(fmt::format("{} ADD {}", alter, to_.identity(to, *pair.to)));
      } else if (gets_identity) {
        alter_identity(alter, pair, statements);
      } else if (pair.to->default_value && !pair.to->generated &&
                 (had_identity || loses_default(from, to, pair) || !pair.from->default_value)) {
        const std::string clause = to_.default_clause(to, *pair.to);
        statements.push_back(alter + " SET" + clause);
      }
      if (!pair.to->not_null && pair.from->not_null) {
        statements.push_back(alter + " DROP NOT NULL");
      }
    }
  }

  /// The old value of a column as one of its new type.
  std::string converted(const Column& from, const Column& to) const {
    const std::string name = quote_identifier(from.name);
    const std::string type = to_.type(to.type);
    // Types of users have casts to and from text alone.
    const bool by_text = from_.get(from.type.type) != nullptr || to_.get(to.type.type) != nullptr;
    if (!by_text) return fmt::format("{}::{}", name, type);
    const bool arrays = from.type.ref.array && to.type.ref.array;
    return fmt::format("{}::text{}::{}", name, arrays ? "[]" : "", type);
  }

  void alter_identity(const std::string& alter, const ColumnPair& pair,
                      std::vector<std::string>& statements) const {
    if (pair.from->identity != pair.to->identity) {
      statements.push_back(alter + (pair.to->identity == Identity::Always
                                        ? " SET GENERATED ALWAYS"
                                        : " SET GENERATED BY DEFAULT"));
    }
    const Object* from = from_.get(pair.from->sequence);
    const Object* to = to_.get(pair.to->sequence);
    if (from == nullptr || to == nullptr) return;
    const std::vector<std::string> values = to_.sequence_values(*to->sequence());
    if (values != from_.sequence_values(*from->sequence())) {
      statements.push_back(fmt::format("{} SET {}", alter, fmt::join(values, " SET ")));
    }
    if (from->name.name != to->name.name) {
      statements.push_back(fmt::format("ALTER SEQUENCE {} RENAME TO {}", from_.name(*from),
                                       quote_identifier(to->name.name)));
    }
  }

  void alter_type(ObjectId known, const Object& from, const Object& to,
                  std::vector<std::string>& statements) const {
    const std::string alter = fmt::format("ALTER TYPE {}", to_.name(to));
    const UserType& before = *from.type();
    const UserType& after = *to.type();
    for (const ColumnPair& pair : column_pairs(from, to)) {
      if (pair.to == nullptr) continue;
      const std::string name = quote_identifier(pair.to->name);
      if (pair.from == nullptr || goes(known, pair.to->name)) {
        statements.push_back(
            fmt::format("{} ADD ATTRIBUTE {} {}", alter, name, full_type(to_, *pair.to)));
      } else if (is_retyped(pair)) {
        statements.push_back(
            fmt::format("{} ALTER ATTRIBUTE {} TYPE {}", alter, name, full_type(to_, *pair.to)));
      }
    }
    const std::vector<std::string>& labels = after.labels;
    if (before.labels == labels) return;
    if (before.labels.size() == labels.size()) {
      for (size_t i = 0; i < labels.size(); ++i) {
        if (before.labels[i] == labels[i]) continue;
        statements.push_back(fmt::format("{} RENAME VALUE {} TO {}", alter,
                                         quote_literal(before.labels[i]),
                                         quote_literal(labels[i])));
      }
      return;
    }
    size_t at = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
      if (at < before.labels.size() && before.labels[at] == labels[i]) {
        ++at;
        continue;
      }
      const std::string place =
          at == before.labels.size() && i > 0 ? "" : " BEFORE " + quote_literal(before.labels[at]);
      statements.push_back(
          fmt::format("{} ADD VALUE {}{}", alter, quote_literal(labels[i]), place));
    }
  }

  Definitions from_;
  Definitions to_;
  std::vector<ObjectId> from_ids_;  ///< in order of need
  std::unordered_map<ObjectId, std::vector<ObjectId>> needs_;
  std::unordered_map<ObjectId, ObjectId> pairs_;  ///< from → to
  std::unordered_map<ObjectId, ObjectId> back_;   ///< to → from
  std::unordered_map<ObjectId, Fate> fates_;
  /// Columns of tables that stay: those that go, and those that get another type.
  std::unordered_map<ObjectId, std::set<std::string>> gone_columns_;
  std::unordered_map<ObjectId, std::set<std::string>> retyped_columns_;
  std::unordered_set<ObjectId> keys_change_;  ///< tables that foreign keys cannot keep referring to
  std::unordered_map<ObjectId, std::vector<Part>> new_parts_;  ///< by object of `to`

  // Statements, in this order.
  std::vector<std::string> detached_;  ///< triggers, policies, rules, foreign keys
  std::vector<std::string> parts_;     ///< views, indexes, constraints and settings
  size_t views_ = 0;                   ///< so many of them are views and indexes
  std::vector<std::string> values_;    ///< defaults and identities of columns
  std::vector<std::string> columns_;
  std::vector<std::string> objects_;
  Script script_;                  ///< what is made or altered
  std::vector<std::string> late_;  ///< types, extensions and schemas that go
  bool makes_functions_ = false;
};

}  // namespace

std::vector<std::string> difference(const State& from, const State& to) {
  std::vector<std::string> statements;
  on_deep_stack([&] { statements = Difference(from, to).statements(); });
  return statements;
}

}  // namespace dsqlint::catalog
