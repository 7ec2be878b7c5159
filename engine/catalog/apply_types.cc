// Sequences and types.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

const pg::DefElem* option_named(const Nodes& options, std::string_view name) {
  for (const pg::Node& option : options) {
    if (option.def_elem().defname() == name) return &option.def_elem();
  }
  return nullptr;
}

}  // namespace

// --- sequences ----------------------------------------------------------------------------------

void Applier::set_options(Sequence& sequence, const Nodes& options) {
  for (const pg::Node& node : options) {
    const pg::DefElem& option = node.def_elem();
    const std::string& name = option.defname();
    const std::optional<int64_t> value = integer_value(option.arg());
    if (name == "as" && option.arg().has_type_name()) {
      sequence.type = type_ref(option.arg().type_name());
    } else if (name == "increment" && value) {
      sequence.increment = *value;
    } else if (name == "start" && value) {
      sequence.start = *value;
    } else if (name == "minvalue") {
      sequence.minimum = value;
    } else if (name == "maxvalue") {
      sequence.maximum = value;
    } else if (name == "cache" && value) {
      sequence.cache = *value;
    } else if (name == "cycle") {
      sequence.cycle = flag_value(option);
    }
  }
}

void Applier::set_owner(ObjectId id, const Nodes& options) {
  const pg::DefElem* owned = option_named(options, "owned_by");
  if (owned == nullptr) return;
  const auto& parts = owned->arg().list().items();
  const int n = parts.size();
  Sequence& sequence = std::get<Sequence>(catalog_.open(id).what);
  sequence.owner = kNoObject;
  sequence.owner_column = 0;
  if (n < 2) return;  // NONE
  const ObjectName table{n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])};
  const ObjectId owner = relation(table, false);
  if (owner == kNoObject || object(owner)->table() == nullptr) return;
  const Column* column = object(owner)->column(string_value(parts[n - 1]));
  if (column == nullptr) {
    if (object(owner)->table()->complete) {
      refuse_part("column", table, string_value(parts[n - 1]));
    }
    return;
  }
  sequence.owner = owner;
  sequence.owner_column = column->id;
  catalog_.add_dependent(owner, id);
}

void Applier::create_sequence(const pg::CreateSeqStmt& create) {
  const bool temporary = create.sequence().relpersistence() == "t";
  session_.temporary |= temporary;
  const ObjectName name = full_name(object_name(create.sequence()), temporary);
  if (create.if_not_exists() &&
      now().find_in(NameSpace::Relation, name.schema, name.name) != kNoObject) {
    return;
  }
  if (!is_free(ObjectKind::Sequence, name, create.sequence().location())) return;
  Sequence sequence;
  if (temporary) sequence.persistence = Persistence::Temporary;
  if (create.sequence().relpersistence() == "u") sequence.persistence = Persistence::Unlogged;
  set_options(sequence, create.options());
  const ObjectId id =
      catalog_.add({.name = name, .created = {}, .changed = {}, .what = std::move(sequence)});
  set_owner(id, create.options());
}

void Applier::alter_sequence(const pg::AlterSeqStmt& alter) {
  const ObjectId id = existing(ObjectKind::Sequence, object_name(alter.sequence()),
                               alter.missing_ok(), alter.sequence().location());
  if (id == kNoObject) return;
  set_options(std::get<Sequence>(catalog_.open(id).what), alter.options());
  set_owner(id, alter.options());
}

// --- types --------------------------------------------------------------------------------------

void Applier::add_type(const ObjectName& name, UserType type, int location) {
  const ObjectName full = full_name(name);
  // CREATE TYPE name alone makes a shell that the next one fills.
  const ObjectId known = now().find_in(NameSpace::Type, full.schema, full.name);
  if (known != kNoObject && object(known)->type()->kind == UserTypeKind::Shell) {
    catalog_.open(known).what = std::move(type);
    return;
  }
  if (!is_free(ObjectKind::Type, full, location)) return;
  catalog_.add({.name = full, .created = {}, .changed = {}, .what = std::move(type)});
}

void Applier::create_enum(const pg::CreateEnumStmt& create) {
  UserType type;
  type.kind = UserTypeKind::Enum;
  type.labels = string_values(create.vals());
  add_type(object_name(create.type_name()), std::move(type));
}

void Applier::alter_enum(const pg::AlterEnumStmt& alter) {
  const ObjectName name = object_name(alter.type_name());
  const ObjectId id = existing(ObjectKind::Type, name, false);
  if (id == kNoObject || object(id)->type()->kind != UserTypeKind::Enum) return;
  const std::vector<std::string>& known = object(id)->type()->labels;
  const auto position = [&](const std::string& label) {
    return std::find(known.begin(), known.end(), label) - known.begin();
  };
  const auto count = static_cast<std::ptrdiff_t>(known.size());
  const std::ptrdiff_t taken = position(alter.new_val());
  if (taken != count) {
    if (!alter.skip_if_new_val_exists()) {
      refuse_taken("label", name, alter.new_val(), object(id)->changed);
    }
    return;
  }
  if (!alter.old_val().empty()) {
    const std::ptrdiff_t at = position(alter.old_val());
    if (at == count) return refuse_part("label", name, alter.old_val());
    std::get<UserType>(catalog_.open(id).what).labels[static_cast<size_t>(at)] = alter.new_val();
    return rename_label(id, alter.old_val(), alter.new_val());
  }
  std::ptrdiff_t at = count;
  if (!alter.new_val_neighbor().empty()) {
    at = position(alter.new_val_neighbor());
    if (at == count) return refuse_part("label", name, alter.new_val_neighbor());
    if (alter.new_val_is_after()) ++at;
  }
  if (known.size() >= kMostParts) return;
  auto& labels = std::get<UserType>(catalog_.open(id).what).labels;
  labels.insert(labels.begin() + at, alter.new_val());
}

