#include "cli/print_catalogue.h"

#include <fmt/format.h>

#include "cli/catalogue.h"

namespace dsqlint {
namespace {

std::string indented(std::string_view text, std::string_view margin) {
  std::string out(margin);
  for (const char c : text) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out;
}

}  // namespace

std::string_view fixes_word(Fixes fixes) {
  return fixes == Fixes::Always ? "always" : fixes == Fixes::Sometimes ? "sometimes" : "never";
}

std::string catalogue_markdown() {
  std::string out =
      "# Rules\n\nWritten by the tests from the rules themselves. `dsqlint explain RULE` says more "
      "about each.\n\n| rule | finds | fix | severity |\n|---|---|---|---|\n";
  for (const RuleInfo* info : rule_catalogue()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", info->id, info->summary,
                       fixes_word(info->fixes), severity_word(info->severity));
  }
  if (!retired_rules().empty()) {
    out +=
        "\n## Retired\n\nStill understood in configurations and comments, never emitted.\n\n"
        "| rule | why |\n|---|---|\n";
    for (const RetiredRule& retired : retired_rules()) {
      out += fmt::format("| `{}` | {} |\n", retired.id, retired.reason);
    }
  }
  return out;
}

std::string rule_page(const RuleInfo& info) {
  std::string out = fmt::format("{}: {}\n\n{}\n", info.id, info.summary, indented(info.why, "  "));
  if (!info.bad.empty()) out += fmt::format("\nNot accepted:\n\n{}\n", indented(info.bad, "    "));
  if (!info.good.empty()) out += fmt::format("\nInstead:\n\n{}\n", indented(info.good, "    "));
  if (!info.help.empty()) out += fmt::format("\nWhat to do: {}\n", info.help);
  out += fmt::format("\nSeverity: {}. Fixed: {}. As of {}.\n", severity_word(info.severity),
                     fixes_word(info.fixes), info.as_of);
  return out;
}

}  // namespace dsqlint
