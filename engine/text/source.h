// One input: its bytes, and their lines and columns.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/result.h"

namespace dsqlint {

/// Half-open byte range into a SourceFile. Bytes inside, lines and columns at the edge.
struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool contains(Range other) const { return begin <= other.begin && other.end <= end; }
  friend auto operator<=>(const Range&, const Range&) = default;
};

enum class Columns : uint8_t { CodePoints, Utf16 };  ///< terminals and LSP count differently

/// Line and column, both 1-based.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};

class EditSet;

/// What the bytes of an input may be.
enum class Encoding : uint8_t {
  Utf8,   ///< valid UTF-8 without NUL bytes
  Bytes,  ///< anything: MySQL dumps have raw bytes in their strings
};

/// One of the files that a source joins.
struct FilePart {
  std::string path;
  Range range;  ///< in the text of the source
  /// Files of one number may be changed together: a fix whose edits reach several numbers is not
  /// made. Ascending.
  uint32_t number = 0;
};

/// What stands between two files of a source.
inline constexpr char kBetweenFiles = '\0';

/// One input, immutable: valid UTF-8 without NUL bytes, unless it was asked for as bytes.
/// Everything else points into its text. Safe to share between threads.
class SourceFile : public std::enable_shared_from_this<SourceFile> {
 public:
  /// Reads `path`. Files from 64 MiB on are mapped, so their pages can be given back (`release`).
  static Result<std::shared_ptr<const SourceFile>> load(const std::string& path,
                                                        Encoding encoding = Encoding::Utf8);
  /// Takes `text` as it is; `path` is only a name for messages.
  static Result<std::shared_ptr<const SourceFile>> from_text(std::string path, std::string text,
                                                             Encoding encoding = Encoding::Utf8);

  /// Files that are run one after another, as one text with kBetweenFiles between two of them. Each
  /// has its path, its number and, in place of a range, none yet. `texts` are what `load` and
  /// `from_text` have accepted.
  static Result<std::shared_ptr<const SourceFile>> join(
      std::vector<FilePart> files, std::span<const std::shared_ptr<const SourceFile>> texts);
  /// The same files with a text that edits have made of this one's.
  Result<std::shared_ptr<const SourceFile>> revised(std::string text) const;
  /// The text that `edits` make of this one. Of `unread`, whole lines that nobody reads by
  /// `text()`, long stretches that no edit touches are not copied: `text()` has a gap there, NUL
  /// bytes in their place that take no memory, and `stretch` has the bytes of the source before.
  Result<std::shared_ptr<const SourceFile>> revised(const EditSet& edits,
                                                    std::span<const Range> unread) const;

  ~SourceFile();
  SourceFile(const SourceFile&) = delete;  // texts can be gigabytes; share the pointer
  SourceFile& operator=(const SourceFile&) = delete;

  std::string_view path() const { return path_; }
  std::string_view text() const { return text_; }
  std::string_view slice(Range range) const {
    return text_.substr(range.begin, range.end - range.begin);
  }
  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }

  /// What stands from `offset` on, up to where a gap of the text begins or ends, which is where a
  /// line does; all that follows where it has none.
  std::string_view stretch(uint32_t offset) const;
  /// The whole text, gaps filled, stretch by stretch.
  std::vector<std::string_view> stretches() const;
  std::string whole_text() const;
  /// The first gap that ends after `offset`; empty when there is none.
  Range next_gap(uint32_t offset) const;
  /// Where the lines of a gap begin in the source that has them.
  uint32_t gap_source(Range gap) const;

  /// In the order in which they are run; empty for a source that is one file.
  std::span<const FilePart> files() const { return files_; }
  /// Which of them holds the byte at `offset`, or ends there; 0 for a source that is one file.
  size_t file_at(uint32_t offset) const;
  /// The whole text, for a source that is one file.
  Range file_range(size_t file) const {
    return files_.empty() ? Range{0, size()} : files_[file].range;
  }
  uint32_t file_number(size_t file) const { return files_.empty() ? 0 : files_[file].number; }
  /// `offset` for a reader who is at `from`: "line 3", or "a.sql:3" where that is another file.
  std::string place(uint32_t offset, uint32_t from) const;

  /// In its file.
  Position position(uint32_t offset, Columns unit = Columns::CodePoints) const;
  /// The inverse of `position`; past the end of a line it is the line's end.
  uint32_t offset(Position position, Columns unit = Columns::CodePoints) const;
  /// The line around `offset`, without its line break.
  Range line_around(uint32_t offset) const;
  /// The line's text without its line break; `line` is 1-based. Of a source that is one file.
  Range line_range(uint32_t line) const;
  uint32_t line_count() const;

  /// Tells the kernel that the pages of `range` are not needed soon. A hint, only for mapped files.
  void release(Range range) const;

 private:
  SourceFile() = default;
  /// What stands before a block of kBlock bytes.
  struct Block {
    uint32_t lines = 0;       ///< line breaks
    uint32_t characters = 0;  ///< since the last of them, or the beginning
    uint32_t pairs = 0;       ///< those of them that UTF-16 needs two units for

    void add(std::string_view text);
  };
  /// Bytes that stand in `filled_` only.
  struct Gap {
    Range range;
    uint32_t source = 0;  ///< where they stand there
  };

  Result<void> validate() const;
  const std::vector<Block>& blocks() const;
  std::vector<Gap>::const_iterator gap_after(uint32_t offset) const;
  /// Those of `lines` that are worth a gap; `source` has them from `offset` on.
  static void add_gap(std::string_view lines, uint32_t at, uint32_t offset, std::vector<Gap>& gaps);
  /// Where the line break stands, counted from 1; the text's end where there are fewer.
  size_t line_break(uint32_t nth) const;

  std::string path_;
  std::vector<FilePart> files_;
  std::string owned_;
  std::string_view text_;
  void* mapping_ = nullptr;
  size_t mapping_size_ = 0;
  std::shared_ptr<const SourceFile> filled_;  ///< null: there are no gaps
  std::vector<Gap> gaps_;
  mutable std::once_flag counted_;
  mutable std::vector<Block> blocks_;  ///< made when first needed; small even for gigabytes
};

/// Valid UTF-8 without NUL bytes?
bool is_valid_text(std::string_view text);

}  // namespace dsqlint
