// Materialized views become views, and what refreshes, indexes or tunes them goes.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/catalog/named_objects.h"
#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "A view has the same columns and is always current, but computes its rows at\n"
    "each read. Where that is too slow, keep the rows in a table that a job of the\n"
    "application fills.";

constexpr RuleInfo kCreate{
    .id = "unsupported_materialized_view",
    .summary = "materialized views are not supported",
    .why = kWhy,
    .bad = "create materialized view totals as select 1 as total with no data;",
    .good = "create view totals as select 1 as total;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kDrop{
    .id = "unsupported_drop_materialized_view",
    .summary = "materialized views are not supported",
    .why = kWhy,
    .bad = "drop materialized view if exists totals;",
    .good = "drop view if exists totals;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kAlter{
    .id = "unsupported_alter_materialized_view",
    .summary = "materialized views are not supported",
    .why = kWhy,
    .bad = "alter materialized view totals rename to sums;",
    .good = "alter view totals rename to sums;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kRefresh{
    .id = "unsupported_refresh_materialized_view",
    .summary = "materialized views are not supported",
    .why = kWhy,
    .bad = "refresh materialized view concurrently totals;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kIndex{
    .id = "index_on_view",
    .summary = "an index on a view",
    .why =
        "A view has no rows to index; only materialized views have, and they are not\n"
        "supported. Index the tables that the view reads.",
    .bad = "create view totals as select 1 as total;\ncreate index async on totals (total);",
    .good = "create view totals as select 1 as total;\n",
    .fixes = Fixes::Always,
    .phase = Phase::Idiom,
};

constexpr size_t kNone = Tokens::npos;

/// MATERIALIZED among the first words.
size_t materialized_word(const Tokens& tokens) {
  return tokens.find({0, std::min<size_t>(tokens.size(), 4)}, "materialized");
}

