// Replacing files at once or not at all.

#include "workspace/write_file.h"

#include <sys/stat.h>

#include <filesystem>

#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a file that has changed since it was read is not written over", "[write_file]") {
  const Sandbox box;
  box.write("a.sql", "edited meanwhile");
  const auto refused = write_file(box.path("a.sql"), "fixed", "as it was read");
  REQUIRE(!refused);
  CHECK(refused.error().message.find("has changed since it was read; run this again") !=
        std::string::npos);
  CHECK(box.read("a.sql") == "edited meanwhile");
  CHECK(write_file(box.path("a.sql"), "fixed", "edited meanwhile"));
  CHECK(box.read("a.sql") == "fixed");
  // Another run has done the same work.
  CHECK(write_file(box.path("a.sql"), "fixed", "edited meanwhile"));
  fs::remove(box.path("a.sql"));
  CHECK(!write_file(box.path("a.sql"), "fixed", "fixed before"));
  CHECK(box.files().empty());
}

TEST_CASE("new files, long names, links that lead to nothing", "[write_file]") {
  const Sandbox box;
  CHECK(write_file(box.path("new.sql"), "x"));
  CHECK(box.read("new.sql") == "x");
  const std::string longest(251, 'n');
  CHECK(write_file(box.path(longest + ".sql"), "y"));
  CHECK(box.read(longest + ".sql") == "y");
  fs::create_symlink("later.sql", box.path("link.sql"));
  CHECK(write_file(box.path("link.sql"), "z"));
  CHECK(fs::is_symlink(box.path("link.sql")));
  CHECK(box.read("later.sql") == "z");
  fs::create_symlink("circle.sql", box.path("circle.sql"));
  CHECK(!write_file(box.path("circle.sql"), "w"));
  CHECK(!write_file(box.path(), "w"));
  CHECK(!write_file(box.path("none/a.sql"), "w"));
  CHECK(!write_file(box.path("new.sql/a.sql"), "w"));
}

TEST_CASE("a pipe is not rewritten in place", "[write_file]") {
  const Sandbox box;
  REQUIRE(::mkfifo(box.path("pipe").c_str(), 0600) == 0);
  const auto refused = write_file(box.path("pipe"), "fixed", "as it was read");
  REQUIRE(!refused);
  CHECK(refused.error().message.find("it is a pipe or a device") != std::string::npos);
}

TEST_CASE("the same file under two names", "[write_file]") {
  const Sandbox box;
  box.write("sub/a.sql", "x");
  fs::create_directory_symlink("sub", box.path("link"));
  CHECK(same_file(box.path("sub/a.sql"), box.path("link/a.sql")));
  CHECK(same_file(box.path("sub/new.sql"), box.path("link/../sub/new.sql")));
  CHECK(!same_file(box.path("sub/a.sql"), box.path("sub/b.sql")));
}

}  // namespace
}  // namespace dsqlint::test
