// The place of a file in a history: the SQL files that set up one database one after another.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config_file.h"

namespace dsqlint {

/// The folder whose SQL files are run in their order, with this one among them: one that the
/// configuration lists under `migrations`, or, where names begin with a version (`0001_a.sql`,
/// `V2__b.sql`, `20260801_c/up.sql`), the folder that holds those names. Empty: the file stands
/// alone.
std::string migration_folder(const std::string& file, const ConfigFile& config);

/// Puts files into the order in which they are run: a folder's own before those of the folders in
/// it, by name and number; down and undo scripts directly after what they take back.
void sort_as_run(std::vector<std::string>& files);

}  // namespace dsqlint
