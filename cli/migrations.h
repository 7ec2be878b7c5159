// `dsqlint migrations`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace dsqlint {

struct MigrationsOptions {
  Options lint = {};  ///< its paths: the folder
  std::string tool = {};
  std::string migrations = {};   ///< tool:folder
  std::string from = {};         ///< a command that prints the SQL
  std::string after = {};        ///< only versions behind this one
  std::string transaction = {};  ///< statement, block, file or all
  bool check_down = false;
  std::vector<std::string> placeholders = {};  ///< name=value
};

/// Runs to the end and returns the exit code.
int check_migrations(const MigrationsOptions& options);

}  // namespace dsqlint
