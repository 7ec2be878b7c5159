#include "cli/migration_requests.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "plugins/migrations/tools.h"

namespace dsqlint {

namespace fs = std::filesystem;
namespace mig = migrations;

Result<std::vector<MigrationRequest>> read_migration_requests(const MigrationsOptions& options,
                                                              ConfigFiles& configs) {
  MigrationRequest common;
  const std::string& entry = options.migrations;
  if (!entry.empty()) {
    const size_t colon = entry.find(':');
    if (colon == std::string::npos) {
      return fail(fmt::format("--migrations {}: write it as TOOL:FOLDER", entry));
    }
    const auto tool = mig::tool_named(entry.substr(0, colon));
    if (!tool) return tl::unexpected(tool.error());
    common.wanted.tool = *tool;
    common.wanted.folder =
        mig::without_slash(fs::path(entry.substr(colon + 1)).lexically_normal().generic_string());
    if (*common.wanted.folder == ".") common.wanted.folder = "";
    if (options.lint.paths.size() > 1) {
      return fail("--migrations names a folder below one PATH; give only one");
    }
  }
  if (!options.tool.empty()) {
    const auto tool = mig::tool_named(options.tool);
    if (!tool) return tl::unexpected(tool.error());
    common.wanted.tool = *tool;
  }
  common.sections.check_down = options.check_down;
  common.sections.span = mig::span_named(options.transaction);
  for (const std::string& placeholder : options.placeholders) {
    const size_t equals = placeholder.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(fmt::format("--placeholder {}: write it as NAME=VALUE", placeholder));
    }
    common.placeholders[placeholder.substr(0, equals)] = placeholder.substr(equals + 1);
  }
  std::vector<std::string> tops = options.lint.paths;
  const bool named = !tops.empty();
  if (!named) tops = {"."};
  std::vector<MigrationRequest> requests;
  for (const std::string& top : tops) {
    std::vector<MigrationRequest> listed;
    if (common.wanted.tool == nullptr) {
      std::error_code error;
      const fs::path whole = fs::weakly_canonical(fs::absolute(top, error), error);
      const auto config = configs.nearest(whole.string());
      if (!config) return tl::unexpected(config.error());
      auto found = mig::listed_requests(
          **config, common, named ? mig::without_slash(whole.generic_string()) : std::string(),
          fs::canonical(".", error).string());
      if (!found) return tl::unexpected(found.error());
      listed = std::move(*found);
    }
    if (listed.empty()) {
      listed.push_back(common);
      listed.back().top = mig::without_slash(top);
    }
    for (MigrationRequest& request : listed) requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace dsqlint
