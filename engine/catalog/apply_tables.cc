// Tables, their constraints and indexes, in the steps into which PostgreSQL expands CREATE TABLE:
// sequences first, then the table with its checks, then the indexes of its keys, primary key first,
// and its foreign keys.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/catalog/generated_names.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

KeyAction key_action(const std::string& letter) {
  switch (letter.empty() ? 'a' : letter.front()) {
    case 'r':
      return KeyAction::Restrict;
    case 'c':
      return KeyAction::Cascade;
    case 'n':
      return KeyAction::SetNull;
    case 'd':
      return KeyAction::SetDefault;
    default:
      return KeyAction::NoAction;
  }
}

Persistence persistence_of(const pg::RangeVar& relation) {
  return relation.relpersistence() == "t"   ? Persistence::Temporary
         : relation.relpersistence() == "u" ? Persistence::Unlogged
                                            : Persistence::Permanent;
}

/// `nextval('schema.sequence'::regclass)`.
Tree nextval_of(const ObjectName& sequence) {
  pg::Node node;
  pg::FuncCall& call = *node.mutable_func_call();
  call.add_funcname()->mutable_string()->set_sval("nextval");
  call.set_funcformat(pg::COERCE_EXPLICIT_CALL);
  pg::TypeCast& cast = *call.add_args()->mutable_type_cast();
  cast.mutable_arg()->mutable_a_const()->mutable_sval()->set_sval(to_sql(sequence));
  pg::TypeName& type = *cast.mutable_type_name();
  type.add_names()->mutable_string()->set_sval("regclass");
  type.set_typemod(-1);
  return tree_of_node(node);
}

/// The type of the column and of its sequence.
std::string serial_base(const std::string& name) {
  if (name == "smallserial" || name == "serial2") return "int2";
  if (name == "bigserial" || name == "serial8") return "int8";
  return "int4";
}

}  // namespace

// --- names --------------------------------------------------------------------------------------

std::string Applier::choose_relation_name(const std::string& first, const std::string& second,
                                          std::string_view label, const std::string& schema,
                                          bool constraint) const {
  return free_name(first, second, label, [&](const std::string& name) {
    return now().find_in(NameSpace::Relation, schema, name) != kNoObject ||
           (constraint && catalog_.has_constraint(schema, name));
  });
}

std::string Applier::choose_constraint_name(const std::string& first, const std::string& second,
                                            std::string_view label,
                                            const std::string& schema) const {
  return free_name(first, second, label,
                   [&](const std::string& name) { return catalog_.has_constraint(schema, name); });
}

std::string Applier::index_middle(const Object& table, const Index& index) const {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    // Two keys of one name get numbers.
    const std::string base = name;
    for (int i = 1; std::find(names.begin(), names.end(), name) != names.end(); ++i) {
      name = base + std::to_string(i);
    }
    names.push_back(std::move(name));
  };
  for (const IndexKey& key : index.keys) {
    if (key.column != 0) {
      const auto& columns = table.columns();
      const auto found = std::find_if(columns.begin(), columns.end(),
                                      [&](const auto& one) { return one->id == key.column; });
      add(found == columns.end() ? "" : (*found)->name);
      continue;
    }
    pg::Node expression;
    std::string name;
    if (expression.ParseFromString(key.expression.node)) name = result_name(expression);
    add(name.empty() ? "expr" : std::move(name));
  }
  for (const ColumnId id : index.included) {
    for (const auto& column : table.columns()) {
      if (column->id == id) add(column->name);
    }
  }
  std::string middle;
  for (const std::string& name : names) {
    if (!middle.empty()) middle += '_';
    middle += name;
    if (middle.size() >= 63) break;
  }
  return middle;
}

// --- columns ------------------------------------------------------------------------------------

std::vector<ColumnId> Applier::columns_named(const Object& table,
                                             const std::vector<std::string>& names, int location) {
  std::vector<ColumnId> ids;
  for (const std::string& name : names) {
    if (const Column* column = table.column(name)) {
      ids.push_back(column->id);
    } else if (table.table() != nullptr && table.table()->complete) {
      refuse_part("column", table.name, name, location);
    }
  }
  return ids;
}

