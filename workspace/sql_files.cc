#include "workspace/sql_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <vector>

#include "engine/text/tokens.h"
#include "workspace/ignore_files.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// Folders that never hold a project's own SQL.
constexpr std::string_view kNeverWalked[] = {".git", ".hg", ".svn", "node_modules"};

/// A file, or a link that leads nowhere or in a circle, which has to be said. Not a pipe, which
/// could hang.
bool is_readable_kind(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::file_type type = entry.status(error).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found ||
         type == fs::file_type::none;
}

struct Folder {
  std::string path;
  std::string absolute;
  IgnoreRules rules;
};

/// Sorted by name.
std::vector<fs::directory_entry> entries_of(const std::string& folder, std::error_code& error) {
  std::vector<fs::directory_entry> entries;
  fs::directory_iterator listing(folder, error);
  for (; !error && listing != fs::directory_iterator(); listing.increment(error)) {
    entries.push_back(*listing);
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return comes_before(a.path().filename().string(), b.path().filename().string());
  });
  return entries;
}

}  // namespace

bool is_sql_name(std::string_view name) {
  return name.size() > 4 && equals_ignoring_case(name.substr(name.size() - 4), ".sql");
}

bool comes_before(std::string_view a, std::string_view b) {
  const auto digits = [](std::string_view text, size_t at) {
    const size_t end = text.find_first_not_of("0123456789", at);
    return (end == std::string_view::npos ? text.size() : end) - at;
  };
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const size_t n = digits(a, i);
    const size_t m = digits(b, j);
    if (n == 0 || m == 0) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    const auto value = [](std::string_view number) {
      return number.substr(std::min(number.find_first_not_of('0'), number.size()));
    };
    const std::string_view one = value(a.substr(i, n));
    const std::string_view other = value(b.substr(j, m));
    if (one.size() != other.size()) return one.size() < other.size();
    if (one != other) return one < other;
    i += n, j += m;
  }
  return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b;
}

std::string name_taken_back(std::string_view name) {
  constexpr std::string_view kDown = "down.sql";
  if (name.ends_with(kDown)) {
    const std::string_view stem = name.substr(0, name.size() - kDown.size());
    if (stem.empty() || std::string_view("._-").find(stem.back()) != std::string_view::npos) {
      return std::string(stem) + "up.sql";
    }
  }
  const bool undo = name.size() > 2 && name[0] == 'U' && name[1] >= '0' && name[1] <= '9';
  if (!undo || name.find("__") == std::string_view::npos) return {};
  return "V" + std::string(name.substr(1));
}

std::string absolute_path(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  return (fs::weakly_canonical(whole.parent_path(), error) / whole.filename()).string();
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/');
}

bool walk_files(const std::string& top,
                const std::function<bool(std::string_view name, std::string_view absolute)>& wanted,
                const std::function<bool(FoundFile found)>& take) {
  std::error_code error;
  const std::string top_absolute = fs::canonical(top, error).string();
  std::vector<Folder> pending;
  pending.push_back({top, top_absolute, IgnoreRules::above(top_absolute)});
  while (!pending.empty()) {
    const Folder folder = std::move(pending.back());
    pending.pop_back();
    const std::vector<fs::directory_entry> entries = entries_of(folder.path, error);
    if (error) {
      FoundFile unread{
          .path = folder.path,
          .error = fmt::format("{}: cannot be read: {}", folder.path, error.message())};
      error.clear();
      if (!take(std::move(unread))) return false;
      continue;
    }
    std::vector<Folder> below;
    for (const fs::directory_entry& entry : entries) {
      const std::string name = entry.path().filename().string();
      const std::string absolute = (fs::path(folder.absolute) / name).string();
      // "." as a folder shows as nothing before its files.
      const std::string path = folder.path == "." ? name : (fs::path(folder.path) / name).string();
      if (entry.is_directory(error) && !entry.is_symlink(error)) {
        if (std::find(std::begin(kNeverWalked), std::end(kNeverWalked), name) !=
                std::end(kNeverWalked) ||
            folder.rules.ignored(absolute, true)) {
          continue;
        }
        below.push_back({path, absolute, folder.rules.inside(absolute)});
      } else if (wanted(name, absolute) && is_readable_kind(entry) &&
                 !folder.rules.ignored(absolute, false)) {
        if (!take({.path = path, .absolute = absolute})) return false;
      }
    }
    std::move(below.rbegin(), below.rend(), std::back_inserter(pending));
  }
  return true;
}

}  // namespace dsqlint
