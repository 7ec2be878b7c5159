// Reading, checking and indexing one input.

#include "engine/text/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "engine/text/edit.h"

namespace dsqlint {
namespace {

constexpr uint32_t kBlock = 4096;
constexpr uint32_t kWindow = 16u << 20;
constexpr size_t kMapFrom = size_t{64} << 20;
constexpr size_t kMaxSize = std::numeric_limits<uint32_t>::max() - 16;

/// The first byte that is not part of a valid UTF-8 sequence (or is NUL), or npos.
size_t first_invalid(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const size_t n = text.size();
  size_t i = 0;
  while (i < n) {
    // Eight bytes at a time while they are ASCII and none is NUL.
    while (i + 8 <= n) {
      uint64_t word;
      std::memcpy(&word, p + i, 8);
      if ((word & 0x8080808080808080ULL) != 0) break;
      if (((word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL) != 0) break;
      i += 8;
    }
    if (i >= n) break;
    const unsigned char c = p[i];
    if (c == 0) return i;
    if (c < 0x80) {
      ++i;
      continue;
    }
    size_t length = 0;
    uint32_t low = 0x80;
    uint32_t high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF) {
      length = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
      length = 3;
      if (c == 0xE0) low = 0xA0;
      if (c == 0xED) high = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
      length = 4;
      if (c == 0xF0) low = 0x90;
      if (c == 0xF4) high = 0x8F;
    } else {
      return i;
    }
    if (i + length > n || p[i + 1] < low || p[i + 1] > high) return i;
    for (size_t k = 2; k < length; ++k) {
      if ((p[i + k] & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

constexpr uint64_t kOnes = 0x0101010101010101ULL;

/// How many bytes there are of which `marks(eight bytes)` sets the lowest bit, and no others.
template <typename Marks>
uint32_t count_bytes(std::string_view text, Marks&& marks) {
  uint32_t count = 0;
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t size = std::min<size_t>(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    count += static_cast<uint32_t>(((marks(word) & kOnes) * kOnes) >> 56);
    text.remove_prefix(size);
  }
  return count;
}

uint32_t line_breaks(std::string_view text) {
  return count_bytes(text, [](uint64_t word) {
    const uint64_t other = word ^ (kOnes * '\n');  // zero where there is one
    const uint64_t low = (other & (kOnes * 0x7F)) + kOnes * 0x7F;
    return ~(low | other) >> 7;
  });
}
uint32_t characters(std::string_view text) {
  return static_cast<uint32_t>(text.size()) -
         count_bytes(text, [](uint64_t word) { return (word >> 7) & ~(word >> 6); });
}
/// Characters that UTF-16 needs two units for.
uint32_t pairs(std::string_view text) {
  return count_bytes(
      text, [](uint64_t word) { return (word >> 7) & (word >> 6) & (word >> 5) & (word >> 4); });
}

/// Units that the character starting with byte `c` counts for.
uint32_t units_of(char c, Columns unit) {
  return unit == Columns::Utf16 && static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
}

Error unreadable(const std::string& path, int code) {
  return Error{fmt::format("{}: cannot be read: {}", path, std::strerror(code))};
}

}  // namespace

Result<std::shared_ptr<const SourceFile>> SourceFile::load(const std::string& path,
                                                           Encoding encoding) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(unreadable(path, errno));
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};

  struct stat info = {};
  if (::fstat(fd, &info) != 0) return tl::unexpected(unreadable(path, errno));
  if (S_ISDIR(info.st_mode)) return tl::unexpected(unreadable(path, EISDIR));

  std::shared_ptr<SourceFile> file(new SourceFile);
  file->path_ = path;
  const auto size = static_cast<size_t>(info.st_size);
  if (S_ISREG(info.st_mode) && size > kMaxSize) {
    return fail(fmt::format("{}: the file has 4 GiB or more; split it and check the parts", path));
  }
  if (S_ISREG(info.st_mode) && size >= kMapFrom) {
    void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapping == MAP_FAILED) return tl::unexpected(unreadable(path, errno));
    ::madvise(mapping, size, MADV_SEQUENTIAL);
    file->mapping_ = mapping;
    file->mapping_size_ = size;
    file->text_ = {static_cast<const char*>(mapping), size};
  } else {
    // Read to the end rather than by size: pipes have none, and files in /proc say 0.
    file->owned_.reserve(size + 1);
    char buffer[1 << 16];
    for (;;) {
      const ssize_t got = ::read(fd, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return tl::unexpected(unreadable(path, errno));
      if (got == 0) break;
      file->owned_.append(buffer, static_cast<size_t>(got));
      if (file->owned_.size() > kMaxSize) {
        return fail(
            fmt::format("{}: the input has 4 GiB or more; split it and check the parts", path));
      }
    }
    file->text_ = file->owned_;
  }
  if (encoding == Encoding::Utf8) {
    if (auto ok = file->validate(); !ok) return tl::unexpected(ok.error());
  }
  return file;
}

Result<std::shared_ptr<const SourceFile>> SourceFile::from_text(std::string path, std::string text,
                                                                Encoding encoding) {
  if (text.size() > kMaxSize) {
    return fail(fmt::format("{}: the input has 4 GiB or more; split it and check the parts", path));
  }
  std::shared_ptr<SourceFile> file(new SourceFile);
  file->path_ = std::move(path);
  file->owned_ = std::move(text);
  file->text_ = file->owned_;
  if (encoding == Encoding::Utf8) {
    if (auto ok = file->validate(); !ok) return tl::unexpected(ok.error());
  }
  return file;
}

Result<std::shared_ptr<const SourceFile>> SourceFile::join(
    std::vector<FilePart> files, std::span<const std::shared_ptr<const SourceFile>> texts) {
  std::shared_ptr<SourceFile> joined(new SourceFile);
  joined->path_ = files.front().path;
  size_t size = texts.size();
  for (const auto& text : texts) size += text->size();
  if (size > kMaxSize) {
    return fail(
        fmt::format("{}: this file and those after it have 4 GiB or more together", joined->path_));
  }
  joined->owned_.reserve(size);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) joined->owned_ += kBetweenFiles;
    const auto begin = static_cast<uint32_t>(joined->owned_.size());
    joined->owned_ += texts[i]->text();
    files[i].range = {begin, static_cast<uint32_t>(joined->owned_.size())};
  }
  joined->files_ = std::move(files);
  joined->text_ = joined->owned_;
  return joined;
}

Result<std::shared_ptr<const SourceFile>> SourceFile::revised(std::string text) const {
  if (files_.empty()) return from_text(path_, std::move(text));
  if (text.size() > kMaxSize) {
    return fail(fmt::format("{}: the fixed text has 4 GiB or more", path_));
  }
  std::shared_ptr<SourceFile> made(new SourceFile);
  made->path_ = path_;
  made->owned_ = std::move(text);
  made->text_ = made->owned_;
  made->files_ = files_;
  size_t at = 0;
  for (size_t i = 0; i < files_.size(); ++i) {
    const size_t end = std::min(made->text_.find(kBetweenFiles, at), made->text_.size());
    if ((end == made->text_.size()) != (i + 1 == files_.size())) {
      return fail(fmt::format("{}: a fix has changed what stands between files", path_));
    }
    made->files_[i].range = {static_cast<uint32_t>(at), static_cast<uint32_t>(end)};
    at = end + 1;
  }
  return made;
}

void SourceFile::add_gap(std::string_view lines, uint32_t at, uint32_t offset,
                         std::vector<Gap>& gaps) {
  // Some lines on either side stay, for those who look around.
  constexpr int kLinesAround = 4;
  constexpr size_t kLeast = 8192;
  if (lines.size() < kLeast) return;
  size_t begin = 0;
  size_t end = lines.size();
  for (int i = 0; i < kLinesAround; ++i) {
    begin = lines.find('\n', begin) + 1;
    end = end == 0 ? 0 : lines.rfind('\n', end - 1);
    if (begin == 0 || end == std::string_view::npos) return;
  }
  ++end;
  if (end < begin + kLeast) return;
  const auto skipped = static_cast<uint32_t>(begin);
  gaps.push_back({{at + skipped, at + static_cast<uint32_t>(end)}, offset + skipped});
}

Result<std::shared_ptr<const SourceFile>> SourceFile::revised(const EditSet& edits,
                                                              std::span<const Range> unread) const {
  size_t size = text_.size();
  for (const Edit& edit : edits.edits()) size = size + edit.text.size() - edit.range.size();
  if (size > kMaxSize) return fail(fmt::format("{}: the fixed text has 4 GiB or more", path_));
  // Files that are read as one are small.
  std::vector<Gap> lines = gaps_;
  if (filled_ == nullptr && files_.empty()) {
    for (const Range range : unread) lines.push_back({range, range.begin});
  }
  std::shared_ptr<SourceFile> made(new SourceFile);
  const std::shared_ptr<const SourceFile> filled =
      filled_ == nullptr ? shared_from_this() : filled_;
  std::vector<std::pair<uint32_t, std::string_view>> pieces;  // by where they stand
  uint32_t at = 0;
  const auto put = [&](std::string_view piece) {
    if (!piece.empty()) pieces.emplace_back(at, piece);
    at += static_cast<uint32_t>(piece.size());
  };
  auto next = lines.cbegin();
  const auto keep = [&](Range kept) {
    while (next != lines.cend() && next->range.end <= kept.begin) ++next;
    const uint32_t begin = at;
    uint32_t from = kept.begin;
    for (auto gap = next; gap != lines.cend() && gap->range.begin < kept.end; ++gap) {
      const Range left{std::max(gap->range.begin, kept.begin), std::min(gap->range.end, kept.end)};
      const uint32_t source = gap->source + left.begin - gap->range.begin;
      const size_t known = made->gaps_.size();
      add_gap(filled->slice({source, source + left.size()}), begin + left.begin - kept.begin,
              source, made->gaps_);
      // What of a gap is none any longer is read where it stands.
      const Range now = made->gaps_.size() == known ? Range{} : made->gaps_.back().range;
      put(slice({from, left.begin}));
      if (now.empty()) {
        put(filled->slice({source, source + left.size()}));
      } else {
        const Gap& fresh = made->gaps_.back();
        put(filled->slice({source, fresh.source}));
        at = now.end;
        put(filled->slice({fresh.source + now.size(), source + left.size()}));
      }
      from = left.end;
    }
    put(slice({from, kept.end}));
  };
  uint32_t from = 0;
  for (const Edit& edit : edits.edits()) {
    keep({from, edit.range.begin});
    put(edit.text);
    from = edit.range.end;
  }
  keep({from, this->size()});

  made->path_ = path_;
  if (made->gaps_.empty()) {
    made->owned_.reserve(size);
    for (const auto& [place, piece] : pieces) made->owned_ += piece;
    if (!files_.empty()) return revised(std::move(made->owned_));
    made->text_ = made->owned_;
  } else {
    made->filled_ = filled;
    made->mapping_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (made->mapping_ == MAP_FAILED) {
      made->mapping_ = nullptr;
      return tl::unexpected(unreadable(path_, errno));
    }
    made->mapping_size_ = size;
    // A large page would fill the gaps.
    ::madvise(made->mapping_, size, MADV_NOHUGEPAGE);
    char* text = static_cast<char*>(made->mapping_);
    for (const auto& [place, piece] : pieces) std::memcpy(text + place, piece.data(), piece.size());
    made->text_ = {text, size};
  }
  if (auto ok = made->validate(); !ok) return tl::unexpected(ok.error());
  return made;
}

std::vector<SourceFile::Gap>::const_iterator SourceFile::gap_after(uint32_t offset) const {
  return std::partition_point(gaps_.begin(), gaps_.end(),
                              [&](const Gap& gap) { return gap.range.end <= offset; });
}

std::string_view SourceFile::stretch(uint32_t offset) const {
  const auto gap = gap_after(offset);
  if (gap == gaps_.end()) return text_.substr(offset);
  if (offset < gap->range.begin) return slice({offset, gap->range.begin});
  const uint32_t passed = offset - gap->range.begin;
  return filled_->slice({gap->source + passed, gap->source + gap->range.size()});
}

std::vector<std::string_view> SourceFile::stretches() const {
  std::vector<std::string_view> all;
  for (uint32_t at = 0; at < size(); at += static_cast<uint32_t>(all.back().size())) {
    all.push_back(stretch(at));
  }
  return all;
}

std::string SourceFile::whole_text() const {
  std::string text;
  text.reserve(text_.size());
  for (const std::string_view piece : stretches()) text += piece;
  return text;
}

Range SourceFile::next_gap(uint32_t offset) const {
  const auto gap = gap_after(offset);
  return gap == gaps_.end() ? Range{} : gap->range;
}

uint32_t SourceFile::gap_source(Range gap) const { return gap_after(gap.begin)->source; }

size_t SourceFile::file_at(uint32_t offset) const {
  if (files_.empty()) return 0;
  const auto past = std::partition_point(files_.begin(), files_.end(), [&](const FilePart& file) {
    return file.range.begin <= offset;
  });
  return past == files_.begin() ? 0 : static_cast<size_t>(past - files_.begin()) - 1;
}

std::string SourceFile::place(uint32_t offset, uint32_t from) const {
  const uint32_t line = position(offset).line;
  const size_t file = file_at(offset);
  if (file == file_at(from)) return fmt::format("line {}", line);
  return fmt::format("{}:{}", files_[file].path, line);
}

SourceFile::~SourceFile() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapping_size_);
}

