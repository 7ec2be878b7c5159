// LISTEN, UNLISTEN, NOTIFY, and their functions.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr std::string_view kWhy =
    "Sessions cannot signal each other. A consumer has to poll a table (an outbox\n"
    "with a timestamp or an identity column), or the application publishes through\n"
    "a message service after its COMMIT; the changes of a cluster can also be\n"
    "streamed (CDC).";

constexpr RuleInfo kListen{
    .id = "unsupported_listen",
    .summary = "LISTEN is not supported",
    .why = kWhy,
    .bad = "listen orders;",
};

constexpr RuleInfo kUnlisten{
    .id = "unsupported_unlisten",
    .summary = "UNLISTEN is not supported",
    .why = kWhy,
    .bad = "unlisten orders;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kNotify{
    .id = "unsupported_notify",
    .summary = "NOTIFY is not supported",
    .why = kWhy,
    .bad = "notify orders, 'new';",
};

void check_listen(const pg::ListenStmt& listen, Context& ctx) {
  ctx.report(
      {.range = ctx.head(),
       .message = fmt::format("listening on channel `{}` is not supported", listen.conditionname()),
       .help = fmt::format("poll an outbox table that holds the messages of `{}`, or subscribe to "
                           "a message service",
                           listen.conditionname())});
}

void check_unlisten(const pg::UnlistenStmt&, Context& ctx) {
  ctx.report({.range = ctx.head(),
              .notes = {{"LISTEN is not supported, so there is nothing to end"}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

constexpr std::string_view kInstead =
    "insert the message into an outbox table that consumers poll, or publish it from the program "
    "after COMMIT";

void check_notify(const pg::NotifyStmt& notify, Context& ctx) {
  if (!ctx.parents().empty()) return;  // the action of a rule, which goes as a whole
  ctx.report(
      {.range = ctx.head(),
       .message = fmt::format("notifying channel `{}` is not supported", notify.conditionname()),
       .help = std::string(kInstead)});
}

void check_pg_notify(const pg::FuncCall& call, Context& ctx) {
  const ObjectName name = object_name(call.funcname());
  if (name.name != "pg_notify" || (!name.schema.empty() && name.schema != "pg_catalog")) return;
  const size_t at = ctx.token_at(call.location());
  if (at == Tokens::npos) return;
  ctx.report({.range = ctx.tokens().range({at, ctx.tokens().skip_name(at)}),
              .message = "`pg_notify` is not supported",
              .help = std::string(kInstead)});
}

constexpr std::array kRules = {
    rule<check_listen>(kListen),
    rule<check_unlisten>(kUnlisten),
    rule<check_notify>(kNotify),
    rule<check_pg_notify>(kNotify),
};

}  // namespace

std::span<const Rule> notifications() { return kRules; }

}  // namespace dsqlint
