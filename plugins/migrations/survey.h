// Which tools' migrations a project has: what configuration files name, then what the migrations
// themselves show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/text/result.h"
#include "plugins/migrations/configuration.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// One history of one tool.
struct Decision {
  const Tool* tool = nullptr;
  std::vector<std::string> folders;       ///< below the top; "" is the top itself
  std::string because = {};               ///< "atlas.sum", "`-- +goose Up` in 001_a.sql", "--tool"
  std::string root = {};                  ///< Liquibase: the changelog that names the others
  std::vector<std::string> without = {};  ///< folders below those that are not of this history
  RunSettings settings = {};
};

/// Folders that hold migrations and are not read.
struct LeftOut {
  std::vector<std::string> folders;
  std::string why;  ///< "they are for other databases"
};

struct Survey {
  std::vector<Decision> decisions;  ///< at least one, in the order of their folders
  std::vector<LeftOut> left_out;
};

/// What the user has asked for; empty: nothing.
struct Wanted {
  const Tool* tool = nullptr;
  std::optional<std::string> folder = std::nullopt;  ///< below the top
};

/// The folder whose content is this migration's: those of some tools lie in a folder each.
std::string_view home_of(const Tool& tool, std::string_view path);

/// No tool runs a file of this name: tests, declarations, what a tool writes beside its migrations.
bool is_never_run(std::string_view name);

/// An error names the tools or folders that fit, and the option to use.
Result<Survey> survey(const Project& project, const Wanted& wanted);

}  // namespace dsqlint::migrations
