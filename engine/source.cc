// Reading, checking and indexing one input.

#include "engine/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace dsqlint {
namespace {

constexpr uint32_t kBlock = 4096;
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
  if (auto ok = file->index(encoding); !ok) return tl::unexpected(ok.error());
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
  if (auto ok = file->index(encoding); !ok) return tl::unexpected(ok.error());
  return file;
}

SourceFile::~SourceFile() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapping_size_);
}

Result<void> SourceFile::index(Encoding encoding) {
  lines_before_.reserve(text_.size() / kBlock + 1);
  uint32_t lines = 0;
  for (size_t i = 0; i < text_.size(); i += kBlock) {
    lines_before_.push_back(lines);
    const std::string_view block = text_.substr(i, kBlock);
    lines += static_cast<uint32_t>(std::count(block.begin(), block.end(), '\n'));
  }
  if (encoding == Encoding::Bytes) return {};
  // Validate in windows, so that the pages of a mapped file can go again.
  constexpr size_t kWindow = size_t{16} << 20;
  size_t bad = std::string_view::npos;
  for (size_t i = 0; i < text_.size() && bad == std::string_view::npos;) {
    size_t end = std::min(text_.size(), i + kWindow);
    while (end < text_.size() && end > i && is_continuation(text_[end])) --end;
    if (end == i) end = std::min(text_.size(), i + kWindow);
    const size_t at = first_invalid(text_.substr(i, end - i));
    if (at != std::string_view::npos) bad = i + at;
    release({static_cast<uint32_t>(i), static_cast<uint32_t>(end)});
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
        fmt::format("{}:{}:{}: NUL byte at offset {}; SQL text has none, is this a "
                    "binary (pg_dump -Fc) file? Dump as plain text",
                    path_, where.line, where.column, bad));
  }
  return fail(
      fmt::format("{}:{}:{}: non-UTF-8 input: byte 0x{:02X} at offset {}; convert it, "
                  "for example: iconv -f LATIN1 -t UTF-8",
                  path_, where.line, where.column, static_cast<unsigned char>(text_[bad]), bad));
}

Position SourceFile::position(uint32_t offset, Columns unit) const {
  offset = std::min(offset, size());
  if (lines_before_.empty()) return {};
  const size_t block = std::min<size_t>(offset / kBlock, lines_before_.size() - 1);
  uint32_t line = lines_before_[block] + 1;
  const auto from = text_.begin() + static_cast<std::ptrdiff_t>(block * kBlock);
  line += static_cast<uint32_t>(std::count(from, text_.begin() + offset, '\n'));
  const size_t newline = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
  size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  // A byte order mark is not a character of the first line.
  if (start == 0 && text_.starts_with("\xEF\xBB\xBF") && offset >= 3) start = 3;
  // One plain loop per question, so that long lines are counted many bytes at a time.
  const std::string_view before = text_.substr(start, offset - start);
  auto column = static_cast<uint32_t>(
      std::count_if(before.begin(), before.end(), [](char c) { return !is_continuation(c); }));
  if (unit == Columns::Utf16) {
    column += static_cast<uint32_t>(std::count_if(before.begin(), before.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0xF0;
    }));
  }
  return {line, column + 1};
}

Range SourceFile::line_range(uint32_t line) const {
  if (line == 0) line = 1;
  const auto block = std::lower_bound(lines_before_.begin(), lines_before_.end(), line - 1);
  // The block before the first one that has already seen that many line breaks.
  size_t i = block == lines_before_.begin()
                 ? 0
                 : static_cast<size_t>(block - lines_before_.begin() - 1) * kBlock;
  uint32_t seen = lines_before_.empty() ? 0 : lines_before_[i / kBlock];
  while (seen + 1 < line) {
    const size_t newline = text_.find('\n', i);
    if (newline == std::string_view::npos) return {size(), size()};
    i = newline + 1;
    ++seen;
  }
  size_t end = text_.find('\n', i);
  if (end == std::string_view::npos) end = text_.size();
  if (i == 0 && text_.starts_with("\xEF\xBB\xBF")) i = 3;
  if (end > i && text_[end - 1] == '\r') --end;
  return {static_cast<uint32_t>(i), static_cast<uint32_t>(std::max(i, end))};
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
  if (mapping_ == nullptr) return;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  // A page that is read brings its neighbours along, also those before it that were given back.
  constexpr uint32_t kNeighbours = 64u << 10;
  const size_t begin = (range.begin - std::min(range.begin, kNeighbours)) / page * page;
  const size_t end = range.end / page * page;
  if (end > begin) ::madvise(static_cast<char*>(mapping_) + begin, end - begin, MADV_DONTNEED);
}

bool is_valid_text(std::string_view text) { return first_invalid(text) == std::string_view::npos; }

}  // namespace dsqlint
