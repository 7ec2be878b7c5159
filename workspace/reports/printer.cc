#include "workspace/reports/printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace dsqlint {

std::span<const Printer* const> printers() {
  static constexpr std::array kPrinters = {&kTextPrinter,  &kConcisePrinter, &kJsonPrinter,
                                           &kSarifPrinter, &kGithubPrinter,  &kGitlabPrinter,
                                           &kJunitPrinter, &kRdjsonPrinter};
  return kPrinters;
}

std::string statistics_table(const Totals& totals) {
  using Row = std::pair<std::string_view, std::array<size_t, 3>>;
  std::vector<Row> rows(totals.by_rule.begin(), totals.by_rule.end());
  if (rows.empty()) return {};
  const auto sum = [](const Row& row) { return row.second[0] + row.second[1] + row.second[2]; };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Row& a, const Row& b) { return sum(a) > sum(b); });
  constexpr std::string_view kTotal = "total";
  size_t width = kTotal.size();
  for (const Row& row : rows) width = std::max(width, row.first.size());
  const auto line = [&](std::string_view rule, const std::array<size_t, 3>& counts) {
    const auto count = [&](Safety safety) { return counts[static_cast<size_t>(safety)]; };
    return fmt::format("{:{}}  {:>5}  {:>18}  {:>9}\n", rule, width, count(Safety::Exact),
                       count(Safety::Review), count(Safety::Manual));
  };
  std::string out = fmt::format("{:{}}  fixed  fixed_with_warning  unfixable\n", "rule", width);
  for (const auto& [rule, counts] : rows) out += line(rule, counts);
  return out + line(kTotal, totals.safety);
}

const Printer* find_printer(std::string_view name) {
  for (const Printer* printer : printers()) {
    if (printer->name == name) return printer;
  }
  return nullptr;
}

}  // namespace dsqlint
