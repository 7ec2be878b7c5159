// The files of a project, and which tool runs its migrations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/result.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// A folder and its content, without what is never part of a project.
class Project {
 public:
  static Result<Project> read(const std::string& top);

  const std::string& top() const { return top_; }
  /// Paths below the top, with `/`, sorted.
  const std::vector<std::string>& files() const { return files_; }
  bool has(std::string_view path) const;
  /// The path as the user wrote it.
  std::string shown(std::string_view path) const;
  /// A file's bytes; empty when it cannot be read or is larger than a megabyte.
  std::string text(std::string_view path) const;
  /// The same whatever its size.
  std::string whole_text(std::string_view path) const;
  /// Names and texts of configuration files in the folders above, up to the repository's top.
  const std::map<std::string, std::string>& above() const { return above_; }

 private:
  std::string top_;
  std::vector<std::string> files_;
  std::map<std::string, std::string> above_;
};

struct Decision {
  const Tool* tool = nullptr;
  std::vector<std::string> folders;  ///< below the top; "" is the top itself
  std::string because = {};          ///< "atlas.sum", "`-- +goose Up` in 001_a.sql", "--tool"
};

/// What the user has asked for; empty: nothing.
struct Wanted {
  const Tool* tool = nullptr;
  std::optional<std::string> folder = std::nullopt;  ///< below the top
};

/// An error names the tools or folders that fit, and the option to use.
Result<Decision> decide(const Project& project, const Wanted& wanted);

/// "a/b.sql" → "a"; "" for a file at the top.
std::string_view folder_of(std::string_view path);
std::string_view name_of(std::string_view path);

}  // namespace dsqlint::migrations
