// Standard output, with its failures noticed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dsqlint {

/// Writes to a file descriptor in large pieces. A reader that has gone away (`| head`) is no error:
/// `closed()` turns true and the rest is dropped.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text);
  void flush();
  bool closed() const { return closed_; }
  /// Why writing failed (an errno), or 0.
  int failure() const { return failure_; }

 private:
  int fd_;
  std::string buffer_;
  bool closed_ = false;
  int failure_ = 0;
};

enum class ColorWhen : uint8_t { Auto, Always, Never };
/// Auto: on a terminal, unless NO_COLOR is set or TERM is "dumb".
bool wants_color(ColorWhen when, int fd);

}  // namespace dsqlint
