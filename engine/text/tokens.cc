// The lexer. Rules after PostgreSQL's scan.l and psql's psqlscan.l.

#include "engine/text/tokens.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dsqlint {
namespace {

enum Class : uint8_t { kOther = 0, kSpace = 1, kIdentStart = 2, kDigit = 4, kOperator = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table = {};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = kIdentStart;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = kIdentStart;
  for (int c = 128; c < 256; ++c) table[static_cast<size_t>(c)] = kIdentStart;
  table['_'] = kIdentStart;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = kDigit;
  for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) {
    table[static_cast<unsigned char>(c)] = kSpace;
  }
  for (const char c :
       {'~', '!', '@', '#', '^', '&', '|', '`', '?', '+', '-', '*', '/', '%', '<', '>', '='}) {
    table[static_cast<unsigned char>(c)] = kOperator;
  }
  return table;
}

constexpr std::array<uint8_t, 256> kClasses = make_classes();

uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }
bool is_ident(char c) { return (class_of(c) & (kIdentStart | kDigit)) != 0 || c == '$'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

}  // namespace

bool Lexer::next(Token& token) {
  const std::string_view text = text_;
  while (at_ < end_ && (class_of(text[at_]) & kSpace) != 0) ++at_;
  if (at_ >= end_) return false;
  const char c = text[at_];
  // A byte order mark at the start of a file is white space to everybody but the parser.
  if (c == '\xEF' && (at_ == 0 || text[at_ - 1] == kBetweenFiles) &&
      text.substr(at_).starts_with("\xEF\xBB\xBF")) {
    at_ += 3;
    return next(token);
  }
  const char following = at_ + 1 < end_ ? text[at_ + 1] : '\0';
  token.begin = at_;

  if ((class_of(c) & kIdentStart) != 0) {
    if (following == '\'') {
      const char prefix = lower(c);
      if (prefix == 'e' || prefix == 'b' || prefix == 'x' || prefix == 'n') {
        ++at_;
        quoted(token, '\'', prefix == 'e');
        return true;
      }
    }
    if (lower(c) == 'u' && following == '&' && at_ + 2 < end_ &&
        (text[at_ + 2] == '\'' || text[at_ + 2] == '"')) {
      at_ += 2;
      quoted(token, text[at_], false);
      return true;
    }
    while (at_ < end_ && is_ident(text[at_])) ++at_;
    token.kind = TokenKind::Word;
    token.end = at_;
    return true;
  }
  switch (c) {
    case '\'':
    case '"':
      quoted(token, c, false);
      return true;
    case '$':
      if (dollar(token)) return true;
      break;
    case '-':
      if (following == '-') {
        comment(token);
        return true;
      }
      break;
    case '/':
      if (following == '*') {
        comment(token);
        return true;
      }
      break;
    case '\\': {
      token.kind = TokenKind::MetaCommand;
      if (following == ';') {
        token.end = at_ += 2;
        return true;
      }
      const void* newline = std::memchr(text.data() + at_, '\n', end_ - at_);
      at_ = newline == nullptr
                ? end_
                : static_cast<uint32_t>(static_cast<const char*>(newline) - text.data());
      token.end = at_;
      while (token.end > token.begin + 1 && (class_of(text[token.end - 1]) & kSpace) != 0) {
        --token.end;
      }
      return true;
    }
    case ':':
      psql_variable(token);
      return true;
    case '.':
      if ((class_of(following) & kDigit) == 0) break;
      [[fallthrough]];
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      number();
      token.kind = TokenKind::Number;
      token.end = at_;
      return true;
    default:
      break;
  }
  token.kind = TokenKind::Operator;
  if ((class_of(c) & kOperator) != 0) {
    operators();
  } else {
    ++at_;
  }
  token.end = at_;
  return true;
}

void Lexer::comment(Token& token) {
  token.kind = TokenKind::Comment;
  if (text_[at_] == '-') {
    const void* newline = std::memchr(text_.data() + at_, '\n', end_ - at_);
    at_ = newline == nullptr
              ? end_
              : static_cast<uint32_t>(static_cast<const char*>(newline) - text_.data());
    // A lone CR ends the comment, too.
    const void* cr = std::memchr(text_.data() + token.begin, '\r', at_ - token.begin);
    if (cr != nullptr) at_ = static_cast<uint32_t>(static_cast<const char*>(cr) - text_.data());
    token.end = at_;
    return;
  }
  uint32_t depth = 0;
  while (at_ < end_) {
    if (text_[at_] == '/' && at_ + 1 < end_ && text_[at_ + 1] == '*') {
      ++depth;
      at_ += 2;
    } else if (text_[at_] == '*' && at_ + 1 < end_ && text_[at_ + 1] == '/') {
      at_ += 2;
      if (--depth == 0) break;
    } else {
      ++at_;
    }
  }
  token.end = at_;
  if (depth != 0) token.kind = TokenKind::Unterminated;
}

