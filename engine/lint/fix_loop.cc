// Applying fixes until nothing changes.

#include <algorithm>
#include <set>

#include "engine/catalog/schema.h"
#include "engine/lint/linter.h"
#include "engine/lint/mysql_suspicion.h"

namespace dsqlint {
namespace {

constexpr int kMaxPasses = 10;
/// Passes whose text does not parse cost as much as others.
constexpr int kMaxUndone = 4;

constexpr size_t kNone = static_cast<size_t>(-1);

/// Numbers under keys, each handed out once, those of one key in their order.
template <typename Key>
class Waiting {
 public:
  explicit Waiting(std::vector<std::pair<Key, size_t>> all)
      : all_(std::move(all)), taken_(all_.size()) {
    std::sort(all_.begin(), all_.end());
  }

  /// kNone when none is left under `key`.
  size_t take(const Key& key) {
    const auto first =
        std::partition_point(all_.begin(), all_.end(),
                             [&](const std::pair<Key, size_t>& one) { return one.first < key; });
    const auto head = static_cast<size_t>(first - all_.begin());
    if (head == all_.size()) return kNone;
    const size_t next = head + taken_[head];
    if (next == all_.size() || all_[next].first != key) return kNone;
    ++taken_[head];
    return all_[next].second;
  }

  template <typename Visit>
  void each_left(Visit&& visit) const {
    for (size_t head = 0; head < all_.size();) {
      size_t i = head;
      for (; i < all_.size() && all_[i].first == all_[head].first; ++i) {
        if (i >= head + taken_[head]) visit(all_[i].first, all_[i].second);
      }
      head = i;
    }
  }

 private:
  std::vector<std::pair<Key, size_t>> all_;
  std::vector<size_t> taken_;  ///< of each key, at its first
};

/// The findings of all passes, in the source's positions, and which of them still stand.
class Ledger {
 public:
  explicit Ledger(std::vector<Diagnostic> findings)
      : findings_(std::move(findings)), states_(findings_.size()) {
    current_.reserve(findings_.size());
    for (size_t i = 0; i < findings_.size(); ++i) current_.push_back(i);
  }

  /// Those of the first pass, as long as there has been no other.
  std::vector<Diagnostic>& first() { return findings_; }
  /// The entry for finding `i` of the current pass.
  Diagnostic& entry(size_t i) { return findings_[current_[i]]; }
  void close(size_t i) { states_[current_[i]].open = false; }
  /// A fix of another one deletes the statement that finding `i` is about.
  void lose_statement(size_t i) { states_[current_[i]].lost = true; }
  /// The edits of another one are its fix, too.
  void join(size_t i) { states_[current_[i]].joint = true; }

  /// Takes in the findings of the next pass. One that stood before, perhaps moved by an edit, keeps
  /// its entry; one that is gone although no fix of its own was applied was resolved by another's.
  template <typename Original>
  void advance(const std::vector<Diagnostic>& findings, Original&& original) {
    // By rule and place, then by rule alone, each in order: never a search among all.
    using Place = std::pair<std::string_view, uint32_t>;
    std::vector<std::pair<Place, size_t>> open;
    for (size_t i = 0; i < findings_.size(); ++i) {
      if (states_[i].open) open.push_back({{findings_[i].rule->id, findings_[i].range.begin}, i});
    }
    Waiting<Place> by_place(std::move(open));
    current_.clear();
    for (const Diagnostic& finding : findings) {
      current_.push_back(by_place.take({finding.rule->id, original(finding.range.begin)}));
    }
    std::vector<std::pair<std::string_view, size_t>> moved;
    by_place.each_left([&](const Place& place, size_t i) { moved.emplace_back(place.first, i); });
    Waiting<std::string_view> by_rule(std::move(moved));
    for (size_t i = 0; i < findings.size(); ++i) {
      // A comment is itself at its own place only.
      if (current_[i] != kNone || is_unused_comment(findings[i])) continue;
      current_[i] = by_rule.take(findings[i].rule->id);
    }
    by_rule.each_left([&](std::string_view, size_t i) {
      states_[i].open = false;
      if (states_[i].joint) return;
      // What another fix has brought about is there although its text no longer shows it.
      states_[i].kept = !findings_[i].fix && findings_[i].follows && !states_[i].lost;
      if (states_[i].kept) return;
      if (!findings_[i].fix || states_[i].lost) {
        states_[i].gone = true;  // with the text around it
        return;
      }
      // What was to be told of its own fix has not happened.
      findings_[i].fix->title = "resolved by another fix";
      findings_[i].fix->edits.clear();
      findings_[i].notes.clear();
    });
    for (size_t i = 0; i < findings.size(); ++i) {
      const bool known = current_[i] != kNone;
      if (known) states_[current_[i]].lost = states_[current_[i]].joint = false;
      // What stood in the way of a fix may be gone by now, or something has come in its way: the
      // status told is the one that applies.
      if (known && findings_[current_[i]].fix.has_value() == findings[i].fix.has_value()) continue;
      Diagnostic finding = in_source(findings[i], original);
      if (known) {
        Diagnostic& entry = findings_[current_[i]];
        finding.range = entry.range;
        finding.statement = entry.statement;
        entry = std::move(finding);
        continue;
      }
      current_[i] = findings_.size();
      findings_.push_back(std::move(finding));
      // A comment of the source that silenced something there was of use, whatever came of it.
      states_.push_back({.gone = is_unused_comment(findings_.back())});
    }
  }

