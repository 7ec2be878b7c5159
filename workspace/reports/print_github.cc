// `--format github`: workflow commands that GitHub shows as annotations in the changed files.

#include <fmt/format.h>

#include "workspace/reports/contract.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

/// Data of a workflow command; properties have two more characters that mean something.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view command(Severity severity) {
  return severity == Severity::Error     ? "error"
         : severity == Severity::Warning ? "warning"
                                         : "notice";
}

std::string begin() { return {}; }

Printed file(const FileReport& report, const PrintStyle&) {
  std::string out;
  const std::string path = escaped(plain_path(report.path), true);
  if (!report.error.empty()) {
    out += fmt::format("::error file={},title=dsqlint::{}\n", path, escaped(report.error, false));
  }
  if (report.source == nullptr) return {.text = std::move(out)};
  for (const Diagnostic& finding : report.findings) {
    if (report.fixing && report.is_fixed(finding)) continue;
    const Position from = report.source->position(finding.range.begin);
    const Position to = report.source->position(finding.range.end);
    std::string message = finding.message;
    for (const Note& note : finding.notes) message += "\n" + note.message;
    if (const std::string what = suggestion(finding); !what.empty()) {
      message += fmt::format("\n{}: {}", finding.fix ? "fix" : "help", what);
    }
    out +=
        fmt::format("::{} file={},line={},col={},endLine={},endColumn={},title=dsqlint({})::{}\n",
                    command(finding.severity), path, from.line, from.column, to.line, to.column,
                    finding.rule->id, escaped(message, false));
  }
  return {.text = std::move(out)};
}

std::string end(const Totals&, bool, const PrintStyle&) { return {}; }

}  // namespace

const Printer kGithubPrinter = {
    .name = "github",
    .summary = "annotations of a GitHub workflow",
    .begin = begin,
    .file = file,
    .between = "",
    .end = end,
};

}  // namespace dsqlint
