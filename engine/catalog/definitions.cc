#include "engine/catalog/definitions.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <set>

#include "engine/catalog/generated_names.h"
#include "engine/catalog/tree_sql.h"
#include "engine/parse/names.h"
#include "engine/parse/walk.h"
#include "engine/text/tokens.h"

namespace dsqlint::catalog {
namespace {

using google::protobuf::Arena;

/// How PostgreSQL writes types that it has names of its own for.
struct TypeWords {
  std::string_view name;
  std::string_view words;
  std::string_view after = {};  ///< behind the modifiers
};
constexpr std::array kTypeWords = {
    TypeWords{"bool", "boolean"},
    TypeWords{"int2", "smallint"},
    TypeWords{"int4", "integer"},
    TypeWords{"int8", "bigint"},
    TypeWords{"smallserial", "smallint"},
    TypeWords{"serial2", "smallint"},
    TypeWords{"serial", "integer"},
    TypeWords{"serial4", "integer"},
    TypeWords{"bigserial", "bigint"},
    TypeWords{"serial8", "bigint"},
    TypeWords{"float4", "real"},
    TypeWords{"float8", "double precision"},
    TypeWords{"numeric", "numeric"},
    TypeWords{"bpchar", "character"},
    TypeWords{"varchar", "character varying"},
    TypeWords{"bit", "bit"},
    TypeWords{"varbit", "bit varying"},
    TypeWords{"time", "time", " without time zone"},
    TypeWords{"timetz", "time", " with time zone"},
    TypeWords{"timestamp", "timestamp", " without time zone"},
    TypeWords{"timestamptz", "timestamp", " with time zone"},
};

/// The fields of an interval, as its first modifier has them.
struct IntervalFields {
  int64_t mask;
  std::string_view words;
};
constexpr std::array kIntervalFields = {
    IntervalFields{0x0004, " year"},
    IntervalFields{0x0002, " month"},
    IntervalFields{0x0008, " day"},
    IntervalFields{0x0400, " hour"},
    IntervalFields{0x0800, " minute"},
    IntervalFields{0x1000, " second"},
    IntervalFields{0x0006, " year to month"},
    IntervalFields{0x0408, " day to hour"},
    IntervalFields{0x0c08, " day to minute"},
    IntervalFields{0x1c08, " day to second"},
    IntervalFields{0x0c00, " hour to minute"},
    IntervalFields{0x1c00, " hour to second"},
    IntervalFields{0x1800, " minute to second"},
};

std::string interval(const std::vector<int64_t>& modifiers) {
  std::string words = "interval";
  if (modifiers.empty()) return words;
  for (const IntervalFields& fields : kIntervalFields) {
    if (fields.mask == modifiers[0]) words += fields.words;
  }
  if (modifiers.size() > 1) words += fmt::format("({})", modifiers[1]);
  return words;
}

/// As pg_temp, it is the session's own, and its objects are named without it.
ObjectName written(const ObjectName& name) {
  return name.schema == "pg_temp" ? ObjectName{"", name.name} : name;
}

void set_names(google::protobuf::RepeatedPtrField<pg::Node>& parts, const ObjectName& name) {
  parts.Clear();
  if (!name.schema.empty()) parts.Add()->mutable_string()->set_sval(name.schema);
  parts.Add()->mutable_string()->set_sval(name.name);
}

void set_relation(pg::RangeVar& relation, const ObjectName& name) {
  relation.set_schemaname(name.schema);
  relation.set_relname(name.name);
  relation.set_inh(true);
  relation.set_relpersistence("p");
}

/// Functions whose first argument is the name of a sequence.
bool is_sequence_function(std::string_view name) {
  return name == "nextval" || name == "currval" || name == "setval";
}

bool is_regclass(const pg::TypeCast& cast) {
  return builtin_name(cast.type_name().names()) == "regclass";
}

/// Calls `visit(constant)` for the texts in a tree that name a relation.
template <typename Visit>
void each_relation_text(AstRef node, Visit&& visit) {
  const pg::Node* text = nullptr;
  if (const auto* cast = node.as<pg::TypeCast>()) {
    if (is_regclass(*cast)) text = &cast->arg();
  } else if (const auto* call = node.as<pg::FuncCall>()) {
    if (call->args_size() > 0 && is_sequence_function(builtin_name(call->funcname()))) {
      text = &call->args(0);
    }
  }
  if (text != nullptr && text->has_a_const() && text->a_const().has_sval()) {
    visit(text->a_const());
  }
}

/// The names that WITH gives.
std::set<std::string> common_tables(AstRef root) {
  std::set<std::string> names;
  Walker walker;
  walker.walk(root, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* table = node.as<pg::CommonTableExpr>()) names.insert(table->ctename());
  });
  return names;
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

// --- names --------------------------------------------------------------------------------------

std::string Definitions::name(const Object& object) const {
  const std::string name = to_sql(written(object.name));
  const Function* function = object.function();
  if (function == nullptr) return name;
  std::string arguments;
  for (const Argument& argument : function->arguments) {
    if (argument.mode == 't' ||
        (argument.mode == 'o' && function->kind != Function::Kind::Procedure)) {
      continue;
    }
    if (!arguments.empty()) arguments += ", ";
    if (argument.mode == 'v') arguments += "VARIADIC ";
    if (argument.mode == 'o') arguments += "OUT ";
    arguments += type(argument.type);
  }
  if (function->kind == Function::Kind::Aggregate && arguments.empty()) arguments = "*";
  return fmt::format("{}({})", name, arguments);
}

std::string Definitions::name(ObjectId id, const ObjectName& otherwise) const {
  const Object* object = get(id);
  return object == nullptr ? to_sql(otherwise) : name(*object);
}

std::string_view Definitions::kind(const Object& object) const {
  switch (object.kind()) {
    case ObjectKind::Table:
      return object.table()->foreign ? "FOREIGN TABLE" : "TABLE";
    case ObjectKind::View:
      return object.view()->materialized ? "MATERIALIZED VIEW" : "VIEW";
    case ObjectKind::Index:
      return "INDEX";
    case ObjectKind::Sequence:
      return "SEQUENCE";
    case ObjectKind::Type:
      return object.type()->kind == UserTypeKind::Domain ? "DOMAIN" : "TYPE";
    case ObjectKind::Function:
      switch (object.function()->kind) {
        case Function::Kind::Function:
          return "FUNCTION";
        case Function::Kind::Procedure:
          return "PROCEDURE";
        case Function::Kind::Aggregate:
          return "AGGREGATE";
      }
      return "FUNCTION";
    case ObjectKind::Schema:
      return "SCHEMA";
    case ObjectKind::Statistics:
      return "STATISTICS";
    case ObjectKind::Extension:
      return "EXTENSION";
  }
  return "TABLE";
}

std::string Definitions::type(const DataType& type) const {
  const TypeRef& ref = type.ref;
  std::string sql;
  const Object* user = get(type.type);
  const std::string_view array = ref.array ? "[]" : "";
  const auto known = std::find_if(kTypeWords.begin(), kTypeWords.end(),
                                  [&](const TypeWords& one) { return one.name == ref.name; });
  std::string modifiers;
  if (!ref.modifiers.empty()) modifiers = fmt::format("({})", fmt::join(ref.modifiers, ", "));
  if (user != nullptr) {
    sql = to_sql(written(user->name)) + modifiers;
  } else if (!ref.schema.empty()) {
    sql = to_sql(ObjectName{ref.schema, ref.name}) + modifiers;
  } else if (ref.name == "interval") {
    sql = interval(ref.modifiers);
  } else if (ref.name == "bpchar" && ref.modifiers.empty()) {
    sql = ref.name;
  } else if (known != kTypeWords.end()) {
    sql = fmt::format("{}{}{}", known->words, modifiers, known->after);
  } else {
    sql = quote_identifier(ref.name) + modifiers;
  }
  return sql + std::string(array);
}

std::string Definitions::columns(const Object& relation, const std::vector<ColumnId>& ids) const {
  std::vector<std::string> names;
  for (const ColumnId id : ids) {
    for (const auto& column : relation.columns()) {
      if (column->id == id) names.push_back(quote_identifier(column->name));
    }
  }
  return fmt::format("({})", fmt::join(names, ", "));
}

std::string Definitions::role(std::string_view role) const {
  if (role == "public") return "PUBLIC";
  if (role == "current_user") return "CURRENT_USER";
  if (role == "session_user") return "SESSION_USER";
  return quote_identifier(role);
}

namespace {

/// `SELECT (a, b), INSERT ON TABLE t`
std::string privilege_list(const Definitions& definitions, const Object& object,
                           const Privilege& privilege) {
  std::string columns;
  if (!privilege.columns.empty()) {
    std::vector<std::string> names;
    for (const std::string& one : privilege.columns) names.push_back(quote_identifier(one));
    columns = fmt::format(" ({})", fmt::join(names, ", "));
  }
  std::vector<std::string> words;
  for (const std::string& word : privilege.privileges) {
    words.push_back(upper_case(word) + columns);
  }
  std::string_view kind = definitions.kind(object);
  if (object.table() != nullptr || object.view() != nullptr) kind = "TABLE";
  if (kind == "AGGREGATE") kind = "FUNCTION";
  return fmt::format("{} ON {} {}", fmt::join(words, ", "), kind, definitions.name(object));
}

}  // namespace

std::string Definitions::grant(const Object& object, const Privilege& privilege) const {
  return fmt::format("GRANT {} TO {}{}", privilege_list(*this, object, privilege),
                     role(privilege.role), privilege.grant_option ? " WITH GRANT OPTION" : "");
}

std::string Definitions::revoke(const Object& object, const Privilege& privilege) const {
  return fmt::format("REVOKE {} FROM {}", privilege_list(*this, object, privilege),
                     role(privilege.role));
}

// --- trees --------------------------------------------------------------------------------------

std::string Definitions::sql(const Tree& tree, const Object& owner) const {
  if (!tree) return {};
  Arena arena;
  pg::Node& node = decode(tree, arena);
  qualify(node, owner);
  return sql_of(node);
}

std::string Definitions::operand(const Tree& tree, const Object& owner) const {
  if (!tree) return {};
  Arena arena;
  pg::Node& node = decode(tree, arena);
  qualify(node, owner);
  const bool simple = is_simple(node);
  const std::string sql = sql_of(node);
  return simple ? sql : fmt::format("({})", sql);
}

void Definitions::qualify(pg::Node& root, const Object& owner) const {
  const std::string& schema = owner.name.schema;
  if (schema.empty() || schema == "public" || schema == "pg_temp") return;
  const AstRef top = unwrap(root);
  if (top.message == nullptr) return;
  const std::set<std::string> common = common_tables(top);
  const auto stands_there = [&](NameSpace space, const std::string& name) {
    const Object* object = state_.get(space, {"", name});
    return object != nullptr && object->name.schema == schema;
  };
  const auto put = [&](google::protobuf::RepeatedPtrField<pg::Node>& parts) {
    const std::string name = string_value(parts[0]);
    set_names(parts, {schema, name});
  };
  // The tree is ours: it was made by decode.
  const auto open = [](const auto* message) {
    return const_cast<std::remove_const_t<std::remove_pointer_t<decltype(message)>>*>(message);
  };
  Walker walker;
  walker.walk(top, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* relation = node.as<pg::RangeVar>()) {
      if (relation->schemaname().empty() && !common.contains(relation->relname()) &&
          stands_there(NameSpace::Relation, relation->relname())) {
        open(relation)->set_schemaname(schema);
      }
    } else if (const auto* type = node.as<pg::TypeName>()) {
      if (type->names_size() == 1 &&
          (stands_there(NameSpace::Type, string_value(type->names(0))) ||
           stands_there(NameSpace::Relation, string_value(type->names(0))))) {
        put(*open(type)->mutable_names());
      }
    } else if (const auto* call = node.as<pg::FuncCall>()) {
      if (call->funcname_size() == 1 &&
          stands_there(NameSpace::Function, string_value(call->funcname(0)))) {
        put(*open(call)->mutable_funcname());
      }
    }
    each_relation_text(node, [&](const pg::A_Const& text) {
      const ObjectName name = parse_object_name(text.sval().sval());
      if (name.schema.empty() && stands_there(NameSpace::Relation, name.name)) {
        open(&text)->mutable_sval()->set_sval(to_sql(ObjectName{schema, name.name}));
      }
    });
  });
}

