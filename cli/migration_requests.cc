#include "cli/migration_requests.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "plugins/migrations/tools.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;
namespace mig = migrations;

Result<const mig::Tool*> tool_named(const std::string& name) {
  if (const mig::Tool* tool = mig::find_tool(name)) return tool;
  std::vector<std::string_view> names;
  for (const mig::Tool& tool : mig::tools()) names.push_back(tool.name);
  const std::string_view near = nearest_name(name, names);
  return fail(
      near.empty()
          ? fmt::format("`{}` is not a known tool; the tools are {}", name, fmt::join(names, ", "))
          : fmt::format("`{}` is not a known tool; did you mean `{}`?", name, near));
}

constexpr std::array<std::pair<std::string_view, mig::Span>, 4> kSpans = {
    {{"statement", mig::Span::Statement},
     {"block", mig::Span::Block},
     {"file", mig::Span::File},
     {"all", mig::Span::AllPending}}};

std::optional<mig::Span> span_named(std::string_view word) {
  for (const auto& [name, span] : kSpans) {
    if (word == name) return span;
  }
  return std::nullopt;
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

/// `TOOL:FOLDER:WHAT` of a configuration, of which only the folder has to be there.
struct Entry {
  const mig::Tool* tool = nullptr;
  std::string folder;
  std::optional<mig::Span> span = std::nullopt;
};

Result<Entry> read_entry(std::string_view text, const std::string& place) {
  Entry entry;
  if (const size_t colon = text.rfind(':'); colon != text.npos) {
    if ((entry.span = span_named(text.substr(colon + 1)))) text = text.substr(0, colon);
  }
  if (const size_t colon = text.find(':'); colon != text.npos) {
    const auto tool = tool_named(std::string(text.substr(0, colon)));
    if (!tool) {
      return fail(
          fmt::format("{}: {}; write it as TOOL:FOLDER, or TOOL:FOLDER:WHAT with what runs "
                      "in one transaction, `statement`, `block`, `file` or `all`",
                      place, tool.error().message));
    }
    entry.tool = *tool;
    text = text.substr(colon + 1);
  }
  entry.folder = without_slash(fs::path(text).lexically_normal().generic_string());
  return entry;
}

/// What the configuration lists at or below `top` (absolute), or everything.
Result<std::vector<MigrationRequest>> listed_requests(const ConfigFile& config,
                                                      const MigrationRequest& common,
                                                      const std::string& top) {
  std::vector<MigrationRequest> requests;
  std::error_code error;
  const fs::path here = fs::canonical(".", error);
  for (const std::string& text : config.migrations) {
    const auto entry = read_entry(text, config.migrations_place);
    if (!entry) return tl::unexpected(entry.error());
    const fs::path whole = (fs::path(config.folder) / entry->folder).lexically_normal();
    const std::string path = without_slash(whole.generic_string());
    if (!top.empty() && path != top && !path.starts_with(top + "/")) continue;
    MigrationRequest request = common;
    request.top = whole.lexically_relative(here).string();
    request.wanted.tool = entry->tool;
    if (entry->span && !request.sections.span) request.sections.span = entry->span;
    if (!fs::is_directory(request.top, error)) {
      return fail(fmt::format("{}: there is no folder `{}`; name the folder of the migrations",
                              config.migrations_place, entry->folder));
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

Result<std::vector<MigrationRequest>> read_migration_requests(const MigrationsOptions& options,
                                                              ConfigFiles& configs) {
  MigrationRequest common;
  const std::string& entry = options.migrations;
  if (!entry.empty()) {
    const size_t colon = entry.find(':');
    if (colon == std::string::npos) {
      return fail(fmt::format("--migrations {}: write it as TOOL:FOLDER", entry));
    }
    const auto tool = tool_named(entry.substr(0, colon));
    if (!tool) return tl::unexpected(tool.error());
    common.wanted.tool = *tool;
    common.wanted.folder =
        without_slash(fs::path(entry.substr(colon + 1)).lexically_normal().generic_string());
    if (*common.wanted.folder == ".") common.wanted.folder = "";
    if (options.lint.paths.size() > 1) {
      return fail("--migrations names a folder below one PATH; give only one");
    }
  }
  if (!options.tool.empty()) {
    const auto tool = tool_named(options.tool);
    if (!tool) return tl::unexpected(tool.error());
    common.wanted.tool = *tool;
  }
  common.sections.check_down = options.check_down;
  common.sections.span = span_named(options.transaction);
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
      auto found =
          listed_requests(**config, common, named ? without_slash(whole.generic_string()) : "");
      if (!found) return tl::unexpected(found.error());
      listed = std::move(*found);
    }
    if (listed.empty()) {
      listed.push_back(common);
      listed.back().top = without_slash(top);
    }
    for (MigrationRequest& request : listed) requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace dsqlint
