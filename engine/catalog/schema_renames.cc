// Objects of the model that get another name or schema.

#include <algorithm>

#include "engine/catalog/schema_builder.h"
#include "engine/parse/names.h"

namespace dsqlint {

namespace {

void replace(std::vector<std::string>& names, const pg::RenameStmt& rename) {
  std::replace(names.begin(), names.end(), rename.subname(), rename.newname());
}

void rename_constraint(Table& target, const pg::RenameStmt& rename) {
  const auto apply = [&](auto& constraints) {
    for (auto& constraint : constraints) {
      if (constraint.name == rename.subname()) constraint.name = rename.newname();
    }
  };
  apply(target.keys);
  apply(target.checks);
  apply(target.foreign_keys);
}

}  // namespace

void SchemaBuilder::rename_object(const pg::RenameStmt& rename) {
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
    each_reference(*target, [&](ForeignKey& key, TableId) { replace(key.target_columns, rename); });
  } else if (rename.rename_type() == pg::OBJECT_TABCONSTRAINT) {
    Table* target = altered_table(object_name(rename.relation()));
    if (target == nullptr) return;
    rename_constraint(*target, rename);
    // The index of a key goes with it.
    const auto renamed = [&](const Key& key) { return key.name == rename.newname(); };
    if (target->seen && std::any_of(target->keys.begin(), target->keys.end(), renamed)) {
      forget_index(*target, rename.subname());
      note_index(*target, rename.newname());
    }
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
  } else if (rename.rename_type() == pg::OBJECT_TYPE || rename.rename_type() == pg::OBJECT_DOMAIN) {
    UserType* target = type_named(object_name(rename.object()));
    if (target == nullptr) return;
    rename_type(*target, {target->name.schema, rename.newname()});
  } else if (rename.rename_type() == pg::OBJECT_SCHEMA) {
    rename_schema(rename.subname(), rename.newname());
  }
}

void SchemaBuilder::rename_type(UserType& type, ObjectName name) {
  if (std::find(type.earlier_names.begin(), type.earlier_names.end(), type.name) ==
      type.earlier_names.end()) {
    type.earlier_names.push_back(type.name);
  }
  const bool elsewhere = type.name.name == name.name;
  type.name = std::move(name);
  if (elsewhere) return;
  schema_.keep_names<&Schema::types_by_name_>(type.name.name);
  index_name(schema_.types_, schema_.types_by_name_, type.name,
             static_cast<uint32_t>(&type - schema_.types_.data()));
}

void SchemaBuilder::rename_schema(const std::string& name, const std::string& new_name) {
  // The lists go by bare names, which stay.
  for (auto& [known, created] : schema_.schemas_) {
    if (known.name == name) known.name = new_name;
  }
  for (TableId id = 0; id < schema_.tables_.size(); ++id) {
    const Table& known = schema_.tables_[id];
    const auto refers = [&](const ForeignKey& key) { return key.target.schema == name; };
    if (known.name.schema != name &&
        std::none_of(known.foreign_keys.begin(), known.foreign_keys.end(), refers)) {
      continue;
    }
    schema_.keep<&Schema::tables_>(id);
    Table& target = schema_.tables_[id];
    if (target.name.schema == name) {
      target.name.schema = new_name;
      target.events.push_back({at_, TableEvent::Kind::Renamed});
    }
    for (ForeignKey& key : target.foreign_keys) {
      if (refers(key)) key.target.schema = new_name;
    }
  }
  for (const auto& [bare_name, known] : schema_.unseen_) {
    if (known.name.schema != name) continue;
    schema_.keep_entry<&Schema::unseen_>(bare_name);
    schema_.unseen_[bare_name].name.schema = new_name;
  }
  const auto relocate = [&]<auto objects>() {
    for (uint32_t id = 0; id < (schema_.*objects).size(); ++id) {
      if ((schema_.*objects)[id].name.schema != name) continue;
      schema_.keep<objects>(id);
      (schema_.*objects)[id].name.schema = new_name;
    }
  };
  relocate.operator()<&Schema::sequences_>();
  relocate.operator()<&Schema::functions_>();
  relocate.operator()<&Schema::views_>();
  for (uint32_t id = 0; id < schema_.types_.size(); ++id) {
    if (schema_.types_[id].name.schema != name) continue;
    schema_.keep<&Schema::types_>(id);
    UserType& type = schema_.types_[id];
    rename_type(type, {new_name, type.name.name});
  }
}

void SchemaBuilder::rename_table(Table& target, const std::string& name) {
  const std::string old = target.name.name;
  rename_names(target, name);
  if (!target.seen) {
    schema_.keep_entry<&Schema::unseen_>(old);
    schema_.keep_entry<&Schema::unseen_>(name);
    Table moved = std::move(target);
    moved.name.name = name;
    schema_.unseen_.erase(old);
    schema_.unseen_[name] = std::move(moved);
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

void SchemaBuilder::forget_references(const std::string& name) {
  schema_.keep_entry<&Schema::referring_tables_>(name);
  std::erase_if(schema_.referring_tables_[name], [&](TableId id) {
    const auto& keys = schema_.tables_[id].foreign_keys;
    return std::none_of(keys.begin(), keys.end(),
                        [&](const ForeignKey& key) { return key.target.name == name; });
  });
}

void SchemaBuilder::rename_names(const Table& target, const std::string& name) {
  const std::string& old = target.name.name;
  auto& all = schema_.constraint_names_;
  if (old == name || !all.contains(old)) return;
  schema_.keep_entry<&Schema::constraint_names_>(old);
  schema_.keep_entry<&Schema::constraint_names_>(name);
  bool stays = false;  // tables of other schemas have the old name too
  schema_.tables_by_name_.each(old, [&](TableId id) {
    const Table& table = schema_.tables_[id];
    stays |= &table != &target && !table.dropped && table.name.name == old;
  });
  Schema::ConstraintNames moved = *all.find(old);
  if (!stays) all.erase(old);
  if (Schema::ConstraintNames* known = all.find(name)) {
    known->taken.merge(moved.taken);
  } else {
    if (stays) moved.chosen = {};
    all[name] = std::move(moved);
  }
}

void SchemaBuilder::rename_index(const pg::RenameStmt& rename) {
  const ObjectName name = object_name(rename.relation());
  Table* target = table_of_index(name);
  if (target == nullptr) return;
  for (Index& index : target->indexes) {
    if (index.name == name.name) index.name = rename.newname();
  }
  for (Key& key : target->keys) {
    if (key.name == name.name) key.name = rename.newname();
  }
  forget_index(*target, name.name);
  note_index(*target, rename.newname());
}

void SchemaBuilder::move_object(const pg::AlterObjectSchemaStmt& move) {
  if (move.object_type() == pg::OBJECT_TYPE || move.object_type() == pg::OBJECT_DOMAIN) {
    UserType* type = type_named(object_name(move.object()));
    if (type != nullptr) rename_type(*type, {move.newschema(), type->name.name});
    return;
  }
  if (move.object_type() != pg::OBJECT_TABLE) return;
  Table* target = altered_table(object_name(move.relation()));
  if (target == nullptr) return;
  if (target->seen) target->events.push_back({at_, TableEvent::Kind::Renamed});
  // Only then the schema of the table: the keys are found by it.
  each_reference(*target, [&](ForeignKey& key, TableId) { key.target.schema = move.newschema(); });
  target->name.schema = move.newschema();
}

}  // namespace dsqlint
