// Text that remembers where it comes from.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint::mysql {

/// PostgreSQL text while it is written. Every byte belongs to a range of the MySQL source: the
/// token, or for rows of data the row, that it was made from.
class Text {
 public:
  Text() = default;
  Text(std::string_view text) { add(text); }  // such words belong to what follows them
  Text(const char* text) { add(text); }
  Text(const std::string& text) { add(text); }
  Text(std::string_view text, Range source) { add(text, source); }

  Text& add(std::string_view text) {
    text_ += text;
    return *this;
  }
  Text& add(const char* text) { return add(std::string_view(text)); }
  Text& add(const std::string& text) { return add(std::string_view(text)); }
  Text& add(std::string_view text, Range source) {
    mark(source);
    text_ += text;
    return *this;
  }
  Text& add(const Text& other) {
    const auto shift = static_cast<uint32_t>(text_.size());
    for (const Mark& mark : other.marks_) marks_.push_back({mark.at + shift, mark.source});
    text_ += other.text_;
    return *this;
  }
  /// What is added from here on comes from `source`.
  void mark(Range source) {
    const auto at = static_cast<uint32_t>(text_.size());
    if (!marks_.empty() && marks_.back().source == source) return;
    if (!marks_.empty() && marks_.back().at == at) {
      marks_.back().source = source;
    } else {
      marks_.push_back({at, source});
    }
  }
  void clear() {
    text_.clear();
    marks_.clear();
  }

  /// A part of it, with its own marks.
  Text slice(Range range) const {
    Text out;
    for (uint32_t at = range.begin; at < range.end;) {
      const auto next = std::partition_point(marks_.begin(), marks_.end(),
                                             [&](const Mark& mark) { return mark.at <= at; });
      const uint32_t end = next == marks_.end() ? range.end : std::min(range.end, next->at);
      if (next != marks_.begin()) out.mark(std::prev(next)->source);
      out.text_ += text_.substr(at, end - at);
      at = end;
    }
    return out;
  }

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  size_t size() const { return text_.size(); }
  std::string& bytes() { return text_; }
  /// The text; where it comes from is known afterwards, too.
  std::string take() { return std::move(text_); }

  /// Where the byte at `offset` comes from; `fallback` before the first mark.
  Range source(uint32_t offset, Range fallback = {}) const {
    const auto next = std::partition_point(marks_.begin(), marks_.end(),
                                           [&](const Mark& mark) { return mark.at <= offset; });
    return next == marks_.begin() ? (marks_.empty() ? fallback : marks_.front().source)
                                  : std::prev(next)->source;
  }
  /// Where the bytes of `range` come from, first to last.
  Range source(Range range) const {
    const Range first = source(range.begin);
    if (range.empty()) return first;
    const Range last = source(range.end - 1);
    return last.begin < first.begin ? first : Range{first.begin, std::max(first.end, last.end)};
  }

 private:
  struct Mark {
    uint32_t at;
    Range source;
  };
  std::string text_;
  std::vector<Mark> marks_;
};

}  // namespace dsqlint::mysql
