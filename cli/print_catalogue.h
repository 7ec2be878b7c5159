// The rules as users read them.
#pragma once

#include <string>

#include "engine/lint/diagnostic.h"

namespace dsqlint {

/// rules/README.md: every rule with its summary and how far fixing goes.
std::string catalogue_markdown();
/// One rule's page for a terminal: what, why, an example, what to write instead.
std::string rule_page(const RuleInfo& info);
/// "always", "sometimes", "never": how often a rule has a fix.
std::string_view fixes_word(Fixes fixes);

}  // namespace dsqlint
