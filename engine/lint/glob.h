// Path patterns as .gitignore writes them; configuration files use the same ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsqlint {

/// `*`, `?`, `[a-z]` and `\x` within a name, `**` for any number of folders. Matching takes at most
/// time in proportion to pattern times path.
class Glob {
 public:
  /// A pattern with a `/` at its beginning or inside matches paths from the top; any other one
  /// matches names at any depth. A `/` at the end: folders only.
  explicit Glob(std::string_view pattern);

  /// `path` is relative to where the pattern was written, with `/` between names.
  bool matches(std::string_view path, bool is_folder) const;
  /// The path itself, or a folder above it.
  bool covers(std::string_view path) const;

 private:
  std::vector<std::string> names_;  ///< between the slashes; `**` stands for itself
  bool folders_only_ = false;
};

/// Does one name match a pattern without slashes?
bool glob_name(std::string_view pattern, std::string_view name);

}  // namespace dsqlint
