// Dispatch, sessions, and all objects but tables and their indexes.

#include "engine/catalog/apply.h"

#include <algorithm>
#include <limits>

#include "engine/catalog/applier.h"
#include "engine/parse/document.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

const std::string kPublic = "public";
const std::string kTemporary = "pg_temp";

}  // namespace

std::optional<PartName> part_name(const pg::Node& list) {
  const auto& parts = list.list().items();
  const int n = parts.size();
  if (n < 2) return std::nullopt;
  return PartName{{n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])},
                  string_value(parts[n - 1])};
}

Attachment::Kind attachment_kind(pg::ObjectType type) {
  return type == pg::OBJECT_TRIGGER  ? Attachment::Kind::Trigger
         : type == pg::OBJECT_POLICY ? Attachment::Kind::Policy
                                     : Attachment::Kind::Rule;
}

std::string_view attachment_word(Attachment::Kind kind) {
  return kind == Attachment::Kind::Trigger  ? "trigger"
         : kind == Attachment::Kind::Policy ? "policy"
                                            : "rule";
}

std::string role_name(const pg::RoleSpec& role) {
  switch (role.roletype()) {
    case pg::ROLESPEC_CSTRING:
      return role.rolename();
    case pg::ROLESPEC_PUBLIC:
      return "public";
    case pg::ROLESPEC_SESSION_USER:
      return "session_user";
    default:
      return "current_user";
  }
}

bool flag_value(const pg::DefElem& option) {
  if (!option.has_arg()) return true;
  if (option.arg().has_boolean()) return option.arg().boolean().boolval();
  return integer_value(option.arg()).value_or(1) != 0;
}

std::vector<Option> read_options(const Nodes& nodes) {
  std::vector<Option> options;
  for (const pg::Node& node : nodes) {
    const pg::DefElem& option = node.def_elem();
    std::string value = string_value(option.arg());
    if (const auto number = integer_value(option.arg())) value = std::to_string(*number);
    if (option.arg().has_float_()) value = option.arg().float_().fval();
    if (option.arg().has_boolean()) value = option.arg().boolean().boolval() ? "true" : "false";
    if (option.arg().has_type_name()) value = object_name(option.arg().type_name().names()).name;
    std::string name = option.defname();
    if (!option.defnamespace().empty()) name = option.defnamespace() + "." + name;
    options.push_back({std::move(name), std::move(value)});
  }
  return options;
}

/// Of a statement that writes rows: the tables that are gone.
static std::vector<Refusal> judge_rows(const Catalog& catalog, const Session& session,
                                       const Document& document, const Statement& statement) {
  std::vector<Refusal> refusals;
  const State now = catalog.now();
  for (const RowUse& use : statement.row_uses) {
    const ObjectName name = parse_object_name(std::string(document.source().slice(use.name)));
    if (now.find(NameSpace::Relation, name, session.path) != kNoObject) continue;
    const Absence absence = now.absence(NameSpace::Relation, name, session.path);
    if (absence.why == Absence::Why::NeverThere) continue;
    refusals.push_back({.code = Refusal::Code::UndefinedObject,
                        .what = kind_word(ObjectKind::Table),
                        .name = name,
                        .absence = absence,
                        .evidence = absence.by});
  }
  return refusals;
}

// --- statements ---------------------------------------------------------------------------------

