#include "servers/lsp/uri.h"

#include <optional>

namespace dsqlint::lsp {
namespace {

constexpr std::string_view kScheme = "file://";

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string path_of(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return {};
  uri.remove_prefix(kScheme.size());
  // `file://localhost/a` is `/a`.
  const size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return {};
  uri.remove_prefix(slash);
  uri = uri.substr(0, uri.find_first_of("?#"));
  std::string path;
  for (size_t i = 0; i < uri.size(); ++i) {
    const auto high = uri[i] == '%' && i + 2 < uri.size() ? digit(uri[i + 1]) : std::nullopt;
    const auto low = high ? digit(uri[i + 2]) : std::nullopt;
    path += low ? static_cast<char>(*high * 16 + *low) : uri[i];
    if (low) i += 2;
  }
  // No file has such a name.
  return path.find('\0') == std::string::npos ? path : std::string();
}

std::string escaped(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte / 16];
    out += kDigits[byte % 16];
  }
  return out;
}

std::string uri_of(std::string_view absolute_path) {
  return std::string(kScheme) + escaped(absolute_path);
}

}  // namespace dsqlint::lsp
