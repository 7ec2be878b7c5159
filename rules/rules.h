// Every rule, in one list.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/lint/linter.h"

namespace dsqlint {

/// The tables of all rules, the engine's own included. Static storage.
std::vector<std::span<const Rule>> all_rules();
/// One RuleInfo per id, sorted by id; those of the translation of MySQL included.
std::vector<const RuleInfo*> rule_catalogue();
const RuleInfo* find_rule(std::string_view id);

/// Ids that were once emitted, or belong to the interop contract and never fire today. They stay
/// valid in configurations and suppressions, and are never used again for something else.
struct RetiredRule {
  std::string_view id;
  std::string_view reason;
};
std::span<const RetiredRule> retired_rules();

}  // namespace dsqlint
