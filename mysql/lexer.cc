#include "mysql/lexer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dsqlint::mysql {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\0';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr std::array<bool, 256> make_words() {
  std::array<bool, 256> table = {};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 0x80; c < 256; ++c) table[static_cast<size_t>(c)] = true;
  table['_'] = table['$'] = true;
  return table;
}
constexpr std::array<bool, 256> kWords = make_words();
bool is_word(char c) { return kWords[static_cast<unsigned char>(c)]; }

}  // namespace

bool equals(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != word[i]) return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lowered;
}

bool Splitter::delimiter_here() const {
  return at_ < text_.size() && text_[at_] == delimiter_[0] &&
         (delimiter_.size() == 1 || text_.substr(at_, delimiter_.size()) == delimiter_);
}

/// One comment, or the mark that opens or closes an executable one; false where none begins.
bool Splitter::comment(Statement& statement) {
  const uint32_t begin = at_;
  const auto size = static_cast<uint32_t>(text_.size());
  const auto at = [&](uint32_t i) { return i < size ? text_[i] : '\0'; };
  if (const char c = at(begin); c != '#' && c != '-' && c != '*' && c != '/') return false;
  const auto to_line_end = [&] {
    const size_t newline = text_.find('\n', at_);
    at_ = newline == std::string_view::npos ? size : static_cast<uint32_t>(newline);
    uint32_t end = at_;
    while (end > begin && text_[end - 1] == '\r') --end;
    statement.comments.push_back({begin, end});
    return true;
  };
  if (at(begin) == '#') return to_line_end();
  if (at(begin) == '-' && at(begin + 1) == '-' &&
      (begin + 2 >= size || is_blank(at(begin + 2)) ||
       static_cast<unsigned char>(at(begin + 2)) < 0x20)) {
    return to_line_end();
  }
  // Between statements the client drops any line that begins so, `-----` and `--text`, too.
  const bool line_begins = begin == 0 || text_[begin - 1] == '\n';
  if (at(begin) == '-' && at(begin + 1) == '-' && line_begins && statement.tokens.empty()) {
    return to_line_end();
  }
  if (executable_ > 0 && at(begin) == '*' && at(begin + 1) == '/') {
    --executable_;
    at_ += 2;
    return true;
  }
  if (at(begin) != '/' || at(begin + 1) != '*') return false;
  const bool only_mariadb = at(begin + 2) == 'M' && at(begin + 3) == '!';
  if (at(begin + 2) == '!' || only_mariadb) {
    uint32_t i = begin + (only_mariadb ? 4 : 3);
    uint32_t version = 0;
    const uint32_t digits = i;
    while (i < size && is_digit(text_[i]) && i - digits < 6) {
      version = version * 10 + static_cast<uint32_t>(text_[i] - '0');
      ++i;
    }
    if (i - digits < 5) {  // no version at all: always code
      i = digits;
      version = 0;
    }
    const bool runs = version < 999999 && (mariadb_ || (!only_mariadb && version < 100000));
    if (runs) {
      if (executable_ == 0) executable_begin_ = {begin, begin + 3};
      ++executable_;
      at_ = i;
      return true;
    }
  }
  const size_t close = text_.find("*/", begin + 2);
  if (close == std::string_view::npos) {
    unterminated_ = true;
    at_ = size;
  } else {
    at_ = static_cast<uint32_t>(close) + 2;
  }
  statement.comments.push_back({begin, at_});
  return true;
}

void Splitter::blanks(Statement& statement) {
  const auto size = static_cast<uint32_t>(text_.size());
  while (at_ < size) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (delimiter_here() || !comment(statement)) {
      return;
    }
  }
}

void Splitter::quoted(Token& token, char quote, bool backslashes) {
  const auto size = static_cast<uint32_t>(text_.size());
  ++at_;
  const char escape = backslashes ? '\\' : quote;
  for (;;) {
    while (at_ < size && text_[at_] != quote && text_[at_] != escape) ++at_;
    if (at_ >= size) {
      unterminated_ = true;
      token.kind = Kind::Unterminated;
      return;
    }
    if (text_[at_] != quote) {
      at_ = std::min(size, at_ + 2);  // the backslash and what it escapes
    } else if (at_ + 1 < size && text_[at_ + 1] == quote) {
      at_ += 2;
    } else {
      ++at_;
      return;
    }
  }
}

void Splitter::word(Token& token) {
  token.kind = Kind::Word;
  // `END$$`: a delimiter made of word characters ends the word.
  const bool watch = is_word(delimiter_[0]);
  while (at_ < text_.size() && is_word(text_[at_]) &&
         !(watch && at_ > token.begin && delimiter_here())) {
    ++at_;
  }
}

