// Running the rules.

#include "engine/lint/linter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>

#include "engine/lint/engine_rules.h"
#include "engine/lint/findings.h"
#include "engine/lint/mysql_suspicion.h"
#include "engine/lint/rule.h"
#include "engine/lint/runner_segments.h"
#include "engine/lint/suppress.h"
#include "engine/parse/function_body.h"
#include "engine/parse/names.h"
#include "engine/parse/stack.h"
#include "engine/parse/walk.h"
#include "engine/text/dialect.h"

namespace dsqlint {
namespace {

/// Takes back what was claimed with findings that do not stand.
void drop_void_claims(std::vector<Claim>& claims, const Findings& findings) {
  using Idiom = std::pair<Range, std::string_view>;
  std::vector<Idiom> standing;
  for (const Found& found : findings.all()) {
    if (found.rule->phase == Phase::Idiom) standing.emplace_back(found.range, found.rule->id);
  }
  std::sort(standing.begin(), standing.end());
  std::erase_if(claims, [&](const Claim& claim) {
    return !std::binary_search(standing.begin(), standing.end(),
                               Idiom{claim.finding, claim.by->id});
  });
}

/// Drops what an idiom speaks for.
void apply_claims(std::vector<Claim>& claims, Findings& findings) {
  if (claims.empty()) return;
  const auto earlier = [](const Claim& a, const Claim& b) {
    return a.statement.begin < b.statement.begin;
  };
  if (!std::is_sorted(claims.begin(), claims.end(), earlier)) {
    std::sort(claims.begin(), claims.end(), earlier);
  }
  std::vector<uint32_t> begins;  // of their statements: all that the searches have to look at
  begins.reserve(claims.size());
  for (const Claim& claim : claims) begins.push_back(claim.statement.begin);
  findings.erase_if([&](const Found& found) {
    if (found.rule->phase == Phase::Idiom) return false;
    const uint32_t wanted = found.statement.begin;
    const auto first = std::lower_bound(begins.begin(), begins.end(), wanted);
    for (auto at = first; at != begins.end() && *at == wanted; ++at) {
      const Claim& claim = claims[static_cast<size_t>(at - begins.begin())];
      if (found.range.begin < claim.part.begin || found.range.begin >= claim.part.end) continue;
      const auto& except = claim.except;
      if (std::find(except.begin(), except.end(), found.rule->id) == except.end()) return true;
    }
    return false;
  });
}

/// Drops what speaks of fixes that there are not: their findings are suppressed, claimed by an
/// idiom, switched off. True when there was any.
bool drop_uncaused(Findings& findings) {
  const auto is_caused = [](const Found& found) { return found.caused; };
  if (std::none_of(findings.all().begin(), findings.all().end(), is_caused)) return false;
  std::map<std::string_view, std::vector<Range>> fixed;  // by rule
  for (const Found& found : findings.all()) {
    if (!found.caused) continue;
    for (const Cause& cause : found.finding->causes) fixed[cause.rule];
  }
  for (const Found& found : findings.all()) {
    const auto rule = fixed.find(found.rule->id);
    if (rule == fixed.end()) continue;
    const std::optional<Fix>& fix = found.finding->fix;
    if (fix && fix->safety >= Safety::Review) rule->second.push_back(found.range);
  }
  for (auto& [rule, ranges] : fixed) std::sort(ranges.begin(), ranges.end());
  const auto stands = [&](const Cause& cause) {
    const std::vector<Range>& ranges = fixed[cause.rule];
    const auto behind = std::partition_point(
        ranges.begin(), ranges.end(), [&](Range range) { return range.begin <= cause.place; });
    return behind != ranges.begin() && cause.place < std::prev(behind)->end;
  };
  const size_t known = findings.all().size();
  findings.erase_if([&](const Found& found) {
    return found.caused &&
           !std::all_of(found.finding->causes.begin(), found.finding->causes.end(), stands);
  });
  return findings.all().size() != known;
}

/// The statements that fixes delete.
std::vector<bool> removed_statements(const Document& document, const Findings& findings) {
  const std::span<const Statement> statements = document.statements();
  std::vector<bool> removed(statements.size(), false);
  for (const Found& found : findings.all()) {
    const std::optional<Fix>& fix = found.finding->fix;
    if (!fix || fix->safety < Safety::Review) continue;
    for (const Edit& edit : fix->edits) {
      if (!edit.text.empty() || edit.range.empty()) continue;
      for (size_t i = document.statement_at(edit.range.begin);
           i < statements.size() && statements[i].range.begin < edit.range.end; ++i) {
        if (edit.range.contains(statements[i].range)) removed[i] = true;
      }
    }
  }
  return removed;
}

/// The variables that the parser has seen placeholders for.
VariableNames psql_variables(const Document& document) {
  VariableNames variables;
  for (const Statement& statement : document.statements()) {
    for (const Mask& mask : statement.masks) {
      if (mask.kind != MaskKind::PsqlVariable) continue;
      std::string variable(document.source().slice(mask.range));
      variables.emplace(downcase(variable_placeholder(variable)), std::move(variable));
    }
  }
  return variables;
}

/// Rules know names from the tree; users and psql know the variables.
void spell_in(Diagnostic& finding, const VariableNames& variables) {
  const auto spell = [&](std::string& text) { text = spell_variables(text, variables); };
  spell(finding.message);
  spell(finding.help);
  for (Note& note : finding.notes) spell(note.message);
  if (!finding.fix) return;
  spell(finding.fix->title);
  for (Edit& edit : finding.fix->edits) spell(edit.text);
}

/// Findings from `first` on are about a statement in a function's body. Where the body is escaped
/// they have no place of their own: each rule says once what it found, at the literal.
void settle_in_body(const FunctionBody& body, std::vector<Diagnostic>& findings, size_t first) {
  constexpr std::string_view kRewrite =
      "rewrite the body; in dollar quotes it can be fixed automatically";
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

/// Does `finding` mistake what the input defines for something of an extension or the system?
bool is_own(const Diagnostic& finding, const Document& document, const Schema& schema) {
  if (!finding.unless_type_exists.empty())
    return schema.find_type({"", finding.unless_type_exists}) != nullptr;
  const Function* function =
      schema.find_function(parse_object_name(finding.unless_function_exists));
  if (function == nullptr || function->trigger) return false;
  const auto user = static_cast<uint32_t>(document.statement_at(finding.range.begin));
  return function->created < StatementRef{schema.file() + document.file_number(user), user};
}

uint32_t numbers_of(const SourceFile& source) {
  return source.files().empty() ? 1 : source.files().back().number + 1;
}

std::vector<Range> read_parts(const Layout& layout) {
  std::vector<Range> parts;
  for (const Part& part : layout.parts) parts.push_back(part.range);
  return parts;
}

std::vector<MysqlEvidence> moved(const std::vector<MysqlEvidence>& evidence,
                                 const EditedText& edits) {
  std::vector<MysqlEvidence> left;
  for (const MysqlEvidence& one : evidence) {
    if (const auto range = edits.changed(one.range)) left.push_back({*range, one.what});
  }
  return left;
}

/// From this size on a check makes one pass: files are mapped, so that gigabytes do not need
/// memory, and a text that fixes have made of them would.
constexpr uint32_t kCheckedOnce = 64u << 20;

/// Does it have a fix that a later pass may show the result of?
bool may_be_applied(const Diagnostic& finding) {
  return finding.fix && !finding.fix->edits.empty() && finding.fix->safety >= Safety::Review;
}

}  // namespace

/// What one pass has read, for the next one.
struct Linter::Reading {
  Document document;
  /// Fixes do not change what a text is written in.
  std::vector<MysqlEvidence> suspicion;
};

/// The passes over one source, and the history around it.
class Linter::Series {
 public:
  Series(const Linter& linter, const Placement& placement)
      : linter_(linter), placement_(placement) {}

