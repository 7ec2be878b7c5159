// PostgreSQL's lexical rules, for exact positions: libpg_query's tree has a start byte at best.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint {

enum class TokenKind : uint8_t {
  Word,        ///< unquoted identifier or keyword
  QuotedName,  ///< "name", U&"name"
  String,      ///< 'x', E'x', B'1', X'f', N'x', U&'x', $tag$x$tag$
  Number,
  Operator,      ///< a run of operator characters, or one of , ( ) [ ] . ; : :: := =>
  Parameter,     ///< $1
  PsqlVariable,  ///< :name, :'name', :"name", :{?name}
  MetaCommand,   ///< psql's `\;`, or its \command with the arguments, to the end of the line
  Comment,       ///< -- or /* */; in Tokens they are kept apart
  Unterminated,  ///< a string, quoted name, dollar quote or comment that the end of file cut off
};

struct Token {
  uint32_t begin = 0;
  uint32_t end = 0;
  TokenKind kind = TokenKind::Word;
  Range range() const { return {begin, end}; }
};

/// Reads one token after another, and never looks back. Has views only.
class Lexer {
 public:
  Lexer(std::string_view text, uint32_t begin, uint32_t end) : text_(text), at_(begin), end_(end) {}
  /// The next token, comments included; false at the end.
  bool next(Token& token);
  uint32_t offset() const { return at_; }
  void seek(uint32_t offset) {
    at_ = offset;
    signs_end_ = 0;
  }

 private:
  void comment(Token& token);
  void quoted(Token& token, char quote, bool backslashes);
  bool dollar(Token& token);
  void number();
  void operators();
  void psql_variable(Token& token);

  std::string_view text_;
  uint32_t at_;
  uint32_t end_;
  uint32_t signs_end_ = 0;  ///< up to here each + and - is known to stand alone
};

/// Half-open range of token indexes.
struct TokenSpan {
  size_t begin = 0;
  size_t end = 0;
  bool empty() const { return begin >= end; }
  size_t size() const { return end - begin; }
};

/// Is `text` this word in any case? `lower` in lower case; ASCII only.
bool equals_ignoring_case(std::string_view text, std::string_view lower);

/// The tokens of one statement, comments kept apart. Views into the text given to it, which must
/// outlive it. Offsets are those of the whole file.
class Tokens {
 public:
  static constexpr size_t npos = static_cast<size_t>(-1);

  Tokens() = default;
  Tokens(std::string_view text, Range range) { lex(text, range); }
  /// Tokens that somebody else has read and owns.
  Tokens(std::string_view text, std::span<const Token> tokens, std::span<const Range> comments)
      : text_(text), tokens_(tokens), comments_(comments) {}
  Tokens(Tokens&&) = default;  // a moved vector keeps its elements where they are
  Tokens& operator=(Tokens&&) = default;
  /// Re-uses the vectors' memory.
  void lex(std::string_view text, Range range);

  size_t size() const { return tokens_.size(); }
  bool empty() const { return tokens_.empty(); }
  const Token& operator[](size_t i) const { return tokens_[i]; }
  std::string_view text(size_t i) const {
    return i < size() ? text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin)
                      : std::string_view();
  }
  /// The source from the first token's first byte to the last one's last, comments inside.
  std::string_view text(TokenSpan span) const;
  Range range(TokenSpan span) const;
  Range range(size_t i) const { return tokens_[i].range(); }
  TokenSpan all() const { return {0, size()}; }
  std::span<const Range> comments() const { return comments_; }

  /// Is token `i` this unquoted word? `word` in lower case.
  bool is(size_t i, std::string_view word) const {
    // Most words differ in length already.
    return i < size() && tokens_[i].end - tokens_[i].begin == word.size() &&
           tokens_[i].kind == TokenKind::Word && equals_ignoring_case(text(i), word);
  }
  /// Are the tokens from `i` on these unquoted words?
  bool are(size_t i, std::initializer_list<std::string_view> words) const;
  bool is_op(size_t i, std::string_view op) const {
    return i < size() && tokens_[i].kind == TokenKind::Operator && text(i) == op;
  }
  bool is_name(size_t i) const {
    return i < size() &&
           (tokens_[i].kind == TokenKind::Word || tokens_[i].kind == TokenKind::QuotedName);
  }
  /// The same, or a psql variable in a name's place: `:name` or `:"name"`.
  bool can_be_name(size_t i) const {
    return is_name(i) || (i < size() && tokens_[i].kind == TokenKind::PsqlVariable &&
                          text_[tokens_[i].begin + 1] != '\'');
  }
  /// The identifier at `i` as PostgreSQL stores it: in lower case, or unquoted.
  std::string name(size_t i) const;

  /// The token that begins at or contains `offset`, else the first one after it; npos past the end.
  size_t at(uint32_t offset) const;
  /// The bracket that closes the one at `open`; npos when there is none.
  size_t close(size_t open) const;
  /// The first such word in `span` that stands outside brackets opened within `span`; npos if none.
  size_t find(TokenSpan span, std::string_view word) const;
  size_t find_op(TokenSpan span, std::string_view op) const;
  /// The parts of `span` between commas outside brackets.
  std::vector<TokenSpan> split(TokenSpan span) const;
  /// Past the dotted name that begins at `i` (`a`, `a.b`, `"a"."b".c`, `:a.b`); `i` when none does.
  size_t skip_name(size_t i) const;

 private:
  std::string_view text_;
  std::span<const Token> tokens_;
  std::span<const Range> comments_;
  std::vector<Token> own_tokens_;  ///< what the spans show when `lex` has filled them
  std::vector<Range> own_comments_;
};

/// Does the range hold any byte of a comment?
bool touches_comment(const Tokens& tokens, Range range);

/// `SELECT` → `select`; ASCII only, as PostgreSQL downcases identifiers in UTF-8 databases.
std::string downcase(std::string_view identifier);
/// The name as it has to be written: bare where that reads back as the same name, else quoted.
std::string quote_identifier(std::string_view name);
/// `text` in upper case unless `sample` is written in lower case: edits follow the user's style.
/// Quoted parts keep their case.
std::string match_case(std::string_view sample, std::string_view text);

}  // namespace dsqlint
