// repeated_option: options of sequences, identities, functions, roles, COPY and views that stand
// twice in one list.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kRepeated{
    .id = "repeated_option",
    .summary = "an option is given twice",
    .why =
        "PostgreSQL and Aurora DSQL refuse a list in which an option is repeated, or contradicted\n"
        "by its opposite, with `conflicting or redundant options`.",
    .bad = "create sequence s cache 1 increment 1 increment 2;",
    .good = "create sequence s cache 1 increment 2;",
    .help = "keep one of them",
};

using Options = google::protobuf::RepeatedPtrField<pg::Node>;

/// The option's first token; of `SET INCREMENT …` in ALTER COLUMN, the word after SET.
size_t option_at(const pg::DefElem& option, const Context& ctx) {
  const size_t at = ctx.token_at(option.location());
  return ctx.tokens().is(at, "set") ? at + 1 : at;
}

void report_repeated(const Options& options, Context& ctx) {
  if (options.size() < 2) return;
  std::vector<std::string_view> seen;
  for (const pg::Node& node : options) {
    const pg::DefElem& option = node.def_elem();
    const std::string_view name = option.defname();
    if (name.empty() || name == "set") continue;  // a function may set several parameters
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) {
      seen.push_back(name);
      continue;
    }
    const size_t at = option_at(option, ctx);
    std::string words(name);
    std::replace(words.begin(), words.end(), '_', ' ');
    ctx.report({.range = at == Tokens::npos ? ctx.head() : ctx.tokens().range(at),
                .message = fmt::format("option `{}` is given twice, or contradicted", words)});
  }
}

void check_sequence(const pg::CreateSeqStmt& create, Context& ctx) {
  report_repeated(create.options(), ctx);
}
void check_altered_sequence(const pg::AlterSeqStmt& alter, Context& ctx) {
  report_repeated(alter.options(), ctx);
}
void check_identity(const pg::Constraint& constraint, Context& ctx) {
  if (constraint.contype() == pg::CONSTR_IDENTITY) report_repeated(constraint.options(), ctx);
}
void check_action(const pg::AlterTableCmd& cmd, Context& ctx) {
  const bool view = ctx.parents().size() == 1 && ctx.parents()[0].as<pg::AlterTableStmt>() &&
                    ctx.parents()[0].as<pg::AlterTableStmt>()->objtype() == pg::OBJECT_VIEW;
  if (cmd.subtype() == pg::AT_SetIdentity || (view && cmd.subtype() == pg::AT_SetRelOptions)) {
    report_repeated(cmd.def().list().items(), ctx);
  }
}
void check_function(const pg::CreateFunctionStmt& create, Context& ctx) {
  report_repeated(create.options(), ctx);
}
void check_altered_function(const pg::AlterFunctionStmt& alter, Context& ctx) {
  report_repeated(alter.actions(), ctx);
}
void check_role(const pg::CreateRoleStmt& create, Context& ctx) {
  report_repeated(create.options(), ctx);
}
void check_altered_role(const pg::AlterRoleStmt& alter, Context& ctx) {
  report_repeated(alter.options(), ctx);
}
void check_copy(const pg::CopyStmt& copy, Context& ctx) { report_repeated(copy.options(), ctx); }
void check_view(const pg::ViewStmt& view, Context& ctx) { report_repeated(view.options(), ctx); }

constexpr std::array kRules = {
    rule<check_sequence>(kRepeated), rule<check_altered_sequence>(kRepeated),
    rule<check_identity>(kRepeated), rule<check_action>(kRepeated),
    rule<check_function>(kRepeated), rule<check_altered_function>(kRepeated),
    rule<check_role>(kRepeated),     rule<check_altered_role>(kRepeated),
    rule<check_copy>(kRepeated),     rule<check_view>(kRepeated),
};

}  // namespace

std::span<const Rule> repeated_options() { return kRules; }

}  // namespace dsqlint
