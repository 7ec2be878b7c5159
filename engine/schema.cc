// Building the model, statement by statement.

#include "engine/schema.h"

#include <algorithm>

#include "engine/ast.h"
#include "engine/document.h"
#include "engine/names.h"
#include "engine/walk.h"

namespace dsqlint {
namespace {

/// Among objects of one bare name: the one with the same explicit schema, else the newest that the
/// name can mean.
template <typename Object>
const Object* find_named(const std::vector<Object>& objects,
                         const std::unordered_multimap<std::string, uint32_t>& by_name,
                         const ObjectName& name) {
  const Object* best = nullptr;
  const auto [begin, end] = by_name.equal_range(name.name);
  for (auto it = begin; it != end; ++it) {
    const Object& object = objects[it->second];
    if (object.dropped || object.name.name != name.name) continue;
    const bool exact = object.name.schema == name.schema;
    if (!exact && !object.name.schema.empty() && !name.schema.empty()) continue;
    const bool best_exact = best != nullptr && best->name.schema == name.schema;
    if (best == nullptr || (exact && !best_exact) ||
        (exact == best_exact && best->created < object.created)) {
      best = &object;
    }
  }
  return best;
}

}  // namespace

const Column* Table::column(std::string_view wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

const Key* Table::primary_key() const {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [](const Key& key) { return key.kind == KeyKind::Primary; });
  return found == keys.end() ? nullptr : &*found;
}

/// Applies one statement. Has access to the schema's insides for the length of the call.
class SchemaBuilder {
 public:
  SchemaBuilder(Schema& schema, StatementRef at) : schema_(schema), at_(at) {}

  void apply(AstRef tree) {
    if (const auto* create = tree.as<pg::CreateStmt>()) {
      create_table(*create);
    } else if (const auto* as = tree.as<pg::CreateTableAsStmt>()) {
      if (as->objtype() == pg::OBJECT_TABLE) {
        add_table(object_name(as->into().rel()), as->if_not_exists()).complete = false;
      }
    } else if (const auto* alter = tree.as<pg::AlterTableStmt>()) {
      alter_table(*alter);
    } else if (const auto* index = tree.as<pg::IndexStmt>()) {
      create_index(*index);
    } else if (const auto* sequence = tree.as<pg::CreateSeqStmt>()) {
      const auto id = static_cast<uint32_t>(schema_.sequences_.size());
      schema_.sequences_.push_back({object_name(sequence->sequence()), at_, false});
      schema_.sequences_by_name_.emplace(schema_.sequences_.back().name.name, id);
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
      schema_.schemas_.push_back({{"", schema->schemaname()}, at_});
      for (const pg::Node& element : schema->schema_elts()) apply_element(unwrap(element));
    } else if (const auto* drop = tree.as<pg::DropStmt>()) {
      drop_objects(*drop);
    } else if (const auto* rename = tree.as<pg::RenameStmt>()) {
      rename_object(*rename);
    } else if (const auto* move = tree.as<pg::AlterObjectSchemaStmt>()) {
      move_object(*move);
    }
  }

 private:
  void apply_element(AstRef element) {
    if (const auto* table = element.as<pg::CreateStmt>()) create_table(*table);
    if (const auto* index = element.as<pg::IndexStmt>()) create_index(*index);
  }

  Table* table(const ObjectName& name) { return const_cast<Table*>(schema_.find_table(name)); }

  Table& add_table(ObjectName name, bool if_not_exists) {
    if (Table* known = table(name);
        known != nullptr && if_not_exists && known->name.schema == name.schema) {
      return *known;
    }
    const auto id = static_cast<uint32_t>(schema_.tables_.size());
    schema_.tables_by_name_.emplace(name.name, id);
    Table& added = schema_.tables_.emplace_back();
    added.name = std::move(name);
    added.created = at_;
    return added;
  }

  UserType& add_type(ObjectName name, TypeKind kind) {
    const auto id = static_cast<uint32_t>(schema_.types_.size());
    schema_.types_by_name_.emplace(name.name, id);
    UserType& added = schema_.types_.emplace_back();
    added.name = std::move(name);
    added.kind = kind;
    added.created = at_;
    return added;
  }

