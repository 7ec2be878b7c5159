#include "plugins/print_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mysql/check.h"
#include "mysql/rules.h"
#include "plugins/catalogue.h"
#include "rules/rules.h"
#include "workspace/reports/print_text.h"

namespace dsqlint {
namespace {

std::string indented(std::string_view text, std::string_view margin) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!line.empty()) out.append(margin).append(line);
    out += '\n';
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return out;
}

std::string_view fixes_word(Fixes fixes) {
  return fixes == Fixes::Always ? "always" : fixes == Fixes::Sometimes ? "sometimes" : "never";
}

bool is_mysql(const RuleInfo& info) { return mysql::find_translation_rule(info.id) != nullptr; }

/// Since when the engine accepts what the rule is about, in whole or in part; empty where it is
/// all refused.
std::string acceptance(const RuleInfo& info) {
  std::string out;
  for (const CapabilityFact& fact : capability_facts()) {
    if (!info.accepted_parts.contains(fact.capability)) continue;
    out += fmt::format(
        "Accepted in part since {} ({}); a finding about that only with --engine before that.\n",
        to_string(fact.since), fact.what);
  }
  if (const auto since = accepted_since(info)) {
    out += fmt::format("Accepted since {} ({}); a finding only with --engine before that.\n",
                       to_string(*since), Engine().fact(*info.accepted).what);
  }
  return out;
}

/// "example.sql", and the flags with which it is checked.
std::string example_title(const RuleInfo& info) {
  std::string flags;
  if (is_mysql(info)) flags += " --dialect mysql";
  if (info.accepted) flags += " --engine " + to_string(example_engine(info).date());
  return flags.empty() ? "Example" : fmt::format("Example (checked with{})", flags);
}

}  // namespace

RuleExample rule_example(const RuleInfo& info) {
  RuleExample example;
  if (info.bad.empty()) return example;
  std::string text(info.bad);
  if (!text.ends_with('\n')) text += '\n';
  const auto source = SourceFile::from_text("example.sql", std::move(text), Encoding::Bytes);
  if (!source) return example;
  const Linter linter(all_rules(), {.engine = example_engine(info)});
  const mysql::TranslateOptions options{.engine = linter.config().engine};
  const bool mysql = is_mysql(info);
  const CheckOutcome checked =
      mysql ? mysql::check(linter, *source, options) : linter.check(*source);
  for (const Diagnostic& finding : checked.findings) {
    print_finding(finding, **source, "example.sql", {}, example.findings);
  }
  const Result<FixOutcome> fixed =
      mysql ? mysql::fix(linter, *source, options) : linter.fix(*source);
  if (fixed && fixed->changed) example.fixed = fixed->text();
  return example;
}

std::string catalogue_markdown() {
  std::string out =
      "# Rules\n\nWritten by the tests from the rules themselves. `dsqlint explain RULE` says why, "
      "and shows an example with its finding and what `fix` makes of it.\n\n"
      "Where the last column has a date, the engine accepts since then what the rule is about: the "
      "rule has findings only with `--engine` before that day. \"Partly\": the rest is still "
      "refused.\n\n"
      "| rule | finds | fix | severity | accepted since |\n|---|---|---|---|---|\n";
  for (const RuleInfo* info : rule_catalogue()) {
    std::string accepted;
    for (const CapabilityFact& fact : capability_facts()) {
      if (!info->accepted_parts.contains(fact.capability)) continue;
      accepted += fmt::format("{}{} partly ({})", accepted.empty() ? "" : ", ",
                              to_string(fact.since), fact.what);
    }
    if (const auto since = accepted_since(*info)) {
      accepted += fmt::format("{}{}", accepted.empty() ? "" : ", ", to_string(*since));
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", info->id, info->summary,
                       fixes_word(info->fixes), severity_word(info->severity), accepted);
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

std::string catalogue_text() {
  size_t width = 0;
  for (const RuleInfo* info : rule_catalogue()) width = std::max(width, info->id.size());
  std::string out;
  for (const RuleInfo* info : rule_catalogue()) {
    const auto since = accepted_since(*info);
    out += fmt::format("{:{}}  {:7}  {:9}  {}{}\n", info->id, width, severity_word(info->severity),
                       fixes_word(info->fixes), info->summary,
                       since ? fmt::format(" (accepted since {})", to_string(*since)) : "");
  }
  return out;
}

nlohmann::ordered_json rule_json(const RuleInfo& info) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::array();
  for (const CapabilityFact& fact : capability_facts()) {
    if (!info.accepted_parts.contains(fact.capability)) continue;
    parts.push_back({{"what", fact.what}, {"since", to_string(fact.since)}});
  }
  const auto since = accepted_since(info);
  RuleExample example = rule_example(info);
  const auto or_null = [](bool there, std::string text) {
    return there ? nlohmann::ordered_json(std::move(text)) : nlohmann::ordered_json();
  };
  return {{"id", info.id},
          {"summary", info.summary},
          {"severity", severity_word(info.severity)},
          {"fixes", fixes_word(info.fixes)},
          {"accepted_since", or_null(since.has_value(), since ? to_string(*since) : "")},
          {"accepted_parts", std::move(parts)},
          {"why", info.why},
          {"help", info.help},
          {"bad", info.bad},
          {"good", info.good},
          {"engine", to_string(example_engine(info).date())},
          {"findings", std::move(example.findings)},
          {"fixed", or_null(example.fixed.has_value(), example.fixed.value_or(""))},
          {"as_of", to_string(as_of(info))}};
}

std::string catalogue_json() {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const RuleInfo* info : rule_catalogue()) rules.push_back(rule_json(*info));
  return rules.dump(2) + '\n';
}

std::string rule_page(const RuleInfo& info) {
  std::string out = fmt::format("{}: {}\n{}\n", info.id, info.summary, acceptance(info));
  if (const auto since = accepted_since(info)) {
    out += fmt::format("Before {}:\n\n", to_string(*since));
  }
  out += indented(info.why, "  ");
  const RuleExample example = rule_example(info);
  if (!info.bad.empty()) {
    out += fmt::format("\n{}:\n\n{}\n`check` finds:\n\n{}", example_title(info),
                       indented(info.bad, "    "), indented(example.findings, "    "));
    while (out.ends_with("\n\n")) out.pop_back();
  }
  if (example.fixed) {
    out += fmt::format("\n`fix` makes of it:\n\n{}",
                       example.fixed->find_first_not_of(" \n") == std::string::npos
                           ? "    (nothing is left)\n"
                           : indented(*example.fixed, "    "));
  }
  const auto trimmed = [](std::string_view text) {
    return text.substr(0, text.find_last_not_of('\n') + 1);
  };
  if (!info.good.empty() && !(example.fixed && trimmed(*example.fixed) == trimmed(info.good))) {
    out += fmt::format("\nInstead:\n\n{}", indented(info.good, "    "));
  }
  const bool told = example.findings.find(info.help) != std::string::npos;
  if (!told) out += fmt::format("\nWhat to do: {}\n", info.help);
  out += fmt::format("\nSeverity: {}. Fixed: {}. As of {}.\n", severity_word(info.severity),
                     fixes_word(info.fixes), to_string(as_of(info)));
  return out;
}

}  // namespace dsqlint
