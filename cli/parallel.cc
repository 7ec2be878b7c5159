#include "cli/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/parse/stack.h"

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
  const auto take_all = [&](bool alone) {
    while (taken < count) {
      if (alone) {
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
  };
  // The work is done on stacks that are big enough for it, so that it needs no threads of its own.
  if (threads < 2) {
    run_on_big_stacks(1, [&](unsigned) { take_all(true); });
    return;
  }
  std::thread pool;
  try {
    pool = std::thread([&] { run_on_big_stacks(threads, [&](unsigned) { run(); }); });
  } catch (const std::system_error&) {
    take_all(true);  // the system gives us no thread
    return;
  }
  take_all(false);
  pool.join();
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