std::vector<Refusal> apply(Catalog& catalog, Session& session, const Document& document,
                           size_t index, uint32_t file) {
  const Statement& statement = document.statements()[index];
  const AstRef tree = dsqlint::tree_of(statement);
  if (tree.message == nullptr) return judge_rows(catalog, session, document, statement);
  Origin at;
  at.file = file + static_cast<uint32_t>(document.file_of(index));
  at.statement = static_cast<uint32_t>(index);
  at.place = statement.range.begin - document.source().file_range(document.file_of(index)).begin;
  if (const auto* transaction = tree.as<pg::TransactionStmt>()) {
    auto& marks = session.marks;
    const auto back_to = [&](Step step) {
      if (catalog.step() == step) return;
      catalog.begin_step(at);
      catalog.restore(step);
    };
    switch (transaction->kind()) {
      case pg::TRANS_STMT_BEGIN:
      case pg::TRANS_STMT_START:
        if (marks.empty()) marks.push_back({"", catalog.step()});
        break;
      case pg::TRANS_STMT_SAVEPOINT:
        if (!marks.empty()) marks.push_back({transaction->savepoint_name(), catalog.step()});
        break;
      case pg::TRANS_STMT_ROLLBACK_TO:
        for (size_t i = marks.size(); i-- > 1;) {
          if (marks[i].savepoint != transaction->savepoint_name()) continue;
          back_to(marks[i].step);
          marks.resize(i + 1);
          break;
        }
        break;
      case pg::TRANS_STMT_ROLLBACK:
        if (!marks.empty()) back_to(marks.front().step);
        [[fallthrough]];
      case pg::TRANS_STMT_COMMIT:
      case pg::TRANS_STMT_PREPARE:
        marks.clear();
        if (transaction->chain()) marks.push_back({"", catalog.step()});
        break;
      default:
        break;
    }
    return {};
  }
  const Step before = catalog.step();
  catalog.begin_step(at);
  Applier applier(catalog, session, at);
  applier.apply(tree, statement.has_mask(MaskKind::IndexAsync));
  std::vector<Refusal> refusals = applier.take_refusals();
  if (!refusals.empty()) catalog.cut(before, true);
  return refusals;
}

void end_session(Catalog& catalog, Session& session) {
  Origin end;
  if (!session.marks.empty() && catalog.step() != session.marks.front().step) {
    catalog.begin_step(end);
    catalog.restore(session.marks.front().step);
  }
  std::vector<ObjectId> temporary;
  if (session.temporary) {
    for (const ObjectId id : catalog.now().all()) {
      if (catalog.now().get(id)->name.schema == kTemporary) temporary.push_back(id);
    }
  }
  if (!temporary.empty()) {
    catalog.begin_step(end);
    for (const ObjectId id : temporary) catalog.remove(id);
  }
  const bool sets_up_again = session.sets_up_again;
  session = {};
  session.sets_up_again = sets_up_again;
}

void Applier::apply(AstRef tree, bool asynchronous) {
  if (const auto* create = tree.as<pg::CreateStmt>()) return create_table(*create);
  if (const auto* foreign = tree.as<pg::CreateForeignTableStmt>()) {
    return create_table(foreign->base_stmt(), &foreign->options());
  }
  if (const auto* select = tree.as<pg::SelectStmt>()) {
    if (!select->has_into_clause()) return set_path(*select);
    pg::Node query;
    *query.mutable_select_stmt() = *select;
    return create_table_as(select->into_clause(), query, false);
  }
  if (const auto* as = tree.as<pg::CreateTableAsStmt>()) {
    if (as->objtype() == pg::OBJECT_MATVIEW) return create_materialized_view(*as);
    return create_table_as(as->into(), as->query(), as->if_not_exists());
  }
  if (const auto* alter = tree.as<pg::AlterTableStmt>()) return alter_table(*alter);
  if (const auto* index = tree.as<pg::IndexStmt>()) return create_index(*index, asynchronous);
  if (const auto* sequence = tree.as<pg::CreateSeqStmt>()) return create_sequence(*sequence);
  if (const auto* sequence = tree.as<pg::AlterSeqStmt>()) return alter_sequence(*sequence);
  if (const auto* function = tree.as<pg::CreateFunctionStmt>()) return create_function(*function);
  if (const auto* function = tree.as<pg::AlterFunctionStmt>()) return alter_function(*function);
  if (const auto* view = tree.as<pg::ViewStmt>()) return create_view(*view);
  if (const auto* rule = tree.as<pg::RuleStmt>()) return attach(*rule);
  if (const auto* trigger = tree.as<pg::CreateTrigStmt>()) return attach(*trigger);
  if (const auto* policy = tree.as<pg::CreatePolicyStmt>()) return attach(*policy);
  if (const auto* policy = tree.as<pg::AlterPolicyStmt>()) return alter_policy(*policy);
  if (const auto* statistics = tree.as<pg::CreateStatsStmt>()) {
    return create_statistics(*statistics);
  }
  if (const auto* type = tree.as<pg::CreateEnumStmt>()) return create_enum(*type);
  if (const auto* type = tree.as<pg::AlterEnumStmt>()) return alter_enum(*type);
  if (const auto* type = tree.as<pg::CompositeTypeStmt>()) return create_composite(*type);
  if (const auto* type = tree.as<pg::CreateRangeStmt>()) return create_range(*type);
  if (const auto* domain = tree.as<pg::CreateDomainStmt>()) return create_domain(*domain);
  if (const auto* domain = tree.as<pg::AlterDomainStmt>()) return alter_domain(*domain);
  if (const auto* type = tree.as<pg::DefineStmt>()) return define(*type);
  if (const auto* schema = tree.as<pg::CreateSchemaStmt>()) return create_schema(*schema);
  if (const auto* extension = tree.as<pg::CreateExtensionStmt>()) {
    return create_extension(*extension);
  }
  if (const auto* dropped = tree.as<pg::DropStmt>()) return drop(*dropped);
  if (const auto* renamed = tree.as<pg::RenameStmt>()) return rename(*renamed);
  if (const auto* moved = tree.as<pg::AlterObjectSchemaStmt>()) return move(*moved);
  if (const auto* remark = tree.as<pg::CommentStmt>()) return comment(*remark);
  if (const auto* owner = tree.as<pg::AlterOwnerStmt>()) return set_owner(*owner);
  if (const auto* granted = tree.as<pg::GrantStmt>()) return grant(*granted);
  if (const auto* set = tree.as<pg::VariableSetStmt>()) return set_variable(*set);
}

