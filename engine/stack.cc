// Worker threads by pthread: std::thread cannot set a stack size.

#include "engine/stack.h"

#include <pthread.h>

#include <vector>

namespace dsqlint {
namespace {

// Address space, not memory: pages are committed as they are touched. A level costs about 1 KB in
// the parser's output and decoding together, several times that under sanitizers.
constexpr size_t kStackSize = size_t{256} << 20;

/// Is this thread one of ours? Then there is no need for another one to do a single piece of work.
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
  if (count == 1 && on_big_stack) return work(0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  std::vector<Task> tasks(count);
  std::vector<pthread_t> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    tasks[i] = {&work, i};
    pthread_t thread;
    if (pthread_create(&thread, &attributes, run, &tasks[i]) != 0) break;
    threads.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  if (threads.empty()) work(0);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace dsqlint
