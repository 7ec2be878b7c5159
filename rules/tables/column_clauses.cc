// What may not stand after a column's type: COLLATE, COMPRESSION, OPTIONS, and STORAGE before it
// was accepted.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"
#include "fixers/fixers.h"
#include "rules/shared/collations.h"
#include "rules/shared/columns.h"
#include "rules/shared/index_parts.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kCollation{
    .id = "collation",
    .summary = "COLLATE on a column is not supported",
    .why =
        "The database has one collation, `C`: strings compare byte by byte. ORDER BY\n"
        "puts capital letters before small ones and accented letters last; sort in the\n"
        "application where people read the result.",
    .bad = "create table t (name text collate \"C\");",
    .good = "create table t (name text);",
    .fixes = Fixes::Always,
};

/// COLLATE and the name after it, in an expression.
void report_collation(TokenSpan span, const CollationName& name, Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const TokenSpan written{span.begin + 1, span.end};
  const std::string_view meant = meant_collation(name);
  Diagnostic finding{.range = tokens.range(span),
                     .message = fmt::format("collation `{}` does not exist", tokens.text(written))};
  if (meant.empty()) {
    finding.notes = {
        {"strings compare byte by byte (collation C): order and comparisons may come out "
         "differently"}};
    finding.fix = Fix{Safety::Review,
                      "remove the collation",
                      {fixers::remove(tokens, span, ctx.source().text())}};
  } else {
    finding.notes = {{fmt::format("its name is `\"{}\"`, case and quotes included", meant)}};
    finding.fix = Fix{Safety::Exact,
                      fmt::format("write `\"{}\"`", meant),
                      {fixers::replace(tokens, written, fmt::format("\"{}\"", meant))}};
  }
  ctx.report(std::move(finding));
}

void check_collation(const pg::ColumnDef& column, Context& ctx) {
  if (!column.has_coll_clause()) return;
  const bool listed = in_definition_list(ctx);
  if (!listed && column_place(ctx) == ColumnPlace::None) return;
  const Tokens& tokens = ctx.tokens();
  const size_t word = ctx.token_at(column.coll_clause().location());
  if (word == Tokens::npos) return;
  const TokenSpan span{word, std::max(tokens.skip_name(word + 1), word + 1)};
  const CollationName& name = column.coll_clause().collname();
  if (listed) {  // as in expressions
    if (!collation_exists(name)) report_collation(span, name, ctx);
    return;
  }
  const bool same = compares_bytes(name);
  Diagnostic finding{
      .range = tokens.range(span),
      .message = "column `" + column.colname() + "` has a collation",
      .fix = Fix{same ? Safety::Exact : Safety::Review,
                 "remove the collation",
                 {fixers::remove(tokens, span, ctx.source().text())}},
  };
  if (!same) {
    finding.notes = {
        {"strings are compared byte by byte (collation C): ORDER BY, LIKE and range comparisons "
         "may give different results"}};
  } else {
    finding.notes = {{"C is the only collation, so nothing changes"}};
  }
  ctx.report(std::move(finding));
}

/// COLLATE after an expression.
void check_expression_collation(const pg::CollateClause& clause, Context& ctx) {
  if (!clause.has_arg()) return;  // of a column or a domain
  const Tokens& tokens = ctx.tokens();
  const size_t word = ctx.token_at(clause.location());
  if (word == Tokens::npos || collation_exists(clause.collname())) return;
  report_collation({word, std::max(tokens.skip_name(word + 1), word + 1)}, clause.collname(), ctx);
}

/// ON CONFLICT (column COLLATE c).
void check_conflict_collation(const pg::InferClause& infer, Context& ctx) {
  const auto& elements = infer.index_elems();
  const auto refused = [](const pg::Node& node) {
    const auto& collation = node.index_elem().collation();
    return !collation.empty() && !collation_exists(collation);
  };
  if (std::none_of(elements.begin(), elements.end(), refused)) return;
  const Tokens& tokens = ctx.tokens();
  const size_t open = ctx.token_at(infer.location());
  const size_t close = tokens.is_op(open, "(") ? tokens.close(open) : Tokens::npos;
  if (close == Tokens::npos) return;
  const std::vector<TokenSpan> spans = tokens.split({open + 1, close});
  if (spans.size() != static_cast<size_t>(elements.size())) return;
  for (size_t i = 0; i < spans.size(); ++i) {
    const pg::Node& node = elements[static_cast<int>(i)];
    if (!refused(node)) continue;
    const TokenSpan span = index_key_parts(node.index_elem(), spans[i], tokens).collation;
    if (!span.empty()) report_collation(span, node.index_elem().collation(), ctx);
  }
}

