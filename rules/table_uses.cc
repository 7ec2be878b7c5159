#include "rules/table_uses.h"

#include <algorithm>
#include <array>

#include "engine/tokens.h"
#include "rules/words.h"

namespace dsqlint {
namespace {

/// Words, quoted names and single characters of a text, whatever they stand in.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  bool next() {
    skip();
    if (at_ >= text_.size()) return false;
    begin_ = at_;
    if (is_word(text_[at_])) {
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      word_ = fold(text_.substr(begin_, at_ - begin_));
    } else if (text_[at_] == '"') {
      const size_t end = text_.find_first_of("\"\n", at_ + 1);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      word_ = std::string(text_.substr(begin_ + 1, at_ - begin_ - (at_ - begin_ > 1 ? 2 : 1)));
    } else {
      word_ = text_[at_++];
    }
    return true;
  }
  const std::string& word() const { return word_; }
  size_t begin() const { return begin_; }
  /// To the next `;`, whatever that stands in.
  void skip_statement() { at_ = std::min(text_.find(';', at_), text_.size()); }

 private:
  /// White space and comments.
  void skip() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r') {
        ++at_;
      } else if (rest.starts_with("--")) {
        const size_t end = rest.find('\n');
        at_ = end == std::string_view::npos ? text_.size() : at_ + end;
      } else if (rest.starts_with("/*")) {
        const size_t end = rest.find("*/");
        at_ += end == std::string_view::npos ? 2 : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
  std::string word_;
};

}  // namespace

TableUses::TableUses(const SourceFile& source) {
  // Of the words so far: what they have begun.
  enum class State : uint8_t { None, Into, IntoName, Bracket, Copy, CopyName, Table };
  Words words(source.text());
  State state = State::None;
  std::string name;                 // of the table being written
  std::string altered;              // the table of the statement
  std::array<std::string, 3> past;  // the words before this one
  uint32_t where = 0;
  const auto written = [&] { written_[name] = where; };
  while (words.next()) {
    const std::string& word = words.word();
    switch (state) {
      case State::Into:
      case State::Copy:
        name = word;
        where = static_cast<uint32_t>(words.begin());
        state = state == State::Into ? State::IntoName : State::CopyName;
        break;
      case State::IntoName:
        if (word == ".") {
          state = State::Into;
        } else if (word == "(") {
          state = State::Bracket;
        } else {
          written();
          state = State::None;
        }
        break;
      case State::Bracket:
        if (word == "select" || word == "values" || word == "with" || word == "table") written();
        state = State::None;
        break;
      case State::CopyName:
        if (word == "from") written();
        state = word == "." ? State::Copy : State::None;
        break;
      case State::Table:
        if (word == "if" || word == "exists" || word == "only" || word == "async") break;
        altered = word;
        state = State::None;
        break;
      case State::None:
        if (word == "." && past[0] == altered) state = State::Table;
        if (word == "into") state = State::Into;
        if (word == "copy") state = State::Copy;
        if (word == "table") state = State::Table;
        if (word == ";") altered.clear();
        if (word == "type" && !altered.empty()) {
          const bool long_form = past[0] == "data" && past[1] == "set";
          ++changed_[altered + '.' + (long_form ? past[2] : past[0])];
        }
        break;
    }
    past[2] = std::move(past[1]);
    past[1] = std::move(past[0]);
    past[0] = word;
  }
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
  Words words(source.text());
  std::vector<std::string> statement;
  uint32_t begin = 0;
  while (words.next()) {
    if (words.word() == ";") {
      read(statement, begin);
      statement.clear();
      continue;
    }
    if (statement.empty()) {
      begin = static_cast<uint32_t>(words.begin());
      if (!is_harmless(words.word())) {
        pending_.clear();
        words.skip_statement();
        continue;
      }
    }
    statement.push_back(words.word());
  }
  read(statement, begin);
}

void TableDrops::read(const std::vector<std::string>& words, uint32_t begin) {
  if (words.empty()) return;
  if (words[0] == "drop") return read_drop(words);
  if (words[0] == "alter" && !read_alter(words, begin)) pending_.clear();
}

namespace {

/// `a.b` from word `at` on, which is moved behind it.
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
  const auto found = written_.find(table);
  return found != written_.end() && found->second > offset;
}

size_t TableUses::type_changes(const std::string& table, const std::string& column) const {
  const auto found = changed_.find(table + '.' + column);
  return found == changed_.end() ? 0 : found->second;
}

}  // namespace dsqlint
