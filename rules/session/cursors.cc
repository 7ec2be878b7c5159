// Cursors: DECLARE, FETCH, MOVE, CLOSE and WHERE CURRENT OF.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "A result arrives as a whole, or in portions that the driver requests with the\n"
    "protocol. To read many rows, fetch the next page by key: `WHERE id > $1 ORDER\n"
    "BY id LIMIT 1000`.";

constexpr std::string_view kHelp =
    "run the query itself, page by page: `WHERE id > $1 ORDER BY id LIMIT 1000`";

constexpr RuleInfo kDeclare{
    .id = "unsupported_declare_cursor",
    .summary = "cursors are not supported",
    .why = kWhy,
    .bad = "declare c cursor for select 1;",
    .help = kHelp,
};

constexpr RuleInfo kFetch{
    .id = "unsupported_fetch",
    .summary = "cursors are not supported",
    .why = kWhy,
    .bad = "fetch 10 from c;",
    .help = kHelp,
};

constexpr RuleInfo kClose{
    .id = "unsupported_close",
    .summary = "cursors are not supported",
    .why = kWhy,
    .bad = "close c;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kCurrentOf{
    .id = "where_current_of",
    .summary = "cursors are not supported",
    .why =
        "There is no cursor that could be positioned on a row. Select the row by its\n"
        "key.",
    .bad = "delete from t where current of c;",
    .help = "select the row by its key: `WHERE id = $1`",
};

void check_declare(const pg::DeclareCursorStmt& declare, Context& ctx) {
  ctx.report({.range = ctx.tokens().range(TokenSpan{0, std::min<size_t>(2, ctx.tokens().size())}),
              .message = fmt::format("cursor `{}` is not supported", declare.portalname())});
}

void check_fetch(const pg::FetchStmt& fetch, Context& ctx) {
  ctx.report({.range = ctx.head(),
              .message = fmt::format("{} of cursor `{}` is not supported",
                                     fetch.ismove() ? "MOVE" : "FETCH", fetch.portalname()),
              .help = fetch.ismove() ? "remove it, and start the next page after the last key"
                                     : std::string(kHelp)});
}

void check_close(const pg::ClosePortalStmt&, Context& ctx) {
  ctx.report({.range = ctx.head(),
              .notes = {{"no cursor can be open"}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

void check_current_of(const pg::CurrentOfExpr& expr, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens.are(i, {"current", "of"})) continue;
    ctx.report({.range = tokens.range(TokenSpan{i, std::min(i + 3, tokens.size())}),
                .message = fmt::format("there is no cursor `{}`", expr.cursor_name())});
    return;
  }
}

constexpr std::array kRules = {
    rule<check_declare>(kDeclare),
    rule<check_fetch>(kFetch),
    rule<check_close>(kClose),
    rule<check_current_of>(kCurrentOf),
};

}  // namespace

std::span<const Rule> cursors() { return kRules; }

}  // namespace dsqlint
