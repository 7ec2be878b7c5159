#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/catch.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

constexpr auto kLongest = std::chrono::seconds(60);

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    read = ends[0];
    write = ends[1];
  }
};

void close_end(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// Both ends of a new terminal.
std::pair<int, int> open_terminal() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) std::abort();
  return {master, ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC)};
}

std::string program_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  return (fs::path(DSQLINT_PROGRAM).parent_path() / name).string();
}

}  // namespace

Sandbox::Sandbox() {
  path_ = (fs::temp_directory_path() / "dsqlint-test-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
  path_ = fs::canonical(path_).string();
}

Sandbox::~Sandbox() {
  std::error_code error;
  fs::remove_all(path_, error);
}

void Sandbox::write(const std::string& name, std::string_view text) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary) << text;
}

std::string Sandbox::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Sandbox::exists(const std::string& name) const { return fs::exists(path(name)); }

std::vector<std::string> Sandbox::files() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (!entry.is_directory()) found.push_back(entry.path().lexically_relative(path_).string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Ended run(const Call& call) {
  // Writing to a child that has ended must not end us.
  std::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  Pipe err;
  int stdin_fd = in.read;
  int stdout_fd = out.write;
  int master = -1;
  int slave = -1;
  if (call.in == In::Terminal || call.out == Out::Terminal) {
    std::tie(master, slave) = open_terminal();
  }
  if (call.in == In::Terminal) stdin_fd = slave;
  if (call.out == Out::Terminal) stdout_fd = slave;
  if (call.out == Out::FullDevice) stdout_fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (call.out == Out::ClosedPipe) close_end(out.read);

  const std::string program = program_path(call.program);
  std::vector<std::string> words = {program};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::map<std::string, std::string> environment = {
      {"PATH", std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/bin:/bin"},
      {"TERM", "xterm"},
      {"HOME", call.folder.empty() ? "/" : call.folder}};
  for (const auto& [name, value] : call.environment) environment[name] = value;
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& setting : settings) envp.push_back(setting.data());
  envp.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) std::abort();
  if (child == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    const bool ready = ::dup2(stdin_fd, 0) == 0 && ::dup2(stdout_fd, 1) == 1 &&
                       ::dup2(call.merged ? 1 : err.write, 2) == 2 &&
                       (call.folder.empty() || ::chdir(call.folder.c_str()) == 0);
    const auto set_limit = [](auto resource, rlim_t most) {
      const rlimit limit{most, most};
      if (most != RLIM_INFINITY) ::setrlimit(resource, &limit);
    };
    set_limit(RLIMIT_FSIZE, call.largest_file);
    set_limit(RLIMIT_AS, call.address_space);
    if (call.user != 0 && ::geteuid() == 0) {
      if (::setgid(call.user) != 0 || ::setuid(call.user) != 0) ::_exit(126);
    }
    if (ready) ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  close_end(in.read);
  close_end(out.write);
  close_end(err.write);
  close_end(slave);
  if (call.out == Out::Terminal) {
    close_end(out.read);
    out.read = ::dup(master);
  }
  ::fcntl(in.write, F_SETFL, O_NONBLOCK);

  Ended ended;
  std::string_view input = call.input;
  if (input.empty()) close_end(in.write);
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  bool late = false;
  while (out.read >= 0 || err.read >= 0) {
    pollfd waits[3] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}};
    ::poll(waits, 3, 200);
    const auto take = [&](int& fd, short events, std::string& text) {
      if (fd < 0 || events == 0) return;
      char buffer[1 << 16];
      const ssize_t got = ::read(fd, buffer, sizeof buffer);
      if (got > 0) {
        text.append(buffer, static_cast<size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        close_end(fd);
      }
    };
    take(out.read, waits[0].revents, ended.out);
    take(err.read, waits[1].revents, ended.err);
    if (in.write >= 0 && waits[2].revents != 0) {
      const ssize_t written = ::write(in.write, input.data(), input.size());
      if (written > 0) input.remove_prefix(static_cast<size_t>(written));
      if (input.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) {
        close_end(in.write);
      }
    }
    if (std::chrono::steady_clock::now() > deadline) {
      late = true;
      ::kill(child, SIGKILL);
      break;
    }
  }
  close_end(in.write);
  close_end(out.read);
  close_end(err.read);
  close_end(master);
  if (call.out == Out::FullDevice) ::close(stdout_fd);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!late && WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  return ended;
}

}  // namespace dsqlint::test
