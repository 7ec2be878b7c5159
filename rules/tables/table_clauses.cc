// What may not stand after a table's columns, or before its name: PARTITION BY, TABLESPACE,
// WITH ( … ), ON COMMIT, USING, UNLOGGED, OF type.

#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/columns.h"

namespace dsqlint {
namespace {

/// The clauses after the columns; empty where absent.
struct Clauses {
  TokenSpan of_type;
  TokenSpan partition_by;
  TokenSpan access_method;
  TokenSpan with;
  TokenSpan on_commit;
  TokenSpan tablespace;
};

size_t past_parenthesis(const Tokens& tokens, size_t i) {
  if (!tokens.is_op(i, "(")) return i;
  const size_t close = tokens.close(i);
  return close == Tokens::npos ? tokens.size() : close + 1;
}

Clauses clauses_of(const pg::CreateStmt& create, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const CreateTableParts parts = create_table_parts(create, ctx);
  Clauses clauses;
  for (size_t i = parts.tail.begin; i < parts.tail.end;) {
    const size_t begin = i;
    if (tokens.is_op(i, "(")) {
      i = past_parenthesis(tokens, i);
    } else if (tokens.is(i, "of") && begin == parts.tail.begin) {
      i = tokens.skip_name(i + 1);
      clauses.of_type = {begin, i};
    } else if (tokens.are(i, {"partition", "by"})) {
      i = past_parenthesis(tokens, i + 3);
      clauses.partition_by = {begin, i};
    } else if (tokens.is(i, "using")) {
      i += 2;
      clauses.access_method = {begin, i};
    } else if (tokens.is(i, "with") && tokens.is_op(i + 1, "(")) {
      i = past_parenthesis(tokens, i + 1);
      clauses.with = {begin, i};
    } else if (tokens.are(i, {"on", "commit"})) {
      i += tokens.is(i + 2, "drop") ? 3 : 4;
      clauses.on_commit = {begin, i};
    } else if (tokens.is(i, "tablespace")) {
      i += 2;
      clauses.tablespace = {begin, i};
    } else {
      ++i;
    }
    i = std::max(i, begin + 1);
  }
  return clauses;
}

bool is_foreign(const Context& ctx) {
  return !ctx.parents().empty() &&
         ctx.parents().back().kind == NodeCaseOf<pg::CreateForeignTableStmt>::value;
}

/// Reports a clause and takes it away.
void remove_clause(Context& ctx, TokenSpan span, std::string message, std::string note,
                   Safety safety) {
  if (span.empty() || span.end > ctx.tokens().size()) return;
  ctx.report({
      .range = ctx.tokens().range(span),
      .message = std::move(message),
      .notes = {{std::move(note)}},
      .fix = Fix{safety,
                 "remove the clause",
                 {fixers::remove_clause(ctx.tokens(), span, ctx.source().text())}},
  });
}

constexpr RuleInfo kPartitionBy{
    .id = "partition_by",
    .summary = "partitioned tables are not supported",
    .why =
        "Aurora DSQL distributes every table over its storage by primary key; there is\n"
        "nothing to partition. One table holds all rows. Where partitions were dropped\n"
        "to delete old rows, use DELETE in batches of at most 3,000 rows.",
    .bad = "create table log (at date, line text) partition by range (at);",
    .good = "create table log (at date, line text);",
    .fixes = Fixes::Always,
};

void check_partition_by(const pg::CreateStmt& create, Context& ctx) {
  // A partition that is partitioned again is refused as a partition.
  if (!create.has_partspec() || create.has_partbound() || is_foreign(ctx)) return;
  remove_clause(ctx, clauses_of(create, ctx).partition_by,
                "table `" + create.relation().relname() + "` is partitioned",
                "one table holds all rows; dropping or detaching a partition becomes a DELETE in "
                "batches of at most 3,000 rows",
                Safety::Review);
}

constexpr RuleInfo kTablespace{
    .id = "tablespace",
    .summary = "tablespaces are not supported",
    .why = "The service manages storage.",
    .bad = "create table t (id integer) tablespace fast;",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

void check_tablespace(const pg::CreateStmt& create, Context& ctx) {
  if (create.tablespacename().empty() || is_foreign(ctx)) return;
  remove_clause(ctx, clauses_of(create, ctx).tablespace,
                "table `" + create.relation().relname() + "` names a tablespace",
                "the service decides where rows are stored", Safety::Review);
}

constexpr RuleInfo kWith{
    .id = "unsupported_create_table_with_storage_parameters",
    .summary = "storage parameters of tables are not supported",
    .why =
        "Fill factors, autovacuum settings and the like have no effect: the service\n"
        "manages storage and maintenance.",
    .bad = "create table t (id integer) with (fillfactor = 70);",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

void check_with(const pg::CreateStmt& create, Context& ctx) {
  if (create.options_size() == 0 || is_foreign(ctx)) return;
  remove_clause(ctx, clauses_of(create, ctx).with,
                "table `" + create.relation().relname() + "` has storage parameters",
                "storage and maintenance are managed by the service", Safety::Review);
}

constexpr RuleInfo kOnCommit{
    .id = "unsupported_on_commit",
    .summary = "ON COMMIT is not supported",
    .why =
        "It is for temporary tables, which do not exist: rows stay until they are\n"
        "deleted, and the table until it is dropped.",
    // A temporary table would be a finding of its own.
    .bad = "create table t (id integer) on commit delete rows;",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

void check_on_commit(const pg::CreateStmt& create, Context& ctx) {
  if (is_foreign(ctx)) return;
  std::string note;
  switch (create.oncommit()) {
    case pg::ONCOMMIT_DELETE_ROWS:
      note = "rows stay after the transaction: delete them when done";
      break;
    case pg::ONCOMMIT_DROP:
      note = "the table stays after the transaction: drop it when done";
      break;
    case pg::ONCOMMIT_PRESERVE_ROWS:
      note = "rows stay after the session too: delete them when done";
      break;
    default:
      return;
  }
  remove_clause(ctx, clauses_of(create, ctx).on_commit,
                "table `" + create.relation().relname() + "` has an ON COMMIT action",
                std::move(note), Safety::Review);
}

constexpr RuleInfo kAccessMethod{
    .id = "table_access_method",
    .summary = "table access methods are not supported",
    .why =
        "Every table is stored in the order of its primary key; there is no other\n"
        "method.",
    .bad = "create table t (id integer) using heap;",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

void check_access_method(const pg::CreateStmt& create, Context& ctx) {
  if (create.access_method().empty() || is_foreign(ctx)) return;
  const bool heap = create.access_method() == "heap";
  remove_clause(
      ctx, clauses_of(create, ctx).access_method,
      "table `" + create.relation().relname() + "` names an access method",
      heap ? "tables are stored in the order of their primary key"
           : "the features of `" + create.access_method() +
                 "` are not available: tables are stored in the order of their primary key",
      heap ? Safety::Exact : Safety::Review);
}

constexpr RuleInfo kUnlogged{
    .id = "unlogged_table",
    .summary = "unlogged tables are not supported",
    .why = "Every table is durable and replicated.",
    .bad = "create unlogged table t (id integer);",
    .good = "create table t (id integer);",
    .fixes = Fixes::Always,
};

void check_unlogged(const pg::CreateStmt& create, Context& ctx) {
  if (create.relation().relpersistence() != "u") return;
  const Tokens& tokens = ctx.tokens();
  const size_t name = ctx.token_at(create.relation().location());
  if (name == Tokens::npos) return;
  // CREATE UNLOGGED TABLE [IF NOT EXISTS] name, perhaps inside CREATE SCHEMA.
  for (size_t i = name; i > 0 && i + 6 > name; --i) {
    if (!tokens.is(i - 1, "unlogged")) continue;
    const TokenSpan word{i - 1, i};
    ctx.report({
        .range = tokens.range(word),
        .message = "table `" + create.relation().relname() + "` is unlogged",
        .notes = {{"it becomes durable: its rows survive a failure, and writing costs the same as "
                   "for any table"}},
        .fix = Fix{Safety::Review,
                   "remove the keyword",
                   {fixers::remove(tokens, word, ctx.source().text())}},
    });
    return;
  }
}

constexpr RuleInfo kTyped{
    .id = "typed_table",
    .summary = "tables of a composite type are not supported",
    .why = "There are no composite types to create a table from.",
    .bad = "create table person of person_type;",
    .good = "create table person (name text, born date);",
    .help = "list the columns of the type in CREATE TABLE",
};

void check_typed(const pg::CreateStmt& create, Context& ctx) {
  if (!create.has_of_typename()) return;
  const TokenSpan span = clauses_of(create, ctx).of_type;
  ctx.report({
      .range = span.empty() ? ctx.head() : ctx.tokens().range(span),
      .message = "table `" + create.relation().relname() + "` is created from a composite type",
      .help = "list the columns of `" + to_sql(object_name(create.of_typename().names())) +
              "` in CREATE TABLE `" + create.relation().relname() + "`",
  });
}

constexpr std::array kRules = {
    rule<check_partition_by>(kPartitionBy),
    rule<check_tablespace>(kTablespace),
    rule<check_with>(kWith),
    rule<check_on_commit>(kOnCommit),
    rule<check_access_method>(kAccessMethod),
    rule<check_unlogged>(kUnlogged),
    rule<check_typed>(kTyped),
};

}  // namespace

std::span<const Rule> table_clauses() { return kRules; }

}  // namespace dsqlint
