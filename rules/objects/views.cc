// The options of views, and where WITH CHECK OPTION can stand.

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kOption{
    .id = "invalid_view_option",
    .summary = "a view does not have this option, or not this value",
    .why =
        "The options of a view are `security_barrier` and `security_invoker`, which are Boolean,\n"
        "and `check_option`, which is `local` or `cascaded`. PostgreSQL refuses others too.",
    .bad = "create view v with (security_barier = true) as select 1 as a;",
    .good = "create view v with (security_barrier = true) as select 1 as a;",
    .help = "write `security_barrier`, `security_invoker` or `check_option`",
};

constexpr RuleInfo kCheck{
    .id = "check_option_without_table",
    .summary = "WITH CHECK OPTION requires a view that can be updated",
    .why =
        "The option checks rows that are written through the view. That is possible only where\n"
        "the view selects columns from exactly one table or view, without DISTINCT, grouping,\n"
        "set operations, WITH, LIMIT or OFFSET. PostgreSQL refuses it elsewhere too.",
    .bad = "create view v as select distinct a from t with check option;",
    .good = "create view v as select distinct a from t;",
    .help = "remove the check option: no row can be written through this view",
};

using Options = google::protobuf::RepeatedPtrField<pg::Node>;

/// The value as PostgreSQL reads it; nothing where there is none.
std::optional<std::string> value_of(const pg::DefElem& option) {
  const pg::Node& arg = option.arg();
  if (arg.node_case() == pg::Node::NODE_NOT_SET) return std::nullopt;
  if (arg.has_type_name()) return type_ref(arg.type_name()).name;  // a bare word
  if (arg.has_boolean()) return arg.boolean().boolval() ? "true" : "false";
  if (const auto number = integer_value(arg)) return std::to_string(*number);
  return string_value(arg);
}

/// As PostgreSQL reads one: any beginning of the words that tells them apart.
bool is_boolean(std::string_view value) {
  const std::string word = downcase(value);
  const auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  return begins("true", 1) || begins("false", 1) || begins("yes", 1) || begins("no", 1) ||
         begins("on", 2) || begins("off", 2) || word == "1" || word == "0";
}

void report_options(const Options& options, bool reset, Context& ctx) {
  for (const pg::Node& node : options) {
    const pg::DefElem& option = node.def_elem();
    const std::string& name = option.defname();
    const size_t at = ctx.token_at(option.location());
    Diagnostic finding{.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at)};
    const std::optional<std::string> value = value_of(option);
    if (reset) {
      if (!value) continue;
      finding.message = fmt::format("RESET takes the name `{}` without a value", name);
      finding.help = "remove the value";
    } else if (!option.defnamespace().empty() ||
               !is_one_of(name, {"security_barrier", "security_invoker", "check_option"})) {
      finding.message = fmt::format("a view has no option `{}`", name);
    } else if (name == "check_option") {
      if (value && is_one_of(downcase(*value), {"local", "cascaded"})) continue;
      finding.message = "`check_option` takes `local` or `cascaded`";
      finding.help = "write `local` or `cascaded`";
    } else if (value && !is_boolean(*value)) {
      finding.message = fmt::format("`{}` takes a Boolean", name);
      finding.help = "write `true` or `false`";
    } else {
      continue;
    }
    ctx.report(std::move(finding));
  }
}

void check_options(const pg::ViewStmt& view, Context& ctx) {
  report_options(view.options(), false, ctx);
}

void check_altered_options(const pg::AlterTableStmt& alter, Context& ctx) {
  if (alter.objtype() != pg::OBJECT_VIEW || !ctx.parents().empty()) return;
  for (const pg::Node& node : alter.cmds()) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    const bool reset = cmd.subtype() == pg::AT_ResetRelOptions;
    if (reset || cmd.subtype() == pg::AT_SetRelOptions) {
      report_options(cmd.def().list().items(), reset, ctx);
    }
  }
}

/// What keeps rows from being written through the view; empty where nothing is seen.
std::string_view obstacle(const pg::SelectStmt& query) {
  if (query.op() != pg::SETOP_NONE && query.op() != pg::SET_OPERATION_UNDEFINED) {
    return "combines queries";
  }
  if (query.values_lists_size() > 0) return "has only VALUES";
  if (query.has_with_clause()) return "has WITH";
  if (query.distinct_clause_size() > 0) return "has DISTINCT";
  if (query.group_clause_size() > 0) return "has GROUP BY";
  if (query.has_having_clause()) return "has HAVING";
  if (query.has_limit_count() || query.has_limit_offset()) return "has LIMIT or OFFSET";
  if (query.from_clause_size() != 1 || !query.from_clause(0).has_range_var()) {
    return "does not select from a single table or view";
  }
  for (const pg::Node& target : query.target_list()) {
    if (target.res_target().val().has_column_ref()) return {};
  }
  return "has no column of the table";
}

void check_check_option(const pg::ViewStmt& view, Context& ctx) {
  if (!view.query().has_select_stmt()) return;
  size_t at = Tokens::npos;
  const Tokens& tokens = ctx.tokens();
  if (view.with_check_option() == pg::LOCAL_CHECK_OPTION ||
      view.with_check_option() == pg::CASCADED_CHECK_OPTION) {
    at = tokens.size() - 1;
    while (at > 0 && !tokens.is(at, "with")) --at;
  }
  Range range = at == Tokens::npos ? ctx.head() : tokens.range(TokenSpan{at, tokens.size()});
  bool checks = at != Tokens::npos;
  for (const pg::Node& node : view.options()) {
    if (node.def_elem().defname() != "check_option") continue;
    checks = true;
    const size_t option = ctx.token_at(node.def_elem().location());
    if (option != Tokens::npos) range = tokens.range(option);
  }
  if (!checks) return;
  const std::string_view why = obstacle(view.query().select_stmt());
  if (why.empty()) return;
  ctx.report({.range = range,
              .message = fmt::format("no row can be written through view `{}`, whose query {}",
                                     to_sql(object_name(view.view())), why)});
}

constexpr std::array kRules = {
    rule<check_options>(kOption),
    rule<check_altered_options>(kOption),
    rule<check_check_option>(kCheck),
};

}  // namespace

std::span<const Rule> views() { return kRules; }

}  // namespace dsqlint