void SourceFile::Block::add(std::string_view text) {
  lines += line_breaks(text);
  if (const size_t newline = text.rfind('\n'); newline != std::string_view::npos) {
    text.remove_prefix(newline + 1);
    characters = pairs = 0;
  }
  characters += dsqlint::characters(text);
  pairs += dsqlint::pairs(text);
}

const std::vector<SourceFile::Block>& SourceFile::blocks() const {
  std::call_once(counted_, [&] {
    blocks_.reserve(text_.size() / kBlock + 1);
    Block next;
    for (uint32_t at = 0; at < size();) {
      const std::string_view all = stretch(at);
      for (size_t i = 0; i < all.size();) {
        if (at % kBlock == 0) blocks_.push_back(next);
        const std::string_view part = all.substr(i, kBlock - at % kBlock);
        next.add(part);
        i += part.size();
        at += static_cast<uint32_t>(part.size());
        if (at % kWindow == 0) release({at - kWindow, at});
      }
    }
  });
  return blocks_;
}

Result<void> SourceFile::validate() const {
  // In windows, so that the pages of a mapped file can go again.
  size_t bad = std::string_view::npos;
  for (uint32_t i = 0; i < size() && bad == std::string_view::npos;) {
    const Range gap = next_gap(i);
    if (!gap.empty() && gap.begin <= i) {
      i = gap.end;  // valid where it stands
      continue;
    }
    const uint32_t last = gap.empty() ? size() : gap.begin;
    uint32_t end = last - i > kWindow ? i + kWindow : last;
    while (end < last && end > i && is_continuation(text_[end])) --end;
    if (end == i) end = std::min(last, i + kWindow);
    const size_t at = first_invalid(slice({i, end}));
    if (at != std::string_view::npos) bad = i + at;
    release({i, end});
    i = end;
  }
  if (bad == std::string_view::npos) return {};
  const Position where = position(static_cast<uint32_t>(bad));
  if (text_.substr(0, 2) == "\xFF\xFE" || text_.substr(0, 2) == "\xFE\xFF") {
    return fail(
        fmt::format("{}: non-UTF-8 input (UTF-16, by its first two bytes); convert it: "
                    "iconv -f UTF-16 -t UTF-8",
                    path_));
  }
  if (text_[bad] == '\0') {
    return fail(
        fmt::format("{}:{}:{}: NUL byte at offset {}; SQL text has none; is this a binary file "
                    "(pg_dump -Fc)? Dump it as plain text",
                    path_, where.line, where.column, bad));
  }
  return fail(
      fmt::format("{}:{}:{}: non-UTF-8 input: byte 0x{:02X} at offset {}; convert it, "
                  "for example: iconv -f LATIN1 -t UTF-8",
                  path_, where.line, where.column, static_cast<unsigned char>(text_[bad]), bad));
}

