// SQL that is not in a file as it is: put together from parts of the file, with a map back to their
// positions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/text/edit.h"
#include "engine/text/source.h"

namespace dsqlint::migrations {

class MappedText {
 public:
  /// Bytes of the file as they are.
  void copy(std::string_view file, Range range);
  /// Text that replaces `range` of the file: an escape, a placeholder.
  void replace(Range range, std::string_view text);
  /// Text that has no place in the file.
  void add(std::string_view text);

  const std::string& text() const { return text_; }
  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }

  /// The place in the file. The end of a range is that of its last byte.
  uint32_t source(uint32_t offset) const;
  Range source(Range range) const;

  /// What cannot be written between the quotes of a literal, if it is in one.
  struct Quotes {
    Range range;         ///< of the text, in this one
    std::string barred;  ///< characters that would end or change it
    bool multiline = true;
  };
  void quote(Quotes quotes) { quotes_.push_back(std::move(quotes)); }

  /// Findings of this text become findings of the file. A fix stays if all of it can be written
  /// there.
  void map_back(std::vector<Diagnostic>& findings) const;

 private:
  struct Piece {
    uint32_t begin = 0;  ///< here
    uint32_t size = 0;
    Range source;
    bool verbatim = false;
  };
  const Piece* piece_at(uint32_t offset) const;
  bool map_edit(Edit& edit) const;

  std::string text_;
  std::vector<Piece> pieces_;
  std::vector<Quotes> quotes_;
};

}  // namespace dsqlint::migrations
