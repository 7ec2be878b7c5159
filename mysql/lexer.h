// MySQL's lexical rules: bytes to tokens, tokens to statements, as its client and server cut them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint::mysql {

/// What `SET sql_mode` changes about reading; dumps set and restore it.
struct Modes {
  bool ansi_quotes = false;           ///< "x" is an identifier
  bool no_backslash_escapes = false;  ///< \ is an ordinary character in strings
  bool pipes_as_concat = false;       ///< || is concatenation
  bool real_as_float = false;
  bool no_auto_value_on_zero = false;  ///< 0 in an AUTO_INCREMENT column stays 0
  bool strict = true;                  ///< values that do not fit are errors
};

enum class Kind : uint8_t {
  End,
  Word,          ///< unquoted identifier or keyword; may begin with a digit
  Name,          ///< `name`, and "name" with ansi_quotes
  String,        ///< 'x', "x", N'x'
  Number,        ///< 1, 1.5, .5, 1e9
  Hex,           ///< 0x4A, x'4A'
  Bit,           ///< 0b1, b'1'
  Variable,      ///< @v, @@v, @`v`
  Operator,      ///< the longest known one, else one byte
  Unterminated,  ///< a quote that the end of file cut off
};

struct Token {
  uint32_t begin = 0;
  uint32_t end = 0;
  Kind kind = Kind::End;
  bool joined = false;  ///< nothing stands between it and the token before
  Range range() const { return {begin, end}; }
};

/// One statement's tokens. Comments are kept apart; the body of an executable comment
/// (`/*!40101 … */`) is spliced in as if the marks around it were spaces.
struct Statement {
  Range range;       ///< first token to last, without the delimiter
  uint32_t end = 0;  ///< past the delimiter
  std::vector<Token> tokens;
  std::vector<Range> comments;  ///< before and inside, in order
  bool executable = false;      ///< its first token stands inside an executable comment
  bool routine = false;         ///< a whole CREATE PROCEDURE, FUNCTION, TRIGGER or EVENT
  bool terminated = false;      ///< a delimiter follows
  bool unterminated = false;    ///< a quote or comment runs into the end of the file
  Range unclosed;               ///< BEGIN of a routine, or `/*!`, that nothing closes; else empty
  Range semicolon;              ///< that ended it although DELIMITER asks for something else
};

/// Cuts the text into statements, front to back, holding one statement at a time. Knows `DELIMITER`
/// and, without it, the BEGIN … END of routine bodies.
class Splitter {
 public:
  /// Reads from `begin` on; `text` stands at the beginning of its source.
  Splitter(std::string_view text, const Modes& modes, bool mariadb, uint32_t begin = 0)
      : text_(text),
        modes_(modes),
        mariadb_(mariadb),
        // A byte order mark is white space.
        at_(begin == 0 && text.starts_with("\xEF\xBB\xBF") ? 3 : begin) {}
  /// Fills `statement`, re-using its memory. False at the end; then `statement.comments` holds what
  /// stands after the last one.
  bool next(Statement& statement);
  /// Holds for what is read from now on.
  void set_modes(const Modes& modes) { modes_ = modes; }
  const Modes& modes() const { return modes_; }

 private:
  bool token(Token& token, Statement& statement);
  void blanks(Statement& statement);
  bool comment(Statement& statement);
  bool delimiter_here() const;
  void quoted(Token& token, char quote, bool backslashes);
  void word(Token& token);
  bool number(Token& token);
  void operators(Token& token);
  bool delimiter_command(const Statement& statement);
  bool ends_regardless(const Statement& statement) const;
  void count_blocks(const Statement& statement);
  std::string_view word_at(const Statement& statement, size_t i) const;

  std::string_view text_;
  Modes modes_;
  bool mariadb_;
  std::string delimiter_ = ";";
  uint32_t at_;
  int executable_ = 0;  ///< open executable comments
  Range executable_begin_;
  bool unterminated_ = false;
  bool routine_ = false;  ///< this statement is CREATE PROCEDURE, FUNCTION, TRIGGER or EVENT
  Range block_begin_;     ///< the first BEGIN of its body
  int blocks_ = 0;        ///< open BEGIN, CASE, IF, LOOP, REPEAT, WHILE of its body
};

/// Does `text` equal `word` (given in lower case), ASCII case aside?
bool equals(std::string_view text, std::string_view word);
std::string lower(std::string_view text);

}  // namespace dsqlint::mysql
