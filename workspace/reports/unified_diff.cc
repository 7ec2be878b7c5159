#include "workspace/reports/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "workspace/line_changes.h"

namespace dsqlint {
namespace {

constexpr size_t kContext = 3;

/// "12,3", or "12" for one line; of no lines the number is that of the line before.
std::string span(size_t begin, size_t end) {
  const size_t count = end - begin;
  const size_t first = count == 0 ? begin : begin + 1;
  return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

/// A path as git writes it in a header: quoted when it holds what would be misread.
std::string header_path(std::string_view path) {
  const bool quoted = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F;
  });
  if (!quoted) {
    std::string out(path);
    // A blank inside would end the name for patch; a tab behind it says where it ends.
    if (path.find(' ') != std::string_view::npos) out += '\t';
    return out;
  }
  std::string out = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void put(char mark, std::string_view line, std::string& out) {
  out += mark;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

/// The hunks of two texts before which so many lines stand.
void put_hunks(std::string_view before, std::string_view after, size_t lines_before,
               size_t lines_after, std::string& out) {
  const Lines a = split_lines(before);
  const Lines b = split_lines(after);
  const std::vector<LineChange> changes = line_changes(a, b);
  for (size_t first = 0; first < changes.size();) {
    size_t last = first;
    while (last + 1 < changes.size() && changes[last + 1].a0 - changes[last].a1 <= 2 * kContext) {
      ++last;
    }
    const size_t lead = std::min(kContext, changes[first].a0);
    const size_t tail = std::min(kContext, a.size() - changes[last].a1);
    out += fmt::format(
        "@@ -{} +{} @@\n",
        span(lines_before + changes[first].a0 - lead, lines_before + changes[last].a1 + tail),
        span(lines_after + changes[first].b0 - lead, lines_after + changes[last].b1 + tail));
    for (size_t i = changes[first].a0 - lead; i < changes[first].a0; ++i) put(' ', a[i], out);
    for (size_t k = first; k <= last; ++k) {
      for (size_t i = changes[k].a0; i < changes[k].a1; ++i) put('-', a[i], out);
      for (size_t i = changes[k].b0; i < changes[k].b1; ++i) put('+', b[i], out);
      const size_t end = k < last ? changes[k + 1].a0 : changes[k].a1 + tail;
      for (size_t i = changes[k].a1; i < end; ++i) put(' ', a[i], out);
    }
    first = last + 1;
  }
}

std::string with_header(std::string_view path, const std::string& hunks) {
  if (hunks.empty()) return {};
  const std::string name = header_path(path);
  return fmt::format("--- {}\n+++ {}\n", name, name) + hunks;
}

size_t line_breaks(std::string_view text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after) {
  std::string hunks;
  put_hunks(before, after, 0, 0, hunks);
  return with_header(path, hunks);
}

std::string unified_diff(std::string_view path, const SourceFile& before, const SourceFile& after) {
  // More equal lines than hunks show stand on either side of a gap.
  std::string hunks;
  uint32_t at_before = 0;
  uint32_t at_after = 0;
  size_t lines_before = 0;
  size_t lines_after = 0;
  for (;;) {
    const Range gap = after.next_gap(at_after);
    const uint32_t source = gap.empty() ? before.size() : after.gap_source(gap);
    const std::string_view a = before.slice({at_before, source});
    const std::string_view b = after.slice({at_after, gap.empty() ? after.size() : gap.begin});
    put_hunks(a, b, lines_before, lines_after, hunks);
    if (gap.empty()) return with_header(path, hunks);
    const size_t skipped = line_breaks(after.stretch(gap.begin));
    lines_before += line_breaks(a) + skipped;
    lines_after += line_breaks(b) + skipped;
    at_before = source + gap.size();
    at_after = gap.end;
    before.release({source, at_before});
  }
}

}  // namespace dsqlint