std::vector<ColumnId> Applier::columns_in(const Object& table, const pg::Node& expression) {
  std::vector<ColumnId> ids;
  for (const std::string& name : columns_of(expression)) {
    if (const Column* column = table.column(name)) ids.push_back(column->id);
  }
  return ids;
}

void Applier::collect(const Nodes& nodes, const std::string& column,
                      std::vector<NewConstraint>& constraints) {
  for (const pg::Node& node : nodes) {
    const pg::Constraint& constraint = node.constraint();
    switch (constraint.contype()) {
      case pg::CONSTR_CHECK:
      case pg::CONSTR_PRIMARY:
      case pg::CONSTR_UNIQUE:
      case pg::CONSTR_EXCLUSION:
      case pg::CONSTR_FOREIGN:
        constraints.push_back(
            {&constraint, column, constraint.deferrable(), constraint.initdeferred()});
        break;
      case pg::CONSTR_ATTR_DEFERRABLE:
        if (!constraints.empty()) constraints.back().deferrable = true;
        break;
      case pg::CONSTR_ATTR_DEFERRED:
        if (!constraints.empty()) {
          constraints.back().deferrable = constraints.back().deferred = true;
        }
        break;
      default:
        break;
    }
  }
}

void Applier::own_sequence(ObjectId table, const std::string& column, Sequence sequence,
                           const Nodes* options) {
  const ObjectName& owner = object(table)->name;
  ObjectName name;
  if (options != nullptr) {
    for (const pg::Node& option : *options) {
      if (option.def_elem().defname() == "sequence_name") {
        const auto& parts = option.def_elem().arg().list().items();
        name = object_name(parts);
      }
    }
  }
  if (name.name.empty()) {
    name = {owner.schema, choose_relation_name(owner.name, column, "seq", owner.schema, false)};
  } else if (name.schema.empty()) {
    name.schema = owner.schema;
  }
  if (!is_free(ObjectKind::Sequence, name)) return;
  if (options != nullptr) set_options(sequence, *options);
  const Column* has = object(table)->column(column);
  if (has == nullptr) return;
  sequence.owner = table;
  sequence.owner_column = has->id;
  const bool identity = sequence.identity;
  const ObjectId id =
      catalog_.add({.name = name, .created = {}, .changed = {}, .what = std::move(sequence)});
  catalog_.add_dependent(table, id);
  catalog_.add_dependent(id, table);
  Column* opened = open_column(table, column);
  opened->sequence = id;
  if (!identity) opened->default_value = nextval_of(name);
}

void Applier::add_column(ObjectId table, const pg::ColumnDef& def,
                         std::vector<NewConstraint>& constraints) {
  Column column;
  column.name = def.colname();
  column.type = data_type(def.type_name());
  column.origin = at_;
  column.not_null = def.is_not_null();
  if (def.has_coll_clause()) column.collation = object_name(def.coll_clause().collname());
  column.storage = def.storage_name();
  column.compression = def.compression();
  const pg::Node* expression = def.has_raw_default() ? &def.raw_default() : nullptr;
  const pg::Constraint* identity = nullptr;
  for (const pg::Node& node : def.constraints()) {
    const pg::Constraint& constraint = node.constraint();
    switch (constraint.contype()) {
      case pg::CONSTR_NOTNULL:
        column.not_null = true;
        break;
      case pg::CONSTR_PRIMARY:
        column.not_null = true;
        break;
      case pg::CONSTR_DEFAULT:
      case pg::CONSTR_GENERATED:
        column.generated = constraint.contype() == pg::CONSTR_GENERATED;
        expression = &constraint.raw_expr();
        break;
      case pg::CONSTR_IDENTITY:
        identity = &constraint;
        column.not_null = true;
        column.identity =
            constraint.generated_when() == "a" ? Identity::Always : Identity::ByDefault;
        break;
      default:
        break;
    }
  }
  Sequence sequence;
  const bool serial = is_serial(column.type.ref) && column.type.type == kNoObject;
  if (serial) {
    column.type.ref = {"", serial_base(column.type.ref.name), {}, false};
    column.not_null = true;
  }
  sequence.type.name = column.type.ref.name == "int8" ? "" : column.type.ref.name;
  const ObjectId type = column.type.type;
  if (expression != nullptr) column.default_value = tree_of_node(*expression);
  Table& opened = open_table(table);
  if (opened.columns.size() >= 1600) return;
  column.id = opened.next_column++;
  const std::string name = column.name;
  opened.columns.push_back(std::make_shared<Column>(std::move(column)));
  if (type != kNoObject) catalog_.add_dependent(type, table);
  if (expression != nullptr) depend(unwrap(*expression), table);
  if (serial) own_sequence(table, name, std::move(sequence), nullptr);
  if (identity != nullptr) {
    sequence.identity = true;
    own_sequence(table, name, std::move(sequence), &identity->options());
  }
  collect(def.constraints(), name, constraints);
}

