// Worker threads by pthread: std::thread cannot set a stack size.

#include "engine/stack.h"

#include <pthread.h>

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

void* run(void* argument) {
  const auto* task = static_cast<Task*>(argument);
  (*task->work)(task->index);
  return nullptr;
}

}  // namespace

void run_on_big_stacks(unsigned count, const std::function<void(unsigned)>& work) {
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
