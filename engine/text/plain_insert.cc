// A grammar small enough to be sure of.

#include "engine/text/plain_insert.h"

#include <cctype>

#include "engine/text/dialect.h"

namespace dsqlint {
namespace {

bool is_plain_name(const Tokens& tokens, size_t i) {
  if (!tokens.is_name(i)) return false;
  if (tokens[i].kind == TokenKind::QuotedName) return tokens.text(i).size() > 2;
  return !is_reserved(downcase(tokens.text(i)));
}

/// Escapes that cannot be wrong: E'a\\n\\x1B'.
bool is_plain_escape_string(std::string_view text) {
  for (size_t i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i)) {
    const std::string_view escape = text.substr(i + 1, 3);
    if (escape.empty()) return false;
    if (escape[0] == 'x') {
      // ASCII in two digits, and no NUL.
      if (escape.size() < 3 || escape[1] < '0' || escape[1] > '7' ||
          std::isxdigit(static_cast<unsigned char>(escape[2])) == 0 || escape.substr(1) == "00") {
        return false;
      }
    } else if (std::string_view("\\nrtbf").find(escape[0]) == std::string_view::npos) {
      return false;
    }
    i += 2;
  }
  return true;
}

bool is_literal(const Tokens& tokens, size_t& i) {
  if (tokens.is_op(i, "-") || tokens.is_op(i, "+")) {
    ++i;
    if (i >= tokens.size() || tokens[i].kind != TokenKind::Number) return false;
  }
  if (i >= tokens.size()) return false;
  switch (tokens[i].kind) {
    case TokenKind::Number:
      // `0x` and the like are the parser's business, and so is what touches a number.
      for (const char c : tokens.text(i)) {
        if ((c < '0' || c > '9') && c != '.' && c != 'e' && c != '+' && c != '-') return false;
      }
      if (i + 1 < tokens.size() && tokens[i + 1].begin == tokens[i].end &&
          tokens[i + 1].kind != TokenKind::Operator) {
        return false;
      }
      break;
    case TokenKind::String:
      // Escapes can be wrong inside E'' and U&''; B'' and X'' have their own alphabets.
      if (tokens.text(i)[0] != '\'' &&
          (tokens.text(i)[0] != 'E' || !is_plain_escape_string(tokens.text(i)))) {
        return false;
      }
      break;
    case TokenKind::Word:
      if (!tokens.is(i, "null") && !tokens.is(i, "true") && !tokens.is(i, "false") &&
          !tokens.is(i, "default")) {
        return false;
      }
      break;
    default:
      return false;
  }
  ++i;
  return true;
}

}  // namespace

std::optional<uint64_t> plain_insert_rows(const Tokens& tokens) {
  if (!tokens.are(0, {"insert", "into"})) return std::nullopt;
  size_t i = 2;
  if (!is_plain_name(tokens, i)) return std::nullopt;
  ++i;
  if (tokens.is_op(i, ".")) {
    if (!is_plain_name(tokens, i + 1)) return std::nullopt;
    i += 2;
  }
  if (tokens.is_op(i, "(")) {
    do {
      ++i;
      if (!is_plain_name(tokens, i)) return std::nullopt;
      ++i;
    } while (tokens.is_op(i, ","));
    if (!tokens.is_op(i, ")")) return std::nullopt;
    ++i;
  }
  if (!tokens.is(i, "values")) return std::nullopt;
  uint64_t rows = 0;
  size_t width = 0;
  do {
    ++i;
    if (!tokens.is_op(i, "(")) return std::nullopt;
    size_t values = 0;
    do {
      ++i;
      if (!is_literal(tokens, i)) return std::nullopt;
      ++values;
    } while (tokens.is_op(i, ","));
    if (!tokens.is_op(i, ")")) return std::nullopt;
    ++i;
    if (rows != 0 && values != width) return std::nullopt;
    width = values;
    ++rows;
  } while (tokens.is_op(i, ","));
  if (tokens.are(i, {"on", "conflict", "do", "nothing"})) i += 4;
  return i == tokens.size() ? std::optional(rows) : std::nullopt;
}

}  // namespace dsqlint
