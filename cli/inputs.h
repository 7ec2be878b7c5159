// From paths on the command line to files with their configuration.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/lint/config_file.h"
#include "workspace/sql_files.h"

namespace dsqlint {

inline constexpr std::string_view kStdinName = "<stdin>";

/// One thing to check. With an `error`, there is nothing to read.
struct Input {
  std::string path;  ///< as the user knows it; kStdinName
  bool is_stdin = false;
  std::string absolute;  ///< what configurations go by
  const ConfigFile* config = nullptr;
  std::string error = {};
  std::string blob = {};  ///< the text to read is git's object of this id, not the file's
  /// Files of one number set up one database, in their order: those below a folder, those that a
  /// pattern means, and those that are named.
  size_t history = 0;
  bool takes_back = false;  ///< a down or undo script of that history
};

/// The files that `options.paths` mean, in order: a folder stands for the `*.sql` files below it,
/// sorted (numbers by their value), without those that `.gitignore` or a configuration excludes.
/// Named files that stand in the order of their bytes, in which nobody has put them, are sorted
/// too. No file twice. Down and undo scripts stand right behind what they take back. An error is a
/// configuration that does not hold.
Result<std::vector<Input>> find_inputs(const Options& options, ConfigFiles& configs);

}  // namespace dsqlint