// --- constraints --------------------------------------------------------------------------------

bool Applier::is_constraint_free(ObjectId table, const std::string& name, int location) {
  const Constraint* known = object(table)->table()->constraint(name);
  if (known == nullptr) return true;
  refuse_taken("constraint", object(table)->name, name, known->origin, location);
  return false;
}

void Applier::add_constraint_part(ObjectId table, Constraint constraint) {
  if (object(table)->table()->constraints.size() >= kMostParts) return;
  constraint.origin = at_;
  catalog_.take_constraint(table, object(table)->name.schema, constraint.name);
  open_table(table).constraints.push_back(std::make_shared<Constraint>(std::move(constraint)));
}

void Applier::add_check(ObjectId table, const NewConstraint& added) {
  const pg::Constraint& node = *added.node;
  const ObjectName name = object(table)->name;
  Constraint check;
  check.name = node.conname();
  if (check.name.empty()) {
    check.name = choose_constraint_name(name.name, constraint_middle(node, added.column), "check",
                                        name.schema);
  } else if (const Constraint* known = object(table)->table()->constraint(check.name)) {
    // One of the parents' is merged with it.
    if (!known->inherited) is_constraint_free(table, check.name, node.location());
    return;
  }
  check.columns = columns_in(*object(table), node.raw_expr());
  check.expression = tree_of_node(node.raw_expr());
  check.valid = !node.skip_validation();
  check.no_inherit = node.is_no_inherit();
  add_constraint_part(table, std::move(check));
  depend(unwrap(node.raw_expr()), table);
}

ObjectId Applier::add_index(const std::string& name, ObjectId table, Index index) {
  index.table = table;
  const ObjectId id = catalog_.add({.name = {object(table)->name.schema, name},
                                    .created = {},
                                    .changed = {},
                                    .what = std::move(index)});
  catalog_.add_dependent(table, id);
  return id;
}

