// The words of the interop contract: what a finding is on the wire.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/lint/diagnostic.h"
#include "engine/text/source.h"

namespace dsqlint {

/// The statement on one line, at most 80 characters. Empty when the finding is not about one, or
/// when it cannot be cut into tokens.
std::string statement_preview(const Diagnostic& finding, const SourceFile& source);
/// What to do: the title of the fix, or the help.
std::string suggestion(const Diagnostic& finding);
/// What the fix does and what changes with it.
std::string fix_detail(const Diagnostic& finding);

/// JSON as text. Paths may hold any bytes; those that are not UTF-8 are replaced.
std::string to_text(const nlohmann::ordered_json& json, int indent = -1);

/// `safety` is the finding's own, unless the mode says otherwise.
nlohmann::ordered_json contract_diagnostic(const Diagnostic& finding, const SourceFile& source,
                                           Safety safety);

}  // namespace dsqlint
