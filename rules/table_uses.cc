#include "rules/table_uses.h"

#include <array>

#include "engine/tokens.h"

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

 private:
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
  }
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

bool TableUses::written_by_position(const std::string& table, uint32_t offset) const {
  const auto found = written_.find(table);
  return found != written_.end() && found->second > offset;
}

size_t TableUses::type_changes(const std::string& table, const std::string& column) const {
  const auto found = changed_.find(table + '.' + column);
  return found == changed_.end() ? 0 : found->second;
}

}  // namespace dsqlint
