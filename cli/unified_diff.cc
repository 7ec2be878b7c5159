// Patience diff: lines that stand once on both sides are the fixed points, and between them only
// short stretches are compared line by line. Time stays near linear, whatever the texts are.

#include "cli/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace dsqlint {
namespace {

constexpr size_t kContext = 3;
constexpr size_t kMostCells = 1'000'000;  ///< of the table for one stretch
constexpr int kMostLevels = 64;

using Lines = std::vector<std::string_view>;  // with their line breaks
using Ids = std::vector<uint32_t>;            // equal lines, equal ids

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

struct Stretch {
  size_t a0, a1, b0, b1;
  int level;
};

/// Marks in `kept_a` and `kept_b` the lines that both sides share, in order.
class Matcher {
 public:
  Matcher(const Ids& a, const Ids& b) : a_(a), b_(b), kept_a(a.size()), kept_b(b.size()) {}

  void run() {
    std::vector<Stretch> pending = {{0, a_.size(), 0, b_.size(), 0}};
    while (!pending.empty()) {
      Stretch at = pending.back();
      pending.pop_back();
      while (at.a0 < at.a1 && at.b0 < at.b1 && a_[at.a0] == b_[at.b0]) keep(at.a0++, at.b0++);
      while (at.a0 < at.a1 && at.b0 < at.b1 && a_[at.a1 - 1] == b_[at.b1 - 1]) {
        keep(--at.a1, --at.b1);
      }
      if (at.a0 == at.a1 || at.b0 == at.b1 || at.level == kMostLevels) continue;
      const auto anchors = fixed_points(at);
      if (anchors.empty()) {
        if ((at.a1 - at.a0) <= kMostCells / (at.b1 - at.b0)) compare(at);
        continue;
      }
      size_t a = at.a0;
      size_t b = at.b0;
      for (const auto& [next_a, next_b] : anchors) {
        pending.push_back({a, next_a, b, next_b, at.level + 1});
        keep(next_a, next_b);
        a = next_a + 1;
        b = next_b + 1;
      }
      pending.push_back({a, at.a1, b, at.b1, at.level + 1});
    }
  }

 private:
  using Pairs = std::vector<std::pair<size_t, size_t>>;

  void keep(size_t a, size_t b) {
    kept_a[a] = true;
    kept_b[b] = true;
  }

  /// Lines that stand once on either side, as the longest run of them that is in order on both.
  Pairs fixed_points(const Stretch& at) const {
    struct Seen {
      size_t in_a = 0, in_b = 0;
      size_t a = 0, b = 0;
    };
    std::unordered_map<uint32_t, Seen> seen;
    for (size_t i = at.a0; i < at.a1; ++i) {
      Seen& line = seen[a_[i]];
      ++line.in_a;
      line.a = i;
    }
    for (size_t i = at.b0; i < at.b1; ++i) {
      const auto line = seen.find(b_[i]);
      if (line == seen.end()) continue;
      ++line->second.in_b;
      line->second.b = i;
    }
    Pairs unique;
    for (const auto& [id, line] : seen) {
      if (line.in_a == 1 && line.in_b == 1) unique.emplace_back(line.a, line.b);
    }
    std::sort(unique.begin(), unique.end());
    // Longest increasing subsequence of the places in b.
    constexpr size_t kNone = static_cast<size_t>(-1);
    std::vector<size_t> tails;
    std::vector<size_t> before(unique.size(), kNone);
    for (size_t i = 0; i < unique.size(); ++i) {
      const auto place =
          std::lower_bound(tails.begin(), tails.end(), unique[i].second,
                           [&](size_t tail, size_t b) { return unique[tail].second < b; });
      if (place != tails.begin()) before[i] = *(place - 1);
      if (place == tails.end()) {
        tails.push_back(i);
      } else {
        *place = i;
      }
    }
    Pairs run;
    for (size_t i = tails.empty() ? kNone : tails.back(); i != kNone; i = before[i]) {
      run.push_back(unique[i]);
    }
    std::reverse(run.begin(), run.end());
    return run;
  }

  /// Longest common subsequence by table.
  void compare(const Stretch& at) {
    const size_t rows = at.a1 - at.a0;
    const size_t columns = at.b1 - at.b0;
    std::vector<uint32_t> table((rows + 1) * (columns + 1), 0);
    const auto cell = [&](size_t i, size_t j) -> uint32_t& { return table[i * (columns + 1) + j]; };
    for (size_t i = rows; i-- > 0;) {
      for (size_t j = columns; j-- > 0;) {
        cell(i, j) = a_[at.a0 + i] == b_[at.b0 + j] ? cell(i + 1, j + 1) + 1
                                                    : std::max(cell(i + 1, j), cell(i, j + 1));
      }
    }
    for (size_t i = 0, j = 0; i < rows && j < columns;) {
      if (a_[at.a0 + i] == b_[at.b0 + j]) {
        keep(at.a0 + i++, at.b0 + j++);
      } else if (cell(i + 1, j) >= cell(i, j + 1)) {
        ++i;
      } else {
        ++j;
      }
    }
  }

  const Ids& a_;
  const Ids& b_;

 public:
  std::vector<bool> kept_a;
  std::vector<bool> kept_b;
};

struct Change {
  size_t a0, a1, b0, b1;
};

std::vector<Change> changes_of(const Lines& a, const Lines& b) {
  std::unordered_map<std::string_view, uint32_t> known;
  const auto ids = [&](const Lines& lines) {
    Ids found;
    found.reserve(lines.size());
    for (const std::string_view line : lines) {
      found.push_back(known.emplace(line, static_cast<uint32_t>(known.size())).first->second);
    }
    return found;
  };
  const Ids ids_a = ids(a);
  const Ids ids_b = ids(b);
  Matcher matcher(ids_a, ids_b);
  matcher.run();
  std::vector<Change> changes;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && matcher.kept_a[i] && matcher.kept_b[j]) {
      ++i;
      ++j;
      continue;
    }
    Change change{i, i, j, j};
    while (change.a1 < a.size() && !matcher.kept_a[change.a1]) ++change.a1;
    while (change.b1 < b.size() && !matcher.kept_b[change.b1]) ++change.b1;
    changes.push_back(change);
    i = change.a1;
    j = change.b1;
  }
  return changes;
}

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
  const Lines a = split(before);
  const Lines b = split(after);
  const std::vector<Change> changes = changes_of(a, b);
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