void Lexer::quoted(Token& token, char quote, bool backslashes) {
  token.kind = quote == '"' ? TokenKind::QuotedName : TokenKind::String;
  ++at_;
  for (;;) {
    if (backslashes) {
      while (at_ < end_ && text_[at_] != quote && text_[at_] != '\\') ++at_;
      if (at_ < end_ && text_[at_] == '\\') {
        at_ = std::min(at_ + 2, end_);
        continue;
      }
    } else {
      const void* found = std::memchr(text_.data() + at_, quote, end_ - at_);
      at_ = found == nullptr
                ? end_
                : static_cast<uint32_t>(static_cast<const char*>(found) - text_.data());
    }
    if (at_ >= end_) {
      at_ = end_;
      token.kind = TokenKind::Unterminated;
      break;
    }
    ++at_;
    if (at_ < end_ && text_[at_] == quote) {
      ++at_;
      continue;
    }
    break;
  }
  token.end = at_;
}

/// `$1`, `$$…$$` or `$tag$…$tag$`; false when the dollar is none of these.
bool Lexer::dollar(Token& token) {
  uint32_t i = at_ + 1;
  if (i < end_ && (class_of(text_[i]) & kDigit) != 0) {
    while (i < end_ && (class_of(text_[i]) & kDigit) != 0) ++i;
    at_ = i;
    token.kind = TokenKind::Parameter;
    token.end = at_;
    return true;
  }
  if (i < end_ && (class_of(text_[i]) & kIdentStart) != 0) {
    while (i < end_ && text_[i] != '$' && is_ident(text_[i])) ++i;
  }
  if (i >= end_ || text_[i] != '$') return false;
  const std::string_view tag = text_.substr(at_, i + 1 - at_);
  const size_t close = text_.substr(0, end_).find(tag, i + 1);
  token.kind = TokenKind::String;
  if (close == std::string_view::npos) {
    at_ = end_;
    token.kind = TokenKind::Unterminated;
  } else {
    at_ = static_cast<uint32_t>(close + tag.size());
  }
  token.end = at_;
  return true;
}

void Lexer::number() {
  const auto digits = [&] {
    while (at_ < end_ && ((class_of(text_[at_]) & kDigit) != 0 || text_[at_] == '_')) ++at_;
  };
  if (text_[at_] == '0' && at_ + 2 < end_) {
    const char base = lower(text_[at_ + 1]);
    if (base == 'x' || base == 'o' || base == 'b') {
      const uint32_t start = at_;
      at_ += 2;
      while (at_ < end_ &&
             (std::isxdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
        ++at_;
      }
      if (at_ > start + 2) return;
      at_ = start;
    }
  }
  digits();
  // `1..10` is a range in PL/pgSQL: the dots are not the number's.
  if (at_ < end_ && text_[at_] == '.' && !(at_ + 1 < end_ && text_[at_ + 1] == '.')) {
    ++at_;
    digits();
  }
  if (at_ < end_ && lower(text_[at_]) == 'e') {
    uint32_t i = at_ + 1;
    if (i < end_ && (text_[i] == '+' || text_[i] == '-')) ++i;
    if (i < end_ && (class_of(text_[i]) & kDigit) != 0) {
      at_ = i;
      digits();
    }
  }
}

/// The longest operator, cut before a comment; a trailing + or - belongs to the operator only
/// beside one of ~ ! @ # % ^ & | ` ?
void Lexer::operators() {
  if (at_ < signs_end_) {
    ++at_;
    return;
  }
  const uint32_t start = at_;
  bool odd = false;
  while (at_ < end_ && (class_of(text_[at_]) & kOperator) != 0) {
    const char following = at_ + 1 < end_ ? text_[at_ + 1] : '\0';
    if (at_ > start &&
        ((text_[at_] == '-' && following == '-') || (text_[at_] == '/' && following == '*'))) {
      break;
    }
    odd = odd || std::string_view("~!@#%^&|`?").find(text_[at_]) != std::string_view::npos;
    ++at_;
  }
  signs_end_ = at_;
  while (!odd && at_ > start + 1 && (text_[at_ - 1] == '+' || text_[at_ - 1] == '-')) --at_;
}

/// `::`, `:=`, a lone `:`, or one of psql's variables.
void Lexer::psql_variable(Token& token) {
  const auto char_at = [&](uint32_t i) { return i < end_ ? text_[i] : '\0'; };
  token.kind = TokenKind::Operator;
  const char c = char_at(at_ + 1);
  if (c == ':' || c == '=') {
    at_ += 2;
  } else if ((class_of(c) & (kIdentStart | kDigit)) != 0) {
    ++at_;
    while (at_ < end_ && (class_of(text_[at_]) & (kIdentStart | kDigit)) != 0) ++at_;
    token.kind = TokenKind::PsqlVariable;
  } else if (c == '\'' || c == '"') {
    uint32_t i = at_ + 2;
    while (i < end_ && (class_of(text_[i]) & (kIdentStart | kDigit)) != 0) ++i;
    if (i > at_ + 2 && char_at(i) == c) {
      at_ = i + 1;
      token.kind = TokenKind::PsqlVariable;
    } else {
      ++at_;
    }
  } else if (c == '{' && char_at(at_ + 2) == '?') {
    uint32_t i = at_ + 3;
    while (i < end_ && (class_of(text_[i]) & (kIdentStart | kDigit)) != 0) ++i;
    if (char_at(i) == '}') {
      at_ = i + 1;
      token.kind = TokenKind::PsqlVariable;
    } else {
      ++at_;
    }
  } else {
    ++at_;
  }
  token.end = at_;
}

void Tokens::lex(std::string_view text, Range range) {
  text_ = text;
  own_tokens_.clear();
  own_comments_.clear();
  Lexer lexer(text, range.begin, range.end);
  Token token;
  while (lexer.next(token)) {
    if (token.kind == TokenKind::Comment) {
      own_comments_.push_back(token.range());
    } else {
      own_tokens_.push_back(token);
    }
  }
  tokens_ = own_tokens_;
  comments_ = own_comments_;
}

std::string_view Tokens::text(TokenSpan span) const {
  const Range r = range(span);
  return text_.substr(r.begin, r.end - r.begin);
}

Range Tokens::range(TokenSpan span) const {
  if (span.empty() || span.begin >= size()) {
    const uint32_t end = tokens_.empty() ? 0 : tokens_.back().end;
    const uint32_t at = span.begin < size() ? tokens_[span.begin].begin : end;
    return {at, at};
  }
  return {tokens_[span.begin].begin, tokens_[std::min(span.end, size()) - 1].end};
}

bool Tokens::are(size_t i, std::initializer_list<std::string_view> words) const {
  return std::all_of(words.begin(), words.end(),
                     [&](std::string_view word) { return is(i++, word); });
}

std::string Tokens::name(size_t i) const {
  if (i >= size()) return {};
  std::string_view raw = text(i);
  if (tokens_[i].kind != TokenKind::QuotedName) return downcase(raw);
  raw.remove_prefix(raw.find('"') + 1);
  if (!raw.empty() && raw.back() == '"') raw.remove_suffix(1);
  std::string name;
  name.reserve(raw.size());
  for (size_t k = 0; k < raw.size(); ++k) {
    name += raw[k];
    if (raw[k] == '"') ++k;
  }
  return name;
}

size_t Tokens::at(uint32_t offset) const {
  const auto found = std::partition_point(tokens_.begin(), tokens_.end(),
                                          [&](const Token& t) { return t.end <= offset; });
  return found == tokens_.end() ? npos : static_cast<size_t>(found - tokens_.begin());
}

size_t Tokens::close(size_t open) const {
  size_t depth = 0;
  for (size_t i = open; i < size(); ++i) {
    if (tokens_[i].kind != TokenKind::Operator) continue;
    const char c = text_[tokens_[i].begin];
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && --depth == 0) return i;
  }
  return npos;
}

