// temp_table, unsupported_temp_view: TEMP and TEMPORARY.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"
#include "rules/shared/schema_elements.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kTable{
    .id = "temp_table",
    .summary = "temporary tables are not supported",
    .why =
        "Every table is permanent and visible to all sessions. For a single statement,\n"
        "use a common table expression (`with x as (…)`); otherwise create an ordinary\n"
        "table, with a name that no other session uses, and drop it when done.",
    .bad = "create temp table t (id integer);",
    .good = "create table t (id integer);",
    .fixes = Fixes::Sometimes,
};

constexpr RuleInfo kView{
    .id = "unsupported_temp_view",
    .summary = "temporary views are not supported",
    .why = "Every view is permanent and visible to all sessions; drop it when done.",
    .bad = "create temporary view v as select 1;",
    .good = "create view v as select 1;",
    .fixes = Fixes::Sometimes,
};

/// The [GLOBAL|LOCAL] TEMP[ORARY] of a CREATE statement, given its words; empty when there is none.
TokenSpan temp_words(const Tokens& tokens, TokenSpan create) {
  for (size_t i = create.begin + 1; i < std::min(create.end, create.begin + 6); ++i) {
    if (tokens.is(i, "temp") || tokens.is(i, "temporary")) {
      const bool scoped = tokens.is(i - 1, "global") || tokens.is(i - 1, "local");
      return {scoped ? i - 1 : i, i + 1};
    }
  }
  return {};
}

/// What is said of a table or a view.
struct Kind {
  std::string_view noun;
  std::string_view consequence;
};
constexpr Kind kTables{
    "table",
    "it becomes permanent: all sessions share the name and its rows, and it has to be dropped; "
    "a common table expression may do instead"};
constexpr Kind kViews{
    "view", "it becomes permanent: all sessions share the name, and it has to be dropped"};

void judge(const pg::RangeVar& relation, const Kind& kind, TokenSpan create, Context& ctx) {
  const std::string message = fmt::format("{} `{}` is temporary", kind.noun, relation.relname());
  if (relation.schemaname() == "pg_temp") {
    ctx.report({.range = ctx.head(),
                .message = message,
                .help = fmt::format("remove `pg_temp.` here and wherever the {} is used, and drop "
                                    "it when done",
                                    kind.noun)});
    return;
  }
  const TokenSpan words = temp_words(ctx.tokens(), create);
  if (relation.relpersistence() != "t" || words.empty()) return;
  ctx.report({
      .range = ctx.tokens().range(words),
      .message = message,
      .notes = {{std::string(kind.consequence)}},
      .fix = Fix{Safety::Review,
                 "remove the keyword",
                 {fixers::remove(ctx.tokens(), words, ctx.source().text())}},
  });
}

bool in_schema(const Context& ctx) {
  return !ctx.parents().empty() && ctx.parents().back().as<pg::CreateSchemaStmt>() != nullptr;
}

void check_table(const pg::CreateStmt& create, Context& ctx) {
  if (!in_schema(ctx)) judge(create.relation(), kTables, ctx.tokens().all(), ctx);
}

void check_view(const pg::ViewStmt& view, Context& ctx) {
  if (!in_schema(ctx)) judge(view.view(), kViews, ctx.tokens().all(), ctx);
}

void check_schema_tables(const pg::CreateSchemaStmt& create, Context& ctx) {
  const std::vector<TokenSpan> elements = schema_elements(create, ctx.tokens());
  for (size_t i = 0; i < elements.size(); ++i) {
    const pg::Node& element = create.schema_elts(static_cast<int>(i));
    if (!element.has_create_stmt()) continue;
    judge(element.create_stmt().relation(), kTables, elements[i], ctx);
  }
}

void check_schema_views(const pg::CreateSchemaStmt& create, Context& ctx) {
  const std::vector<TokenSpan> elements = schema_elements(create, ctx.tokens());
  for (size_t i = 0; i < elements.size(); ++i) {
    const pg::Node& element = create.schema_elts(static_cast<int>(i));
    if (element.has_view_stmt()) judge(element.view_stmt().view(), kViews, elements[i], ctx);
  }
}

constexpr std::array kRules = {rule<check_table>(kTable), rule<check_schema_tables>(kTable),
                               rule<check_view>(kView), rule<check_schema_views>(kView)};

}  // namespace

std::span<const Rule> temporary_objects() { return kRules; }

}  // namespace dsqlint