Position SourceFile::position(uint32_t offset, Columns unit) const {
  offset = std::min(offset, size());
  if (text_.empty()) return {};
  if (!files_.empty()) {
    // Asked for where a text speaks of a line: not often.
    const Range file = files_[file_at(offset)].range;
    std::string_view before = slice({file.begin, offset});
    const uint32_t lines = line_breaks(before);
    if (lines > 0) before.remove_prefix(before.rfind('\n') + 1);
    if (lines == 0 && before.starts_with("\xEF\xBB\xBF")) before.remove_prefix(3);
    const uint32_t wide = unit == Columns::Utf16 ? pairs(before) : 0;
    return {lines + 1, characters(before) + wide + 1};
  }
  // A line's beginning may be far away: what stands before the block has been counted.
  const std::vector<Block>& counted = blocks();
  const size_t block = std::min<size_t>(offset / kBlock, counted.size() - 1);
  Block before = counted[block];
  for (auto at = static_cast<uint32_t>(block * kBlock); at < offset;) {
    const std::string_view part = stretch(at).substr(0, offset - at);
    before.add(part);
    at += static_cast<uint32_t>(part.size());
  }
  uint32_t column = before.characters + 1;
  if (unit == Columns::Utf16) column += before.pairs;
  // A byte order mark is not a character of the first line.
  if (before.lines == 0 && offset >= 3 && text_.starts_with("\xEF\xBB\xBF")) --column;
  return {before.lines + 1, column};
}

