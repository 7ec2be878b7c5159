#include "engine/lint/diagnostic.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace dsqlint {

std::optional<Date> accepted_since(const RuleInfo& rule) {
  if (!rule.accepted) return std::nullopt;
  return Engine().fact(*rule.accepted).since;
}

Engine example_engine(const RuleInfo& rule) {
  const std::optional<Date> since = accepted_since(rule);
  return since ? Engine(day_before(*since)) : Engine();
}

Date as_of(const RuleInfo& rule) {
  return rule.fact ? *rule.fact : accepted_since(rule).value_or(kNewestEngine);
}

Safety safety_of(const Diagnostic& diagnostic) {
  return diagnostic.fix ? diagnostic.fix->safety : Safety::Manual;
}

std::string_view wire_status(Safety safety) {
  switch (safety) {
    case Safety::Exact:
      return "fixed";
    case Safety::Review:
      return "fixed_with_warning";
    case Safety::Manual:
      break;
  }
  return "unfixable";
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Info:
      return "info";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      break;
  }
  return "error";
}

bool before(const Diagnostic& a, const Diagnostic& b) {
  const auto key = [](const Diagnostic& d) {
    return std::tuple(d.range.begin, d.range.end, d.rule == nullptr ? "" : d.rule->id,
                      std::string_view(d.message));
  };
  return key(a) < key(b);
}

void sort_findings(std::vector<Diagnostic>& findings) {
  // Findings are big: their places are sorted, and each moves once.
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

}  // namespace dsqlint
