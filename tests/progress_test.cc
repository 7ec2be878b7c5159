// The progress line: nothing for short runs, and gone before anything else is written.

#include "cli/progress.h"

#include <unistd.h>

#include <thread>

#include "tests/catch.h"

namespace dsqlint::test {
namespace {

std::string shown(bool on, bool wait) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    Output terminal(ends[1]);
    Progress progress(terminal, on, 7);
    progress.show(1);
    if (wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1050));
      progress.show(2);
      progress.show(3);  // too soon
    }
  }
  ::close(ends[1]);
  char buffer[256];
  const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  return {buffer, static_cast<size_t>(got)};
}

TEST_CASE("progress is shown on long runs on terminals", "[progress]") {
  CHECK(shown(true, false).empty());
  CHECK(shown(false, true).empty());
  CHECK(shown(true, true) == "\r\x1b[K2 of 7 files\r\x1b[K");
}

}  // namespace
}  // namespace dsqlint::test
