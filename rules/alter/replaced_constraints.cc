// replaced_constraint_reference: statements about constraints that are something else on Aurora
// DSQL: a unique constraint that came after its table is a unique index, NOT NULL is a CHECK.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/alter/column_objects.h"
#include "rules/alter/type_changes.h"
#include "rules/shared/alter_actions.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kInfo{
    .id = "replaced_constraint_reference",
    .summary = "a statement about a constraint that is an index or a CHECK here",
    .why =
        "A unique constraint cannot be added to an existing table: the fix makes a\n"
        "unique index instead. Nor can a column be made NOT NULL: the fix adds a CHECK.\n"
        "Statements that drop, rename, comment on or name the constraint would fail, or\n"
        "leave its replacement in place, so they have to name the replacement.",
    .bad =
        "create table t (id bigint primary key, a text);\n"
        "create unique index async u on t (a);\n"
        "alter table t drop constraint u;\n",
    .good =
        "create table t (id bigint primary key, a text);\n"
        "create unique index async u on t (a);\n"
        "drop index u;\n",
    .fixes = Fixes::Sometimes,
    .phase = Phase::Idiom,
};

/// What a fix has made, or makes.
struct Replacement {
  std::vector<std::string> columns;
  std::optional<Cause> cause;  ///< the finding in this file whose fix makes it
  bool certain = true;         ///< false: the constraint has never been there
};

/// Does a fix move into CREATE TABLE what `added` adds, as far as one can tell of earlier files?
bool is_folded(const Table& table, StatementRef added) {
  return table.seen && table.created.file == added.file;
}

/// The unique index that replaces a constraint; nothing if it is still a constraint.
std::optional<Replacement> index_for(const ObjectName& name, const std::string& constraint,
                                     const SchemaContext& ctx) {
  const Table* table = ctx.schema().find_altered(name);
  if (table == nullptr) return std::nullopt;
  const auto named = [&](const auto& object) { return object.name == constraint; };
  const auto key = std::find_if(table->keys.begin(), table->keys.end(), named);
  if (key != table->keys.end()) {
    const bool added =
        key->origin == KeyOrigin::AddConstraint || key->origin == KeyOrigin::AddColumn;
    if (key->kind != KeyKind::Unique || !added) return std::nullopt;
    if (key->added.file < ctx.schema().file()) {
      if (is_folded(*table, key->added)) return std::nullopt;
      return Replacement{key->columns, std::nullopt};
    }
    return Replacement{key->columns,
                       Cause{key->origin == KeyOrigin::AddColumn ? "add_column_constraint"
                                                                 : "at_unsupported_add_unique",
                             key->place}};
  }
  if (!table->seen || !table->complete ||
      std::any_of(table->checks.begin(), table->checks.end(), named) ||
      std::any_of(table->foreign_keys.begin(), table->foreign_keys.end(), named)) {
    return std::nullopt;
  }
  const auto index = std::find_if(table->indexes.begin(), table->indexes.end(), named);
  const bool plain =
      index != table->indexes.end() && index->unique && !index->partial &&
      std::find(index->columns.begin(), index->columns.end(), "") == index->columns.end();
  if (!plain) return std::nullopt;
  return Replacement{index->columns, std::nullopt, false};
}

Diagnostic finding_about(const std::string& constraint, Range range,
                         const Replacement& replacement) {
  Diagnostic finding{.range = range};
  finding.message = fmt::format("`{}` is a unique index on Aurora DSQL, not a constraint",
                                quote_identifier(constraint));
  if (replacement.cause) {
    const uint32_t place = replacement.cause->place;
    finding.causes.push_back(*replacement.cause);
    finding.notes.push_back(
        {"it is added here, and the fix makes it an index", Range{place, place + 1}});
  }
  if (replacement.certain) {
    finding.notes.push_back(
        {"if you have turned the finished index into a constraint (`ADD CONSTRAINT … UNIQUE USING "
         "INDEX`), keep the statement as it is"});
  }
  return finding;
}

std::string drop_index(const pg::AlterTableStmt& alter, const pg::AlterTableCmd& cmd,
                       const Context& ctx) {
  return in_case(ctx, "drop index ") +
         in_case(ctx, alter.missing_ok() || cmd.missing_ok() ? "if exists " : "") +
         to_sql({object_name(alter.relation()).schema, cmd.name()}) +
         in_case(ctx, cmd.behavior() == pg::DROP_CASCADE ? " cascade" : "");
}

