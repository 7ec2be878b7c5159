#include "rules/shared/table_uses.h"

#include <algorithm>
#include <array>

#include "engine/text/statements.h"
#include "engine/text/tokens.h"
#include "rules/shared/words.h"

namespace dsqlint {
namespace {

/// Calls `visit(token)` for all tokens of a file but comments and the data of COPY.
template <typename Visit>
void each_token(const SourceFile& source, Visit&& visit) {
  constexpr uint32_t kBatch = 1 << 20;
  Splitter splitter(source);
  StatementBatch batch;
  while (splitter.next(batch, kBatch)) {
    for (const Token& token : batch.tokens) visit(token);
  }
}

/// As PostgreSQL stores it where it is a name.
std::string word_of(std::string_view text, const Token& token) {
  const std::string_view word = text.substr(token.begin, token.end - token.begin);
  if (token.kind != TokenKind::QuotedName) return downcase(word);
  const size_t open = word.find('"') + 1;
  return std::string(word.substr(open, word.size() - open - 1));
}

/// The words, quoted names and single characters of a string, whose language is not known:
/// `--` and `/*` need not begin a comment there.
template <typename Visit>
void each_word_inside(std::string_view text, Range range, Visit&& visit) {
  for (uint32_t at = range.begin; at < range.end;) {
    const uint32_t begin = at++;
    const char first = text[begin];
    if (first == ' ' || first == '\n' || first == '\t' || first == '\r') continue;
    if (is_word(first)) {
      while (at < range.end && is_word(text[at])) ++at;
      visit(downcase(text.substr(begin, at - begin)), begin);
    } else if (first == '"') {
      while (at < range.end && text[at] != '"' && text[at] != '\n') ++at;
      visit(std::string(text.substr(begin + 1, at - begin - 1)), begin);
      if (at < range.end) ++at;
    } else {
      visit(std::string(1, first), begin);
    }
  }
}

/// The length of `$tag$`; 0 when the string does not begin so.
uint32_t tag_length(std::string_view text, const Token& token) {
  if (token.kind != TokenKind::String || text[token.begin] != '$') return 0;
  return static_cast<uint32_t>(text.find('$', token.begin + 1)) + 1 - token.begin;
}

/// Calls `visit(word, offset)` for the words of a file, those inside strings too. What stands in
/// dollar quotes is read as SQL, comments and all.
template <typename Visit>
void each_word_of_file(const SourceFile& source, Visit&& visit) {
  const std::string_view text = source.text();
  const auto read = [&](const Token& token, uint32_t tag) {
    switch (token.kind) {
      case TokenKind::String:
      case TokenKind::MetaCommand:
      case TokenKind::Unterminated:
        return each_word_inside(text, {token.begin + tag, token.end - tag}, visit);
      default:
        return visit(word_of(text, token), token.begin);
    }
  };
  each_token(source, [&](const Token& token) {
    const uint32_t tag = tag_length(text, token);
    if (tag == 0) return read(token, 0);
    Lexer body(text, token.begin + tag, token.end - tag);
    Token part;
    while (body.next(part)) {
      if (part.kind != TokenKind::Comment) read(part, tag_length(text, part));
    }
  });
}

}  // namespace

TableUses::TableUses(const SourceFile& source) : source_(source) {
  // Of the words so far: what they have begun.
  enum class State : uint8_t {
    None,
    Into,
    IntoName,
    Alias,
    Bracket,
    Copy,
    CopyName,
    Source,
    SourceName
  };
  State state = State::None;
  std::string name;                 // of the table being written
  std::array<std::string, 2> past;  // the words before this one
  uint32_t where = 0;
  bool inserts = false;  // the statement does
  const auto written = [&] { written_[{name, source.file_at(where)}] = where; };
  each_word_of_file(source, [&](std::string word, uint32_t begin) {
    switch (state) {
      case State::Into:
      case State::Copy:
        name = word;
        where = begin;
        state = state == State::Into ? State::IntoName : State::CopyName;
        break;
      case State::IntoName:
        if (word == ".") {
          state = State::Into;
        } else if (word == "as") {
          state = State::Alias;
        } else if (word == "(") {
          state = State::Bracket;
        } else {
          written();
          state = State::None;
        }
        break;
      case State::Alias:
        state = State::IntoName;
        break;
      case State::Bracket:
        if (word == "select" || word == "values" || word == "with" || word == "table") written();
        state = State::None;
        break;
      case State::CopyName:
        if (word == "from") written();
        state = word == "." ? State::Copy : State::None;
        break;
      case State::Source:
        name = word;
        where = begin;
        state = State::SourceName;
        break;
      case State::SourceName:
        if (word != ".") written();
        state = word == "." ? State::Source : State::None;
        if (word == ";") inserts = false;
        break;
      case State::None:
        if (word == "into") {
          state = State::Into;
          inserts = true;
        }
        if (word == ";") inserts = false;
        // The rows of a whole table go on into another.
        if (word == "from" && past[0] == "*" && past[1] == "select" && inserts) {
          state = State::Source;
        }
        if (word == "copy") state = State::Copy;
        break;
    }
    past[1] = std::move(past[0]);
    past[0] = std::move(word);
  });
  if (state == State::SourceName) written();
}

SequenceWords::SequenceWords(const SourceFile& source) {
  std::string before;
  bool drops = false;  // the statement does
  each_word_of_file(source, [&](std::string word, uint32_t begin) {
    if (word == "sequence" && before == "drop") drops = true;
    if (word == ";") drops = false;
    if (!drops && word.ends_with("_seq")) last_[word] = begin;
    before = std::move(word);
  });
}

bool SequenceWords::follow(const std::string& name, uint32_t offset) const {
  const auto found = last_.find(name);
  return found != last_.end() && found->second >= offset;
}

namespace {

/// May a statement that begins so stand between the two?
bool is_harmless(std::string_view word) {
  constexpr std::array<std::string_view, 8> kHarmless = {"alter", "begin", "commit", "drop",
                                                         "end",   "reset", "set",    "start"};
  return std::find(kHarmless.begin(), kHarmless.end(), word) != kHarmless.end();
}

}  // namespace

TableDrops::TableDrops(const SourceFile& source) {
  const std::string_view text = source.text();
  std::vector<std::string> statement;
  uint32_t begin = 0;
  bool skips = false;  // to the end of the statement
  each_token(source, [&](const Token& token) {
    std::string word = word_of(text, token);
    if (word == ";") {
      read(statement, begin);
      statement.clear();
      skips = false;
    } else if (!skips && statement.empty() && !is_harmless(word)) {
      pending_.clear();
      // A psql command ends with its line.
      skips = token.kind != TokenKind::MetaCommand;
    } else if (!skips) {
      if (statement.empty()) begin = token.begin;
      statement.push_back(std::move(word));
    }
  });
  read(statement, begin);
}

void TableDrops::read(const std::vector<std::string>& words, uint32_t begin) {
  if (words.empty()) return;
  if (words[0] == "drop") return read_drop(words);
  if (words[0] == "alter" && !read_alter(words, begin)) pending_.clear();
}

namespace {

/// `a.b` from word `at` on, which is moved after it.
std::string read_name(const std::vector<std::string>& words, size_t& at) {
  std::string name;
  while (at < words.size()) {
    name += words[at++];
    if (at + 1 >= words.size() || words[at] != ".") break;
    name += words[at++];
  }
  return name;
}

bool contains(const std::vector<std::string>& words, size_t from, std::string_view word) {
  return std::find(words.begin() + static_cast<std::ptrdiff_t>(std::min(from, words.size())),
                   words.end(), word) != words.end();
}

}  // namespace

void TableDrops::read_drop(const std::vector<std::string>& words) {
  if (words.size() < 3 || words[1] != "table") return;
  size_t at = 2;
  if (words[at] == "if") at += 2;
  const bool cascade = words.back() == "cascade";
  while (at < words.size()) {
    const auto found = pending_.find(read_name(words, at));
    if (found != pending_.end()) {
      for (const Pending& pending : found->second) {
        if (cascade || !pending.cascade) followed_.insert(pending.statement);
      }
      pending_.erase(found);
    }
    ++at;  // the comma
  }
}

bool TableDrops::read_alter(const std::vector<std::string>& words, uint32_t begin) {
  if (words.size() > 1 && words[1] == "sequence") return true;
  if (words.size() < 4 || words[1] != "table") return false;
  size_t at = 2;
  if (words[at] == "if") at += 2;
  if (at < words.size() && words[at] == "only") ++at;
  const std::string name = read_name(words, at);
  for (const std::string_view word : {"add", "set", "rename", "type", "attach", "validate"}) {
    if (contains(words, at, word)) return false;
  }
  if (!contains(words, at, "drop")) return false;
  if (contains(words, at, "constraint")) {
    pending_[name].push_back({begin, contains(words, at, "cascade")});
  }
  return true;
}

bool TableUses::written_by_position(const std::string& table, uint32_t offset) const {
  const auto found = written_.find({table, source_.file_at(offset)});
  return found != written_.end() && found->second > offset;
}

}  // namespace dsqlint
