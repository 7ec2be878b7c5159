#include "cli/printer.h"

#include <array>

namespace dsqlint {

std::span<const Printer* const> printers() {
  static constexpr std::array kPrinters = {&kTextPrinter,   &kJsonPrinter,   &kSarifPrinter,
                                           &kGithubPrinter, &kGitlabPrinter, &kJunitPrinter,
                                           &kRdjsonPrinter};
  return kPrinters;
}

const Printer* find_printer(std::string_view name) {
  for (const Printer* printer : printers()) {
    if (printer->name == name) return printer;
  }
  return nullptr;
}

}  // namespace dsqlint
