#include "cli/progress.h"

#include <fmt/format.h>

namespace dsqlint {

void Progress::show(size_t done) {
  if (!on_ || Clock::now() < next_) return;
  next_ = Clock::now() + std::chrono::milliseconds(100);
  shown_ = true;
  terminal_.write(fmt::format("\r\x1b[K{} of {} files", done, total_));
  terminal_.flush();
}

void Progress::clear() {
  if (!shown_) return;
  shown_ = false;
  terminal_.write("\r\x1b[K");
  terminal_.flush();
}

}  // namespace dsqlint