  void create_table(const pg::CreateStmt& create) {
    const size_t before = schema_.tables_.size();
    Table& added = add_table(object_name(create.relation()), create.if_not_exists());
    if (schema_.tables_.size() == before) return;  // it exists, and the statement does nothing
    added.complete =
        create.inh_relations_size() == 0 && !create.has_of_typename() && !create.has_partbound();
    for (const pg::Node& element : create.table_elts()) {
      if (element.has_column_def()) {
        add_column(added, element.column_def());
      } else if (element.has_constraint()) {
        add_constraint(added, element.constraint(), {});
      } else if (element.has_table_like_clause()) {
        added.complete = false;
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
          break;
        case pg::CONSTR_DEFAULT:
          column.has_default = true;
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
    table.columns.push_back(std::move(column));
  }

  void add_constraint(Table& table, const pg::Constraint& constraint, const std::string& column) {
    if (constraint.contype() != pg::CONSTR_PRIMARY && constraint.contype() != pg::CONSTR_UNIQUE) {
      return;
    }
    Key key;
    key.name = constraint.conname();
    key.kind = constraint.contype() == pg::CONSTR_PRIMARY ? KeyKind::Primary : KeyKind::Unique;
    key.columns = column.empty() ? string_values(constraint.keys()) : std::vector{column};
    if (key.kind == KeyKind::Primary) {
      for (Column& member : table.columns) {
        if (std::find(key.columns.begin(), key.columns.end(), member.name) != key.columns.end()) {
          member.not_null = true;
        }
      }
    }
    table.keys.push_back(std::move(key));
  }

  void alter_table(const pg::AlterTableStmt& alter) {
    if (alter.objtype() == pg::OBJECT_INDEX || alter.objtype() == pg::OBJECT_VIEW) return;
    Table* target = table(object_name(alter.relation()));
    if (target == nullptr) return;
    target->events.push_back({at_, TableEvent::Kind::Altered});
    for (const pg::Node& node : alter.cmds()) alter_column(*target, node.alter_table_cmd());
  }

  void alter_column(Table& table, const pg::AlterTableCmd& cmd) {
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
        add_constraint(table, cmd.def().constraint(), {});
        return;
      case pg::AT_DropColumn:
        if (column == nullptr) return;
        std::erase_if(table.keys, [&](const Key& key) {
          return std::find(key.columns.begin(), key.columns.end(), cmd.name()) != key.columns.end();
        });
        table.columns.erase(found);
        ++table.dropped_columns;
        return;
      case pg::AT_DropConstraint:
        std::erase_if(table.keys, [&](const Key& key) { return key.name == cmd.name(); });
        return;
      default:
        break;
    }
    if (column == nullptr) return;
    switch (cmd.subtype()) {
      case pg::AT_ColumnDefault:
        column->has_default = cmd.has_def();
        break;
      case pg::AT_SetNotNull:
        column->not_null = true;
        break;
      case pg::AT_DropNotNull:
        column->not_null = false;
        break;
      case pg::AT_AlterColumnType:
        column->type = type_ref(cmd.def().column_def().type_name());
        break;
      case pg::AT_AddIdentity:
        column->identity = true;
        break;
      case pg::AT_DropIdentity:
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
    if (target == nullptr) return;
    target->events.push_back({at_, TableEvent::Kind::Indexed});
    target->indexes.push_back({index.idxname(), index.unique(), at_});
    if (!index.idxname().empty()) {
      schema_.index_tables_[index.idxname()] =
          static_cast<uint32_t>(target - schema_.tables_.data());
    }
  }

  void drop_objects(const pg::DropStmt& drop) {
    for (const pg::Node& object : drop.objects()) {
      const ObjectName name = object_name(object);
      switch (drop.remove_type()) {
        case pg::OBJECT_TABLE:
          if (Table* target = table(name)) {
            target->dropped = true;
            target->events.push_back({at_, TableEvent::Kind::Dropped});
          }
          break;
        case pg::OBJECT_SEQUENCE:
          if (const Sequence* s = schema_.find_sequence(name))
            const_cast<Sequence*>(s)->dropped = true;
          break;
        case pg::OBJECT_TYPE:
        case pg::OBJECT_DOMAIN:
          if (const UserType* t = schema_.find_type(name)) const_cast<UserType*>(t)->dropped = true;
          break;
        case pg::OBJECT_INDEX: {
          const auto found = schema_.index_tables_.find(name.name);
          if (found == schema_.index_tables_.end()) break;
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
      Table* target = table(object_name(rename.relation()));
      if (target == nullptr) return;
      target->events.push_back({at_, TableEvent::Kind::Renamed});
      target->name.name = rename.newname();
      schema_.tables_by_name_.emplace(rename.newname(),
                                      static_cast<uint32_t>(target - schema_.tables_.data()));
    } else if (rename.rename_type() == pg::OBJECT_COLUMN) {
      Table* target = table(object_name(rename.relation()));
      if (target == nullptr) return;
      target->events.push_back({at_, TableEvent::Kind::Renamed});
      for (Column& column : target->columns) {
        if (column.name == rename.subname()) column.name = rename.newname();
      }
      for (Key& key : target->keys) {
        std::replace(key.columns.begin(), key.columns.end(), rename.subname(), rename.newname());
      }
    }
  }

  void move_object(const pg::AlterObjectSchemaStmt& move) {
    if (move.object_type() != pg::OBJECT_TABLE) return;
    Table* target = table(object_name(move.relation()));
    if (target == nullptr) return;
    target->events.push_back({at_, TableEvent::Kind::Renamed});
    target->name.schema = move.newschema();
  }

  Schema& schema_;
  StatementRef at_;
};

void Schema::apply(const Document& document, uint32_t file, uint32_t statement) {
  const AstRef tree = tree_of(document.statements()[statement]);
  if (tree.message != nullptr) SchemaBuilder(*this, {file, statement}).apply(tree);
}

const Table* Schema::find_table(const ObjectName& name) const {
  return find_named(tables_, tables_by_name_, name);
}

const Sequence* Schema::find_sequence(const ObjectName& name) const {
  return find_named(sequences_, sequences_by_name_, name);
}

const UserType* Schema::find_type(const ObjectName& name) const {
  return find_named(types_, types_by_name_, name);
}

bool Schema::has_extension(std::string_view name) const {
  return std::find(extensions_.begin(), extensions_.end(), name) != extensions_.end();
}

}  // namespace dsqlint
