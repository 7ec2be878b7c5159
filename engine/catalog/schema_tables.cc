// Tables of the model: their columns, constraints and indexes.

#include <algorithm>

#include "engine/catalog/generated_names.h"
#include "engine/catalog/named_objects.h"
#include "engine/catalog/schema_builder.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint {

namespace {

const std::string kNoColumn;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

uint32_t identities(const Table& table) {
  return static_cast<uint32_t>(std::count_if(table.columns.begin(), table.columns.end(),
                                             [](const Column& column) { return column.identity; }));
}

/// Does it show something about a table that the input does not create?
bool tells(const pg::AlterTableCmd& cmd) {
  return cmd.def().has_constraint() || cmd.def().has_column_def() ||
         cmd.subtype() == pg::AT_SetNotNull;
}

bool is_drop(pg::AlterTableType type) {
  return type == pg::AT_DropColumn || type == pg::AT_DropConstraint || type == pg::AT_DropNotNull;
}

/// No table has as many columns; of one that nobody creates more is not remembered, for it is gone
/// through again and again.
bool is_full(const Table& table) {
  constexpr size_t kMost = 1600;
  return !table.seen && table.columns.size() + table.keys.size() + table.checks.size() +
                                table.foreign_keys.size() + table.indexes.size() >
                            kMost;
}

}  // namespace

Table* SchemaBuilder::altered_table(const ObjectName& name) {
  if (Table* known = table(name)) return known;
  if (schema_.find_altered(name) == nullptr) return nullptr;
  schema_.keep_entry<&Schema::unseen_>(name.name);
  return &schema_.unseen_[name.name];
}

Table* SchemaBuilder::unseen_table(const ObjectName& name) {
  if (Table* known = altered_table(name)) return known;
  if (schema_.unseen_.contains(name.name)) return nullptr;
  schema_.keep_entry<&Schema::unseen_>(name.name);
  Table& added = schema_.unseen_[name.name];
  added.name = name;
  added.complete = added.seen = false;
  return &added;
}

void SchemaBuilder::forget_unseen(const ObjectName& name) {
  if (schema_.find_altered(name) == nullptr) return;
  schema_.keep_entry<&Schema::unseen_>(name.name);
  schema_.unseen_.erase(name.name);
}

void SchemaBuilder::drop_table(Table& target) {
  target.dropped = true;
  schema_.keep_entry<&Schema::constraint_names_>(target.name.name);
  schema_.constraint_names_.erase(target.name.name);
  target.events.push_back({at_, TableEvent::Kind::Dropped});
  --schema_.counts_.tables;
  schema_.counts_.sequences -= identities(target);
}

void SchemaBuilder::drop_references(const Table& target) {
  std::vector<TableId> referring;
  each_reference(target, [&](const ForeignKey&, TableId id) { referring.push_back(id); });
  for (const TableId id : referring) {
    std::erase_if(schema_.tables_[id].foreign_keys, [&](const ForeignKey& key) {
      return key.target.name == target.name.name && schema_.find_table(key.target) == &target;
    });
  }
  if (!referring.empty()) forget_references(target.name.name);
}

Table& SchemaBuilder::add_table(ObjectName name, bool if_not_exists) {
  if (Table* known = table(name)) {
    if (if_not_exists && known->name.schema == name.schema) return *known;
    if (is_set_up_again(known, name)) drop_table(*known);
  }
  if (schema_.unseen_.contains(name.name)) forget_unseen(name);
  ++schema_.counts_.tables;
  return add<&Schema::tables_, &Schema::tables_by_name_>(std::move(name));
}

void SchemaBuilder::create_table(const pg::CreateStmt& create) {
  const size_t before = schema_.tables_.size();
  Table& added = add_table(object_name(create.relation()), create.if_not_exists());
  if (schema_.tables_.size() == before) return;  // it exists, and the statement does nothing
  added.complete =
      create.inh_relations_size() == 0 && !create.has_of_typename() && !create.has_partbound();
  for (const pg::Node& parent : create.inh_relations()) mention_tables(unwrap(parent));
  if (create.has_partbound() && create.inh_relations_size() == 1) {
    add_partition(added, object_name(create.inh_relations(0).range_var()));
  }
  added.columns.reserve(static_cast<size_t>(create.table_elts_size()));
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) {
      add_column(added, element.column_def());
    } else if (element.has_constraint()) {
      add_constraint(added, element.constraint(), kNoColumn);
    } else if (element.has_table_like_clause()) {
      // Even where the other table is known: what looks at the statement does not see its columns.
      added.complete = false;
      copy_table(added, element.table_like_clause());
      mention_tables(unwrap(element));
    }
  }
}

