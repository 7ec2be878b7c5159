#include "workspace/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace dsqlint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 255;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

tl::unexpected<Error> unwritable(const std::string& path, int code, std::string_view step) {
  return fail(fmt::format("{}: cannot be written: {}; {}", path, std::strerror(code), step));
}

constexpr std::string_view kUntouched = "the file is as it was";

/// What to do about an error of the system's, as far as that is known.
std::string_view next_step(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "the file is as it was; make room and run this again";
    case EFBIG:
      return "the file is as it was; raise the limit (ulimit -f) and run this again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "the file is as it was; make file and folder writable, or write elsewhere with -o";
    case ENOENT:
    case ENOTDIR:
      return "create the folder first";
    default:
      return kUntouched;
  }
}

/// A text in parts, one after another.
using Parts = std::span<const std::string_view>;

bool write_all(int fd, Parts text) {
  for (std::string_view part : text) {
    while (!part.empty()) {
      const ssize_t written = ::write(fd, part.data(), part.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      part.remove_prefix(static_cast<size_t>(written));
    }
  }
  return true;
}

/// Does the file hold exactly `text`?
bool holds(const std::string& path, Parts text) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return false;
  char buffer[1 << 16];
  for (std::string_view part : text) {
    while (!part.empty()) {
      const ssize_t got = ::read(file.fd(), buffer, std::min(part.size(), sizeof buffer));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      const auto size = static_cast<size_t>(got);
      if (std::memcmp(buffer, part.data(), size) != 0) return false;
      part.remove_prefix(size);
    }
  }
  for (;;) {
    const ssize_t got = ::read(file.fd(), buffer, 1);
    if (got < 0 && errno == EINTR) continue;
    return got == 0;
  }
}

/// Where the links of `path` lead, whether a file is there yet or not.
Result<std::string> target_of(const std::string& path) {
  std::string at = path;
  constexpr int kMostLinks = 40;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    const fs::path target = fs::read_symlink(at, error);
    if (error) return at;
    at = target.is_absolute() ? target.string() : (fs::path(at).parent_path() / target).string();
  }
  return unwritable(path, ELOOP, "mend the symbolic links");
}

Result<void> write_in_place(const std::string& path, Parts text) {
  File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open() || !write_all(file.fd(), text) || !file.close()) {
    // A reader that has had enough is no failure of ours.
    if (errno == EPIPE) return {};
    return unwritable(path, errno, "write elsewhere with -o");
  }
  return {};
}

mode_t new_file_mode() {
  // The mask can only be read by setting it, so it is read once.
  static const mode_t kMask = [] {
    const mode_t mask = ::umask(077);
    ::umask(mask);
    return mask;
  }();
  return 0666 & ~kMask;
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view text,
                        std::optional<std::string_view> unless_changed) {
  return write_file(path, std::span(&text, 1), unless_changed);
}

Result<void> write_file(const std::string& path, std::span<const std::string_view> text,
                        std::optional<std::string_view> unless_changed) {
  struct stat info = {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return unwritable(path, errno, next_step(errno));
  if (exists && S_ISDIR(info.st_mode)) return unwritable(path, EISDIR, "name a file");
  if (exists && !S_ISREG(info.st_mode)) {
    if (!unless_changed) return write_in_place(path, text);
    return fail(fmt::format(
        "{}: cannot be written: it is a pipe or a device; write elsewhere with -o", path));
  }
  const Result<std::string> resolved = target_of(path);
  if (!resolved) return tl::unexpected(resolved.error());
  const std::string& target = *resolved;
  // Renaming would get around a file's write protection, which is there on purpose.
  if (exists && ((info.st_mode & 0222) == 0 || ::access(target.c_str(), W_OK) != 0)) {
    return fail(
        fmt::format("{}: cannot be written: the file is read-only; make it writable (chmod u+w) or "
                    "write elsewhere with -o",
                    path));
  }

  // Runs over the same file take turns: the later one sees what the earlier one wrote.
  const File lock(exists ? ::open(target.c_str(), O_RDONLY | O_CLOEXEC) : -1);
  if (lock.is_open()) ::flock(lock.fd(), LOCK_EX);
  if (unless_changed && !holds(target, std::span(&*unless_changed, 1))) {
    if (holds(target, text)) return {};
    return fail(fmt::format(
        "{}: not written: the file has changed since it was read; run this again", path));
  }

  const fs::path folder = fs::path(target).parent_path();
  std::string name = fs::path(target).filename().string();
  constexpr std::string_view kSuffix = ".dsqlint-XXXXXX";
  name.resize(std::min(name.size(), kLongestName - kSuffix.size() - 1));
  std::string temporary = (folder / fmt::format(".{}{}", name, kSuffix)).string();
  File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return unwritable(path, errno, next_step(errno));
  bool done = ::fchmod(file.fd(), exists ? info.st_mode & 07777 : new_file_mode()) == 0;
  if (exists && (info.st_uid != ::geteuid() || info.st_gid != ::getegid())) {
    // Not ours to give away: then the file becomes ours, which is what an editor does too.
    if (::fchown(file.fd(), info.st_uid, info.st_gid) == 0) {
      done = done && ::fchmod(file.fd(), info.st_mode & 07777) == 0;
    }
  }
  done = done && write_all(file.fd(), text) && ::fsync(file.fd()) == 0 && file.close() &&
         ::rename(temporary.c_str(), target.c_str()) == 0;
  if (!done) {
    const int code = errno;
    ::unlink(temporary.c_str());
    return unwritable(path, code, next_step(code));
  }
  const std::string folder_path = folder.empty() ? "." : folder.string();
  const File entry(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (entry.is_open()) ::fsync(entry.fd());
  return {};
}

Result<void> write_new_file(const std::string& path, std::string_view text) {
  std::string temporary = path + ".dsqlint-XXXXXX";
  File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return unwritable(path, errno, next_step(errno));
  // Unlike a renamed file, a linked one never takes another's place.
  const bool done = ::fchmod(file.fd(), new_file_mode()) == 0 &&
                    write_all(file.fd(), std::span(&text, 1)) && ::fsync(file.fd()) == 0 &&
                    file.close() && ::link(temporary.c_str(), path.c_str()) == 0;
  const int code = errno;
  ::unlink(temporary.c_str());
  if (done) return {};
  return unwritable(path, code, code == EEXIST ? "run this again" : next_step(code));
}

std::string fixed_path(const std::string& path) {
  const std::filesystem::path input(path);
  std::filesystem::path output = input.parent_path() / (input.stem().string() + "-fixed");
  output += input.extension();
  return output.string();
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat of_a = {};
  struct stat of_b = {};
  if (::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0) {
    return of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
  }
  std::error_code error;
  const fs::path path_a = fs::weakly_canonical(a, error);
  const fs::path path_b = fs::weakly_canonical(b, error);
  return !error && path_a == path_b;
}

bool is_standard_output(const std::string& path) {
  struct stat of_path = {};
  struct stat of_output = {};
  if (::stat(path.c_str(), &of_path) != 0 || ::fstat(STDOUT_FILENO, &of_output) != 0) return false;
  // Whoever names /dev/null twice has thrown both away.
  const bool is_device = S_ISCHR(of_output.st_mode) && ::isatty(STDOUT_FILENO) == 0;
  return !is_device && of_path.st_dev == of_output.st_dev && of_path.st_ino == of_output.st_ino;
}

}  // namespace dsqlint