Fix removal(const Context& ctx) {
  return {Safety::Review,
          "remove the statement",
          {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

/// Takes MATERIALIZED out; or the whole statement where a view has nothing like it.
void report_word(Context& ctx, std::string_view past, bool keep) {
  const Tokens& tokens = ctx.tokens();
  const size_t word = materialized_word(tokens);
  if (word == kNone) return;
  const ObjectPlace place = object_place(tokens, "materialized view");
  Diagnostic finding{.range = tokens.range(TokenSpan{word, word + 1})};
  finding.message =
      fmt::format("{} cannot be {}", describe_object(tokens, "materialized view", place), past);
  if (keep) {
    finding.notes.push_back({"it is a view on Aurora DSQL"});
    finding.fix = Fix{Safety::Review,
                      "remove MATERIALIZED",
                      {fixers::remove(tokens, {word, word + 1}, ctx.source().text())}};
  } else {
    finding.notes.push_back(
        {"it is a view on Aurora DSQL, for which the statement has no meaning"});
    finding.fix = removal(ctx);
  }
  ctx.report(std::move(finding));
}

/// WITH [NO] DATA at the end; empty when it is not written.
TokenSpan data_clause(const Tokens& tokens) {
  const size_t n = tokens.size();
  if (n < 3 || !tokens.is(n - 1, "data")) return {};
  if (tokens.is(n - 2, "with")) return {n - 2, n};
  if (tokens.is(n - 2, "no") && tokens.is(n - 3, "with")) return {n - 3, n};
  return {};
}

void check_create(const pg::CreateTableAsStmt& create, Context& ctx) {
  if (create.objtype() != pg::OBJECT_MATVIEW || !ctx.parents().empty()) return;
  const Tokens& tokens = ctx.tokens();
  const std::string_view text = ctx.source().text();
  const size_t word = materialized_word(tokens);
  if (word == kNone) return;
  const ObjectPlace place = object_place(tokens, "materialized view");
  const std::string name = to_sql(object_name(create.into().rel()));
  Diagnostic finding{.range = tokens.range(TokenSpan{word, word + 2})};
  finding.message = fmt::format("view `{}` is materialized", name);
  finding.notes.push_back(
      {"as a view it computes its rows at every read: it is always current, is never refreshed, "
       "and is as slow as its query"});

  // Between the name, with its columns, and AS: USING, WITH (…), TABLESPACE.
  size_t options = place.name.end;
  if (tokens.is_op(options, "(")) {
    const size_t close = tokens.close(options);
    options = close == kNone ? tokens.size() : close + 1;
  }
  const size_t as = options < tokens.size() ? tokens.find({options, tokens.size()}, "as") : kNone;
  if (place.name.empty() || as == kNone) {
    finding.help = fmt::format("create `{}` as a view", name);
    ctx.report(std::move(finding));
    return;
  }
  Fix fix{Safety::Review, "make it a view", {}};
  const size_t first = word > 0 && tokens.is(word - 1, "unlogged") ? word - 1 : word;
  fix.edits.push_back(fixers::remove(tokens, {first, word + 1}, text));
  if (create.if_not_exists()) {
    // A view is replaced instead.
    fix.title += ", which replaces an existing one";
    fix.edits.push_back(fixers::insert_after(tokens, 0, match_case(tokens.text(0), " OR REPLACE")));
    fix.edits.push_back(fixers::remove(tokens, {word + 2, place.name.begin}, text));
  }
  if (options < as) fix.edits.push_back(fixers::remove(tokens, {options, as}, text));
  const TokenSpan data = data_clause(tokens);
  if (!data.empty() && data.begin > as) {
    fix.edits.push_back(fixers::remove(tokens, data, text));
  }
  finding.fix = std::move(fix);
  ctx.report(std::move(finding));
}

void check_drop(const pg::DropStmt& drop, Context& ctx) {
  if (drop.remove_type() == pg::OBJECT_MATVIEW) report_word(ctx, "dropped", true);
}

void check_refresh(const pg::RefreshMatViewStmt& refresh, Context& ctx) {
  ctx.report({.range = ctx.tokens().range(TokenSpan{0, std::min<size_t>(ctx.tokens().size(), 3)}),
              .message = fmt::format("materialized view `{}` cannot be refreshed",
                                     to_sql(object_name(refresh.relation()))),
              .notes = {{"as a view it is always current"}},
              .fix = removal(ctx)});
}

void check_alter(const pg::AlterTableStmt& alter, Context& ctx) {
  if (alter.objtype() != pg::OBJECT_MATVIEW) return;
  const bool keep = std::all_of(alter.cmds().begin(), alter.cmds().end(), [](const pg::Node& node) {
    return node.alter_table_cmd().subtype() == pg::AT_ChangeOwner;
  });
  report_word(ctx, "altered", keep);
}

void check_rename(const pg::RenameStmt& rename, Context& ctx) {
  const bool column =
      rename.rename_type() == pg::OBJECT_COLUMN && rename.relation_type() == pg::OBJECT_MATVIEW;
  if (column || rename.rename_type() == pg::OBJECT_MATVIEW) report_word(ctx, "altered", true);
}

void check_move(const pg::AlterObjectSchemaStmt& move, Context& ctx) {
  if (move.object_type() == pg::OBJECT_MATVIEW) report_word(ctx, "moved", true);
}

void check_depends(const pg::AlterObjectDependsStmt& depends, Context& ctx) {
  if (depends.object_type() == pg::OBJECT_MATVIEW) report_word(ctx, "altered", false);
}

void check_tablespace(const pg::AlterTableMoveAllStmt& move, Context& ctx) {
  if (move.objtype() == pg::OBJECT_MATVIEW) report_word(ctx, "moved", false);
}

/// By statement: the indexes on what is a view when they are made, whatever its name means later.
struct ViewIndexes {
  std::vector<size_t> statements;
};

void note_index(const pg::IndexStmt& index, NoteContext& ctx) {
  const Schema& known = ctx.schema();
  if (known.views().empty()) return;
  const ObjectName name = object_name(index.relation());
  if (means_view(known, name)) ctx.notes<ViewIndexes>().statements.push_back(ctx.index());
}

/// Claims the statement, so that nothing else about the index is said.
void check_indexes(ScriptContext& ctx) {
  const Document& document = ctx.document();
  for (const size_t i : ctx.notes<ViewIndexes>().statements) {
    const Statement& statement = document.statements()[i];
    const ObjectName name = object_name(tree_of(statement).as<pg::IndexStmt>()->relation());
    const Tokens tokens = document.tokens(i);
    const size_t on = tokens.find(tokens.all(), "on");
    const TokenSpan table{on + 1, on == kNone ? 0 : tokens.skip_name(on + 1)};
    ctx.report({.range = table.empty() ? statement.range : tokens.range(table),
                .message = fmt::format("`{}` is a view, which cannot have an index", to_sql(name)),
                .notes = {{"index the tables that the view reads"}},
                .fix = Fix{Safety::Review,
                           "remove the index",
                           {fixers::remove_statement(ctx.source(), statement)}},
                .statement = statement.range});
    ctx.claim(statement);
  }
}

constexpr std::array kRules = {rule<check_create>(kCreate),   rule<check_drop>(kDrop),
                               rule<check_refresh>(kRefresh), rule<check_alter>(kAlter),
                               rule<check_rename>(kAlter),    rule<check_move>(kAlter),
                               rule<check_depends>(kAlter),   rule<check_tablespace>(kAlter),
                               rule<check_indexes>(kIndex),   rule<note_index>(kIndex)};

}  // namespace

std::span<const Rule> materialized_view() { return kRules; }

}  // namespace dsqlint
