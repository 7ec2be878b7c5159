#include "engine/parse/ranges.h"

#include <algorithm>
#include <array>

#include "engine/parse/document.h"

namespace dsqlint {
namespace {

/// Words that end a column's type.
bool begins_constraint(const Tokens& tokens, size_t i) {
  constexpr std::array<std::string_view, 16> kWords = {
      "check",      "collate",   "compression", "constraint", "default", "deferrable",
      "generated",  "initially", "not",         "null",       "options", "primary",
      "references", "storage",   "unique",      "using"};
  if (tokens[i].kind != TokenKind::Word) return false;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return tokens.is(i, word); });
}

/// Past [IF [NOT] EXISTS] [ONLY] name [*].
TokenSpan relation_name(const Tokens& tokens, size_t& i) {
  if (tokens.is(i, "if")) i += tokens.is(i + 1, "not") ? 3 : 2;
  if (tokens.is(i, "async") && (tokens.can_be_name(i + 1) && !tokens.is_op(i + 1, "."))) {
    // ALTER TABLE ASYNC t: the keyword, unless an action follows directly.
    if (!tokens.is(i + 1, "add") && !tokens.is(i + 1, "alter") && !tokens.is(i + 1, "drop") &&
        !tokens.is(i + 1, "rename")) {
      ++i;
    }
  }
  if (tokens.is(i, "if")) i += 2;
  bool parenthesis = false;
  if (tokens.is(i, "only")) {
    ++i;
    parenthesis = tokens.is_op(i, "(");
    if (parenthesis) ++i;
  }
  const size_t begin = i;
  i = tokens.skip_name(i);
  const TokenSpan name{begin, i};
  if (parenthesis && tokens.is_op(i, ")")) ++i;
  if (tokens.is_op(i, "*")) ++i;
  return name;
}

/// From the name at token `i` on, up to token `end`.
CreateTableParts create_table_parts(const Tokens& tokens, size_t i, size_t end) {
  CreateTableParts parts;
  parts.name = relation_name(tokens, i);
  if (tokens.is_op(i, "(")) {
    parts.open = i;
    parts.close = tokens.close(i);
    if (parts.close == Tokens::npos) parts.close = tokens.size();
    parts.elements = tokens.split({i + 1, parts.close});
    i = std::min(parts.close + 1, tokens.size());
  }
  parts.tail = {i, std::max(i, end)};
  return parts;
}

}  // namespace

CreateTableParts create_table_parts(const Tokens& tokens) {
  const size_t i = tokens.find(tokens.all(), "table");
  if (i == Tokens::npos) return {};
  return create_table_parts(tokens, i + 1, tokens.size());
}

CreateTableParts create_table_parts(const pg::CreateStmt& create,
                                    const ParsedStatement& statement) {
  const Tokens& tokens = statement.tokens();
  const size_t name = statement.token_at(create.relation().location());
  if (name == Tokens::npos) return {};
  size_t end = tokens.size();
  if (statement.tree().kind == NodeCaseOf<pg::CreateSchemaStmt>::value) {
    // Elements have nothing between them; each begins with one of these words.
    for (const std::string_view word : {"create", "grant"}) {
      end = std::min(end, tokens.find({name, end}, word));
    }
  }
  return create_table_parts(tokens, name, end);
}

AlterTableParts alter_table_parts(const Tokens& tokens) {
  AlterTableParts parts;
  size_t i = 1;
  // ALTER [FOREIGN] TABLE, ALTER [MATERIALIZED] VIEW, ALTER INDEX, ALTER SEQUENCE, ALTER TYPE.
  if (tokens.is(i, "foreign") || tokens.is(i, "materialized")) ++i;
  ++i;
  parts.name = relation_name(tokens, i);
  parts.actions = tokens.split({i, tokens.size()});
  return parts;
}

CreateIndexParts create_index_parts(const Tokens& tokens) {
  CreateIndexParts parts;
  size_t i = tokens.is(1, "unique") ? 2 : 1;
  if (!tokens.is(i, "index")) return parts;
  parts.index = i++;
  while (tokens.is(i, "async") || tokens.is(i, "concurrently")) ++i;
  if (tokens.are(i, {"if", "not", "exists"})) i += 3;
  if (!tokens.is(i, "on")) {
    const size_t begin = i;
    i = tokens.skip_name(i);
    parts.name = {begin, i};
  }
  parts.on = i;
  ++i;
  parts.table = relation_name(tokens, i);
  if (tokens.is(i, "using")) i += 2;
  parts.open = i;
  parts.close = tokens.close(i);
  if (parts.close == Tokens::npos) parts.close = tokens.size();
  parts.keys = tokens.split({i + 1, parts.close});
  parts.tail = {std::min(parts.close + 1, tokens.size()), tokens.size()};
  return parts;
}

TokenSpan element_from(size_t first, const Tokens& tokens) {
  size_t depth = 0;
  size_t i = first;
  for (; i < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::Operator) continue;
    const char c = tokens.text(i)[0];
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') {
      if (depth == 0) break;
      --depth;
    }
    if (c == ',' && depth == 0) break;
  }
  return {first, i};
}

