// What the command line asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "engine/lint/config_file.h"

namespace dsqlint {

/// Flags of `check` and `fix`; what is not given on the command line stays with the configuration.
struct Options {
  std::vector<std::string> paths;
  bool fix = false;

  std::optional<Date> engine = std::nullopt;
  std::string dialect = {};  ///< empty: not given
  std::vector<std::string> select = {};
  std::vector<std::string> ignore = {};
  std::optional<Severity> fail_on = std::nullopt;
  std::optional<std::string> config = std::nullopt;  ///< empty: no configuration file at all
  bool force_exclude = false;                        ///< `exclude` holds for named files too
  bool suppressions = true;

  bool staged = false;                              ///< only files that git has staged
  std::optional<std::string> since = std::nullopt;  ///< only files changed since that commit
  std::string stdin_filename = {};                  ///< what `-` is called
  bool cache = false;                               ///< skip files that are known to be clean
  std::string baseline = {};
  bool update_baseline = false;
  bool prune_baseline = false;

  std::string format = "text";
  ColorWhen color = ColorWhen::Auto;
  bool quiet = false;       ///< no summary, no progress
  bool statistics = false;  ///< findings by rule and status, at the end
  unsigned jobs = 0;        ///< 0: as many as the machine has

  /// The files have not been run anywhere: a fix may change an earlier one.
  bool rewrite_history = false;
  bool safe_only = false;
  bool diff = false;
  std::string output = {};
};

}  // namespace dsqlint
