// Statements of the model, and all objects but tables.

#include "engine/catalog/schema_builder.h"

#include <algorithm>

#include "engine/catalog/generated_names.h"
#include "engine/catalog/named_objects.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/trigger_body.h"
#include "engine/parse/walk.h"

namespace dsqlint {
namespace {

Volatility declared_volatility(const pg::CreateFunctionStmt& create) {
  for (const pg::Node& option : create.options()) {
    if (option.def_elem().defname() != "volatility") continue;
    const std::string& word = string_value(option.def_elem().arg());
    return word == "immutable" ? Volatility::Immutable
           : word == "stable"  ? Volatility::Stable
                               : Volatility::Volatile;
  }
  return Volatility::Volatile;
}

}  // namespace

void SchemaBuilder::apply(AstRef tree) {
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

void SchemaBuilder::write_rows(const ObjectName& name, bool changes) {
  if (Table* target = table(name)) {
    note(*target, changes ? TableEvent::Kind::Changed : TableEvent::Kind::Inserted);
  }
}

void SchemaBuilder::add_schema(const pg::CreateSchemaStmt& create) {
  const std::string& created = created_schema(create);
  const bool known = std::any_of(schema_.schemas_.begin(), schema_.schemas_.end(),
                                 [&](const auto& schema) { return schema.first.name == created; });
  if (!known) schema_.schemas_.push_back({{"", created}, at_});
}

void SchemaBuilder::apply_element(AstRef element) {
  if (const auto* table = element.as<pg::CreateStmt>()) create_table(*table);
  if (const auto* index = element.as<pg::IndexStmt>()) create_index(*index);
  if (const auto* sequence = element.as<pg::CreateSeqStmt>()) create_sequence(*sequence);
  if (const auto* view = element.as<pg::ViewStmt>()) {
    add_view(object_name(view->view()), view->replace(), false);
    mention_tables(element);
  }
}

void SchemaBuilder::create_function(const pg::CreateFunctionStmt& create) {
  const auto id = static_cast<uint32_t>(schema_.functions_.size());
  Function& added = schema_.functions_.emplace_back();
  added.name = object_name(create.funcname());
  added.created = at_;
  added.result = type_ref(create.return_type());
  added.volatility = declared_volatility(create);
  added.trigger = added.result.name == "trigger" || added.result.name == "event_trigger";
  if (added.trigger) {
    const std::string& body = function_body_text(create);
    added.touches = touched_columns(body);
    added.effects = trigger_effects(body);
  }
  schema_.keep_names<&Schema::functions_by_name_>(added.name.name);
  schema_.functions_by_name_.add(added.name.name, id);
}

void SchemaBuilder::add_view(ObjectName name, bool or_known, bool materialized) {
  if (View* known = view_named(name)) {
    if (or_known && known->name.schema == name.schema) return;
    if (is_set_up_again(known, name)) drop_view(*known);
  }
  add<&Schema::views_, &Schema::views_by_name_>(std::move(name)).materialized = materialized;
  ++schema_.counts_.views;
}

View* SchemaBuilder::view_named(const ObjectName& name) {
  return changing<&Schema::views_>(schema_.find_view(name));
}

void SchemaBuilder::create_statistics(const pg::CreateStatsStmt& create) {
  if (create.relations_size() != 1 || !create.relations(0).has_range_var()) return;
  Table* target = table(object_name(create.relations(0).range_var()));
  if (target == nullptr) return;
  const std::string name = object_name(create.defnames()).name;
  const auto id = static_cast<uint32_t>(target - schema_.tables_.data());
  if (!name.empty()) {
    const TableId* known = schema_.statistics_tables_.find(name);
    if (known != nullptr && !schema_.tables_[*known].dropped) return;
    schema_.keep_entry<&Schema::statistics_tables_>(name);
    schema_.statistics_tables_[name] = id;
  }
  ++target->statistics;
}

void SchemaBuilder::note(Table& table, TableEvent::Kind kind) {
  const TableEvent* last = table.events.empty() ? nullptr : &table.events.back();
  if (last != nullptr && last->kind == kind && last->statement.file == at_.file) return;
  table.events.push_back({at_, kind});
}

void SchemaBuilder::mention_tables(AstRef tree) {
  Walker walker;
  walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
    const auto* relation = node.as<pg::RangeVar>();
    if (relation == nullptr) return;
    Table* target = table(object_name(*relation));
    // A table is not built on itself.
    if (target != nullptr && target->created != at_) note(*target, TableEvent::Kind::Mentioned);
  });
}

