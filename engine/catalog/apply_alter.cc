// ALTER TABLE and its like, in the passes in which PostgreSQL runs their actions.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

/// PostgreSQL's AlterTablePass: actions run by kind, not as they are written.
enum class Pass : uint8_t {
  Drop,
  AlterType,
  AddColumn,
  ColumnAttributes,
  AddIndex,
  AddConstraint,
  Rest
};

Pass pass_of(const pg::AlterTableCmd& cmd) {
  switch (cmd.subtype()) {
    case pg::AT_DropColumn:
    case pg::AT_DropConstraint:
    case pg::AT_DropNotNull:
    case pg::AT_DropIdentity:
    case pg::AT_DropExpression:
    case pg::AT_DropInherit:
      return Pass::Drop;
    case pg::AT_AlterColumnType:
      return Pass::AlterType;
    case pg::AT_AddColumn:
      return Pass::AddColumn;
    case pg::AT_SetNotNull:
    case pg::AT_SetIdentity:
      return Pass::ColumnAttributes;
    case pg::AT_ColumnDefault:
      return cmd.has_def() ? Pass::AddConstraint : Pass::Drop;
    case pg::AT_AddIdentity:
      return Pass::AddConstraint;
    case pg::AT_AddConstraint: {
      const pg::ConstrType kind = cmd.def().constraint().contype();
      return has_index(kind) ? Pass::AddIndex : Pass::AddConstraint;
    }
    default:
      return Pass::Rest;
  }
}

}  // namespace

Column* Applier::open_column(ObjectId relation, const std::string& name, int location) {
  Object& opened = catalog_.open(relation);
  std::vector<std::shared_ptr<const Column>>* columns = nullptr;
  bool complete = true;
  if (auto* table = std::get_if<Table>(&opened.what)) {
    columns = &table->columns;
    complete = table->complete;
  } else if (auto* view = std::get_if<View>(&opened.what)) {
    columns = &view->columns;
    complete = view->complete;
  } else if (auto* type = std::get_if<UserType>(&opened.what)) {
    columns = &type->attributes;
    complete = type->kind == UserTypeKind::Composite;
  }
  if (columns == nullptr) return nullptr;
  for (auto& column : *columns) {
    if (column->name == name) return &open_part(column);
  }
  if (complete) refuse_part("column", opened.name, name, location);
  return nullptr;
}

void Applier::alter_table(const pg::AlterTableStmt& alter) {
  const ObjectName name = object_name(alter.relation());
  const int location = alter.relation().location();
  if (alter.objtype() == pg::OBJECT_TYPE) return alter_composite(alter);
  const ObjectId id = alter.objtype() == pg::OBJECT_INDEX
                          ? existing(ObjectKind::Index, name, alter.missing_ok(), location)
                          : relation(name, alter.missing_ok(), location);
  if (id == kNoObject) return;
  std::vector<NewConstraint> constraints;
  for (uint8_t pass = 0; pass <= static_cast<uint8_t>(Pass::Rest); ++pass) {
    if (static_cast<Pass>(pass) == Pass::AddIndex) {
      for (const NewConstraint& added : constraints) {
        if (has_index(added.node->contype())) add_key(id, added);
      }
    } else if (static_cast<Pass>(pass) == Pass::AddConstraint) {
      for (const NewConstraint& added : constraints) {
        if (added.node->contype() == pg::CONSTR_CHECK) add_check(id, added);
        if (added.node->contype() == pg::CONSTR_FOREIGN) add_foreign_key(id, added);
      }
    }
    for (const pg::Node& node : alter.cmds()) {
      const pg::AlterTableCmd& cmd = node.alter_table_cmd();
      if (pass_of(cmd) != static_cast<Pass>(pass)) continue;
      this->alter(id, cmd, constraints);
      if (!refusals_.empty()) return;
    }
  }
}

