#include "plugins/migrations/yaml.h"

#include <algorithm>
#include <utility>

namespace dsqlint::migrations {
namespace {

constexpr size_t kDeepest = 1000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<YamlEntry> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) line();
    return std::move(entries_);
  }

 private:
  /// A collection of the block style that is open: what is indented deeper is in it.
  struct Open {
    size_t indent = 0;
    bool item = false;
    uint32_t entry = YamlEntry::kNone;
  };

  char peek(size_t i) const { return i < text_.size() ? text_[i] : '\n'; }
  size_t line_end(size_t i) const { return std::min(text_.find('\n', i), text_.size()); }
  size_t skip_blanks(size_t i) const {
    while (i < text_.size() && is_blank(text_[i])) ++i;
    return i;
  }
  static uint32_t place(size_t i) { return static_cast<uint32_t>(i); }

  uint32_t add(uint32_t parent, std::string_view key, size_t begin) {
    entries_.push_back({.parent = parent, .key = key, .begin = place(begin)});
    return place(entries_.size()) - 1;
  }
  void set(uint32_t entry, size_t begin, size_t end, YamlStyle style) {
    entries_[entry].value = {place(begin), place(end)};
    entries_[entry].style = style;
  }
  uint32_t parent() const { return open_.empty() ? YamlEntry::kNone : open_.back().entry; }

  /// Past the quote that closes what begins after the one at `i`; `limit` where none does before.
  size_t quoted_end(size_t i, size_t limit) const {
    const char quote = text_[i];
    for (++i; i < limit; ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '"' || peek(i + 1) != '\'') return i + 1;
        ++i;
      }
    }
    return limit;
  }

  /// Where the key ends that begins at `i`, quotes included, if a `:` follows on the line.
  size_t key_end(size_t i) const {
    const size_t end = line_end(i);
    if (text_[i] == '"' || text_[i] == '\'') {
      const size_t past = quoted_end(i, end);
      if (past >= end) return text_.npos;
      return peek(skip_blanks(past)) == ':' ? past : text_.npos;
    }
    for (size_t k = i; k < end; ++k) {
      const char c = text_[k];
      if (c == '#' && k > i && is_blank(text_[k - 1])) return text_.npos;
      if (c == ':' && (k + 1 >= end || is_blank(text_[k + 1]))) return k;
    }
    return text_.npos;
  }

  std::string_view key_text(size_t begin, size_t end) const {
    if (text_[begin] == '"' || text_[begin] == '\'') {
      ++begin;
      --end;
    }
    while (end > begin && is_blank(text_[end - 1])) --end;
    return text_.substr(begin, end - begin);
  }

  /// A line of the block style, and all that its value spans.
  void line() {
    const size_t begin = at_;
    size_t i = begin;
    while (peek(i) == ' ') ++i;
    if (i >= text_.size() || peek(i) == '\n' || peek(i) == '\r' || peek(i) == '\t' ||
        peek(i) == '#' ||
        (i == begin && (text_.substr(i).starts_with("---") || text_.substr(i).starts_with("...") ||
                        peek(i) == '%'))) {
      // Comments, empty lines, and what separates documents.
      if (peek(i) == '-' || peek(i) == '.') open_.clear();
      at_ = line_end(i) + 1;
      return;
    }
    for (;;) {
      const size_t column = i - begin;
      if (peek(i) == '-' &&
          (i + 1 >= text_.size() || is_blank(peek(i + 1)) || peek(i + 1) == '\n')) {
        close(column, true);
        const size_t next = skip_blanks(i + 1);
        const uint32_t entry = add(parent(), {}, i);
        push({column, true, entry});
        if (peek(next) == '\n' || peek(next) == '#') {
          at_ = line_end(next) + 1;
          return;
        }
        i = next;
        // The dash first: a line of nothing else is looked at once.
        if (peek(i) == '-' || key_end(i) != text_.npos) continue;
        value(entry, i, column);
        return;
      }
      const size_t key = peek(i) == '{' || peek(i) == '[' ? text_.npos : key_end(i);
      if (key == text_.npos) {
        // A flow collection at the top, or nothing that can be read.
        if (peek(i) == '{' || peek(i) == '[') {
          at_ = flow(parent(), i);
          at_ = line_end(at_) + 1;
        } else {
          at_ = line_end(i) + 1;
        }
        return;
      }
      close(column, false);
      const uint32_t entry = add(parent(), key_text(i, key), i);
      push({column, false, entry});
      value(entry, skip_blanks(text_.find(':', key) + 1), column);
      return;
    }
  }

  void close(size_t column, bool item) {
    while (!open_.empty() && (open_.back().indent > column ||
                              (open_.back().indent == column && (open_.back().item || !item)))) {
      open_.pop_back();
    }
  }
  void push(Open open) {
    if (open_.size() < kDeepest) open_.push_back(open);
  }

  /// What stands at `i`, after a key or dash in `column`.
  void value(uint32_t entry, size_t i, size_t column) {
    // Tags and anchors say nothing here.
    while (peek(i) == '!' || peek(i) == '&') {
      while (i < text_.size() && !is_blank(text_[i]) && text_[i] != '\n') ++i;
      i = skip_blanks(i);
    }
    const char c = peek(i);
    if (i >= text_.size() || c == '\n' || c == '#') {
      at_ = line_end(i) + 1;
    } else if (c == '|' || c == '>') {
      const size_t first = line_end(i) + 1;
      const size_t end = deeper_end(first, column);
      set(entry, std::min(first, text_.size()), std::min(end, text_.size()),
          c == '|' ? YamlStyle::Literal : YamlStyle::Folded);
      at_ = end;
    } else if (c == '{' || c == '[') {
      at_ = line_end(flow(entry, i)) + 1;
    } else if (c == '"' || c == '\'') {
      const size_t past = quoted_end(i, text_.size());
      const bool closed = past > i + 1 && text_[past - 1] == c;
      set(entry, i + 1, closed ? past - 1 : past, c == '"' ? YamlStyle::Double : YamlStyle::Single);
      at_ = line_end(past) + 1;
    } else {
      // Lines that are indented deeper go on with it.
      const size_t end = deeper_end(line_end(i) + 1, column);
      set(entry, i, plain_end(i, std::min(end, text_.size())), YamlStyle::Plain);
      at_ = end;
    }
  }

  /// The begin of the first line from `i` on that is not indented deeper than `column`.
  size_t deeper_end(size_t i, size_t column) const {
    while (i < text_.size()) {
      const size_t end = line_end(i);
      size_t k = i;
      while (k < end && is_blank(text_[k])) ++k;
      if (k < end && k - i <= column) break;
      i = end + 1;
    }
    return std::min(i, text_.size());
  }

  /// Without blanks and a comment at its end.
  size_t plain_end(size_t begin, size_t end) const {
    const size_t line = std::min(line_end(begin), end);
    for (size_t k = begin + 1; k < line; ++k) {
      if (text_[k] == '#' && is_blank(text_[k - 1])) {
        end = k;
        break;
      }
    }
    while (end > begin && (is_blank(text_[end - 1]) || text_[end - 1] == '\n')) --end;
    return end;
  }

  /// `{…}` or `[…]`, which may span lines; returns where it ends.
  size_t flow(uint32_t owner, size_t i) {
    struct Level {
      char closing;
      uint32_t owner;
    };
    std::vector<Level> levels;
    uint32_t pending = YamlEntry::kNone;  // a key whose value has not been seen
    const auto target = [&](size_t begin) {
      if (pending == YamlEntry::kNone) return add(levels.back().owner, {}, begin);
      return std::exchange(pending, YamlEntry::kNone);
    };
    for (; i < text_.size(); ++i) {
      const char c = text_[i];
      if (is_blank(c) || c == '\n') continue;
      if (c == '#' && (i == 0 || is_blank(text_[i - 1]) || text_[i - 1] == '\n')) {
        i = line_end(i);
        continue;
      }
      if (c == '{' || c == '[') {
        const uint32_t of = levels.empty() ? owner : target(i);
        if (levels.size() < kDeepest) levels.push_back({c == '{' ? '}' : ']', of});
        continue;
      }
      if (c == '}' || c == ']') {
        pending = YamlEntry::kNone;
        if (!levels.empty() && levels.back().closing == c) levels.pop_back();
        if (levels.empty()) return i + 1;
        continue;
      }
      if (c == ',') {
        pending = YamlEntry::kNone;
        continue;
      }
      if (levels.empty()) return i;
      if (c == ':') continue;
      const bool quoted = c == '"' || c == '\'';
      size_t end = i + 1;
      if (quoted) {
        end = quoted_end(i, text_.size());
      } else {
        while (end < text_.size() && !ends_plain(end)) ++end;
      }
      size_t after = end;
      while (after < text_.size() && (is_blank(text_[after]) || text_[after] == '\n')) ++after;
      const bool is_key = pending == YamlEntry::kNone && peek(after) == ':' &&
                          (levels.back().closing == '}' || quoted);
      if (is_key) {
        pending = add(levels.back().owner, key_text(i, end), i);
        i = after;
        continue;
      }
      const uint32_t entry = target(i);
      if (quoted) {
        const bool closed = end > i + 1 && text_[end - 1] == c;
        set(entry, i + 1, closed ? end - 1 : end, c == '"' ? YamlStyle::Double : YamlStyle::Single);
      } else {
        size_t last = end;
        while (last > i && (is_blank(text_[last - 1]) || text_[last - 1] == '\n')) --last;
        set(entry, i, last, YamlStyle::Plain);
      }
      i = end - 1;
    }
    return text_.size();
  }

  /// Does a plain value within brackets end here?
  bool ends_plain(size_t i) const {
    const char c = text_[i];
    if (c == ',' || c == '[' || c == ']' || c == '{' || c == '}') return true;
    if (c == '#') return is_blank(text_[i - 1]);
    return c == ':' && (is_blank(peek(i + 1)) || peek(i + 1) == '\n' || peek(i + 1) == ',' ||
                        peek(i + 1) == '}');
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Open> open_;
  std::vector<YamlEntry> entries_;
};

}  // namespace

std::vector<YamlEntry> yaml_entries(std::string_view text) { return Reader(text).run(); }

std::string yaml_path(const std::vector<YamlEntry>& entries, uint32_t entry) {
  std::vector<std::string_view> keys;
  for (; entry != YamlEntry::kNone && keys.size() < kDeepest; entry = entries[entry].parent) {
    if (!entries[entry].key.empty()) keys.push_back(entries[entry].key);
  }
  std::string path;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    if (!path.empty()) path += '.';
    path += *key;
  }
  return path;
}

}  // namespace dsqlint::migrations
