// `dsqlint check` and `dsqlint fix`.
#pragma once

#include <functional>
#include <vector>

#include "cli/inputs.h"
#include "cli/options.h"
#include "engine/lint/config.h"
#include "workspace/reports/report.h"

namespace dsqlint {

/// Files that somebody else has found and checks.
struct PreparedRun {
  std::vector<Input> inputs;
  std::function<FileReport(size_t)> report;  ///< called once for each, from several threads
  std::string_view fix_command = {};         ///< what would rewrite them; empty: nothing can
};

/// Runs to the end and returns the exit code.
int lint(const Options& options, const PreparedRun* prepared = nullptr);

/// What a file is to be checked with: its configuration file and the command line.
Config config_for(const Options& options, const ConfigFile& file, const std::string& absolute);

}  // namespace dsqlint