/// All of one statement in one fix: none must be left to a later pass, which would not know what
/// IF EXISTS was about.
void check_drop(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  std::vector<size_t> found;
  Diagnostic finding;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_DropConstraint) continue;
    const auto replacement = index_for(object_name(alter.relation()), cmd.name(), ctx);
    if (!replacement || (!replacement->certain && cmd.missing_ok())) continue;
    Diagnostic one = finding_about(cmd.name(), ctx.head(), *replacement);
    if (found.empty()) {
      finding = std::move(one);
    } else {
      finding.notes.push_back({std::move(one.message)});
      finding.causes.insert(finding.causes.end(), one.causes.begin(), one.causes.end());
    }
    found.push_back(static_cast<size_t>(i));
  }
  if (found.empty()) return;
  const AlterTable table = alter_table(alter, ctx);
  const Tokens& tokens = ctx.tokens();
  std::vector<std::string> drops;
  for (const size_t i : found) {
    drops.push_back(drop_index(alter, alter.cmds(static_cast<int>(i)).alter_table_cmd(), ctx));
  }
  finding.range = offence(table.actions[found.front()], ctx);
  if (table.actions.front().tokens.empty()) {
    finding.help = "write `" + drops.front() + "` instead";
    ctx.report(std::move(finding));
    return;
  }
  Fix fix{Safety::Review, found.size() == 1 ? "drop the index" : "drop the indexes", {}};
  if (found.size() == table.actions.size()) {
    fix.edits = fixers::replace_around_comments(tokens, {0, tokens.size()}, drops.front(),
                                                ctx.source().text(), {});
    drops.erase(drops.begin());
    if (!drops.empty()) {
      fix.edits.push_back(fixers::insert_statements_after(ctx.source(), ctx.statement(), drops));
    }
  } else {
    // Before it, as PostgreSQL drops constraints before it does anything else.
    fix.edits = remove_actions(table, found, ctx);
    fix.edits.push_back(fixers::insert_statements_before(ctx.source(), ctx.statement(), drops));
  }
  finding.fix = std::move(fix);
  ctx.report(std::move(finding));
}

/// The token after the first `word`; npos where there is none.
size_t behind(const Tokens& tokens, size_t from, std::string_view word) {
  const size_t at = tokens.find({from, tokens.size()}, word);
  return at == Tokens::npos ? at : at + 1;
}

void check_rename(const pg::RenameStmt& rename, SchemaContext& ctx) {
  if (rename.rename_type() != pg::OBJECT_TABCONSTRAINT) return;
  const ObjectName name = object_name(rename.relation());
  const auto replacement = index_for(name, rename.subname(), ctx);
  if (!replacement) return;
  Diagnostic finding = finding_about(rename.subname(), ctx.head(), *replacement);
  const Tokens& tokens = ctx.tokens();
  const std::string sql =
      in_case(ctx, rename.missing_ok() ? "alter index if exists " : "alter index ") +
      to_sql({name.schema, rename.subname()}) + in_case(ctx, " rename to ") +
      quote_identifier(rename.newname());
  if (ctx.engine().accepts(Capability::AlterIndexRename)) {
    finding.fix = Fix{
        Safety::Review, "rename the index",
        fixers::replace_around_comments(tokens, {0, tokens.size()}, sql, ctx.source().text(), {})};
  } else {
    finding.notes.push_back({ctx.engine().refusal(Capability::AlterIndexRename)});
    finding.help = "drop the index, and create it under the new name";
  }
  ctx.report(std::move(finding));
}

void check_comment(const pg::CommentStmt& comment, SchemaContext& ctx) {
  if (comment.objtype() != pg::OBJECT_TABCONSTRAINT) return;
  const std::vector<std::string> path = string_values(comment.object().list().items());
  if (path.size() < 2) return;
  const ObjectName name{path.size() > 2 ? path[path.size() - 3] : "", path[path.size() - 2]};
  const auto replacement = index_for(name, path.back(), ctx);
  if (!replacement) return;
  const Tokens& tokens = ctx.tokens();
  const size_t word = tokens.find({0, tokens.size()}, "constraint");
  const size_t table = word == Tokens::npos ? word : behind(tokens, word + 2, "on");
  const size_t end = table == Tokens::npos ? table : tokens.skip_name(table);
  if (end == Tokens::npos || !tokens.is(end, "is")) return;
  Diagnostic finding =
      finding_about(path.back(), tokens.range(TokenSpan{word, word + 2}), *replacement);
  finding.fix =
      Fix{Safety::Review, "comment on the index",
          fixers::replace_around_comments(
              tokens, {word, end}, in_case(ctx, "index ") + to_sql({name.schema, path.back()}),
              ctx.source().text(), {})};
  ctx.report(std::move(finding));
}

