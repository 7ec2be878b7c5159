// Building the model, statement by statement.

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>

#include "engine/ast.h"
#include "engine/document.h"
#include "engine/function_body.h"
#include "engine/generated_names.h"
#include "engine/named_objects.h"
#include "engine/names.h"
#include "engine/ranges.h"
#include "engine/schema.h"
#include "engine/trigger_body.h"
#include "engine/walk.h"

namespace dsqlint {

namespace {

/// Makes `id` the object that `name` means. Entries that no look-up can mean any more go: a file
/// that makes and drops the same name again and again must not grow slower with each.
template <typename Object>
void index_name(const std::vector<Object>& objects,
                std::unordered_multimap<std::string, uint32_t>& by_name, const ObjectName& name,
                uint32_t id) {
  auto [it, end] = by_name.equal_range(name.name);
  while (it != end) {
    const Object& object = objects[it->second];
    const bool dead = object.dropped || object.name == name || object.name.name != name.name;
    it = dead ? by_name.erase(it) : std::next(it);
  }
  by_name.emplace(name.name, id);
}

const std::string kNoColumn;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

/// Applies one statement. Has access to the schema's insides for the length of the call.
class SchemaBuilder {
 public:
  SchemaBuilder(Schema& schema, const Document& document, uint32_t statement)
      : schema_(schema), document_(document), at_{schema.file(), statement} {}

  void apply(AstRef tree) {
    if (const auto* create = tree.as<pg::CreateStmt>()) {
      create_table(*create);
    } else if (const auto* select = tree.as<pg::SelectStmt>()) {
      if (select->has_into_clause()) {
        add_table(object_name(select->into_clause().rel()), false).complete = false;
      }
    } else if (const auto* as = tree.as<pg::CreateTableAsStmt>()) {
      if (as->objtype() == pg::OBJECT_TABLE) {
        add_table(object_name(as->into().rel()), as->if_not_exists()).complete = false;
      } else if (as->objtype() == pg::OBJECT_MATVIEW) {
        add_view(object_name(as->into().rel()), as->if_not_exists(), true);
      }
      mention_tables(tree);
    } else if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
      alter_table(*alter);
    } else if (const auto* index = tree.as<pg::IndexStmt>()) {
      create_index(*index);
    } else if (const auto* sequence = tree.as<pg::CreateSeqStmt>()) {
      create_sequence(*sequence);
    } else if (const auto* options = tree.as<pg::AlterSeqStmt>()) {
      if (Sequence* known = sequence_named(object_name(options->sequence()))) {
        set_owner(*known, options->options());
      }
    } else if (const auto* function = tree.as<pg::CreateFunctionStmt>()) {
      create_function(*function);
      mention_tables(tree);
    } else if (const auto* view = tree.as<pg::ViewStmt>()) {
      add_view(object_name(view->view()), view->replace(), false);
      mention_tables(tree);
    } else if (tree.as<pg::RuleStmt>() != nullptr) {
      mention_tables(tree);
    } else if (const auto* statistics = tree.as<pg::CreateStatsStmt>()) {
      create_statistics(*statistics);
    } else if (const auto* type = tree.as<pg::CreateEnumStmt>()) {
      UserType& added = add_type(object_name(type->type_name()), TypeKind::Enum);
      added.labels = string_values(type->vals());
    } else if (const auto* composite = tree.as<pg::CompositeTypeStmt>()) {
      add_type(object_name(composite->typevar()), TypeKind::Composite);
    } else if (const auto* range = tree.as<pg::CreateRangeStmt>()) {
      add_type(object_name(range->type_name()), TypeKind::Range);
    } else if (const auto* domain = tree.as<pg::CreateDomainStmt>()) {
      add_type(object_name(domain->domainname()), TypeKind::Domain).base =
          type_ref(domain->type_name());
    } else if (const auto* define = tree.as<pg::DefineStmt>()) {
      if (define->kind() == pg::OBJECT_TYPE)
        add_type(object_name(define->defnames()), TypeKind::Base);
    } else if (const auto* extension = tree.as<pg::CreateExtensionStmt>()) {
      schema_.extensions_.push_back(extension->extname());
    } else if (const auto* schema = tree.as<pg::CreateSchemaStmt>()) {
      add_schema(*schema);
      for (const pg::Node& element : schema->schema_elts()) apply_element(unwrap(element));
    } else if (const auto* drop = tree.as<pg::DropStmt>()) {
      drop_objects(*drop);
    } else if (const auto* rename = tree.as<pg::RenameStmt>()) {
      rename_object(*rename);
    } else if (const auto* move = tree.as<pg::AlterObjectSchemaStmt>()) {
      move_object(*move);
    }
  }

