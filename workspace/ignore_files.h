// `.gitignore` files as git reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/glob.h"

namespace dsqlint {

/// The patterns in force in one folder: those of the repository, of the folders above, and its own.
/// The last pattern that matches decides. What lies in an ignored folder cannot be had back, so a
/// walk asks for folders too and leaves the ignored ones out.
class IgnoreRules {
 public:
  /// What holds in `folder` by the ignore files of it and of the folders above, up to the root of
  /// its repository; without a repository, those of `folder` alone. `folder` is absolute.
  static IgnoreRules above(const std::string& folder);
  /// The same rules and those that `folder`, one level deeper, brings itself.
  IgnoreRules inside(const std::string& folder) const;

  bool ignored(std::string_view absolute_path, bool is_folder) const;

 private:
  struct Pattern {
    Glob glob;
    bool negated;
    size_t base;  ///< length of the folder, with its slash, that the pattern is relative to
  };
  void read(const std::string& file, const std::string& folder);

  std::vector<Pattern> patterns_;
};

}  // namespace dsqlint
