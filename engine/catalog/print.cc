#include "engine/catalog/print.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <utility>

#include "engine/catalog/definitions.h"
#include "engine/catalog/remarks.h"
#include "engine/catalog/tree_sql.h"
#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint::catalog {
namespace {

/// What comes first where nothing needs anything else.
enum class Rank : uint8_t {
  Schema,
  Extension,
  Type,
  Sequence,
  Function,
  Table,
  Partition,  ///< ATTACH
  Index,
  Constraint,  ///< that CREATE TABLE cannot make
  Statistics,
  View,
  Setting,  ///< of a table or a sequence, by ALTER
  Trigger,
  Policy,
  Rule,
  Security,
  Comment,
  Owner,
  Privilege,
};

Rank rank_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Schema:
      return Rank::Schema;
    case ObjectKind::Extension:
      return Rank::Extension;
    case ObjectKind::Type:
      return Rank::Type;
    case ObjectKind::Sequence:
      return Rank::Sequence;
    case ObjectKind::Function:
      return Rank::Function;
    case ObjectKind::Table:
      return Rank::Table;
    case ObjectKind::Index:
      return Rank::Index;
    case ObjectKind::Statistics:
      return Rank::Statistics;
    case ObjectKind::View:
      return Rank::View;
  }
  return Rank::Table;
}

/// Statements that wait for others.
class Script {
 public:
  size_t add(Rank rank, std::string sql) {
    items_.push_back({rank, std::move(sql), 0, {}});
    return items_.size() - 1;
  }
  void after(size_t item, size_t other) {
    if (item == other) return;
    items_[other].waited_for_by.push_back(item);
    ++items_[item].waits_for;
  }

  /// Of those that need nothing any more the one of the lowest rank, and of these the first. What
  /// needs itself in the end is cut at the lowest.
  std::vector<std::string> in_order() {
    using Place = std::pair<Rank, size_t>;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> ready;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> waiting;
    std::vector<bool> done(items_.size(), false);
    for (size_t i = 0; i < items_.size(); ++i) {
      (items_[i].waits_for == 0 ? ready : waiting).push({items_[i].rank, i});
    }
    std::vector<std::string> statements;
    while (!ready.empty() || !waiting.empty()) {
      auto& queue = ready.empty() ? waiting : ready;
      const size_t i = queue.top().second;
      queue.pop();
      if (done[i]) continue;
      done[i] = true;
      if (!items_[i].sql.empty()) statements.push_back(std::move(items_[i].sql));
      for (const size_t other : items_[i].waited_for_by) {
        if (--items_[other].waits_for == 0) ready.push({items_[other].rank, other});
      }
    }
    return statements;
  }

 private:
  struct Item {
    Rank rank;
    std::string sql;
    size_t waits_for = 0;
    std::vector<size_t> waited_for_by;
  };
  std::vector<Item> items_;
};

/// All that a state holds.
class Printer {
 public:
  explicit Printer(const State& state) : definitions_(state), ids_(state.all()) {
    // By kind: the order must not depend on that of creation more than it has to.
    std::stable_sort(ids_.begin(), ids_.end(), [&](ObjectId a, ObjectId b) {
      return rank_of(definitions_.get(a)->kind()) < rank_of(definitions_.get(b)->kind());
    });
  }

  std::vector<std::string> print() {
    for (const ObjectId id : ids_) create(id);
    for (const ObjectId id : ids_) {
      for (const ObjectId needed : definitions_.needs(id)) after(made_.at(id), needed);
    }
    for (const ObjectId id : ids_) finish(id);
    std::vector<std::string> statements;
    if (!has_public()) statements.push_back("DROP SCHEMA public");
    if (has_functions_) statements.push_back("SET check_function_bodies = off");
    std::vector<std::string> ordered = script_.in_order();
    std::move(ordered.begin(), ordered.end(), std::back_inserter(statements));
    return statements;
  }

 private:
  bool has_public() const {
    return std::any_of(ids_.begin(), ids_.end(), [&](ObjectId id) {
      const Object& object = *definitions_.get(id);
      return object.kind() == ObjectKind::Schema && object.name.name == "public";
    });
  }

  void create(ObjectId id) {
    const Object& object = *definitions_.get(id);
    has_functions_ |= object.function() != nullptr;
    made_[id] = script_.add(rank_of(object.kind()), definitions_.create(id));
  }

  void after(size_t item, ObjectId needed) {
    const auto found = made_.find(needed);
    if (found != made_.end()) script_.after(item, found->second);
  }

  /// A statement that needs what `id` needs to exist.
  size_t then(ObjectId id, Rank rank, std::string sql) {
    const size_t item = script_.add(rank, std::move(sql));
    after(item, definitions_.made_by(id));
    return item;
  }

