// A line that says how far a long run is, on terminals only.
#pragma once

#include <chrono>
#include <cstddef>

#include "cli/output.h"

namespace dsqlint {

class Progress {
 public:
  /// Nothing is ever shown unless `on`.
  Progress(Output& terminal, bool on, size_t total) : terminal_(terminal), on_(on), total_(total) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows the state from the second second on, at most ten times a second.
  void show(size_t done);
  /// Before anything else is written to the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  Output& terminal_;
  bool on_;
  size_t total_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
  bool shown_ = false;
};

}  // namespace dsqlint