  void write_rows(const ObjectName& name, bool changes) {
    if (Table* target = table(name)) {
      note(*target, changes ? TableEvent::Kind::Changed : TableEvent::Kind::Inserted);
    }
  }

 private:
  /// The object, open to change.
  template <auto objects, typename Object>
  Object* changing(const Object* object) {
    if (object == nullptr) return nullptr;
    const auto id = static_cast<uint32_t>(object - (schema_.*objects).data());
    schema_.keep<objects>(id);
    return &(schema_.*objects)[id];
  }

  /// Adds an object and makes it the one that its name means.
  template <auto objects, auto names>
  auto& add(ObjectName name) {
    schema_.keep_names<names>(name.name);
    const auto id = static_cast<uint32_t>((schema_.*objects).size());
    index_name(schema_.*objects, schema_.*names, name, id);
    auto& added = (schema_.*objects).emplace_back();
    added.name = std::move(name);
    added.created = at_;
    return added;
  }

  /// Gives an object another name.
  template <auto objects, auto names, typename Object>
  void give_name(Object& object, const std::string& name) {
    schema_.keep_names<names>(name);
    index_name(schema_.*objects, schema_.*names, {object.name.schema, name},
               static_cast<uint32_t>(&object - (schema_.*objects).data()));
    object.name.name = name;
  }

  void add_schema(const pg::CreateSchemaStmt& create) {
    const bool known =
        std::any_of(schema_.schemas_.begin(), schema_.schemas_.end(),
                    [&](const auto& schema) { return schema.first.name == create.schemaname(); });
    if (!known) schema_.schemas_.push_back({{"", create.schemaname()}, at_});
  }

  void apply_element(AstRef element) {
    if (const auto* table = element.as<pg::CreateStmt>()) create_table(*table);
    if (const auto* index = element.as<pg::IndexStmt>()) create_index(*index);
    if (const auto* sequence = element.as<pg::CreateSeqStmt>()) create_sequence(*sequence);
    if (const auto* view = element.as<pg::ViewStmt>()) {
      add_view(object_name(view->view()), view->replace(), false);
      mention_tables(element);
    }
  }

  void create_function(const pg::CreateFunctionStmt& create) {
    const auto id = static_cast<uint32_t>(schema_.functions_.size());
    Function& added = schema_.functions_.emplace_back();
    added.name = object_name(create.funcname());
    added.created = at_;
    const std::string result = type_ref(create.return_type()).name;
    added.trigger = result == "trigger" || result == "event_trigger";
    if (added.trigger) {
      const std::string& body = function_body_text(create);
      added.touches = touched_columns(body);
      added.effects = trigger_effects(body);
    }
    schema_.keep_names<&Schema::functions_by_name_>(added.name.name);
    schema_.functions_by_name_.emplace(added.name.name, id);
  }

  void add_view(ObjectName name, bool or_known, bool materialized) {
    if (View* known = view_named(name)) {
      if (or_known && known->name.schema == name.schema) return;
      if (is_set_up_again(known, name)) drop_view(*known);
    }
    add<&Schema::views_, &Schema::views_by_name_>(std::move(name)).materialized = materialized;
    ++schema_.counts_.views;
  }

  View* view_named(const ObjectName& name) {
    return changing<&Schema::views_>(schema_.find_view(name));
  }

  void create_statistics(const pg::CreateStatsStmt& create) {
    if (create.relations_size() != 1 || !create.relations(0).has_range_var()) return;
    Table* target = table(object_name(create.relations(0).range_var()));
    if (target == nullptr) return;
    const std::string name = object_name(create.defnames()).name;
    const auto id = static_cast<uint32_t>(target - schema_.tables_.data());
    if (!name.empty()) {
      schema_.keep_entry<&Schema::statistics_tables_>(name);
      const auto [known, is_new] = schema_.statistics_tables_.emplace(name, id);
      if (!is_new && !schema_.tables_[known->second].dropped) return;
      known->second = id;
    }
    ++target->statistics;
  }

  static uint32_t identities(const Table& table) {
    return static_cast<uint32_t>(
        std::count_if(table.columns.begin(), table.columns.end(),
                      [](const Column& column) { return column.identity; }));
  }

  /// Of a run of such events one is kept.
  void note(Table& table, TableEvent::Kind kind) {
    if (!table.events.empty() && table.events.back().kind == kind) return;
    table.events.push_back({at_, kind});
  }

