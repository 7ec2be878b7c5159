#include "mysql/check.h"

#include <algorithm>

#include "engine/lint/findings.h"
#include "engine/lint/suppress.h"
#include "mysql/rules.h"

namespace dsqlint::mysql {
namespace {

/// The linter's findings are about the translation; our findings and the reader's positions are
/// those of the source.
void map_back(Diagnostic& finding, const Translation& translation) {
  const Text& text = translation.text;
  finding.range = text.source(finding.range);
  if (!finding.statement.empty()) {
    // An index that was part of a CREATE TABLE is reported with the whole statement.
    finding.statement = text.source(finding.statement);
    const auto next = std::partition_point(
        translation.statements.begin(), translation.statements.end(),
        [&](Range statement) { return statement.begin <= finding.statement.begin; });
    if (next != translation.statements.begin() && std::prev(next)->contains(finding.statement)) {
      finding.statement = *std::prev(next);
    }
  }
  for (Note& note : finding.notes) {
    if (note.range) note.range = text.source(*note.range);
  }
  if (finding.fix) finding.fix->edits.clear();
}

/// Comments with directives are in the source and in the translation: those that silence a
/// finding of the translation itself are applied here, and are then no unused ones there.
std::vector<Suppression> find_suppressions(const SourceFile& source,
                                           const Translation& translation) {
  std::vector<Suppression> found;
  for (const Range comment : translation.directives) {
    Suppression& suppression = found.emplace_back(read_suppression(source, comment));
    if (!suppression.problem.empty() || !suppression.scope.empty()) continue;
    const auto next =
        std::partition_point(translation.statements.begin(), translation.statements.end(),
                             [&](Range statement) { return statement.end <= comment.end; });
    if (next == translation.statements.end()) continue;
    suppression.scope = {std::max(comment.end, next->begin), next->end + 1};
  }
  return found;
}

/// Puts both kinds of findings together as the configuration wants them.
CheckOutcome merge(const Linter& linter, const SourceFile& source, Translation translation,
                   CheckOutcome linted) {
  const Config& config = linter.config();
  std::vector<Diagnostic> translated = std::move(translation.findings);
  std::erase_if(translated,
                [&](const Diagnostic& finding) { return !config.enabled(finding.rule->id); });
  for (Diagnostic& finding : translated) {
    const auto severity = config.severity.find(finding.rule->id);
    if (severity != config.severity.end()) finding.severity = severity->second;
  }
  if (config.suppressions) {
    std::vector<Suppression> suppressions = find_suppressions(source, translation);
    Findings findings;
    findings.add(std::move(translated));
    findings.sort();
    apply_suppressions(suppressions, findings, linted.suppressed);
    translated = findings.take();
    std::vector<uint32_t> used;
    for (const Suppression& suppression : suppressions) {
      if (suppression.used) used.push_back(suppression.comment.begin);
    }
    std::sort(used.begin(), used.end());
    std::erase_if(linted.findings, [&](const Diagnostic& finding) {
      return finding.rule->id == "unused_suppression" &&
             std::binary_search(used.begin(), used.end(), finding.range.begin);
    });
  }
  // A dump's header still stands in its translation.
  std::erase_if(linted.findings, [](const Diagnostic& finding) {
    return finding.rule->id == "mysql_dialect_suspected";
  });
  std::vector<Diagnostic>& findings = linted.findings;
  findings.insert(findings.begin(), std::make_move_iterator(translated.begin()),
                  std::make_move_iterator(translated.end()));
  sort_findings(findings);
  return linted;
}

}  // namespace

CheckOutcome check(const Linter& linter, std::shared_ptr<const SourceFile> source,
                   const TranslateOptions& options, const Placement& placement) {
  if (options.history != nullptr && placement.turn) placement.turn();
  Translation translation = translate(*source, options);
  CheckOutcome linted;
  auto target = SourceFile::from_text(std::string(source->path()), translation.text.take());
  if (target) {
    linted = linter.check(*target, placement);
    for (Diagnostic& finding : linted.findings) map_back(finding, translation);
    for (Suppressed& silenced : linted.suppressed) map_back(silenced.finding, translation);
  }
  return merge(linter, *source, std::move(translation), std::move(linted));
}

Result<FixOutcome> fix(const Linter& linter, std::shared_ptr<const SourceFile> source,
                       const TranslateOptions& options, Safety wanted, const Placement& placement) {
  if (options.history != nullptr && placement.turn) placement.turn();
  Translation translation = translate(*source, options);
  auto target = SourceFile::from_text(std::string(source->path()), translation.text.take());
  if (!target) return tl::unexpected(target.error());
  Result<FixOutcome> fixed = linter.fix(*target, wanted, placement);
  if (!fixed) return fixed;
  for (Diagnostic& finding : fixed->findings) map_back(finding, translation);
  fixed->findings =
      merge(linter, *source, std::move(translation), {std::move(fixed->findings)}).findings;
  fixed->changed = fixed->text() != source->text();
  return fixed;
}

}  // namespace dsqlint::mysql
