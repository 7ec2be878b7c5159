// Applying fixes until nothing changes.

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "engine/catalog/schema.h"
#include "engine/lint/linter.h"
#include "engine/lint/mysql_suspicion.h"

namespace dsqlint {
namespace {

constexpr int kMaxPasses = 10;
/// Passes whose text does not parse cost as much as others.
constexpr int kMaxUndone = 4;

/// The findings of a fix run, in the original's positions, and which of them still stand.
class Ledger {
 public:
  explicit Ledger(std::vector<Diagnostic> findings) {
    for (Diagnostic& finding : findings) entries_.push_back({std::move(finding), true});
    for (size_t i = 0; i < entries_.size(); ++i) current_.push_back(i);
  }

  /// The entry for finding `i` of the current pass.
  Diagnostic& entry(size_t i) { return entries_[current_[i]].finding; }
  void close(size_t i) { entries_[current_[i]].open = false; }

  /// Takes in the findings of the next pass. One that stood before, perhaps moved by an edit, keeps
  /// its entry; one that is gone although no fix of its own was applied was resolved by another's.
  template <typename Original>
  void advance(const std::vector<Diagnostic>& findings, Original&& original) {
    // By rule and place, then by rule alone, each in order: never a search among all.
    std::map<std::pair<std::string_view, uint32_t>, std::deque<size_t>> by_place;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i].open) continue;
      by_place[{entries_[i].finding.rule->id, entries_[i].finding.range.begin}].push_back(i);
    }
    current_.assign(findings.size(), kNone);
    for (size_t i = 0; i < findings.size(); ++i) {
      const auto found = by_place.find({findings[i].rule->id, original(findings[i].range.begin)});
      if (found == by_place.end() || found->second.empty()) continue;
      current_[i] = found->second.front();
      found->second.pop_front();
    }
    std::map<std::string_view, std::deque<size_t>> by_rule;
    for (const auto& [key, left] : by_place) {
      auto& rest = by_rule[key.first];
      rest.insert(rest.end(), left.begin(), left.end());
    }
    for (size_t i = 0; i < findings.size(); ++i) {
      if (current_[i] != kNone) continue;
      const auto found = by_rule.find(findings[i].rule->id);
      if (found == by_rule.end() || found->second.empty()) continue;
      current_[i] = found->second.front();
      found->second.pop_front();
    }
    for (const auto& [rule, left] : by_rule) {
      for (const size_t i : left) {
        Entry& entry = entries_[i];
        entry.open = false;
        if (!entry.finding.fix) {
          entry.gone = true;  // with the text around it
          continue;
        }
        // What was to be told of its own fix has not happened.
        entry.finding.fix->title = "resolved by another fix";
        entry.finding.fix->edits.clear();
        entry.finding.notes.clear();
      }
    }
    for (size_t i = 0; i < findings.size(); ++i) {
      Diagnostic finding = findings[i];
      finding.range = {original(finding.range.begin), original(finding.range.end)};
      finding.statement = {original(finding.statement.begin), original(finding.statement.end)};
      for (Note& note : finding.notes) {
        if (note.range) note.range = Range{original(note.range->begin), original(note.range->end)};
      }
      if (finding.fix) finding.fix->edits.clear();  // they speak of a text nobody has seen
      if (current_[i] != kNone) {
        // What stood in the way of a fix may be gone by now, or something has come in its way: the
        // status told is the one that applies.
        Diagnostic& known = entries_[current_[i]].finding;
        if (known.fix.has_value() != finding.fix.has_value()) {
          finding.range = known.range;
          finding.statement = known.statement;
          known = std::move(finding);
        }
        continue;
      }
      current_[i] = entries_.size();
      entries_.push_back({std::move(finding), true});
    }
  }

  std::vector<Diagnostic> take(Safety wanted) {
    std::vector<Diagnostic> findings;
    for (Entry& entry : entries_) {
      if (entry.gone) continue;
      if (entry.open && entry.finding.fix && entry.finding.fix->safety >= wanted) {
        entry.finding.notes.push_back(
            {"its fix was not applied, because it overlaps with another one"});
        entry.finding.fix.reset();
      }
      findings.push_back(std::move(entry.finding));
    }
    sort_findings(findings);
    return findings;
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);
  struct Entry {
    Diagnostic finding;
    bool open = true;
    bool gone = false;
  };
  std::vector<Entry> entries_;
  std::vector<size_t> current_;  ///< finding of this pass → entry
};

/// The fixes to apply together, by index into `findings`. Idioms first, for they speak for whole
/// statements; transactions are cut when nothing else is left to do, for what stands in them may
/// still change or vanish.
struct Selection {
  EditSet edits;
  std::vector<size_t> taken;
};

Selection select_fixes(const std::vector<Diagnostic>& findings, Safety wanted,
                       const std::set<size_t>& blocked) {
  Selection selection;
  for (const Phase phase : {Phase::Idiom, Phase::Statement, Phase::Transaction}) {
    if (phase == Phase::Transaction && !selection.taken.empty()) break;
    for (size_t i = 0; i < findings.size(); ++i) {
      const Diagnostic& finding = findings[i];
      if (finding.rule->phase != phase || !finding.fix || finding.fix->edits.empty() ||
          finding.fix->safety < wanted || blocked.count(i) != 0) {
        continue;
      }
      if (selection.edits.add(finding.fix->edits)) selection.taken.push_back(i);
    }
  }
  return selection;
}

