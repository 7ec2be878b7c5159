// Which folders `dsqlint migrations` is to look into, by its command line and the configuration.
#pragma once

#include <string>
#include <vector>

#include "cli/migrations.h"
#include "engine/lint/config_file.h"
#include "engine/text/result.h"
#include "plugins/migrations/requests.h"

namespace dsqlint {

using MigrationRequest = migrations::Request;

/// In the order in which they are named, or listed in the configuration. An error is bad usage.
Result<std::vector<MigrationRequest>> read_migration_requests(const MigrationsOptions& options,
                                                              ConfigFiles& configs);

}  // namespace dsqlint
