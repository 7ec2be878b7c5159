// atlas.sum: the list of a folder's files with a running hash over their names and texts. Atlas
// runs nothing from a folder that it does not fit.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/migrations/order.h"
#include "plugins/migrations/project.h"

namespace dsqlint::migrations {

/// Where it lies in a folder of migrations.
std::string atlas_sum_path(std::string_view folder);

/// How the list and the folder differ; nothing when there is no list.
std::vector<HistoryProblem> check_atlas_sum(const Project& project, const std::string& folder);

/// The list again, where `changed` knows a file's text better than the disk.
std::string new_atlas_sum(
    const Project& project, const std::string& folder,
    const std::function<std::optional<std::string>(const std::string&)>& changed);

}  // namespace dsqlint::migrations