void Applier::alter(ObjectId id, const pg::AlterTableCmd& cmd,
                    std::vector<NewConstraint>& constraints) {
  const bool is_table = object(id)->table() != nullptr;
  switch (cmd.subtype()) {
    case pg::AT_ChangeOwner:
      remarks(id).owner = cmd.newowner().roletype() == pg::ROLESPEC_CSTRING
                              ? cmd.newowner().rolename()
                              : "current_user";
      return;
    case pg::AT_SetRelOptions:
    case pg::AT_ReplaceRelOptions:
    case pg::AT_ResetRelOptions: {
      Object& opened = catalog_.open(id);
      std::vector<Option>* options = nullptr;
      if (auto* table = std::get_if<Table>(&opened.what)) options = &table->options;
      if (auto* view = std::get_if<View>(&opened.what)) options = &view->options;
      if (auto* index = std::get_if<Index>(&opened.what)) options = &index->options;
      if (options == nullptr) return;
      for (Option& option : read_options(cmd.def().list().items())) {
        std::erase_if(*options, [&](const Option& has) { return has.name == option.name; });
        if (cmd.subtype() != pg::AT_ResetRelOptions) options->push_back(std::move(option));
      }
      return;
    }
    case pg::AT_ColumnDefault:
      if (Column* column = open_column(id, cmd.name())) {
        column->default_value = tree_of_node(cmd.def());
        depend(column->default_value, id);
      }
      return;
    default:
      break;
  }
  if (!is_table) return;
  const ObjectName name = object(id)->name;
  switch (cmd.subtype()) {
    case pg::AT_AddColumn: {
      const pg::ColumnDef& def = cmd.def().column_def();
      if (const Column* known = object(id)->column(def.colname())) {
        if (!cmd.missing_ok()) {
          refuse_taken("column", name, def.colname(), known->origin, def.location());
        }
        return;
      }
      return add_column(id, def, constraints);
    }
    case pg::AT_DropColumn:
      return drop_column(id, cmd.name(), cmd.missing_ok(), -1);
    case pg::AT_AlterColumnType:
      return change_type(id, cmd);
    case pg::AT_SetNotNull:
    case pg::AT_DropNotNull:
      if (Column* column = open_column(id, cmd.name())) {
        column->not_null = cmd.subtype() == pg::AT_SetNotNull;
      }
      return;
    case pg::AT_DropExpression:
      if (Column* column = open_column(id, cmd.name())) {
        if (column->generated) column->default_value = {};
        column->generated = false;
      }
      return;
    case pg::AT_SetStorage:
      if (Column* column = open_column(id, cmd.name())) column->storage = string_value(cmd.def());
      return;
    case pg::AT_SetCompression:
      if (Column* column = open_column(id, cmd.name())) {
        column->compression = string_value(cmd.def());
      }
      return;
    case pg::AT_AddIdentity:
      return add_identity(id, cmd.name(), cmd.def().constraint());
    case pg::AT_SetIdentity: {
      Column* column = open_column(id, cmd.name());
      if (column == nullptr) return;
      for (const pg::Node& option : cmd.def().list().items()) {
        if (option.def_elem().defname() != "generated") continue;
        column->identity = integer_value(option.def_elem().arg()).value_or('d') == 'a'
                               ? Identity::Always
                               : Identity::ByDefault;
      }
      const ObjectId sequence = column->sequence;
      if (object(sequence) != nullptr && object(sequence)->sequence() != nullptr) {
        set_options(std::get<Sequence>(catalog_.open(sequence).what), cmd.def().list().items());
      }
      return;
    }
    case pg::AT_DropIdentity: {
      Column* column = open_column(id, cmd.name());
      if (column == nullptr || column->identity == Identity::None) return;
      column->identity = Identity::None;
      const ObjectId sequence = std::exchange(column->sequence, kNoObject);
      if (object(sequence) != nullptr) catalog_.remove(sequence);
      return;
    }
    case pg::AT_AddConstraint: {
      const pg::Constraint& constraint = cmd.def().constraint();
      const NewConstraint added{&constraint, "", constraint.deferrable(),
                                constraint.initdeferred()};
      if (constraint.contype() == pg::CONSTR_CHECK) return add_check(id, added);
      if (constraint.contype() == pg::CONSTR_FOREIGN) return add_foreign_key(id, added);
      if (has_index(constraint.contype())) return add_key(id, added);
      return;
    }
    case pg::AT_DropConstraint:
      return drop_constraint(id, cmd.name(), cmd.missing_ok(), -1);
    case pg::AT_ValidateConstraint:
    case pg::AT_AlterConstraint: {
      Table& opened = open_table(id);
      const std::string& wanted = cmd.subtype() == pg::AT_ValidateConstraint
                                      ? cmd.name()
                                      : cmd.def().constraint().conname();
      for (auto& one : opened.constraints) {
        if (one->name != wanted) continue;
        Constraint& constraint = open_part(one);
        if (cmd.subtype() == pg::AT_ValidateConstraint) {
          constraint.valid = true;
        } else {
          constraint.deferrable = cmd.def().constraint().deferrable();
          constraint.deferred = cmd.def().constraint().initdeferred();
        }
        return;
      }
      if (opened.complete) refuse_part("constraint", name, wanted);
      return;
    }
    case pg::AT_EnableTrig:
    case pg::AT_EnableAlwaysTrig:
    case pg::AT_EnableReplicaTrig:
    case pg::AT_DisableTrig:
    case pg::AT_EnableTrigAll:
    case pg::AT_DisableTrigAll:
    case pg::AT_EnableTrigUser:
    case pg::AT_DisableTrigUser:
    case pg::AT_EnableRule:
    case pg::AT_EnableAlwaysRule:
    case pg::AT_EnableReplicaRule:
    case pg::AT_DisableRule: {
      const pg::AlterTableType kind = cmd.subtype();
      const bool rule = kind == pg::AT_EnableRule || kind == pg::AT_EnableAlwaysRule ||
                        kind == pg::AT_EnableReplicaRule || kind == pg::AT_DisableRule;
      const bool off = kind == pg::AT_DisableTrig || kind == pg::AT_DisableTrigAll ||
                       kind == pg::AT_DisableTrigUser || kind == pg::AT_DisableRule;
      const bool always = kind == pg::AT_EnableAlwaysTrig || kind == pg::AT_EnableAlwaysRule;
      const bool replica = kind == pg::AT_EnableReplicaTrig || kind == pg::AT_EnableReplicaRule;
      for (auto& one : open_table(id).attachments) {
        if (one->kind != (rule ? Attachment::Kind::Rule : Attachment::Kind::Trigger)) continue;
        if (!cmd.name().empty() && one->name != cmd.name()) continue;
        open_part(one).enabled = off ? 'D' : always ? 'A' : replica ? 'R' : 'O';
      }
      return;
    }
    case pg::AT_EnableRowSecurity:
    case pg::AT_DisableRowSecurity:
      open_table(id).row_security = cmd.subtype() == pg::AT_EnableRowSecurity;
      return;
    case pg::AT_ForceRowSecurity:
    case pg::AT_NoForceRowSecurity:
      open_table(id).force_row_security = cmd.subtype() == pg::AT_ForceRowSecurity;
      return;
    case pg::AT_SetLogged:
    case pg::AT_SetUnLogged:
      open_table(id).persistence =
          cmd.subtype() == pg::AT_SetLogged ? Persistence::Permanent : Persistence::Unlogged;
      return;
    case pg::AT_ReplicaIdentity: {
      const pg::ReplicaIdentityStmt& identity = cmd.def().replica_identity_stmt();
      Table& opened = open_table(id);
      opened.replica_identity =
          identity.identity_type().empty() ? 'd' : identity.identity_type().front();
      opened.replica_index = kNoObject;
      if (opened.replica_identity == 'i') {
        opened.replica_index = now().find_in(NameSpace::Relation, name.schema, identity.name());
      }
      return;
    }
    case pg::AT_AttachPartition: {
      const pg::PartitionCmd& attach = cmd.def().partition_cmd();
      const ObjectId part = relation(object_name(attach.name()), false, attach.name().location());
      if (object(part) == nullptr || object(part)->table() == nullptr) return;
      Table& opened = open_table(part);
      opened.partition = true;
      opened.parents = {id};
      pg::Node node;
      *node.mutable_partition_bound_spec() = attach.bound();
      opened.partition_bound = tree_of_node(node);
      catalog_.add_dependent(id, part);
      return;
    }
    case pg::AT_DetachPartition: {
      const pg::PartitionCmd& detach = cmd.def().partition_cmd();
      const ObjectId part = relation(object_name(detach.name()), false, detach.name().location());
      if (object(part) == nullptr || object(part)->table() == nullptr) return;
      Table& opened = open_table(part);
      opened.partition = false;
      opened.partition_bound = {};
      opened.parents.clear();
      for (auto& column : opened.columns) open_part(column).inherited = false;
      return;
    }
    case pg::AT_AddInherit:
    case pg::AT_DropInherit: {
      const pg::RangeVar& parent = cmd.def().range_var();
      const ObjectId from = relation(object_name(parent), false, parent.location());
      if (from == kNoObject) return;
      Table& opened = open_table(id);
      std::erase(opened.parents, from);
      if (cmd.subtype() == pg::AT_AddInherit) {
        opened.parents.push_back(from);
        catalog_.add_dependent(from, id);
      }
      return;
    }
    default:
      return;
  }
}

