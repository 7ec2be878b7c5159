// ALTER TABLE … ADD CONSTRAINT, DROP CONSTRAINT, VALIDATE CONSTRAINT.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/catalog/generated_names.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/alter_actions.h"
#include "rules/shared/alter_names.h"
#include "rules/shared/job_waits.h"
#include "rules/shared/recreate_steps.h"
#include "rules/shared/table_uses.h"

namespace dsqlint {
namespace {

constexpr std::string_view kChecksNew =
    "new and changed rows are checked at once; existing rows are checked by a background job, "
    "which can fail later: see sys.jobs";

constexpr RuleInfo kCheck{
    .id = "at_unsupported_add_check",
    .summary = "a CHECK constraint can only be added as NOT VALID",
    .why =
        "A statement cannot check the existing rows. Added as `NOT VALID`, the\n"
        "constraint holds for all new and changed rows; `ALTER TABLE ASYNC t VALIDATE\n"
        "CONSTRAINT c` checks the others in the background.",
    .bad = "alter table t add constraint c check (a > 0);",
    .good =
        "alter table t add constraint c check (a > 0) not valid;\n"
        "alter table async t validate constraint c;",
    .fixes = Fixes::Sometimes,
    .help = "write the constraint into the CREATE TABLE, or make a new table and copy the rows",
    .accepted_parts = {Capability::CheckNotValid},
};

constexpr RuleInfo kForeignKey{
    .id = "foreign_key_not_valid",
    .summary = "a foreign key can only be added as NOT VALID",
    .why =
        "A statement cannot check the existing rows. Added as `NOT VALID`, the key\n"
        "holds for all new and changed rows; `ALTER TABLE ASYNC t VALIDATE CONSTRAINT\n"
        "c` checks the others in the background.",
    .bad = "alter table t add constraint c foreign key (a) references u (id);",
    .good =
        "alter table t add constraint c foreign key (a) references u (id) not valid;\n"
        "alter table async t validate constraint c;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUnique{
    .id = "at_unsupported_add_unique",
    .summary = "a UNIQUE constraint can only be added from an index",
    .why =
        "Build a unique index first (`CREATE UNIQUE INDEX ASYNC`), wait for its job, and then\n"
        "turn it into a constraint with `ADD CONSTRAINT c UNIQUE USING INDEX i`.",
    .bad = "alter table t add constraint t_a_key unique (a);",
    .good = "create unique index async t_a_key on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kPrimaryKey{
    .id = "at_unsupported_add_primary_key",
    .summary = "a primary key cannot be added later",
    .why =
        "A table is stored in the order of its primary key, so the key is part of CREATE TABLE\n"
        "and stays as it is.",
    .bad = "alter table t add primary key (id);",
};

constexpr RuleInfo kPrimaryKeyUsingIndex{
    .id = "at_unsupported_primary_key_using_index",
    .summary = "a primary key cannot be made from an index",
    .why =
        "A table is stored in the order of its primary key, so the key is part of CREATE TABLE\n"
        "and stays as it is.",
    .bad = "alter table t add constraint t_pkey primary key using index t_id_idx;",
};

constexpr RuleInfo kUniqueUsingIndex{
    .id = "at_unsupported_unique_using_index",
    .summary = "`ADD UNIQUE USING INDEX` is not supported at this engine date",
    .why = "A unique index alone keeps the values distinct.",
    .bad = "alter table t add constraint t_a_key unique using index t_a_idx;",
    .help = "delete it: the unique index does the work",
    .accepted = Capability::UniqueUsingIndex,
};

constexpr RuleInfo kUnfinishedIndex{
    .id = "unique_using_unfinished_index",
    .summary = "the index may not be finished when it is to become a constraint",
    .why =
        "`CREATE UNIQUE INDEX ASYNC` returns at once and a background job builds the\n"
        "index, even for an empty table. Until it has finished the index is invalid,\n"
        "and `ADD CONSTRAINT … UNIQUE USING INDEX` fails (55000).",
    .bad =
        "create unique index async i on t (a);\n"
        "alter table t add constraint u unique using index i;",
    .severity = Severity::Warning,
    .help =
        "wait for the job before this statement (`CALL sys.wait_for_job('…')`, with the job id "
        "that CREATE INDEX returns), or run it later in a separate script",
};

constexpr RuleInfo kExclude{
    .id = "at_unsupported_add_exclude",
    .summary = "exclusion constraints are not supported",
    .why =
        "They need a GiST index. Where the constraint compares for equality only, a\n"
        "unique index is enough; the application has to refuse overlapping ranges, in\n"
        "the transaction that writes them.",
    .bad = "alter table t add constraint c exclude using gist (a with &&);",
    .help =
        "delete it, and check for conflicts in the transaction that writes the row (read a row "
        "that all writers share with FOR UPDATE)",
};

constexpr RuleInfo kDropConstraint{
    .id = "at_unsupported_drop_constraint",
    .summary = "the constraint cannot be dropped",
    .why =
        "The primary key stays as CREATE TABLE made it. Other constraints can be\n"
        "dropped.",
    .bad = "alter table t drop constraint t_pkey;",
    .fixes = Fixes::Sometimes,
    .accepted_parts = {Capability::DropConstraint},
};

constexpr RuleInfo kValidate{
    .id = "validate_constraint_async",
    .summary = "constraints are validated asynchronously, one per statement",
    .why =
        "`ALTER TABLE ASYNC t VALIDATE CONSTRAINT c` returns a job id at once and\n"
        "checks the rows in the background. It has to be the only action of its\n"
        "statement.",
    .bad = "alter table t validate constraint c;",
    .good = "alter table async t validate constraint c;",
    .fixes = Fixes::Sometimes,
    .accepted_parts = {Capability::ValidateConstraintAsync},
};

constexpr RuleInfo kAsync{
    .id = "at_unsupported_async",
    .summary = "`ALTER TABLE ASYNC` accepts only VALIDATE CONSTRAINT",
    .why = "All other actions take effect at once and are written without ASYNC.",
    .bad = "alter table async t add column a integer;",
    .good = "alter table t add column a integer;",
    .fixes = Fixes::Always,
};

/// A constraint that a statement adds.
struct Added {
  size_t action;
  const pg::Constraint& constraint;
  const AlterTable& table;
  const AlterNames& names;
};

template <typename Visit>
void visit_added(const pg::AlterTableStmt& alter, pg::ConstrType type, bool from_index,
                 const SchemaContext& ctx, Visit&& visit) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  std::optional<AlterTable> table;  // both for all of them, when there is one
  std::optional<AlterNames> names;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_AddConstraint || !cmd.def().has_constraint()) continue;
    const pg::Constraint& constraint = cmd.def().constraint();
    if (constraint.contype() != type || constraint.indexname().empty() == from_index) continue;
    if (!table) {
      table = alter_table(alter, ctx);
      names.emplace(alter, &ctx.schema());
    }
    visit(Added{static_cast<size_t>(i), constraint, *table, *names});
  }
}

