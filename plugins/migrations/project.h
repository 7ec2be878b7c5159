// The files of a project.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/result.h"

namespace dsqlint::migrations {

/// Where the files of a project are, if not on the disk as they are: in git's index.
struct ProjectTexts {
  std::vector<std::string> files;  ///< below the top, with `/`
  std::function<Result<std::string>(const std::string& path)> text;
};

/// A folder and its content, without what is never part of a project.
class Project {
 public:
  static Result<Project> read(const std::string& top);
  static Result<Project> read(const std::string& top, ProjectTexts texts);

  const std::string& top() const { return top_; }
  /// The same from the root of the file system.
  const std::string& absolute() const { return absolute_; }
  /// Paths below the top, with `/`, sorted.
  const std::vector<std::string>& files() const { return files_; }
  bool has(std::string_view path) const;
  /// Is there a file in the folder or below it?
  bool has_below(std::string_view folder) const;
  /// The path as the user wrote it.
  std::string shown(std::string_view path) const;
  /// A file's bytes; empty when it cannot be read or is larger than 16 MiB. Of a file above the
  /// top only if it is one of `above`.
  std::string text(std::string_view path) const;
  /// Its first 64 KiB.
  std::string head(std::string_view path) const;
  /// The same as `text` whatever its size.
  std::string whole_text(std::string_view path) const;

  /// A configuration file in the folders above, up to the repository's top.
  struct Above {
    std::string path;  ///< seen from the top: `../go.mod`
    std::string text;
  };
  /// Those of the nearest folder first.
  const std::vector<Above>& above() const { return above_; }

  /// What `path` means in `folder`, which may lie above the top, seen from the top: "" is the top
  /// itself, and what lies outside begins with `..`.
  std::string resolve(std::string_view folder, std::string_view path) const;

 private:
  void read_above();

  std::string top_;
  std::string absolute_;
  std::vector<std::string> files_;
  std::vector<Above> above_;
  std::function<Result<std::string>(const std::string& path)> text_;
};

/// "a/b.sql" → "a"; "" for a file at the top.
std::string_view folder_of(std::string_view path);
std::string_view name_of(std::string_view path);
/// Does the path lie in the folder or below it? Everything lies in "".
bool is_below(std::string_view path, std::string_view folder);
/// "a" and "b" → "a/b".
std::string path_in(std::string_view folder, std::string_view name);

}  // namespace dsqlint::migrations
