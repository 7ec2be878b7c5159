#include "servers/lsp/positions.h"

#include <algorithm>

namespace dsqlint::lsp {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// How many units the character that begins with this byte takes.
uint32_t units(char first, PositionEncoding encoding) {
  const auto byte = static_cast<unsigned char>(first);
  if (encoding == PositionEncoding::Utf8) {
    return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
  }
  return encoding == PositionEncoding::Utf16 && byte >= 0xF0 ? 2 : 1;
}

}  // namespace

LineIndex::LineIndex(std::string_view text, PositionEncoding encoding)
    : text_(text), encoding_(encoding), begins_{0} {
  for (size_t at = text.find_first_of("\r\n"); at != std::string_view::npos;
       at = text.find_first_of("\r\n", at)) {
    at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
    begins_.push_back(static_cast<uint32_t>(at));
  }
}

Range LineIndex::line(size_t number) const {
  const uint32_t begin = begins_[number];
  uint32_t end =
      number + 1 < begins_.size() ? begins_[number + 1] : static_cast<uint32_t>(text_.size());
  while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return {begin, end};
}

Place LineIndex::place(uint32_t offset) const {
  offset = std::min(offset, static_cast<uint32_t>(text_.size()));
  const auto next = std::upper_bound(begins_.begin(), begins_.end(), offset);
  const auto number = static_cast<size_t>(next - begins_.begin()) - 1;
  // Between the two of a line break is the line's end.
  const Range range = line(number);
  offset = std::min(offset, range.end);
  // In the middle of a character is before it.
  while (offset > range.begin && offset < range.end && is_continuation(text_[offset])) --offset;
  Place place{.line = static_cast<uint32_t>(number)};
  for (uint32_t at = range.begin; at < offset; ++at) {
    if (!is_continuation(text_[at])) place.character += units(text_[at], encoding_);
  }
  return place;
}

uint32_t LineIndex::offset(Place place) const {
  if (place.line >= begins_.size()) return static_cast<uint32_t>(text_.size());
  const Range range = line(place.line);
  uint32_t at = range.begin;
  uint32_t passed = 0;
  while (at < range.end && passed < place.character) {
    passed += units(text_[at], encoding_);
    // In the middle of a character is before it.
    if (passed > place.character) break;
    ++at;
    while (at < range.end && is_continuation(text_[at])) ++at;
  }
  return at;
}

}  // namespace dsqlint::lsp