  CheckOutcome pass(const std::shared_ptr<const SourceFile>& text, const PassStep* step) {
    if (placement_.stop.stop_requested()) return {};
    replayed_ = replayed_ || step != nullptr;
    // A step from a text that was read before the newest one: the newest would not parse.
    if (step != nullptr && newest_ != nullptr && &newest_->document.source() == &step->from) {
      if (placement_.history != nullptr && first_ == nullptr) first_ = std::move(before_);
      before_ = std::move(newest_);
    }
    newest_.reset();
    return linter_.run(text, placement_, step, before_.get(), own_, newest_);
  }

  /// Leaves the history as the source has made it, not what fixes make of it.
  void leave_history() {
    Schema* history = placement_.history;
    if (placement_.stop.stop_requested()) return;
    if (history == nullptr || !(replayed_ || placement_.takes_back)) return;
    history->restart_file();
    if (placement_.takes_back) return;
    const Document& source = (first_ == nullptr ? before_ : first_)->document;
    for (uint32_t i = 0; i < source.statements().size(); ++i) history->apply(source, i);
  }

 private:
  const Linter& linter_;
  const Placement& placement_;
  Schema own_ = {};                       ///< where there is no history
  bool replayed_ = false;                 ///< the history holds another text than the source
  std::unique_ptr<Reading> first_ = {};   ///< of the source, where the history needs it
  std::unique_ptr<Reading> before_ = {};  ///< what the text at hand was made from
  std::unique_ptr<Reading> newest_ = {};
};

Linter::Linter(std::vector<std::span<const Rule>> rules, Config config, const OtherIds& others)
    : config_(std::move(config)),
      elsewhere_(others.elsewhere.begin(), others.elsewhere.end()),
      names_(others.elsewhere) {
  for (const std::string_view id : others.here) {
    names_.push_back(id);
    if (!config_.enabled(id)) off_.insert(id);
  }
  for (const std::span<const Rule> table : rules) {
    for (const Rule& rule : table) {
      names_.push_back(rule.info.id);
      const auto kind = static_cast<size_t>(rule.kind);
      if (rule.on_note != nullptr) note_by_kind_[kind].push_back(&rule);
      if (!config_.enabled(rule.info.id)) {
        off_.insert(rule.info.id);
        continue;
      }
      if (rule.on_node != nullptr) by_kind_[kind].push_back(&rule);
      if (rule.on_schema != nullptr) schema_by_kind_[kind].push_back(&rule);
      if (rule.on_conflict != nullptr) conflict_rules_.push_back(&rule);
      if (rule.on_asked != nullptr) asked_rules_.push_back(&rule);
      if (rule.on_statement != nullptr) statement_rules_.push_back(&rule);
      if (rule.on_script != nullptr) script_rules_.push_back(&rule);
    }
  }
  // What one is told of the others must not depend on the order of the tables.
  std::stable_sort(script_rules_.begin(), script_rules_.end(), [](const Rule* a, const Rule* b) {
    return std::pair(a->info.phase, a->info.id) < std::pair(b->info.phase, b->info.id);
  });
}

Visit Linter::check_statement(const StatementView& view, std::vector<Diagnostic>& findings) const {
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
  return {.found = findings.size() > first, .asked = ctx.asked_};
}

void Linter::check_in_order(const Document& document, size_t index, const Schema& schema,
                            FactStore& facts, std::vector<Diagnostic>& findings) const {
  const Statement& statement = document.statements()[index];
  const auto& rules = schema_by_kind_[static_cast<size_t>(statement.kind)];
  const bool judged = !rules.empty() && statement.tree != nullptr;
  const bool conflicts = !conflict_rules_.empty() && !statement.plain_insert &&
                         std::any_of(statement.row_uses.begin(), statement.row_uses.end(),
                                     [](const RowUse& use) { return !use.conflict.empty(); });
  const bool asked = statement.asked && !asked_rules_.empty();
  if (!judged && !conflicts && !asked) return;
  const Tokens tokens = document.tokens(index);
  const Context base(document.source(), statement, tokens, config_.engine, findings);
  SchemaContext ctx(base, document, schema, facts);
  if (judged) {
    for (const Rule* rule : rules) {
      ctx.rule_ = &rule->info;
      rule->on_schema(*statement.tree, ctx);
    }
  }
  if (asked) {
    document.read_again(index, [&](AstRef tree) {
      for (const Rule* rule : asked_rules_) {
        ctx.rule_ = &rule->info;
        rule->on_asked(tree, ctx);
      }
    });
  }
  if (!conflicts) return;
  for (const RowUse& use : statement.row_uses) {
    if (use.conflict.empty()) continue;
    for (const Rule* rule : conflict_rules_) {
      ctx.rule_ = &rule->info;
      rule->on_conflict(use, ctx);
    }
  }
}

void Linter::take_notes(const Document& document, size_t index, const Schema& schema,
                        FactStore& facts) const {
  const Statement& statement = document.statements()[index];
  const auto& rules = note_by_kind_[static_cast<size_t>(statement.kind)];
  if (rules.empty() || statement.tree == nullptr) return;
  NoteContext ctx(document, index, schema, config_.engine, facts);
  for (const Rule* rule : rules) rule->on_note(*statement.tree, ctx);
}

void Linter::check_script(Script& script, Phase phase, Findings& findings,
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
  // Neighbours ask for the same facts: threads that took the rules in turn would wait for each
  // other, so every second one begins at the other end.
  std::vector<std::atomic<bool>> taken(parts.size());
  const auto work = [&](unsigned worker) {
    for (size_t k = 0; k < parts.size(); ++k) {
      const size_t i = worker % 2 == 0 ? k : parts.size() - 1 - k;
      if (taken[i].exchange(true)) continue;
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
    findings.add(std::move(part.findings));
    std::move(part.claims.begin(), part.claims.end(), std::back_inserter(claims));
  }
}

CheckOutcome Linter::run(const std::shared_ptr<const SourceFile>& source,
                         const Placement& placement, const PassStep* step, const Reading* before,
                         Schema& own, std::unique_ptr<Reading>& reading) const {
  const Layout layout = placement.layout ? placement.layout(source->text()) : Layout{};
  std::optional<std::vector<Range>> parts;
  if (placement.layout) parts = read_parts(layout);
  // Findings by piece of the file: threads never share a list, and the order is that of the text.
  std::vector<std::vector<Diagnostic>> slots(Document::max_slots(*source));
  std::vector<Diagnostic> in_order;
  CheckOutcome outcome;
  FactStore facts;
  facts.notes<LaterFiles>().find = placement.later;
  facts.notes<WholeText>() = {!placement.partial, placement.ordered};
  MysqlSuspicions suspicion(*source);
  Schema& schema = placement.history == nullptr ? own : *placement.history;
  std::once_flag begun;
  const auto begin = [&] {
    if (step != nullptr) {
      schema.restart_file();
      return;
    }
    if (placement.turn) placement.turn();
    schema.begin_file(numbers_of(*source));
  };
  std::optional<Revision> revision;
  if (before != nullptr) revision.emplace(Revision{before->document, step->edits});
  Document document =
      Document::parse(source, config_.threads,
                      {.parallel =
                           [&](const StatementView& view, size_t slot) {
                             if (placement.stop.stop_requested()) return Visit{};
                             return check_statement(view, slots[slot]);
                           },
                       .in_order =
                           [&](const Document& so_far, size_t statement) {
                             std::call_once(begun, begin);
                             if (placement.stop.stop_requested()) return;
                             check_in_order(so_far, statement, schema, facts, in_order);
                             take_notes(so_far, statement, schema, facts);
                             schema.apply(so_far, static_cast<uint32_t>(statement));
                           },
                       .lexed =
                           [&](std::span<const Token> tokens, std::span<const Range> comments) {
                             if (before == nullptr) suspicion.see(tokens, comments);
                           }},
                      std::move(parts), revision ? &*revision : nullptr);
  std::call_once(begun, begin);
  Findings findings;
  findings.add(std::move(in_order));
  for (std::vector<Diagnostic>& slot : slots) findings.add(std::move(slot));
  findings.erase_if([&](const Found& found) {
    return found.conditional && is_own(*found.finding, document, schema);
  });
  std::vector<Suppression> suppressions;
  if (config_.suppressions) suppressions = find_suppressions(document);
  const auto suppress = [&] {
    if (suppressions.empty()) return;
    findings.sort();
    apply_suppressions(suppressions, findings, outcome.suppressed);
  };
  std::vector<Claim> claims;
  bool dropped = !suppressions.empty();  // perhaps: findings that claims came with
  Script script{document, schema, config_, suppressions, layout, placement.carried, facts};
  for (const Phase phase : {Phase::Idiom, Phase::Statement, Phase::Transaction}) {
    if (placement.stop.stop_requested()) break;
    std::optional<Lazy<std::vector<bool>>> removed;
    if (phase != Phase::Idiom) {
      removed.emplace([&] { return removed_statements(document, findings); });
    }
    script.removed = removed ? &*removed : nullptr;
    check_script(script, phase, findings, claims);
    script.removed = nullptr;
    if (phase == Phase::Transaction) break;
    suppress();
    if (dropped) drop_void_claims(claims, findings);
    apply_claims(claims, findings);
    dropped |= drop_uncaused(findings);
  }
  for (Diagnostic& finding : unreadable_findings(document)) {
    if (config_.enabled(finding.rule->id)) findings.add(std::move(finding));
  }
  const std::vector<MysqlEvidence> evidence =
      before == nullptr ? suspicion.evidence() : moved(before->suspicion, step->edits);
  if (config_.enabled(mysql_dialect_info().id)) {
    for (const MysqlEvidence& one : evidence) findings.add(mysql_finding(one));
  }
  if (placement.besides) {
    for (Diagnostic& finding : placement.besides(source->text())) {
      if (config_.enabled(finding.rule->id)) findings.add(std::move(finding));
    }
  }
  suppress();
  if (!suppressions.empty()) {
    for (Diagnostic& finding : suppression_findings(suppressions, off_, elsewhere_, names_)) {
      if (config_.enabled(finding.rule->id)) findings.add(std::move(finding));
    }
  }
  findings.sort();
  if (!layout.transactions.empty()) {
    outcome.carried = carried_after(document, layout, placement.carried);
  }
  const auto settle_severity = [&](Diagnostic& finding) {
    const auto severity = config_.severity.find(finding.rule->id);
    if (severity != config_.severity.end()) finding.severity = severity->second;
  };
  outcome.unread.assign(document.rows().begin(), document.rows().end());
  const bool goes_on =
      std::any_of(findings.all().begin(), findings.all().end(),
                  [](const Found& found) { return may_be_applied(*found.finding); });
  const VariableNames variables = psql_variables(document);
  const auto settle = [&] {
    outcome.findings = findings.take();
    for (Diagnostic& finding : outcome.findings) {
      settle_severity(finding);
      if (!variables.empty()) spell_in(finding, variables);
      if (finding.fix && !normalize(finding.fix->edits)) {
        finding.fix.reset();
        finding.notes.push_back({"its edits contradict each other; please report this"});
      }
    }
    for (Suppressed& silenced : outcome.suppressed) {
      settle_severity(silenced.finding);
      if (!variables.empty()) spell_in(silenced.finding, variables);
    }
  };
  const std::array<std::function<void()>, 3> others = {settle, [&] { facts.clear(); },
                                                       [&] {
                                                         if (!goes_on) own = Schema();
                                                       }};
  if (goes_on) {
    for (const auto& other : others) other();
    reading = std::make_unique<Reading>(Reading{std::move(document), evidence});
  } else {
    document.free_with(others);
  }
  return outcome;
}

CheckOutcome Linter::check(std::shared_ptr<const SourceFile> source,
                           const Placement& placement) const {
  if (source->size() >= kCheckedOnce) {
    CheckOutcome outcome = pass(source, placement);
    merge_parse_errors(outcome.findings, *source);
    return outcome;
  }
  Series series(*this, placement);
  CheckOutcome outcome =
      check_text(source, [&](const std::shared_ptr<const SourceFile>& text, const PassStep* step) {
        return series.pass(text, step);
      });
  series.leave_history();
  return outcome;
}

Result<FixOutcome> Linter::fix(std::shared_ptr<const SourceFile> source, Safety wanted,
                               const Placement& placement) const {
  Series series(*this, placement);
  Result<FixOutcome> outcome = fix_text(
      source, wanted, [&](const std::shared_ptr<const SourceFile>& text, const PassStep* step) {
        return series.pass(text, step);
      });
  series.leave_history();
  return outcome;
}

CheckOutcome Linter::pass(std::shared_ptr<const SourceFile> source,
                          const Placement& placement) const {
  Series series(*this, placement);
  CheckOutcome outcome = series.pass(source, nullptr);
  series.leave_history();
  return outcome;
}

void Linter::learn(std::shared_ptr<const SourceFile> source, const Placement& placement) const {
  if (placement.turn) placement.turn();
  placement.history->begin_file(numbers_of(*source));
  std::optional<std::vector<Range>> parts;
  if (placement.layout) parts = read_parts(placement.layout(source->text()));
  Document::parse(std::move(source), config_.threads,
                  {.in_order =
                       [&](const Document& so_far, size_t statement) {
                         placement.history->apply(so_far, static_cast<uint32_t>(statement));
                       }},
                  std::move(parts));
}

}  // namespace dsqlint