/// Calls `visit(added)` for the constraints of one kind.
template <typename Visit>
void each_added(const pg::AlterTableStmt& alter, pg::ConstrType type, const SchemaContext& ctx,
                Visit&& visit) {
  visit_added(alter, type, false, ctx, visit);
}

/// The same for those made of an index: ADD … USING INDEX.
template <typename Visit>
void each_added_from_index(const pg::AlterTableStmt& alter, pg::ConstrType type,
                           const SchemaContext& ctx, Visit&& visit) {
  visit_added(alter, type, true, ctx, visit);
}

/// NOT VALID at the end, a name where it has none, and the validation after.
Fix add_not_valid(const AlterNames& names, const AlterTable& table, TokenSpan action,
                  const pg::Constraint& constraint, const SchemaContext& ctx) {
  const Tokens& tokens = ctx.tokens();
  Fix fix{Safety::Review, "add it as NOT VALID, and validate it in the background", {}};
  const std::string name = names.of(constraint);
  if (constraint.conname().empty()) {
    fix.edits.push_back(fixers::insert_before(
        tokens, action.begin + 1, in_case(ctx, "constraint ") + quote_identifier(name) + " "));
  }
  fix.edits.push_back(fixers::insert_after(tokens, action.end - 1, in_case(ctx, " not valid")));
  fix.edits.push_back(fixers::insert_statement_after(
      ctx.source(), ctx.statement(), validation(table, quote_identifier(name), ctx)));
  return fix;
}

/// The constraint without ADD.
Range constraint_range(TokenSpan action, const Context& ctx) {
  if (action.size() < 2) return ctx.head();
  return ctx.tokens().range({action.begin + 1, action.end});
}

