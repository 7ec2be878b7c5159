// CREATE INDEX: how it is asked for (ASYNC, method, storage) and what one key may say.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/collations.h"
#include "rules/shared/index_parts.h"

namespace dsqlint {

IndexKeyParts index_key_parts(const pg::IndexElem& elem, TokenSpan element, const Tokens& tokens) {
  IndexKeyParts parts;
  TokenSpan rest = element;
  if (rest.size() >= 2 && tokens.is(rest.end - 2, "nulls")) rest.end -= 2;
  if (elem.ordering() == pg::SORTBY_ASC || elem.ordering() == pg::SORTBY_DESC) {
    if (tokens.is(rest.end - 1, "asc") || tokens.is(rest.end - 1, "desc")) {
      parts.direction = {rest.end - 1, rest.end};
      --rest.end;
    }
  }
  size_t i = tokens.skip_name(rest.begin);
  if (tokens.is_op(i, "(")) {
    const size_t close = tokens.close(i);
    i = close == Tokens::npos ? rest.end : close + 1;
  }
  parts.key = {rest.begin, std::min(i, rest.end)};
  if (elem.collation_size() != 0 && tokens.is(i, "collate")) {
    const size_t end = std::min(tokens.skip_name(i + 1), rest.end);
    parts.collation = {i, end};
    i = end;
  }
  if (elem.opclass_size() != 0 && i < rest.end) parts.operator_class = {i, rest.end};
  return parts;
}

bool is_foreign_operator_class(const pg::IndexElem& elem) {
  constexpr std::array<std::string_view, 12> kParts = {
      "array_ops", "bloom",     "gin",     "gist",         "hstore", "_int_ops",
      "json",      "range_ops", "tsquery", "tsvector_ops", "vec",    "point_ops"};
  const std::string name = object_name(elem.opclass()).name;
  const auto inside = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  return std::any_of(kParts.begin(), kParts.end(), inside);
}

Fix drop_index_statement(const Context& ctx) {
  return {Safety::Review,
          "remove the index",
          {fixers::remove_statement(ctx.source(), ctx.statement())}};
}

namespace {

constexpr std::string_view kJob =
    "the index is built by a background job and is not ready when the statement returns: wait for "
    "it (`CALL sys.wait_for_job('…')`, or check sys.jobs)";
constexpr std::string_view kUniqueJob =
    "duplicates make the job fail later, and the invalid index still rejects them until it is "
    "dropped";

constexpr RuleInfo kAsync{
    .id = "index_async",
    .summary = "an index can only be created asynchronously",
    .why =
        "`CREATE INDEX ASYNC` returns a job id at once and builds the index in the\n"
        "background, even for an empty table. Wait for the job before relying on the\n"
        "index: `CALL sys.wait_for_job('<id>')`, or look at `sys.jobs`.",
    .bad = "create index t_a_idx on t (a);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kConcurrently{
    .id = "index_concurrently",
    .summary = "`CREATE INDEX CONCURRENTLY` is not supported",
    .why =
        "`CREATE INDEX ASYNC` serves the same purpose: it does not block writes, and it\n"
        "returns before the index is built. Wait for its job before relying on the\n"
        "index.",
    .bad = "create index concurrently t_a_idx on t (a);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kUsing{
    .id = "index_using",
    .summary = "an index method cannot be chosen",
    .why =
        "Every index is a B-tree: it serves equality, ranges and sorting. Searches for\n"
        "which GIN, GiST, BRIN and the others are made (containment, full text,\n"
        "trigrams, geometry) run without an index, or outside the database.",
    .bad = "create index async t_a_idx on t using btree (a);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kExpression{
    .id = "index_expression",
    .summary = "an index key cannot be an expression at this engine date",
    .why = "Every key has to be a column.",
    .bad = "create index async t_email_idx on t (lower(email));",
    .help = "store the expression in another column and index that column",
    .accepted = Capability::ExpressionIndexes,
};

constexpr RuleInfo kPartial{
    .id = "index_partial",
    .summary = "partial indexes are not supported at this engine date",
    .why = "Every index covers all rows.",
    .bad = "create index async t_a_idx on t (a) where b;",
    .help = "index all rows, with the column of the condition as the first key",
    .accepted = Capability::PartialIndexes,
};

constexpr RuleInfo kDirection{
    .id = "index_sort_direction",
    .summary = "a sort direction cannot be given for an index key",
    .why =
        "Keys are ascending. A backward scan serves an ORDER BY whose keys are all\n"
        "descending; mixed directions require a sort.",
    .bad = "create index async t_a_idx on t (a desc);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kOperatorClass{
    .id = "index_operator_class",
    .summary = "an operator class cannot be given for an index key",
    .why =
        "Each type has one operator class for its B-tree. Because text is compared byte\n"
        "by byte (collation `C`), that one serves `LIKE 'abc%'` as `text_pattern_ops`\n"
        "would.",
    .bad = "create index async t_a_idx on t (a text_pattern_ops);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kCollation{
    .id = "index_collation",
    .summary = "a collation cannot be given for an index key",
    .why = "Text is compared byte by byte, in the collation `C`, everywhere.",
    .bad = "create index async t_a_idx on t (a collate \"C\");",
    .good = "create index async t_a_idx on t (a);",
    // Refused for columns; for keys it has not been seen, so this may turn out to be accepted.
    .severity = Severity::Warning,
    .fixes = Fixes::Always,
};

constexpr RuleInfo kTablespace{
    .id = "index_tablespace",
    .summary = "tablespaces are not supported",
    .why = "The service manages storage.",
    .bad = "create index async t_a_idx on t (a) tablespace fast;",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kParameters{
    .id = "index_storage_parameters",
    .summary = "storage parameters of an index are not supported",
    .why =
        "`fillfactor`, `deduplicate_items` and the like configure a storage that Aurora\n"
        "DSQL does not use.",
    .bad = "create index async t_a_idx on t (a) with (fillfactor = 70);",
    .good = "create index async t_a_idx on t (a);",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kInclude{
    .id = "index_include_expression",
    .summary = "INCLUDE accepts plain columns only",
    .why = "PostgreSQL refuses expressions there as well.",
    .bad = "create index async t_a_idx on t (a) include ((lower(b)));",
    .help = "include the column itself, or store the expression in another column",
};

constexpr RuleInfo kSubquery{
    .id = "index_subquery",
    .summary = "an index cannot contain a subquery",
    .why =
        "The keys and the predicate of an index depend on the row alone. PostgreSQL\n"
        "refuses subqueries there as well.",
    .bad = "create index async t_a_idx on t (a) where b in (select b from u);",
    .help = "write the condition without a subquery, or store its result in a column",
};

constexpr RuleInfo kDropConcurrently{
    .id = "drop_index_concurrently",
    .summary = "`DROP INDEX CONCURRENTLY` is not supported",
    .why = "A plain DROP INDEX does not block other sessions.",
    .bad = "drop index concurrently t_a_idx;",
    .good = "drop index t_a_idx;",
    .fixes = Fixes::Always,
};

constexpr RuleInfo kAlterIndex{
    .id = "unsupported_alter_index",
    .summary = "`ALTER INDEX` accepts only RENAME",
    .why =
        "An index has no storage parameters, tablespace, statistics or partitions that\n"
        "could be changed.",
    .bad = "alter index t_a_idx set (fillfactor = 70);",
    .good = "",
    .fixes = Fixes::Sometimes,
    .help = "drop the index and create it again",
    .accepted_parts = {Capability::AlterIndexRename},
};

/// Indexes nested in CREATE SCHEMA are refused as such.
bool is_own_statement(const Context& ctx) { return ctx.parents().empty(); }

void report_async(const pg::IndexStmt& index, Context& ctx, TokenSpan where, Edit edit,
                  std::string title) {
  std::vector<Note> notes = {{std::string(kJob)}};
  if (index.unique()) notes.push_back({std::string(kUniqueJob)});
  ctx.report({.range = where.empty() ? ctx.head() : ctx.tokens().range(where),
              .notes = std::move(notes),
              .fix = Fix{Safety::Review, std::move(title), {std::move(edit)}}});
}

void check_async(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx) || index.concurrent() ||
      ctx.statement().has_mask(MaskKind::IndexAsync)) {
    return;
  }
  const size_t word = create_index_parts(ctx.tokens()).index;
  if (word == Tokens::npos) return;
  report_async(
      index, ctx, {},
      fixers::insert_after(ctx.tokens(), word, match_case(ctx.tokens().text(word), " async")),
      "insert `ASYNC`");
}

void check_concurrently(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx) || !index.concurrent()) return;
  const Tokens& tokens = ctx.tokens();
  size_t word = create_index_parts(tokens).index;
  if (word == Tokens::npos) return;
  while (word < tokens.size() && !tokens.is(word, "concurrently")) ++word;
  if (word == tokens.size()) return;
  const TokenSpan span{word, word + 1};
  if (ctx.statement().has_mask(MaskKind::IndexAsync)) {
    report_async(index, ctx, span, fixers::remove(tokens, span, ctx.source().text()),
                 "remove `CONCURRENTLY`");
  } else {
    report_async(index, ctx, span,
                 fixers::replace(tokens, span, match_case(tokens.text(word), "async")),
                 "replace it with `ASYNC`");
  }
}

