#include "cli/inputs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "cli/git_files.h"
#include "cli/ignore_files.h"
#include "engine/tokens.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// Folders that never hold a project's own SQL.
constexpr std::string_view kNeverWalked[] = {".git", ".hg", ".svn", "node_modules"};

bool is_sql(const std::string& name) {
  return name.size() > 4 && equals_folded(std::string_view(name).substr(name.size() - 4), ".sql");
}

/// A file, or a link that leads nowhere, which has to be said. Not a pipe, which could hang.
bool is_readable_kind(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::file_type type = entry.status(error).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

class Finder {
 public:
  Finder(const Options& options, ConfigFiles& configs) : options_(options), configs_(configs) {}

  Result<std::vector<Input>> find() {
    if (options_.staged || options_.since) {
      if (auto done = changed(); !done) return tl::unexpected(done.error());
      return in_order();
    }
    for (const std::string& path : options_.paths) {
      Result<void> done;
      if (path == "-") {
        const std::string& name = options_.stdin_filename;
        done = add({.path = name.empty() ? std::string(kStdinName) : name,
                    .is_stdin = true,
                    .absolute = absolute(name.empty() ? "stdin.sql" : name)},
                   false);
      } else {
        done = named(path);
      }
      if (!done) return tl::unexpected(done.error());
    }
    return in_order();
  }

 private:
  /// Those that are named stand as they are named, but for what takes back: a shell puts
  /// `1.down.sql` before `1.up.sql`.
  std::vector<Input> in_order() {
    std::set<std::string> ahead;
    for (const Input& input : inputs_) ahead.insert(input.absolute);
    std::vector<Input> ordered;
    std::multimap<std::string, Input> waiting;  // by what they take back
    for (Input& input : inputs_) {
      const std::string path = input.absolute;
      ahead.erase(path);
      const fs::path whole(path);
      const std::string taken_back =
          (whole.parent_path() / name_taken_back(whole.filename().string())).string();
      if (input.takes_back && ahead.count(taken_back) != 0) {
        waiting.emplace(taken_back, std::move(input));
        continue;
      }
      ordered.push_back(std::move(input));
      const auto [first, last] = waiting.equal_range(path);
      for (auto it = first; it != last; ++it) ordered.push_back(std::move(it->second));
    }
    return ordered;
  }

  /// The SQL files that git says have changed, at or below the paths given.
  Result<void> changed() {
    std::vector<StagedFile> files;
    std::set<std::string> unstaged;
    if (options_.staged) {
      auto staged = staged_files();
      if (!staged) return tl::unexpected(staged.error());
      files = std::move(*staged);
      if (options_.fix) {
        const auto more = unstaged_files();
        if (!more) return tl::unexpected(more.error());
        unstaged.insert(more->begin(), more->end());
      }
    } else {
      const auto changed = files_changed_since(*options_.since);
      if (!changed) return tl::unexpected(changed.error());
      for (const std::string& path : *changed) files.push_back({.path = path});
    }
    std::vector<std::string> tops;
    for (const std::string& path : options_.paths) tops.push_back(absolute(path));
    std::error_code error;
    const fs::path here = fs::current_path(error);
    for (const StagedFile& file : files) {
      const std::string whole = absolute(file.path);
      const bool wanted =
          tops.empty() || std::any_of(tops.begin(), tops.end(), [&](const std::string& top) {
            return whole == top ||
                   (whole.starts_with(top) && (top.ends_with('/') || whole[top.size()] == '/'));
          });
      if (!wanted || !is_sql(file.path)) continue;
      Input input = {.path = fs::path(whole).lexically_relative(here).string(),
                     .absolute = whole,
                     .blob = file.blob};
      if (options_.staged) settle_staged(unstaged.count(file.path) != 0, input);
      if (auto done = add(std::move(input), false); !done) return done;
    }
    return {};
  }

  /// What is checked is the staged text. What is fixed is the file, and only where no other change
  /// could get mixed up with the fix.
  void settle_staged(bool has_unstaged, Input& input) const {
    if (input.blob.empty()) {
      input.error = fmt::format("{}: has conflicts; resolve them and `git add` it", input.path);
    } else if (options_.fix && has_unstaged) {
      input.error = fmt::format(
          "{}: is staged only in part, and not fixed; stage the rest (`git add`) or put it aside "
          "(`git stash --keep-index`) first",
          input.path);
    } else if (options_.fix) {
      input.blob.clear();
    }
  }

  Result<void> named(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) {
      if (errno == ENOENT && path.find_first_of("*?[") != std::string::npos) return matched(path);
      inputs_.push_back(
          {.path = path,
           .error = fmt::format("{}: cannot be read: {}", path, std::strerror(errno))});
      return {};
    }
    if (!S_ISDIR(info.st_mode)) return add({.path = path, .absolute = absolute(path)}, true);
    const size_t before = inputs_.size();
    const size_t doubles = doubles_;
    if (auto done = walk(path, nullptr); !done) return done;
    if (inputs_.size() == before && doubles == doubles_) {
      inputs_.push_back({.path = path,
                         .error = fmt::format("{}: there is no .sql file in this folder that is "
                                              "not ignored or excluded; name the files to check",
                                              path)});
    }
    return {};
  }

  /// A pattern that the shell has left as it is: files of any name, in folders of any depth (`**`).
  Result<void> matched(const std::string& pattern) {
    const size_t slash = pattern.rfind('/', pattern.find_first_of("*?["));
    const std::string top = slash == std::string::npos ? "."
                            : slash == 0               ? "/"
                                                       : pattern.substr(0, slash);
    const Glob glob("/" + pattern.substr(slash == std::string::npos ? 0 : slash + 1));
    std::error_code error;
    const size_t before = inputs_.size();
    const size_t doubles = doubles_;
    if (fs::is_directory(top, error)) {
      if (auto done = walk(top, &glob); !done) return done;
    }
    if (inputs_.size() == before && doubles == doubles_) {
      inputs_.push_back(
          {.path = pattern,
           .error = fmt::format("{}: no file matches; mind that `*` ends at a `/`, and `**/` "
                                "stands for any folders",
                                pattern)});
    }
    return {};
  }

  static std::string absolute(const std::string& path) {
    std::error_code error;
    // The folder's links are followed, the file's own are not: its name is what patterns are about.
    fs::path whole = fs::absolute(path, error).lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();
    return (fs::weakly_canonical(whole.parent_path(), error) / whole.filename()).string();
  }

  /// Takes the file unless it was taken before.
  Result<void> add(Input input, bool is_named) {
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    input.takes_back = !name_taken_back(fs::path(input.absolute).filename().string()).empty();
    if (!input.is_stdin) {
      if ((!is_named || options_.force_exclude) && (*config)->excludes(input.absolute)) return {};
      struct stat info = {};
      if (::stat(input.path.c_str(), &info) == 0 &&
          !seen_.emplace(info.st_dev, info.st_ino).second) {
        ++doubles_;
        return {};
      }
    }
    inputs_.push_back(std::move(input));
    return {};
  }

  /// As people count: `2_b.sql` before `10_a.sql`.
  static bool comes_before(std::string_view a, std::string_view b) {
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

  /// What a down or undo script takes back, as the tools name it; empty for any other file.
  static std::string name_taken_back(std::string_view name) {
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

  struct Folder {
    std::string path;
    std::string absolute;
    IgnoreRules rules;
  };

  /// Depth first and sorted by name. Links to folders are not followed: they could lead in circles.
  /// With a pattern, which begins at `top`, it decides about names.
  Result<void> walk(const std::string& top, const Glob* pattern) {
    const size_t history = ++histories_;
    std::error_code error;
    const std::string top_absolute = fs::canonical(top, error).string();
    std::vector<Folder> pending;
    pending.push_back({top, top_absolute, IgnoreRules::above(top_absolute)});
    while (!pending.empty()) {
      const Folder folder = std::move(pending.back());
      pending.pop_back();
      std::vector<fs::directory_entry> entries;
      fs::directory_iterator listing(folder.path, error);
      for (; !error && listing != fs::directory_iterator(); listing.increment(error)) {
        entries.push_back(*listing);
      }
      if (error) {
        inputs_.push_back(
            {.path = folder.path,
             .error = fmt::format("{}: cannot be read: {}", folder.path, error.message())});
        error.clear();
        continue;
      }
      std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return comes_before(a.path().filename().string(), b.path().filename().string());
      });
      std::vector<Folder> below;
      for (const fs::directory_entry& entry : entries) {
        const std::string name = entry.path().filename().string();
        const std::string absolute = (fs::path(folder.absolute) / name).string();
        // "." as a folder shows as nothing before its files.
        const std::string path =
            folder.path == "." ? name : (fs::path(folder.path) / name).string();
        const bool is_folder = entry.is_directory(error) && !entry.is_symlink(error);
        if (is_folder) {
          if (std::find(std::begin(kNeverWalked), std::end(kNeverWalked), name) !=
                  std::end(kNeverWalked) ||
              folder.rules.ignored(absolute, true)) {
            continue;
          }
          below.push_back({path, absolute, folder.rules.inside(absolute)});
        } else if ((pattern != nullptr
                        ? pattern->matches(std::string_view(absolute).substr(top_absolute.size()),
                                           false)
                        : is_sql(name)) &&
                   is_readable_kind(entry) && !folder.rules.ignored(absolute, false)) {
          Input found{.path = path, .absolute = absolute, .history = history};
          if (auto done = add(std::move(found), false); !done) return done;
        }
      }
      std::move(below.rbegin(), below.rend(), std::back_inserter(pending));
    }
    return {};
  }

  const Options& options_;
  ConfigFiles& configs_;
  std::vector<Input> inputs_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  size_t doubles_ = 0;
  size_t histories_ = 0;
};

}  // namespace

Result<std::vector<Input>> find_inputs(const Options& options, ConfigFiles& configs) {
  return Finder(options, configs).find();
}

}  // namespace dsqlint