void Applier::set_variable(const pg::VariableSetStmt& set) {
  if (set.kind() == pg::VAR_RESET_ALL) session_.path = State::default_path();
  if (set.name() != "search_path") return;
  if (set.kind() != pg::VAR_SET_VALUE) {
    session_.path = State::default_path();
    return;
  }
  session_.path.clear();
  for (const pg::Node& argument : set.args()) {
    const std::string& schema = string_value(argument);
    if (schema != "$user" && schema != "pg_catalog" && !schema.empty()) {
      session_.path.push_back(schema);
    }
  }
}

void Applier::set_path(const pg::SelectStmt& select) {
  // SELECT pg_catalog.set_config('search_path', '', false), as pg_dump writes it.
  if (select.target_list_size() != 1) return;
  const pg::Node& call = select.target_list(0).res_target().val();
  if (!call.has_func_call() || builtin_name(call.func_call().funcname()) != "set_config") return;
  const auto& args = call.func_call().args();
  if (args.size() != 3 || string_value(args[0]) != "search_path" || !args[1].has_a_const()) return;
  session_.path.clear();
  const std::string& value = string_value(args[1]);
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(',', at), value.size());
    const ObjectName schema = parse_object_name(value.substr(at, end - at));
    if (!schema.name.empty() && schema.name != "pg_catalog" && schema.name != "$user") {
      session_.path.push_back(schema.name);
    }
    at = end + 1;
  }
}

// --- names --------------------------------------------------------------------------------------

const std::string& Applier::creation_schema() const {
  // A schema that is not known may be there.
  return session_.path.empty() ? kPublic : session_.path.front();
}

ObjectName Applier::full_name(const ObjectName& name, bool temporary) const {
  if (temporary) return {kTemporary, name.name};
  return {name.schema.empty() ? creation_schema() : name.schema, name.name};
}

void Applier::refuse_part(std::string_view what, const ObjectName& name, std::string part,
                          int location) {
  Refusal refusal{.code = Refusal::Code::UndefinedObject,
                  .what = what,
                  .name = name,
                  .part = std::move(part),
                  .location = location};
  for (const NameSpace space : {NameSpace::Relation, NameSpace::Type}) {
    const ObjectId id = find(space, name);
    if (id == kNoObject) continue;
    refusal.evidence = object(id)->created;
    refusal.absence = now().column_absence(id, refusal.part);
    if (refusal.absence.why != Absence::Why::NeverThere) refusal.evidence = refusal.absence.by;
    break;
  }
  refusals_.push_back(std::move(refusal));
}

