// Foreign keys before they were accepted, and the forms of them that still are not.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"
#include "rules/shared/job_waits.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kForeignKey{
    .id = "foreign_key",
    .summary = "foreign keys are not supported at this engine date",
    .why =
        "Check the references in the application, or look for orphaned rows with a\n"
        "query.",
    .bad = "create table b (id bigint, a_id bigint references a (id));",
    .good = "create table b (id bigint, a_id bigint);",
    .fixes = Fixes::Always,
    .accepted = Capability::ForeignKeys,
};

void report(Context& ctx, TokenSpan span, const pg::Constraint& key, std::vector<Edit> edits) {
  ctx.report({
      .range = ctx.tokens().range(span),
      .message = "the foreign key to `" + to_sql(object_name(key.pktable())) + "` is not supported",
      .notes = {{"the reference is no longer checked: the application has to check it"},
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
        "PostgreSQL parses the clause and refuses it too. MATCH SIMPLE, the default,\n"
        "does not check a row in which any of the referring columns is null; MATCH FULL\n"
        "accepts nulls only in all of them at once.",
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
        "The clause is syntax of PostgreSQL 18. Constraints are always enforced; leave\n"
        "out a foreign key that must not be checked.",
    .bad = "create table b (a_id bigint references a (id) enforced);",
    .good = "create table b (a_id bigint references a (id));",
    .fixes = Fixes::Always,
};

void check_enforced(Context& ctx) {
  if (ctx.statement().cls == StatementClass::Unreadable) return;  // what a word is, is not known
  for (const Mask& mask : ctx.statement().masks) {
    if (mask.kind != MaskKind::ConstraintEnforced) continue;
    const size_t first = ctx.tokens().at(mask.range.begin);
    if (first == Tokens::npos) continue;
    const bool negated = ctx.tokens().is(first, "not");
    const TokenSpan words{first, first + (negated ? 2 : 1)};
    Diagnostic finding{.range = mask.range};
    if (negated) {
      finding.message = "the constraint is declared NOT ENFORCED";
      finding.notes = {
          {"without the words the constraint is enforced: rows that violate it are rejected; "
           "remove the constraint if such rows have to be possible"}};
      finding.fix = Fix{Safety::Review, "remove NOT ENFORCED", {}};
    } else {
      finding.message = "the constraint is declared ENFORCED";
      finding.notes = {{"constraints are always enforced"}};
      finding.fix = Fix{Safety::Exact, "remove the word", {}};
    }
    finding.fix->edits = {fixers::remove(ctx.tokens(), words, ctx.source().text())};
    ctx.report(std::move(finding));
  }
}

constexpr RuleInfo kUnfinishedIndex{
    .id = "foreign_key_unfinished_index",
    .summary = "the unique index that the foreign key needs may not be finished",
    .why =
        "A foreign key refers to columns with a primary key, a unique constraint or a\n"
        "unique index that is valid. `CREATE UNIQUE INDEX ASYNC` returns at once and a\n"
        "background job builds the index, even for an empty table; until it has\n"
        "finished, the key is refused (42830).",
    .bad =
        "create table a (id bigint primary key, code text);\n"
        "create unique index async a_code on a (code);\n"
        "create table b (code text references a (code));",
    .good =
        "create table a (id bigint primary key, code text unique);\n"
        "create table b (code text references a (code));",
    .severity = Severity::Warning,
};

/// Do the lists hold the same columns, in whatever order?
bool same_columns(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return one.size() == other.size() && std::is_permutation(one.begin(), one.end(), other.begin());
}

/// The index that alone makes the referenced columns unique, and whose job began in this file.
const Index* unfinished_index(const pg::Constraint& key, const SchemaContext& ctx) {
  const Table* target = ctx.schema().find_altered(object_name(key.pktable()));
  if (target == nullptr || key.pk_attrs_size() == 0) return nullptr;
  const auto is_unique = [](const Index& index) { return index.unique && !index.partial; };
  if (std::none_of(target->indexes.begin(), target->indexes.end(), is_unique)) return nullptr;
  const std::vector<std::string> columns = string_values(key.pk_attrs());
  for (const Key& known : target->keys) {
    if (same_columns(known.columns, columns)) return nullptr;
  }
  const auto here = static_cast<uint32_t>(ctx.document().statement_at(ctx.statement().range.begin));
  const Index* unfinished = nullptr;
  for (const Index& index : target->indexes) {
    if (!is_unique(index) || !same_columns(index.columns, columns)) continue;
    if (index.created.file < ctx.schema().file() ||
        waits_between(index.created.index, here, ctx.document())) {
      return nullptr;
    }
    if (unfinished == nullptr) unfinished = &index;
  }
  return unfinished;
}

/// `range()` is where the key stands.
template <typename Place>
void judge_key(const pg::Constraint& key, bool created, SchemaContext& ctx, Place&& range) {
  if (key.contype() != pg::CONSTR_FOREIGN) return;
  const Index* index = unfinished_index(key, ctx);
  if (index == nullptr) return;
  const std::string name =
      index->name.empty() ? "the index" : "`" + quote_identifier(index->name) + "`";
  ctx.report({.range = range(),
              .notes = {{fmt::format("the job that builds {} starts here", name),
                         ctx.document().statements()[index->created.index].range}},
              .help = fmt::format(
                  "wait for the job before this statement (`CALL sys.wait_for_job('…')`, with the "
                  "job id that CREATE INDEX returns), or {} in a separate script later",
                  created ? "remove the key here and add it as NOT VALID" : "add the key")});
}

void judge_column_keys(const pg::ColumnDef& column, bool created, SchemaContext& ctx) {
  for (const pg::Node& node : column.constraints()) {
    judge_key(node.constraint(), created, ctx, [&] {
      for (const ConstraintPart& part : column_parts(column, ctx).constraints) {
        if (part.node == &node.constraint()) return ctx.tokens().range(part.tokens);
      }
      return ctx.head();
    });
  }
}

void check_created_unfinished(const pg::CreateStmt& create, SchemaContext& ctx) {
  if (!ctx.engine().accepts(Capability::ForeignKeys)) return;
  for (const pg::Node& element : create.table_elts()) {
    if (element.has_column_def()) {
      judge_column_keys(element.column_def(), true, ctx);
    } else if (element.has_constraint()) {
      judge_key(element.constraint(), true, ctx, [&] {
        const size_t first = ctx.token_at(element.constraint().location());
        return first == Tokens::npos ? ctx.head()
                                     : ctx.tokens().range(element_from(first, ctx.tokens()));
      });
    }
  }
}

void check_added_unfinished(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (!ctx.engine().accepts(Capability::ForeignKeys) || alter.objtype() != pg::OBJECT_TABLE) return;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() == pg::AT_AddColumn) {
      judge_column_keys(cmd.def().column_def(), false, ctx);
    } else if (cmd.subtype() == pg::AT_AddConstraint) {
      judge_key(cmd.def().constraint(), false, ctx, [&] {
        const std::vector<TokenSpan> actions = alter_table_parts(ctx.tokens()).actions;
        const size_t at = static_cast<size_t>(i);
        if (actions.size() != static_cast<size_t>(alter.cmds_size()) || actions[at].size() < 2) {
          return ctx.head();
        }
        return ctx.tokens().range({actions[at].begin + 1, actions[at].end});
      });
    }
  }
}

constexpr std::array kRules = {
    rule<check_column>(kForeignKey),
    rule<check_table>(kForeignKey),
    rule<check_alter>(kForeignKey),
    rule<check_match_partial>(kMatchPartial),
    rule<check_enforced>(kEnforced),
    rule<check_created_unfinished>(kUnfinishedIndex),
    rule<check_added_unfinished>(kUnfinishedIndex),
};

}  // namespace

std::span<const Rule> foreign_key() { return kRules; }

}  // namespace dsqlint
