// Findings that no tree rule can make: statements without a tree, and comments with directives.
#pragma once

#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/lint/suppress.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// The rule for text that cannot be read, for front ends that report under it.
const RuleInfo& parse_error_info();
std::vector<Diagnostic> unreadable_findings(const Document& document);
/// Comments that silence nothing. One for a rule in `off`, which the configuration switches off, or
/// for one that runs `elsewhere`, may be of use in another run and is not reported; one that names
/// none of `rules` is reported with the rule that it may have meant.
std::vector<Diagnostic> suppression_findings(const std::vector<Suppression>& suppressions,
                                             const std::set<std::string_view>& off,
                                             const std::set<std::string_view>& elsewhere,
                                             std::span<const std::string_view> rules);

}  // namespace dsqlint