/// Numbers, and words that begin with a digit; false when it is such a word.
bool Splitter::number(Token& token) {
  const auto size = static_cast<uint32_t>(text_.size());
  const auto at = [&](uint32_t i) { return i < size ? text_[i] : '\0'; };
  const auto based = [&](bool (*digit)(char), Kind kind) {
    uint32_t i = at_ + 2;
    while (i < size && digit(text_[i])) ++i;
    if (i == at_ + 2 || (i < size && is_word(text_[i]))) return false;
    at_ = i;
    token.kind = kind;
    return true;
  };
  if (at(at_) == '0' && at(at_ + 1) == 'x' && based(is_hex, Kind::Hex)) return true;
  if (at(at_) == '0' && at(at_ + 1) == 'b' &&
      based([](char c) { return c == '0' || c == '1'; }, Kind::Bit)) {
    return true;
  }
  uint32_t i = at_;
  while (i < size && is_digit(text_[i])) ++i;
  const bool whole = i > at_;
  bool exact = true;
  if (at(i) == '.') {
    exact = false;
    ++i;
    while (i < size && is_digit(text_[i])) ++i;
  }
  if (at(i) == 'e' || at(i) == 'E') {
    uint32_t k = i + 1;
    if (at(k) == '+' || at(k) == '-') ++k;
    if (is_digit(at(k))) {
      while (k < size && is_digit(text_[k])) ++k;
      if (k >= size || !is_word(text_[k])) {
        i = k;
        exact = false;
      }
    }
  }
  if (exact && whole && i < size && is_word(text_[i])) return false;  // 1abc
  at_ = i;
  token.kind = Kind::Number;
  return true;
}

void Splitter::operators(Token& token) {
  constexpr std::array<std::string_view, 13> kLong = {"<=>", "->>", ":=", "->", "<=", ">=", "<>",
                                                      "!=",  "<<",  ">>", "&&", "||", "\\N"};
  token.kind = Kind::Operator;
  const char c = text_[at_];
  if (c == ',' || c == '(' || c == ')') {
    ++at_;
    return;
  }
  for (const std::string_view op : kLong) {
    if (c == op[0] && text_.substr(at_, op.size()) == op) {
      at_ += static_cast<uint32_t>(op.size());
      return;
    }
  }
  ++at_;
}

bool Splitter::token(Token& token, Statement& statement) {
  const uint32_t before = at_;
  blanks(statement);
  if (at_ >= text_.size() || delimiter_here()) return false;
  token = {at_, at_, Kind::Operator, at_ == before};
  const char c = text_[at_];
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  const bool backslashes = !modes_.no_backslash_escapes;
  if (c == '`') {
    token.kind = Kind::Name;
    quoted(token, '`', false);
  } else if (c == '\'') {
    token.kind = Kind::String;
    quoted(token, c, backslashes);
  } else if (c == '"') {
    token.kind = modes_.ansi_quotes ? Kind::Name : Kind::String;
    quoted(token, c, backslashes && !modes_.ansi_quotes);
  } else if ((c == 'N' || c == 'n') && next == '\'') {
    ++at_;
    token.kind = Kind::String;
    quoted(token, '\'', backslashes);
  } else if ((c == 'x' || c == 'X' || c == 'b' || c == 'B') && next == '\'') {
    ++at_;
    token.kind = c == 'x' || c == 'X' ? Kind::Hex : Kind::Bit;
    quoted(token, '\'', false);
  } else if (is_digit(c) || (c == '.' && is_digit(next))) {
    // `t.1abc`: after a dot that touches, a name.
    const bool member = token.joined && !statement.tokens.empty() &&
                        text_[statement.tokens.back().begin] == '.' &&
                        statement.tokens.back().kind == Kind::Operator;
    if (member || !number(token)) word(token);
  } else if (is_word(c)) {
    word(token);
  } else if (c == '@') {
    token.kind = Kind::Variable;
    ++at_;
    if (at_ < text_.size() && text_[at_] == '@') ++at_;
    if (at_ < text_.size() && (text_[at_] == '`' || text_[at_] == '\'' || text_[at_] == '"')) {
      const char quote = text_[at_];
      quoted(token, quote, quote != '`' && backslashes);
    } else {
      while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.')) ++at_;
    }
  } else {
    operators(token);
  }
  token.end = at_;
  return true;
}

std::string_view Splitter::word_at(const Statement& statement, size_t i) const {
  if (i >= statement.tokens.size() || statement.tokens[i].kind != Kind::Word) return {};
  const Token& token = statement.tokens[i];
  return text_.substr(token.begin, token.end - token.begin);
}

/// `DELIMITER //`: the rest of the line is what ends statements from here on.
bool Splitter::delimiter_command(const Statement& statement) {
  if (statement.tokens.size() != 1 || !equals(word_at(statement, 0), "delimiter")) return false;
  size_t begin = statement.tokens[0].end;
  size_t end = std::min(text_.find('\n', begin), text_.size());
  at_ = static_cast<uint32_t>(end);
  while (begin < end && is_blank(text_[begin])) ++begin;
  while (end > begin && is_blank(text_[end - 1])) --end;
  // The client reads up to the first blank.
  for (size_t i = begin; i < end; ++i) {
    if (is_blank(text_[i])) end = i;
  }
  if (end > begin) delimiter_ = std::string(text_.substr(begin, end - begin));
  return true;
}

