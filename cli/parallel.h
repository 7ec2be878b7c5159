// Work on many files at once, results in order.
#pragma once

#include <cstddef>
#include <functional>

namespace dsqlint {

/// Calls `work(i)` for all i below `count` on up to `threads` threads, and `take(i)` on the calling
/// thread, in order, each as soon as its work is done. Work runs only a little ahead of taking, so
/// results do not pile up. When `take` returns false, no further work is begun.
void in_order(size_t count, unsigned threads, const std::function<void(size_t)>& work,
              const std::function<bool(size_t)>& take);

}  // namespace dsqlint