  void mention_tables(AstRef tree) {
    Walker walker;
    walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
      const auto* relation = node.as<pg::RangeVar>();
      if (relation == nullptr) return;
      Table* target = table(object_name(*relation));
      // A table is not built on itself.
      if (target != nullptr && target->created != at_) note(*target, TableEvent::Kind::Mentioned);
    });
  }

  Sequence* sequence_named(const ObjectName& name) {
    return changing<&Schema::sequences_>(schema_.find_sequence(name));
  }

  void create_sequence(const pg::CreateSeqStmt& create) {
    ObjectName name = object_name(create.sequence());
    if (Sequence* known = sequence_named(name); is_set_up_again(known, name)) {
      drop_sequence(*known);
    }
    set_owner(add<&Schema::sequences_, &Schema::sequences_by_name_>(std::move(name)),
              create.options());
    ++schema_.counts_.sequences;
  }

  void set_owner(Sequence& sequence, const google::protobuf::RepeatedPtrField<pg::Node>& options) {
    for (const pg::Node& option : options) {
      if (option.def_elem().defname() != "owned_by") continue;
      const auto& parts = option.def_elem().arg().list().items();
      sequence.owner.reset();
      sequence.owner_column.clear();
      const int n = parts.size();
      if (n < 2) continue;  // OWNED BY NONE
      sequence.owner =
          ObjectName{n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])};
      sequence.owner_column = string_value(parts[n - 1]);
    }
  }

  Table* table(const ObjectName& name) {
    return changing<&Schema::tables_>(schema_.find_table(name));
  }

  /// The same, or what is known of a table that the input does not create.
  Table* altered_table(const ObjectName& name) {
    if (Table* known = table(name)) return known;
    if (schema_.find_altered(name) == nullptr) return nullptr;
    schema_.keep_entry<&Schema::unseen_>(name.name);
    return &schema_.unseen_[name.name];
  }

  /// Begins to remember such a table. Null where one of its name in another schema is known.
  Table* unseen_table(const ObjectName& name) {
    if (Table* known = altered_table(name)) return known;
    if (schema_.unseen_.count(name.name) != 0) return nullptr;
    schema_.keep_entry<&Schema::unseen_>(name.name);
    Table& added = schema_.unseen_[name.name];
    added.name = name;
    added.complete = added.seen = false;
    return &added;
  }

  void forget_unseen(const ObjectName& name) {
    if (schema_.find_altered(name) == nullptr) return;
    schema_.keep_entry<&Schema::unseen_>(name.name);
    schema_.unseen_.erase(name.name);
  }

  /// Calls `visit(key)` for the foreign keys that refer to the table.
  template <typename Visit>
  void each_reference(const Table& target, Visit&& visit) {
    if (!target.seen) return;
    for (const TableId id : schema_.referring_tables(target.name.name)) {
      schema_.keep<&Schema::tables_>(id);
      for (ForeignKey& key : schema_.tables_[id].foreign_keys) {
        if (key.target.name == target.name.name && schema_.find_table(key.target) == &target) {
          visit(key, id);
        }
      }
    }
  }

  /// A file that creates what an earlier one has created does not go on from it: they are two ways
  /// to set up the same, or a down and an up script.
  template <typename Object>
  bool is_set_up_again(const Object* known, const ObjectName& name) const {
    return known != nullptr && known->created.file != at_.file && known->name.schema == name.schema;
  }

  void drop_table(Table& target) {
    target.dropped = true;
    schema_.keep_entry<&Schema::constraint_names_>(target.name.name);
    schema_.constraint_names_.erase(target.name.name);
    target.events.push_back({at_, TableEvent::Kind::Dropped});
    --schema_.counts_.tables;
    schema_.counts_.sequences -= identities(target);
  }

  /// No foreign key refers to a table that is gone: there was none, or CASCADE took it.
  void drop_references(const Table& target) {
    std::vector<TableId> referring;
    each_reference(target, [&](const ForeignKey&, TableId id) { referring.push_back(id); });
    for (const TableId id : referring) {
      std::erase_if(schema_.tables_[id].foreign_keys, [&](const ForeignKey& key) {
        return key.target.name == target.name.name && schema_.find_table(key.target) == &target;
      });
    }
    if (!referring.empty()) forget_references(target.name.name);
  }

  void drop_view(View& known) {
    known.dropped = true;
    --schema_.counts_.views;
  }

  void drop_sequence(Sequence& known) {
    known.dropped = true;
    --schema_.counts_.sequences;
  }

  Table& add_table(ObjectName name, bool if_not_exists) {
    if (Table* known = table(name)) {
      if (if_not_exists && known->name.schema == name.schema) return *known;
      if (is_set_up_again(known, name)) drop_table(*known);
    }
    if (schema_.unseen_.count(name.name) != 0) forget_unseen(name);
    ++schema_.counts_.tables;
    return add<&Schema::tables_, &Schema::tables_by_name_>(std::move(name));
  }

  UserType& add_type(ObjectName name, TypeKind kind) {
    UserType& added = add<&Schema::types_, &Schema::types_by_name_>(std::move(name));
    added.kind = kind;
    return added;
  }

  void create_table(const pg::CreateStmt& create) {
    const size_t before = schema_.tables_.size();
    Table& added = add_table(object_name(create.relation()), create.if_not_exists());
    if (schema_.tables_.size() == before) return;  // it exists, and the statement does nothing
    added.complete =
        create.inh_relations_size() == 0 && !create.has_of_typename() && !create.has_partbound();
    for (const pg::Node& parent : create.inh_relations()) mention_tables(unwrap(parent));
    added.columns.reserve(static_cast<size_t>(create.table_elts_size()));
    for (const pg::Node& element : create.table_elts()) {
      if (element.has_column_def()) {
        add_column(added, element.column_def());
      } else if (element.has_constraint()) {
        add_constraint(added, element.constraint(), kNoColumn);
      } else if (element.has_table_like_clause()) {
        added.complete = false;
        mention_tables(unwrap(element));
      }
    }
  }

  void add_column(Table& table, const pg::ColumnDef& def) {
    Column column;
    column.name = def.colname();
    column.type = type_ref(def.type_name());
    column.added = at_;
    for (const pg::Node& node : def.constraints()) {
      const pg::Constraint& constraint = node.constraint();
      switch (constraint.contype()) {
        case pg::CONSTR_NOTNULL:
          column.not_null = true;
          if (alters_) {
            make_late(table, column, LateNotNull::By::AddColumn, place(constraint.location()));
          }
          break;
        case pg::CONSTR_DEFAULT:
          column.has_default = true;
          column.sequence = nextval_sequence(constraint.raw_expr());
          break;
        case pg::CONSTR_IDENTITY:
          column.identity = column.not_null = true;
          break;
        case pg::CONSTR_GENERATED:
          column.generated = true;
          break;
        case pg::CONSTR_PRIMARY:
          column.not_null = true;
          [[fallthrough]];
        default:
          add_constraint(table, constraint, def.colname());
      }
    }
    if (column.identity) ++schema_.counts_.sequences;
    table.columns.push_back(std::move(column));
  }

  /// `column` is the one a column constraint stands at, empty for a table constraint.
  void add_constraint(Table& table, const pg::Constraint& constraint, const std::string& column) {
    std::string name = name_constraint(table.name.name, constraint, column);
    switch (constraint.contype()) {
      case pg::CONSTR_PRIMARY:
      case pg::CONSTR_UNIQUE:
        add_key(table, constraint, column, std::move(name));
        return;
      case pg::CONSTR_CHECK:
        table.checks.push_back({std::move(name), columns_of(constraint.raw_expr()), at_});
        return;
      case pg::CONSTR_FOREIGN: {
        ForeignKey key;
        key.name = std::move(name);
        key.columns = column.empty() ? string_values(constraint.fk_attrs()) : std::vector{column};
        key.target = object_name(constraint.pktable());
        key.target_columns = string_values(constraint.pk_attrs());
        key.added = at_;
        if (table.seen) {
          schema_.keep_entry<&Schema::referring_tables_>(key.target.name);
          schema_.referring_tables_[key.target.name].push_back(
              static_cast<TableId>(&table - schema_.tables_.data()));
        }
        table.foreign_keys.push_back(std::move(key));
        return;
      }
      default:
        return;
    }
  }

  void add_key(Table& table, const pg::Constraint& constraint, const std::string& column,
               std::string name) {
    Key key;
    key.name = std::move(name);
    key.place = place(constraint.location());
    if (alters_) key.origin = column.empty() ? KeyOrigin::AddConstraint : KeyOrigin::AddColumn;
    key.kind = constraint.contype() == pg::CONSTR_PRIMARY ? KeyKind::Primary : KeyKind::Unique;
    key.added = at_;
    if (!constraint.indexname().empty()) {
      // USING INDEX: the index becomes the key.
      const auto index =
          std::find_if(table.indexes.begin(), table.indexes.end(),
                       [&](const Index& known) { return known.name == constraint.indexname(); });
      if (index != table.indexes.end()) {
        key.columns = index->columns;
        key.included = index->included;
        table.indexes.erase(index);
      }
      key.origin = KeyOrigin::UsingIndex;
    } else {
      key.columns = column.empty() ? string_values(constraint.keys()) : std::vector{column};
      key.included = string_values(constraint.including());
    }
    if (key.kind == KeyKind::Primary) {
      for (Column& member : table.columns) {
        if (contains(key.columns, member.name)) member.not_null = true;
      }
    }
    if (table.seen) note_index(table, key.name);
    table.keys.push_back(std::move(key));
    count_index(table);
  }

  void count_index(Table& table) {
    schema_.most_indexes_made_ = std::max(schema_.most_indexes_made_, ++table.indexes_made);
  }

  /// Remembers the constraint's name, or the one the server chooses; returns it.
  std::string name_constraint(const std::string& table, const pg::Constraint& constraint,
                              const std::string& column) {
    const std::string_view label = constraint_label(constraint.contype());
    if (label.empty()) return {};
    schema_.keep_entry<&Schema::constraint_names_>(table);
    Schema::ConstraintNames& names = schema_.constraint_names_[table];
    std::string name = constraint.conname();
    if (name.empty()) name = constraint.indexname();
    if (name.empty()) {
      const std::string middle = constraint_middle(constraint, column);
      size_t& chosen = names.chosen[generated_name(table, middle, label)];
      const auto taken = [&](const std::string& wanted) {
        return names.taken.count(wanted) != 0 && ++chosen != 0;
      };
      name = free_name(table, middle, label, taken, chosen);
      ++chosen;
    }
    names.taken.insert(name);
    return name;
  }

  /// The name that a CHECK gets which stands for NOT NULL; the same as AlterNames gives it.
  std::string not_null_name(const Table& table, const std::string& column) const {
    return free_name(table.name.name, column, "not_null", [&](const std::string& name) {
      return given_.count(name) != 0 || schema_.has_constraint(table.name, name);
    });
  }

  void make_late(const Table& table, Column& column, LateNotNull::By by, uint32_t place) {
    column.late = LateNotNull{by, at_, place, not_null_name(table, column.name)};
    schema_.keep_entry<&Schema::constraint_names_>(table.name.name);
    schema_.constraint_names_[table.name.name].taken.insert(column.late->name);
  }

  /// A byte of the file, from a tree's location.
  uint32_t place(int location) const {
    return document_.statements()[at_.index].range.begin + static_cast<uint32_t>(location) -
           kLocationShift;
  }

  /// Does it tell something of a table that nobody creates here?
  static bool tells(const pg::AlterTableCmd& cmd) {
    return cmd.def().has_constraint() || cmd.def().has_column_def() ||
           cmd.subtype() == pg::AT_SetNotNull;
  }

  void alter_table(const pg::AlterTableStmt& alter) {
    if (alter.objtype() == pg::OBJECT_INDEX || alter.objtype() == pg::OBJECT_VIEW) return;
    const ObjectName name = object_name(alter.relation());
    Table* target = altered_table(name);
    if (target == nullptr) {
      const bool worth =
          std::any_of(alter.cmds().begin(), alter.cmds().end(),
                      [](const pg::Node& node) { return tells(node.alter_table_cmd()); });
      if (worth && alter.objtype() == pg::OBJECT_TABLE) target = unseen_table(name);
      if (target == nullptr) return;
    }
    if (target->seen) target->events.push_back({at_, TableEvent::Kind::Altered});
    alters_ = true;
    for (const pg::Node& node : alter.cmds()) {
      const pg::Constraint& constraint = node.alter_table_cmd().def().constraint();
      if (!constraint.conname().empty()) given_.insert(constraint.conname());
      for (const pg::Node& part : node.alter_table_cmd().def().column_def().constraints()) {
        if (!part.constraint().conname().empty()) given_.insert(part.constraint().conname());
      }
    }
    // Whatever the order of the actions, what is dropped goes first.
    for (const bool drops : {true, false}) {
      for (int i = 0; i < alter.cmds_size(); ++i) {
        const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
        if (is_drop(cmd.subtype()) == drops) alter_column(*target, cmd, static_cast<size_t>(i));
      }
    }
  }

  static bool is_drop(pg::AlterTableType type) {
    return type == pg::AT_DropColumn || type == pg::AT_DropConstraint || type == pg::AT_DropNotNull;
  }

  /// Where the last token of action `i` begins: findings about it cover that.
  uint32_t place_of_action(size_t i) {
    if (!parts_) {
      tokens_ = document_.tokens(at_.index);
      parts_ = alter_table_parts(tokens_);
    }
    if (i >= parts_->actions.size() || parts_->actions[i].empty()) return 0;
    return tokens_[parts_->actions[i].end - 1].begin;
  }

  /// No table has as many columns; of one that nobody creates more is not remembered, for it is
  /// gone through again and again.
  static bool is_full(const Table& table) {
    constexpr size_t kMost = 1600;
    return !table.seen && table.columns.size() + table.keys.size() + table.checks.size() +
                                  table.foreign_keys.size() + table.indexes.size() >
                              kMost;
  }

  /// Only their names.
  void name_constraints(const std::string& table, const pg::Node& def) {
    if (def.has_constraint()) name_constraint(table, def.constraint(), kNoColumn);
    for (const pg::Node& part : def.column_def().constraints()) {
      name_constraint(table, part.constraint(), def.column_def().colname());
    }
  }

  void alter_column(Table& table, const pg::AlterTableCmd& cmd, size_t action) {
    const bool adds = cmd.subtype() == pg::AT_AddColumn || cmd.subtype() == pg::AT_AddConstraint ||
                      cmd.subtype() == pg::AT_SetNotNull;
    if (adds && is_full(table)) {
      name_constraints(table.name.name, cmd.def());
      return;
    }
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const Column& c) { return c.name == cmd.name(); });
    Column* column = found == table.columns.end() ? nullptr : &*found;
    switch (cmd.subtype()) {
      case pg::AT_AddColumn:
        if (table.column(cmd.def().column_def().colname()) == nullptr) {
          add_column(table, cmd.def().column_def());
        }
        return;
      case pg::AT_AddConstraint:
        add_constraint(table, cmd.def().constraint(), kNoColumn);
        return;
      case pg::AT_DropColumn:
        if (column == nullptr && table.seen) return;
        std::erase_if(table.keys, [&](const Key& key) {
          return contains(key.columns, cmd.name()) || contains(key.included, cmd.name());
        });
        std::erase_if(table.indexes, [&](const Index& index) {
          return contains(index.columns, cmd.name()) || contains(index.included, cmd.name());
        });
        std::erase_if(table.foreign_keys,
                      [&](const ForeignKey& key) { return contains(key.columns, cmd.name()); });
        std::erase_if(table.checks,
                      [&](const Check& check) { return contains(check.columns, cmd.name()); });
        if (column != nullptr) table.columns.erase(found);
        ++table.dropped_columns;
        return;
      case pg::AT_DropConstraint: {
        const auto named = [&](const auto& constraint) { return constraint.name == cmd.name(); };
        std::erase_if(table.keys, named);
        std::erase_if(table.checks, named);
        std::erase_if(table.foreign_keys, named);
        return;
      }
      default:
        break;
    }
    if (column == nullptr && !table.seen && cmd.subtype() == pg::AT_SetNotNull) {
      column = &table.columns.emplace_back();
      column->name = cmd.name();
      column->added = at_;
    }
    if (column == nullptr) return;
    switch (cmd.subtype()) {
      case pg::AT_ColumnDefault:
        column->has_default = cmd.has_def();
        column->sequence = nextval_sequence(cmd.def());
        break;
      case pg::AT_SetNotNull:
        if (!column->not_null) {
          make_late(table, *column, LateNotNull::By::SetNotNull, place_of_action(action));
        }
        column->not_null = true;
        break;
      case pg::AT_DropNotNull:
        column->not_null = false;
        if (column->late) {
          schema_.keep_entry<&Schema::constraint_names_>(table.name.name);
          schema_.constraint_names_[table.name.name].taken.erase(column->late->name);
          column->late.reset();
        }
        break;
      case pg::AT_AlterColumnType: {
        const TypeRef type = type_ref(cmd.def().column_def().type_name());
        if (column->not_null && table.seen && !(type == column->type)) {
          make_late(table, *column, LateNotNull::By::SetType, place_of_action(action));
        }
        column->type = type;
        break;
      }
      case pg::AT_AddIdentity:
        if (!column->identity) ++schema_.counts_.sequences;
        column->identity = column->not_null = true;
        break;
      case pg::AT_DropIdentity:
        if (column->identity) --schema_.counts_.sequences;
        column->identity = false;
        break;
      case pg::AT_DropExpression:
        column->generated = false;
        break;
      default:
        break;
    }
  }

  void create_index(const pg::IndexStmt& index) {
    Table* target = table(object_name(index.relation()));
    if (target == nullptr && index.unique()) target = unseen_table(object_name(index.relation()));
    if (target == nullptr || is_full(*target)) return;
    if (target->seen) target->events.push_back({at_, TableEvent::Kind::Indexed});
    count_index(*target);
    Index& added = target->indexes.emplace_back();
    added.name = index.idxname();
    added.unique = index.unique();
    added.created = at_;
    for (const pg::Node& key : index.index_params()) {
      added.columns.push_back(key.index_elem().name());
    }
    for (const pg::Node& column : index.index_including_params()) {
      added.included.push_back(column.index_elem().name());
    }
    added.partial = index.has_where_clause();
    if (target->seen) note_index(*target, index.idxname());
  }

  void note_index(const Table& table, const std::string& name) {
    if (name.empty()) return;
    schema_.keep_entry<&Schema::index_tables_>(name);
    schema_.index_tables_[name] = static_cast<uint32_t>(&table - schema_.tables_.data());
  }

  void drop_objects(const pg::DropStmt& drop) {
    for (const pg::Node& object : drop.objects()) {
      const ObjectName name = object_name(object);
      switch (drop.remove_type()) {
        case pg::OBJECT_TABLE:
          if (Table* target = table(name)) {
            drop_references(*target);
            drop_table(*target);
          } else {
            forget_unseen(name);
          }
          break;
        case pg::OBJECT_VIEW:
        case pg::OBJECT_MATVIEW:
          if (View* known = view_named(name)) drop_view(*known);
          break;
        case pg::OBJECT_STATISTIC_EXT: {
          const auto found = schema_.statistics_tables_.find(name.name);
          if (found == schema_.statistics_tables_.end()) break;
          schema_.keep<&Schema::tables_>(found->second);
          schema_.keep_entry<&Schema::statistics_tables_>(name.name);
          --schema_.tables_[found->second].statistics;
          schema_.statistics_tables_.erase(found);
          break;
        }
        case pg::OBJECT_SEQUENCE:
          if (Sequence* known = sequence_named(name)) drop_sequence(*known);
          break;
        case pg::OBJECT_TYPE:
        case pg::OBJECT_DOMAIN:
          if (UserType* known = changing<&Schema::types_>(schema_.find_type(name))) {
            known->dropped = true;
          }
          break;
        case pg::OBJECT_INDEX: {
          const auto found = schema_.index_tables_.find(name.name);
          if (found == schema_.index_tables_.end()) break;
          schema_.keep<&Schema::tables_>(found->second);
          std::erase_if(schema_.tables_[found->second].indexes,
                        [&](const Index& index) { return index.name == name.name; });
          break;
        }
        case pg::OBJECT_SCHEMA:
          std::erase_if(schema_.schemas_,
                        [&](const auto& known) { return known.first.name == name.name; });
          break;
        default:
          break;
      }
    }
  }

  void rename_object(const pg::RenameStmt& rename) {
    if (rename.rename_type() == pg::OBJECT_TABLE) {
      Table* target = altered_table(object_name(rename.relation()));
      if (target == nullptr) return;
      rename_table(*target, rename.newname());
    } else if (rename.rename_type() == pg::OBJECT_COLUMN) {
      Table* target = altered_table(object_name(rename.relation()));
      if (target == nullptr) return;
      if (target->seen) target->events.push_back({at_, TableEvent::Kind::Renamed});
      for (Column& column : target->columns) {
        if (column.name == rename.subname()) column.name = rename.newname();
      }
      for (Key& key : target->keys) {
        replace(key.columns, rename);
        replace(key.included, rename);
      }
      for (Index& index : target->indexes) {
        replace(index.columns, rename);
        replace(index.included, rename);
      }
      for (ForeignKey& key : target->foreign_keys) replace(key.columns, rename);
      for (Check& check : target->checks) replace(check.columns, rename);
      each_reference(*target,
                     [&](ForeignKey& key, TableId) { replace(key.target_columns, rename); });
    } else if (rename.rename_type() == pg::OBJECT_TABCONSTRAINT) {
      Table* target = altered_table(object_name(rename.relation()));
      if (target == nullptr) return;
      rename_constraint(*target, rename);
    } else if (rename.rename_type() == pg::OBJECT_INDEX) {
      rename_index(rename);
    } else if (rename.rename_type() == pg::OBJECT_SEQUENCE) {
      Sequence* target = sequence_named(object_name(rename.relation()));
      if (target == nullptr) return;
      give_name<&Schema::sequences_, &Schema::sequences_by_name_>(*target, rename.newname());
    } else if (rename.rename_type() == pg::OBJECT_VIEW ||
               rename.rename_type() == pg::OBJECT_MATVIEW) {
      View* target = view_named(object_name(rename.relation()));
      if (target == nullptr) return;
      give_name<&Schema::views_, &Schema::views_by_name_>(*target, rename.newname());
    }
  }

  void rename_table(Table& target, const std::string& name) {
    const std::string old = target.name.name;
    rename_names(old, name);
    if (!target.seen) {
      schema_.keep_entry<&Schema::unseen_>(old);
      schema_.keep_entry<&Schema::unseen_>(name);
      auto moved = schema_.unseen_.extract(old);
      moved.key() = moved.mapped().name.name = name;
      schema_.unseen_.erase(name);
      schema_.unseen_.insert(std::move(moved));
      return;
    }
    target.events.push_back({at_, TableEvent::Kind::Renamed});
    std::vector<TableId> referring;
    each_reference(target, [&](ForeignKey& key, TableId id) {
      key.target.name = name;
      referring.push_back(id);
    });
    give_name<&Schema::tables_, &Schema::tables_by_name_>(target, name);
    if (referring.empty()) return;
    forget_references(old);
    schema_.keep_entry<&Schema::referring_tables_>(name);
    auto& now = schema_.referring_tables_[name];
    now.insert(now.end(), referring.begin(), referring.end());
  }

  /// Leaves out of those that refer to a table of that name the ones that do so no longer.
  void forget_references(const std::string& name) {
    schema_.keep_entry<&Schema::referring_tables_>(name);
    std::erase_if(schema_.referring_tables_[name], [&](TableId id) {
      const auto& keys = schema_.tables_[id].foreign_keys;
      return std::none_of(keys.begin(), keys.end(),
                          [&](const ForeignKey& key) { return key.target.name == name; });
    });
  }

  /// The names of its constraints go with a table.
  void rename_names(const std::string& old, const std::string& name) {
    auto& all = schema_.constraint_names_;
    if (old == name || all.count(old) == 0) return;
    schema_.keep_entry<&Schema::constraint_names_>(old);
    schema_.keep_entry<&Schema::constraint_names_>(name);
    if (schema_.tables_by_name_.count(old) > 1) {  // in several schemas
      const std::unordered_set<std::string> taken = all[old].taken;
      all[name].taken.insert(taken.begin(), taken.end());
    } else if (all.count(name) != 0) {
      all[name].taken.merge(all[old].taken);
      all.erase(old);
    } else {
      auto moved = all.extract(old);
      moved.key() = name;
      all.insert(std::move(moved));
    }
  }

  static void rename_constraint(Table& target, const pg::RenameStmt& rename) {
    const auto apply = [&](auto& constraints) {
      for (auto& constraint : constraints) {
        if (constraint.name == rename.subname()) constraint.name = rename.newname();
      }
    };
    apply(target.keys);
    apply(target.checks);
    apply(target.foreign_keys);
  }

  void rename_index(const pg::RenameStmt& rename) {
    const ObjectName name = object_name(rename.relation());
    const auto found = schema_.index_tables_.find(name.name);
    if (found == schema_.index_tables_.end()) return;
    const uint32_t id = found->second;
    schema_.keep<&Schema::tables_>(id);
    Table& target = schema_.tables_[id];
    const std::string& schema = target.name.schema;
    if (!schema.empty() && !name.schema.empty() && schema != name.schema) return;
    for (Index& index : target.indexes) {
      if (index.name == name.name) index.name = rename.newname();
    }
    for (Key& key : target.keys) {
      if (key.name == name.name) key.name = rename.newname();
    }
    note_index(target, rename.newname());
  }

  static void replace(std::vector<std::string>& names, const pg::RenameStmt& rename) {
    std::replace(names.begin(), names.end(), rename.subname(), rename.newname());
  }

  void move_object(const pg::AlterObjectSchemaStmt& move) {
    if (move.object_type() != pg::OBJECT_TABLE) return;
    Table* target = altered_table(object_name(move.relation()));
    if (target == nullptr) return;
    if (target->seen) target->events.push_back({at_, TableEvent::Kind::Renamed});
    // Only then the schema of the table: the keys are found by it.
    each_reference(*target,
                   [&](ForeignKey& key, TableId) { key.target.schema = move.newschema(); });
    target->name.schema = move.newschema();
  }

  Schema& schema_;
  const Document& document_;
  StatementRef at_;
  bool alters_ = false;                    ///< what is added comes by ALTER TABLE
  std::unordered_set<std::string> given_;  ///< names of constraints that the statement adds
  Tokens tokens_;                          ///< of an ALTER TABLE, once they are asked for
  std::optional<AlterTableParts> parts_;
};

