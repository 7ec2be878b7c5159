#include "engine/text/newer_syntax.h"

#include <algorithm>
#include <array>

namespace dsqlint {
namespace {

void add(std::vector<Mask>& masks, MaskKind kind, const Tokens& tokens, TokenSpan span) {
  masks.push_back({kind, tokens.range(span)});
}

/// The elements in the parentheses of CREATE TABLE; empty elsewhere.
std::vector<TokenSpan> table_elements(const Tokens& tokens) {
  if (!tokens.is(0, "create")) return {};
  const size_t table = tokens.find(tokens.all(), "table");
  if (table == Tokens::npos || table > 3) return {};
  size_t name = table + 1;
  if (tokens.are(name, {"if", "not", "exists"})) name += 3;
  const size_t open = tokens.skip_name(name);
  const size_t close = tokens.is_op(open, "(") ? tokens.close(open) : Tokens::npos;
  return close == Tokens::npos ? std::vector<TokenSpan>() : tokens.split({open + 1, close});
}

/// NOT NULL column [NO INHERIT] [NOT VALID], perhaps named, as an element of a table.
bool is_not_null_constraint(const Tokens& tokens, TokenSpan element) {
  size_t i = element.begin;
  if (tokens.is(i, "constraint")) i += 2;
  return tokens.are(i, {"not", "null"}) && tokens.is_name(i + 2) && i + 2 < element.end;
}

void mask_not_null_constraints(const Tokens& tokens, std::vector<Mask>& masks) {
  const std::vector<TokenSpan> elements = table_elements(tokens);
  // One comma goes with each: the one before, or, of those that the list begins with, the one
  // after.
  bool first = true;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!is_not_null_constraint(tokens, elements[i])) {
      first = false;
      continue;
    }
    TokenSpan span = elements[i];
    if (!first) {
      --span.begin;
    } else if (i + 1 < elements.size()) {
      ++span.end;
    }
    add(masks, MaskKind::TableNotNull, tokens, span);
  }
}

/// From `generated` on: GENERATED ALWAYS AS (expression), and what follows it.
void mask_generated(const Tokens& tokens, size_t i, std::vector<Mask>& masks) {
  if (!tokens.are(i, {"generated", "always", "as"}) || !tokens.is_op(i + 3, "(")) return;
  const size_t close = tokens.close(i + 3);
  if (close == Tokens::npos || tokens.is(close + 1, "stored")) return;
  if (tokens.is(close + 1, "virtual")) {
    add(masks, MaskKind::VirtualColumn, tokens, {close + 1, close + 2});
  } else {
    add(masks, MaskKind::UnstoredColumn, tokens, {i, i + 3});
  }
}

/// PERIOD before the last column of a foreign key, on either side.
void mask_period(const Tokens& tokens, size_t i, std::vector<Mask>& masks) {
  if (tokens.is(i, "period") && tokens.is_op(i - 1, ",") && tokens.is_name(i + 1) &&
      tokens.is_op(i + 2, ")")) {
    add(masks, MaskKind::Period, tokens, {i, i + 1});
  }
}

bool ends_grouping(const Tokens& tokens, size_t i) {
  constexpr std::array<std::string_view, 10> kNext = {"except",    "fetch", "for",    "having",
                                                      "intersect", "limit", "offset", "order",
                                                      "union",     "window"};
  return i >= tokens.size() || tokens.is_op(i, ")") ||
         std::any_of(kNext.begin(), kNext.end(),
                     [&](std::string_view word) { return tokens.is(i, word); });
}

/// The actions of ALTER TABLE [IF EXISTS] [ONLY] name [*]; empty for other statements.
std::vector<TokenSpan> table_actions(const Tokens& tokens) {
  if (!tokens.are(0, {"alter", "table"})) return {};
  size_t name = 2;
  if (tokens.are(name, {"if", "exists"})) name += 2;
  if (tokens.is(name, "only")) ++name;
  size_t first = tokens.skip_name(name);
  if (tokens.is_op(first, "*")) ++first;
  return tokens.split({first, tokens.size()});
}