size_t SourceFile::line_break(uint32_t nth) const {
  // It stands in the last block before which there are fewer.
  const std::vector<Block>& counted = blocks();
  const auto past = std::partition_point(counted.begin(), counted.end(),
                                         [&](const Block& block) { return block.lines < nth; });
  if (past == counted.begin()) return text_.size();
  uint32_t seen = std::prev(past)->lines;
  auto at = static_cast<uint32_t>(past - counted.begin() - 1) * kBlock;
  while (at < size()) {
    const std::string_view part = stretch(at);
    for (size_t i = part.find('\n'); i != std::string_view::npos; i = part.find('\n', i + 1)) {
      if (++seen == nth) return at + i;
    }
    at += static_cast<uint32_t>(part.size());
  }
  return text_.size();
}

Range SourceFile::line_around(uint32_t offset) const {
  const Range file = file_range(file_at(offset));
  const std::string_view text = slice(file);
  const size_t at = std::min<size_t>(offset - file.begin, text.size());
  const size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  size_t begin = before == std::string_view::npos ? 0 : before + 1;
  size_t end = std::min(text.find('\n', at), text.size());
  if (begin == 0 && text.starts_with("\xEF\xBB\xBF")) begin = 3;
  if (end > begin && text[end - 1] == '\r') --end;
  return {file.begin + static_cast<uint32_t>(begin),
          file.begin + static_cast<uint32_t>(std::max(begin, end))};
}