void Applier::add_key(ObjectId table, const NewConstraint& added) {
  const pg::Constraint& node = *added.node;
  const ObjectName name = object(table)->name;
  Constraint key;
  key.kind = node.contype() == pg::CONSTR_PRIMARY  ? ConstraintKind::PrimaryKey
             : node.contype() == pg::CONSTR_UNIQUE ? ConstraintKind::Unique
                                                   : ConstraintKind::Exclusion;
  key.deferrable = added.deferrable;
  key.deferred = added.deferred;
  key.name = node.conname();
  if (key.kind == ConstraintKind::PrimaryKey) {
    if (const Constraint* known = object(table)->table()->primary_key()) {
      return refuse_taken("primary key", name, {}, known->origin, node.location());
    }
  }
  if (!node.indexname().empty()) {
    // USING INDEX: the index gets the constraint's name.
    const ObjectName wanted{name.schema, node.indexname()};
    const ObjectId index = existing(ObjectKind::Index, wanted, false, node.location());
    if (index == kNoObject) return;
    if (key.name.empty()) key.name = node.indexname();
    if (!is_constraint_free(table, key.name, node.location())) return;
    if (key.name != node.indexname()) rename_object(index, {name.schema, key.name});
    Index& opened = std::get<Index>(catalog_.open(index).what);
    opened.of_constraint = true;
    opened.primary = key.kind == ConstraintKind::PrimaryKey;
    for (const IndexKey& one : opened.keys) key.columns.push_back(one.column);
    key.index = index;
  } else {
    Index index;
    index.unique = key.kind != ConstraintKind::Exclusion;
    index.primary = key.kind == ConstraintKind::PrimaryKey;
    index.of_constraint = true;
    index.nulls_not_distinct = node.nulls_not_distinct();
    index.options = read_options(node.options());
    if (key.kind == ConstraintKind::Exclusion) {
      index.method = node.access_method().empty() ? "gist" : node.access_method();
      index.predicate = tree_of_node(node.where_clause());
      pg::Node statement;
      *statement.mutable_constraint() = node;
      key.expression = tree_of_node(statement);
      for (const pg::Node& pair : node.exclusions()) {
        if (pair.list().items_size() == 0) continue;
        const pg::IndexElem& element = pair.list().items(0).index_elem();
        IndexKey part;
        if (const Column* column = object(table)->column(element.name())) part.column = column->id;
        part.expression = tree_of_node(element.expr());
        if (part.column != 0) key.columns.push_back(part.column);
        index.keys.push_back(std::move(part));
      }
    } else {
      std::vector<std::string> names = string_values(node.keys());
      if (names.empty() && !added.column.empty()) names.push_back(added.column);
      key.columns = columns_named(*object(table), names, node.location());
      for (const ColumnId id : key.columns) index.keys.push_back({.column = id});
    }
    index.included =
        columns_named(*object(table), string_values(node.including()), node.location());
    if (!refusals_.empty()) return;
    if (key.name.empty()) {
      const std::string middle = index.primary ? "" : index_middle(*object(table), index);
      key.name = choose_relation_name(name.name, middle, constraint_label(node.contype()),
                                      name.schema, true);
    } else {
      if (!is_constraint_free(table, key.name, node.location())) return;
      if (!is_free(ObjectKind::Index, {name.schema, key.name}, node.location())) return;
    }
    key.index = add_index(key.name, table, std::move(index));
  }
  if (key.kind == ConstraintKind::PrimaryKey) {
    Table& opened = open_table(table);
    for (auto& column : opened.columns) {
      const bool part =
          std::find(key.columns.begin(), key.columns.end(), column->id) != key.columns.end();
      if (part && !column->not_null) open_part(column).not_null = true;
    }
  }
  add_constraint_part(table, std::move(key));
}

void Applier::add_foreign_key(ObjectId table, const NewConstraint& added) {
  const pg::Constraint& node = *added.node;
  const ObjectName name = object(table)->name;
  Constraint key;
  key.kind = ConstraintKind::ForeignKey;
  key.deferrable = added.deferrable;
  key.deferred = added.deferred;
  key.valid = !node.skip_validation();
  key.match_full = node.fk_matchtype() == "f";
  key.on_update = key_action(node.fk_upd_action());
  key.on_delete = key_action(node.fk_del_action());
  std::vector<std::string> names = string_values(node.fk_attrs());
  if (names.empty() && !added.column.empty()) names.push_back(added.column);
  key.columns = columns_named(*object(table), names, node.location());
  key.set_columns =
      columns_named(*object(table), string_values(node.fk_del_set_cols()), node.location());
  key.target_name = object_name(node.pktable());
  // A table may refer to itself before its name can be found by others.
  key.target = relation(key.target_name, false, node.pktable().location());
  if (!refusals_.empty()) return;
  key.target_column_names = string_values(node.pk_attrs());
  const Object* target = object(key.target);
  if (target != nullptr && target->table() != nullptr) {
    if (key.target_column_names.empty()) {
      if (const Constraint* primary = target->table()->primary_key()) {
        key.target_columns = primary->columns;
      }
    } else {
      key.target_columns =
          columns_named(*target, key.target_column_names, node.pktable().location());
    }
    if (!refusals_.empty()) return;
  }
  key.name = node.conname();
  if (key.name.empty()) {
    std::string middle;
    for (const std::string& column : names) middle += (middle.empty() ? "" : "_") + column;
    key.name = choose_constraint_name(name.name, middle, "fkey", name.schema);
  } else if (!is_constraint_free(table, key.name, node.location())) {
    return;
  }
  if (key.target != kNoObject) catalog_.add_dependent(key.target, table);
  add_constraint_part(table, std::move(key));
}