template <auto objects>
void Schema::keep(uint32_t id) {
  if (!keeps()) return;
  const auto& known = this->*objects;
  if (known[id].created.file == file_) return;  // goes as a whole
  if (!kept_.emplace(&known, id).second) return;
  undo_.push_back([id, old = known[id]](Schema& schema) { (schema.*objects)[id] = old; });
}

template <auto map>
void Schema::keep_entry(const std::string& key) {
  if (!keeps() || !kept_entries_.emplace(&(this->*map), key).second) return;
  const auto found = (this->*map).find(key);
  if (found == (this->*map).end()) {
    undo_.push_back([key](Schema& schema) { (schema.*map).erase(key); });
  } else {
    undo_.push_back([key, old = found->second](Schema& schema) { (schema.*map)[key] = old; });
  }
}

template <auto names>
void Schema::keep_names(const std::string& name) {
  if (!keeps()) return;
  std::vector<uint32_t> ids;
  const auto [begin, end] = (this->*names).equal_range(name);
  for (auto it = begin; it != end; ++it) ids.push_back(it->second);
  undo_.push_back([name, ids = std::move(ids)](Schema& schema) {
    (schema.*names).erase(name);
    for (const uint32_t id : ids) (schema.*names).emplace(name, id);
  });
}

void Schema::apply(const Document& document, uint32_t statement) {
  const AstRef tree = tree_of(document.statements()[statement]);
  SchemaBuilder builder(*this, document, statement);
  if (tree.message != nullptr) builder.apply(tree);
  for (const RowUse& use : document.statements()[statement].row_uses) {
    builder.write_rows(parse_object_name(std::string(document.source().slice(use.name))),
                       use.changes);
  }
}

}  // namespace dsqlint