void report_method(TokenSpan span, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const std::string method = tokens.name(span.begin + 1);
  Diagnostic finding{.range = tokens.range(span),
                     .message = fmt::format("the index method `{}` cannot be specified", method),
                     .fix = Fix{method == "btree" ? Safety::Exact : Safety::Review,
                                "remove the method",
                                {fixers::remove(tokens, span, ctx.source().text())}}};
  if (method == "btree") {
    finding.notes.push_back({"every index is a B-tree"});
  } else if (method == "hash" || method == "brin") {
    finding.notes.push_back({"the index becomes a B-tree, the only supported method"});
  } else {
    finding.notes.push_back(
        {"only B-tree indexes are supported: the index no longer serves operators like `@>`, `&&`, "
         "`%` or `@@`, and a key of type json, jsonb, tsvector or of an array type is refused; "
         "without the index, these queries read the whole table"});
  }
  ctx.report(std::move(finding));
}

void check_using(const pg::IndexStmt&, Context& ctx) {
  if (!is_own_statement(ctx)) return;
  const Tokens& tokens = ctx.tokens();
  const CreateIndexParts parts = create_index_parts(tokens);
  if (parts.open == Tokens::npos) return;
  if (parts.open >= 2 && tokens.is(parts.open - 2, "using")) {
    report_method({parts.open - 2, parts.open}, ctx);
  }
  if (ctx.statement().has_mask(MaskKind::IndexMethod)) {
    report_method({parts.tail.begin, parts.tail.begin + 2}, ctx);
  }
}