std::string Definitions::statement(const Tree& tree, const Object& object) const {
  Arena arena;
  pg::Node& node = decode(tree, arena);
  const ObjectName name = written(object.name);
  if (node.has_create_function_stmt()) {
    pg::CreateFunctionStmt& create = *node.mutable_create_function_stmt();
    set_names(*create.mutable_funcname(), name);
    create.set_replace(false);
    // Types may have other names by now.
    const auto rename = [&](pg::TypeName& type, const DataType& means) {
      const Object* user = get(means.type);
      if (user != nullptr && !type.pct_type())
        set_names(*type.mutable_names(), written(user->name));
    };
    const Function& function = *object.function();
    for (int i = 0; i < create.parameters_size(); ++i) {
      if (static_cast<size_t>(i) >= function.arguments.size()) break;
      rename(*create.mutable_parameters(i)->mutable_function_parameter()->mutable_arg_type(),
             function.arguments[static_cast<size_t>(i)].type);
    }
    if (create.has_return_type()) rename(*create.mutable_return_type(), function.result);
  } else if (node.has_define_stmt()) {
    set_names(*node.mutable_define_stmt()->mutable_defnames(), name);
    node.mutable_define_stmt()->set_replace(false);
    node.mutable_define_stmt()->set_if_not_exists(false);
  } else if (node.has_create_range_stmt()) {
    set_names(*node.mutable_create_range_stmt()->mutable_type_name(), name);
  } else if (node.has_create_stats_stmt()) {
    pg::CreateStatsStmt& create = *node.mutable_create_stats_stmt();
    set_names(*create.mutable_defnames(), name);
    create.set_if_not_exists(false);
    if (const Object* table = get(object.statistics()->table)) {
      create.mutable_relations()->Clear();
      set_relation(*create.add_relations()->mutable_range_var(), written(table->name));
    }
  }
  qualify(node, object);
  return sql_of(node);
}

