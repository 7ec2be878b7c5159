// What can be read of configuration that is a program: settings and paths, written as literals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsqlint::migrations {

enum class Comments : uint8_t {
  Slashes,  ///< `//` and `/* */`
  Hash,     ///< `#`
};

/// The text with blanks for comments, so that what is switched off is not read. Literals stay.
std::string without_comments(std::string_view text, Comments comments);

/// The paths that stand after each `key` and `:` or `=`, key in quotes or not: one, or the elements
/// of a list. `path.join(__dirname, "a", "b")`, `__dirname + "/a"` and `` `${root}/a` `` are read;
/// what the program computes is left out. RE2 in `key`.
std::vector<std::vector<std::string>> paths_after(std::string_view text, std::string_view key);

/// The folder in which all files of a pattern lie: `src/migrations/*.ts` → `src/migrations`.
std::string folder_of_pattern(std::string_view pattern);

}  // namespace dsqlint::migrations
