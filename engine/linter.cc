// Running the rules, and the fix loop.

#include "engine/linter.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <numeric>
#include <set>

#include "engine/engine_rules.h"
#include "engine/function_body.h"
#include "engine/mysql_suspicion.h"
#include "engine/rule.h"
#include "engine/runner_segments.h"
#include "engine/stack.h"
#include "engine/suppress.h"
#include "engine/walk.h"

namespace dsqlint {
namespace {

constexpr int kMaxPasses = 10;
/// Passes whose text does not parse cost as much as others.
constexpr int kMaxUndone = 4;

/// Findings are big: their places are sorted, and each moves once.
void sort_findings(std::vector<Diagnostic>& findings) {
  if (std::is_sorted(findings.begin(), findings.end(), before)) return;
  std::vector<uint32_t> order(findings.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return before(findings[a], findings[b]); });
  std::vector<Diagnostic> sorted;
  sorted.reserve(findings.size());
  for (const uint32_t i : order) sorted.push_back(std::move(findings[i]));
  findings = std::move(sorted);
}

/// Drops what an idiom speaks for, where its own finding stands. `findings` are sorted.
void apply_claims(std::vector<Claim>& claims, std::vector<Diagnostic>& findings) {
  if (claims.empty()) return;
  using Idiom = std::pair<Range, std::string_view>;
  std::vector<Idiom> standing;  // sorted as the findings are
  for (const Diagnostic& finding : findings) {
    if (finding.rule->phase == Phase::Idiom) standing.emplace_back(finding.range, finding.rule->id);
  }
  std::erase_if(claims, [&](const Claim& claim) {
    return !std::binary_search(standing.begin(), standing.end(),
                               Idiom{claim.finding, claim.by->id});
  });
  const auto earlier = [](const Claim& a, const Claim& b) {
    return a.statement.begin < b.statement.begin;
  };
  if (!std::is_sorted(claims.begin(), claims.end(), earlier)) {
    std::sort(claims.begin(), claims.end(), earlier);
  }
  std::erase_if(findings, [&](const Diagnostic& finding) {
    if (finding.rule->phase == Phase::Idiom) return false;
    const auto [begin, end] = std::equal_range(claims.begin(), claims.end(),
                                               Claim{.statement = finding.statement}, earlier);
    return std::any_of(begin, end, [&](const Claim& claim) {
      if (finding.range.begin < claim.part.begin || finding.range.begin >= claim.part.end) {
        return false;
      }
      return std::find(claim.except.begin(), claim.except.end(), finding.rule->id) ==
             claim.except.end();
    });
  });
}

/// The statements that fixes delete.
std::vector<bool> removed_statements(const Document& document,
                                     const std::vector<Diagnostic>& findings) {
  const std::span<const Statement> statements = document.statements();
  std::vector<bool> removed(statements.size(), false);
  for (const Diagnostic& finding : findings) {
    if (!finding.fix || finding.fix->safety < Safety::Review) continue;
    for (const Edit& edit : finding.fix->edits) {
      if (!edit.text.empty() || edit.range.empty()) continue;
      for (size_t i = document.statement_at(edit.range.begin);
           i < statements.size() && statements[i].range.begin < edit.range.end; ++i) {
        if (edit.range.contains(statements[i].range)) removed[i] = true;
      }
    }
  }
  return removed;
}

/// Findings from `first` on are about a statement in a function's body. Where the body is escaped
/// they have no place of their own: each rule says once what it found, at the literal.
void settle_in_body(const FunctionBody& body, std::vector<Diagnostic>& findings, size_t first) {
  constexpr std::string_view kRewrite = "rewrite the body, in dollar quotes so that fixes reach it";
  for (size_t i = first; i < findings.size(); ++i) {
    Diagnostic& finding = findings[i];
    if (!body.verbatim) {
      finding.range = finding.statement = body.literal;
      for (Note& note : finding.notes) note.range.reset();
      finding.notes.push_back({"in the body of the function"});
    }
    // An edit must not end the literal.
    const bool reaches =
        body.verbatim && finding.fix &&
        std::none_of(finding.fix->edits.begin(), finding.fix->edits.end(), [&](const Edit& edit) {
          return edit.text.find(body.delimiter) != std::string::npos;
        });
    if (!finding.fix || reaches) continue;
    finding.fix.reset();
    if (finding.help.empty()) finding.help = kRewrite;
  }
}

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
            {"its fix was left out: it met another one at the same place"});
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

