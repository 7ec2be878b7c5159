// Worker threads by pthread: std::thread cannot set a stack size.

#include "engine/stack.h"

#include <pthread.h>

#include <vector>

namespace dsqlint {
namespace {

// Address space, not memory: pages are committed as they are touched. A level costs about 1 KB in
// the parser's output and decoding together, several times that under sanitizers.
constexpr size_t kStackSize = size_t{256} << 20;

/// Is this thread one of ours? Then it does a share of the work itself: a thread less, and what it
/// allocates is freed where it was made.
thread_local bool on_big_stack = false;

struct Task {
  const std::function<void(unsigned)>* work;
  unsigned index;
};

void* run(void* argument) {
  const auto* task = static_cast<Task*>(argument);
  on_big_stack = true;
  (*task->work)(task->index);
  return nullptr;
}

}  // namespace

void run_on_big_stacks(unsigned count, const std::function<void(unsigned)>& work) {
  const bool joins_in = on_big_stack;
  if (count == 1 && joins_in) return work(0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  std::vector<Task> tasks(count);
  std::vector<pthread_t> threads;
  threads.reserve(count);
  for (unsigned i = joins_in ? 1 : 0; i < count; ++i) {
    tasks[i] = {&work, i};
    pthread_t thread;
    if (pthread_create(&thread, &attributes, run, &tasks[i]) != 0) break;
    threads.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  if (joins_in || threads.empty()) work(0);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace dsqlint
