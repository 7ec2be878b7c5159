#include "fixers/fixers.h"

#include <algorithm>

namespace dsqlint::fixers {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
/// Where the text of a file ends: its line does, too.
bool ends_line(char c) { return c == '\n' || c == kBetweenFiles; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
/// May a word end before it without growing together with what comes?
bool parts_words(char c) {
  return is_space(c) || c == ',' || c == ')' || c == ';' || c == kBetweenFiles;
}

/// Of a line or a text without line breaks, this much is looked at for the layout: it is looked at
/// for each of its findings.
constexpr size_t kLayoutBytes = size_t{64} << 10;

/// Back over the spaces before `offset`.
uint32_t before_blanks(std::string_view text, uint32_t offset) {
  while (offset > 0 && is_blank(text[offset - 1])) --offset;
  return offset;
}

/// Is the line that ends before `begin` empty? `begin` is a line's.
bool empty_line_before(std::string_view text, uint32_t begin) {
  if (begin < 2 || text[begin - 1] == kBetweenFiles) return begin == 0 || text[begin - 1] != '\n';
  uint32_t end = begin - 1;
  if (text[end - 1] == '\r') --end;
  const uint32_t blanks = before_blanks(text, end);
  return blanks == 0 || ends_line(text[blanks - 1]);
}

/// Past the line break when only spaces stand between `offset` and it; else `offset`.
uint32_t past_line_end(std::string_view text, uint32_t offset) {
  uint32_t i = offset;
  while (i < text.size() && is_blank(text[i])) ++i;
  if (i == text.size() || text[i] == kBetweenFiles) return i;
  if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  return text[i] == '\n' ? i + 1 : offset;
}

/// The bytes to delete for [begin, end): with the spaces before it, and, when the line would be
/// left empty, with its line break.
Range with_blanks(std::string_view text, Range range) {
  const uint32_t begin = before_blanks(text, range.begin);
  if (begin > 0 && !ends_line(text[begin - 1])) return {begin, range.end};
  const uint32_t past = past_line_end(text, range.end);
  if (past > range.end && text[past - 1] == '\n') {
    // The whole line goes, its end included.
    return {begin, past};
  }
  uint32_t end = range.end;
  while (end < text.size() && is_blank(text[end])) ++end;
  return {range.begin, end};
}

/// What separates the statements that Drizzle sends one by one.
constexpr std::string_view kBreakpoint = "--> statement-breakpoint";

/// The `--` comment that follows on the same line; empty when there is none.
Range line_comment(std::string_view text, uint32_t offset) {
  uint32_t begin = offset;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  if (!text.substr(begin).starts_with("--")) return {offset, offset};
  uint32_t end = begin;
  while (end < text.size() && !ends_line(text[end]) && text[end] != '\r') ++end;
  return {begin, end};
}

bool ends_with_breakpoint(std::string_view text, uint32_t end) {
  while (end > 0 && is_space(text[end - 1])) --end;
  return text.substr(0, end).ends_with(kBreakpoint);
}

}  // namespace

std::string_view line_break(std::string_view text) {
  const size_t newline = text.substr(0, kLayoutBytes).find('\n');
  return newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r' ? "\r\n"
                                                                                       : "\n";
}

std::string_view indentation(std::string_view text, uint32_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t from = before.size() - std::min(before.size(), kLayoutBytes);
  constexpr char kEnds[] = {'\n', kBetweenFiles};
  const size_t newline = before.substr(from).find_last_of(std::string_view(kEnds, sizeof kEnds));
  if (newline == std::string_view::npos && from > 0) return {};
  const std::string_view line =
      before.substr(newline == std::string_view::npos ? 0 : from + newline + 1);
  const auto end = std::find_if_not(line.begin(), line.end(), is_blank);
  return line.substr(0, static_cast<size_t>(end - line.begin()));
}

Edit replace(Range range, std::string text) { return {range, std::move(text)}; }

Edit replace(const Tokens& tokens, TokenSpan span, std::string text) {
  return {tokens.range(span), std::move(text)};
}

Edit insert_before(const Tokens& tokens, size_t token, std::string text) {
  const uint32_t at = tokens[token].begin;
  return {{at, at}, std::move(text)};
}

Edit insert_after(const Tokens& tokens, size_t token, std::string text, uint8_t rank) {
  const uint32_t at = tokens[token].end;
  return {{at, at}, std::move(text), rank};
}

Edit remove(const Tokens& tokens, TokenSpan span, std::string_view text) {
  const Range range = with_blanks(text, tokens.range(span));
  // Two words must not grow together: `a/**/COLLATE x/**/b` keeps what is between them.
  const bool glued = range.begin > 0 && range.end < text.size() &&
                     !is_space(text[range.begin - 1]) && text[range.begin - 1] != kBetweenFiles &&
                     !parts_words(text[range.end]);
  return {range, glued ? " " : ""};
}

Edit remove_clause(const Tokens& tokens, TokenSpan span, std::string_view text) {
  const Range own = tokens.range(span);
  if (span.begin == 0) return remove(tokens, span, text);
  const uint32_t begin = tokens[span.begin - 1].end;
  if (touches_comment(tokens, {begin, own.begin})) return remove(tokens, span, text);
  const bool glued = own.end < text.size() && !parts_words(text[own.end]);
  return {{begin, own.end}, glued ? " " : ""};
}

std::vector<Edit> remove_elements(const Tokens& tokens, const std::vector<TokenSpan>& elements,
                                  const std::vector<size_t>& doomed, std::string_view text) {
  std::vector<Edit> edits;
  std::vector<bool> is_doomed(elements.size(), false);
  for (const size_t i : doomed) is_doomed[i] = true;
  // The first element that stays; commas before it go, later ones go with the element after them.
  size_t first_kept = 0;
  while (first_kept < elements.size() && is_doomed[first_kept]) ++first_kept;
  for (const size_t i : doomed) {
    TokenSpan span = elements[i];
    if (i < first_kept) {
      if (i + 1 < elements.size()) span.end = elements[i + 1].begin;  // with the comma after
    } else {
      span.begin = elements[i - 1].end;  // with the comma before
      const Range comma = with_blanks(text, tokens.range(span.begin));
      const Range body = with_blanks(text, tokens.range(elements[i]));
      const Range between{tokens[span.begin].end, tokens[elements[i].begin].begin};
      if (touches_comment(tokens, between)) {
        edits.push_back({{tokens[span.begin].begin, comma.end}, ""});
        edits.push_back({body, ""});
        continue;
      }
      edits.push_back({{tokens[span.begin].begin, tokens.range(elements[i]).end}, ""});
      continue;
    }
    edits.push_back({with_blanks(text, tokens.range(span)), ""});
  }
  return edits;
}

Edit append_element(const Tokens& tokens, size_t open, size_t close, std::string_view element,
                    std::string_view text) {
  const size_t last = close - 1;
  uint32_t at = tokens[last].end;
  const bool own_lines =
      text.substr(tokens[open].end, tokens[open + 1].begin - tokens[open].end).find('\n') !=
      std::string_view::npos;
  // A comment after the last element on its line is about it, and stays beside it.
  bool leading_comma = false;
  for (const Range comment : tokens.comments()) {
    if (comment.begin < at || comment.end > tokens[close].begin) continue;
    if (text.substr(at, comment.begin - at).find('\n') != std::string_view::npos) break;
    at = comment.end;
    leading_comma = text[comment.begin] == '-';
  }
  std::string added;
  if (leading_comma) {
    added += line_break(text);
    added += indentation(text, tokens[last].begin);
    if (last != open) added += ", ";
  } else {
    if (last != open) added += ',';
    if (own_lines) {
      added += line_break(text);
      added += indentation(text, tokens[open + 1].begin);
    } else if (last != open) {
      added += ' ';
    }
  }
  added += element;
  return {{at, at}, std::move(added), 1};
}

Edit remove_statement(const SourceFile& source, const Statement& statement) {
  const std::string_view text = source.text();
  Range range{statement.range.begin, statement.end};
  const uint32_t line = before_blanks(text, range.begin);
  if (line > 0 && !ends_line(text[line - 1])) return {with_blanks(text, range), ""};
  const uint32_t past = past_line_end(text, range.end);
  const bool last = past == text.size() || text[past] == kBetweenFiles;
  if (past == range.end && !last) return {with_blanks(text, range), ""};
  range = {line, past};
  // One of the empty lines around it is removed with it.
  const uint32_t next = past_line_end(text, range.end);
  if (empty_line_before(text, line) && next > range.end) range.end = next;
  return {range, ""};
}

Edit insert_statements_after(const SourceFile& source, const Statement& statement,
                             const std::vector<std::string>& statements) {
  const std::string_view text = source.text();
  std::string line(line_break(text));
  line += indentation(text, statement.range.begin);
  const bool unterminated = !statement.semicolon && statement.end == statement.range.end;
  uint32_t at = statement.end;
  const Range remark = line_comment(text, at);
  const bool marked = text.substr(remark.begin, kBreakpoint.size()) == kBreakpoint;
  const bool follows_mark = !marked && ends_with_breakpoint(text, statement.range.begin);
  // A remark after the statement stays with it.
  if (!unterminated && !follows_mark && !remark.empty()) at = remark.end;
  std::string added;
  for (const std::string& sql : statements) {
    if (unterminated) added += ';';
    if (follows_mark) added += kBreakpoint;
    added += line;
    for (const char c : sql) {
      if (c == '\n') {
        added += line;
      } else {
        added += c;
      }
    }
    if (!unterminated) added += ';';
    if (marked && !unterminated) added += kBreakpoint;
  }
  return {{at, at}, std::move(added), 2};
}

Edit insert_statements_before(const SourceFile& source, const Statement& statement,
                              const std::vector<std::string>& statements) {
  const std::string_view text = source.text();
  const uint32_t at = statement.range.begin;
  const bool marked =
      text.substr(line_comment(text, statement.end).begin, kBreakpoint.size()) == kBreakpoint ||
      ends_with_breakpoint(text, at);
  std::string added;
  for (const std::string& sql : statements) {
    added += sql;
    added += ';';
    if (marked) added += kBreakpoint;
    added += line_break(text);
    added += indentation(text, at);
  }
  return {{at, at}, std::move(added)};
}

std::vector<Edit> remove_around_comments(const Tokens& tokens, Range range, std::string_view text,
                                         std::span<const Range> spent) {
  std::vector<Edit> edits;
  uint32_t at = range.begin;
  const auto remove_until = [&](uint32_t end) {
    while (end > at && is_space(text[end - 1])) --end;
    while (at < end && is_space(text[at])) ++at;
    if (at < end) edits.push_back({with_blanks(text, {at, end}), ""});
  };
  const std::span<const Range> comments = tokens.comments();
  auto next = std::partition_point(comments.begin(), comments.end(),
                                   [&](Range comment) { return comment.begin < range.begin; });
  for (; next != comments.end() && next->end <= range.end; ++next) {
    const Range comment = *next;
    const auto contains = [&](Range moved) { return moved.contains(comment); };
    if (std::any_of(spent.begin(), spent.end(), contains)) continue;
    remove_until(comment.begin);
    at = comment.end;
  }
  remove_until(range.end);
  return edits;
}

std::vector<Edit> remove_statement_around_comments(const SourceFile& source,
                                                   const Statement& statement, const Tokens& tokens,
                                                   std::span<const Range> spent) {
  const std::string_view text = source.text();
  const Range terminator{statement.range.end, statement.end};
  const Tokens tail(text, terminator);
  std::vector<Edit> edits;
  if (tail.comments().empty()) {
    edits =
        remove_around_comments(tokens, Range{statement.range.begin, statement.end}, text, spent);
  } else {
    edits = remove_around_comments(tokens, statement.range, text, spent);
    const std::vector<Edit> end = remove_around_comments(tail, terminator, text, {});
    edits.insert(edits.end(), end.begin(), end.end());
  }
  if (edits.size() <= 1) return {remove_statement(source, statement)};
  return edits;
}

std::vector<Edit> remove_around_comments(const Tokens& tokens, TokenSpan span,
                                         std::string_view text, std::span<const Range> spent) {
  const Range range = tokens.range(span);
  if (!touches_comment(tokens, range)) return {remove(tokens, span, text)};
  std::vector<Edit> edits = remove_around_comments(tokens, range, text, spent);
  if (edits.size() <= 1) return {remove(tokens, span, text)};
  return edits;
}

std::vector<Edit> replace_around_comments(const Tokens& tokens, TokenSpan span, std::string text,
                                          std::string_view source, std::span<const Range> spent) {
  const Range range = tokens.range(span);
  std::vector<Edit> edits;
  if (touches_comment(tokens, range)) {
    edits = remove_around_comments(tokens, range, source, spent);
  }
  if (edits.size() <= 1) return {{range, std::move(text)}};
  // What follows the first stretch is a comment, with its spaces.
  uint32_t end = edits.front().range.end;
  while (end > range.begin && is_blank(source[end - 1])) --end;
  edits.front() = {{range.begin, end}, std::move(text)};
  return edits;
}

Edit insert_statement_after(const SourceFile& source, const Statement& statement,
                            std::string_view sql) {
  return insert_statements_after(source, statement, {std::string(sql)});
}

std::vector<Edit> split_statement(const SourceFile& source, const Tokens& tokens,
                                  const std::vector<TokenSpan>& elements,
                                  std::string_view opening) {
  const std::string_view text = source.text();
  std::string cut(";");
  cut += line_break(text);
  cut += indentation(text, tokens[0].begin);
  cut += opening;
  std::vector<Edit> edits;
  for (size_t i = 0; i + 1 < elements.size(); ++i) {
    const Token& comma = tokens[elements[i].end];
    const uint32_t next = tokens[elements[i + 1].begin].begin;
    if (touches_comment(tokens, {comma.end, next})) {
      edits.push_back({comma.range(), ";"});
      edits.push_back({{next, next}, std::string(opening)});
    } else {
      edits.push_back({{comma.begin, next}, cut});
    }
  }
  return edits;
}

}  // namespace dsqlint::fixers
