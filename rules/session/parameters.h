// What happens to a script when a parameter that cannot be set keeps its value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/text/edit.h"

namespace dsqlint {

struct ParameterLoss {
  /// How far to trust the removal of the SET; Manual: what relies on it has to be rewritten.
  Safety safety = Safety::Manual;
  std::string note;  ///< what changes; empty where nothing does
  std::string help;  ///< what to do instead, for Manual
};

/// For a parameter (lower case) that `parameter_use` refuses. `value`: as written, without quotes;
/// nothing when it is not a literal.
ParameterLoss parameter_loss(std::string_view name, const std::optional<std::string>& value);

}  // namespace dsqlint