// --- tables -------------------------------------------------------------------------------------

void Applier::inherit(ObjectId table, const pg::RangeVar& parent, bool partition) {
  const ObjectId id = relation(object_name(parent), false, parent.location());
  Table& opened = open_table(table);
  opened.partition = partition;
  const Object* from = object(id);
  if (from == nullptr || from->table() == nullptr) {
    opened.complete = false;
    return;
  }
  opened.parents.push_back(id);
  opened.complete &= from->table()->complete;
  catalog_.add_dependent(id, table);
  const Table& known = *from->table();
  for (const auto& column : known.columns) {
    if (opened.column(column->name) != nullptr) continue;
    Column copy = *column;
    copy.id = opened.next_column++;
    copy.inherited = true;
    copy.comment.clear();
    copy.sequence = kNoObject;
    if (!partition) copy.identity = Identity::None;
    opened.columns.push_back(std::make_shared<Column>(std::move(copy)));
  }
  const std::string schema = object(table)->name.schema;
  for (const auto& constraint : known.constraints) {
    if (constraint->kind != ConstraintKind::Check || constraint->no_inherit) continue;
    if (open_table(table).constraint(constraint->name) != nullptr) continue;
    Constraint copy = *constraint;
    copy.inherited = true;
    copy.comment.clear();
    pg::Node expression;
    if (expression.ParseFromString(copy.expression.node)) {
      copy.columns = columns_in(*object(table), expression);
    }
    catalog_.take_constraint(table, schema, copy.name);
    open_table(table).constraints.push_back(std::make_shared<Constraint>(std::move(copy)));
  }
}

void Applier::copy_like(ObjectId table, const pg::TableLikeClause& like) {
  const ObjectId id = relation(object_name(like.relation()), false, like.relation().location());
  const Object* from = object(id);
  if (from == nullptr) {
    open_table(table).complete = false;
    return;
  }
  const Table* source = from->table();
  if (source != nullptr && !source->complete) open_table(table).complete = false;
  const std::vector<std::shared_ptr<const Column>> columns = from->columns();
  for (const auto& column : columns) {
    Column copy;
    copy.name = column->name;
    copy.type = column->type;
    copy.collation = column->collation;
    copy.not_null = column->not_null;
    copy.origin = at_;
    const bool generated = includes(like, pg::CREATE_TABLE_LIKE_GENERATED);
    if (column->generated ? generated : includes(like, pg::CREATE_TABLE_LIKE_DEFAULTS)) {
      copy.default_value = column->default_value;
      copy.generated = column->generated;
      depend(copy.default_value, table);
    }
    if (includes(like, pg::CREATE_TABLE_LIKE_STORAGE)) copy.storage = column->storage;
    if (includes(like, pg::CREATE_TABLE_LIKE_COMPRESSION)) copy.compression = column->compression;
    if (includes(like, pg::CREATE_TABLE_LIKE_COMMENTS)) copy.comment = column->comment;
    const bool identity =
        column->identity != Identity::None && includes(like, pg::CREATE_TABLE_LIKE_IDENTITY);
    if (identity) copy.identity = column->identity;
    if (copy.type.type != kNoObject) catalog_.add_dependent(copy.type.type, table);
    Table& opened = open_table(table);
    copy.id = opened.next_column++;
    opened.columns.push_back(std::make_shared<Column>(std::move(copy)));
    if (!identity) continue;
    Sequence sequence;
    if (const Object* known = object(column->sequence)) {
      if (known->sequence() != nullptr) sequence = *known->sequence();
    }
    sequence.identity = true;
    own_sequence(table, column->name, std::move(sequence), nullptr);
  }
  if (source == nullptr) return;
  if (includes(like, pg::CREATE_TABLE_LIKE_CONSTRAINTS)) {
    for (const auto& constraint : std::vector(source->constraints)) {
      if (constraint->kind != ConstraintKind::Check) continue;
      Constraint copy = *constraint;
      copy.valid = true;  // a new table has no rows
      if (!includes(like, pg::CREATE_TABLE_LIKE_COMMENTS)) copy.comment.clear();
      pg::Node expression;
      if (expression.ParseFromString(copy.expression.node)) {
        copy.columns = columns_in(*object(table), expression);
      }
      if (is_constraint_free(table, copy.name, -1)) add_constraint_part(table, std::move(copy));
    }
  }
}

