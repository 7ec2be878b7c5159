// Places as LSP counts them: lines from 0, and units of the encoding that was agreed on.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint::lsp {

enum class PositionEncoding : uint8_t { Utf8, Utf16, Utf32 };

struct Place {
  uint32_t line = 0;
  uint32_t character = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

/// The lines of a text, which must outlive it. A line ends with \n, \r\n or \r.
class LineIndex {
 public:
  LineIndex(std::string_view text, PositionEncoding encoding);
  Place place(uint32_t offset) const;
  /// Past the end of its line, the line's end; past the last line, the text's.
  uint32_t offset(Place place) const;

 private:
  /// The line's text without its line break.
  Range line(size_t number) const;

  std::string_view text_;
  PositionEncoding encoding_;
  std::vector<uint32_t> begins_;
};

}  // namespace dsqlint::lsp