void SchemaBuilder::copy_table(Table& table, const pg::TableLikeClause& like) {
  // A few bytes of text copy a whole table, and so on from copy to copy.
  constexpr size_t kMaxOfOne = 1600;  // PostgreSQL's limit of columns
  constexpr size_t kMaxOfAll = 1u << 16;
  const Table* source = schema_.find_table(object_name(like.relation()));
  if (source == nullptr || source == &table) return;
  const size_t copied =
      source->columns.size() + source->keys.size() + source->checks.size() + source->indexes.size();
  if (copied > kMaxOfOne || schema_.copied_ + copied > kMaxOfAll) return;
  schema_.copied_ += copied;
  for (Column column : source->columns) {
    if (table.column(column.name) != nullptr) continue;
    column.added = at_;
    column.late.reset();
    if (!includes(like, pg::CREATE_TABLE_LIKE_DEFAULTS)) {
      column.has_default = false;
      column.sequence.reset();
    }
    column.generated = column.generated && includes(like, pg::CREATE_TABLE_LIKE_GENERATED);
    column.identity = column.identity && includes(like, pg::CREATE_TABLE_LIKE_IDENTITY);
    if (column.identity) ++schema_.counts_.sequences;
    // A serial becomes a bigint with an identity, which stays where it is.
    if (is_serial(column.type)) column.type.name = "int8";
    table.columns.push_back(std::move(column));
  }
  if (includes(like, pg::CREATE_TABLE_LIKE_CONSTRAINTS)) {
    schema_.keep_entry<&Schema::constraint_names_>(table.name.name);
    for (const Check& check : source->checks) {
      schema_.constraint_names_[table.name.name].taken.insert(check.name);
      table.checks.push_back({check.name, check.columns, at_});
    }
  }
  if (!includes(like, pg::CREATE_TABLE_LIKE_INDEXES)) return;
  for (const Key& key : source->keys) {
    pg::Constraint copy;  // without a name: it gets one of its own
    copy.set_contype(key.kind == KeyKind::Primary ? pg::CONSTR_PRIMARY : pg::CONSTR_UNIQUE);
    copy.set_location(like.relation().location());
    for (const std::string& column : key.columns) {
      copy.add_keys()->mutable_string()->set_sval(column);
    }
    for (const std::string& column : key.included) {
      copy.add_including()->mutable_string()->set_sval(column);
    }
    add_key(table, copy, kNoColumn, name_constraint(table.name, copy, kNoColumn));
  }
  for (Index index : source->indexes) {
    index.name.clear();
    index.created = at_;
    table.indexes.push_back(std::move(index));
  }
}

void SchemaBuilder::add_column(Table& table, const pg::ColumnDef& def) {
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
  if (alters_ && !column.late && (column.identity || is_serial(column.type))) {
    // A CHECK will keep NULL out.
    schema_.keep_entry<&Schema::constraint_names_>(table.name.name);
    schema_.constraint_names_[table.name.name].taken.insert(not_null_name(table, column.name));
  }
  table.columns.push_back(std::move(column));
}