void Applier::copy_indexes(ObjectId table, const Object& from) {
  const std::string schema = object(table)->name.schema;
  const std::string own = object(table)->name.name;
  const Object source = from;
  const auto moved = [&](ColumnId id) -> ColumnId {
    for (const auto& column : source.columns()) {
      if (column->id != id) continue;
      const Column* here = object(table)->column(column->name);
      return here == nullptr ? ColumnId{0} : here->id;
    }
    return 0;
  };
  for (const ObjectId id : now().all()) {
    const Object* known = object(id);
    if (known == nullptr || known->index() == nullptr) continue;
    if (known->index()->table != find(NameSpace::Relation, source.name)) continue;
    Index index = *known->index();
    for (IndexKey& key : index.keys) {
      if (key.column != 0) key.column = moved(key.column);
    }
    for (ColumnId& column : index.included) column = moved(column);
    const Constraint* constraint = nullptr;
    for (const auto& one : source.table()->constraints) {
      if (one->index == id) constraint = one.get();
    }
    const std::string middle = index.primary ? "" : index_middle(*object(table), index);
    const std::string_view label = index.primary                                ? "pkey"
                                   : constraint == nullptr                      ? "idx"
                                   : constraint->kind == ConstraintKind::Unique ? "key"
                                                                                : "excl";
    const std::string name =
        choose_relation_name(own, middle, label, schema, constraint != nullptr);
    const ObjectId made = add_index(name, table, std::move(index));
    if (constraint == nullptr) continue;
    Constraint copy = *constraint;
    copy.name = name;
    copy.index = made;
    copy.comment.clear();
    for (ColumnId& column : copy.columns) column = moved(column);
    add_constraint_part(table, std::move(copy));
    if (object(made)->index()->primary) {
      Table& opened = open_table(table);
      for (auto& column : opened.columns) {
        const auto& keys = opened.constraints.back()->columns;
        if (std::find(keys.begin(), keys.end(), column->id) != keys.end()) {
          open_part(column).not_null = true;
        }
      }
    }
  }
}