Sequence* SchemaBuilder::sequence_named(const ObjectName& name) {
  return changing<&Schema::sequences_>(schema_.find_sequence(name));
}

void SchemaBuilder::create_sequence(const pg::CreateSeqStmt& create) {
  ObjectName name = object_name(create.sequence());
  if (Sequence* known = sequence_named(name); is_set_up_again(known, name)) {
    drop_sequence(*known);
  }
  set_owner(add<&Schema::sequences_, &Schema::sequences_by_name_>(std::move(name)),
            create.options());
  ++schema_.counts_.sequences;
}

void SchemaBuilder::set_owner(Sequence& sequence,
                              const google::protobuf::RepeatedPtrField<pg::Node>& options) {
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

Table* SchemaBuilder::table(const ObjectName& name) {
  return changing<&Schema::tables_>(schema_.find_table(name));
}

void SchemaBuilder::drop_view(View& known) {
  known.dropped = true;
  --schema_.counts_.views;
}

void SchemaBuilder::drop_sequence(Sequence& known) {
  known.dropped = true;
  --schema_.counts_.sequences;
}

UserType& SchemaBuilder::add_type(ObjectName name, TypeKind kind) {
  // From now on the name means this one.
  schema_.keep_names<&Schema::types_by_name_>(name.name);
  schema_.types_by_name_.erase_if(name.name, [&](uint32_t known) {
    const UserType& type = schema_.types_[known];
    return type.name.name != name.name && type.had_name(name);
  });
  UserType& added = add<&Schema::types_, &Schema::types_by_name_>(std::move(name));
  added.kind = kind;
  return added;
}

UserType* SchemaBuilder::type_named(const ObjectName& name) {
  return changing<&Schema::types_>(find_named(schema_.types_, schema_.types_by_name_, name));
}

void SchemaBuilder::drop_objects(const pg::DropStmt& drop) {
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
        const TableId* found = schema_.statistics_tables_.find(name.name);
        if (found == nullptr) break;
        schema_.keep<&Schema::tables_>(*found);
        schema_.keep_entry<&Schema::statistics_tables_>(name.name);
        --schema_.tables_[*found].statistics;
        schema_.statistics_tables_.erase(name.name);
        break;
      }
      case pg::OBJECT_SEQUENCE:
        if (Sequence* known = sequence_named(name)) drop_sequence(*known);
        break;
      case pg::OBJECT_TYPE:
      case pg::OBJECT_DOMAIN:
        if (UserType* known = type_named(name)) known->dropped = true;
        break;
      case pg::OBJECT_INDEX: {
        Table* target = table_of_index(name);
        if (target == nullptr) break;
        const auto named = [&](const Index& index) { return index.name == name.name; };
        target->events.push_back({at_, TableEvent::Kind::Unindexed});
        if (std::erase_if(target->indexes, named) != 0) forget_index(*target, name.name);
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

void Schema::apply(const Document& document, uint32_t statement) {
  run_.apply(document, statement);
  const AstRef tree = tree_of(document.statements()[statement]);
  SchemaBuilder builder(*this, document, statement);
  if (tree.message != nullptr) builder.apply(tree);
  for (const RowUse& use : document.statements()[statement].row_uses) {
    builder.write_rows(parse_object_name(std::string(document.source().slice(use.name))),
                       use.changes);
  }
}

}  // namespace dsqlint