/// Does the `;` just read end a statement although the delimiter is another? It does where no body
/// can hold it: `DROP PROCEDURE p; //`, and where DELIMITER was never set back.
bool Splitter::ends_regardless(const Statement& statement) const {
  if (delimiter_ == ";" || routine_ || text_[statement.tokens.back().begin] != ';') return false;
  const std::string_view first = word_at(statement, 0);
  for (const std::string_view word :
       {"begin", "case", "declare", "for", "if", "loop", "repeat", "while"}) {
    if (equals(first, word)) return false;
  }
  return statement.tokens.size() < 2 || statement.tokens[1].kind != Kind::Operator ||
         text_[statement.tokens[1].begin] != ':';
}

/// Keeps `blocks_` for the token just read.
void Splitter::count_blocks(const Statement& statement) {
  const size_t last = statement.tokens.size() - 1;
  const std::string_view word = word_at(statement, last);
  if (word.empty()) return;
  if (!routine_) {
    if (last > 8 || !equals(word_at(statement, 0), "create")) return;
    // CREATE [DEFINER = u@h] [AGGREGATE] PROCEDURE …
    for (const std::string_view kind : {"procedure", "function", "trigger", "event"}) {
      if (equals(word, kind)) routine_ = true;
    }
    for (const std::string_view kind : {"table", "view", "index", "database", "schema"}) {
      if (equals(word, kind)) return;
    }
    return;
  }
  const std::string_view before = last == 0 ? std::string_view() : word_at(statement, last - 1);
  const Token* previous = last == 0 ? nullptr : &statement.tokens[last - 1];
  if (equals(before, "end") &&
      (equals(word, "if") || equals(word, "case") || equals(word, "loop") ||
       equals(word, "repeat") || equals(word, "while"))) {
    return;  // the END has been counted
  }
  const bool opens_statement =
      previous != nullptr &&
      (text_[previous->begin] == ';' || text_[previous->begin] == ':' || equals(before, "begin") ||
       equals(before, "then") || equals(before, "else") || equals(before, "do") ||
       equals(before, "loop") || equals(before, "repeat") || text_[previous->begin] == ')');
  if (equals(word, "begin") || equals(word, "case")) {
    if (blocks_ == 0) block_begin_ = statement.tokens[last].range();
    ++blocks_;
  } else if (equals(word, "end")) {
    blocks_ = std::max(0, blocks_ - 1);
  } else if (blocks_ > 0 && opens_statement &&
             (equals(word, "if") || equals(word, "loop") || equals(word, "while") ||
              equals(word, "repeat"))) {
    ++blocks_;
  }
}

bool Splitter::next(Statement& statement) {
  statement.tokens.clear();
  statement.comments.clear();
  statement.executable = statement.terminated = statement.unterminated = false;
  statement.semicolon = {};
  routine_ = false;
  blocks_ = 0;
  unterminated_ = false;
  for (;;) {
    Token token;
    if (this->token(token, statement)) {
      if (statement.tokens.empty()) statement.executable = executable_ > 0;
      statement.tokens.push_back(token);
      if (token.kind == Kind::Word) {
        if (delimiter_command(statement)) {
          statement.tokens.clear();
          continue;
        }
        count_blocks(statement);
      } else if (token.kind == Kind::Operator && ends_regardless(statement)) {
        statement.tokens.pop_back();
        uint32_t i = at_;
        while (i < text_.size() && is_blank(text_[i])) ++i;
        const bool both = text_.substr(i, delimiter_.size()) == delimiter_;
        if (both) at_ = i + static_cast<uint32_t>(delimiter_.size());
        if (statement.tokens.empty()) continue;
        if (!both && i < text_.size()) statement.semicolon = token.range();
        statement.terminated = true;
        break;
      }
      continue;
    }
    if (at_ >= text_.size()) break;
    const bool inside = delimiter_ == ";" && routine_ && blocks_ > 0;
    if (inside) {
      statement.tokens.push_back({at_, at_ + 1, Kind::Operator, false});
      ++at_;
      continue;
    }
    at_ += static_cast<uint32_t>(delimiter_.size());
    if (statement.tokens.empty()) continue;  // an empty statement
    statement.terminated = true;
    break;
  }
  statement.unterminated = unterminated_;
  statement.unclosed = {};
  if (at_ >= text_.size()) {
    if (executable_ > 0) {
      statement.unclosed = executable_begin_;
      executable_ = 0;
    } else if (routine_ && blocks_ > 0 && !statement.terminated) {
      statement.unclosed = block_begin_;
    }
  }
  statement.end = at_;
  statement.routine = routine_ && statement.unclosed.empty();
  if (statement.tokens.empty()) return false;
  statement.range = {statement.tokens.front().begin, statement.tokens.back().end};
  return true;
}

}  // namespace dsqlint::mysql
