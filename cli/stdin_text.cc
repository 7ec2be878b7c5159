#include "cli/stdin_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dsqlint {

Result<std::shared_ptr<const SourceFile>> read_stdin(std::string name, Encoding encoding) {
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
    if (got == 0) return SourceFile::from_text(std::move(name), std::move(text), encoding);
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace dsqlint