bool is_unreadable(const Diagnostic& finding) { return finding.rule->id == "parse_error"; }

/// Statements that the edits made unreadable: those whose text was not unreadable before.
std::vector<Range> broken_statements(const std::vector<Diagnostic>& old_findings,
                                     const SourceFile& old_source,
                                     const std::vector<Diagnostic>& new_findings,
                                     const SourceFile& new_source) {
  std::multiset<std::string_view> known;
  for (const Diagnostic& finding : old_findings) {
    if (is_unreadable(finding)) known.insert(old_source.slice(finding.statement));
  }
  std::vector<Range> broken;
  for (const Diagnostic& finding : new_findings) {
    if (!is_unreadable(finding)) continue;
    const auto found = known.find(new_source.slice(finding.statement));
    if (found != known.end()) {
      known.erase(found);
    } else {
      broken.push_back(finding.statement);
    }
  }
  return broken;
}

}  // namespace

Result<FixOutcome> fix_text(const std::shared_ptr<const SourceFile>& source, Safety wanted,
                            const CheckText& check) {
  FixOutcome outcome;
  std::shared_ptr<const SourceFile> current = source;
  CheckOutcome checked = check(current, false);
  std::vector<Diagnostic>& findings = checked.findings;
  Ledger ledger(findings);
  std::vector<EditedText> steps;
  const auto original = [&](uint32_t offset) {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) offset = step->original(offset);
    return offset;
  };

  int undone = 0;
  while (outcome.passes < kMaxPasses) {
    std::set<size_t> blocked;   // for good
    std::set<size_t> deferred;  // to a later pass
    Selection selection = select_fixes(findings, wanted, blocked);
    if (selection.taken.empty()) break;
    std::shared_ptr<const SourceFile> next;
    CheckOutcome next_checked;
    std::vector<Diagnostic>& next_findings = next_checked.findings;
    for (;;) {
      steps.emplace_back(current->text(), selection.edits);
      auto made = SourceFile::from_text(std::string(source->path()), steps.back().take());
      if (!made) return tl::unexpected(made.error());
      next = std::move(*made);
      next_checked = check(next, true);
      const std::vector<Range> broken = broken_statements(findings, *current, next_findings, *next);
      if (broken.empty()) break;
      // Undo, and of the fixes that have an edit in a statement that no longer parses apply only
      // the first now: they may be fine one by one. One that was alone is left out for good; when
      // that is not soon enough, all of them are.
      const size_t before = blocked.size() + deferred.size();
      ++undone;
      for (const Range range : broken) {
        const Range old{steps.back().original(range.begin), steps.back().original(range.end)};
        std::vector<size_t> guilty;
        for (const size_t i : selection.taken) {
          const auto& edits = findings[i].fix->edits;
          const bool touches = std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
            return edit.range.begin <= old.end && old.begin <= edit.range.end;
          });
          if (touches) guilty.push_back(i);
        }
        if (guilty.size() == 1) {
          blocked.insert(guilty.front());
        } else if (!guilty.empty()) {
          deferred.insert(guilty.begin() + 1, guilty.end());
        }
      }
      if (blocked.size() + deferred.size() == before || undone >= kMaxUndone) {
        blocked.insert(selection.taken.begin(), selection.taken.end());
      }
      steps.pop_back();
      std::set<size_t> left_out = deferred;
      left_out.insert(blocked.begin(), blocked.end());
      selection = select_fixes(findings, wanted, left_out);
      if (selection.taken.empty()) break;
    }
    for (const size_t i : blocked) {
      Diagnostic& entry = ledger.entry(i);
      entry.fix.reset();
      entry.notes.push_back(
          {"its fix was not applied, because the result would not parse; please report this"});
      findings[i].fix.reset();
    }
    if (selection.taken.empty()) {
      if (blocked.empty()) break;
      continue;
    }
    for (const size_t i : selection.taken) ledger.close(i);
    ++outcome.passes;
    outcome.changed = true;
    checked = std::move(next_checked);
    current = std::move(next);
    ledger.advance(findings, original);
  }
  outcome.findings = ledger.take(wanted);
  outcome.left = std::move(findings);
  outcome.carried = checked.carried;
  merge_parse_errors(outcome.findings);
  merge_parse_errors(outcome.left);
  outcome.text = std::string(current->text());
  return outcome;
}

Result<FixOutcome> Linter::fix(std::shared_ptr<const SourceFile> source, Safety wanted,
                               const Placement& placement) const {
  bool replayed = false;  // the history holds another text than the source
  const CheckText check = [&](const std::shared_ptr<const SourceFile>& text, bool again) {
    replayed |= again;
    return run(text, placement, again);
  };
  Result<FixOutcome> outcome = fix_text(source, wanted, check);
  if (outcome) leave_history(source, replayed, placement);
  return outcome;
}

}  // namespace dsqlint