void check_check(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_added(alter, pg::CONSTR_CHECK, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    const bool accepted = ctx.engine().accepts(Capability::CheckNotValid);
    if (accepted && constraint.skip_validation()) return;
    const TokenSpan action = table.actions[i].tokens;
    Diagnostic finding{.range = constraint_range(action, ctx)};
    if (!accepted) {
      finding.message = "adding a CHECK constraint to an existing table is not supported";
      finding.notes.push_back({ctx.engine().refusal(Capability::CheckNotValid)});
    } else if (!action.empty()) {
      finding.notes.push_back({std::string(kChecksNew)});
      if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
      finding.fix = add_not_valid(names, table, action, constraint, ctx);
    }
    ctx.report(std::move(finding));
  });
}

void check_foreign_key(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  // Before foreign keys were accepted, foreign_key speaks.
  if (!ctx.engine().accepts(Capability::ForeignKeys)) return;
  each_added(alter, pg::CONSTR_FOREIGN, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    if (constraint.skip_validation()) return;
    const TokenSpan action = table.actions[i].tokens;
    Diagnostic finding{.range = constraint_range(action, ctx),
                       .notes = {{std::string(kChecksNew)}}};
    if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
    if (!action.empty()) finding.fix = add_not_valid(names, table, action, constraint, ctx);
    ctx.report(std::move(finding));
  });
}

void check_unique(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_added(alter, pg::CONSTR_UNIQUE, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    const TokenSpan action = table.actions[i].tokens;
    const Tokens& tokens = ctx.tokens();
    const std::string name = quote_identifier(names.of(constraint));
    Diagnostic finding{.range = constraint_range(action, ctx)};
    finding.notes.push_back(
        {"the index is built by a background job, which fails on duplicates: wait for it "
         "(`CALL "
         "sys.wait_for_job('…')`)"});
    if (ctx.engine().accepts(Capability::UniqueUsingIndex) && !action.empty()) {
      finding.notes.push_back(
          {fmt::format("if a constraint is needed (for a foreign key that refers to it, or for ON "
                       "CONFLICT ON CONSTRAINT), create it from the finished index: `{}`",
                       alter_head(table, ctx) + in_case(ctx, "add constraint ") + name +
                           in_case(ctx, " unique using index ") + name)});
    }
    if (alter.missing_ok()) finding.notes.push_back(missing_table_note(alter));
    if (constraint.deferrable()) {
      finding.notes.push_back(
          {"uniqueness is checked immediately, no longer at the end of the transaction"});
    }
    const size_t word = tokens.find(action, "unique");
    const size_t open = word == Tokens::npos ? word : tokens.find_op({word, action.end}, "(");
    const size_t close = open == Tokens::npos ? open : tokens.close(open);
    if (close != Tokens::npos && close < action.end) {
      std::string tail;
      const size_t include = tokens.find({close + 1, action.end}, "include");
      const size_t include_end = include == Tokens::npos ? include : tokens.close(include + 1);
      if (include_end != Tokens::npos) {
        tail += ' ';
        tail += tokens.text({include, include_end + 1});
      }
      if (constraint.nulls_not_distinct()) tail += in_case(ctx, " nulls not distinct");
      const std::string head = in_case(ctx, "create unique index async ") + name +
                               in_case(ctx, " on ") + table_text(table, ctx) + " ";
      Fix fix{Safety::Review, "create a unique index instead", {}};
      if (table.actions.size() == 1) {
        const Range gap{tokens[1].begin, tokens[open].begin};
        if (touches_comment(tokens, gap)) {
          fix.edits = fixers::remove_around_comments(tokens, gap, ctx.source().text(), {});
          fix.edits.push_back(fixers::replace(tokens, {0, 1}, head.substr(0, head.size() - 1)));
        } else {
          // `t add unique(a)`: what was before the parenthesis is gone up to it.
          fix.edits.push_back({{tokens[0].begin, gap.end}, head});
        }
        const Range rest{tokens[close].end, tokens[action.end - 1].end};
        if (!rest.empty() || !tail.empty()) fix.edits.push_back({rest, std::move(tail)});
      } else {
        fix.title = "create a unique index in a separate statement instead";
        fix.edits = remove_action(table, i, ctx);
        fix.edits.push_back(fixers::insert_statement_after(
            ctx.source(), ctx.statement(),
            head + std::string(tokens.text({open, close + 1})) + tail));
      }
      finding.fix = std::move(fix);
    }
    ctx.report(std::move(finding));
  });
}