void check_expression(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx) || ctx.engine().accepts(Capability::ExpressionIndexes)) return;
  for (int i = 0; i < index.index_params_size(); ++i) {
    const pg::IndexElem& elem = index.index_params(i).index_elem();
    if (!elem.has_expr()) continue;
    const CreateIndexParts parts = create_index_parts(ctx.tokens());
    const auto key = static_cast<size_t>(i);
    ctx.report({.range = key < parts.keys.size() ? ctx.tokens().range(parts.keys[key]) : ctx.head(),
                .notes = {{ctx.engine().refusal(Capability::ExpressionIndexes)}}});
    return;  // once per statement
  }
}

void check_partial(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx) || !index.has_where_clause() ||
      ctx.engine().accepts(Capability::PartialIndexes)) {
    return;
  }
  const TokenSpan tail = create_index_parts(ctx.tokens()).tail;
  const size_t where = ctx.tokens().find(tail, "where");
  ctx.report({.range = where == Tokens::npos ? ctx.head()
                                             : ctx.tokens().range({where, ctx.tokens().size()}),
              .notes = {{ctx.engine().refusal(Capability::PartialIndexes)}}});
}

/// Calls `visit(elem, parts)` for each key whose place is known, where one of them is `wanted`.
template <typename Wanted, typename Visit>
void for_each_key(const pg::IndexStmt& index, const Context& ctx, Wanted&& wanted, Visit&& visit) {
  const auto& all = index.index_params();
  if (std::none_of(all.begin(), all.end(),
                   [&](const pg::Node& key) { return wanted(key.index_elem()); })) {
    return;
  }
  const std::vector<TokenSpan> keys = create_index_parts(ctx.tokens()).keys;
  if (keys.size() != static_cast<size_t>(index.index_params_size())) return;
  for (size_t i = 0; i < keys.size(); ++i) {
    const pg::IndexElem& elem = index.index_params(static_cast<int>(i)).index_elem();
    visit(elem, index_key_parts(elem, keys[i], ctx.tokens()));
  }
}

void check_direction(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx)) return;
  bool ascending = false;
  bool descending = false;
  bool nulls = false;
  for (const pg::Node& node : index.index_params()) {
    const bool desc = node.index_elem().ordering() == pg::SORTBY_DESC;
    (desc ? descending : ascending) = true;
    nulls = nulls || node.index_elem().nulls_ordering() > pg::SORTBY_NULLS_DEFAULT;
  }
  const auto directed = [](const pg::IndexElem& elem) {
    return elem.ordering() == pg::SORTBY_ASC || elem.ordering() == pg::SORTBY_DESC;
  };
  for_each_key(index, ctx, directed, [&](const pg::IndexElem& elem, const IndexKeyParts& parts) {
    if (parts.direction.empty()) return;
    const bool desc = elem.ordering() == pg::SORTBY_DESC;
    std::string note = "keys are ascending by default";
    if (desc && ascending) {
      note =
          "all keys of an index are ascending, so an ORDER BY with these directions needs a sort";
    } else if (desc) {
      note = "a backward scan still serves ORDER BY … DESC";
      if (nulls) note += ", but with NULLS at the other end: check whether queries still match";
    }
    ctx.report({.range = ctx.tokens().range(parts.direction),
                .message = fmt::format("`{}` cannot be specified for an index key",
                                       ctx.tokens().text(parts.direction)),
                .notes = {{std::move(note)}},
                .fix = Fix{desc ? Safety::Review : Safety::Exact,
                           "remove the direction",
                           {fixers::remove(ctx.tokens(), parts.direction, ctx.source().text())}}});
  });
}