void Applier::create_table(const pg::CreateStmt& create, const Nodes* foreign) {
  const pg::RangeVar& relation_name = create.relation();
  Table table;
  table.persistence = persistence_of(relation_name);
  const bool temporary = table.persistence == Persistence::Temporary;
  session_.temporary |= temporary;
  // It ends with its transaction, and what names it there is not judged.
  if (create.oncommit() == pg::ONCOMMIT_DROP) return;
  ObjectName name = full_name(object_name(relation_name), temporary);
  if (relation_name.schemaname() == "pg_temp") session_.temporary = true;
  if (create.if_not_exists() &&
      now().find_in(NameSpace::Relation, name.schema, name.name) != kNoObject) {
    return;
  }
  if (!is_free(ObjectKind::Table, name, relation_name.location())) return;
  // A type of that name is in the way of the row type.
  const ObjectId type = now().find_in(NameSpace::Type, name.schema, name.name);
  if (type != kNoObject) {
    return refuse_taken("type", name, {}, object(type)->created, relation_name.location());
  }
  table.foreign = foreign != nullptr;
  table.options = read_options(create.options());
  table.access_method = create.access_method();
  if (create.has_partspec()) {
    pg::Node node;
    *node.mutable_partition_spec() = create.partspec();
    table.partition_by = tree_of_node(node);
  }
  if (create.has_partbound()) {
    pg::Node node;
    *node.mutable_partition_bound_spec() = create.partbound();
    table.partition_bound = tree_of_node(node);
  }
  if (create.has_of_typename()) {
    table.of_type = data_type(create.of_typename());
    const Object* of = object(table.of_type.type);
    if (of == nullptr || of->type() == nullptr) {
      table.complete = false;
    } else {
      for (const auto& attribute : of->type()->attributes) {
        Column column = *attribute;
        column.id = table.next_column++;
        table.columns.push_back(std::make_shared<Column>(std::move(column)));
      }
    }
  }
  const ObjectId of = table.of_type.type;
  const ObjectId id =
      catalog_.add({.name = name, .created = {}, .changed = {}, .what = std::move(table)});
  if (of != kNoObject) catalog_.add_dependent(of, id);
  for (const pg::Node& parent : create.inh_relations()) {
    inherit(id, parent.range_var(), create.has_partbound());
  }
  std::vector<NewConstraint> constraints;
  std::vector<const pg::TableLikeClause*> likes;
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) {
      const pg::ColumnDef& def = element.column_def();
      const Column* known = object(id)->column(def.colname());
      const bool merged = create.inh_relations_size() != 0 || create.has_of_typename();
      if (known != nullptr && !merged) {
        return refuse_taken("column", name, def.colname(), at_, def.location());
      }
      if (known != nullptr) {
        Column* column = open_column(id, def.colname());
        column->inherited = false;
        if (def.has_raw_default()) column->default_value = tree_of_node(def.raw_default());
        for (const pg::Node& node : def.constraints()) {
          const pg::Constraint& constraint = node.constraint();
          if (constraint.contype() == pg::CONSTR_DEFAULT) {
            column->default_value = tree_of_node(constraint.raw_expr());
          }
          if (constraint.contype() == pg::CONSTR_NOTNULL ||
              constraint.contype() == pg::CONSTR_PRIMARY) {
            column->not_null = true;
          }
        }
        collect(def.constraints(), def.colname(), constraints);
      } else {
        add_column(id, def, constraints);
      }
    } else if (element.has_table_like_clause()) {
      copy_like(id, element.table_like_clause());
      likes.push_back(&element.table_like_clause());
    } else if (element.has_constraint()) {
      const pg::Constraint& constraint = element.constraint();
      constraints.push_back({&constraint, "", constraint.deferrable(), constraint.initdeferred()});
    }
    if (!refusals_.empty()) return;
  }
  const auto each = [&](auto&& wanted, void (Applier::*add)(ObjectId, const NewConstraint&)) {
    for (const NewConstraint& constraint : constraints) {
      if (wanted(constraint.node->contype())) (this->*add)(id, constraint);
    }
  };
  const auto is = [](pg::ConstrType kind) {
    return [kind](pg::ConstrType type) { return type == kind; };
  };
  each(is(pg::CONSTR_CHECK), &Applier::add_check);
  each(is(pg::CONSTR_PRIMARY), &Applier::add_key);
  each(
      [](pg::ConstrType type) { return type == pg::CONSTR_UNIQUE || type == pg::CONSTR_EXCLUSION; },
      &Applier::add_key);
  each(is(pg::CONSTR_FOREIGN), &Applier::add_foreign_key);
  for (const pg::TableLikeClause* like : likes) {
    if (!includes(*like, pg::CREATE_TABLE_LIKE_INDEXES)) continue;
    const Object* from = object(find(NameSpace::Relation, object_name(like->relation())));
    if (from != nullptr && from->table() != nullptr) copy_indexes(id, *from);
  }
  if (create.has_partbound() && !object(id)->table()->parents.empty()) {
    const Object* from = object(object(id)->table()->parents.front());
    if (from != nullptr) copy_indexes(id, *from);
  }
}

