// Findings that no tree rule can make: statements without a tree, and comments that speak to us.
#pragma once

#include <vector>

#include "engine/diagnostic.h"
#include "engine/document.h"
#include "engine/suppress.h"

namespace dsqlint {

std::vector<Diagnostic> unreadable_findings(const Document& document);
std::vector<Diagnostic> suppression_findings(const std::vector<Suppression>& suppressions);

}  // namespace dsqlint
