#include "servers/rpc/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/text/tokens.h"

namespace dsqlint::rpc {
namespace {

constexpr std::string_view kLength = "content-length";

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The length that the lines of a header tell.
std::optional<size_t> length_of(std::string_view lines) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !equals_ignoring_case(trim(line.substr(0, colon)), kLength)) {
      continue;
    }
    const std::string_view digits = trim(line.substr(colon + 1));
    size_t length = 0;
    const auto [rest, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error == std::errc() && rest == digits.data() + digits.size()) return length;
  }
  return std::nullopt;
}

/// Where the empty line after a header ends; npos when it has not come yet.
size_t header_end(std::string_view text) {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
    if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') return at + 3;
  }
  return std::string_view::npos;
}

/// Where a header with a length begins, wherever that is: the stream may have lost its lines.
size_t find_header(std::string_view text) {
  for (size_t at = 0; at + kLength.size() <= text.size(); ++at) {
    if (equals_ignoring_case(text.substr(at, kLength.size()), kLength)) return at;
  }
  return std::string_view::npos;
}

}  // namespace

void Framing::feed(std::string_view bytes) {
  const size_t skipped = std::min(skip_, bytes.size());
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  // What was taken is thrown away when it is the greater part: each byte moves a few times at most.
  if (at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_ += bytes;
}

std::optional<Frame> Framing::next() {
  if (skip_ > 0) return std::nullopt;
  if (!expected_) {
    if (std::optional<Frame> problem = header()) return problem;
    if (!expected_) return std::nullopt;
  }
  if (buffer_.size() - at_ < *expected_) return std::nullopt;
  Frame frame{.body = buffer_.substr(at_, *expected_)};
  at_ += *expected_;
  expected_.reset();
  return frame;
}

std::optional<Frame> Framing::header() {
  for (;;) {
    std::string_view text = std::string_view(buffer_).substr(at_);
    if (lost_) {
      const size_t begin = find_header(text);
      if (begin == std::string_view::npos) {
        // Its beginning may have come already.
        at_ += text.size() - std::min(text.size(), kLength.size() - 1);
        return std::nullopt;
      }
      at_ += begin;
      text.remove_prefix(begin);
    }
    const size_t end = header_end(text.substr(0, kLongestHeader));
    const bool whole = end != std::string_view::npos;
    if (!whole && text.size() < kLongestHeader) return std::nullopt;
    const std::optional<size_t> length =
        whole ? length_of(text.substr(0, end)) : std::optional<size_t>();
    if (length) {
      lost_ = false;
      at_ += end;
      if (*length <= kLongestMessage) {
        expected_ = *length;
        return std::nullopt;
      }
      const size_t here = std::min(*length, buffer_.size() - at_);
      at_ += here;
      skip_ = *length - here;
      return Frame{.problem = fmt::format("a message of {} bytes; the limit is {}", *length,
                                          kLongestMessage)};
    }
    // What follows may be the header that was meant.
    at_ += lost_ ? kLength.size() : std::min<size_t>(text.size(), 1);
    const bool told = lost_;
    lost_ = true;
    if (!told) return Frame{.problem = "a header without a Content-Length"};
  }
}

std::string framed(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace dsqlint::rpc