void Applier::refuse_absent(std::string_view what, const ObjectName& name, const Absence& absence,
                            int location) {
  refusals_.push_back({.code = Refusal::Code::UndefinedObject,
                       .what = what,
                       .name = name,
                       .absence = absence,
                       .evidence = absence.by,
                       .location = location});
}

void Applier::refuse_taken(std::string_view what, const ObjectName& name, std::string part,
                           const Origin& by, int location) {
  refusals_.push_back({.code = Refusal::Code::DuplicateObject,
                       .what = what,
                       .name = name,
                       .part = std::move(part),
                       .evidence = by,
                       .location = location});
}

ObjectId Applier::existing(ObjectKind kind, const ObjectName& name, bool missing_ok, int location) {
  const NameSpace space = name_space(kind);
  const ObjectId id = find(space, name);
  if (id != kNoObject) return object(id)->kind() == kind ? id : kNoObject;
  if (missing_ok) return kNoObject;
  const Absence absence = now().absence(space, name, session_.path);
  if (absence.why != Absence::Why::NeverThere) {
    refuse_absent(kind_word(kind), name, absence, location);
  }
  return kNoObject;
}

ObjectId Applier::named(pg::ObjectType type, const pg::Node& target, bool missing_ok) {
  switch (type) {
    case pg::OBJECT_TABLE:
    case pg::OBJECT_FOREIGN_TABLE:
      return existing(ObjectKind::Table, object_name(target), missing_ok);
    case pg::OBJECT_VIEW:
    case pg::OBJECT_MATVIEW:
      return existing(ObjectKind::View, object_name(target), missing_ok);
    case pg::OBJECT_INDEX:
      return existing(ObjectKind::Index, object_name(target), missing_ok);
    case pg::OBJECT_SEQUENCE:
      return existing(ObjectKind::Sequence, object_name(target), missing_ok);
    case pg::OBJECT_TYPE:
    case pg::OBJECT_DOMAIN:
      return existing(ObjectKind::Type, object_name(target), missing_ok);
    case pg::OBJECT_SCHEMA:
      return existing(ObjectKind::Schema, {"", string_value(target)}, missing_ok);
    case pg::OBJECT_EXTENSION:
      return existing(ObjectKind::Extension, {"", string_value(target)}, missing_ok);
    case pg::OBJECT_STATISTIC_EXT:
      return existing(ObjectKind::Statistics, object_name(target), missing_ok);
    case pg::OBJECT_FUNCTION:
    case pg::OBJECT_PROCEDURE:
    case pg::OBJECT_ROUTINE:
    case pg::OBJECT_AGGREGATE:
      return target.has_object_with_args()
                 ? function_named(target.object_with_args(), missing_ok, true)
                 : kNoObject;
    default:
      return kNoObject;
  }
}

ObjectId Applier::relation(const ObjectName& name, bool missing_ok, int location) {
  const ObjectId id = find(NameSpace::Relation, name);
  if (id != kNoObject) return id;
  return existing(ObjectKind::Table, name, missing_ok, location);
}

bool Applier::is_free(ObjectKind kind, const ObjectName& name, int location) {
  const ObjectId known = now().find_in(name_space(kind), name.schema, name.name);
  if (known == kNoObject) return true;
  const Object& has = *object(known);
  if (session_.sets_up_again && has.kind() == kind && has.created.file != at_.file &&
      has.created.kind == Origin::Kind::Statement) {
    remove({known});
    return true;
  }
  refuse_taken(kind_word(has.kind()), name, {}, has.created, location);
  return false;
}

