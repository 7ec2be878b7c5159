// What was found in a source that joins several files, taken apart again.
#pragma once

#include <vector>

#include "engine/lint/linter.h"

namespace dsqlint {

/// One for each file of `source`, in its own positions. A note that points into another file says
/// the place in words. `carried` is that of the whole.
std::vector<CheckOutcome> by_file(CheckOutcome outcome, const SourceFile& source);
std::vector<FixOutcome> by_file(FixOutcome outcome, const SourceFile& source);

}  // namespace dsqlint