Range SourceFile::line_range(uint32_t line) const {
  size_t begin = line <= 1 ? 0 : std::min(line_break(line - 1) + 1, text_.size());
  size_t end = line_break(std::max(line, 1u));
  if (begin == 0 && text_.starts_with("\xEF\xBB\xBF")) begin = 3;
  if (end > begin && text_[end - 1] == '\r') --end;
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(std::max(begin, end))};
}

uint32_t SourceFile::offset(Position position, Columns unit) const {
  const Range line = line_range(position.line);
  uint32_t column = 1;
  uint32_t i = line.begin;
  while (i < line.end && column < position.column) {
    column += units_of(text_[i], unit);
    ++i;
    while (i < line.end && is_continuation(text_[i])) ++i;
  }
  return i;
}

uint32_t SourceFile::line_count() const {
  return text_.empty() ? 0 : position(size()).line - (text_.back() == '\n' ? 1 : 0);
}

void SourceFile::release(Range range) const {
  for (auto gap = gap_after(range.begin); gap != gaps_.end() && gap->range.begin < range.end;
       ++gap) {
    filled_->release({gap->source, gap->source + gap->range.size()});
  }
  if (mapping_ == nullptr || filled_ != nullptr) return;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  // A page that is read brings its neighbours along, also those before it that were given back.
  constexpr uint32_t kNeighbours = 64u << 10;
  const size_t begin = (range.begin - std::min(range.begin, kNeighbours)) / page * page;
  const size_t end = range.end / page * page;
  if (end > begin) ::madvise(static_cast<char*>(mapping_) + begin, end - begin, MADV_DONTNEED);
}

bool is_valid_text(std::string_view text) { return first_invalid(text) == std::string_view::npos; }

}  // namespace dsqlint