std::vector<Range> read_parts(const Layout& layout) {
  std::vector<Range> parts;
  for (const Part& part : layout.parts) parts.push_back(part.range);
  return parts;
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

Linter::Linter(std::vector<std::span<const Rule>> rules, Config config)
    : config_(std::move(config)) {
  for (const std::span<const Rule> table : rules) {
    for (const Rule& rule : table) {
      if (!config_.enabled(rule.info.id)) {
        off_.insert(rule.info.id);
        continue;
      }
      const auto kind = static_cast<size_t>(rule.kind);
      if (rule.on_node != nullptr) by_kind_[kind].push_back(&rule);
      if (rule.on_schema != nullptr) schema_by_kind_[kind].push_back(&rule);
      if (rule.on_statement != nullptr) statement_rules_.push_back(&rule);
      if (rule.on_script != nullptr) script_rules_.push_back(&rule);
    }
  }
  // What one is told of the others must not depend on the order of the tables.
  std::stable_sort(script_rules_.begin(), script_rules_.end(), [](const Rule* a, const Rule* b) {
    return std::pair(a->info.phase, a->info.id) < std::pair(b->info.phase, b->info.id);
  });
}

void Linter::check_statement(const StatementView& view, std::vector<Diagnostic>& findings) const {
  const size_t first = findings.size();
  Context ctx(view.source, view.statement, view.tokens, config_.engine, findings);
  ctx.in_body_ = view.body != nullptr;
  for (const Rule* rule : statement_rules_) {
    ctx.rule_ = &rule->info;
    rule->on_statement(ctx);
  }
  if (view.statement.tree != nullptr) {
    thread_local Walker walker;
    walker.walk(tree_of(view.statement), [&](AstRef node, const std::vector<AstRef>& parents) {
      const auto& rules = by_kind_[static_cast<size_t>(node.kind)];
      if (rules.empty()) return;
      ctx.parents_ = parents;
      for (const Rule* rule : rules) {
        ctx.rule_ = &rule->info;
        rule->on_node(*node.message, ctx);
      }
    });
  }
  if (view.body != nullptr) settle_in_body(*view.body, findings, first);
}

void Linter::check_in_order(const Document& document, size_t index, const Schema& schema,
                            FactStore& facts, std::vector<Diagnostic>& findings) const {
  const Statement& statement = document.statements()[index];
  const auto& rules = schema_by_kind_[static_cast<size_t>(statement.kind)];
  if (rules.empty() || statement.tree == nullptr) return;
  const Tokens tokens = document.tokens(index);
  const Context base(document.source(), statement, tokens, config_.engine, findings);
  SchemaContext ctx(base, document, schema, facts);
  for (const Rule* rule : rules) {
    ctx.rule_ = &rule->info;
    rule->on_schema(*statement.tree, ctx);
  }
}

void Linter::check_script(Script& script, Phase phase, std::vector<Diagnostic>& findings,
                          std::vector<Claim>& claims) const {
  struct Part {
    const Rule* rule;
    std::vector<Diagnostic> findings;
    std::vector<Claim> claims;
  };
  std::vector<Part> parts;
  for (const Rule* rule : script_rules_) {
    if (rule->info.phase == phase) parts.push_back({rule, {}, {}});
  }
  std::atomic<size_t> next = 0;
  const auto work = [&](unsigned) {
    for (size_t i = next++; i < parts.size(); i = next++) {
      ScriptContext ctx(script, parts[i].rule->info, parts[i].findings, parts[i].claims);
      parts[i].rule->on_script(ctx);
    }
  };
  if (script.document.threads() > 1) {
    run_on_big_stacks(script.document.threads(), work);
  } else {
    work(0);
  }
  for (Part& part : parts) {
    std::move(part.findings.begin(), part.findings.end(), std::back_inserter(findings));
    std::move(part.claims.begin(), part.claims.end(), std::back_inserter(claims));
  }
}

CheckOutcome Linter::run(const std::shared_ptr<const SourceFile>& source,
                         const Placement& placement, bool again) const {
  const Layout layout = placement.layout ? placement.layout(source->text()) : Layout{};
  std::optional<std::vector<Range>> parts;
  if (placement.layout) parts = read_parts(layout);
  // Findings by piece of the file: threads never share a list, and the order is that of the text.
  std::vector<std::vector<Diagnostic>> slots(Document::max_slots(*source));
  CheckOutcome outcome;
  std::vector<Diagnostic>& findings = outcome.findings;
  FactStore facts;
  MysqlSuspicion suspicion(source->text());
  Schema own;
  Schema& schema = placement.history == nullptr ? own : *placement.history;
  std::once_flag begun;
  const auto begin = [&] {
    if (again) {
      schema.restart_file();
      return;
    }
    if (placement.turn) placement.turn();
    schema.begin_file();
  };
  const Document document = Document::parse(
      source, config_.threads,
      {.parallel = [&](const StatementView& view,
                       size_t slot) { check_statement(view, slots[slot]); },
       .in_order =
           [&](const Document& so_far, size_t statement) {
             std::call_once(begun, begin);
             check_in_order(so_far, statement, schema, facts, findings);
             schema.apply(so_far, static_cast<uint32_t>(statement));
           },
       .lexed = [&](std::span<const Token> tokens,
                    std::span<const Range> comments) { suspicion.see(tokens, comments); }},
      std::move(parts));
  std::call_once(begun, begin);
  for (std::vector<Diagnostic>& slot : slots) {
    std::move(slot.begin(), slot.end(), std::back_inserter(findings));
  }
  std::erase_if(findings, [&](const Diagnostic& finding) {
    return !finding.unless_type.empty() && schema.find_type({"", finding.unless_type}) != nullptr;
  });
  std::vector<Suppression> suppressions;
  if (config_.suppressions) suppressions = find_suppressions(document);
  const auto settle = [&] {
    sort_findings(findings);
    apply_suppressions(suppressions, findings, outcome.suppressed);
  };
  std::vector<Claim> claims;
  Script script{document, schema, config_, suppressions, layout, placement.carried};
  for (const Phase phase : {Phase::Idiom, Phase::Statement, Phase::Transaction}) {
    if (phase != Phase::Idiom) script.removed = removed_statements(document, findings);
    check_script(script, phase, findings, claims);
    if (phase == Phase::Transaction) break;
    settle();
    apply_claims(claims, findings);
  }
  for (Diagnostic& finding : unreadable_findings(document)) {
    if (config_.enabled(finding.rule->id)) findings.push_back(std::move(finding));
  }
  if (const auto evidence = suspicion.evidence();
      evidence && config_.enabled(mysql_dialect_info().id)) {
    findings.push_back(mysql_finding(*evidence));
  }
  if (placement.besides) {
    for (Diagnostic& finding : placement.besides(source->text())) {
      if (config_.enabled(finding.rule->id)) findings.push_back(std::move(finding));
    }
  }
  settle();
  for (Diagnostic& finding : findings) {
    if (finding.fix && !normalize(finding.fix->edits)) {
      finding.fix.reset();
      finding.notes.push_back({"its edits contradict each other; please report this"});
    }
  }
  if (!suppressions.empty()) {
    for (Diagnostic& finding : suppression_findings(suppressions, off_)) {
      if (config_.enabled(finding.rule->id)) findings.push_back(std::move(finding));
    }
    sort_findings(findings);
  }
  const auto settle_severity = [&](Diagnostic& finding) {
    const auto severity = config_.severity.find(finding.rule->id);
    if (severity != config_.severity.end()) finding.severity = severity->second;
  };
  for (Diagnostic& finding : findings) settle_severity(finding);
  for (Suppressed& silenced : outcome.suppressed) settle_severity(silenced.finding);
  if (!layout.transactions.empty()) {
    outcome.carried = carried_after(document, layout, placement.carried);
  }
  return outcome;
}

CheckOutcome Linter::check(std::shared_ptr<const SourceFile> source,
                           const Placement& placement) const {
  CheckOutcome outcome = run(source, placement, false);
  fold_parse_errors(outcome.findings);
  return outcome;
}

void Linter::learn(std::shared_ptr<const SourceFile> source, const Placement& placement) const {
  if (placement.turn) placement.turn();
  placement.history->begin_file();
  add_to_history(std::move(source), placement);
}

void Linter::add_to_history(std::shared_ptr<const SourceFile> source,
                            const Placement& placement) const {
  std::optional<std::vector<Range>> parts;
  if (placement.layout) parts = read_parts(placement.layout(source->text()));
  Document::parse(std::move(source), config_.threads,
                  {.in_order =
                       [&](const Document& so_far, size_t statement) {
                         placement.history->apply(so_far, static_cast<uint32_t>(statement));
                       }},
                  std::move(parts));
}

Result<FixOutcome> Linter::fix(std::shared_ptr<const SourceFile> source, Safety wanted,
                               const Placement& placement) const {
  FixOutcome outcome;
  std::shared_ptr<const SourceFile> current = source;
  CheckOutcome checked = run(current, placement, false);
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
      next_checked = run(next, placement, true);
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
          {"its fix was left out, because the result would not parse; please "
           "report this"});
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
  if (placement.history != nullptr && current != source) {
    placement.history->restart_file();
    add_to_history(source, placement);
  }
  outcome.findings = ledger.take(wanted);
  outcome.left = std::move(findings);
  outcome.carried = checked.carried;
  fold_parse_errors(outcome.findings);
  fold_parse_errors(outcome.left);
  outcome.text = std::string(current->text());
  return outcome;
}

}  // namespace dsqlint
