// Asking git, as a child process: names come NUL-terminated, so any name is possible.

#include "cli/git_files.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace dsqlint {
namespace {

/// What the command writes; git's own words about a failure go to standard error.
Result<std::string> git(std::vector<std::string> arguments, const std::string& asked) {
  int ends[2];
  if (::pipe(ends) != 0) return fail(fmt::format("{}: {}", asked, std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  ::posix_spawn_file_actions_addclose(&actions, ends[1]);
  arguments.insert(arguments.begin(), "git");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return fail(fmt::format("{}: git cannot be run: {}; install it, or name the files", asked,
                            std::strerror(failed)));
  }
  std::string text;
  char buffer[1 << 14];
  for (;;) {
    const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(
        fmt::format("{}: git could not say what has changed, see above; run this in a "
                    "repository, and name a commit that it has",
                    asked));
  }
  return text;
}

Result<std::vector<std::string>> files(const std::vector<std::vector<std::string>>& commands,
                                       const std::string& asked) {
  Result<std::string> root = git({"rev-parse", "--show-toplevel"}, asked);
  if (!root) return tl::unexpected(root.error());
  while (root->ends_with('\n')) root->pop_back();
  std::vector<std::string> found;
  for (const auto& command : commands) {
    std::vector<std::string> arguments = {"-C", *root};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const Result<std::string> names = git(std::move(arguments), asked);
    if (!names) return tl::unexpected(names.error());
    for (size_t begin = 0; begin < names->size();) {
      const size_t end = std::min(names->find('\0', begin), names->size());
      found.push_back(*root + "/" + names->substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return found;
}

}  // namespace

Result<std::vector<std::string>> staged_files() {
  return files({{"diff", "--cached", "--name-only", "-z", "--diff-filter=d"}}, "--staged");
}

Result<std::vector<std::string>> files_changed_since(const std::string& reference) {
  if (reference.empty() || reference.starts_with('-')) {
    return fail(fmt::format("--since: `{}` is no commit", reference));
  }
  return files({{"diff", "--merge-base", "--name-only", "-z", "--diff-filter=d", reference, "--"},
                {"ls-files", "--others", "--exclude-standard", "-z"}},
               "--since");
}

}  // namespace dsqlint
