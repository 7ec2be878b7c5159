// Asking git, as a child process: names come NUL-terminated, so any name is possible; texts come by
// the id of the blob, all through one process.

#include "cli/git_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

extern char** environ;

namespace dsqlint {
namespace {

/// Starts git with an end of a pipe as its standard output and, where there is one, its input.
Result<pid_t> start(std::vector<std::string> arguments, int output, int input,
                    const std::string& asked) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (input >= 0) ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  arguments.insert(arguments.begin(), "git");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return child;
  return fail(fmt::format("{}: git cannot be run: {}; install it, or name the files", asked,
                          std::strerror(failed)));
}

/// Both ends are closed in children, whatever they run.
Result<void> make_pipe(int (&ends)[2], const std::string& asked) {
  if (::pipe2(ends, O_CLOEXEC) == 0) return {};
  return fail(fmt::format("{}: {}", asked, std::strerror(errno)));
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// What the command writes; git's own words about a failure go to standard error.
Result<std::string> git(std::vector<std::string> arguments, const std::string& asked) {
  int ends[2];
  if (const auto made = make_pipe(ends, asked); !made) return tl::unexpected(made.error());
  const Result<pid_t> child = start(std::move(arguments), ends[1], -1, asked);
  ::close(ends[1]);
  std::string text;
  char buffer[1 << 14];
  while (child) {
    const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  if (!child) return tl::unexpected(child.error());
  const int status = wait_for(*child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(
        fmt::format("{}: git could not say what has changed, see above; run this in a "
                    "repository, and name a commit that it has",
                    asked));
  }
  return text;
}

Result<std::string> top_folder(const std::string& asked) {
  Result<std::string> root = git({"rev-parse", "--show-toplevel"}, asked);
  // Only the line break that git adds: a name may end in one.
  if (root && root->ends_with('\n')) root->pop_back();
  return root;
}

/// The pieces of a text in which a NUL ends each.
std::vector<std::string_view> pieces(std::string_view text) {
  std::vector<std::string_view> found;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\0', begin), text.size());
    found.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

/// The absolute paths that the commands name.
Result<std::vector<std::string>> files(const std::vector<std::vector<std::string>>& commands,
                                       const std::string& asked) {
  const auto root = top_folder(asked);
  if (!root) return tl::unexpected(root.error());
  std::vector<std::string> found;
  for (const auto& command : commands) {
    std::vector<std::string> arguments = {"-C", *root};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result<std::string> names = git(std::move(arguments), asked);
    if (!names) return tl::unexpected(names.error());
    for (const std::string_view name : pieces(*names)) {
      found.push_back(*root + "/" + std::string(name));
    }
  }
  return found;
}

constexpr const char* kStaged = "--staged";

}  // namespace

Result<std::vector<StagedFile>> staged_files() {
  const auto root = top_folder(kStaged);
  if (!root) return tl::unexpected(root.error());
  // ":MODE MODE ID ID STATUS", then the name.
  const auto staged = git({"-C", *root, "diff", "--cached", "--raw", "-z", "--no-abbrev",
                           "--no-renames", "--no-ext-diff", "--diff-filter=d"},
                          kStaged);
  if (!staged) return tl::unexpected(staged.error());
  std::vector<StagedFile> files;
  const std::vector<std::string_view> entries = pieces(*staged);
  for (size_t i = 0; i + 1 < entries.size(); i += 2) {
    std::vector<std::string_view> fields;
    for (std::string_view rest = entries[i]; !rest.empty();) {
      const size_t blank = std::min(rest.find(' '), rest.size());
      fields.push_back(rest.substr(0, blank));
      rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
    if (fields.size() != 5) continue;
    const bool conflict = fields[4].starts_with('U');
    // A link's text is where it leads, a submodule has none.
    if (!conflict && !fields[1].starts_with("100")) continue;
    files.push_back({.path = *root + "/" + std::string(entries[i + 1]),
                     .blob = conflict ? std::string() : std::string(fields[3])});
  }
  return files;
}

Result<std::vector<StagedFile>> indexed_files(const std::string& folder) {
  // "MODE ID STAGE", a tab, then the name.
  const auto listed = git({"-C", folder, "ls-files", "--stage", "-z"}, kStaged);
  if (!listed) return tl::unexpected(listed.error());
  std::vector<StagedFile> files;
  for (const std::string_view entry : pieces(*listed)) {
    const size_t tab = entry.find('\t');
    const size_t blank = entry.find(' ');
    if (tab == entry.npos || blank > tab || !entry.starts_with("100")) continue;
    const std::string_view id = entry.substr(blank + 1, entry.find(' ', blank + 1) - blank - 1);
    const bool conflict = !entry.substr(0, tab).ends_with(" 0");
    const std::string path(entry.substr(tab + 1));
    if (conflict && !files.empty() && files.back().path == path) continue;
    files.push_back({.path = path, .blob = conflict ? std::string() : std::string(id)});
  }
  return files;
}

Result<std::vector<std::string>> unstaged_files() {
  return files({{"diff", "--name-only", "-z", "--no-ext-diff", "--no-renames"}}, kStaged);
}

Result<std::vector<std::string>> files_at(const std::string& reference) {
  if (reference.empty() || reference.starts_with('-')) {
    return fail(fmt::format("--since: `{}` is not a commit", reference));
  }
  return files({{"ls-tree", "-r", "--name-only", "-z", "--full-tree", reference}}, "--since");
}

Result<std::vector<std::string>> files_in_last_commit() {
  if (!git({"rev-parse", "--verify", "--quiet", "HEAD"}, kStaged))
    return std::vector<std::string>{};
  return files({{"ls-tree", "-r", "--name-only", "-z", "--full-tree", "HEAD"}}, kStaged);
}

Result<std::vector<std::string>> files_changed_since(const std::string& reference) {
  if (reference.empty() || reference.starts_with('-')) {
    return fail(fmt::format("--since: `{}` is not a commit", reference));
  }
  return files({{"diff", "--merge-base", "--name-only", "-z", "--diff-filter=d", reference, "--"},
                {"ls-files", "--others", "--exclude-standard", "-z"}},
               "--since");
}

GitBlobs::~GitBlobs() {
  if (child_ == 0) return;
  ::close(questions_);
  ::close(answers_);
  wait_for(child_);
}

Result<void> GitBlobs::open() {
  if (child_ != 0) return {};
  int to_git[2];
  int from_git[2];
  if (const auto made = make_pipe(to_git, kStaged); !made) return made;
  if (const auto made = make_pipe(from_git, kStaged); !made) {
    ::close(to_git[0]);
    ::close(to_git[1]);
    return made;
  }
  const Result<pid_t> child = start({"cat-file", "--batch"}, from_git[1], to_git[0], kStaged);
  ::close(to_git[0]);
  ::close(from_git[1]);
  if (!child) {
    ::close(to_git[1]);
    ::close(from_git[0]);
    return tl::unexpected(child.error());
  }
  child_ = *child;
  questions_ = to_git[1];
  answers_ = from_git[0];
  return {};
}

bool GitBlobs::receive(char* into, size_t count) {
  while (count > 0) {
    const ssize_t got = ::read(answers_, into, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

Result<std::string> GitBlobs::read(const std::string& blob, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto opened = open(); !opened) return tl::unexpected(opened.error());
  const auto broken = [&] {
    return fail(fmt::format("{}: git cannot give the staged text; try `git fsck`", path));
  };
  const std::string question = blob + "\n";
  // Shorter than a pipe is deep, so it is taken whole.
  if (::write(questions_, question.data(), question.size()) !=
      static_cast<ssize_t>(question.size())) {
    return broken();
  }
  // "ID blob SIZE", the text, a line break.
  std::string header;
  for (char c = 0; receive(&c, 1) && c != '\n' && header.size() < 200;) header += c;
  const size_t blank = header.rfind(' ');
  size_t size = 0;
  if (!header.starts_with(blob + " blob ") ||
      std::from_chars(header.data() + blank + 1, header.data() + header.size(), size).ec !=
          std::errc()) {
    return broken();
  }
  std::string text(size + 1, '\0');
  if (!receive(text.data(), text.size())) return broken();
  text.pop_back();
  return text;
}

}  // namespace dsqlint
