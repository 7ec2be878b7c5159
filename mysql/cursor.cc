#include "mysql/cursor.h"

#include <fmt/format.h>

#include <algorithm>

#include "mysql/values.h"

namespace dsqlint::mysql {

bool Cursor::is(std::string_view word, size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == Kind::Word && equals(slice(token), word);
}

bool Cursor::accept(std::string_view word) {
  if (!is(word)) return false;
  ++at_;
  return true;
}

bool Cursor::accept(std::string_view word, std::string_view second) {
  if (!is(word) || !is(second, 1)) return false;
  at_ += 2;
  return true;
}

bool Cursor::accept_op(std::string_view op) {
  if (!is_op(op)) return false;
  ++at_;
  return true;
}

void Cursor::expect(std::string_view word) {
  if (!accept(word)) fail(fmt::format("`{}` is expected here", word));
}

void Cursor::expect_op(std::string_view op) {
  if (!accept_op(op)) fail(fmt::format("`{}` is expected here", op));
}

bool Cursor::is_name(size_t ahead) const {
  const Token& token = peek(ahead);
  // "x" where only a name fits proves ANSI_QUOTES.
  return token.kind == Kind::Word || token.kind == Kind::Name ||
         (token.kind == Kind::String && slice(token)[0] == '"');
}

std::string Cursor::name() {
  const Token& token = peek();
  if (!is_name()) {
    fail("a name is expected here");
    return {};
  }
  ++at_;
  std::string name =
      token.kind == Kind::Word ? std::string(slice(token)) : name_bytes(slice(token));
  if (name.empty() || name.find('\0') != std::string::npos || !is_utf8(name)) {
    fail("the name is not valid in PostgreSQL", token.range());
  }
  return name;
}

Name Cursor::object_name() {
  Name name;
  const size_t begin = at_;
  name.name = this->name();
  if (is_op(".")) {
    advance();
    name.schema = std::move(name.name);
    name.name = this->name();
  }
  name.range = range_from(begin);
  return name;
}

std::string Cursor::string() {
  const Token& token = peek();
  if (token.kind != Kind::String) {
    fail("a string is expected here");
    return {};
  }
  ++at_;
  return string_bytes(slice(token), modes_);
}

int Cursor::integer() {
  const Token& token = peek();
  const std::string_view digits = slice(token);
  if (token.kind != Kind::Number || digits.size() > 9 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos) {
    fail("a number is expected here");
    return 0;
  }
  ++at_;
  return std::stoi(std::string(digits));
}

void Cursor::skip_brackets() {
  if (!is_op("(")) return fail("`(` is expected here");
  int depth = 0;
  for (; !done(); ++at_) {
    if (is_op("(")) ++depth;
    if (is_op(")") && --depth == 0) {
      ++at_;
      return;
    }
  }
  fail("a bracket is not closed", statement_.range);
}

Span Cursor::brackets() {
  const size_t begin = at_;
  skip_brackets();
  return {begin, at_};
}

Range Cursor::range(Span span) const {
  const auto& tokens = statement_.tokens;
  if (tokens.empty()) return statement_.range;
  const size_t begin = std::min(span.begin, tokens.size() - 1);
  const size_t end = std::clamp(span.end, begin + 1, tokens.size());
  return {tokens[begin].begin, tokens[end - 1].end};
}

void Cursor::fail(std::string message) {
  const Range range = at_ < end_ ? statement_.tokens[at_].range() : statement_.range;
  fail(std::move(message), range);
}

void Cursor::fail(std::string message, Range range, std::string_view rule) {
  if (failed_) return;
  failed_ = true;
  problem_ = std::move(message);
  problem_range_ = range;
  problem_rule_ = rule;
}

}  // namespace dsqlint::mysql
