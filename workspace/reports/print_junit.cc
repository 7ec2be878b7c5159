// `--format junit`: a test suite for each file, a failed case for each finding.

#include <fmt/format.h>

#include "workspace/reports/contract.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\r':
      case '\t':
        out += fmt::format("&#{};", static_cast<int>(c));
        break;
      default:
        // Other control characters cannot be written in XML at all.
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string begin() {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dsqlint\">\n";
}

Printed file(const FileReport& report, const PrintStyle&) {
  const std::string path = xml(report.path);
  std::string cases;
  size_t tests = 0;
  size_t failures = 0;
  if (!report.error.empty()) {
    ++tests;
    cases += fmt::format(
        "    <testcase name=\"read\" classname=\"{}\"><error message=\"{}\"/></testcase>\n", path,
        xml(report.error));
  }
  if (report.source != nullptr) {
    for (const Diagnostic& finding : report.findings) {
      if (report.fixing && report.is_fixed(finding)) continue;
      ++tests;
      ++failures;
      const Position at = report.source->position(finding.range.begin);
      std::string text =
          fmt::format("{}:{}:{}: {}", report.path, at.line, at.column, finding.message);
      for (const Note& note : finding.notes) text += "\nnote: " + note.message;
      if (const std::string what = suggestion(finding); !what.empty()) {
        text += fmt::format("\n{}: {}", finding.fix ? "fix" : "help", what);
      }
      cases += fmt::format(
          "    <testcase name=\"{0}:{1}:{2}\" classname=\"{3}\" file=\"{3}\" line=\"{1}\">"
          "<failure type=\"{4}\" message=\"{5}\">{6}</failure></testcase>\n",
          finding.rule->id, at.line, at.column, path, severity_word(finding.severity),
          xml(finding.message), xml(text));
    }
  }
  if (tests == 0) {
    tests = 1;
    cases = fmt::format("    <testcase name=\"clean\" classname=\"{0}\" file=\"{0}\"/>\n", path);
  }
  return {.text = fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" "
                              "errors=\"{}\">\n{}  </testsuite>\n",
                              path, tests, failures, report.error.empty() ? 0 : 1, cases)};
}

std::string end(const Totals&, bool, const PrintStyle&) { return "</testsuites>\n"; }

}  // namespace

const Printer kJunitPrinter = {
    .name = "junit",
    .summary = "test results in JUnit's XML",
    .begin = begin,
    .file = file,
    .between = "",
    .end = end,
};

}  // namespace dsqlint