void Applier::create_composite(const pg::CompositeTypeStmt& create) {
  UserType type;
  type.kind = UserTypeKind::Composite;
  for (const pg::Node& node : create.coldeflist()) {
    const pg::ColumnDef& def = node.column_def();
    Column column;
    column.name = def.colname();
    column.id = type.next_attribute++;
    column.type = data_type(def.type_name());
    if (def.has_coll_clause()) column.collation = object_name(def.coll_clause().collname());
    column.origin = at_;
    type.attributes.push_back(std::make_shared<Column>(std::move(column)));
  }
  const ObjectName name = full_name(object_name(create.typevar()));
  // The relation of a composite type takes the name of one.
  const ObjectId known = now().find_in(NameSpace::Relation, name.schema, name.name);
  if (known != kNoObject) {
    return refuse_taken(kind_word(object(known)->kind()), name, {}, object(known)->created,
                        create.typevar().location());
  }
  add_type(object_name(create.typevar()), std::move(type), create.typevar().location());
  const ObjectId id = now().find_in(NameSpace::Type, name.schema, name.name);
  if (id != kNoObject) depend(AstRef{NodeCaseOf<pg::CompositeTypeStmt>::value, &create}, id);
}

void Applier::create_range(const pg::CreateRangeStmt& create) {
  UserType type;
  type.kind = UserTypeKind::Range;
  pg::Node statement;
  *statement.mutable_create_range_stmt() = create;
  type.statement = tree_of_node(statement);
  add_type(object_name(create.type_name()), std::move(type));
}

void Applier::define(const pg::DefineStmt& define) {
  if (define.kind() == pg::OBJECT_AGGREGATE) return create_aggregate(define);
  if (define.kind() != pg::OBJECT_TYPE) return;
  UserType type;
  type.kind = define.definition_size() == 0 ? UserTypeKind::Shell : UserTypeKind::Base;
  pg::Node statement;
  *statement.mutable_define_stmt() = define;
  type.statement = tree_of_node(statement);
  add_type(object_name(define.defnames()), std::move(type));
}

void Applier::add_domain_constraint(UserType& domain, const ObjectName& name,
                                    const pg::Constraint& node) {
  switch (node.contype()) {
    case pg::CONSTR_NOTNULL:
      domain.not_null = true;
      return;
    case pg::CONSTR_NULL:
      domain.not_null = false;
      return;
    case pg::CONSTR_DEFAULT:
      domain.default_value = tree_of_node(node.raw_expr());
      return;
    case pg::CONSTR_CHECK:
      break;
    default:
      return;
  }
  const auto taken = [&](const std::string& wanted) {
    for (const auto& constraint : domain.constraints) {
      if (constraint->name == wanted) return true;
    }
    return catalog_.has_constraint(name.schema, wanted);
  };
  Constraint check;
  check.name = node.conname();
  if (check.name.empty()) {
    check.name = free_name(name.name, "", "check", taken);
  } else if (std::any_of(domain.constraints.begin(), domain.constraints.end(),
                         [&](const auto& one) { return one->name == check.name; })) {
    return refuse_taken("constraint", name, check.name, at_, node.location());
  }
  check.expression = tree_of_node(node.raw_expr());
  check.valid = !node.skip_validation();
  check.origin = at_;
  domain.constraints.push_back(std::make_shared<Constraint>(std::move(check)));
}

void Applier::create_domain(const pg::CreateDomainStmt& create) {
  const ObjectName name = full_name(object_name(create.domainname()));
  UserType type;
  type.kind = UserTypeKind::Domain;
  type.base = data_type(create.type_name());
  if (create.has_coll_clause()) type.collation = object_name(create.coll_clause().collname());
  for (const pg::Node& node : create.constraints()) {
    add_domain_constraint(type, name, node.constraint());
  }
  add_type(object_name(create.domainname()), std::move(type));
  const ObjectId id = now().find_in(NameSpace::Type, name.schema, name.name);
  if (id != kNoObject) depend(AstRef{NodeCaseOf<pg::CreateDomainStmt>::value, &create}, id);
}

void Applier::alter_domain(const pg::AlterDomainStmt& alter) {
  const ObjectName name = object_name(alter.type_name());
  const ObjectId id = existing(ObjectKind::Type, name, false);
  if (id == kNoObject || object(id)->type()->kind != UserTypeKind::Domain) return;
  Object& opened = catalog_.open(id);
  UserType& domain = std::get<UserType>(opened.what);
  switch (alter.subtype().empty() ? ' ' : alter.subtype().front()) {
    case 'T':
      domain.default_value = tree_of_node(alter.def());
      break;
    case 'N':
      domain.not_null = false;
      break;
    case 'O':
      domain.not_null = true;
      break;
    case 'C':
      add_domain_constraint(domain, opened.name, alter.def().constraint());
      break;
    case 'X': {
      const size_t gone = std::erase_if(domain.constraints,
                                        [&](const auto& one) { return one->name == alter.name(); });
      if (gone == 0 && !alter.missing_ok()) refuse_part("constraint", name, alter.name());
      break;
    }
    case 'V':
      for (auto& constraint : domain.constraints) {
        if (constraint->name == alter.name()) open_part(constraint).valid = true;
      }
      break;
    default:
      break;
  }
}

}  // namespace dsqlint::catalog
