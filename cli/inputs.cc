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

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

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
      bool wanted = scopes.empty() && is_sql_name(file.path);
      for (Scope& scope : scopes) {
        if (!is_below(whole, scope.top)) continue;
        const std::string_view below =
            std::string_view(whole).substr(scope.top == "/" ? 0 : scope.top.size());
        scope.known = true;
        wanted |= scope.glob ? scope.glob->matches(below, false) : is_sql_name(file.path);
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

  /// With a pattern, which begins at `top`, it decides about names.
  Result<void> walk(const std::string& top, const Glob* pattern) {
    const size_t history = ++histories_;
    std::error_code error;
    const size_t above = fs::canonical(top, error).string().size();
    Result<void> done;
    walk_files(
        top,
        [&](std::string_view name, std::string_view absolute) {
          return pattern != nullptr ? pattern->matches(absolute.substr(above), false)
                                    : is_sql_name(name);
        },
        [&](FoundFile found) {
          if (!found.error.empty()) {
            inputs_.push_back({.path = std::move(found.path), .error = std::move(found.error)});
            return true;
          }
          done = add({.path = std::move(found.path),
                      .absolute = std::move(found.absolute),
                      .history = history},
                     false);
          return done.has_value();
        });
    return done;
  }

  const Options& options_;
  ConfigFiles& configs_;
  std::vector<Input> inputs_;
  std::set<std::string> seen_;
  size_t doubles_ = 0;  ///< files that there is no need to read
  size_t histories_ = 0;
};

}  // namespace

Result<std::vector<Input>> find_inputs(const Options& options, ConfigFiles& configs) {
  return Finder(options, configs).find();
}

}  // namespace dsqlint
