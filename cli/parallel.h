// Work on many files at once, results in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace dsqlint {

/// Calls `work(i)` for all i below `count` on up to `threads` threads, and `take(i)` on the calling
/// thread, in order, each as soon as its work is done. Work runs only a little ahead of taking, so
/// results do not pile up. When `take` returns false, no further work is begun.
void in_order(size_t count, unsigned threads, const std::function<void(size_t)>& work,
              const std::function<bool(size_t)>& take);

/// Lets parts of the work on many files go on one after another, in the order of the files. Use it
/// in `in_order`, which begins work in order: then whoever is waited for is under way.
class Turns {
 public:
  /// Returns when `done` has been called for all below `i`.
  void wait(size_t i);
  /// To be called once for each `i`, after `wait(i)`.
  void done(size_t i);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t next_ = 0;
};

}  // namespace dsqlint