std::string listed(const google::protobuf::RepeatedPtrField<pg::Node>& names) {
  std::string list;
  for (const std::string& name : string_values(names)) {
    if (!list.empty()) list += ", ";
    list += quote_identifier(name);
  }
  return list;
}

void check_primary_key(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_added(alter, pg::CONSTR_PRIMARY, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    const ObjectName name = object_name(alter.relation());
    Diagnostic finding{
        .range = constraint_range(table.actions[i].tokens, ctx),
        .help = recreate_steps(name, "`PRIMARY KEY (" + listed(constraint.keys()) + ")`",
                               ctx.schema())};
    if (auto note = earlier_file_note(ctx.schema().find_table(name), ctx)) {
      finding.notes.push_back(std::move(*note));
    }
    ctx.report(std::move(finding));
  });
}

void check_primary_key_using_index(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_added_from_index(alter, pg::CONSTR_PRIMARY, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    ctx.report(
        {.range = constraint_range(table.actions[i].tokens, ctx),
         .help = recreate_steps(object_name(alter.relation()), "the primary key", ctx.schema())});
  });
}

void check_unique_using_index(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (ctx.engine().accepts(Capability::UniqueUsingIndex)) return;
  each_added_from_index(alter, pg::CONSTR_UNIQUE, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    ctx.report({.range = constraint_range(table.actions[i].tokens, ctx),
                .notes = {{ctx.engine().refusal(Capability::UniqueUsingIndex)}}});
  });
}

void check_unfinished_index(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (!ctx.engine().accepts(Capability::UniqueUsingIndex)) return;
  each_added_from_index(alter, pg::CONSTR_UNIQUE, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    const Table* known = ctx.schema().find_altered(object_name(alter.relation()));
    if (known == nullptr) return;
    const auto index =
        std::find_if(known->indexes.begin(), known->indexes.end(),
                     [&](const Index& one) { return one.name == constraint.indexname(); });
    if (index == known->indexes.end() || index->created.file < ctx.schema().file()) return;
    const auto here =
        static_cast<uint32_t>(ctx.document().statement_at(ctx.statement().range.begin));
    if (waits_between(index->created.index, here, ctx.document())) return;
    ctx.report({.range = constraint_range(table.actions[i].tokens, ctx),
                .notes = {{fmt::format("the job that builds `{}` starts here",
                                       quote_identifier(index->name)),
                           ctx.document().statements()[index->created.index].range}}});
  });
}

void check_exclude(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  each_added(alter, pg::CONSTR_EXCLUSION, ctx, [&](const Added& added) {
    const auto& [i, constraint, table, names] = added;
    ctx.report({.range = constraint_range(table.actions[i].tokens, ctx)});
  });
}

/// By the schema model where it knows the table; else by the name that the server gives.
bool is_primary_key(const std::string& constraint, const pg::AlterTableStmt& alter,
                    const Schema& schema) {
  const ObjectName name = object_name(alter.relation());
  const Table* table = schema.find_altered(name);
  const Key* key = table == nullptr ? nullptr : table->primary_key();
  if (key != nullptr) return constraint == key->name;
  return (table == nullptr || !table->complete) &&
         constraint == generated_name(name.name, {}, "pkey");
}

void check_drop_constraint(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_DropConstraint) continue;
    const bool primary = is_primary_key(cmd.name(), alter, ctx.schema());
    const bool accepted = ctx.engine().accepts(Capability::DropConstraint);
    if (!primary && accepted) continue;
    const AlterTable table = alter_table(alter, ctx);
    Diagnostic finding{.range = offence(table.actions[static_cast<size_t>(i)], ctx)};
    if (primary) {
      finding.message =
          fmt::format("the primary key `{}` cannot be dropped", quote_identifier(cmd.name()));
    }
    if (primary && !table.actions.front().tokens.empty() &&
        ctx.facts<TableDrops>().follow(ctx.statement().range.begin)) {
      finding.notes.push_back(
          {"the table is dropped later in this file, and its primary key with it"});
      finding.fix =
          Fix{Safety::Exact, alter.cmds_size() == 1 ? "remove the statement" : "remove the action",
              remove_action(table, static_cast<size_t>(i), ctx)};
    } else if (primary) {
      finding.help = recreate_steps(object_name(alter.relation()), "another primary key, or none",
                                    ctx.schema());
    } else {
      finding.message = "dropping constraints is not supported";
      finding.notes.push_back({ctx.engine().refusal(Capability::DropConstraint)});
      finding.help =
          recreate_steps(object_name(alter.relation()),
                         "all but the constraint " + quote_identifier(cmd.name()), ctx.schema());
    }
    ctx.report(std::move(finding));
  }
}