void Applier::create_table_as(const pg::IntoClause& into, const pg::Node& query,
                              bool if_not_exists) {
  Table table;
  table.persistence = persistence_of(into.rel());
  const bool temporary = table.persistence == Persistence::Temporary;
  session_.temporary |= temporary;
  if (into.on_commit() == pg::ONCOMMIT_DROP) return;
  const ObjectName name = full_name(object_name(into.rel()), temporary);
  if (if_not_exists && now().find_in(NameSpace::Relation, name.schema, name.name) != kNoObject) {
    return;
  }
  if (!is_free(ObjectKind::Table, name, into.rel().location())) return;
  bool complete = true;
  table.columns = query_columns(query, into.col_names(), complete);
  table.complete = complete;
  table.next_column = static_cast<ColumnId>(table.columns.size() + 1);
  table.options = read_options(into.options());
  table.access_method = into.access_method();
  const ObjectId id =
      catalog_.add({.name = name, .created = {}, .changed = {}, .what = std::move(table)});
  for (const auto& column : object(id)->columns()) {
    if (column->type.type != kNoObject) catalog_.add_dependent(column->type.type, id);
  }
}

// --- indexes ------------------------------------------------------------------------------------

void Applier::create_index(const pg::IndexStmt& create, bool asynchronous) {
  const ObjectName wanted = object_name(create.relation());
  const ObjectId table = relation(wanted, false, create.relation().location());
  const Object* on = object(table);
  if (on == nullptr) return;
  const ObjectName table_name = on->name;
  Index index;
  index.asynchronous = asynchronous;
  index.method = create.access_method().empty() ? "btree" : create.access_method();
  index.unique = create.unique();
  index.nulls_not_distinct = create.nulls_not_distinct();
  index.options = read_options(create.options());
  const bool complete = on->table() != nullptr ? on->table()->complete
                                               : on->view() != nullptr && on->view()->complete;
  for (const pg::Node& node : create.index_params()) {
    const pg::IndexElem& element = node.index_elem();
    IndexKey key;
    if (!element.name().empty()) {
      const Column* column = on->column(element.name());
      if (column == nullptr) {
        if (complete) refuse_part("column", table_name, element.name());
        return;
      }
      key.column = column->id;
    } else {
      key.expression = tree_of_node(element.expr());
    }
    if (element.opclass_size() != 0) key.opclass = object_name(element.opclass());
    if (element.collation_size() != 0) key.collation = object_name(element.collation());
    key.descending = element.ordering() == pg::SORTBY_DESC;
    key.nulls_first = element.nulls_ordering() == pg::SORTBY_NULLS_FIRST ||
                      (element.nulls_ordering() != pg::SORTBY_NULLS_LAST && key.descending);
    index.keys.push_back(std::move(key));
  }
  for (const pg::Node& node : create.index_including_params()) {
    const Column* column = on->column(node.index_elem().name());
    if (column == nullptr) {
      if (complete) refuse_part("column", table_name, node.index_elem().name());
      return;
    }
    index.included.push_back(column->id);
  }
  index.predicate = tree_of_node(create.where_clause());
  std::string name = create.idxname();
  if (name.empty()) {
    name = choose_relation_name(table_name.name, index_middle(*on, index), "idx", table_name.schema,
                                false);
  } else {
    const ObjectId known = now().find_in(NameSpace::Relation, table_name.schema, name);
    if (known != kNoObject && create.if_not_exists()) return;
    if (!is_free(ObjectKind::Index, {table_name.schema, name})) return;
  }
  const ObjectId id = add_index(name, table, std::move(index));
  for (const pg::Node& key : create.index_params()) {
    if (key.index_elem().has_expr()) depend(unwrap(key.index_elem().expr()), id);
  }
  if (create.has_where_clause()) depend(unwrap(create.where_clause()), id);
}

}  // namespace dsqlint::catalog
