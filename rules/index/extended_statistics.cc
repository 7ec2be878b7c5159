// CREATE and ALTER STATISTICS: since a date, and within limits.

#include <fmt/format.h>

#include <array>
#include <string>
#include <unordered_set>

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
    .summary = "a statistics target is a number from -1 to 100",
    .why =
        "PostgreSQL takes up to 10,000; Aurora DSQL refuses more than 100 (22023). -1 is the\n"
        "default: the word DEFAULT is PostgreSQL 17's, and a syntax error here.",
    .bad = "alter statistics s set statistics default;",
    .good = "alter statistics s set statistics -1;",
    .fixes = Fixes::Sometimes,
    .help = "choose a number from -1 to 100",
};

constexpr RuleInfo kKind{
    .id = "invalid_statistics",
    .summary = "the extended statistics cannot be created",
    .why =
        "Statistics are about two or more columns or expressions of one table, each named once,\n"
        "or about a single expression; their kinds are `ndistinct`, `dependencies` and `mcv`.\n"
        "PostgreSQL refuses others too.",
    .bad = "create statistics s (histogram) on a, b from t;",
    .good = "create statistics s (mcv) on a, b from t;",
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
  if (!ctx.engine().accepts(Capability::ExtendedStatistics)) return;
  const Tokens& tokens = ctx.tokens();
  if (tokens.empty()) return;
  const size_t last = tokens.size() - 1;
  const int limit = ctx.engine().limits().statistics_target;
  if (tokens.is(last, "default")) {
    ctx.report(
        {.range = tokens.range(last),
         .message = "DEFAULT is not a statistics target",
         .notes = {{"-1 means the same"}},
         .fix =
             Fix{Safety::Exact, "write `-1`", {fixers::replace(tokens, {last, last + 1}, "-1")}}});
    return;
  }
  const auto target = integer_value(alter.stxstattarget());
  if (!target || (*target >= -1 && *target <= limit)) return;
  const size_t first = tokens.is_op(last - 1, "-") ? last - 1 : last;
  ctx.report(
      {.range = tokens.range(TokenSpan{first, last + 1}),
       .message = fmt::format("statistics target {} is not within -1 and {}", *target, limit)});
}

void report_invalid(Range range, std::string message, std::string help, Context& ctx) {
  ctx.report({.range = range, .message = std::move(message), .help = std::move(help)});
}

void check_form(const pg::CreateStatsStmt& create, Context& ctx) {
  if (!ctx.parents().empty() || !ctx.engine().accepts(Capability::ExtendedStatistics)) return;
  const Tokens& tokens = ctx.tokens();
  const size_t on = tokens.find(tokens.all(), "on");
  const size_t from = on == Tokens::npos ? on : tokens.find({on, tokens.size()}, "from");
  if (from == Tokens::npos) return;
  const Range source = tokens.range(TokenSpan{from, tokens.size()});
  const Range list = tokens.range(TokenSpan{on, from});
  if (create.relations_size() != 1) {
    report_invalid(source, "statistics are about one table", "name one table", ctx);
  } else if (!create.relations(0).has_range_var()) {
    report_invalid(source, "statistics are about a table, not a query", "name the table", ctx);
  }
  const size_t kinds = tokens.is_op(on - 1, ")") ? on - 1 : Tokens::npos;
  for (const pg::Node& node : create.stat_types()) {
    const std::string& kind = string_value(node);
    if (is_one_of(kind, {"ndistinct", "dependencies", "mcv"})) continue;
    size_t at = kinds;
    while (at != Tokens::npos && at > 0 && !(tokens.is_name(at) && tokens.name(at) == kind)) --at;
    report_invalid(at == Tokens::npos ? ctx.head() : tokens.range(at),
                   fmt::format("`{}` is not a kind of statistics", kind),
                   "write `ndistinct`, `dependencies` or `mcv`", ctx);
  }
  std::unordered_set<std::string> seen;
  for (const pg::Node& node : create.exprs()) {
    const std::string& column = node.stats_elem().name();
    if (column.empty() || seen.insert(column).second) continue;
    report_invalid(list, fmt::format("column `{}` is listed twice", column), "list it once", ctx);
  }
  if (create.exprs_size() != 1) return;
  if (!create.exprs(0).stats_elem().name().empty()) {
    report_invalid(list, "statistics are about at least two columns", "add another column", ctx);
  } else if (create.stat_types_size() > 0) {
    report_invalid(list, "statistics about a single expression have no kinds",
                   "remove the list of kinds", ctx);
  }
}

constexpr std::array kRules = {rule<check_create>(kStatistics), rule<check_alter>(kStatistics),
                               rule<check_drop>(kStatistics),   rule<check_count>(kTooMany),
                               rule<check_target>(kTarget),     rule<check_form>(kKind)};

}  // namespace

std::span<const Rule> extended_statistics() { return kRules; }

}  // namespace dsqlint
