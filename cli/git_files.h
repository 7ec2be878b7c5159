// What git says has changed.
#pragma once

#include <string>
#include <vector>

#include "engine/result.h"

namespace dsqlint {

/// Absolute paths of the files that are staged (added, changed or renamed).
Result<std::vector<std::string>> staged_files();
/// Absolute paths of the files that have changed since the branch left `reference`, those that git
/// does not know yet included.
Result<std::vector<std::string>> files_changed_since(const std::string& reference);

}  // namespace dsqlint
