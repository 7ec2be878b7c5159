// `dsqlint catalog`.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace dsqlint {

struct CatalogOptions {
  Options inputs = {};                  ///< its paths, dialect and configuration
  std::vector<std::string> other = {};  ///< --diff: what to compare with
  std::string format = "sql";           ///< or json
};

/// Runs to the end and returns the exit code.
int print_catalog(const CatalogOptions& options);

}  // namespace dsqlint
