#include "mysql/check.h"

#include <algorithm>

#include "mysql/rules.h"

namespace dsqlint::mysql {
namespace {

/// The linter's findings speak of the translation; ours and the reader's place is the source.
void map_back(Diagnostic& finding, const Translation& translation) {
  const Text& text = translation.text;
  finding.range = text.source(finding.range);
  if (!finding.statement.empty()) {
    // An index that stood in a CREATE TABLE is spoken of with all of that statement.
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

/// Comments that speak to us stand in the source and in the translation: those that silence a
/// finding of the translation itself are applied here, and are then no unused ones there.
struct Directive {
  Range comment;
  std::vector<std::string> rules;
  std::string reason;
  Range scope;
  bool used = false;
};

std::vector<Directive> find_directives(const SourceFile& source,
                                       const std::vector<Diagnostic>& findings) {
  std::vector<Directive> found;
  const std::string_view text = source.text();
  for (size_t at = text.find("dsqlint:"); at != std::string_view::npos;
       at = text.find("dsqlint:", at + 8)) {
    const Range line = source.line_range(source.position(static_cast<uint32_t>(at)).line);
    std::string_view rest = text.substr(at + 8, line.end > at + 8 ? line.end - at - 8 : 0);
    const std::string_view before = text.substr(line.begin, at - line.begin);
    const size_t mark =
        std::min(before.rfind("--"), std::min(before.rfind('#'), before.rfind("/*")));
    if (mark == std::string_view::npos) continue;
    Directive directive;
    directive.comment = {line.begin + static_cast<uint32_t>(mark), line.end};
    while (rest.starts_with(" ")) rest.remove_prefix(1);
    const bool file = rest.starts_with("ignore-file");
    if (!file && !rest.starts_with("ignore")) continue;
    rest.remove_prefix(file ? 11 : 6);
    const size_t colon = rest.find(':');
    if (colon != std::string_view::npos) {
      std::string_view reason = rest.substr(colon + 1);
      reason = reason.substr(0, reason.find("*/"));
      while (!reason.empty() && (reason.front() == ' ' || reason.front() == '\t')) {
        reason.remove_prefix(1);
      }
      const size_t last = reason.find_last_not_of(" \t\r");
      directive.reason = reason.substr(0, last == std::string_view::npos ? 0 : last + 1);
    }
    rest = rest.substr(0, colon);
    std::string word;
    for (const char c : std::string(rest) + ",") {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
        word += c;
      } else if (!word.empty()) {
        directive.rules.push_back(std::move(word));
        word.clear();
      }
    }
    if (file) {
      directive.scope = {0, source.size() + 1};
    } else if (before.substr(0, mark).find_first_not_of(" \t") != std::string_view::npos) {
      directive.scope = {line.begin, line.end + 1};
    } else {
      // The next statement: that of the first finding behind the comment.
      Range next{source.size(), source.size()};
      for (const Diagnostic& finding : findings) {
        if (finding.statement.begin >= line.end && finding.statement.begin < next.begin) {
          next = finding.statement;
        }
      }
      const std::string_view gap =
          text.substr(line.end, next.begin > line.end ? next.begin - line.end : 0);
      if (gap.find(';') != std::string_view::npos) continue;
      directive.scope = {next.begin, next.end + 1};
    }
    found.push_back(std::move(directive));
  }
  return found;
}

void apply_directives(std::vector<Directive>& directives, std::vector<Diagnostic>& findings,
                      std::vector<Suppressed>& suppressed) {
  std::erase_if(findings, [&](Diagnostic& finding) {
    const Directive* by = nullptr;
    for (Directive& directive : directives) {
      if (finding.range.begin < directive.scope.begin ||
          finding.range.begin >= directive.scope.end) {
        continue;
      }
      const auto& rules = directive.rules;
      if (!rules.empty() &&
          std::find(rules.begin(), rules.end(), finding.rule->id) == rules.end()) {
        continue;
      }
      directive.used = true;
      by = &directive;
    }
    if (by == nullptr) return false;
    suppressed.push_back({std::move(finding), by->reason});
    return true;
  });
}

/// Puts both kinds of findings together as the configuration wants them.
CheckOutcome merge(const Linter& linter, const SourceFile& source,
                   std::vector<Diagnostic> translated, CheckOutcome linted) {
  const Config& config = linter.config();
  std::erase_if(translated,
                [&](const Diagnostic& finding) { return !config.enabled(finding.rule->id); });
  for (Diagnostic& finding : translated) {
    const auto severity = config.severity.find(finding.rule->id);
    if (severity != config.severity.end()) finding.severity = severity->second;
  }
  if (config.suppressions) {
    std::vector<Directive> directives = find_directives(source, translated);
    apply_directives(directives, translated, linted.suppressed);
    std::erase_if(linted.findings, [&](const Diagnostic& finding) {
      if (finding.rule->id != "unused_suppression") return false;
      return std::any_of(directives.begin(), directives.end(), [&](const Directive& directive) {
        return directive.used && directive.comment.begin == finding.range.begin;
      });
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
  return merge(linter, *source, std::move(translation.findings), std::move(linted));
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
      merge(linter, *source, std::move(translation.findings), {std::move(fixed->findings)})
          .findings;
  fixed->changed = fixed->text != source->text();
  return fixed;
}

}  // namespace dsqlint::mysql
