#include "engine/catalog/definitions.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <limits>
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

std::string_view action_words(KeyAction action) {
  switch (action) {
    case KeyAction::NoAction:
      return "NO ACTION";
    case KeyAction::Restrict:
      return "RESTRICT";
    case KeyAction::Cascade:
      return "CASCADE";
    case KeyAction::SetNull:
      return "SET NULL";
    case KeyAction::SetDefault:
      return "SET DEFAULT";
  }
  return "NO ACTION";
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

std::string plain_value(const std::string& value) {
  const bool plain =
      !value.empty() &&
      value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == std::string::npos;
  return plain ? value : quote_literal(value);
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

// --- columns ------------------------------------------------------------------------------------

namespace {
/// Of what sequence_values gives.
constexpr size_t kStart = 3;
}  // namespace

std::string Definitions::sequence_options(const Sequence& sequence, bool all) const {
  std::string sql;
  const bool plain_type = sequence.type.name.empty() || sequence.type.name == "int8";
  if (all || !plain_type) {
    sql += " AS " + (plain_type ? std::string("bigint") : type(DataType{.ref = sequence.type}));
  }
  if (all) {
    for (const std::string& value : sequence_values(sequence)) sql += " " + value;
    return sql;
  }
  Sequence plain;
  plain.type = sequence.type;
  plain.increment = sequence.increment;
  const std::vector<std::string> usual = sequence_values(plain);
  const std::vector<std::string> values = sequence_values(sequence);
  // Where it starts follows from its bounds.
  plain.minimum = sequence.minimum;
  plain.maximum = sequence.maximum;
  const std::string start = sequence_values(plain)[kStart];
  for (size_t i = 0; i < values.size(); ++i) {
    const bool said = i == 0        ? sequence.increment != 1
                      : i == kStart ? values[i] != start
                                    : values[i] != usual[i];
    if (said) sql += " " + values[i];
  }
  return sql;
}

std::vector<std::string> Definitions::sequence_values(const Sequence& sequence) const {
  // As PostgreSQL sets them where nothing is said.
  const bool ascending = sequence.increment > 0;
  const bool small = sequence.type.name == "int2";
  const bool normal = sequence.type.name == "int4";
  const int64_t most = small    ? std::numeric_limits<int16_t>::max()
                       : normal ? std::numeric_limits<int32_t>::max()
                                : std::numeric_limits<int64_t>::max();
  const int64_t minimum = sequence.minimum.value_or(ascending ? 1 : -most - 1);
  const int64_t maximum = sequence.maximum.value_or(ascending ? most : -1);
  return {fmt::format("INCREMENT BY {}", sequence.increment),
          fmt::format("MINVALUE {}", minimum),
          fmt::format("MAXVALUE {}", maximum),
          fmt::format("START WITH {}", sequence.start.value_or(ascending ? minimum : maximum)),
          fmt::format("CACHE {}", sequence.cache),
          sequence.cycle ? "CYCLE" : "NO CYCLE"};
}

std::string Definitions::identity(const Object& table, const Column& column) const {
  std::string sql = column.identity == Identity::Always ? "GENERATED ALWAYS AS IDENTITY"
                                                        : "GENERATED BY DEFAULT AS IDENTITY";
  const Object* owned = get(column.sequence);
  if (owned == nullptr || owned->sequence() == nullptr) return sql;
  std::string options;
  const ObjectName chosen{table.name.schema, generated_name(table.name.name, column.name, "seq")};
  if (owned->name != chosen) options = " SEQUENCE NAME " + to_sql(written(owned->name));
  // The type is the column's, and cannot be said.
  Sequence sequence = *owned->sequence();
  sequence.type = {};
  options += sequence_options(sequence, false);
  if (!options.empty()) sql += fmt::format(" ({})", options.substr(1));
  return sql;
}

std::string Definitions::default_clause(const Object& table, const Column& column) const {
  if (column.identity != Identity::None) return " " + identity(table, column);
  if (!column.default_value) return {};
  if (column.generated) {
    return fmt::format(" GENERATED ALWAYS AS ({}) STORED", sql(column.default_value, table));
  }
  return " DEFAULT " + operand(column.default_value, table);
}

std::string Definitions::column(const Object& table, const Column& column) const {
  std::string sql = fmt::format("{} {}", quote_identifier(column.name), type(column.type));
  if (!column.collation.name.empty()) sql += " COLLATE " + to_sql(column.collation);
  sql += default_clause(table, column);
  if (column.not_null && column.identity == Identity::None) sql += " NOT NULL";
  return sql;
}

namespace {

bool is_key(const Constraint& constraint) {
  return constraint.kind == ConstraintKind::PrimaryKey || constraint.kind == ConstraintKind::Unique;
}

std::vector<std::string> column_names(const Object& table, const std::vector<ColumnId>& ids) {
  std::vector<std::string> names;
  for (const ColumnId id : ids) {
    if (const Column* column = table.table()->column(id)) names.push_back(column->name);
  }
  return names;
}

/// Is `own` what a partition gets by itself for that key of its parent?
bool is_of_parent(const Object& partition, const Constraint& own, const Object& parent,
                  const Constraint& key) {
  if (own.kind != key.kind) return false;
  const std::vector<std::string> names = column_names(partition, own.columns);
  if (names != column_names(parent, key.columns)) return false;
  const bool primary = own.kind == ConstraintKind::PrimaryKey;
  return own.name == generated_name(partition.name.name,
                                    primary ? "" : fmt::format("{}", fmt::join(names, "_")),
                                    primary ? "pkey" : "key");
}

}  // namespace

// --- constraints and indexes --------------------------------------------------------------------

std::string Definitions::option_name(const std::string& name) const {
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return quote_identifier(name);
  return to_sql(ObjectName{name.substr(0, dot), name.substr(dot + 1)});
}

std::string Definitions::options(const std::vector<Option>& options) const {
  if (options.empty()) return {};
  std::vector<std::string> parts;
  for (const Option& option : options) {
    const size_t dot = option.name.find('.');
    std::string name =
        dot == std::string::npos
            ? quote_identifier(option.name)
            : to_sql(ObjectName{option.name.substr(0, dot), option.name.substr(dot + 1)});
    parts.push_back(option.value.empty() ? name : name + " = " + plain_value(option.value));
  }
  return fmt::format(" WITH ({})", fmt::join(parts, ", "));
}

std::string Definitions::index_keys(const Object& table, const Index& index) const {
  std::vector<std::string> keys;
  for (const IndexKey& key : index.keys) {
    std::string sql;
    if (key.column != 0) {
      for (const auto& column : table.columns()) {
        if (column->id == key.column) sql = quote_identifier(column->name);
      }
    } else {
      Arena arena;
      pg::Node& node = decode(key.expression, arena);
      qualify(node, table);
      const bool call = node.has_func_call() && is_simple(node);
      sql = sql_of(node);
      if (!call) sql = fmt::format("({})", sql);
    }
    if (!key.collation.name.empty()) sql += " COLLATE " + to_sql(key.collation);
    if (!key.opclass.name.empty()) sql += " " + to_sql(key.opclass);
    if (key.descending) sql += " DESC";
    if (key.nulls_first != key.descending) {
      sql += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    keys.push_back(std::move(sql));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

std::string Definitions::constraint(const Object& owner, const Constraint& constraint) const {
  std::string sql;
  const Object* made = get(constraint.index);
  const Index* index = made == nullptr ? nullptr : made->index();
  switch (constraint.kind) {
    case ConstraintKind::Check:
      sql = fmt::format("CHECK ({})", this->sql(constraint.expression, owner));
      if (constraint.no_inherit) sql += " NO INHERIT";
      return sql;
    case ConstraintKind::PrimaryKey:
      sql = "PRIMARY KEY " + columns(owner, constraint.columns);
      break;
    case ConstraintKind::Unique:
      sql = "UNIQUE ";
      if (index != nullptr && index->nulls_not_distinct) sql += "NULLS NOT DISTINCT ";
      sql += columns(owner, constraint.columns);
      break;
    case ConstraintKind::Exclusion:
      sql = this->sql(constraint.expression, owner);
      break;
    case ConstraintKind::ForeignKey: {
      sql = fmt::format("FOREIGN KEY {} REFERENCES {}", columns(owner, constraint.columns),
                        name(constraint.target, constraint.target_name));
      const Object* target = get(constraint.target);
      if (target != nullptr && !constraint.target_columns.empty()) {
        sql += columns(*target, constraint.target_columns);
      } else if (!constraint.target_column_names.empty()) {
        std::vector<std::string> names;
        for (const std::string& one : constraint.target_column_names) {
          names.push_back(quote_identifier(one));
        }
        sql += fmt::format("({})", fmt::join(names, ", "));
      }
      if (constraint.match_full) sql += " MATCH FULL";
      if (constraint.on_update != KeyAction::NoAction) {
        sql += fmt::format(" ON UPDATE {}", action_words(constraint.on_update));
      }
      if (constraint.on_delete != KeyAction::NoAction) {
        sql += fmt::format(" ON DELETE {}", action_words(constraint.on_delete));
        if (!constraint.set_columns.empty()) sql += " " + columns(owner, constraint.set_columns);
      }
      break;
    }
  }
  const bool keyed =
      constraint.kind == ConstraintKind::PrimaryKey || constraint.kind == ConstraintKind::Unique;
  if (keyed && index != nullptr) {
    if (!index->included.empty()) sql += " INCLUDE " + columns(owner, index->included);
    sql += options(index->options);
  }
  if (constraint.deferrable) sql += " DEFERRABLE";
  if (constraint.deferred) sql += " INITIALLY DEFERRED";
  return sql;
}

std::string Definitions::add_constraint(const Object& owner, const Constraint& constraint) const {
  return fmt::format("ALTER {} {}{} ADD CONSTRAINT {} {}{}", kind(owner),
                     constraint.no_inherit && owner.table() != nullptr ? "ONLY " : "", name(owner),
                     quote_identifier(constraint.name), this->constraint(owner, constraint),
                     constraint.valid ? "" : " NOT VALID");
}

std::string Definitions::create_index(const Object& object, const Index& index) const {
  const Object* table = get(index.table);
  if (table == nullptr || index.of_constraint) return {};
  const bool partitioned = table->table() != nullptr && table->table()->partition_by;
  std::string sql =
      fmt::format("CREATE {}INDEX {} ON {}{} USING {} ({})", index.unique ? "UNIQUE " : "",
                  quote_identifier(object.name.name), partitioned && !index.valid ? "ONLY " : "",
                  name(*table), quote_identifier(index.method), index_keys(*table, index));
  if (!index.included.empty()) sql += " INCLUDE " + columns(*table, index.included);
  if (index.nulls_not_distinct) sql += " NULLS NOT DISTINCT";
  sql += options(index.options);
  if (index.predicate) sql += fmt::format(" WHERE {}", this->sql(index.predicate, *table));
  return sql;
}

// --- objects ------------------------------------------------------------------------------------

bool Definitions::is_plain_partition(const Object& object) const {
  const Table* table = object.table();
  if (table == nullptr || !table->partition || table->parents.size() != 1) return false;
  const Object* parent = get(table->parents.front());
  if (parent == nullptr || parent->table() == nullptr) return false;
  const auto& columns = table->columns;
  const auto& theirs = parent->table()->columns;
  if (!std::equal(columns.begin(), columns.end(), theirs.begin(), theirs.end(),
                  [](const auto& a, const auto& b) {
                    return a->inherited && a->name == b->name && a->type == b->type;
                  })) {
    return false;
  }
  // The keys have the names that the server gives them.
  return std::all_of(parent->table()->constraints.begin(), parent->table()->constraints.end(),
                     [&](const auto& key) {
                       return !is_key(*key) ||
                              std::any_of(table->constraints.begin(), table->constraints.end(),
                                          [&](const auto& own) {
                                            return is_of_parent(object, *own, *parent, *key);
                                          });
                     });
}

bool Definitions::is_key_of_parent(const Object& object, const Constraint& constraint) const {
  const Table* table = object.table();
  if (table == nullptr || !table->partition || table->parents.size() != 1) return false;
  const Object* parent = get(table->parents.front());
  if (!is_key(constraint) || parent == nullptr || parent->table() == nullptr) return false;
  const auto& keys = parent->table()->constraints;
  return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
    return is_of_parent(object, constraint, *parent, *key);
  });
}

std::string Definitions::create_table(const Object& object, const Table& table) const {
  std::string sql = "CREATE ";
  if (table.persistence == Persistence::Temporary) sql += "TEMPORARY ";
  if (table.persistence == Persistence::Unlogged) sql += "UNLOGGED ";
  sql += fmt::format("{} {}", kind(object), name(object));
  const bool partition = is_plain_partition(object);
  const Object* parent = partition ? get(table.parents.front()) : nullptr;
  const bool typed = !table.of_type.ref.name.empty();
  std::vector<std::string> elements;
  for (const auto& column : table.columns) {
    if (!partition && !typed) {
      if (!column->inherited || table.partition) elements.push_back(this->column(object, *column));
      continue;
    }
    // What the column has besides what it takes from the parent or the type.
    const Column* theirs = parent == nullptr ? nullptr : parent->column(column->name);
    std::string more;
    if (theirs == nullptr || default_clause(object, *column) != default_clause(*parent, *theirs)) {
      more += default_clause(object, *column);
    }
    if (column->not_null && (theirs == nullptr || !theirs->not_null)) more += " NOT NULL";
    if (!more.empty()) {
      elements.push_back(quote_identifier(column->name) + (typed ? " WITH OPTIONS" : "") + more);
    }
  }
  for (const auto& constraint : table.constraints) {
    if (is_late(*constraint) || (constraint->inherited && (partition || !table.partition))) {
      continue;
    }
    if (partition && is_key_of_parent(object, *constraint)) continue;
    elements.push_back(fmt::format("CONSTRAINT {} {}", quote_identifier(constraint->name),
                                   this->constraint(object, *constraint)));
  }
  if (partition) {
    sql += " PARTITION OF " + name(*parent);
  } else if (typed) {
    sql += " OF " + type(table.of_type);
  }
  if (!elements.empty()) {
    sql += fmt::format(" (\n  {}\n)", fmt::join(elements, ",\n  "));
  } else if (!partition && !typed) {
    sql += " ()";
  }
  if (partition) {
    sql += " " + this->sql(table.partition_bound, object);
  } else if (!table.parents.empty() && !table.partition) {
    std::vector<std::string> parents;
    for (const ObjectId id : table.parents) parents.push_back(name(id));
    sql += fmt::format(" INHERITS ({})", fmt::join(parents, ", "));
  }
  if (table.partition_by) sql += " " + this->sql(table.partition_by, object);
  if (!table.access_method.empty()) sql += " USING " + quote_identifier(table.access_method);
  sql += options(table.options);
  return sql;
}

std::string Definitions::create_view(const Object& object, const View& view) const {
  std::string sql =
      fmt::format("CREATE {}{} {}", view.temporary ? "TEMPORARY " : "", kind(object), name(object));
  if (view.complete && !view.columns.empty()) {
    std::vector<std::string> names;
    for (const auto& column : view.columns) names.push_back(quote_identifier(column->name));
    sql += fmt::format(" ({})", fmt::join(names, ", "));
  }
  sql += options(view.options);
  sql += " AS " + this->sql(view.query, object);
  if (view.check_option == "local") sql += " WITH LOCAL CHECK OPTION";
  if (view.check_option == "cascaded") sql += " WITH CASCADED CHECK OPTION";
  if (view.materialized && !view.populated) sql += " WITH NO DATA";
  return sql;
}

std::string Definitions::create_type(const Object& object, const UserType& type) const {
  const std::string head = fmt::format("CREATE TYPE {}", name(object));
  switch (type.kind) {
    case UserTypeKind::Enum: {
      std::vector<std::string> labels;
      for (const std::string& label : type.labels) labels.push_back(quote_literal(label));
      return fmt::format("{} AS ENUM ({})", head, fmt::join(labels, ", "));
    }
    case UserTypeKind::Composite: {
      std::vector<std::string> attributes;
      for (const auto& attribute : type.attributes) {
        attributes.push_back(column(object, *attribute));
      }
      return fmt::format("{} AS ({})", head, fmt::join(attributes, ", "));
    }
    case UserTypeKind::Domain: {
      std::string sql = fmt::format("CREATE DOMAIN {} AS {}", name(object), this->type(type.base));
      if (!type.collation.name.empty()) sql += " COLLATE " + to_sql(type.collation);
      if (type.default_value) sql += " DEFAULT " + operand(type.default_value, object);
      if (type.not_null) sql += " NOT NULL";
      for (const auto& constraint : type.constraints) {
        if (is_late(*constraint)) continue;
        sql += fmt::format(" CONSTRAINT {} {}", quote_identifier(constraint->name),
                           this->constraint(object, *constraint));
      }
      return sql;
    }
    case UserTypeKind::Shell:
      return head;
    case UserTypeKind::Range:
    case UserTypeKind::Base:
      return statement(type.statement, object);
  }
  return head;
}

std::string Definitions::create(ObjectId id) const {
  const Object* object = get(id);
  if (object == nullptr) return {};
  switch (object->kind()) {
    case ObjectKind::Table:
      return create_table(*object, *object->table());
    case ObjectKind::View:
      return create_view(*object, *object->view());
    case ObjectKind::Index:
      return create_index(*object, *object->index());
    case ObjectKind::Sequence: {
      const Sequence& sequence = *object->sequence();
      if (sequence.identity) return {};
      return fmt::format("CREATE {}SEQUENCE {}{}",
                         sequence.persistence == Persistence::Temporary  ? "TEMPORARY "
                         : sequence.persistence == Persistence::Unlogged ? "UNLOGGED "
                                                                         : "",
                         name(*object), sequence_options(sequence, false));
    }
    case ObjectKind::Type:
      return create_type(*object, *object->type());
    case ObjectKind::Function:
      return statement(object->function()->statement, *object);
    case ObjectKind::Schema:
      if (object->name.name == "public") return {};
      return "CREATE SCHEMA " + name(*object);
    case ObjectKind::Statistics:
      return statement(object->statistics()->statement, *object);
    case ObjectKind::Extension: {
      // PostgreSQL has plpgsql from the beginning.
      std::string sql = "CREATE EXTENSION IF NOT EXISTS " + name(*object);
      const std::string& version = std::get<Extension>(object->what).version;
      if (!version.empty()) sql += " VERSION " + quote_literal(version);
      return sql;
    }
  }
  return {};
}

ObjectId Definitions::made_by(ObjectId id) const {
  const Object* object = get(id);
  if (object == nullptr) return id;
  if (const Index* index = object->index(); index != nullptr && index->of_constraint) {
    return index->table;
  }
  if (const Sequence* sequence = object->sequence(); sequence != nullptr && sequence->identity) {
    return sequence->owner;
  }
  return id;
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
