// `--format text`: findings for a person, and a line that sums up.

#include <fmt/format.h>

#include "cli/print_text.h"
#include "cli/printer.h"

namespace dsqlint {
namespace {

std::string begin() { return {}; }

void print_applied(const Diagnostic& finding, const FileReport& report, TextStyle text,
                   std::string& out) {
  if (finding.fix->safety == Safety::Exact) {
    const Position at = report.source->position(finding.range.begin);
    out += fmt::format("{}:{}:{}: fixed[{}]: {}\n", visible(report.path), at.line, at.column,
                       finding.rule->id, visible(finding.fix->title));
    return;
  }
  text.label = "fixed, review";
  print_finding(finding, *report.source, report.path, text, out);
  out += '\n';
}

std::string file(const FileReport& report, const PrintStyle& style) {
  std::string out;
  if (report.source == nullptr) return out;
  TextStyle text{.color = style.color};
  if (style.hyperlinks) text.link = report.absolute;
  if (report.fixing && report.error.empty()) {
    for (const Diagnostic& finding : report.findings) {
      if (report.is_fixed(finding)) print_applied(finding, report, text, out);
    }
  }
  // What is left stands where it stands now: in the new text, once the file holds it.
  const bool moved = report.fixed != nullptr;
  const SourceFile& source = moved ? *report.fixed : *report.source;
  for (const Diagnostic& finding : moved ? report.left : report.findings) {
    if (report.fixing && report.error.empty() && report.is_fixed(finding)) continue;
    print_finding(finding, source, report.path, text, out);
    out += '\n';
  }
  if (!style.quiet && !report.written_to.empty() && report.written_to != report.path) {
    out += fmt::format("{}: written to {}\n", visible(report.path), visible(report.written_to));
  }
  return out;
}

/// ", 2 of them to be reviewed"
std::string to_review(size_t review, size_t of) {
  if (review == 0) return {};
  if (review == of) return of == 1 ? ", to be reviewed" : ", all of them to be reviewed";
  return fmt::format(", {} of them to be reviewed", review);
}

std::string check_summary(const Totals& totals, const PrintStyle& style) {
  std::string out = counted(totals.files - totals.failures, "file") + " checked: ";
  if (totals.findings() == 0) {
    out += "no findings";
  } else {
    std::string_view separator;
    constexpr std::string_view kNouns[] = {"note", "warning", "error"};
    for (size_t level = 3; level-- > 0;) {
      if (totals.severity[level] == 0) continue;
      out += fmt::format("{}{}", separator, counted(totals.severity[level], kNouns[level]));
      separator = ", ";
    }
    if (totals.files > 1) out += fmt::format(" in {}", counted(totals.files_with_findings, "file"));
  }
  if (totals.fixed > 0 && !style.fix_command.empty()) {
    out += fmt::format("; `{}` rewrites {}", style.fix_command, totals.fixed) +
           to_review(totals.review, totals.fixed);
  }
  return out;
}

std::string fix_summary(const Totals& totals, const PrintStyle& style) {
  std::string out = counted(totals.files - totals.failures, "file") + " read: ";
  const size_t left = totals.findings() - totals.fixed;
  if (totals.fixed == 0) {
    out += left == 0 ? "no findings" : "nothing to rewrite";
  } else {
    out += fmt::format("{}{} in {}", style.diff ? "would make " : "",
                       counted(totals.fixed, "fix", "es"), counted(totals.changed, "file"));
    out += to_review(totals.review, totals.fixed);
  }
  if (left > 0) out += fmt::format("; {} left", counted(left, "finding"));
  return out;
}

std::string end(const Totals& totals, bool fixing, const PrintStyle& style) {
  if (style.quiet) return {};
  const bool failed = totals.files > 0 && totals.files == totals.failures;
  std::string out = failed   ? fixing ? "nothing was rewritten" : "nothing was checked"
                    : fixing ? fix_summary(totals, style)
                             : check_summary(totals, style);
  if (totals.known > 0) out += fmt::format("; {} known from the baseline", totals.known);
  if (totals.failures > 0) {
    out += fmt::format("; {} could not be processed", counted(totals.failures, "file"));
  }
  return out + '\n';
}

}  // namespace

const Printer kTextPrinter = {
    .name = "text",
    .summary = "source line, caret, notes and fix, for people",
    .begin = begin,
    .file = file,
    .between = "",
    .end = end,
};

}  // namespace dsqlint
