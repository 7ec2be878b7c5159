// CREATE and ALTER STATISTICS: since a date, and within limits.

#include <fmt/format.h>

#include <array>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/object_names.h"
#include "rules/shared/refusal.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kStatistics{
    .id = "extended_statistics",
    .summary = "extended statistics are not supported at this engine date",
    .why = "The planner works without them; results stay the same.",
    .bad = "create statistics s on a, b from t;",
    .fixes = Fixes::Always,
    .accepted = Capability::ExtendedStatistics,
};

constexpr RuleInfo kTooMany{
    .id = "too_many_statistics",
    .summary = "a table has at most 5 extended statistics",
    .why = "Put columns that depend on each other into one object: it holds up to eight.",
    .bad =
        "create table t (a int, b int, c int, d int);\n"
        "create statistics s1 on a, b from t;\ncreate statistics s2 on a, c from t;\n"
        "create statistics s3 on a, d from t;\ncreate statistics s4 on b, c from t;\n"
        "create statistics s5 on b, d from t;\ncreate statistics s6 on c, d from t;",
};

constexpr RuleInfo kTarget{
    .id = "statistics_target",
    .summary = "a statistics target is at most 100",
    .why = "PostgreSQL takes up to 10,000; here a larger one is refused (22023).",
    .bad = "alter statistics s set statistics 500;",
    .good = "alter statistics s set statistics 100;",
    .fixes = Fixes::Always,
};

void report_refusal_by_date(Context& ctx) {
  if (ctx.engine().accepts(Capability::ExtendedStatistics)) return;
  const ObjectPlace place = object_place(ctx.tokens(), "statistics");
  ctx.report({.range = ctx.tokens().range(place.head),
              .message = "extended statistics are not supported",
              .notes = {{ctx.engine().refusal(Capability::ExtendedStatistics)}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

void check_create(const pg::CreateStatsStmt& /*create*/, Context& ctx) {
  if (ctx.parents().empty()) report_refusal_by_date(ctx);
}
void check_alter(const pg::AlterStatsStmt& /*alter*/, Context& ctx) { report_refusal_by_date(ctx); }
void check_drop(const pg::DropStmt& drop, Context& ctx) {
  if (drop.remove_type() == pg::OBJECT_STATISTIC_EXT) report_refusal_by_date(ctx);
}

void check_count(const pg::CreateStatsStmt& create, SchemaContext& ctx) {
  if (create.relations_size() != 1 || !create.relations(0).has_range_var()) return;
  const ObjectName name = object_name(create.relations(0).range_var());
  const Table* table = ctx.schema().find_table(name);
  const auto limit = static_cast<uint32_t>(ctx.engine().limits().statistics_per_table);
  if (table == nullptr || table->statistics < limit) return;
  ctx.report({.range = ctx.head(),
              .message = fmt::format("table `{}` already has {} extended statistics objects",
                                     to_sql(name), table->statistics),
              .help = "drop one of them first, or combine the columns in fewer objects"});
}

void check_target(const pg::AlterStatsStmt& alter, Context& ctx) {
  const auto target = integer_value(alter.stxstattarget());
  const int limit = ctx.engine().limits().statistics_target;
  const Tokens& tokens = ctx.tokens();
  if (!target || *target <= limit || tokens.empty()) return;
  const size_t last = tokens.size() - 1;
  ctx.report({.range = tokens.range(last),
              .message = fmt::format("statistics target {} is above {}", *target, limit),
              .notes = {{"estimates may become coarser"}},
              .fix = Fix{Safety::Review,
                         fmt::format("write {}", limit),
                         {fixers::replace(tokens, {last, last + 1}, std::to_string(limit))}}});
}

constexpr std::array kRules = {rule<check_create>(kStatistics), rule<check_alter>(kStatistics),
                               rule<check_drop>(kStatistics), rule<check_count>(kTooMany),
                               rule<check_target>(kTarget)};

}  // namespace

std::span<const Rule> extended_statistics() { return kRules; }

}  // namespace dsqlint