std::optional<KnownStatement> known_action(const Tokens& tokens, TokenSpan action) {
  const size_t i = action.begin;
  if (tokens.are(i, {"split", "partition"}))
    return KnownStatement{KnownSyntax::SplitPartition, {i, i + 2}};
  if (tokens.are(i, {"merge", "partitions"})) {
    return KnownStatement{KnownSyntax::MergePartitions, {i, i + 2}};
  }
  if (tokens.is(i, "add") && is_not_null_constraint(tokens, {i + 1, action.end})) {
    return KnownStatement{KnownSyntax::AddNotNull, action};
  }
  if (!tokens.are(i, {"alter", "constraint"})) return std::nullopt;
  for (size_t word = i + 3; word < action.end; ++word) {
    const size_t first = word - (tokens.is(word - 1, "no") || tokens.is(word - 1, "not") ? 1 : 0);
    if (tokens.is(word, "inherit")) {
      return KnownStatement{KnownSyntax::ConstraintInherit, {first, word + 1}};
    }
    if (tokens.is(word, "enforced")) {
      return KnownStatement{KnownSyntax::ConstraintEnforced, {first, word + 1}};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Mask> newer_masks(const Tokens& tokens) {
  std::vector<Mask> masks;
  const bool maintains =
      tokens.is(0, "vacuum") || tokens.is(0, "analyze") || tokens.is(0, "analyse");
  const bool table = tokens.is(0, "create") || tokens.is(0, "alter");
  if (table) mask_not_null_constraints(tokens, masks);
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::Word) continue;
    if (maintains && tokens.is(i, "only")) {
      add(masks, MaskKind::OnlyTable, tokens, {i, i + 1});
    } else if (table && tokens.is(i, "generated")) {
      mask_generated(tokens, i, masks);
    } else if (table && tokens.are(i, {"without", "overlaps"})) {
      add(masks, MaskKind::WithoutOverlaps, tokens, {i, i + 2});
    } else if (table && tokens.is(i, "period")) {
      mask_period(tokens, i, masks);
    } else if (table && tokens.are(i, {"not", "null", "no", "inherit"})) {
      add(masks, MaskKind::NotNullNoInherit, tokens, {i + 2, i + 4});
    } else if (tokens.are(i, {"returning", "with"}) && tokens.is_op(i + 2, "(")) {
      const size_t close = tokens.close(i + 2);
      if (close != Tokens::npos) add(masks, MaskKind::ReturningAliases, tokens, {i + 1, close + 1});
    } else if (tokens.are(i, {"group", "by", "all"}) && ends_grouping(tokens, i + 3)) {
      add(masks, MaskKind::GroupByAll, tokens, {i, i + 3});
    } else if ((tokens.is(i, "ignore") || tokens.is(i, "respect")) && tokens.is(i + 1, "nulls") &&
               tokens.is(i + 2, "over") && tokens.is_op(i - 1, ")")) {
      add(masks, MaskKind::NullTreatment, tokens, {i, i + 2});
    }
  }
  std::sort(masks.begin(), masks.end(),
            [](const Mask& a, const Mask& b) { return a.range < b.range; });
  // Within a constraint that is hidden as a whole nothing else is.
  masks.erase(std::unique(masks.begin(), masks.end(),
                          [](const Mask& a, const Mask& b) { return b.range.begin < a.range.end; }),
              masks.end());
  return masks;
}

std::optional<KnownStatement> known_statement(const Tokens& tokens) {
  if (tokens.are(0, {"alter", "view"})) {
    const size_t name = tokens.are(2, {"if", "exists"}) ? 4 : 2;
    size_t as = tokens.skip_name(name);
    if (tokens.is_op(as, "(")) as = tokens.close(as) == Tokens::npos ? as : tokens.close(as) + 1;
    if (tokens.is(as, "as") && as > name)
      return KnownStatement{KnownSyntax::AlterViewQuery, {0, 2}};
    return std::nullopt;
  }
  if (tokens.is(0, "repack")) return KnownStatement{KnownSyntax::Repack, {0, 1}};
  if (tokens.are(0, {"wait", "for"})) return KnownStatement{KnownSyntax::WaitFor, {0, 2}};
  for (const std::string_view verb : {"create", "alter", "drop"}) {
    if (tokens.are(0, {verb, "property", "graph"})) {
      return KnownStatement{KnownSyntax::PropertyGraph, {0, 3}};
    }
  }
  for (const TokenSpan action : table_actions(tokens)) {
    if (const auto known = known_action(tokens, action)) return known;
  }
  const size_t conflict = tokens.find(tokens.all(), "conflict");
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (conflict < i && tokens.are(i, {"do", "select"})) {
      return KnownStatement{KnownSyntax::ConflictSelect, {i, i + 2}};
    }
    if (tokens.are(i, {"for", "portion", "of"})) {
      return KnownStatement{KnownSyntax::PortionOf, {i, i + 3}};
    }
  }
  return std::nullopt;
}

}  // namespace dsqlint
