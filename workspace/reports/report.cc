#include "workspace/reports/report.h"

#include <fmt/format.h>

#include "engine/lint/linter.h"

namespace dsqlint {

void FileReport::take(CheckOutcome outcome) {
  findings = std::move(outcome.findings);
  for (Suppressed& silenced : outcome.suppressed) {
    hidden.push_back(
        {.finding = std::move(silenced.finding), .reason = std::move(silenced.reason)});
  }
}

void FileReport::take(FixOutcome outcome) {
  findings = std::move(outcome.findings);
  changed = outcome.changed;
  fixed = std::move(outcome.fixed);
}

void Totals::add(const FileReport& report) {
  ++files;
  for (const HiddenFinding& hidden : report.hidden) {
    if (hidden.by_baseline) ++known;
    rules.emplace(hidden.finding.rule->id, hidden.finding.rule);
  }
  if (!report.error.empty()) {
    ++failures;
    errors.emplace_back(report.path, report.error);
  }
  if (!report.findings.empty()) ++files_with_findings;
  if (report.changed) ++changed;
  for (const Diagnostic& finding : report.findings) {
    ++severity[static_cast<size_t>(finding.severity)];
    ++safety[static_cast<size_t>(safety_of(finding))];
    ++by_rule[finding.rule->id][static_cast<size_t>(safety_of(finding))];
    const bool is_fixed = report.is_fixed(finding);
    if (is_fixed) ++fixed;
    if (is_fixed && finding.fix->safety == Safety::Review) ++review;
    const bool stays = !report.fixing || !is_fixed;
    if (stays) rules.emplace(finding.rule->id, finding.rule);
    failing = failing || (stays && finding.severity >= report.fail_on);
  }
}

void Totals::add(const Totals& other) {
  files += other.files;
  files_with_findings += other.files_with_findings;
  failures += other.failures;
  for (size_t i = 0; i < severity.size(); ++i) severity[i] += other.severity[i];
  for (size_t i = 0; i < safety.size(); ++i) safety[i] += other.safety[i];
  for (const auto& [rule, counts] : other.by_rule) {
    std::array<size_t, 3>& known = by_rule[rule];
    for (size_t i = 0; i < known.size(); ++i) known[i] += counts[i];
  }
  fixed += other.fixed;
  known += other.known;
  rules.insert(other.rules.begin(), other.rules.end());
  errors.insert(errors.end(), other.errors.begin(), other.errors.end());
  changed += other.changed;
  failing = failing || other.failing;
  review += other.review;
}

int exit_code(const Totals& totals, bool fixing) {
  if (totals.failures > 0 || totals.failing) return 1;
  return fixing && totals.review > 0 ? 3 : 0;
}

std::string plain_path(std::string_view path) {
  while (path.starts_with("./")) {
    path.remove_prefix(2);
    while (path.starts_with('/')) path.remove_prefix(1);
  }
  return std::string(path);
}

std::string counted(size_t count, std::string_view noun, std::string_view ending) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : ending);
}

}  // namespace dsqlint
