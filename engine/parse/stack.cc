// Worker threads by pthread: std::thread cannot set a stack size.

#include "engine/parse/stack.h"

#include <pthread.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace dsqlint {
namespace {

// Address space, not memory: pages are committed as they are touched. A level costs about 1 KB in
// the parser's output and decoding together, several times that under sanitizers.
constexpr size_t kStackSize = size_t{256} << 20;

struct Task {
  const std::function<void(unsigned)>* work;
  unsigned index;
};

bool start(pthread_t& thread, void* (*run)(void*), void* argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  const bool started = pthread_create(&thread, &attributes, run, argument) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

/// Is this thread one of ours? Then it does a share of the work itself.
thread_local bool on_big_stack = false;

void* run_task(void* argument) {
  const auto* task = static_cast<Task*>(argument);
  on_big_stack = true;
  (*task->work)(task->index);
  return nullptr;
}

/// A thread that waits for work.
class Helper {
 public:
  ~Helper() {
    if (!started_) return;
    give({});
    pthread_join(thread_, nullptr);
  }
  bool start() { return started_ = dsqlint::start(thread_, run, this); }
  bool idle() const { return idle_; }
  /// One without work ends it. Only to an idle helper, by the thread that has it.
  void give(Task task) {
    idle_ = false;
    const std::lock_guard lock(mutex_);
    task_ = task;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !task_; });
    idle_ = true;
  }

 private:
  static void* run(void* argument) {
    auto* self = static_cast<Helper*>(argument);
    std::unique_lock lock(self->mutex_);
    for (;;) {
      self->changed_.wait(lock, [&] { return self->task_.has_value(); });
      Task task = *self->task_;
      if (task.work == nullptr) return nullptr;
      lock.unlock();
      run_task(&task);
      lock.lock();
      self->task_.reset();
      self->changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Task> task_;  ///< until it is done
  pthread_t thread_ = {};
  bool started_ = false;
  bool idle_ = true;  ///< as its owner knows
};

/// Of this thread, which keeps them for the next time: what they have allocated is used again and
/// freed where it was made.
thread_local std::vector<std::unique_ptr<Helper>> helpers;

/// An idle one; null when the system refuses another thread.
Helper* idle_helper() {
  for (const std::unique_ptr<Helper>& helper : helpers) {
    if (helper->idle()) return helper.get();
  }
  auto helper = std::make_unique<Helper>();
  if (!helper->start()) return nullptr;
  return helpers.emplace_back(std::move(helper)).get();
}

void run_with_helpers(unsigned count, const std::function<void(unsigned)>& work) {
  std::vector<Helper*> working;
  working.reserve(count);
  for (unsigned i = 1; i < count; ++i) {
    Helper* helper = idle_helper();
    if (helper == nullptr) break;
    helper->give({&work, i});
    working.push_back(helper);
  }
  work(0);
  for (Helper* helper : working) helper->wait();
}

}  // namespace

void run_on_big_stacks(unsigned count, const std::function<void(unsigned)>& work) {
  if (on_big_stack) return run_with_helpers(count, work);
  std::vector<Task> tasks(count);
  std::vector<pthread_t> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    tasks[i] = {&work, i};
    pthread_t thread;
    if (!start(thread, run_task, &tasks[i])) break;
    threads.push_back(thread);
  }
  if (threads.empty()) work(0);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace dsqlint
