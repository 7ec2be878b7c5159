#include "servers/lsp/stdio.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace dsqlint::lsp {
namespace {

/// False when nobody reads any more.
bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

int serve_stdio(RuleSet rules, ServerOptions options) {
  std::atomic<bool> gone = false;
  Server server(std::move(rules), std::move(options), [&gone](std::string_view body) {
    if (!gone && !write_all(rpc::framed(body))) gone = true;
  });
  rpc::Framing framing;
  std::array<char, 1 << 16> buffer;
  while (!gone) {
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    framing.feed({buffer.data(), static_cast<size_t>(count)});
    while (const auto frame = framing.next()) {
      server.take(*frame);
      if (const auto code = server.exit_code()) return *code;
    }
  }
  return 1;  // without a word
}

}  // namespace dsqlint::lsp
