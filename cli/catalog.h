// `dsqlint catalog`.
#pragma once

#include "cli/options.h"

namespace dsqlint {

struct CatalogOptions {
  Options inputs = {};  ///< its paths, dialect and configuration
};

/// Runs to the end and returns the exit code.
int print_catalog(const CatalogOptions& options);

}  // namespace dsqlint