size_t Tokens::find(TokenSpan span, std::string_view word) const {
  size_t depth = 0;
  for (size_t i = span.begin; i < std::min(span.end, size()); ++i) {
    if (tokens_[i].kind == TokenKind::Operator) {
      const char c = text_[tokens_[i].begin];
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && depth > 0) --depth;
    } else if (depth == 0 && is(i, word)) {
      return i;
    }
  }
  return npos;
}

size_t Tokens::find_op(TokenSpan span, std::string_view op) const {
  size_t depth = 0;
  for (size_t i = span.begin; i < std::min(span.end, size()); ++i) {
    if (tokens_[i].kind != TokenKind::Operator) continue;
    if (depth == 0 && text(i) == op) return i;
    const char c = text_[tokens_[i].begin];
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && depth > 0) --depth;
  }
  return npos;
}

std::vector<TokenSpan> Tokens::split(TokenSpan span) const {
  std::vector<TokenSpan> parts;
  size_t depth = 0;
  size_t begin = span.begin;
  const size_t end = std::min(span.end, size());
  for (size_t i = span.begin; i < end; ++i) {
    if (tokens_[i].kind != TokenKind::Operator) continue;
    const char c = text_[tokens_[i].begin];
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && depth > 0) --depth;
    if (c == ',' && depth == 0) {
      parts.push_back({begin, i});
      begin = i + 1;
    }
  }
  if (begin < end) parts.push_back({begin, end});
  return parts;
}

size_t Tokens::skip_name(size_t i) const {
  if (!can_be_name(i)) return i;
  ++i;
  while (is_op(i, ".") && can_be_name(i + 1)) i += 2;
  return i;
}

bool touches_comment(const Tokens& tokens, Range range) {
  return std::any_of(tokens.comments().begin(), tokens.comments().end(), [&](Range comment) {
    return comment.begin < range.end && range.begin < comment.end;
  });
}

std::string downcase(std::string_view identifier) {
  std::string lowered(identifier);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

std::string match_case(std::string_view sample, std::string_view text) {
  const bool keep = std::any_of(sample.begin(), sample.end(),
                                [](char c) { return lower(c) == c && upper(c) != c; });
  std::string result(text);
  char quote = '\0';
  for (char& c : result) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else {
      c = keep ? lower(c) : upper(c);
    }
  }
  return result;
}

}  // namespace dsqlint
