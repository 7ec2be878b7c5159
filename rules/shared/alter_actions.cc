#include "rules/shared/alter_actions.h"

#include "engine/parse/names.h"
#include "fixers/fixers.h"

namespace dsqlint {

namespace {

/// The tokens as written, comments and line breaks left out.
std::string words(TokenSpan span, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  std::string text;
  for (size_t i = span.begin; i < span.end; ++i) {
    if (i > span.begin && tokens[i].begin != tokens[i - 1].end) text += ' ';
    text += tokens.text(i);
  }
  return text;
}

/// The statement goes, the comments inside it stay.
std::vector<Edit> remove_statement(const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  const Statement& statement = ctx.statement();
  const Range terminator{statement.range.end, statement.end};
  const bool remark = touches_comment(Tokens(ctx.source().text(), terminator), terminator);
  if (tokens.comments().empty() && !remark) {
    return {fixers::remove_statement(ctx.source(), statement)};
  }
  std::vector<Edit> edits;
  size_t begin = 0;
  for (size_t i = 1; i <= tokens.size(); ++i) {
    if (i < tokens.size() && !touches_comment(tokens, {tokens[i - 1].end, tokens[i].begin})) {
      continue;
    }
    edits.push_back(fixers::remove(tokens, {begin, i}, ctx.source().text()));
    begin = i;
  }
  if (!remark) {
    edits.back().range.end = std::max(edits.back().range.end, statement.end);
  } else if (statement.semicolon) {
    edits.push_back({{statement.end - 1, statement.end}, ""});
  }
  return edits;
}

}  // namespace

AlterTable alter_table(const pg::AlterTableStmt& alter, const Context& ctx) {
  const AlterTableParts parts = alter_table_parts(ctx.tokens());
  const bool aligned = parts.actions.size() == static_cast<size_t>(alter.cmds_size());
  AlterTable table{parts.name, {}};
  for (int i = 0; i < alter.cmds_size(); ++i) {
    const TokenSpan tokens = aligned ? parts.actions[static_cast<size_t>(i)] : TokenSpan{};
    table.actions.push_back({&alter.cmds(i).alter_table_cmd(), tokens});
  }
  return table;
}

Range offence(const AlterAction& action, const Context& ctx) {
  const Tokens& tokens = ctx.tokens();
  TokenSpan span = action.tokens;
  if (span.empty()) return ctx.head();
  if (tokens.is(span.begin, "alter")) {
    size_t i = span.begin + 1;
    if (tokens.is(i, "column") && i + 2 < span.end) ++i;
    ++i;
    if (i < span.end) span.begin = i;
  }
  return tokens.range(span);
}

std::string table_text(const AlterTable& table, const Context& ctx) {
  return words(table.name, ctx);
}

std::string alter_head(const AlterTable& table, const Context& ctx) {
  if (table.actions.empty() || table.actions.front().tokens.empty()) return {};
  return words({0, table.actions.front().tokens.begin}, ctx) + ' ';
}

std::string validation(const AlterTable& table, std::string_view constraint, const Context& ctx) {
  return in_case(ctx, "alter table async ") + table_text(table, ctx) +
         in_case(ctx, " validate constraint ") + std::string(constraint);
}

Note missing_table_note(const pg::AlterTableStmt& alter) {
  return {"where `" + to_sql(object_name(alter.relation())) +
          "` does not exist, the statements that the fix adds fail: remove them in that case"};
}

std::vector<Edit> remove_action(const AlterTable& table, size_t i, const Context& ctx) {
  return remove_actions(table, {i}, ctx);
}

std::vector<Edit> remove_actions(const AlterTable& table, const std::vector<size_t>& doomed,
                                 const Context& ctx) {
  if (table.actions.size() == doomed.size()) return remove_statement(ctx);
  std::vector<TokenSpan> elements;
  for (const AlterAction& action : table.actions) elements.push_back(action.tokens);
  std::vector<Edit> edits;
  for (Edit& edit : fixers::remove_elements(ctx.tokens(), elements, doomed, ctx.source().text())) {
    if (!touches_comment(ctx.tokens(), edit.range)) {
      edits.push_back(std::move(edit));
      continue;
    }
    // Comments stay.
    const std::vector<Edit> parts =
        fixers::remove_around_comments(ctx.tokens(), edit.range, ctx.source().text(), {});
    edits.insert(edits.end(), parts.begin(), parts.end());
  }
  return edits;
}

std::string in_case(const Context& ctx, std::string_view sql) {
  return match_case(ctx.tokens().text(0), sql);
}

}  // namespace dsqlint
