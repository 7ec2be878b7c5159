// `dsqlint check` and `dsqlint fix`.
#pragma once

#include "cli/options.h"

namespace dsqlint {

/// Runs to the end and returns the exit code.
int lint(const Options& options);

}  // namespace dsqlint
