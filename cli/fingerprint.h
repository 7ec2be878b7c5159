// What a finding is recognised by when lines have moved: its rule and its statement.
#pragma once

#include <string>

#include "engine/diagnostic.h"
#include "engine/source.h"

namespace dsqlint {

/// Sixteen hexadecimal digits over the rule and the statement's tokens: the same after changes of
/// layout, comments and letter case, and wherever the statement stands. Not unique in a file.
std::string fingerprint(const Diagnostic& finding, const SourceFile& source);

}  // namespace dsqlint