  /// Calls `visit(finding)` for those that stand without being found in the newest text.
  template <typename Visit>
  void each_kept(Visit&& visit) const {
    for (size_t i = 0; i < findings_.size(); ++i) {
      if (states_[i].kept) visit(findings_[i]);
    }
  }

  std::vector<Diagnostic> take(Safety wanted) {
    std::vector<Diagnostic> findings;
    findings.reserve(findings_.size());
    for (size_t i = 0; i < findings_.size(); ++i) {
      Diagnostic& finding = findings_[i];
      if (states_[i].gone) continue;
      if (states_[i].open && finding.fix && finding.fix->safety >= wanted) {
        finding.notes.push_back({"its fix was not applied, because it overlaps with another one"});
        finding.fix.reset();
      }
      findings.push_back(std::move(finding));
    }
    sort_findings(findings);
    return findings;
  }

 private:
  struct State {
    bool open = true;
    bool lost = false;
    bool joint = false;
    bool gone = false;
    bool kept = false;
  };

  static bool is_unused_comment(const Diagnostic& finding) {
    return finding.rule->id == "unused_suppression";
  }
  template <typename Original>
  static Diagnostic in_source(const Diagnostic& found, Original&& original) {
    const auto map = [&](Range range) { return Range{original(range.begin), original(range.end)}; };
    Diagnostic finding = found;
    finding.range = map(finding.range);
    finding.statement = map(finding.statement);
    for (Note& note : finding.notes) {
      if (note.range) note.range = map(*note.range);
    }
    if (finding.fix) finding.fix->edits.clear();  // they speak of a text nobody has seen
    return finding;
  }

