#include "engine/parse/stack.h"

#include <atomic>
#include <thread>
#include <vector>

#include "tests/catch.h"

using namespace dsqlint;

namespace {

using Ids = std::vector<std::thread::id>;

Ids ids_of(unsigned count) {
  Ids ids(count);
  run_on_big_stacks(count, [&](unsigned i) { ids[i] = std::this_thread::get_id(); });
  return ids;
}

}  // namespace

TEST_CASE("each share is done once, by a thread of its own", "[stack]") {
  const Ids ids = ids_of(4);
  for (size_t i = 0; i < ids.size(); ++i) {
    CHECK(ids[i] != std::thread::id());
    CHECK(ids[i] != std::this_thread::get_id());
    for (size_t k = 0; k < i; ++k) CHECK(ids[i] != ids[k]);
  }
}

TEST_CASE("a thread with a big stack works along, and keeps its helpers", "[stack]") {
  Ids first;
  Ids second;
  Ids more;
  std::thread::id caller;
  run_on_big_stacks(1, [&](unsigned) {
    caller = std::this_thread::get_id();
    first = ids_of(3);
    second = ids_of(3);
    more = ids_of(4);
  });
  CHECK(first[0] == caller);
  CHECK(second == first);
  CHECK(more[0] == caller);
  CHECK(Ids(more.begin(), more.begin() + 3) == first);
  CHECK(more[3] != first[1]);
  CHECK(more[3] != first[2]);
}

TEST_CASE("shares that are divided again do not wait for each other", "[stack]") {
  std::atomic<unsigned> done = 0;
  run_on_big_stacks(1, [&](unsigned) {
    for (int round = 0; round < 3; ++round) {
      run_on_big_stacks(2, [&](unsigned) {
        run_on_big_stacks(3, [&](unsigned) { run_on_big_stacks(2, [&](unsigned) { ++done; }); });
      });
    }
  });
  CHECK(done == 3 * 2 * 3 * 2);
}
