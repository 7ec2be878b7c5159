// `--format sarif`: SARIF 2.1.0 with fixes, fingerprints and what is suppressed. Columns and
// character offsets count code points.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "workspace/reports/contract.h"
#include "workspace/reports/fingerprint.h"
#include "workspace/reports/printer.h"
#include "workspace/version.h"

namespace dsqlint {
namespace {

using Json = nlohmann::ordered_json;

/// Code points before a byte, in time that does not grow with the offset.
class Characters {
 public:
  explicit Characters(std::string_view text) : text_(text) {
    uint32_t count = 0;
    for (size_t i = 0; i < text.size(); i += kBlock) {
      before_.push_back(count);
      count += in(i, std::min(text.size(), i + kBlock));
    }
  }
  uint32_t before(uint32_t offset) const {
    if (before_.empty()) return 0;
    const size_t block = std::min<size_t>(offset / kBlock, before_.size() - 1);
    return before_[block] + in(block * kBlock, offset);
  }

 private:
  static constexpr size_t kBlock = 4096;
  uint32_t in(size_t begin, size_t end) const {
    return static_cast<uint32_t>(
        std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                      text_.begin() + static_cast<std::ptrdiff_t>(end),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  }
  std::string_view text_;
  std::vector<uint32_t> before_;
};

std::string_view level(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "note";
}

/// A path as a URI reference: relative to SRCROOT, or a file: URI.
std::string uri(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Json location_of(const std::string& path) {
  const std::string plain = plain_path(path);
  Json location = {{"uri", uri(plain)}};
  if (!plain.starts_with('/')) location["uriBaseId"] = "SRCROOT";
  return location;
}

Json region(Range range, const SourceFile& source, const Characters& characters) {
  const Position from = source.position(range.begin);
  const Position to = source.position(range.end);
  const uint32_t offset = characters.before(range.begin);
  return {{"startLine", from.line},    {"startColumn", from.column},
          {"endLine", to.line},        {"endColumn", to.column},
          {"charOffset", offset},      {"charLength", characters.before(range.end) - offset},
          {"byteOffset", range.begin}, {"byteLength", range.size()}};
}

std::string begin() {
  return "{\n\"$schema\": "
         "\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
         "sarif-schema-2.1.0.json\",\n\"version\": \"2.1.0\",\n\"runs\": [{\n"
         "\"columnKind\": \"unicodeCodePoints\",\n\"results\": [\n";
}

/// `suppressions` is of all results of a run or of none.
Json result(const Diagnostic& finding, Json suppressions, const FileReport& report,
            const Characters& characters, Fingerprints& fingerprints) {
  const SourceFile& source = *report.source;
  const Json artifact = location_of(report.path);
  std::string text = finding.message;
  for (const Note& note : finding.notes) text += ".\n" + note.message;
  if (const std::string what = suggestion(finding); !what.empty()) {
    text += fmt::format(".\n{}: {}", finding.fix ? "fix" : "help", what);
  }
  text += '.';
  Json where = region(finding.range, source, characters);
  constexpr uint32_t kLongestSnippet = 200;
  if (finding.range.size() <= kLongestSnippet) {
    where["snippet"] = {{"text", source.slice(finding.range)}};
  }
  Json json = {{"ruleId", finding.rule->id},
               {"level", level(finding.severity)},
               {"message", {{"text", text}}},
               {"locations",
                Json::array({{{"physicalLocation",
                               {{"artifactLocation", artifact}, {"region", std::move(where)}}}}})},
               {"partialFingerprints", {{"dsqlintFinding/v1", fingerprints.of(finding)}}},
               {"suppressions", std::move(suppressions)},
               {"properties", {{"status", wire_status(safety_of(finding))}}}};
  if (finding.fix && !finding.fix->edits.empty()) {
    Json replacements = Json::array();
    for (const Edit& edit : finding.fix->edits) {
      replacements.push_back({{"deletedRegion", region(edit.range, source, characters)},
                              {"insertedContent", {{"text", edit.text}}}});
    }
    json["fixes"] = Json::array(
        {{{"description", {{"text", finding.fix->title}}},
          {"artifactChanges", Json::array({{{"artifactLocation", artifact},
                                            {"replacements", std::move(replacements)}}})}}});
  }
  return json;
}

Json suppression(const HiddenFinding& hidden) {
  Json json = {{"kind", hidden.by_baseline ? "external" : "inSource"}};
  if (hidden.by_baseline) {
    json["justification"] = "known from the baseline";
  } else if (!hidden.reason.empty()) {
    json["justification"] = hidden.reason;
  }
  return json;
}

Printed file(const FileReport& report, const PrintStyle&) {
  std::string out;
  if (report.source == nullptr || (report.findings.empty() && report.hidden.empty())) return {};
  const Characters characters(report.source->text());
  Fingerprints fingerprints(*report.source);
  const auto add = [&](const Diagnostic& finding, Json suppressions) {
    if (!out.empty()) out += ",\n";
    out += to_text(result(finding, std::move(suppressions), report, characters, fingerprints));
  };
  for (const Diagnostic& finding : report.findings) {
    if (report.fixing && report.is_fixed(finding)) continue;
    add(finding, Json::array());
  }
  for (const HiddenFinding& hidden : report.hidden) {
    add(hidden.finding, Json::array({suppression(hidden)}));
  }
  return {.text = std::move(out)};
}

std::string pascal_case(std::string_view id) {
  std::string out;
  bool upper = true;
  for (const char c : id) {
    if (c == '_') {
      upper = true;
    } else {
      out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
  }
  return out;
}

Json rule_json(const RuleInfo& info) {
  std::string help(info.help.empty() ? info.why : info.help);
  std::string markdown = fmt::format("{}\n\n```sql\n{}\n```\n", info.why, info.bad);
  if (!info.good.empty()) markdown += fmt::format("\nInstead:\n\n```sql\n{}\n```\n", info.good);
  Json rule = {{"id", info.id},
               {"shortDescription", {{"text", fmt::format("{}.", info.summary)}}},
               {"fullDescription", {{"text", info.why}}},
               {"help", {{"text", help}, {"markdown", markdown}}},
               {"defaultConfiguration", {{"level", level(info.severity)}}}};
  // A name that says no more than the id is not wanted.
  if (info.id.find('_') != std::string_view::npos) rule["name"] = pascal_case(info.id);
  return rule;
}

std::string end(const Totals& totals, bool fixing, const PrintStyle&) {
  Json rules = Json::array();
  for (const auto& [id, info] : totals.rules) rules.push_back(rule_json(*info));
  const Json tool = {{"driver",
                      {{"name", "dsqlint"},
                       {"version", kVersion},
                       {"semanticVersion", kVersion},
                       {"rules", std::move(rules)}}}};
  Json notifications = Json::array();
  for (const auto& [path, message] : totals.errors) {
    notifications.push_back(
        {{"level", "error"},
         {"message", {{"text", message}}},
         {"locations",
          Json::array({{{"physicalLocation", {{"artifactLocation", location_of(path)}}}}})}});
  }
  const Json invocation = {{"executionSuccessful", totals.errors.empty()},
                           {"exitCode", exit_code(totals, fixing)},
                           {"toolExecutionNotifications", std::move(notifications)}};
  return fmt::format(
      "\n],\n\"originalUriBaseIds\": {{\"SRCROOT\": {{\"description\": {{\"text\": \"the folder "
      "that dsqlint ran in\"}}}}}},\n\"invocations\": [{}],\n\"tool\": {}\n}}]\n}}\n",
      to_text(invocation), to_text(tool));
}

}  // namespace

const Printer kSarifPrinter = {
    .name = "sarif",
    .summary = "SARIF 2.1.0 with fixes and fingerprints",
    .begin = begin,
    .file = file,
    .between = ",\n",
    .end = end,
};

}  // namespace dsqlint