  std::vector<Diagnostic> findings_;
  std::vector<State> states_;    ///< of each
  std::vector<size_t> current_;  ///< finding of this pass → entry
};

/// Do `chosen` do all that `edits` would? Deleting more than they delete is doing it only where
/// they write something, too: a repair of what is deleted has not happened.
bool include(const EditSet& chosen, const std::vector<Edit>& edits) {
  if (chosen.holds(edits)) return true;
  const auto writes = [](const Edit& edit) { return !edit.text.empty(); };
  if (std::none_of(edits.begin(), edits.end(), writes)) return false;
  return std::all_of(edits.begin(), edits.end(), [&](const Edit& edit) {
    if (chosen.holds(std::span(&edit, 1))) return true;
    if (writes(edit)) return false;
    const auto after = chosen.edits().upper_bound(edit);
    if (after == chosen.edits().begin()) return false;
    const Edit& around = *std::prev(after);
    return around.text.empty() && around.range.contains(edit.range);
  });
}

/// Does its fix delete the statement it is about, and nothing else?
bool removes_statement(const Diagnostic& finding) {
  const std::vector<Edit>& edits = finding.fix->edits;
  return !finding.statement.empty() &&
         std::all_of(edits.begin(), edits.end(),
                     [](const Edit& edit) { return edit.text.empty(); }) &&
         std::any_of(edits.begin(), edits.end(),
                     [&](const Edit& edit) { return edit.range.contains(finding.statement); });
}

/// The fixes to apply together, by index into `findings`. Idioms first, for they speak for whole
/// statements; what removes a statement before what repairs it; transactions are cut when nothing
/// else is left to do, for what stands in them may still change or vanish.
struct Selection {
  EditSet edits;
  std::vector<size_t> taken;
  std::vector<size_t> shared;  ///< what they would do is done by those that were taken
};

Selection select_fixes(const std::vector<Diagnostic>& findings, Safety wanted,
                       const std::set<size_t>& blocked) {
  Selection selection;
  for (const Phase phase : {Phase::Idiom, Phase::Statement, Phase::Transaction}) {
    if (phase == Phase::Transaction && !selection.taken.empty()) break;
    std::vector<size_t> order;
    for (size_t i = 0; i < findings.size(); ++i) {
      const Diagnostic& finding = findings[i];
      if (finding.rule->phase != phase || !finding.fix || finding.fix->edits.empty() ||
          finding.fix->safety < wanted || blocked.count(i) != 0) {
        continue;
      }
      order.push_back(i);
    }
    if (phase == Phase::Statement) {
      std::stable_partition(order.begin(), order.end(),
                            [&](size_t i) { return removes_statement(findings[i]); });
    }
    for (const size_t i : order) {
      const Diagnostic& finding = findings[i];
      if (selection.edits.add(finding.fix->edits)) {
        selection.taken.push_back(i);
      } else if (include(selection.edits, finding.fix->edits)) {
        selection.shared.push_back(i);
      }
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

/// What the edits of `taken` delete, in order.
std::vector<Range> deletions(const std::vector<Diagnostic>& findings,
                             const std::vector<size_t>& taken) {
  std::vector<Range> deleted;
  for (const size_t i : taken) {
    for (const Edit& edit : findings[i].fix->edits) {
      if (edit.text.empty() && !edit.range.empty()) deleted.push_back(edit.range);
    }
  }
  std::sort(deleted.begin(), deleted.end());
  return deleted;
}

/// Tells the ledger which findings lose their statements to the fixes of others.
void lose_statements(const std::vector<Diagnostic>& findings, const std::vector<size_t>& taken,
                     Ledger& ledger) {
  const std::vector<Range> deleted = deletions(findings, taken);
  if (deleted.empty()) return;
  for (size_t i = 0; i < findings.size(); ++i) {
    const Range statement = findings[i].statement;
    if (statement.empty()) continue;
    // Edits of one text do not overlap.
    const auto after = std::partition_point(deleted.begin(), deleted.end(), [&](Range range) {
      return range.begin <= statement.begin;
    });
    if (after != deleted.begin() && std::prev(after)->contains(statement)) {
      ledger.lose_statement(i);
    }
  }
}

/// All passes over a source.
class Passes {
 public:
  Passes(const std::shared_ptr<const SourceFile>& source, Safety wanted, const CheckText& check)
      : source_(source),
        wanted_(wanted),
        check_(check),
        current_(source),
        first_(check(source, nullptr)),
        ledger_(std::move(first_.findings)) {}

  /// Applies fixes until nothing changes. An error: a text that fixes made cannot be one; what was
  /// done before it holds.
  Result<void> run() {
    while (count_ < kMaxPasses) {
      Result<bool> applied = apply();
      if (!applied) return tl::unexpected(applied.error());
      if (!*applied) break;
    }
    return {};
  }

  CheckOutcome checked() {
    CheckOutcome outcome{.findings = ledger_.take(wanted_),
                         .suppressed = std::move(first_.suppressed),
                         .carried = first_.carried};
    merge_parse_errors(outcome.findings, *source_);
    return outcome;
  }

  FixOutcome fixed() {
    FixOutcome outcome;
    outcome.left = std::move(findings());
    if (count_ == 0) ledger_.first() = outcome.left;
    const size_t found = outcome.left.size();
    ledger_.each_kept([&](const Diagnostic& finding) { leave(finding, outcome.left); });
    if (outcome.left.size() > found) sort_findings(outcome.left);
    CheckOutcome told = checked();
    outcome.findings = std::move(told.findings);
    outcome.suppressed = std::move(told.suppressed);
    outcome.fixed = current_;
    outcome.changed = count_ > 0;
    outcome.passes = count_;
    outcome.carried = count_ == 0 ? first_.carried : last_.carried;
    merge_parse_errors(outcome.left, *current_);
    return outcome;
  }

 private:
  /// Of the newest pass, in its positions.
  std::vector<Diagnostic>& findings() { return count_ == 0 ? ledger_.first() : last_.findings; }

  uint32_t original(uint32_t offset) const {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      offset = step->original(offset);
    }
    return offset;
  }

  /// Adds what stands in the source to what stands in the newest text, where the place is still
  /// there.
  void leave(Diagnostic finding, std::vector<Diagnostic>& left) const {
    std::optional<Range> range = finding.range;
    std::optional<Range> statement = finding.statement;
    for (const EditedText& step : steps_) {
      if (range) range = step.changed(*range);
      if (statement) statement = step.changed(*statement);
    }
    if (!range) return;
    finding.range = *range;
    finding.statement = statement.value_or(*range);
    for (Note& note : finding.notes) note.range.reset();
    left.push_back(std::move(finding));
  }

  /// Applies what can be applied together. False when nothing is left to do.
  Result<bool> apply() {
    std::set<size_t> blocked;   // for good
    std::set<size_t> deferred;  // to a later pass
    Selection selection = select_fixes(findings(), wanted_, blocked);
    if (selection.taken.empty()) return false;
    std::shared_ptr<const SourceFile> next;
    CheckOutcome next_checked;
    for (;;) {
      steps_.emplace_back(current_->size(), selection.edits);
      auto made = current_->revised(selection.edits, count_ == 0 ? first_.unread : last_.unread);
      if (!made) {
        steps_.pop_back();
        return tl::unexpected(made.error());
      }
      next = std::move(*made);
      const PassStep step{*current_, steps_.back()};
      next_checked = check_(next, &step);
      const std::vector<Range> broken =
          broken_statements(findings(), *current_, next_checked.findings, *next);
      if (broken.empty()) break;
      leave_out(broken, selection, blocked, deferred);
      steps_.pop_back();
      std::set<size_t> left_out = deferred;
      left_out.insert(blocked.begin(), blocked.end());
      selection = select_fixes(findings(), wanted_, left_out);
      if (selection.taken.empty()) break;
    }
    for (const size_t i : blocked) {
      Diagnostic& entry = ledger_.entry(i);
      entry.fix.reset();
      entry.notes.push_back(
          {"its fix was not applied, because the result would not parse; please report this"});
      findings()[i].fix.reset();
    }
    if (selection.taken.empty()) return !blocked.empty();
    lose_statements(findings(), selection.taken, ledger_);
    for (size_t i = 0; i < findings().size(); ++i) {
      const std::optional<Fix>& fix = findings()[i].fix;
      if (fix && fix->edits.empty()) ledger_.join(i);
    }
    for (const size_t i : selection.taken) ledger_.close(i);
    for (const size_t i : selection.shared) ledger_.join(i);
    ++count_;
    last_ = std::move(next_checked);
    current_ = std::move(next);
    ledger_.advance(last_.findings, [&](uint32_t offset) { return original(offset); });
    return true;
  }

  /// Of the fixes that have an edit in a statement that no longer parses only the first is applied
  /// now: they may be fine one by one. One that was alone is left out for good; when that is not
  /// soon enough, all of them are.
  void leave_out(const std::vector<Range>& broken, const Selection& selection,
                 std::set<size_t>& blocked, std::set<size_t>& deferred) {
    const size_t before = blocked.size() + deferred.size();
    ++undone_;
    for (const Range range : broken) {
      const Range old{steps_.back().original(range.begin), steps_.back().original(range.end)};
      std::vector<size_t> guilty;
      for (const size_t i : selection.taken) {
        const auto& edits = findings()[i].fix->edits;
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
    if (blocked.size() + deferred.size() == before || undone_ >= kMaxUndone) {
      blocked.insert(selection.taken.begin(), selection.taken.end());
    }
  }

  std::shared_ptr<const SourceFile> source_;
  Safety wanted_;
  const CheckText& check_;
  std::shared_ptr<const SourceFile> current_;
  CheckOutcome first_;  ///< of the source; the ledger has its findings
  CheckOutcome last_;   ///< of the newest text, when fixes have made one
  Ledger ledger_;
  std::vector<EditedText> steps_;
  int count_ = 0;
  int undone_ = 0;
};

}  // namespace

Result<FixOutcome> fix_text(const std::shared_ptr<const SourceFile>& source, Safety wanted,
                            const CheckText& check) {
  Passes passes(source, wanted, check);
  if (Result<void> done = passes.run(); !done) return tl::unexpected(done.error());
  return passes.fixed();
}

CheckOutcome check_text(const std::shared_ptr<const SourceFile>& source, const CheckText& check) {
  Passes passes(source, Safety::Review, check);
  // A text that cannot be made is told by `fix`.
  (void)passes.run();
  return passes.checked();
}

}  // namespace dsqlint
