// Reading one statement, token by token.
#pragma once

#include <string>
#include <string_view>

#include "mysql/lexer.h"
#include "mysql/symbols.h"

namespace dsqlint::mysql {

/// Walks one statement's tokens. The first failure is kept, and from then on only the end is seen:
/// callers check once.
class Cursor {
 public:
  Cursor(std::string_view source, const Statement& statement, const Modes& modes)
      : source_(source), statement_(statement), modes_(modes), end_(statement.tokens.size()) {}

  size_t at() const { return at_; }
  void seek(size_t at) { at_ = at; }
  /// Reads no further than `end`.
  void limit(size_t end) { end_ = end; }
  size_t end() const { return end_; }
  /// Of the whole statement.
  size_t bytes() const { return statement_.range.size(); }
  bool done() const { return failed() || at_ >= end_; }
  const Token& peek(size_t ahead = 0) const {
    return failed_ || at_ + ahead >= end_ ? kEndToken : statement_.tokens[at_ + ahead];
  }
  std::string_view text(size_t ahead = 0) const { return slice(peek(ahead)); }
  std::string_view slice(const Token& token) const {
    return source_.substr(token.begin, token.end - token.begin);
  }
  void advance(size_t count = 1) { at_ += count; }
  bool is(std::string_view word, size_t ahead = 0) const;
  bool is_op(std::string_view op, size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return token.kind == Kind::Operator && source_[token.begin] == op[0] && slice(token) == op;
  }
  bool accept(std::string_view word);
  bool accept(std::string_view word, std::string_view second);
  bool accept_op(std::string_view op);
  void expect(std::string_view word);
  void expect_op(std::string_view op);
  /// May a name begin here?
  bool is_name(size_t ahead = 0) const;
  std::string name();
  Name object_name();
  /// The text a string token stands for.
  std::string string();
  int integer();
  /// Past the bracket that closes the one here; fails where there is none.
  void skip_brackets();
  Span brackets();
  Range range(Span span) const;
  Range range_from(size_t begin) const { return range({begin, at_}); }

  void fail(std::string message);
  void fail(std::string message, Range range, std::string_view rule = {});
  bool failed() const { return failed_; }
  const std::string& problem() const { return problem_; }
  Range problem_range() const { return problem_range_; }
  /// The rule that speaks of the failure; empty: the text could not be read.
  std::string_view problem_rule() const { return problem_rule_; }

  std::string_view source() const { return source_; }
  const Statement& statement() const { return statement_; }
  const Modes& modes() const { return modes_; }

 private:
  static constexpr Token kEndToken{};

  std::string_view source_;
  const Statement& statement_;
  const Modes& modes_;
  size_t end_;
  size_t at_ = 0;
  bool failed_ = false;
  std::string problem_;
  Range problem_range_;
  std::string_view problem_rule_;
};

}  // namespace dsqlint::mysql