/// The class each type has anyway, or one that differs from it only under other collations than C.
bool is_default_class(std::string_view name) {
  constexpr std::array<std::string_view, 24> kNames = {"bool_ops",           "bpchar_ops",
                                                       "bpchar_pattern_ops", "char_ops",
                                                       "date_ops",           "float4_ops",
                                                       "float8_ops",         "inet_ops",
                                                       "int2_ops",           "int4_ops",
                                                       "int8_ops",           "name_ops",
                                                       "numeric_ops",        "text_ops",
                                                       "text_pattern_ops",   "time_ops",
                                                       "timestamp_ops",      "timestamptz_ops",
                                                       "timetz_ops",         "uuid_ops",
                                                       "varchar_ops",        "varchar_pattern_ops",
                                                       "interval_ops",       "oid_ops"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

void check_operator_class(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx)) return;
  const auto classed = [](const pg::IndexElem& elem) { return elem.opclass_size() != 0; };
  for_each_key(index, ctx, classed, [&](const pg::IndexElem& elem, const IndexKeyParts& parts) {
    if (parts.operator_class.empty()) return;
    const std::string name = object_name(elem.opclass()).name;
    Diagnostic finding{.range = ctx.tokens().range(parts.operator_class),
                       .message = fmt::format(
                           "the operator class `{}` cannot be specified for an index key", name)};
    if (is_foreign_operator_class(elem) && !index.unique()) {
      finding.notes.push_back(
          {"it belongs to an index method other than B-tree, which is not supported: the queries "
           "that it served read the whole table, or need a search service"});
      finding.fix = drop_index_statement(ctx);
    } else {
      const bool same = is_default_class(name);
      if (!same) {
        finding.notes.push_back({"the index compares with the default operator class of the type"});
      }
      finding.fix = Fix{same ? Safety::Exact : Safety::Review,
                        "remove the operator class",
                        {fixers::remove(ctx.tokens(), parts.operator_class, ctx.source().text())}};
    }
    ctx.report(std::move(finding));
  });
}

void check_collation(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx)) return;
  const auto collated = [](const pg::IndexElem& elem) { return elem.collation_size() != 0; };
  for_each_key(index, ctx, collated, [&](const pg::IndexElem& elem, const IndexKeyParts& parts) {
    if (parts.collation.empty()) return;
    const bool same =
        compares_bytes(elem.collation()) || builtin_name(elem.collation()) == "ucs_basic";
    Diagnostic finding{
        .range = ctx.tokens().range(parts.collation),
        .fix = Fix{same ? Safety::Exact : Safety::Review,
                   "remove the collation",
                   {fixers::remove(ctx.tokens(), parts.collation, ctx.source().text())}}};
    if (!same) {
      finding.notes.push_back(
          {"the index sorts byte by byte: upper case before lower case, accented letters last"});
    }
    ctx.report(std::move(finding));
  });
}

/// A clause of `words` tokens (or up to its closing parenthesis) after the keys.
void report_clause(std::string_view word, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const TokenSpan tail = create_index_parts(tokens).tail;
  const size_t begin = tokens.find(tail, word);
  if (begin == Tokens::npos) return;
  size_t end = begin + 2;
  if (tokens.is_op(begin + 1, "(")) {
    const size_t close = tokens.close(begin + 1);
    if (close == Tokens::npos) return;
    end = close + 1;
  }
  const TokenSpan clause{begin, std::min(end, tokens.size())};
  ctx.report({.range = tokens.range(clause),
              .fix = Fix{Safety::Exact,
                         "remove the clause",
                         {fixers::remove(tokens, clause, ctx.source().text())}}});
}

void check_tablespace(const pg::IndexStmt& index, Context& ctx) {
  if (is_own_statement(ctx) && !index.table_space().empty()) report_clause("tablespace", ctx);
}

void check_parameters(const pg::IndexStmt& index, Context& ctx) {
  if (is_own_statement(ctx) && index.options_size() != 0) report_clause("with", ctx);
}

