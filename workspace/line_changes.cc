// Patience diff: lines that stand once on both sides are the fixed points, and between them only
// short stretches are compared line by line. Time stays near linear, whatever the texts are.

#include "workspace/line_changes.h"

#include <algorithm>
#include <unordered_map>

namespace dsqlint {
namespace {

constexpr size_t kMostCells = 1'000'000;  ///< of the table for one stretch
constexpr int kMostLevels = 64;

using Ids = std::vector<uint32_t>;  // equal lines, equal ids

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

/// Where a line begins in its text; past the last one, its end.
uint32_t offset_of(const Lines& lines, size_t line, std::string_view text) {
  return static_cast<uint32_t>(line < lines.size() ? lines[line].data() - text.data()
                                                   : static_cast<std::ptrdiff_t>(text.size()));
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// What both begin with, and then what both end with, is left alone; whole characters only.
void trim(std::string_view before, Edit& edit) {
  const std::string_view old = before.substr(edit.range.begin, edit.range.size());
  const size_t most = std::min(old.size(), edit.text.size());
  size_t head = 0;
  while (head < most && old[head] == edit.text[head]) ++head;
  while (head > 0 && ((head < old.size() && is_continuation(old[head])) ||
                      (head < edit.text.size() && is_continuation(edit.text[head])))) {
    --head;
  }
  // Nobody can name a place between the two of a line break.
  if (head > 0 && head < old.size() && old[head - 1] == '\r' && old[head] == '\n') --head;
  size_t tail = 0;
  while (tail < most - head &&
         old[old.size() - 1 - tail] == edit.text[edit.text.size() - 1 - tail]) {
    ++tail;
  }
  while (tail > 0 && is_continuation(old[old.size() - tail])) --tail;
  if (tail > 0 && tail < old.size() && old[old.size() - tail] == '\n' &&
      old[old.size() - tail - 1] == '\r') {
    --tail;
  }
  edit.range = {edit.range.begin + static_cast<uint32_t>(head),
                edit.range.end - static_cast<uint32_t>(tail)};
  edit.text = edit.text.substr(head, edit.text.size() - head - tail);
}

}  // namespace

Lines split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::vector<LineChange> line_changes(const Lines& a, const Lines& b) {
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
  std::vector<LineChange> changes;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && matcher.kept_a[i] && matcher.kept_b[j]) {
      ++i;
      ++j;
      continue;
    }
    LineChange change{i, i, j, j};
    while (change.a1 < a.size() && !matcher.kept_a[change.a1]) ++change.a1;
    while (change.b1 < b.size() && !matcher.kept_b[change.b1]) ++change.b1;
    changes.push_back(change);
    i = change.a1;
    j = change.b1;
  }
  return changes;
}

std::vector<Edit> changed_lines(std::string_view before, std::string_view after) {
  const Lines a = split_lines(before);
  const Lines b = split_lines(after);
  std::vector<Edit> edits;
  const auto add = [&](size_t a0, size_t a1, size_t b0, size_t b1) {
    const uint32_t begin = offset_of(b, b0, after);
    const uint32_t end = offset_of(b, b1, after);
    Edit edit{.range = {offset_of(a, a0, before), offset_of(a, a1, before)},
              .text = std::string(after.substr(begin, end - begin))};
    trim(before, edit);
    if (!edit.range.empty() || !edit.text.empty()) edits.push_back(std::move(edit));
  };
  for (const LineChange& change : line_changes(a, b)) {
    const size_t lines = change.a1 - change.a0;
    if (lines != change.b1 - change.b0) {
      add(change.a0, change.a1, change.b0, change.b1);
      continue;
    }
    // Each line has become another one.
    for (size_t i = 0; i < lines; ++i) {
      add(change.a0 + i, change.a0 + i + 1, change.b0 + i, change.b0 + i + 1);
    }
  }
  return edits;
}

}  // namespace dsqlint
