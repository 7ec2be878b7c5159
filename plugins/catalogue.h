// Every rule id that users read or write: those of the engine, of the rules, of folders of
// migrations and of the translation of MySQL.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/lint/linter.h"

namespace dsqlint {

/// One RuleInfo per id, sorted by id.
std::vector<const RuleInfo*> rule_catalogue();
/// Null where there is no such id.
const RuleInfo* find_rule(std::string_view id);

/// Ids that were once emitted, or belong to the interop contract and never fire today. They stay
/// valid in configurations and suppressions, and are never used again for something else.
struct RetiredRule {
  std::string_view id;
  std::string_view reason;
};
std::span<const RetiredRule> retired_rules();

/// What users may write: all ids, the retired ones too. Sorted.
const std::vector<std::string_view>& rule_names();

/// What a comment in a file may name that no rule of its linter finds.
OtherIds other_ids_of_files();
/// The same for a migration of a folder.
OtherIds other_ids_of_migrations();

}  // namespace dsqlint
