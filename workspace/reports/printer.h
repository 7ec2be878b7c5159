// Report formats. Each is a row of one table: what to write before, for each file, and at the end.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workspace/reports/report.h"

namespace dsqlint {

/// What is printed about one file.
struct Printed {
  /// A part of the text that is left out where the run has printed the same before.
  struct Repeatable {
    Range range;
    std::string says;
  };
  std::string text = {};
  std::vector<Repeatable> repeatable = {};  ///< by place
};

struct PrintStyle {
  bool color = false;
  bool hyperlinks = false;
  bool quiet = false;
  std::string fix_command = "dsqlint fix";  ///< what would rewrite; empty: nothing can
  bool diff = false;       ///< fixing: the text goes to the standard output as a diff
  bool to_stdout = false;  ///< fixing: the text itself goes there
  bool statistics = false;
};

struct Printer {
  std::string_view name;
  std::string_view summary;  ///< for --help
  /// For people: it makes room where the SQL goes to the standard output, and may be coloured.
  bool for_people = false;
  /// `file` is called from several threads; all others from one.
  std::string (*begin)();
  Printed (*file)(const FileReport& report, const PrintStyle& style);
  std::string_view between;  ///< goes between the texts of two files, when both have one
  std::string (*end)(const Totals& totals, bool fixing, const PrintStyle& style);
};

extern const Printer kTextPrinter;
extern const Printer kConcisePrinter;
extern const Printer kJsonPrinter;
extern const Printer kSarifPrinter;
extern const Printer kGithubPrinter;
extern const Printer kGitlabPrinter;
extern const Printer kJunitPrinter;
extern const Printer kRdjsonPrinter;

/// Findings by rule and status, as a table; empty when there are none.
std::string statistics_table(const Totals& totals);

std::span<const Printer* const> printers();
const Printer* find_printer(std::string_view name);

}  // namespace dsqlint