std::string Definitions::attachment(const Object& relation, const Attachment& attachment) const {
  Arena arena;
  pg::Node& node = decode(attachment.statement, arena);
  const ObjectName name = written(relation.name);
  if (node.has_create_trig_stmt()) {
    pg::CreateTrigStmt& create = *node.mutable_create_trig_stmt();
    create.set_trigname(attachment.name);
    create.set_replace(false);
    set_relation(*create.mutable_relation(), name);
    if (const Object* function = get(attachment.function)) {
      set_names(*create.mutable_funcname(), written(function->name));
    }
  } else if (node.has_create_policy_stmt()) {
    pg::CreatePolicyStmt& create = *node.mutable_create_policy_stmt();
    create.set_policy_name(attachment.name);
    set_relation(*create.mutable_table(), name);
  } else if (node.has_rule_stmt()) {
    pg::RuleStmt& create = *node.mutable_rule_stmt();
    create.set_rulename(attachment.name);
    create.set_replace(false);
    set_relation(*create.mutable_relation(), name);
  }
  qualify(node, relation);
  return sql_of(node);
}

// --- needs --------------------------------------------------------------------------------------

void Definitions::visit_needs(const Tree& tree, const std::function<void(ObjectId)>& visit) const {
  if (!tree) return;
  Arena arena;
  const AstRef root = unwrap(decode(tree, arena));
  if (root.message == nullptr) return;
  const auto relation = [&](const ObjectName& name) {
    visit(state_.find(NameSpace::Relation, name));
  };
  Walker walker;
  walker.walk(root, [&](AstRef node, const std::vector<AstRef>&) {
    if (const auto* named = node.as<pg::RangeVar>()) {
      relation(object_name(*named));
    } else if (const auto* type = node.as<pg::TypeName>()) {
      ObjectName name = object_name(type->names());
      if (name.schema == "pg_catalog") return;
      if (type->pct_type()) {
        // table.column%TYPE
        const auto& parts = type->names();
        const int n = parts.size();
        if (n < 2) return;
        return relation({n > 2 ? string_value(parts[n - 3]) : "", string_value(parts[n - 2])});
      }
      const ObjectId known = state_.find(NameSpace::Type, name);
      if (known != kNoObject) return visit(known);
      relation(name);
    } else if (const auto* call = node.as<pg::FuncCall>()) {
      const ObjectName name = object_name(call->funcname());
      if (name.schema == "pg_catalog") return;
      for (const ObjectId id : state_.all_named(NameSpace::Function, name.name)) {
        if (name.schema.empty() || get(id)->name.schema == name.schema) visit(id);
      }
    }
    each_relation_text(
        node, [&](const pg::A_Const& text) { relation(parse_object_name(text.sval().sval())); });
  });
}

