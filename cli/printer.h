// Report formats. Each is a row of one table: what to write before, for each file, and at the end.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/report.h"

namespace dsqlint {

struct PrintStyle {
  bool color = false;
  bool hyperlinks = false;
  bool quiet = false;
  std::string fix_command = "dsqlint fix";  ///< what would rewrite; empty: nothing can
  bool diff = false;       ///< fixing: the text goes to the standard output as a diff
  bool to_stdout = false;  ///< fixing: the text itself goes there
};

struct Printer {
  std::string_view name;
  std::string_view summary;  ///< for --help
  /// `file` is called from several threads; all others from one.
  std::string (*begin)();
  std::string (*file)(const FileReport& report, const PrintStyle& style);
  std::string_view between;  ///< goes between the texts of two files, when both have one
  std::string (*end)(const Totals& totals, bool fixing, const PrintStyle& style);
};

extern const Printer kTextPrinter;
extern const Printer kJsonPrinter;
extern const Printer kSarifPrinter;
extern const Printer kGithubPrinter;
extern const Printer kGitlabPrinter;
extern const Printer kJunitPrinter;
extern const Printer kRdjsonPrinter;

std::span<const Printer* const> printers();
const Printer* find_printer(std::string_view name);

}  // namespace dsqlint