void check_validate(const pg::AlterTableStmt& alter, Context& ctx) {
  if (!ctx.parents().empty() || alter.objtype() != pg::OBJECT_TABLE) return;
  const bool async = ctx.statement().has_mask(MaskKind::TableAsync);
  if (async && alter.cmds_size() == 1 &&
      ctx.engine().accepts(Capability::ValidateConstraintAsync)) {
    return;
  }
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_ValidateConstraint) continue;
    const AlterTable table = alter_table(alter, ctx);
    const AlterAction& action = table.actions[static_cast<size_t>(i)];
    Diagnostic finding{
        .range = offence(action, ctx),
        .notes = {{"the rows are checked by a background job, which can fail later: wait for it "
                   "(`CALL sys.wait_for_job('…')`, or check sys.jobs)"}}};
    if (!ctx.engine().accepts(Capability::ValidateConstraintAsync)) {
      finding.message = "validating constraints is not supported";
      finding.notes = {{ctx.engine().refusal(Capability::ValidateConstraintAsync)}};
      finding.help = "delete it; new and changed rows are checked anyway";
    } else if (!action.tokens.empty() && alter.cmds_size() == 1) {
      Fix fix{Safety::Review, "validate it with `ALTER TABLE ASYNC`", {}};
      fix.edits.push_back(fixers::insert_after(ctx.tokens(), 1, in_case(ctx, " async")));
      // Only the plain form is documented.
      const size_t only = ctx.tokens().find({2, table.name.begin}, "only");
      if (only != Tokens::npos) {
        fix.edits.push_back(fixers::remove(ctx.tokens(), {only, only + 1}, ctx.source().text()));
      }
      finding.fix = std::move(fix);
    } else if (!action.tokens.empty()) {
      finding.message = "VALIDATE CONSTRAINT requires a separate, asynchronous statement";
      Fix fix{Safety::Review, "move it to a separate `ALTER TABLE ASYNC`", {}};
      fix.edits = remove_action(table, static_cast<size_t>(i), ctx);
      fix.edits.push_back(fixers::insert_statement_after(
          ctx.source(), ctx.statement(), validation(table, quote_identifier(cmd.name()), ctx)));
      finding.fix = std::move(fix);
    }
    ctx.report(std::move(finding));
  }
}

void check_async(const pg::AlterTableStmt& alter, Context& ctx) {
  if (!ctx.parents().empty() || !ctx.statement().has_mask(MaskKind::TableAsync)) return;
  const bool validates =
      std::any_of(alter.cmds().begin(), alter.cmds().end(), [](const pg::Node& node) {
        return node.alter_table_cmd().subtype() == pg::AT_ValidateConstraint;
      });
  const Tokens& tokens = ctx.tokens();
  const size_t word = tokens.find({1, tokens.size()}, "async");
  if (validates || word == Tokens::npos) return;
  const TokenSpan span{word, word + 1};
  ctx.report(
      {.range = tokens.range(span),
       .fix = Fix{
           Safety::Exact, "remove `ASYNC`", {fixers::remove(tokens, span, ctx.source().text())}}});
}

constexpr std::array kRules = {
    rule<check_check>(kCheck),
    rule<check_foreign_key>(kForeignKey),
    rule<check_unique>(kUnique),
    rule<check_primary_key>(kPrimaryKey),
    rule<check_primary_key_using_index>(kPrimaryKeyUsingIndex),
    rule<check_unique_using_index>(kUniqueUsingIndex),
    rule<check_unfinished_index>(kUnfinishedIndex),
    rule<check_exclude>(kExclude),
    rule<check_drop_constraint>(kDropConstraint),
    rule<check_validate>(kValidate),
    rule<check_async>(kAsync),
};

}  // namespace

std::span<const Rule> add_constraint() { return kRules; }

}  // namespace dsqlint
