// `--format gitlab`: GitLab's code quality report.

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "workspace/reports/contract.h"
#include "workspace/reports/fingerprint.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

using Json = nlohmann::ordered_json;

std::string_view level(Severity severity) {
  return severity == Severity::Error ? "major" : severity == Severity::Warning ? "minor" : "info";
}

std::string begin() { return "[\n"; }

Printed file(const FileReport& report, const PrintStyle&) {
  std::string out;
  if (report.source == nullptr) return {};
  const std::string path = plain_path(report.path);
  // GitLab drops findings whose fingerprint it has seen, so equal ones are told apart by number.
  std::map<std::string, int> seen;
  Fingerprints fingerprints(*report.source);
  for (const Diagnostic& finding : report.findings) {
    if (report.fixing && report.is_fixed(finding)) continue;
    const std::string print = fingerprints.of(finding);
    const Json entry = {{"description", fmt::format("{} ({})", finding.message, finding.rule->id)},
                        {"check_name", finding.rule->id},
                        {"fingerprint", fmt::format("{}:{}:{}", path, print, ++seen[print])},
                        {"severity", level(finding.severity)},
                        {"location",
                         {{"path", path},
                          {"lines",
                           {{"begin", report.source->position(finding.range.begin).line},
                            {"end", report.source->position(finding.range.end).line}}}}}};
    if (!out.empty()) out += ",\n";
    out += "  " + to_text(entry);
  }
  return {.text = std::move(out)};
}

std::string end(const Totals&, bool, const PrintStyle&) { return "\n]\n"; }

}  // namespace

const Printer kGitlabPrinter = {
    .name = "gitlab",
    .summary = "code quality report for GitLab",
    .begin = begin,
    .file = file,
    .between = ",\n",
    .end = end,
};

}  // namespace dsqlint