void SchemaBuilder::add_constraint(Table& table, const pg::Constraint& constraint,
                                   const std::string& column) {
  std::string name = name_constraint(table.name, constraint, column);
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

void SchemaBuilder::add_key(Table& table, const pg::Constraint& constraint,
                            const std::string& column, std::string name) {
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
}

std::string SchemaBuilder::name_constraint(const ObjectName& table,
                                           const pg::Constraint& constraint,
                                           const std::string& column) {
  const std::string_view label = constraint_label(constraint.contype());
  if (label.empty()) return {};
  schema_.keep_entry<&Schema::constraint_names_>(table.name);
  Schema::ConstraintNames& names = schema_.constraint_names_[table.name];
  std::string name = constraint.conname();
  if (name.empty()) name = constraint.indexname();
  if (name.empty()) {
    const std::string middle = constraint_middle(constraint, column);
    size_t& chosen = names.chosen[generated_name(table.name, middle, label)];
    const auto taken = [&](const std::string& wanted) {
      const bool clashes = names.taken.contains(wanted) ||
                           (has_index(constraint.contype()) && is_relation(schema_, table, wanted));
      return clashes && ++chosen != 0;
    };
    name = free_name(table.name, middle, label, taken, chosen);
    ++chosen;
  }
  names.taken.insert(name);
  return name;
}

std::string SchemaBuilder::not_null_name(const Table& table, const std::string& column) const {
  return free_name(table.name.name, column, "not_null", [&](const std::string& name) {
    return given_.count(name) != 0 || schema_.has_constraint(table.name, name);
  });
}

void SchemaBuilder::make_late(const Table& table, Column& column, LateNotNull::By by,
                              uint32_t place) {
  column.late = LateNotNull{by, at_, place, not_null_name(table, column.name)};
  schema_.keep_entry<&Schema::constraint_names_>(table.name.name);
  schema_.constraint_names_[table.name.name].taken.insert(column.late->name);
}

uint32_t SchemaBuilder::place(int location) const {
  return document_.statements()[at_.index].range.begin + static_cast<uint32_t>(location) -
         kLocationShift;
}

void SchemaBuilder::note_retyped(Table& table, const Column& column) {
  // In an empty table of the same file it is made with the type that it has in the end; a numbered
  // column stays what it is.
  const bool rows = std::any_of(table.events.begin(), table.events.end(), [](const auto& event) {
    return event.kind == TableEvent::Kind::Inserted || event.kind == TableEvent::Kind::Changed;
  });
  if (!table.seen || table.retyped || (table.created.file == at_.file && !rows) ||
      column.identity || is_serial(column.type)) {
    return;
  }
  table.retyped = Retyped{at_, column.name};
  schema_.any_retyped_ = true;
}

void SchemaBuilder::add_partition(Table& partition, ObjectName parent) {
  const auto id_of = [&](const Table& table) {
    return static_cast<TableId>(&table - schema_.tables_.data());
  };
  const Table* known = schema_.find_table(parent);
  partition.partition_of = PartitionOf{
      std::move(parent), known == nullptr ? std::nullopt : std::optional(id_of(*known)), at_};
  schema_.partitions_.push_back(id_of(partition));
}

void SchemaBuilder::alter_table(const pg::AlterTableStmt& alter) {
  if (alter.objtype() == pg::OBJECT_INDEX || alter.objtype() == pg::OBJECT_VIEW) return;
  const ObjectName name = object_name(alter.relation());
  if (alter.cmds_size() == 1) {
    const pg::AlterTableCmd& cmd = alter.cmds(0).alter_table_cmd();
    if (cmd.subtype() == pg::AT_AttachPartition || cmd.subtype() == pg::AT_DetachPartition) {
      Table* partition = table(object_name(cmd.def().partition_cmd().name()));
      if (partition != nullptr) {
        partition->events.push_back({at_, TableEvent::Kind::Attached});
        if (cmd.subtype() == pg::AT_AttachPartition) add_partition(*partition, name);
      }
    }
  }
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

uint32_t SchemaBuilder::place_of_action(size_t i) {
  if (!parts_) {
    tokens_ = document_.tokens(at_.index);
    parts_ = alter_table_parts(tokens_);
  }
  if (i >= parts_->actions.size() || parts_->actions[i].empty()) return 0;
  return tokens_[parts_->actions[i].end - 1].begin;
}

void SchemaBuilder::name_constraints(const ObjectName& table, const pg::Node& def) {
  if (def.has_constraint()) name_constraint(table, def.constraint(), kNoColumn);
  for (const pg::Node& part : def.column_def().constraints()) {
    name_constraint(table, part.constraint(), def.column_def().colname());
  }
}

void SchemaBuilder::alter_column(Table& table, const pg::AlterTableCmd& cmd, size_t action) {
  const bool adds = cmd.subtype() == pg::AT_AddColumn || cmd.subtype() == pg::AT_AddConstraint ||
                    cmd.subtype() == pg::AT_SetNotNull;
  if (adds && is_full(table)) {
    name_constraints(table.name, cmd.def());
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
      if (!(type == column->type)) note_retyped(table, *column);
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

void SchemaBuilder::create_index(const pg::IndexStmt& index) {
  if (means_view(schema_, object_name(index.relation()))) return;
  Table* target = table(object_name(index.relation()));
  if (target == nullptr && index.unique()) target = unseen_table(object_name(index.relation()));
  if (target == nullptr || is_full(*target)) return;
  if (target->seen) target->events.push_back({at_, TableEvent::Kind::Indexed});
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

void SchemaBuilder::note_index(const Table& table, const std::string& name) {
  if (name.empty()) return;
  forget_index(table, name);
  schema_.index_tables_.add(name, static_cast<TableId>(&table - schema_.tables_.data()));
}

void SchemaBuilder::forget_index(const Table& table, const std::string& name) {
  const auto id = static_cast<TableId>(&table - schema_.tables_.data());
  schema_.keep_names<&Schema::index_tables_>(name);
  schema_.index_tables_.erase_if(
      name, [&](TableId known) { return known == id || schema_.tables_[known].dropped; });
}

Table* SchemaBuilder::table_of_index(const ObjectName& name) {
  const auto has_it = [&](TableId id) {
    const Table& table = schema_.tables_[id];
    const auto named = [&](const auto& index) { return index.name == name.name; };
    return !table.dropped && (std::any_of(table.indexes.begin(), table.indexes.end(), named) ||
                              std::any_of(table.keys.begin(), table.keys.end(), named));
  };
  return changing<&Schema::tables_>(
      find_named(schema_.tables_, schema_.index_tables_, name, has_it));
}

}  // namespace dsqlint