  void finish(ObjectId id) {
    const Object& object = *definitions_.get(id);
    // What an object has in place of a CREATE of its own is there with what makes it.
    const ObjectId maker = definitions_.made_by(id);
    if (maker != id) after(made_.at(id), maker);
    if (const Table* table = object.table()) finish_table(id, object, *table);
    if (const Sequence* sequence = object.sequence()) {
      const Object* owner = definitions_.get(sequence->owner);
      if (owner != nullptr && !sequence->identity && sequence->owner_column != 0) {
        const auto& columns = owner->columns();
        const auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& one) {
          return one->id == sequence->owner_column;
        });
        if (column != columns.end()) {
          const size_t item =
              then(id, Rank::Setting,
                   fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", definitions_.name(object),
                               definitions_.name(*owner), quote_identifier((*column)->name)));
          after(item, sequence->owner);
        }
      }
    }
    if (const UserType* type = object.type()) {
      for (const auto& constraint : type->constraints) {
        if (definitions_.is_late(*constraint)) {
          then(id, Rank::Constraint, definitions_.add_constraint(object, *constraint));
        }
      }
    }
    if (const View* view = object.view()) attachments(id, object, view->attachments);
    if (const Statistics* statistics = object.statistics()) after(made_.at(id), statistics->table);
    for (Remark& remark : remarks_of(definitions_, object)) {
      const Rank rank = remark.kind == Remark::Kind::Comment ? Rank::Comment
                        : remark.kind == Remark::Kind::Owner ? Rank::Owner
                                                             : Rank::Privilege;
      then(id, rank, std::move(remark.sql));
    }
  }

  void finish_table(ObjectId id, const Object& object, const Table& table) {
    for (std::string& setting : table_settings(definitions_, object)) {
      then(id, Rank::Setting, std::move(setting));
    }
    if (table.partition && !definitions_.is_plain_partition(object) && !table.parents.empty()) {
      then(id, Rank::Partition,
           fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}",
                       definitions_.name(table.parents.front()), definitions_.name(object),
                       definitions_.sql(table.partition_bound, object)));
    }
    for (const auto& constraint : table.constraints) {
      if (!definitions_.is_late(*constraint) || constraint->inherited) continue;
      const size_t item =
          then(id, Rank::Constraint, definitions_.add_constraint(object, *constraint));
      for (const ObjectId needed : definitions_.needs(constraint->expression)) after(item, needed);
      if (constraint->target == kNoObject) continue;
      after(item, constraint->target);
      // It may refer to what a unique index holds.
      for (const ObjectId dependent : definitions_.state().dependents(constraint->target)) {
        const Index* index = definitions_.get(dependent)->index();
        if (index != nullptr && index->unique && index->table == constraint->target) {
          after(item, definitions_.made_by(dependent));
        }
      }
    }
    if (table.replica_identity == 'i' && definitions_.get(table.replica_index) != nullptr) {
      const size_t item = then(
          id, Rank::Setting,
          fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {}", definitions_.name(object),
                      quote_identifier(definitions_.get(table.replica_index)->name.name)));
      after(item, definitions_.made_by(table.replica_index));
    }
    attachments(id, object, table.attachments);
  }

  void attachments(ObjectId id, const Object& object,
                   const std::vector<std::shared_ptr<const Attachment>>& all) {
    for (const auto& attachment : all) {
      const Rank rank = attachment->kind == Attachment::Kind::Trigger  ? Rank::Trigger
                        : attachment->kind == Attachment::Kind::Policy ? Rank::Policy
                                                                       : Rank::Rule;
      const size_t item = then(id, rank, definitions_.attachment(object, *attachment));
      if (attachment->function != kNoObject) after(item, attachment->function);
      for (const ObjectId needed : definitions_.needs(attachment->statement)) after(item, needed);
      if (attachment->enabled != 'O') {
        const size_t enabled = then(id, rank, enable_statement(definitions_, object, *attachment));
        script_.after(enabled, item);
      }
    }
  }

  Definitions definitions_;
  std::vector<ObjectId> ids_;
  Script script_;
  std::unordered_map<ObjectId, size_t> made_;  ///< the item that makes each
  bool has_functions_ = false;
};

}  // namespace

std::string to_sql(const Tree& tree) {
  std::string sql;
  on_deep_stack([&] {
    google::protobuf::Arena arena;
    sql = sql_of(decode(tree, arena));
  });
  return sql;
}

std::string to_sql(const DataType& type, const State& state) {
  return Definitions(state).type(type);
}

std::vector<std::string> create_statements(const State& state) {
  std::vector<std::string> statements;
  on_deep_stack([&] { statements = Printer(state).print(); });
  return statements;
}

}  // namespace dsqlint::catalog
