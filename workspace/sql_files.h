// SQL files below a folder, in the order in which people and migration tools mean them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dsqlint {

/// Does it end like an SQL file's, in any case?
bool is_sql_name(std::string_view name);
/// As people count: `2_b.sql` before `10_a.sql`.
bool comes_before(std::string_view a, std::string_view b);
/// What a down or undo script takes back, as the tools name it; empty for any other file.
std::string name_taken_back(std::string_view name);

/// The folder's links are followed, the file's own are not: its name is what patterns are about.
std::string absolute_path(const std::string& path);
/// Is the path that folder, or below it?
bool is_below(std::string_view path, std::string_view folder);

/// What a walk has come upon: a file, or a folder that cannot be read.
struct FoundFile {
  std::string path;  ///< begins as the walk's folder does
  std::string absolute = {};
  std::string error = {};  ///< why a folder cannot be read
};

/// Depth first and sorted by name, without what `.gitignore` names and folders that never hold a
/// project's own SQL. Links to folders are not followed: they could lead in circles. Calls `take`
/// for the files that are `wanted`, until it returns false; false when it has.
bool walk_files(const std::string& top,
                const std::function<bool(std::string_view name, std::string_view absolute)>& wanted,
                const std::function<bool(FoundFile found)>& take);

}  // namespace dsqlint
