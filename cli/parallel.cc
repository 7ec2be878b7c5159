#include "cli/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace dsqlint {

void in_order(size_t count, unsigned threads, const std::function<void(size_t)>& work,
              const std::function<bool(size_t)>& take) {
  threads = static_cast<unsigned>(std::min<size_t>(threads, count));
  const size_t ahead = size_t{8} * std::max(threads, 1u);
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> done(count, false);
  size_t next = 0;
  size_t taken = 0;
  bool stopped = false;
  const auto run = [&] {
    for (;;) {
      size_t i = 0;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stopped || next == count || next < taken + ahead; });
        if (stopped || next == count) return;
        i = next++;
      }
      work(i);
      {
        const std::lock_guard lock(mutex);
        done[i] = true;
      }
      changed.notify_all();
    }
  };
  std::vector<std::thread> pool;
  if (threads > 1) {
    try {
      for (unsigned i = 0; i < threads; ++i) pool.emplace_back(run);
    } catch (const std::system_error&) {
      // As many as the system gives us.
    }
  }
  for (; taken < count;) {
    if (pool.empty()) {
      work(taken);
    } else {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return done[taken]; });
    }
    const bool more = take(taken);
    {
      const std::lock_guard lock(mutex);
      ++taken;
      stopped = !more;
    }
    changed.notify_all();
    if (!more) break;
  }
  for (std::thread& thread : pool) thread.join();
}

void Turns::wait(size_t i) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return next_ == i; });
}

void Turns::done(size_t i) {
  {
    const std::lock_guard lock(mutex_);
    next_ = i + 1;
  }
  changed_.notify_all();
}

}  // namespace dsqlint