std::vector<ObjectId> Definitions::needs(const Tree& tree) const {
  std::vector<ObjectId> found;
  visit_needs(tree, [&](ObjectId id) {
    if (id != kNoObject) found.push_back(made_by(id));
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<ObjectId> Definitions::needs(ObjectId id) const {
  const Object* object = get(id);
  if (object == nullptr) return {};
  std::vector<ObjectId> found;
  const auto need = [&](ObjectId other) {
    if (other == kNoObject || get(other) == nullptr) return;
    other = made_by(other);
    if (other != id) found.push_back(other);
  };
  const auto need_tree = [&](const Tree& tree) { visit_needs(tree, need); };
  const auto need_columns = [&](const auto& columns) {
    for (const auto& column : columns) {
      need(column->type.type);
      need_tree(column->default_value);
    }
  };
  if (!object->name.schema.empty()) {
    need(state_.find_in(NameSpace::Schema, "", object->name.schema));
  }
  if (const Table* table = object->table()) {
    need_columns(table->columns);
    for (const ObjectId parent : table->parents) need(parent);
    need(table->of_type.type);
    need_tree(table->partition_by);
    need_tree(table->partition_bound);
    for (const auto& constraint : table->constraints) {
      if (is_late(*constraint)) continue;
      need_tree(constraint->expression);
      const Object* made = get(constraint->index);
      if (made == nullptr || made->index() == nullptr) continue;
      for (const IndexKey& key : made->index()->keys) need_tree(key.expression);
      need_tree(made->index()->predicate);
    }
  } else if (const View* view = object->view()) {
    for (const ObjectId relation : view->relations) need(relation);
    need_tree(view->query);
  } else if (const Index* index = object->index()) {
    need(index->table);
    for (const IndexKey& key : index->keys) need_tree(key.expression);
    need_tree(index->predicate);
  } else if (const UserType* type = object->type()) {
    need(type->base.type);
    need_columns(type->attributes);
    need_tree(type->default_value);
    need_tree(type->statement);
    for (const auto& constraint : type->constraints) need_tree(constraint->expression);
  } else if (const Function* function = object->function()) {
    for (const Argument& argument : function->arguments) need(argument.type.type);
    need(function->result.type);
    need_tree(function->statement);
  } else if (const Statistics* statistics = object->statistics()) {
    need(statistics->table);
    need_tree(statistics->statement);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace dsqlint::catalog
