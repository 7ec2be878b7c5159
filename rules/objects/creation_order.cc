// used_before_created: what a statement names and only a later one creates, in the same file or in
// a later file of the history.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "engine/catalog/created_names.h"
#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "engine/parse/ranges.h"
#include "engine/parse/walk.h"
#include "rules/expressions/pg_catalog.h"
#include "rules/shared/type_verdicts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "used_before_created",
    .summary = "a statement names what only a later one creates",
    .why =
        "The types of columns, the tables of foreign keys, LIKE and INHERITS, and the sequences\n"
        "and functions of defaults, checks and indexes have to exist when the statement runs.\n"
        "PostgreSQL refuses the statement too.",
    .bad =
        "create table b (id integer primary key, a_id integer references a);\n"
        "create table a (id integer primary key);",
    .good =
        "create table a (id integer primary key);\n"
        "create table b (id integer primary key, a_id integer references a);",
};

/// The names that one statement uses.
class Uses {
 public:
  explicit Uses(SchemaContext& ctx) : ctx_(ctx) {}

  void relation(const pg::RangeVar& relation, std::string_view noun) {
    const ObjectName name = object_name(relation);
    if (name == own_) return;
    note(CreatedKind::Relation, name, noun, relation.location());
  }
  void type(const pg::TypeName& type) {
    const TypeRef ref = type_ref(type);
    if (known_type(ref) != nullptr) return;
    note(CreatedKind::Type, {ref.schema, ref.name}, "type", type.location());
  }
  void expression(const pg::Node& expression) {
    Walker walker;
    walker.walk(unwrap(expression), [&](AstRef node, const std::vector<AstRef>&) {
      const auto* call = node.as<pg::FuncCall>();
      if (call == nullptr) return;
      function(*call);
      if (call->args_size() == 0 ||
          !is_one_of(builtin_name(call->funcname()), {"nextval", "currval", "setval"})) {
        return;
      }
      const pg::Node* argument = &call->args(0);
      for (int casts = 0; casts < 2 && argument->has_type_cast(); ++casts) {
        argument = &argument->type_cast().arg();
      }
      const std::string& text = string_value(*argument);
      if (!text.empty()) {
        note(CreatedKind::Relation, parse_object_name(text), "sequence", call->location());
      }
    });
  }
  void constraint(const pg::Constraint& constraint) {
    if (constraint.contype() == pg::CONSTR_FOREIGN) relation(constraint.pktable(), "table");
    if (constraint.has_raw_expr()) expression(constraint.raw_expr());
  }
  void column(const pg::ColumnDef& column) {
    type(column.type_name());
    for (const pg::Node& node : column.constraints()) constraint(node.constraint());
  }
  /// The table that the statement itself creates or alters.
  void set_own(const pg::RangeVar& relation) { own_ = object_name(relation); }

 private:
  bool exists(CreatedKind kind, const ObjectName& name) const {
    const Schema& schema = ctx_.schema();
    switch (kind) {
      case CreatedKind::Relation:
        return schema.find_table(name) != nullptr || schema.find_view(name) != nullptr ||
               schema.find_sequence(name) != nullptr;
      case CreatedKind::Type:
        return schema.find_type(name) != nullptr || schema.find_table(name) != nullptr ||
               schema.find_view(name) != nullptr;
      case CreatedKind::Function:
        return schema.find_function(name) != nullptr;
    }
    return true;
  }

  void function(const pg::FuncCall& call) {
    // One of PostgreSQL's own may be meant, whatever is created under its name later.
    if (call.funcname_size() == 0 || !functions_named(builtin_name(call.funcname())).empty()) {
      return;
    }
    note(CreatedKind::Function, object_name(call.funcname()), "function", call.location());
  }

  void note(CreatedKind kind, const ObjectName& name, std::string_view noun, int location) {
    if (exists(kind, name) || !seen_.emplace(kind, name.schema, name.name).second) return;
    const auto offset = ctx_.facts<CreatedNames>().find(kind, name, ctx_.statement().end);
    std::string place;
    std::string help;
    if (offset) {
      const SourceFile& source = ctx_.source();
      const uint32_t here = ctx_.statement().range.begin;
      place = "in " + source.place(*offset, here);
      help =
          source.file_at(*offset) == source.file_at(here)
              ? fmt::format("move the statement of {} before this one", source.place(*offset, here))
              : "name the files in the order they run";
    } else if (const auto& later = ctx_.notes<LaterFiles>().find;
               later && kind != CreatedKind::Type) {
      // Of types whoever judges the column speaks.
      place = later(kind, name);
      if (!place.empty()) place = "in " + place;
      help = "name the files in the order they run";
    }
    if (place.empty()) return;
    const Tokens& tokens = ctx_.tokens();
    const size_t at = ctx_.token_at(location);
    ctx_.report(
        {.range = at == Tokens::npos
                      ? ctx_.head()
                      : tokens.range(TokenSpan{at, std::max(tokens.skip_name(at), at + 1)}),
         .message = fmt::format("{} `{}` is created only later, {}", noun, to_sql(name), place),
         .help = std::move(help)});
  }

  SchemaContext& ctx_;
  ObjectName own_;
  std::set<std::tuple<CreatedKind, std::string, std::string>> seen_;
};

void check_table(const pg::CreateStmt& create, SchemaContext& ctx) {
  Uses uses(ctx);
  uses.set_own(create.relation());
  for (const pg::Node& parent : create.inh_relations()) uses.relation(parent.range_var(), "table");
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) uses.column(element.column_def());
    if (element.has_constraint()) uses.constraint(element.constraint());
    if (element.has_table_like_clause()) {
      uses.relation(element.table_like_clause().relation(), "table");
    }
  }
}

void check_alter(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  Uses uses(ctx);
  uses.set_own(alter.relation());
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    switch (cmd.subtype()) {
      case pg::AT_AddColumn:
        uses.column(cmd.def().column_def());
        break;
      case pg::AT_AddConstraint:
        uses.constraint(cmd.def().constraint());
        break;
      case pg::AT_ColumnDefault:
        if (cmd.has_def()) uses.expression(cmd.def());
        break;
      case pg::AT_AlterColumnType:
        if (cmd.def().column_def().has_type_name()) uses.type(cmd.def().column_def().type_name());
        break;
      case pg::AT_AddInherit:
        uses.relation(cmd.def().range_var(), "table");
        break;
      default:
        break;
    }
  }
}

void check_domain(const pg::CreateDomainStmt& create, SchemaContext& ctx) {
  Uses uses(ctx);
  uses.type(create.type_name());
  for (const pg::Node& node : create.constraints()) uses.constraint(node.constraint());
}

void check_index(const pg::IndexStmt& index, SchemaContext& ctx) {
  Uses uses(ctx);
  for (const pg::Node& node : index.index_params()) {
    if (node.index_elem().has_expr()) uses.expression(node.index_elem().expr());
  }
  if (index.has_where_clause()) uses.expression(index.where_clause());
}

constexpr std::array kRules = {rule<check_table>(kInfo), rule<check_alter>(kInfo),
                               rule<check_domain>(kInfo), rule<check_index>(kInfo)};

}  // namespace

std::span<const Rule> creation_order() { return kRules; }

}  // namespace dsqlint
