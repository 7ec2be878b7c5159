// Statements that look after a server: VACUUM, ANALYZE with options, REINDEX, CLUSTER, CHECKPOINT,
// LOCK, LOAD and DISCARD. The service does this work itself, so they go.

#include <fmt/format.h>

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kVacuum{
    .id = "unsupported_vacuum",
    .summary = "VACUUM is not supported",
    .why = "Storage is reclaimed automatically. `ANALYZE t` gathers statistics at once.",
    .bad = "vacuum full t;\nvacuum analyze t;",
    .good = "analyze t;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kAnalyze{
    .id = "unsupported_analyze",
    .summary = "ANALYZE accepts only the name of one table",
    .why =
        "Statistics are gathered automatically; `ANALYZE t` gathers those of one table at once.\n"
        "Options, columns and lists are refused, and so is ANALYZE of the whole database.",
    .bad = "analyze verbose a, b (c);",
    .good = "analyze a;\nanalyze b;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kReindex{
    .id = "unsupported_reindex",
    .summary = "REINDEX is not supported",
    .why =
        "Indexes do not need to be rebuilt. One whose build failed stays INVALID (see\n"
        "`sys.jobs`): drop it and create it again.",
    .bad = "reindex table t;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kCluster{
    .id = "unsupported_cluster",
    .summary = "CLUSTER is not supported",
    .why = "A table is always stored in the order of its primary key.",
    .bad = "cluster t using t_at;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kCheckpoint{
    .id = "unsupported_checkpoint",
    .summary = "CHECKPOINT is not supported",
    .why = "Committed data is durable; there is nothing to flush.",
    .bad = "checkpoint;\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kLock{
    .id = "unsupported_lock_table",
    .summary = "LOCK is not supported",
    .why =
        "No transaction waits for another: they run at the same time on their\n"
        "snapshots, and of two that change the same row the later one fails at COMMIT\n"
        "with 40001; retry it. Use `SELECT … FOR UPDATE` to protect rows that are read\n"
        "and relied on.",
    .bad = "begin;\nlock table t in exclusive mode;\nselect 1;\ncommit;",
    .good = "begin;\nselect 1;\ncommit;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kLoad{
    .id = "unsupported_load",
    .summary = "LOAD is not supported",
    .why = "There are no libraries to load: neither extensions nor functions in C exist.",
    .bad = "load 'auto_explain';\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kDiscard{
    .id = "unsupported_discard",
    .summary = "DISCARD is not supported",
    .why =
        "`RESET ALL` sets the parameters back to their defaults. DISCARD also drops\n"
        "plans, temporary tables and cached sequence values; they end with the session\n"
        "or do not exist.",
    .bad = "discard all;",
    .good = "reset all;",
    .fixes = Fixes::Always,
};