void Applier::add_identity(ObjectId table, const std::string& name,
                           const pg::Constraint& identity) {
  Column* column = open_column(table, name);
  if (column == nullptr) return;
  column->identity = identity.generated_when() == "a" ? Identity::Always : Identity::ByDefault;
  Sequence sequence;
  sequence.identity = true;
  sequence.type.name = column->type.ref.name == "int8" ? "" : column->type.ref.name;
  own_sequence(table, name, std::move(sequence), &identity.options());
}

void Applier::change_type(ObjectId table, const pg::AlterTableCmd& cmd) {
  const pg::ColumnDef& def = cmd.def().column_def();
  DataType type = data_type(def.type_name());
  Column* column = open_column(table, cmd.name());
  if (column == nullptr) return;
  column->collation =
      def.has_coll_clause() ? object_name(def.coll_clause().collname()) : ObjectName{};
  column->type = type;
  const ObjectId sequence = column->identity != Identity::None ? column->sequence : kNoObject;
  if (type.type != kNoObject) catalog_.add_dependent(type.type, table);
  // The sequence of an identity column follows.
  if (object(sequence) != nullptr && object(sequence)->sequence() != nullptr) {
    std::get<Sequence>(catalog_.open(sequence).what).type = {
        "", type.ref.name == "int8" ? "" : type.ref.name, {}, false};
  }
  // So do the columns of tables that inherit it.
  std::vector<ObjectId> pending = now().dependents(table);
  while (!pending.empty()) {
    const ObjectId id = pending.back();
    pending.pop_back();
    const Table* child = object(id)->table();
    if (child == nullptr ||
        std::find(child->parents.begin(), child->parents.end(), table) == child->parents.end()) {
      continue;
    }
    if (child->column(cmd.name()) != nullptr) open_column(id, cmd.name())->type = type;
  }
}

