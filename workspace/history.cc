#include "workspace/history.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include "workspace/sql_files.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// `0001_a.sql`, `V1.2__b.sql`, `U2__b.sql`: a version that puts it among others.
bool has_version(std::string_view name) {
  const auto is_digit = [&](size_t i) {
    return i < name.size() && name[i] >= '0' && name[i] <= '9';
  };
  if (is_digit(0)) return true;
  return (name.starts_with('V') || name.starts_with('U')) && is_digit(1) &&
         name.find("__") != std::string_view::npos;
}

/// The folder of an entry of `migrations`: FOLDER, TOOL:FOLDER or TOOL:FOLDER:WHAT.
std::string_view folder_of_entry(std::string_view entry) {
  constexpr std::array<std::string_view, 4> kSpans = {":statement", ":block", ":file", ":all"};
  for (const std::string_view span : kSpans) {
    if (entry.ends_with(span)) {
      entry.remove_suffix(span.size());
      break;
    }
  }
  return entry.substr(entry.find(':') + 1);  // npos + 1 is 0
}

/// Is `a` run before `b`?
bool runs_before(std::string_view a, std::string_view b) {
  while (true) {
    const size_t end_a = a.find('/');
    const size_t end_b = b.find('/');
    const bool file_a = end_a == std::string_view::npos;
    const bool file_b = end_b == std::string_view::npos;
    if (file_a != file_b) return file_a;
    const std::string_view one = a.substr(0, end_a);
    const std::string_view other = b.substr(0, end_b);
    if (one != other) return comes_before(one, other);
    if (file_a) return false;
    a.remove_prefix(end_a + 1);
    b.remove_prefix(end_b + 1);
  }
}

}  // namespace

std::string migration_folder(const std::string& file, const ConfigFile& config) {
  std::string nearest;
  for (const std::string& entry : config.migrations) {
    fs::path folder = (fs::path(config.folder) / folder_of_entry(entry)).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    if (is_below(file, folder.string()) && folder.string().size() > nearest.size()) {
      nearest = folder.string();
    }
  }
  if (!nearest.empty()) return nearest;
  const fs::path path(file);
  if (has_version(path.filename().string())) return path.parent_path().string();
  // A folder for each migration.
  const fs::path folder = path.parent_path();
  return has_version(folder.filename().string()) ? folder.parent_path().string() : std::string();
}

void sort_as_run(std::vector<std::string>& files) {
  const std::set<std::string, std::less<>> all(files.begin(), files.end());
  std::vector<std::pair<std::string, std::string>> keyed;  // what it stands by, and the file
  for (std::string& file : files) {
    const fs::path path(file);
    std::string by = file;
    if (const std::string name = name_taken_back(path.filename().string()); !name.empty()) {
      const std::string taken_back = (path.parent_path() / name).string();
      if (all.count(taken_back) != 0) by = taken_back;
    }
    keyed.emplace_back(std::move(by), file);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return runs_before(a.first, b.first);
    return a.second == a.first && b.second != b.first;
  });
  for (size_t i = 0; i < files.size(); ++i) files[i] = std::move(keyed[i].second);
}

}  // namespace dsqlint