Fix removal(const Context& ctx, Safety safety) {
  return {
      safety, "remove the statement", {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

/// VACUUM or ANALYZE, its options, and the tables with their columns.
struct MaintenanceParts {
  size_t first = 0;  ///< past the options
  std::vector<TokenSpan> tables;
};

MaintenanceParts maintenance_parts(const Tokens& tokens) {
  size_t i = 1;
  if (tokens.is_op(i, "(")) {
    const size_t close = tokens.close(i);
    i = close == Tokens::npos ? tokens.size() : close + 1;
  } else {
    while (tokens.is(i, "full") || tokens.is(i, "freeze") || tokens.is(i, "verbose") ||
           tokens.is(i, "analyze") || tokens.is(i, "analyse")) {
      ++i;
    }
  }
  return {i, tokens.split({i, tokens.size()})};
}

/// One ANALYZE per table, without columns. `opening`: the tokens before the first table.
std::vector<Edit> analyze_each(const Context& ctx, const MaintenanceParts& parts,
                               std::string_view opening) {
  const Tokens& tokens = ctx.tokens();
  std::vector<Edit> edits = fixers::split_statement(ctx.source(), tokens, parts.tables, opening);
  for (const TokenSpan table : parts.tables) {
    const size_t open = tokens.skip_name(table.begin);
    if (open < table.end && tokens.is_op(open, "(")) {
      edits.push_back(fixers::remove(tokens, {open, table.end}, ctx.source().text()));
    }
  }
  return edits;
}

void check_vacuum(const pg::VacuumStmt& vacuum, Context& ctx) {
  if (!vacuum.is_vacuumcmd()) return;
  const Tokens& tokens = ctx.tokens();
  const bool analyzes =
      std::any_of(vacuum.options().begin(), vacuum.options().end(),
                  [](const pg::Node& option) { return option.def_elem().defname() == "analyze"; });
  Diagnostic finding{.range = ctx.head(), .notes = {{"storage is reclaimed automatically"}}};
  const MaintenanceParts parts = maintenance_parts(tokens);
  if (analyzes && vacuum.rels_size() != 0 && !parts.tables.empty()) {
    const std::string opening = match_case(tokens.text(0), "ANALYZE ");
    std::vector<Edit> edits = analyze_each(ctx, parts, opening);
    edits.push_back(
        fixers::replace(tokens, {0, parts.first}, opening.substr(0, opening.size() - 1)));
    finding.fix = Fix{Safety::Exact, "replace it with ANALYZE", std::move(edits)};
  } else {
    finding.fix = removal(ctx, Safety::Exact);
  }
  ctx.report(std::move(finding));
}

void check_analyze(const pg::VacuumStmt& analyze, Context& ctx) {
  if (analyze.is_vacuumcmd()) return;
  const Tokens& tokens = ctx.tokens();
  const MaintenanceParts parts = maintenance_parts(tokens);
  if (parts.tables.empty()) {
    ctx.report({.range = ctx.head(),
                .message = "ANALYZE of the whole database is not supported",
                .notes = {{"statistics are gathered automatically"}},
                .fix = removal(ctx, Safety::Exact)});
    return;
  }
  const TokenSpan options{1, parts.first};
  TokenSpan offending = options;
  std::string_view what = "options of ANALYZE are not supported";
  if (options.empty()) {
    const TokenSpan first = parts.tables[0];
    const size_t past_name = tokens.skip_name(first.begin);
    if (past_name < first.end) {
      offending = {past_name, first.end};
      what = "ANALYZE of single columns is not supported";
    } else if (parts.tables.size() > 1) {
      offending = {parts.tables[1].begin, tokens.size()};
      what = "ANALYZE takes one table at a time";
    } else {
      return;
    }
  }
  std::vector<Edit> edits = analyze_each(ctx, parts, std::string(tokens.text(0)) + " ");
  if (!options.empty()) edits.push_back(fixers::remove(tokens, options, ctx.source().text()));
  ctx.report(
      {.range = tokens.range(offending),
       .message = std::string(what),
       .fix = Fix{Safety::Exact, "name one table per ANALYZE, nothing else", std::move(edits)}});
}

void check_reindex(const pg::ReindexStmt&, Context& ctx) {
  ctx.report(
      {.range = ctx.head(),
       .notes =
           {{"indexes need no rebuilding; one whose build failed has to be dropped and recreated"}},
       .fix = removal(ctx, Safety::Review)});
}

void check_cluster(const pg::ClusterStmt&, Context& ctx) {
  ctx.report({.range = ctx.head(),
              .notes = {{"rows stay in the order of the primary key"}},
              .fix = removal(ctx, Safety::Review)});
}

void check_checkpoint(const pg::CheckPointStmt&, Context& ctx) {
  ctx.report({.range = ctx.head(), .fix = removal(ctx, Safety::Exact)});
}

void check_lock(const pg::LockStmt& lock, Context& ctx) {
  const std::string first =
      lock.relations_size() == 0 ? "" : to_sql(object_name(lock.relations(0).range_var()));
  ctx.report({.range = ctx.head(),
              .message = lock.relations_size() == 1
                             ? fmt::format("table `{}` cannot be locked", first)
                             : std::string(kLock.summary),
              .notes = {{"other sessions are no longer locked out: if two transactions change the "
                         "same row, one fails at COMMIT with 40001 and has to be retried; use `FOR "
                         "UPDATE` to protect rows that are only read"}},
              .fix = removal(ctx, Safety::Review)});
}

void check_load(const pg::LoadStmt& load, Context& ctx) {
  ctx.report({.range = ctx.head(),
              .message = fmt::format("library `{}` cannot be loaded", load.filename()),
              .notes = {{"what it adds to the server is not available"}},
              .fix = removal(ctx, Safety::Review)});
}

void check_discard(const pg::DiscardStmt& discard, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  Diagnostic finding{.range = tokens.range(tokens.all()),
                     .message = fmt::format("`{}` is not supported", tokens.text(tokens.all()))};
  switch (discard.target()) {
    case pg::DISCARD_ALL:
      finding.notes.push_back(
          {"parameters are reset to their defaults; cached sequence values last until the session "
           "ends"});
      finding.fix = Fix{Safety::Review,
                        "replace it with RESET ALL",
                        {fixers::replace(tokens, {0, 1}, match_case(tokens.text(0), "RESET"))}};
      break;
    case pg::DISCARD_SEQUENCES:
      finding.notes.push_back({"cached sequence values last until the session ends"});
      finding.fix = removal(ctx, Safety::Review);
      break;
    case pg::DISCARD_TEMP:
      finding.notes.push_back(
          {"there are no temporary tables; drop the tables that replaced them"});
      finding.fix = removal(ctx, Safety::Review);
      break;
    default:
      finding.notes.push_back({"cached plans are renewed when necessary"});
      finding.fix = removal(ctx, Safety::Exact);
      break;
  }
  ctx.report(std::move(finding));
}

constexpr std::array kRules = {
    rule<check_vacuum>(kVacuum),
    rule<check_analyze>(kAnalyze),
    rule<check_reindex>(kReindex),
    rule<check_cluster>(kCluster),
    rule<check_checkpoint>(kCheckpoint),
    rule<check_lock>(kLock),
    rule<check_load>(kLoad),
    rule<check_discard>(kDiscard),
};

}  // namespace

std::span<const Rule> maintenance() { return kRules; }

}  // namespace dsqlint
