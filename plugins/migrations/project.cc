#include "plugins/migrations/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugins/migrations/configuration.h"

namespace dsqlint::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 16> kNeverWalked = {
    ".git", ".hg",  "node_modules", "vendor", "target", "build", "dist",   ".venv",
    "venv", ".svn", "__pycache__",  ".next",  "bin",    "obj",   "_build", "deps"};

constexpr uintmax_t kLargestRead = 16u << 20;

std::string read_text(const fs::path& path, uintmax_t largest) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error || size > largest) return {};
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

bool is_walked(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash == path.size()) return true;
    const std::string_view part = path.substr(0, slash);
    if (std::find(kNeverWalked.begin(), kNeverWalked.end(), part) != kNeverWalked.end()) {
      return false;
    }
    path.remove_prefix(slash + 1);
  }
  return true;
}

}  // namespace

std::string_view folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_below(std::string_view path, std::string_view folder) {
  return folder.empty() ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

std::string path_in(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

Result<Project> Project::read(const std::string& top) {
  Project project;
  project.top_ = top;
  std::error_code error;
  if (!fs::is_directory(top, error)) {
    return fail(fmt::format("{}: {}; name the folder of the project or of its migrations", top,
                            fs::exists(top, error) ? "that is a file" : "there is no such folder"));
  }
  std::vector<std::string> pending = {""};
  while (!pending.empty()) {
    const std::string folder = std::move(pending.back());
    pending.pop_back();
    fs::directory_iterator listing(fs::path(top) / folder, error);
    for (; !error && listing != fs::directory_iterator(); listing.increment(error)) {
      const std::string name = listing->path().filename().string();
      std::string path = path_in(folder, name);
      std::error_code ignored;
      if (listing->is_directory(ignored)) {
        if (listing->is_symlink(ignored) || !is_walked(name + "/")) continue;
        pending.push_back(std::move(path));
      } else if (listing->is_regular_file(ignored) ||
                 (listing->is_symlink(ignored) && !listing->exists(ignored))) {
        // A broken link is reported when the migration is read.
        project.files_.push_back(std::move(path));
      }
    }
    if (error) {
      return fail(fmt::format("{}: cannot be read: {}", (fs::path(top) / folder).string(),
                              error.message()));
    }
  }
  std::sort(project.files_.begin(), project.files_.end());
  project.read_above();
  return project;
}

Result<Project> Project::read(const std::string& top, ProjectTexts texts) {
  Project project;
  project.top_ = top;
  project.files_ = std::move(texts.files);
  std::erase_if(project.files_, [](const std::string& path) { return !is_walked(path); });
  std::sort(project.files_.begin(), project.files_.end());
  project.text_ = std::move(texts.text);
  project.read_above();
  return project;
}

void Project::read_above() {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(fs::absolute(top_, error), error);
  absolute_ = folder.generic_string();
  std::string prefix;
  constexpr int kLevels = 8;
  constexpr size_t kMostNames = 2000;
  for (int level = 0; level < kLevels; ++level) {
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) break;
    folder = folder.parent_path();
    prefix += "../";
    std::vector<std::string> names;
    fs::directory_iterator listing(folder, error);
    for (; !error && listing != fs::directory_iterator(); listing.increment(error)) {
      names.push_back(listing->path().filename().string());
      if (names.size() > kMostNames) break;
    }
    std::sort(names.begin(), names.end());
    // Those in a folder of their own.
    for (const char* more : {"prisma/schema.prisma", "supabase/config.toml"}) {
      names.emplace_back(more);
    }
    for (const std::string& name : names) {
      if (!is_configuration(name_of(name)) || !fs::is_regular_file(folder / name, error)) continue;
      above_.push_back({prefix + name, read_text(folder / name, kLargestRead)});
    }
  }
}

bool Project::has(std::string_view path) const {
  return std::binary_search(files_.begin(), files_.end(), path);
}

bool Project::has_below(std::string_view folder) const {
  if (folder.empty()) return !files_.empty();
  const std::string prefix = std::string(folder) + "/";
  const auto first = std::lower_bound(files_.begin(), files_.end(), prefix);
  return first != files_.end() && first->starts_with(prefix);
}

std::string Project::shown(std::string_view path) const {
  if (top_ == "." || top_.empty()) return std::string(path);
  return (fs::path(top_) / path).lexically_normal().string();
}

std::string Project::text(std::string_view path) const {
  if (path.starts_with("../")) {
    const auto file = std::find_if(above_.begin(), above_.end(),
                                   [&](const Above& above) { return above.path == path; });
    return file == above_.end() ? std::string() : file->text;
  }
  if (text_ == nullptr) return read_text(fs::path(top_) / path, kLargestRead);
  return has(path) ? text_(std::string(path)).value_or("") : std::string();
}

std::string Project::head(std::string_view path) const {
  constexpr size_t kHead = 64u << 10;
  if (text_ != nullptr) return text(path).substr(0, kHead);
  std::string read(kHead, '\0');
  std::ifstream stream(fs::path(top_) / path, std::ios::binary);
  stream.read(read.data(), static_cast<std::streamsize>(kHead));
  read.resize(static_cast<size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return read;
}

std::string Project::whole_text(std::string_view path) const {
  if (text_ != nullptr) return text_(std::string(path)).value_or("");
  return read_text(fs::path(top_) / path, UINTMAX_MAX);
}

std::string Project::resolve(std::string_view folder, std::string_view path) const {
  while (path.starts_with('/')) path.remove_prefix(1);
  const fs::path whole =
      (fs::path(absolute_) / fs::path(folder) / fs::path(path)).lexically_normal();
  std::string seen = whole.lexically_relative(absolute_).generic_string();
  while (seen.ends_with('/')) seen.pop_back();
  return seen == "." ? std::string() : seen;
}

}  // namespace dsqlint::migrations
