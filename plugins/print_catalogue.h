// The rules as users read them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "engine/lint/diagnostic.h"

namespace dsqlint {

/// What the program makes of a rule's `bad`, by the engine that it is about.
struct RuleExample {
  std::string findings;              ///< as `check` prints them; empty: there is no `bad`
  std::optional<std::string> fixed;  ///< what `fix` makes of it; nothing: it changes nothing
};

RuleExample rule_example(const RuleInfo& info);

/// rules/README.md: every rule with its summary and how far fixing goes.
std::string catalogue_markdown();
/// `dsqlint rules`: a line per rule.
std::string catalogue_text();
/// All that is known of a rule.
nlohmann::ordered_json rule_json(const RuleInfo& info);
/// `dsqlint rules --format json`: that of each.
std::string catalogue_json();
/// One rule's page for a terminal: what, why, an example with its findings, what to write instead.
std::string rule_page(const RuleInfo& info);

}  // namespace dsqlint
