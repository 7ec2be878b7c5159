// temp_table, unsupported_temp_view: TEMP and TEMPORARY.

#include <array>

#include "engine/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kTable{
    .id = "temp_table",
    .summary = "temporary tables are not supported",
    .why =
        "Every table is permanent and visible to all sessions. A common table expression\n"
        "(`with x as (…)`) serves a single statement; otherwise make an ordinary table, name\n"
        "it so that sessions cannot collide, and drop it when done.",
    .bad = "create temp table t (id integer);",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kView{
    .id = "unsupported_temp_view",
    .summary = "temporary views are not supported",
    .why = "Every view is permanent and visible to all sessions; drop it when done.",
    .bad = "create temporary view v as select 1;",
    .good = "create view v as select 1;",
    .fixes = Fixes::Always,
};

/// The [GLOBAL|LOCAL] TEMP[ORARY] of a CREATE statement; empty when there is none.
TokenSpan temp_words(const Tokens& tokens) {
  for (size_t i = 1; i < std::min<size_t>(tokens.size(), 6); ++i) {
    if (tokens.is(i, "temp") || tokens.is(i, "temporary")) {
      const bool scoped = tokens.is(i - 1, "global") || tokens.is(i - 1, "local");
      return {scoped ? i - 1 : i, i + 1};
    }
  }
  return {};
}

void report(Context& ctx, std::string message, std::string consequence) {
  const TokenSpan words = temp_words(ctx.tokens());
  if (words.empty()) return;
  ctx.report({
      .range = ctx.tokens().range(words),
      .message = std::move(message),
      .notes = {{std::move(consequence)}},
      .fix = Fix{Safety::Review,
                 "remove the keyword",
                 {fixers::remove(ctx.tokens(), words, ctx.source().text())}},
  });
}

void check_table(const pg::CreateStmt& create, Context& ctx) {
  if (create.relation().relpersistence() != "t") return;
  report(
      ctx, "table `" + create.relation().relname() + "` is temporary",
      "it becomes permanent: all sessions share the name and its rows, and it has to be dropped; "
      "a common table expression may do instead");
}

void check_view(const pg::ViewStmt& view, Context& ctx) {
  if (view.view().relpersistence() != "t") return;
  report(ctx, "view `" + view.view().relname() + "` is temporary",
         "it becomes permanent: all sessions share the name, and it has to be dropped");
}

constexpr std::array kRules = {rule<check_table>(kTable), rule<check_view>(kView)};

}  // namespace

std::span<const Rule> temporary_objects() { return kRules; }

}  // namespace dsqlint
