// `--format json`: the contract's report and, beside it, exact places and the edits of every fix.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "workspace/reports/contract.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

using Json = nlohmann::ordered_json;

Json place(const SourceFile& source, uint32_t offset) {
  const Position position = source.position(offset);
  return {{"line", position.line}, {"column", position.column}, {"offset", offset}};
}

Json range_json(const SourceFile& source, Range range) {
  return {{"start", place(source, range.begin)}, {"end", place(source, range.end)}};
}

Json finding_json(const Diagnostic& finding, const FileReport& report) {
  const SourceFile& source = *report.source;
  Json json = contract_diagnostic(finding, source);
  json["severity"] = severity_word(finding.severity);
  json["range"] = range_json(source, finding.range);
  Json notes = Json::array();
  for (const Note& note : finding.notes) {
    Json entry = {{"message", note.message}};
    if (note.range) entry["range"] = range_json(source, *note.range);
    notes.push_back(std::move(entry));
  }
  json["notes"] = std::move(notes);
  json["help"] = finding.help.empty() ? Json() : Json(finding.help);
  json["fix"] = nullptr;
  if (finding.fix) {
    Json edits = Json::array();
    for (const Edit& edit : finding.fix->edits) {
      Json entry = range_json(source, edit.range);
      entry["text"] = edit.text;
      edits.push_back(std::move(entry));
    }
    json["fix"] = {{"title", finding.fix->title},
                   {"applied", report.fixing && report.is_fixed(finding)},
                   {"edits", std::move(edits)}};
  }
  return json;
}

std::string begin() { return "{\n  \"schema_version\": 1,\n  \"files\": [\n"; }

/// A value as it stands four columns in.
std::string indented(const Json& json) {
  const std::string text = to_text(json, 2);
  std::string out = "    ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

Printed file(const FileReport& report, const PrintStyle& style) {
  Json diagnostics = Json::array();
  if (report.source != nullptr) {
    for (const Diagnostic& finding : report.findings) {
      diagnostics.push_back(finding_json(finding, report));
    }
  }
  const bool carries_text =
      report.fixing && report.error.empty() && (style.to_stdout || style.diff);
  Json json = {{"file", report.path},
               {"diagnostics", std::move(diagnostics)},
               {"error", report.error.empty() ? Json() : Json(report.error)},
               {"output_file", report.written_to.empty() ? Json() : Json(report.written_to)},
               {"fixed_sql", carries_text ? Json(report.text()) : Json()}};
  return {.text = indented(json)};
}

/// An entry of the report, beside `files`.
std::string entry(std::string_view name, const Json& value) {
  std::string out = fmt::format(",\n  \"{}\": ", name);
  for (const char c : to_text(value, 2)) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

Json statistics_json(const Totals& totals) {
  Json statistics = Json::object();
  for (const auto& [rule, counts] : totals.by_rule) {
    Json& entry = statistics[std::string(rule)];
    for (const Safety safety : {Safety::Exact, Safety::Review, Safety::Manual}) {
      entry[std::string(wire_status(safety))] = counts[static_cast<size_t>(safety)];
    }
  }
  return statistics;
}

std::string end(const Totals& totals, bool fixing, const PrintStyle& style) {
  const Json summary = {
      {"errors", totals.safety[static_cast<size_t>(Safety::Manual)] + totals.failures},
      {"warnings", totals.safety[static_cast<size_t>(Safety::Review)]},
      {"fixed", fixing ? totals.safety[static_cast<size_t>(Safety::Exact)] : 0},
      {"files", totals.files},
      {"findings", totals.findings()},
      {"changed_files", totals.changed}};
  std::string out = "\n  ]" + entry("summary", summary);
  if (style.statistics) out += entry("statistics", statistics_json(totals));
  return out + "\n}\n";
}

}  // namespace

const Printer kJsonPrinter = {
    .name = "json",
    .summary = "places, edits and statuses of every finding; a superset of dsql-lint's",
    .begin = begin,
    .file = file,
    .between = ",\n",
    .end = end,
};

}  // namespace dsqlint
