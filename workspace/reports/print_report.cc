// `--format text`: findings for a person, and a line that sums up. `--format concise`: a line per
// finding.

#include <fmt/format.h>

#include "workspace/reports/print_text.h"
#include "workspace/reports/printer.h"

namespace dsqlint {
namespace {

std::string begin() { return {}; }

/// Calls `visit(finding, source, label)` for what was fixed, then for what is left, in the text
/// where it stands. The label is empty for what is left.
template <typename Visit>
void each_finding(const FileReport& report, Visit&& visit) {
  const bool applied = report.fixing && report.error.empty();
  if (applied) {
    for (const Diagnostic& finding : report.findings) {
      if (!report.is_fixed(finding)) continue;
      visit(finding, *report.source,
            finding.fix->safety == Safety::Exact ? "fixed" : "fixed, review");
    }
  }
  // What is left stands where it stands now: in the new text, once the file holds it.
  const bool moved = report.in_place;
  const SourceFile& source = moved ? *report.fixed : *report.source;
  for (const Diagnostic& finding : moved ? report.left : report.findings) {
    if (!applied || !report.is_fixed(finding)) visit(finding, source, "");
  }
}

std::string written(const FileReport& report, const PrintStyle& style) {
  if (style.quiet || report.written_to.empty() || report.written_to == report.path) return {};
  return fmt::format("{}: written to {}\n", visible(report.path), visible(report.written_to));
}

TextStyle text_style(const FileReport& report, const PrintStyle& style) {
  TextStyle text{.color = style.color};
  if (style.hyperlinks) text.link = report.absolute;
  return text;
}

Printed file(const FileReport& report, const PrintStyle& style) {
  Printed out;
  if (report.source == nullptr) return out;
  TextStyle text = text_style(report, style);
  each_finding(
      report, [&](const Diagnostic& finding, const SourceFile& source, std::string_view label) {
        text.label = label;
        if (!label.empty() && finding.fix->safety == Safety::Exact) {
          const Position at = source.position(finding.range.begin);
          out.text += fmt::format("{}:{}:{}: fixed[{}]: {}\n", visible(report.path), at.line,
                                  at.column, finding.rule->id, visible(finding.fix->title));
          return;
        }
        print_finding(finding, source, report.path, text, out);
        out.text += '\n';
      });
  out.text += written(report, style);
  return out;
}

Printed concise_file(const FileReport& report, const PrintStyle& style) {
  Printed out;
  if (report.source == nullptr) return out;
  TextStyle text = text_style(report, style);
  each_finding(report,
               [&](const Diagnostic& finding, const SourceFile& source, std::string_view label) {
                 text.label = label;
                 out.text += heading(finding, source, report.path, text) + '\n';
               });
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
  std::string statistics;
  if (style.statistics) {
    statistics = statistics_table(totals);
    if (!statistics.empty()) statistics += '\n';
  }
  if (style.quiet) return statistics;
  const bool failed = totals.files > 0 && totals.files == totals.failures;
  std::string out = statistics;
  out += failed   ? fixing ? "nothing was rewritten" : "nothing was checked"
         : fixing ? fix_summary(totals, style)
                  : check_summary(totals, style);
  if (totals.known > 0) out += fmt::format("; {} known from the baseline", totals.known);
  if (totals.failures > 0) {
    out += fmt::format("; {} could not be processed", counted(totals.failures, "file"));
  }
  return out + '\n';
}

std::string concise_end(const Totals& totals, bool, const PrintStyle& style) {
  return style.statistics ? statistics_table(totals) : std::string();
}

}  // namespace

const Printer kTextPrinter = {
    .name = "text",
    .summary = "source line, caret, notes and fix, for people",
    .for_people = true,
    .begin = begin,
    .file = file,
    .between = "",
    .end = end,
};

const Printer kConcisePrinter = {
    .name = "concise",
    .summary = "a line per finding",
    .for_people = true,
    .begin = begin,
    .file = concise_file,
    .between = "",
    .end = concise_end,
};

}  // namespace dsqlint
