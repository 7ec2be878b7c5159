// Messages in a stream of bytes, each after a header with its length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dsqlint::rpc {

/// A message, or what is wrong with the stream at that point.
struct Frame {
  std::string body = {};
  std::string problem = {};  ///< not empty: there is no body; reading goes on after it
};

/// Cuts what comes in into messages. Whatever it is given, it goes on: after a header that does not
/// tell a length, with the next one that does.
class Framing {
 public:
  /// A message that claims more is skipped.
  static constexpr size_t kLongestMessage = size_t{256} << 20;
  /// A header that is longer is none.
  static constexpr size_t kLongestHeader = 8192;

  void feed(std::string_view bytes);
  /// Nothing until more has come.
  std::optional<Frame> next();

 private:
  std::optional<Frame> header();

  std::string buffer_;
  size_t at_ = 0;                   ///< what is before has been taken
  std::optional<size_t> expected_;  ///< of the message whose header was read
  size_t skip_ = 0;                 ///< bytes of a message that is too long
  bool lost_ = false;               ///< a problem was told; the next header is looked for
};

/// The message with its header.
std::string framed(std::string_view body);

}  // namespace dsqlint::rpc
