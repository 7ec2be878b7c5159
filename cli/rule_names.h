// The rule ids that users may write: all that exist, and the retired ones.
#pragma once

#include <string_view>
#include <vector>

namespace dsqlint {

/// Sorted.
const std::vector<std::string_view>& rule_names();

}  // namespace dsqlint
