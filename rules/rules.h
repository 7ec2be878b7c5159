// Every rule that looks at SQL, in one list.
#pragma once

#include <span>
#include <vector>

#include "engine/lint/linter.h"

namespace dsqlint {

/// The tables of these rules, the engine's own included. Static storage.
std::vector<std::span<const Rule>> all_rules();
/// One per id, sorted by id.
std::vector<const RuleInfo*> all_rule_infos();

}  // namespace dsqlint