/// The words between type and constraints: STORAGE mode, COMPRESSION method, OPTIONS ( … ).
TokenSpan column_option(const pg::ColumnDef& column, const Context& ctx, std::string_view word) {
  const Tokens& tokens = ctx.tokens();
  const ColumnParts parts = column_parts(column, ctx);
  size_t i = parts.type.end;
  while (i < tokens.size()) {
    const size_t begin = i;
    if (tokens.is(i, "storage") || tokens.is(i, "compression")) {
      i += 2;
    } else if (tokens.is(i, "options") && tokens.is_op(i + 1, "(")) {
      const size_t close = tokens.close(i + 1);
      if (close == Tokens::npos) return {};
      i = close + 1;
    } else {
      return {};
    }
    if (tokens.is(begin, word)) return {begin, std::min(i, tokens.size())};
  }
  return {};
}

void remove_option(const pg::ColumnDef& column, Context& ctx, std::string_view word,
                   std::string message, std::string note, Safety safety) {
  const TokenSpan span = column_option(column, ctx, word);
  if (span.empty()) return;
  ctx.report({
      .range = ctx.tokens().range(span),
      .message = std::move(message),
      .notes = {{std::move(note)}},
      .fix = Fix{safety, "remove it", {fixers::remove(ctx.tokens(), span, ctx.source().text())}},
  });
}

constexpr RuleInfo kCompression{
    .id = "column_compression",
    .summary = "COMPRESSION on a column is not supported",
    .why = "The service compresses long values; the method cannot be chosen.",
    .bad = "create table t (body text compression lz4);",
    .good = "create table t (body text);",
    .fixes = Fixes::Always,
};

void check_compression(const pg::ColumnDef& column, Context& ctx) {
  if (column.compression().empty() || column_place(ctx) == ColumnPlace::None) return;
  remove_option(column, ctx, "compression",
                "column `" + column.colname() + "` names a compression method",
                "values stay the same; the service decides how they are compressed", Safety::Exact);
}

constexpr RuleInfo kOptions{
    .id = "column_options",
    .summary = "OPTIONS on a column are not supported",
    .why = "They are for columns of foreign tables, which do not exist.",
    .bad = "create table t (body text options (column_name 'b'));",
    .good = "create table t (body text);",
    .fixes = Fixes::Always,
};

void check_options(const pg::ColumnDef& column, Context& ctx) {
  if (column.fdwoptions_size() == 0 || column_place(ctx) == ColumnPlace::None) return;
  remove_option(column, ctx, "options", "column `" + column.colname() + "` has options",
                "they only apply to foreign tables", Safety::Review);
}

constexpr RuleInfo kStorage{
    .id = "storage_clause",
    .summary = "STORAGE on a column is not supported at this engine date",
    .why = "The storage mode of a column cannot be chosen.",
    .bad = "create table t (body text storage external);",
    .good = "create table t (body text);",
    .fixes = Fixes::Always,
    .accepted = Capability::StorageClause,
};

void check_storage(const pg::ColumnDef& column, Context& ctx) {
  if (column.storage_name().empty() || ctx.engine().accepts(Capability::StorageClause) ||
      column_place(ctx) == ColumnPlace::None) {
    return;
  }
  remove_option(column, ctx, "storage", "column `" + column.colname() + "` has a storage mode",
                ctx.engine().refusal(Capability::StorageClause), Safety::Exact);
}

constexpr std::array kRules = {
    rule<check_collation>(kCollation),
    rule<check_expression_collation>(kCollation),
    rule<check_conflict_collation>(kCollation),
    rule<check_compression>(kCompression),
    rule<check_options>(kOptions),
    rule<check_storage>(kStorage),
};

}  // namespace

std::span<const Rule> column_clauses() { return kRules; }

}  // namespace dsqlint