TokenSpan column_span(const pg::ColumnDef& column, const ParsedStatement& statement) {
  const size_t first = statement.token_at(column.location());
  if (first == Tokens::npos) return {statement.tokens().size(), statement.tokens().size()};
  return element_from(first, statement.tokens());
}

ColumnParts column_parts(const pg::ColumnDef& column, const ParsedStatement& statement,
                         TokenSpan span) {
  const Tokens& tokens = statement.tokens();
  ColumnParts parts;
  if (span.empty()) return parts;
  parts.name = {span.begin, span.begin + 1};
  size_t i = span.begin + 1;
  if (column.has_type_name()) {
    const size_t begin = i;
    i = begin < span.end ? begin + 1 : begin;
    while (i < span.end && !begins_constraint(tokens, i)) {
      if (tokens.is_op(i, "(") || tokens.is_op(i, "[")) {
        const size_t close = tokens.close(i);
        if (close == Tokens::npos) break;
        i = close;
      }
      ++i;
    }
    parts.type = {begin, std::min(i, span.end)};
  }
  struct Start {
    size_t token;
    const pg::Constraint* node;  // null: COLLATE
    bool attribute;              // belongs to the constraint before it
  };
  std::vector<Start> starts;
  if (column.has_coll_clause()) {
    starts.push_back({statement.token_at(column.coll_clause().location()), nullptr, false});
  }
  for (const pg::Node& node : column.constraints()) {
    const pg::Constraint& constraint = node.constraint();
    const bool attribute = constraint.contype() >= pg::CONSTR_ATTR_DEFERRABLE;
    starts.push_back({statement.token_at(constraint.location()), &constraint, attribute});
  }
  std::erase_if(starts,
                [&](const Start& s) { return s.token < span.begin || s.token >= span.end; });
  std::sort(starts.begin(), starts.end(),
            [](const Start& a, const Start& b) { return a.token < b.token; });
  for (size_t k = 0; k < starts.size(); ++k) {
    const size_t end = k + 1 < starts.size() ? starts[k + 1].token : span.end;
    const TokenSpan tokens_of{starts[k].token, end};
    if (starts[k].node == nullptr) {
      parts.collation = tokens_of;
    } else if (starts[k].attribute && !parts.constraints.empty()) {
      parts.constraints.back().tokens.end = end;
    } else {
      parts.constraints.push_back({starts[k].node, tokens_of});
    }
  }
  return parts;
}

TokenSpan deferrable_words(const Tokens& tokens, TokenSpan span) {
  size_t first = tokens.find(span, "deferrable");
  const size_t initially = tokens.find(span, "initially");
  if (first != Tokens::npos && first > span.begin && tokens.is(first - 1, "not")) --first;
  first = std::min(first, initially);
  if (first == Tokens::npos) return {};
  size_t end = first;
  while (end < span.end) {
    if (tokens.is(end, "deferrable")) {
      ++end;
    } else if (tokens.is(end, "not") && tokens.is(end + 1, "deferrable")) {
      end += 2;
    } else if (tokens.is(end, "initially")) {
      end += 2;
    } else {
      break;
    }
  }
  return {first, std::min(end, span.end)};
}

TokenSpan type_span(const pg::TypeName& type, const ParsedStatement& statement) {
  const Tokens& tokens = statement.tokens();
  const size_t first = statement.token_at(type.location());
  if (first == Tokens::npos) return {0, 0};
  size_t i = first;
  if (tokens.is(i, "setof")) ++i;
  const auto parenthesized = [&] {
    if (!tokens.is_op(i, "(")) return;
    const size_t close = tokens.close(i);
    if (close != Tokens::npos) i = close + 1;
  };
  if (tokens.is(i, "double") && tokens.is(i + 1, "precision")) {
    i += 2;
  } else if (tokens.is(i, "national")) {
    i += 2;
    if (tokens.is(i, "varying")) ++i;
  } else if ((tokens.is(i, "character") || tokens.is(i, "char") || tokens.is(i, "nchar") ||
              tokens.is(i, "bit")) &&
             tokens.is(i + 1, "varying")) {
    i += 2;
  } else {
    i = tokens.skip_name(i);
    if (tokens.is_op(i, "%") && tokens.is(i + 1, "type")) i += 2;
  }
  parenthesized();
  if ((tokens.is(i, "with") || tokens.is(i, "without")) && tokens.are(i + 1, {"time", "zone"})) {
    i += 3;
  }
  if (tokens.is(first, "interval")) {
    while (tokens.is(i, "year") || tokens.is(i, "month") || tokens.is(i, "day") ||
           tokens.is(i, "hour") || tokens.is(i, "minute") || tokens.is(i, "second") ||
           (tokens.is(i, "to") && i > first)) {
      ++i;
      parenthesized();
    }
  }
  while (tokens.is_op(i, "[") || tokens.is(i, "array")) {
    if (tokens.is(i, "array")) {
      ++i;
      continue;
    }
    const size_t close = tokens.close(i);
    if (close == Tokens::npos) break;
    i = close + 1;
  }
  return {first, i};
}

}  // namespace dsqlint
