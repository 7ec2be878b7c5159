// Collecting and applying edits.

#include "engine/text/edit.h"

#include <algorithm>

namespace dsqlint {
namespace {

bool before(const Edit& a, const Edit& b) {
  if (a.range.begin != b.range.begin) return a.range.begin < b.range.begin;
  // Insertions come before a replacement that begins at the same byte.
  if (a.range.empty() != b.range.empty()) return a.range.empty();
  return a.rank < b.rank;
}

/// Do two edits want the same bytes? `a` is before `b`.
bool conflict(const Edit& a, const Edit& b) {
  if (a.range.empty() && b.range.empty()) return false;
  // An insertion at either edge of a replacement is a neighbour, not a rival.
  return b.range.begin < a.range.end;
}

}  // namespace

bool normalize(std::vector<Edit>& edits) {
  // Most come in order, each by itself.
  const auto crowded =
      std::adjacent_find(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) {
        return before(b, a) || b.range.begin < a.range.end || a == b;
      });
  if (crowded == edits.end()) return true;
  std::stable_sort(edits.begin(), edits.end(), before);
  std::vector<Edit> merged;
  for (Edit& edit : edits) {
    if (!merged.empty()) {
      Edit& last = merged.back();
      if (last == edit) continue;
      if (last.text.empty() && !last.range.empty() && edit.text.empty() &&
          edit.range.begin < last.range.end) {
        last.range.end = std::max(last.range.end, edit.range.end);
        continue;
      }
      if (last.text.empty() && !last.range.empty() && edit.range.end <= last.range.end &&
          edit.range.begin < last.range.end) {
        continue;
      }
      if (conflict(last, edit)) return false;
    }
    merged.push_back(std::move(edit));
  }
  edits = std::move(merged);
  return true;
}

bool EditOrder::operator()(const Edit& a, const Edit& b) const { return before(a, b); }

bool EditSet::holds(std::span<const Edit> edits) const {
  const auto is_known = [&](const Edit& edit) {
    const auto [begin, end] = edits_.equal_range(edit);
    return std::find(begin, end, edit) != end;
  };
  // Many may insert at one place: what is replaced tells sooner.
  return std::all_of(edits.begin(), edits.end(),
                     [&](const Edit& edit) { return edit.range.empty() || is_known(edit); }) &&
         std::all_of(edits.begin(), edits.end(),
                     [&](const Edit& edit) { return !edit.range.empty() || is_known(edit); });
}

bool EditSet::add(std::span<const Edit> edits) {
  if (holds(edits)) return false;
  for (const Edit& edit : edits) {
    const auto at = edits_.upper_bound(edit);
    if (at != edits_.begin() && conflict(*std::prev(at), edit)) return false;
    if (at != edits_.end() && conflict(edit, *at)) return false;
  }
  edits_.insert(edits.begin(), edits.end());
  return true;
}

std::string edited(std::string_view text, const EditSet& edits) {
  std::string changed;
  size_t at = 0;
  for (const Edit& edit : edits.edits()) {
    changed.append(text.substr(at, edit.range.begin - at));
    changed.append(edit.text);
    at = edit.range.end;
  }
  changed.append(text.substr(at));
  return changed;
}

EditedText::EditedText(uint32_t size, const EditSet& edits) : size_(size) {
  segments_.reserve(edits.edits().size());
  uint32_t longer = 0;  // wraps around where the text has become shorter
  for (const Edit& edit : edits.edits()) {
    const auto inserted = static_cast<uint32_t>(edit.text.size());
    segments_.push_back({edit.range.begin + longer, inserted, edit.range.begin, edit.range.size()});
    longer += inserted - edit.range.size();
  }
  size_ += longer;
}

uint32_t EditedText::original(uint32_t offset) const {
  const auto next =
      std::partition_point(segments_.begin(), segments_.end(),
                           [&](const Segment& segment) { return segment.changed <= offset; });
  if (next == segments_.begin()) return offset;
  const Segment& segment = *std::prev(next);
  if (offset < segment.changed + segment.inserted) return segment.original;
  return offset - segment.changed - segment.inserted + segment.original + segment.replaced;
}

EditedText::Stretch EditedText::stretch_before(std::vector<Segment>::const_iterator next) const {
  Stretch stretch{{0, next == segments_.end() ? size_ : next->changed}};
  if (next == segments_.begin()) return stretch;
  const Segment& last = *std::prev(next);
  stretch.range.begin = last.changed + last.inserted;
  stretch.original = last.original + last.replaced;
  return stretch;
}

std::optional<EditedText::Stretch> EditedText::stretch(uint32_t offset) const {
  const Stretch found = stretch_before(
      std::partition_point(segments_.begin(), segments_.end(),
                           [&](const Segment& segment) { return segment.changed <= offset; }));
  if (offset < found.range.begin || offset >= found.range.end) return std::nullopt;
  return found;
}

std::optional<Range> EditedText::changed(Range original) const {
  const Stretch found = stretch_before(std::partition_point(
      segments_.begin(), segments_.end(),
      [&](const Segment& segment) { return segment.original <= original.begin; }));
  const uint32_t end = found.original + found.range.size();
  if (original.begin < found.original || original.end > end) return std::nullopt;
  const uint32_t begin = original.begin - found.original + found.range.begin;
  return Range{begin, begin + original.size()};
}

}  // namespace dsqlint
