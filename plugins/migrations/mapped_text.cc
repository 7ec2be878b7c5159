#include "plugins/migrations/mapped_text.h"

#include <algorithm>

namespace dsqlint::migrations {

void MappedText::copy(std::string_view file, Range range) {
  if (range.empty()) return;
  if (!pieces_.empty() && pieces_.back().verbatim && pieces_.back().source.end == range.begin &&
      pieces_.back().begin + pieces_.back().size == size()) {
    pieces_.back().size += range.size();
    pieces_.back().source.end = range.end;
  } else {
    pieces_.push_back({size(), range.size(), range, true});
  }
  text_ += file.substr(range.begin, range.size());
}

void MappedText::replace(Range range, std::string_view text) {
  pieces_.push_back({size(), static_cast<uint32_t>(text.size()), range, false});
  text_ += text;
}

void MappedText::add(std::string_view text) { text_ += text; }

const MappedText::Piece* MappedText::piece_at(uint32_t offset) const {
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](uint32_t at, const Piece& piece) { return at < piece.begin; });
  return after == pieces_.begin() ? nullptr : &*std::prev(after);
}

uint32_t MappedText::source(uint32_t offset) const {
  const Piece* piece = piece_at(offset);
  if (piece == nullptr) return pieces_.empty() ? 0 : pieces_.front().source.begin;
  const uint32_t into = offset - piece->begin;
  if (piece->verbatim && into <= piece->size) return piece->source.begin + into;
  return into == 0 ? piece->source.begin : piece->source.end;
}

Range MappedText::source(Range range) const {
  const uint32_t begin = source(range.begin);
  if (range.empty()) return {begin, begin};
  const Piece* last = piece_at(range.end - 1);
  uint32_t end = begin;
  if (last != nullptr) {
    const uint32_t into = range.end - 1 - last->begin;
    end = last->verbatim && into < last->size ? last->source.begin + into + 1 : last->source.end;
  }
  return {begin, std::max(begin, end)};
}

bool MappedText::map_edit(Edit& edit) const {
  // Within one verbatim piece, its ends included; of two that meet, the one before is the user's
  // statement that something is put after.
  const Piece* piece = piece_at(edit.range.begin);
  if (edit.range.empty() && piece != nullptr && piece->begin == edit.range.begin &&
      piece != pieces_.data() && !piece->verbatim) {
    --piece;
  }
  if (piece == nullptr || !piece->verbatim || edit.range.end > piece->begin + piece->size) {
    return false;
  }
  const auto quotes = std::find_if(quotes_.begin(), quotes_.end(), [&](const Quotes& q) {
    return q.range.begin <= edit.range.begin && edit.range.end <= q.range.end;
  });
  if (quotes != quotes_.end()) {
    if (edit.text.find_first_of(quotes->barred) != std::string::npos) return false;
    if (!quotes->multiline && edit.text.find('\n') != std::string::npos) return false;
    // A call sends its text in one message: a second statement would make a transaction of two.
    if (edit.text.find(';') != std::string::npos) return false;
  }
  const uint32_t begin = piece->source.begin + (edit.range.begin - piece->begin);
  edit.range = {begin, begin + edit.range.size()};
  return true;
}

void MappedText::map_back(std::vector<Diagnostic>& findings) const {
  for (Diagnostic& finding : findings) {
    if (finding.fix) {
      std::vector<Edit>& edits = finding.fix->edits;
      const bool all =
          std::all_of(edits.begin(), edits.end(), [&](Edit& edit) { return map_edit(edit); });
      if (!all) {
        if (finding.help.empty()) finding.help = finding.fix->title;
        finding.fix.reset();
      }
    }
    finding.range = source(finding.range);
    if (!finding.statement.empty()) finding.statement = source(finding.statement);
    for (Note& note : finding.notes) {
      if (note.range) note.range = source(*note.range);
    }
  }
}

}  // namespace dsqlint::migrations
