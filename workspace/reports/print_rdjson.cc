// `--format rdjson`: reviewdog's diagnostics, with suggestions. Its columns count bytes.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "workspace/reports/contract.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

using Json = nlohmann::ordered_json;

Json place(const SourceFile& source, uint32_t offset) {
  const uint32_t line = source.position(offset).line;
  return {{"line", line}, {"column", offset - source.line_range(line).begin + 1}};
}

Json range_json(const SourceFile& source, Range range) {
  return {{"start", place(source, range.begin)}, {"end", place(source, range.end)}};
}

/// All edits of a fix as one: a suggestion replaces one range.
Json suggestion_json(const Fix& fix, const SourceFile& source) {
  Range whole{fix.edits.front().range.begin, fix.edits.front().range.end};
  std::string text;
  uint32_t at = whole.begin;
  for (const Edit& edit : fix.edits) {
    text += source.slice({at, edit.range.begin});
    text += edit.text;
    at = edit.range.end;
    whole.end = std::max(whole.end, edit.range.end);
  }
  return {{"range", range_json(source, whole)}, {"text", text}};
}

std::string_view level(Severity severity) {
  return severity == Severity::Error ? "ERROR" : severity == Severity::Warning ? "WARNING" : "INFO";
}

std::string begin() { return "{\"source\": {\"name\": \"dsqlint\"}, \"diagnostics\": [\n"; }

Printed file(const FileReport& report, const PrintStyle&) {
  std::string out;
  const std::string path = plain_path(report.path);
  const auto add = [&](const Json& entry) {
    if (!out.empty()) out += ",\n";
    out += to_text(entry);
  };
  if (!report.error.empty()) {
    add({{"message", report.error}, {"location", {{"path", path}}}, {"severity", "ERROR"}});
  }
  if (report.source == nullptr) return {.text = std::move(out)};
  for (const Diagnostic& finding : report.findings) {
    if (report.fixing && report.is_fixed(finding)) continue;
    std::string message = finding.message;
    for (const Note& note : finding.notes) message += "\n" + note.message;
    if (!finding.help.empty()) message += "\n" + finding.help;
    Json entry = {
        {"message", message},
        {"location", {{"path", path}, {"range", range_json(*report.source, finding.range)}}},
        {"severity", level(finding.severity)},
        {"code", {{"value", finding.rule->id}}}};
    if (finding.fix && !finding.fix->edits.empty()) {
      entry["suggestions"] = Json::array({suggestion_json(*finding.fix, *report.source)});
    }
    add(entry);
  }
  return {.text = std::move(out)};
}

std::string end(const Totals&, bool, const PrintStyle&) { return "\n]}\n"; }

}  // namespace

const Printer kRdjsonPrinter = {
    .name = "rdjson",
    .summary = "for reviewdog, with suggestions",
    .begin = begin,
    .file = file,
    .between = ",\n",
    .end = end,
};

}  // namespace dsqlint
