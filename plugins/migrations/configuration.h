// What the tools' own configuration files say: where migrations are, and in which transactions they
// run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/migrations/project.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// Is a file of this name read as configuration, also in the folders above?
bool is_configuration(std::string_view name);

/// One history that a configuration names.
struct Pointer {
  const Tool* tool = nullptr;
  std::string config;                ///< its path; may lie above the top
  std::vector<std::string> folders;  ///< seen from the top; each has files in it
  std::string root = {};             ///< Liquibase: the changelog
  bool of_another = false;           ///< of another database than PostgreSQL
};

/// In the order of the files, those above the top last. Only folders that exist, and no two for one
/// history.
std::vector<Pointer> pointers_of(const Project& project);

/// How the configuration makes the tool run its migrations; nothing where that is as usual.
struct RunSettings {
  std::optional<Span> span = std::nullopt;
  std::string because = {};  ///< "`disableTransactions` in knexfile.js"
  bool adapter = false;      ///< AWS's own for the tool is in use, which knows Aurora DSQL
};
RunSettings settings_of(const Project& project, const Tool& tool,
                        const std::vector<std::string>& folders);

/// The configuration files of that name (RE2), the nearest above `folder` first, then all others.
std::vector<std::string> configurations(const Project& project, std::string_view name,
                                        std::string_view folder);

}  // namespace dsqlint::migrations
