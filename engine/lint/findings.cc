#include "engine/lint/findings.h"

#include <algorithm>

namespace dsqlint {

void Findings::add(std::vector<Diagnostic> list) {
  if (list.empty()) return;
  for (Diagnostic& finding : lists_.emplace_back(std::move(list))) {
    all_.push_back({finding.range, finding.statement, finding.rule, &finding,
                    !finding.unless_type_exists.empty() || !finding.unless_function_exists.empty(),
                    !finding.causes.empty()});
  }
}

void Findings::add(Diagnostic finding) {
  std::vector<Diagnostic> list;
  list.push_back(std::move(finding));
  add(std::move(list));
}

void Findings::sort() {
  const auto earlier = [](const Found& a, const Found& b) {
    return a.range == b.range ? before(*a.finding, *b.finding) : a.range < b.range;
  };
  if (std::is_sorted(all_.begin(), all_.end(), earlier)) return;
  std::stable_sort(all_.begin(), all_.end(), earlier);
}

std::vector<Diagnostic> Findings::take() {
  std::vector<Diagnostic> taken;
  taken.reserve(all_.size());
  for (const Found& found : all_) taken.push_back(std::move(*found.finding));
  all_.clear();
  lists_.clear();
  return taken;
}

}  // namespace dsqlint
