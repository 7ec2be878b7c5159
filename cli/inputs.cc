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
#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

/// Folders that never hold a project's own SQL.
constexpr std::string_view kNeverWalked[] = {".git", ".hg", ".svn", "node_modules"};

bool is_sql(const std::string& name) {
  return name.size() > 4 &&
         equals_ignoring_case(std::string_view(name).substr(name.size() - 4), ".sql");
}

/// A file, or a link that leads nowhere or in a circle, which has to be said. Not a pipe, which
/// could hang.
bool is_readable_kind(const fs::directory_entry& entry) {
  std::error_code error;
  const fs::file_type type = entry.status(error).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found ||
         type == fs::file_type::none;
}

/// A path that no file has, but which may stand for several.
struct Pattern {
  std::string top;  ///< the folder that it begins at
  Glob glob;        ///< about what is below it
};

std::optional<Pattern> pattern_of(const std::string& path) {
  const size_t first = path.find_first_of("*?[");
  if (first == std::string::npos) return std::nullopt;
  const size_t slash = path.rfind('/', first);
  const size_t names = slash == std::string::npos ? 0 : slash + 1;
  const std::string top = names == 0 ? "." : slash == 0 ? "/" : path.substr(0, slash);
  return Pattern{top, Glob("/" + path.substr(names))};
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/');
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
                    .absolute = absolute_path(name.empty() ? "stdin.sql" : name)},
                   false);
      } else {
        done = named(path);
      }
      if (!done) return tl::unexpected(done.error());
    }
    return in_order();
  }

 private:
  /// Files whose order nobody has chosen: git names them by their bytes, and so do a shell and what
  /// it starts.
  void count_as_people_do() {
    std::vector<size_t> places;
    std::vector<Input> named;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const Input& input = inputs_[i];
      if (input.history != 0 || input.is_stdin || input.absolute.empty()) continue;
      places.push_back(i);
      named.push_back(std::move(inputs_[i]));
    }
    const auto by_bytes = [](const Input& a, const Input& b) { return a.path < b.path; };
    if (std::is_sorted(named.begin(), named.end(), by_bytes)) {
      std::stable_sort(named.begin(), named.end(), [](const Input& a, const Input& b) {
        const fs::path one(a.absolute);
        const fs::path other(b.absolute);
        if (one.parent_path() != other.parent_path()) {
          return comes_before(one.parent_path().string(), other.parent_path().string());
        }
        return comes_before(one.filename().string(), other.filename().string());
      });
    }
    for (size_t i = 0; i < places.size(); ++i) inputs_[places[i]] = std::move(named[i]);
  }

  /// A shell puts `1.down.sql` before `1.up.sql`.
  std::vector<Input> in_order() {
    count_as_people_do();
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
    std::vector<Scope> scopes;
    for (const std::string& path : options_.paths) scopes.push_back(scope_of(path));
    std::error_code error;
    const fs::path here = fs::current_path(error);
    for (const StagedFile& file : files) {
      const std::string whole = absolute_path(file.path);
      bool wanted = scopes.empty() && is_sql(file.path);
      for (Scope& scope : scopes) {
        if (!is_below(whole, scope.top)) continue;
        const std::string_view below =
            std::string_view(whole).substr(scope.top == "/" ? 0 : scope.top.size());
        scope.known = true;
        wanted |= scope.glob ? scope.glob->matches(below, false) : is_sql(file.path);
      }
      if (!wanted) continue;
      Input input = {.path = fs::path(whole).lexically_relative(here).string(),
                     .absolute = whole,
                     .blob = file.blob};
      if (options_.staged) settle_staged(unstaged.count(file.path) != 0, input);
      if (auto done = add(std::move(input), false); !done) return done;
    }
    for (const Scope& scope : scopes) {
      if (scope.known || fs::exists(scope.top, error)) continue;
      inputs_.push_back({.path = scope.path,
                         .error = fmt::format("{}: there is no such file or folder, nor is "
                                              "there one among those that have changed",
                                              scope.path)});
    }
    return {};
  }

  /// A path that says which of the changed files are wanted.
  struct Scope {
    std::string path;  ///< as the user knows it
    std::string top;   ///< the file, or the folder that the files are below
    std::optional<Glob> glob = {};
    bool known = false;  ///< something has changed there, perhaps is gone
  };

  static Scope scope_of(const std::string& path) {
    std::error_code error;
    if (auto pattern = pattern_of(path); pattern && !fs::exists(path, error)) {
      return {path, fs::weakly_canonical(pattern->top, error).string(), std::move(pattern->glob)};
    }
    return {path, absolute_path(path)};
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
      const auto pattern = errno == ENOENT ? pattern_of(path) : std::nullopt;
      if (pattern) return matched(path, *pattern);
      inputs_.push_back(
          {.path = path,
           .error = fmt::format("{}: cannot be read: {}", path, std::strerror(errno))});
      return {};
    }
    if (!S_ISDIR(info.st_mode)) return add({.path = path, .absolute = absolute_path(path)}, true);
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
  Result<void> matched(const std::string& path, const Pattern& pattern) {
    std::error_code error;
    const size_t before = inputs_.size();
    const size_t doubles = doubles_;
    if (fs::is_directory(pattern.top, error)) {
      if (auto done = walk(pattern.top, &pattern.glob); !done) return done;
    }
    if (inputs_.size() == before && doubles == doubles_) {
      inputs_.push_back(
          {.path = path,
           .error = fmt::format("{}: no file matches that is not ignored or excluded; mind that "
                                "`*` ends at a `/`, and `**/` matches any folders",
                                path)});
    }
    return {};
  }

  /// Takes the file unless it was taken before.
  Result<void> add(Input input, bool is_named) {
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    input.takes_back = !name_taken_back(fs::path(input.absolute).filename().string()).empty();
    if (!input.is_stdin) {
      if ((!is_named || options_.force_exclude) && (*config)->excludes(input.absolute)) return {};
      if (!is_named && is_translation(input)) {
        ++doubles_;
        return {};
      }
      std::error_code error;
      const fs::path file = fs::canonical(input.path, error);
      if (!error && !seen_.insert(file.string()).second) {
        ++doubles_;
        return {};
      }
    }
    inputs_.push_back(std::move(input));
    return {};
  }

  /// What `fix --dialect mysql` has written beside the file it was made from.
  bool is_translation(const Input& input) const {
    const std::string& dialect =
        options_.dialect.empty() ? input.config->dialect : options_.dialect;
    constexpr std::string_view kEnding = "-fixed.sql";
    if (dialect != "mysql" || !input.path.ends_with(kEnding)) return false;
    std::error_code error;
    return fs::exists(input.path.substr(0, input.path.size() - kEnding.size()) + ".sql", error);
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
  std::set<std::string> seen_;
  size_t doubles_ = 0;  ///< files that there is no need to read
  size_t histories_ = 0;
};

}  // namespace

std::string absolute_path(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole = std::filesystem::absolute(path, error).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  return (std::filesystem::weakly_canonical(whole.parent_path(), error) / whole.filename())
      .string();
}

Result<std::vector<Input>> find_inputs(const Options& options, ConfigFiles& configs) {
  return Finder(options, configs).find();
}

}  // namespace dsqlint