void Applier::alter_composite(const pg::AlterTableStmt& alter) {
  const ObjectName name = object_name(alter.relation());
  const ObjectId id =
      existing(ObjectKind::Type, name, alter.missing_ok(), alter.relation().location());
  if (id == kNoObject || object(id)->type()->kind != UserTypeKind::Composite) return;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    if (cmd.subtype() == pg::AT_AddColumn) {
      const pg::ColumnDef& def = cmd.def().column_def();
      if (object(id)->column(def.colname()) != nullptr) {
        return refuse_taken("attribute", name, def.colname(), object(id)->changed, def.location());
      }
      Column column;
      column.name = def.colname();
      column.type = data_type(def.type_name());
      column.origin = at_;
      UserType& type = std::get<UserType>(catalog_.open(id).what);
      column.id = type.next_attribute++;
      type.attributes.push_back(std::make_shared<Column>(std::move(column)));
    } else if (cmd.subtype() == pg::AT_DropColumn) {
      drop_column(id, cmd.name(), cmd.missing_ok(), -1);
    } else if (cmd.subtype() == pg::AT_AlterColumnType) {
      const DataType type = data_type(cmd.def().column_def().type_name());
      if (Column* column = open_column(id, cmd.name())) column->type = type;
    } else if (cmd.subtype() == pg::AT_ChangeOwner) {
      remarks(id).owner = cmd.newowner().rolename();
    }
    if (!refusals_.empty()) return;
  }
}

}  // namespace dsqlint::catalog