void check_conflict(const RowUse& use, SchemaContext& ctx) {
  const Tokens& tokens = ctx.tokens();
  const size_t on = tokens.at(use.conflict.begin);
  if (on == Tokens::npos || on + 2 >= tokens.size()) return;
  const TokenSpan span{on, on + 3};
  const std::string constraint = tokens.name(on + 2);
  const auto replacement =
      index_for(parse_object_name(std::string(ctx.source().slice(use.name))), constraint, ctx);
  if (!replacement) return;
  std::string columns;
  for (const std::string& column : replacement->columns) {
    columns += columns.empty() ? "(" : ", ";
    columns += quote_identifier(column);
  }
  Diagnostic finding = finding_about(constraint, tokens.range(span), *replacement);
  finding.fix =
      Fix{Safety::Review, "name the columns instead of the constraint",
          fixers::replace_around_comments(tokens, span, columns + ")", ctx.source().text(), {})};
  ctx.report(std::move(finding));
}

std::string_view rule_behind(LateNotNull::By by) {
  switch (by) {
    case LateNotNull::By::SetNotNull:
      return "at_unsupported_alter_column_set_not_null";
    case LateNotNull::By::AddColumn:
      return "add_column_constraint";
    case LateNotNull::By::SetType:
      return "at_unsupported_alter_column_set_type";
  }
  return {};
}

bool drops_constraint(const pg::AlterTableStmt& alter, const std::string& name) {
  return std::any_of(alter.cmds().begin(), alter.cmds().end(), [&](const pg::Node& node) {
    const pg::AlterTableCmd& cmd = node.alter_table_cmd();
    return cmd.subtype() == pg::AT_DropConstraint && cmd.name() == name;
  });
}

/// `check` goes on rejecting NULL in the column, unless it is dropped as well. `maker`: the finding
/// in this file whose fix makes it.
void report_check(const AlterAction& action, const std::string& column, const std::string& check,
                  const std::optional<Cause>& maker, SchemaContext& ctx) {
  const std::string name = quote_identifier(check);
  Diagnostic finding{.range = offence(action, ctx)};
  finding.message = fmt::format("NULL in `{}` is rejected by the CHECK constraint `{}`",
                                quote_identifier(column), name);
  if (maker) {
    finding.causes.push_back(*maker);
    finding.notes.push_back({"NOT NULL is added here, and the fix makes it a CHECK",
                             Range{maker->place, maker->place + 1}});
  }
  if (!ctx.engine().accepts(Capability::DropConstraint) || action.tokens.empty()) {
    finding.help = "drop the constraint `" + name + "`, or recreate the table without it";
  } else {
    finding.fix = Fix{Safety::Review,
                      "drop the CHECK constraint too",
                      {fixers::insert_after(ctx.tokens(), action.tokens.end - 1,
                                            in_case(ctx, ", drop constraint ") + name)}};
  }
  ctx.report(std::move(finding));
}

void check_drop_not_null(const pg::AlterTableStmt& alter, SchemaContext& ctx) {
  if (alter.objtype() != pg::OBJECT_TABLE) return;
  std::optional<AlterTable> parts;
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const pg::AlterTableCmd& cmd = alter.cmds(i).alter_table_cmd();
    if (cmd.subtype() != pg::AT_DropNotNull) continue;
    const Table* table = ctx.schema().find_altered(object_name(alter.relation()));
    const Column* column = table == nullptr ? nullptr : table->column(cmd.name());
    if (column == nullptr) continue;
    if (!column->late) {
      const Check* check = column->not_null ? nullptr : not_null_check(*table, cmd.name());
      if (check == nullptr || drops_constraint(alter, check->name)) continue;
      // Another name may be the right one once an earlier change of the type is replaced.
      if (ctx.notes<TypeChanges>().pending(table->name, cmd.name(), ctx.schema())) continue;
      if (!parts) parts = alter_table(alter, ctx);
      report_check(parts->actions[static_cast<size_t>(i)], cmd.name(), check->name, {}, ctx);
      continue;
    }
    const LateNotNull& late = *column->late;
    const bool here = late.statement.file >= ctx.schema().file();
    if (!here && is_folded(*table, late.statement)) continue;
    if (drops_constraint(alter, late.name)) continue;  // that has been seen to
    if (!parts) parts = alter_table(alter, ctx);
    report_check(parts->actions[static_cast<size_t>(i)], cmd.name(), late.name,
                 here ? std::optional(Cause{rule_behind(late.by), late.place}) : std::nullopt, ctx);
  }
}

constexpr std::array kRules = {rule<check_drop>(kInfo), rule<check_rename>(kInfo),
                               rule<check_comment>(kInfo), rule<check_conflict>(kInfo),
                               rule<check_drop_not_null>(kInfo)};

}  // namespace

std::span<const Rule> replaced_constraints() { return kRules; }

}  // namespace dsqlint
