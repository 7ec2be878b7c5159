#include "engine/lint/by_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace dsqlint {
namespace {

Range moved(Range range, Range file) {
  const auto within = [&](uint32_t at) {
    return std::clamp(at, file.begin, file.end) - file.begin;
  };
  return {within(range.begin), within(range.end)};
}

void move_into_file(Diagnostic& finding, const SourceFile& source, size_t file) {
  const Range range = source.file_range(file);
  for (Note& note : finding.notes) {
    if (!note.range) continue;
    if (source.file_at(note.range->begin) == file) {
      note.range = moved(*note.range, range);
      continue;
    }
    note.message += fmt::format(" ({})", source.place(note.range->begin, finding.range.begin));
    note.range.reset();
  }
  finding.range = moved(finding.range, range);
  // Empty where the statement comes from a fix: it has a place all the same.
  finding.statement = moved(finding.statement, range);
  if (!finding.fix) return;
  // Those of other files belong to their findings.
  std::erase_if(finding.fix->edits,
                [&](const Edit& edit) { return source.file_at(edit.range.begin) != file; });
  for (Edit& edit : finding.fix->edits) edit.range = moved(edit.range, range);
}

/// Calls `take(file, finding)` for all of them.
template <typename Take>
void part(std::vector<Diagnostic> findings, const SourceFile& source, Take&& take) {
  for (Diagnostic& finding : findings) {
    const size_t file = source.file_at(finding.range.begin);
    move_into_file(finding, source, file);
    take(file, std::move(finding));
  }
}

template <typename Outcome>
std::vector<Outcome> parted(Outcome& outcome, const SourceFile& source) {
  std::vector<Outcome> parts(source.files().size());
  part(std::move(outcome.findings), source, [&](size_t file, Diagnostic finding) {
    parts[file].findings.push_back(std::move(finding));
  });
  for (Suppressed& silenced : outcome.suppressed) {
    const size_t file = source.file_at(silenced.finding.range.begin);
    move_into_file(silenced.finding, source, file);
    parts[file].suppressed.push_back(std::move(silenced));
  }
  for (Outcome& one : parts) one.carried = outcome.carried;
  return parts;
}

}  // namespace

std::vector<CheckOutcome> by_file(CheckOutcome outcome, const SourceFile& source) {
  return parted(outcome, source);
}

std::vector<FixOutcome> by_file(FixOutcome outcome, const SourceFile& source) {
  std::vector<FixOutcome> parts = parted(outcome, source);
  const SourceFile& fixed = *outcome.fixed;
  for (size_t file = 0; file < parts.size(); ++file) {
    const std::string_view text = fixed.slice(fixed.file_range(file));
    parts[file].changed = text != source.slice(source.file_range(file));
    // What has been a text is one.
    parts[file].fixed =
        *SourceFile::from_text(source.files()[file].path, std::string(text), Encoding::Bytes);
    parts[file].passes = outcome.passes;
  }
  part(std::move(outcome.left), fixed,
       [&](size_t file, Diagnostic finding) { parts[file].left.push_back(std::move(finding)); });
  return parts;
}

}  // namespace dsqlint
