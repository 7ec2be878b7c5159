#include "plugins/migrations/requests.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, Span>, 4> kSpans = {
    {{"statement", Span::Statement},
     {"block", Span::Block},
     {"file", Span::File},
     {"all", Span::AllPending}}};

/// `TOOL:FOLDER:WHAT` of a configuration, of which only the folder has to be there.
struct Entry {
  const Tool* tool = nullptr;
  std::string folder;
  std::optional<Span> span = std::nullopt;
};

}  // namespace

Result<const Tool*> tool_named(const std::string& name) {
  if (const Tool* tool = find_tool(name)) return tool;
  std::vector<std::string_view> names;
  for (const Tool& tool : tools()) names.push_back(tool.name);
  const std::string_view near = nearest_name(name, names);
  return fail(
      near.empty()
          ? fmt::format("`{}` is not a known tool; the tools are {}", name, fmt::join(names, ", "))
          : fmt::format("`{}` is not a known tool; did you mean `{}`?", name, near));
}

std::optional<Span> span_named(std::string_view word) {
  for (const auto& [name, span] : kSpans) {
    if (word == name) return span;
  }
  return std::nullopt;
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

namespace {

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

}  // namespace

Result<std::vector<Request>> listed_requests(const ConfigFile& config, const Request& common,
                                             const std::string& top, const std::string& here) {
  std::vector<Request> requests;
  std::error_code error;
  for (const std::string& text : config.migrations) {
    const auto entry = read_entry(text, config.migrations_place);
    if (!entry) return tl::unexpected(entry.error());
    const fs::path whole = (fs::path(config.folder) / entry->folder).lexically_normal();
    const std::string path = without_slash(whole.generic_string());
    if (!top.empty() && path != top && !path.starts_with(top + "/")) continue;
    Request request = common;
    request.top = here.empty() ? path : whole.lexically_relative(here).string();
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

}  // namespace dsqlint::migrations
