// Functions, views, and what is attached to relations: triggers, policies, rules.

#include <algorithm>

#include "engine/catalog/applier.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/result_name.h"
#include "engine/parse/walk.h"

namespace dsqlint::catalog {
namespace {

/// An option of CREATE or ALTER FUNCTION.
void read_option(Function& function, const pg::DefElem& option) {
  if (option.defname() == "volatility") {
    const std::string& word = string_value(option.arg());
    function.volatility = word == "immutable" ? FunctionVolatility::Immutable
                          : word == "stable"  ? FunctionVolatility::Stable
                                              : FunctionVolatility::Volatile;
  } else if (option.defname() == "strict") {
    function.strict = flag_value(option);
  } else if (option.defname() == "security") {
    function.security_definer = flag_value(option);
  }
}

}  // namespace

// --- views --------------------------------------------------------------------------------------

std::vector<std::shared_ptr<const Column>> Applier::query_columns(const pg::Node& query,
                                                                  const Nodes& aliases,
                                                                  bool& complete, Nodes* expanded) {
  complete = true;
  bool any_star = false;
  const pg::SelectStmt* select = &query.select_stmt();
  // The names are those of the leftmost query.
  while (select->has_larg()) select = &select->larg();
  std::vector<Column> columns;
  // What the FROM clause offers, where it is tables alone.
  struct Source {
    std::string alias;
    const Object* relation = nullptr;
  };
  std::vector<Source> sources;
  bool plain = true;
  std::vector<const pg::Node*> pending;
  for (const pg::Node& from : select->from_clause()) pending.push_back(&from);
  std::reverse(pending.begin(), pending.end());
  while (!pending.empty()) {
    const pg::Node& from = *pending.back();
    pending.pop_back();
    if (from.has_range_var()) {
      const pg::RangeVar& table = from.range_var();
      const bool common = select->has_with_clause() || query.select_stmt().has_with_clause();
      const ObjectId id = find(NameSpace::Relation, object_name(table));
      Source source{table.has_alias() ? table.alias().aliasname() : table.relname(),
                    common || id == kNoObject ? nullptr : object(id)};
      if (table.has_alias() && table.alias().colnames_size() != 0) source.relation = nullptr;
      sources.push_back(std::move(source));
    } else if (from.has_join_expr()) {
      const pg::JoinExpr& join = from.join_expr();
      if (join.is_natural() || join.using_clause_size() != 0 || join.has_alias()) plain = false;
      pending.push_back(&join.rarg());
      pending.push_back(&join.larg());
    } else {
      Source source;
      if (from.has_range_subselect()) source.alias = from.range_subselect().alias().aliasname();
      if (from.has_range_function()) source.alias = from.range_function().alias().aliasname();
      sources.push_back(std::move(source));
    }
  }
  const auto known = [](const Source& source) {
    if (source.relation == nullptr) return false;
    if (const Table* table = source.relation->table()) return table->complete;
    if (const View* view = source.relation->view()) return view->complete;
    return false;
  };
  const auto add_all = [&](const Source& source) {
    if (!known(source)) {
      complete = false;
      return;
    }
    for (const auto& column : source.relation->columns()) {
      columns.push_back(
          {.name = column->name, .type = column->type, .collation = column->collation});
      if (expanded == nullptr) continue;
      pg::ColumnRef& ref =
          *expanded->Add()->mutable_res_target()->mutable_val()->mutable_column_ref();
      ref.add_fields()->mutable_string()->set_sval(source.alias);
      ref.add_fields()->mutable_string()->set_sval(column->name);
    }
  };
  if (select->values_lists_size() != 0) {
    for (int i = 0; i < select->values_lists(0).list().items_size(); ++i) {
      columns.push_back({.name = "column" + std::to_string(i + 1), .type = {}, .collation = {}});
    }
  } else if (!query.has_select_stmt() || select->target_list_size() == 0) {
    complete = query.has_select_stmt();
  }
  for (const pg::Node& node : select->target_list()) {
    const pg::ResTarget& target = node.res_target();
    const pg::ColumnRef& ref = target.val().column_ref();
    const int n = target.val().has_column_ref() ? ref.fields_size() : 0;
    if (n > 0 && ref.fields(n - 1).has_a_star()) {
      any_star = true;
      if (!plain || n > 2) complete = false;
      const std::string qualifier = n > 1 ? string_value(ref.fields(n - 2)) : "";
      bool found = false;
      for (const Source& source : sources) {
        if (!qualifier.empty() && source.alias != qualifier) continue;
        found = true;
        add_all(source);
      }
      if (!found) complete = false;
      continue;
    }
    if (expanded != nullptr) *expanded->Add() = node;
    Column column;
    column.name = target.name().empty() ? result_name(target.val()) : target.name();
    if (column.name.empty()) column.name = "?column?";
    if (n > 0) {
      const std::string qualifier = n > 1 ? string_value(ref.fields(n - 2)) : "";
      for (const Source& source : sources) {
        if (source.relation == nullptr) continue;
        if (!qualifier.empty() && source.alias != qualifier) continue;
        const Column* from = source.relation->column(string_value(ref.fields(n - 1)));
        if (from == nullptr) continue;
        column.type = from->type;
        column.collation = from->collation;
        break;
      }
    } else if (target.val().has_type_cast()) {
      column.type = data_type(target.val().type_cast().type_name());
    }
    columns.push_back(std::move(column));
  }
  for (int i = 0; i < aliases.size() && i < static_cast<int>(columns.size()); ++i) {
    columns[static_cast<size_t>(i)].name = string_value(aliases[i]);
  }
  // Set operations may change the types.
  const bool merged = query.select_stmt().has_larg();
  if (expanded != nullptr && (!any_star || !complete || merged)) expanded->Clear();
  std::vector<std::shared_ptr<const Column>> shared;
  ColumnId next = 1;
  for (Column& column : columns) {
    column.id = next++;
    column.origin = at_;
    if (merged) column.type = {};
    shared.push_back(std::make_shared<Column>(std::move(column)));
  }
  return shared;
}

void Applier::create_view(const pg::ViewStmt& create) {
  View view;
  view.temporary = create.view().relpersistence() == "t";
  view.options = read_options(create.options());
  if (create.with_check_option() == pg::LOCAL_CHECK_OPTION) view.check_option = "local";
  if (create.with_check_option() == pg::CASCADED_CHECK_OPTION) view.check_option = "cascaded";
  add_view(full_name(object_name(create.view()), view.temporary), std::move(view), create.query(),
           create.aliases(), create.replace(), create.view().location());
}

void Applier::create_materialized_view(const pg::CreateTableAsStmt& create) {
  const pg::IntoClause& into = create.into();
  View view;
  view.materialized = true;
  view.populated = !into.skip_data();
  view.options = read_options(into.options());
  const ObjectName name = full_name(object_name(into.rel()));
  if (create.if_not_exists() &&
      now().find_in(NameSpace::Relation, name.schema, name.name) != kNoObject) {
    return;
  }
  add_view(name, std::move(view), create.query(), into.col_names(), false, into.rel().location());
}

void Applier::add_view(ObjectName name, View view, const pg::Node& query, const Nodes& aliases,
                       bool replace, int location) {
  const ObjectId known = now().find_in(NameSpace::Relation, name.schema, name.name);
  const bool replaces = replace && known != kNoObject && object(known)->view() != nullptr &&
                        !object(known)->view()->materialized;
  if (!replaces && !is_free(ObjectKind::View, name, location)) return;
  // `*` means the columns that there are now, not those that are added later.
  Nodes targets;
  view.columns = query_columns(query, aliases, view.complete, &targets);
  if (targets.empty()) {
    view.query = tree_of_node(query);
  } else {
    pg::Node kept = query;
    kept.mutable_select_stmt()->mutable_target_list()->Swap(&targets);
    view.query = tree_of_node(kept);
  }
  Walker walker;
  walker.walk(unwrap(query), [&](AstRef node, const std::vector<AstRef>&) {
    const auto* table = node.as<pg::RangeVar>();
    if (table == nullptr) return;
    const ObjectId id = find(NameSpace::Relation, object_name(*table));
    if (id != kNoObject && id != known &&
        std::find(view.relations.begin(), view.relations.end(), id) == view.relations.end()) {
      view.relations.push_back(id);
    }
  });
  ObjectId id = known;
  if (replaces) {
    View& now = std::get<View>(catalog_.open(known).what);
    view.attachments = std::move(now.attachments);
    now = std::move(view);
  } else {
    id = catalog_.add(
        {.name = std::move(name), .created = {}, .changed = {}, .what = std::move(view)});
  }
  depend(unwrap(query), id);
}

// --- functions ----------------------------------------------------------------------------------

void Applier::create_function(const pg::CreateFunctionStmt& create) {
  Function function;
  if (create.is_procedure()) function.kind = Function::Kind::Procedure;
  for (const pg::Node& node : create.parameters()) {
    const pg::FunctionParameter& parameter = node.function_parameter();
    Argument argument;
    argument.name = parameter.name();
    switch (parameter.mode()) {
      case pg::FUNC_PARAM_OUT:
        argument.mode = 'o';
        break;
      case pg::FUNC_PARAM_INOUT:
        argument.mode = 'b';
        break;
      case pg::FUNC_PARAM_VARIADIC:
        argument.mode = 'v';
        break;
      case pg::FUNC_PARAM_TABLE:
        argument.mode = 't';
        break;
      default:
        break;
    }
    argument.type = data_type(parameter.arg_type());
    argument.default_value = tree_of_node(parameter.defexpr());
    function.arguments.push_back(std::move(argument));
  }
  if (create.has_return_type()) {
    function.result = data_type(create.return_type());
    function.returns_set = create.return_type().setof();
  }
  function.language = function_language(create);
  for (const pg::Node& node : create.options()) read_option(function, node.def_elem());
  pg::Node statement;
  *statement.mutable_create_function_stmt() = create;
  function.statement = tree_of_node(statement);
  Object made{.name = full_name(object_name(create.funcname())),
              .created = {},
              .changed = {},
              .what = std::move(function)};
  ObjectId id = catalog_.find_same(made);
  if (id != kNoObject) {
    if (!create.replace()) {
      refuse_taken("function", made.name, {}, object(id)->created);
      return;
    }
    catalog_.open(id).what = std::move(made.what);
  } else {
    id = catalog_.add(std::move(made));
  }
  depend(AstRef{NodeCaseOf<pg::CreateFunctionStmt>::value, &create}, id);
}

ObjectId Applier::function_named(const pg::ObjectWithArgs& wanted, bool missing_ok, bool refuse) {
  const ObjectName name = object_name(wanted.objname());
  std::vector<ObjectId> found;
  for (const ObjectId id : now().all_named(NameSpace::Function, name.name)) {
    if (schemas_agree(object(id)->name, name)) found.push_back(id);
  }
  if (wanted.args_unspecified()) return found.size() == 1 ? found.front() : kNoObject;
  std::vector<ObjectId> same;
  for (const ObjectId id : found) {
    std::vector<TypeRef> inputs;
    for (const Argument& argument : object(id)->function()->arguments) {
      if (argument.mode != 'o' && argument.mode != 't') inputs.push_back(argument.type.ref);
    }
    const auto agrees = [&](const Nodes& types) {
      if (static_cast<size_t>(types.size()) != inputs.size()) return false;
      for (size_t i = 0; i < inputs.size(); ++i) {
        const TypeRef type = type_ref(types[static_cast<int>(i)].type_name());
        if (type.name != inputs[i].name || type.array != inputs[i].array) return false;
      }
      return true;
    };
    if (agrees(wanted.objargs())) same.push_back(id);
  }
  if (!same.empty()) return same.back();
  // Spelled in another way, or only one there is; and of what is gone it is said.
  if (found.size() == 1 && !missing_ok) return kNoObject;
  if (found.empty() && refuse && !missing_ok) {
    const Absence absence = now().absence(NameSpace::Function, name, session_.path);
    if (absence.why != Absence::Why::NeverThere) {
      refuse_absent("function", name, absence);
    }
  }
  return kNoObject;
}

void Applier::alter_function(const pg::AlterFunctionStmt& alter) {
  const ObjectId id = function_named(alter.func(), false, true);
  if (id == kNoObject) return;
  Function& function = std::get<Function>(catalog_.open(id).what);
  pg::Node statement;
  if (!statement.ParseFromString(function.statement.node)) return;
  auto& options = *statement.mutable_create_function_stmt()->mutable_options();
  for (const pg::Node& action : alter.actions()) {
    const pg::DefElem& option = action.def_elem();
    read_option(function, option);
    if (option.defname() != "set") {
      for (int i = options.size(); i-- > 0;) {
        if (options[i].def_elem().defname() == option.defname()) options.DeleteSubrange(i, 1);
      }
    }
    *options.Add() = action;
  }
  function.statement = tree_of_node(statement);
}

void Applier::create_aggregate(const pg::DefineStmt& define) {
  Function function;
  function.kind = Function::Kind::Aggregate;
  if (define.args_size() > 0 && define.args(0).has_list()) {
    for (const pg::Node& node : define.args(0).list().items()) {
      if (!node.has_function_parameter()) continue;
      Argument argument;
      argument.name = node.function_parameter().name();
      argument.type = data_type(node.function_parameter().arg_type());
      function.arguments.push_back(std::move(argument));
    }
  }
  pg::Node statement;
  *statement.mutable_define_stmt() = define;
  function.statement = tree_of_node(statement);
  Object made{.name = full_name(object_name(define.defnames())),
              .created = {},
              .changed = {},
              .what = std::move(function)};
  const ObjectId known = catalog_.find_same(made);
  if (known != kNoObject) {
    if (!define.replace()) return refuse_taken("function", made.name, {}, object(known)->created);
    catalog_.open(known).what = std::move(made.what);
    return;
  }
  const ObjectId id = catalog_.add(std::move(made));
  depend(AstRef{NodeCaseOf<pg::DefineStmt>::value, &define}, id);
}

// --- statistics, triggers, policies, rules ------------------------------------------------------

void Applier::create_statistics(const pg::CreateStatsStmt& create) {
  if (create.relations_size() != 1 || !create.relations(0).has_range_var()) return;
  const pg::RangeVar& from = create.relations(0).range_var();
  const ObjectId table = relation(object_name(from), false, from.location());
  if (table == kNoObject || object(table)->table() == nullptr) return;
  Statistics statistics;
  statistics.table = table;
  std::vector<std::string> words;
  for (const pg::Node& node : create.exprs()) {
    const pg::StatsElem& element = node.stats_elem();
    if (element.name().empty()) {
      words.push_back(result_name(element.expr()));
      if (words.back().empty()) words.back() = "expr";
      continue;
    }
    words.push_back(element.name());
    if (const Column* column = object(table)->column(element.name())) {
      statistics.columns.push_back(column->id);
    } else if (object(table)->table()->complete) {
      return refuse_part("column", object_name(from), element.name());
    }
  }
  ObjectName name = object_name(create.defnames());
  if (name.name.empty()) {
    std::string middle;
    for (const std::string& word : words) middle += (middle.empty() ? "" : "_") + word;
    const std::string& schema = object(table)->name.schema;
    name = {schema,
            free_name(object(table)->name.name, middle, "stat", [&](const std::string& wanted) {
              return now().find_in(NameSpace::Statistics, schema, wanted) != kNoObject;
            })};
  } else {
    name = full_name(name);
  }
  if (now().find_in(NameSpace::Statistics, name.schema, name.name) != kNoObject &&
      create.if_not_exists()) {
    return;
  }
  if (!is_free(ObjectKind::Statistics, name)) return;
  pg::Node statement;
  *statement.mutable_create_stats_stmt() = create;
  statistics.statement = tree_of_node(statement);
  const ObjectId id =
      catalog_.add({.name = name, .created = {}, .changed = {}, .what = std::move(statistics)});
  catalog_.add_dependent(table, id);
}

std::vector<std::shared_ptr<const Attachment>>* Applier::attachments(Object& object) {
  if (auto* table = std::get_if<Table>(&object.what)) return &table->attachments;
  if (auto* view = std::get_if<View>(&object.what)) return &view->attachments;
  return nullptr;
}

void Applier::add_attachment(const ObjectName& name, Attachment attachment, bool replace,
                             int location) {
  const ObjectId id = relation(name, false, location);
  if (id == kNoObject) return;
  static constexpr std::string_view kWords[] = {"trigger", "policy", "rule"};
  auto* known = attachments(catalog_.open(id));
  if (known == nullptr) return;
  attachment.origin = at_;
  const ObjectId function = attachment.function;
  const Tree statement = attachment.statement;
  const auto same = std::find_if(known->begin(), known->end(), [&](const auto& one) {
    return one->kind == attachment.kind && one->name == attachment.name;
  });
  if (same != known->end()) {
    if (!replace) {
      return refuse_taken(kWords[static_cast<size_t>(attachment.kind)], name, attachment.name,
                          (*same)->origin, location);
    }
    *same = std::make_shared<Attachment>(std::move(attachment));
  } else if (known->size() < kMostParts) {
    known->push_back(std::make_shared<Attachment>(std::move(attachment)));
  }
  if (function != kNoObject) catalog_.add_dependent(function, id);
  depend(statement, id);
}

void Applier::attach(const pg::CreateTrigStmt& create) {
  Attachment trigger;
  trigger.kind = Attachment::Kind::Trigger;
  trigger.name = create.trigname();
  pg::Node statement;
  *statement.mutable_create_trig_stmt() = create;
  trigger.statement = tree_of_node(statement);
  const ObjectName function = object_name(create.funcname());
  trigger.function = find(NameSpace::Function, function);
  if (trigger.function == kNoObject) {
    const Absence absence = now().absence(NameSpace::Function, function, session_.path);
    if (absence.why != Absence::Why::NeverThere) {
      refuse_absent("function", function, absence);
      return;
    }
  }
  add_attachment(object_name(create.relation()), std::move(trigger), create.replace(),
                 create.relation().location());
}

void Applier::attach(const pg::CreatePolicyStmt& create) {
  Attachment policy;
  policy.kind = Attachment::Kind::Policy;
  policy.name = create.policy_name();
  pg::Node statement;
  *statement.mutable_create_policy_stmt() = create;
  policy.statement = tree_of_node(statement);
  add_attachment(object_name(create.table()), std::move(policy), false, create.table().location());
}

void Applier::attach(const pg::RuleStmt& create) {
  Attachment rule;
  rule.kind = Attachment::Kind::Rule;
  rule.name = create.rulename();
  pg::Node statement;
  *statement.mutable_rule_stmt() = create;
  rule.statement = tree_of_node(statement);
  add_attachment(object_name(create.relation()), std::move(rule), create.replace(),
                 create.relation().location());
}

void Applier::alter_policy(const pg::AlterPolicyStmt& alter) {
  const ObjectName name = object_name(alter.table());
  const ObjectId id = relation(name, false, alter.table().location());
  if (id == kNoObject) return;
  auto* known = attachments(catalog_.open(id));
  if (known == nullptr) return;
  for (auto& one : *known) {
    if (one->kind != Attachment::Kind::Policy || one->name != alter.policy_name()) continue;
    Attachment& policy = open_part(one);
    pg::Node statement;
    if (!statement.ParseFromString(policy.statement.node)) return;
    pg::CreatePolicyStmt& create = *statement.mutable_create_policy_stmt();
    if (alter.roles_size() != 0) *create.mutable_roles() = alter.roles();
    if (alter.has_qual()) *create.mutable_qual() = alter.qual();
    if (alter.has_with_check()) *create.mutable_with_check() = alter.with_check();
    policy.statement = tree_of_node(statement);
    return;
  }
  refuse_part("policy", name, alter.policy_name());
}

}  // namespace dsqlint::catalog
