// Which folders `dsqlint migrations` is to look into, by its command line and the configuration.
#pragma once

#include <string>
#include <vector>

#include "cli/migrations.h"
#include "engine/lint/config_file.h"
#include "engine/text/result.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/survey.h"

namespace dsqlint {

/// One folder to look into, and what the user has said about it.
struct MigrationRequest {
  std::string top = ".";
  migrations::Wanted wanted = {};
  migrations::SectionOptions sections = {};
  migrations::Placeholders placeholders = {};
};

/// In the order in which they are named, or listed in the configuration. An error is bad usage.
Result<std::vector<MigrationRequest>> read_migration_requests(const MigrationsOptions& options,
                                                              ConfigFiles& configs);

}  // namespace dsqlint