DataType Applier::data_type(const pg::TypeName& type) {
  DataType data;
  data.ref = type_ref(type);
  // Nearly all types are PostgreSQL's own.
  if (!catalog_.has_name(data.ref.name)) return data;
  const ObjectName name{data.ref.schema, data.ref.name};
  data.type = find(NameSpace::Type, name);
  // Every table is a type too.
  if (data.type == kNoObject && !data.ref.name.empty()) {
    const ObjectId row = find(NameSpace::Relation, name);
    if (row != kNoObject && (object(row)->table() != nullptr || object(row)->view() != nullptr)) {
      data.type = row;
    } else if (row == kNoObject) {
      const Absence absence = now().absence(NameSpace::Type, name, session_.path);
      if (absence.why != Absence::Why::NeverThere) {
        refuse_absent("type", name, absence, type.location());
      }
    }
  }
  return data;
}

void Applier::depend(const Tree& tree, ObjectId from) {
  pg::Node node;
  if (!tree || !node.ParseFromString(tree.node)) return;
  depend(unwrap(node), from);
}

void Applier::depend(AstRef tree, ObjectId from) {
  if (tree.message == nullptr) return;
  const auto refer = [&](ObjectId to) {
    if (to != kNoObject && to != from) catalog_.add_dependent(to, from);
  };
  Walker walker;
  walker.walk(tree, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* table = node.as<pg::RangeVar>()) {
      refer(find(NameSpace::Relation, object_name(*table)));
    } else if (const auto* type = node.as<pg::TypeName>()) {
      const ObjectName name = object_name(type->names());
      if (name.schema != "pg_catalog") refer(find(NameSpace::Type, name));
    } else if (const auto* call = node.as<pg::FuncCall>()) {
      for (const ObjectId id :
           now().all_named(NameSpace::Function, object_name(call->funcname()).name)) {
        refer(id);
      }
      if (builtin_name(call->funcname()) != "nextval") return;
      pg::Node wrapped;
      *wrapped.mutable_func_call() = *call;
      if (const auto sequence = nextval_sequence(wrapped)) {
        refer(find(NameSpace::Relation, *sequence));
      }
    }
  });
}

// --- schemas and extensions ---------------------------------------------------------------------

void Applier::create_schema(const pg::CreateSchemaStmt& create) {
  const std::string& name = created_schema(create);
  const ObjectId known = now().find_in(NameSpace::Schema, "", name);
  if (known != kNoObject) {
    if (!create.if_not_exists() && !name.empty() && name != kPublic) {
      refuse_taken("schema", {"", name}, {}, object(known)->created);
    }
    return;
  }
  Object schema{.name = {"", name}, .created = {}, .changed = {}, .what = Namespace{}};
  if (create.has_authrole()) {
    auto remarks = std::make_shared<Remarks>();
    remarks->owner = role_name(create.authrole());
    schema.remarks = std::move(remarks);
  }
  catalog_.add(std::move(schema));
  const std::vector<std::string> path = session_.path;
  session_.path.insert(session_.path.begin(), name);
  // By kind, not as they are written: PostgreSQL's transformCreateSchemaStmtElements.
  const auto rank = [](const pg::Node& element) {
    switch (element.node_case()) {
      case pg::Node::kCreateSeqStmt:
        return 0;
      case pg::Node::kCreateStmt:
        return 1;
      case pg::Node::kViewStmt:
        return 2;
      case pg::Node::kIndexStmt:
        return 3;
      case pg::Node::kCreateTrigStmt:
        return 4;
      default:
        return 5;
    }
  };
  for (int wanted = 0; wanted <= 5; ++wanted) {
    for (const pg::Node& element : create.schema_elts()) {
      if (rank(element) == wanted) apply(unwrap(element), false);
    }
  }
  session_.path = path;
}

void Applier::create_extension(const pg::CreateExtensionStmt& create) {
  const ObjectId known = now().find_in(NameSpace::Extension, "", create.extname());
  if (known != kNoObject) {
    if (!create.if_not_exists()) {
      refuse_taken("extension", {"", create.extname()}, {}, object(known)->created);
    }
    return;
  }
  catalog_.add({.name = {"", create.extname()}, .created = {}, .changed = {}, .what = Extension{}});
}

}  // namespace dsqlint::catalog
