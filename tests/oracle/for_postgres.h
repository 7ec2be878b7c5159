// What the oracles that run a fixed text on PostgreSQL need to know about it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/parse/document.h"

namespace dsqlint::oracle {

/// The text without ASYNC and without the statements that only DSQL has, on the same lines.
std::string mapped_back(const std::string& text);

/// Of the findings of a text whose fixes were applied: the rule, the status, the line, and the
/// names in the statements that the fix touched.
nlohmann::json applied_fixes(const std::vector<Diagnostic>& findings, const Document& document);

/// JSON on one line; what is not UTF-8 is replaced.
std::string to_line(const nlohmann::json& json);

}  // namespace dsqlint::oracle
