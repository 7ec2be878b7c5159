// `dsqlint.toml`, and `[tool.dsqlint]` of a `pyproject.toml`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config.h"
#include "engine/lint/glob.h"
#include "engine/text/result.h"

namespace dsqlint {

/// What files under some paths have different. Nothing in `severity`: the rule is off.
struct PathSettings {
  std::vector<Glob> paths;  ///< relative to the configuration's folder
  std::optional<std::set<std::string, std::less<>>> select;
  std::set<std::string, std::less<>> ignore;
  std::map<std::string, std::optional<Severity>, std::less<>> severity;
};

/// A configuration file as a value. The settings at its top are a PathSettings for all paths.
struct ConfigFile {
  std::string path = {};    ///< empty: there is none, these are the defaults
  std::string folder = {};  ///< absolute; what its patterns are relative to
  std::optional<Date> engine = std::nullopt;
  std::string dialect = {};  ///< empty: not given
  MysqlChoices mysql = {};
  std::optional<Severity> fail_on = std::nullopt;
  std::string baseline = {};        ///< relative to the folder; empty: none
  std::string baseline_place = {};  ///< where it is named: file, line and column
  PathSettings all = {};
  std::vector<PathSettings> per_path = {};
  std::vector<Glob> exclude = {};
  std::string migrations_place = {};         ///< where they are named
  std::vector<std::string> migrations = {};  ///< folders, relative to the configuration's

  /// `absolute_path` as seen from the configuration's folder; empty when it lies outside.
  std::string_view relative(std::string_view absolute_path) const;
  bool excludes(std::string_view absolute_path) const;
  /// What a file is to be checked with.
  Config config_for(std::string_view absolute_path) const;
};

/// The rule ids that a configuration may name, sorted.
using RuleNames = std::span<const std::string_view>;

/// Reads one file. An unknown key or rule, or a value of the wrong kind, is an error that names the
/// place and what would be right.
Result<ConfigFile> read_config_file(const std::string& path, RuleNames rules);

/// The configurations of a run, each read once. The nearest one at or above a file's folder counts:
/// `dsqlint.toml`, `.dsqlint.toml`, or a `pyproject.toml` that has a `[tool.dsqlint]`.
class ConfigFiles {
 public:
  /// With `fixed`, that file holds for everything; with an empty `fixed`, no file is looked for.
  ConfigFiles(RuleNames rules, std::optional<std::string> fixed)
      : rules_(rules), fixed_(std::move(fixed)) {}
  /// `folder` is absolute. The pointer stays valid as long as this object.
  Result<const ConfigFile*> nearest(const std::string& folder);

 private:
  /// Null when the file turns out not to be ours and is not `required`.
  Result<const ConfigFile*> read(const std::string& path, bool required);

  RuleNames rules_;
  std::optional<std::string> fixed_;
  std::map<std::string, const ConfigFile*> by_folder_;
  std::map<std::string, std::unique_ptr<ConfigFile>> files_;
  ConfigFile defaults_;
};

/// Checks a date for `engine`; an error says what is possible. `where` opens the message.
Result<Date> engine_date(std::string_view text, std::string_view where);
/// "error", "warning", "info".
std::optional<Severity> parse_severity(std::string_view word);
/// The one of `known` that `word` was probably meant to be; empty when none is near.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> known);
/// "`trunate` is not a rule; did you mean `truncate`?"
std::string unknown_rule(std::string_view name, RuleNames rules);

}  // namespace dsqlint
