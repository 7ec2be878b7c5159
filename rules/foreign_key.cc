// Foreign keys before they were accepted, and the forms of them that still are not.

#include <algorithm>
#include <array>

#include "engine/names.h"
#include "engine/rule.h"
#include "fixers/fixers.h"
#include "rules/columns.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kForeignKey{
    .id = "foreign_key",
    .summary = "foreign keys are not supported",
    .why =
        "Before foreign keys were accepted, references had to be checked by the application,\n"
        "or by a query that looks for orphans.",
    .bad = "create table b (id bigint, a_id bigint references a (id));",
    .good = "create table b (id bigint, a_id bigint);",
    .fixes = Fixes::Always,
    .example_engine = "2026-08-25",
};

void report(Context& ctx, TokenSpan span, const pg::Constraint& key, std::vector<Edit> edits) {
  ctx.report({
      .range = ctx.tokens().range(span),
      .message = "foreign key to `" + to_sql(object_name(key.pktable())) + "`",
      .notes = {{"nothing checks the reference: the application has to"},
                {ctx.engine().refusal(Capability::ForeignKeys)}},
      .fix = Fix{Safety::Review, "remove the foreign key", std::move(edits)},
  });
}

void check_column(const pg::ColumnDef& column, Context& ctx) {
  if (ctx.engine().accepts(Capability::ForeignKeys) || column_place(ctx) == ColumnPlace::None) {
    return;
  }
  const auto is_key = [](const pg::Node& node) {
    return node.constraint().contype() == pg::CONSTR_FOREIGN;
  };
  if (std::none_of(column.constraints().begin(), column.constraints().end(), is_key)) return;
  for (const ConstraintPart& part : column_parts(column, ctx).constraints) {
    if (part.node->contype() != pg::CONSTR_FOREIGN) continue;
    report(ctx, part.tokens, *part.node,
           {fixers::remove(ctx.tokens(), part.tokens, ctx.source().text())});
  }
}

void check_table(const pg::CreateStmt& create, Context& ctx) {
  if (ctx.engine().accepts(Capability::ForeignKeys)) return;
  CreateTableParts parts;
  for (const pg::Node& element : create.table_elts()) {
    const pg::Constraint& constraint = element.constraint();
    if (!element.has_constraint() || constraint.contype() != pg::CONSTR_FOREIGN) continue;
    if (parts.elements.empty()) parts = create_table_parts(create, ctx);
    const size_t first = ctx.token_at(constraint.location());
    for (size_t i = 0; i < parts.elements.size(); ++i) {
      if (parts.elements[i].begin != first) continue;
      report(ctx, parts.elements[i], constraint,
             fixers::remove_elements(ctx.tokens(), parts.elements, {i}, ctx.source().text()));
    }
  }
}

void check_alter(const pg::AlterTableStmt& alter, Context& ctx) {
  if (ctx.engine().accepts(Capability::ForeignKeys) || alter.objtype() != pg::OBJECT_TABLE) return;
  const auto is_key = [](const pg::Node& node) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    return cmd.subtype() == pg::AT_AddConstraint &&
           cmd.def().constraint().contype() == pg::CONSTR_FOREIGN;
  };
  const auto& cmds = alter.cmds();
  const auto keys = std::count_if(cmds.begin(), cmds.end(), is_key);
  if (keys == 0) return;
  const AlterTableParts parts = alter_table_parts(ctx.tokens());
  if (parts.actions.size() != static_cast<size_t>(cmds.size())) return;
  // An ALTER TABLE of nothing else goes as a whole.
  const bool whole = keys == cmds.size() && ctx.parents().empty();
  for (size_t i = 0; i < parts.actions.size(); ++i) {
    if (!is_key(cmds[static_cast<int>(i)])) continue;
    const pg::Constraint& key = cmds[static_cast<int>(i)].alter_table_cmd().def().constraint();
    report(ctx, parts.actions[i], key,
           whole ? std::vector{fixers::remove_statement(ctx.source(), ctx.statement())}
                 : fixers::remove_elements(ctx.tokens(), parts.actions, {i}, ctx.source().text()));
  }
}

constexpr RuleInfo kMatchPartial{
    .id = "foreign_key_match_partial",
    .summary = "MATCH PARTIAL is not supported",
    .why =
        "PostgreSQL knows the words and refuses them too. MATCH SIMPLE, the default, lets a row\n"
        "pass when any column of its reference is null; MATCH FULL when all are.",
    .bad = "create table b (x int, y int, foreign key (x, y) references a (x, y) match partial);",
    .good = "create table b (x int, y int, foreign key (x, y) references a (x, y) match full);",
    .help = "choose MATCH FULL, or leave the clause out for MATCH SIMPLE",
};

void check_match_partial(Context& ctx) {
  if (ctx.statement().cls == StatementClass::Unreadable) return;  // what a word is, is not known
  if (!ctx.engine().accepts(Capability::ForeignKeys)) return;
  for (const Mask& mask : ctx.statement().masks) {
    if (mask.kind != MaskKind::MatchPartial) continue;
    const size_t partial = ctx.tokens().at(mask.range.begin);
    Range range = mask.range;
    if (partial != Tokens::npos && partial > 0) range.begin = ctx.tokens()[partial - 1].begin;
    ctx.report({.range = range});
  }
}

constexpr RuleInfo kEnforced{
    .id = "foreign_key_enforced",
    .summary = "[NOT] ENFORCED is not supported",
    .why =
        "The words are PostgreSQL 18's. Constraints are always enforced; a foreign key that is\n"
        "not to be checked has to be left out.",
    .bad = "create table b (a_id bigint references a (id) enforced);",
    .good = "create table b (a_id bigint references a (id));",
    .fixes = Fixes::Sometimes,
};

void check_enforced(Context& ctx) {
  if (ctx.statement().cls == StatementClass::Unreadable) return;  // what a word is, is not known
  for (const Mask& mask : ctx.statement().masks) {
    if (mask.kind != MaskKind::ConstraintEnforced) continue;
    const size_t first = ctx.tokens().at(mask.range.begin);
    if (first == Tokens::npos) continue;
    Diagnostic finding{.range = mask.range};
    if (ctx.tokens().is(first, "not")) {
      finding.message = "the constraint is not to be enforced";
      finding.help = "leave the constraint out, or remove NOT ENFORCED so that it is checked";
    } else {
      finding.message = "the constraint says ENFORCED";
      finding.notes = {{"constraints are enforced without saying so"}};
      finding.fix = Fix{Safety::Exact,
                        "remove the word",
                        {fixers::remove(ctx.tokens(), {first, first + 1}, ctx.source().text())}};
    }
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {
    rule<check_column>(kForeignKey), rule<check_table>(kForeignKey),
    rule<check_alter>(kForeignKey),  rule<check_match_partial>(kMatchPartial),
    rule<check_enforced>(kEnforced),
};

}  // namespace

std::span<const Rule> foreign_key() { return kRules; }

}  // namespace dsqlint