void check_include(const pg::IndexStmt& index, Context& ctx) {
  if (!is_own_statement(ctx)) return;
  for (const pg::Node& node : index.index_including_params()) {
    const pg::IndexElem& elem = node.index_elem();
    if (!elem.has_expr() && elem.opclass_size() == 0 && elem.collation_size() == 0 &&
        elem.ordering() <= pg::SORTBY_DEFAULT &&
        elem.nulls_ordering() <= pg::SORTBY_NULLS_DEFAULT) {
      continue;
    }
    const Tokens& tokens = ctx.tokens();
    const size_t word = tokens.find(create_index_parts(tokens).tail, "include");
    const size_t close = word == Tokens::npos ? word : tokens.close(word + 1);
    ctx.report({.range = close == Tokens::npos ? ctx.head() : tokens.range({word, close + 1})});
    return;
  }
}

void check_subquery(const pg::SubLink&, Context& ctx) {
  if (ctx.parents().empty() || ctx.parents()[0].as<pg::IndexStmt>() == nullptr) return;
  for (const AstRef parent : ctx.parents()) {
    if (parent.as<pg::SubLink>() != nullptr) return;  // a query in the query
  }
  ctx.report({.range = ctx.head()});
}

void check_drop(const pg::DropStmt& drop, Context& ctx) {
  if (!is_own_statement(ctx) || !drop.concurrent()) return;
  const size_t word = ctx.tokens().find(ctx.tokens().all(), "concurrently");
  if (word == Tokens::npos) return;
  const TokenSpan span{word, word + 1};
  ctx.report({.range = ctx.tokens().range(span),
              .fix = Fix{Safety::Exact,
                         "remove `CONCURRENTLY`",
                         {fixers::remove(ctx.tokens(), span, ctx.source().text())}}});
}

void check_alter(const pg::AlterTableStmt& alter, Context& ctx) {
  if (!is_own_statement(ctx) || alter.objtype() != pg::OBJECT_INDEX) return;
  std::string note = "storage is managed by the service; there is nothing to tune";
  for (const pg::Node& node : alter.cmds()) {
    switch (node.alter_table_cmd().subtype()) {
      case pg::AT_AttachPartition:
        note = "partitions are not supported: the index of the table covers all of its rows";
        break;
      case pg::AT_SetRelOptions:
      case pg::AT_ResetRelOptions:
      case pg::AT_SetStatistics:
      case pg::AT_SetTableSpace:
        break;
      default:
        ctx.report({.range = ctx.head()});
        return;
    }
  }
  ctx.report({.range = ctx.head(),
              .notes = {{std::move(note)}},
              .fix = Fix{Safety::Review,
                         "remove the statement",
                         {fixers::remove_statement(ctx.source(), ctx.statement())}}});
}

void check_rename(const pg::RenameStmt& rename, Context& ctx) {
  if (!is_own_statement(ctx) || rename.rename_type() != pg::OBJECT_INDEX ||
      ctx.engine().accepts(Capability::AlterIndexRename)) {
    return;
  }
  ctx.report(
      {.range = ctx.head(), .notes = {{ctx.engine().refusal(Capability::AlterIndexRename)}}});
}

void check_move_all(const pg::AlterTableMoveAllStmt& move, Context& ctx) {
  if (is_own_statement(ctx) && move.objtype() == pg::OBJECT_INDEX)
    ctx.report({.range = ctx.head()});
}

void check_depends(const pg::AlterObjectDependsStmt& depends, Context& ctx) {
  if (is_own_statement(ctx) && depends.object_type() == pg::OBJECT_INDEX) {
    ctx.report({.range = ctx.head(), .help = "delete the statement: extensions are not supported"});
  }
}

constexpr std::array kRules = {
    rule<check_async>(kAsync),
    rule<check_concurrently>(kConcurrently),
    rule<check_using>(kUsing),
    rule<check_expression>(kExpression),
    rule<check_partial>(kPartial),
    rule<check_direction>(kDirection),
    rule<check_operator_class>(kOperatorClass),
    rule<check_collation>(kCollation),
    rule<check_tablespace>(kTablespace),
    rule<check_parameters>(kParameters),
    rule<check_include>(kInclude),
    rule<check_subquery>(kSubquery),
    rule<check_drop>(kDropConcurrently),
    rule<check_alter>(kAlterIndex),
    rule<check_rename>(kAlterIndex),
    rule<check_move_all>(kAlterIndex),
    rule<check_depends>(kAlterIndex),
};

}  // namespace

std::span<const Rule> create_index() { return kRules; }

}  // namespace dsqlint
