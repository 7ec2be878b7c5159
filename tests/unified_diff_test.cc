// Differences that patch turns back into the other text.

#include "workspace/reports/unified_diff.h"

#include <cstdlib>
#include <random>

#include "engine/text/edit.h"
#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

TEST_CASE("hunks are written as in the format's definition", "[unified_diff]") {
  CHECK(unified_diff("a", "x\n", "x\n").empty());
  CHECK(unified_diff("a", "", "x\n") == "--- a\n+++ a\n@@ -0,0 +1 @@\n+x\n");
  CHECK(unified_diff("a", "x\n", "") == "--- a\n+++ a\n@@ -1 +0,0 @@\n-x\n");
  CHECK(unified_diff("a", "x", "x\n") ==
        "--- a\n+++ a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
  CHECK(unified_diff("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "--- a\n+++ a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  CHECK(unified_diff("a b", "x\n", "y\n").starts_with("--- a b\t\n+++ a b\t\n"));
  CHECK(unified_diff("a\"\n", "x\n", "y\n").starts_with("--- \"a\\\"\\012\"\n"));
}

TEST_CASE("patch accepts what we write", "[unified_diff]") {
  std::mt19937 random(7);
  const Sandbox box;
  for (int round = 0; round < 40; ++round) {
    std::string before;
    std::string after;
    const unsigned lines = random() % 60;
    const unsigned alphabet = 1 + random() % 30;
    const auto line = [&] { return "line " + std::to_string(random() % alphabet) + "\n"; };
    for (unsigned i = 0; i < lines; ++i) {
      const std::string one = line();
      before += one;
      switch (random() % 6) {
        case 0:
          break;
        case 1:
          after += line();
          break;
        case 2:
          after += one + line();
          break;
        default:
          after += one;
      }
    }
    if (!before.empty() && random() % 3 == 0) before.pop_back();
    if (!after.empty() && random() % 3 == 0) after.pop_back();
    box.write("f.txt", before);
    box.write("f.patch", unified_diff("f.txt", before, after));
    if (before != after) {
      const std::string command =
          "cd '" + box.path() + "' && git apply -p0 --unidiff-zero f.patch 2>err.txt";
      INFO(box.read("f.patch"));
      INFO("status " << std::system(command.c_str()) << box.read("err.txt"));
      CHECK((after.empty() && !box.exists("f.txt") ? "" : box.read("f.txt")) == after);
    }
  }
}

TEST_CASE("large and repetitive texts are compared at once", "[unified_diff]") {
  std::string same_before;
  std::string same_after;
  for (int i = 0; i < 200'000; ++i) {
    same_before += "x\n";
    same_after += i % 2 == 0 ? "x\n" : "y\n";
  }
  CHECK(!unified_diff("a", same_before, same_after).empty());
  std::string before;
  std::string after;
  for (int i = 0; i < 200'000; ++i) {
    before += "old " + std::to_string(i) + "\nshared " + std::to_string(i) + "\n";
    after += "new " + std::to_string(i) + "\nshared " + std::to_string(i) + "\n";
  }
  CHECK(unified_diff("a", before, after).size() > before.size());
}

TEST_CASE("what stands in gaps is not compared", "[unified_diff]") {
  std::string rows;
  std::string others;
  for (int i = 0; i < 4000; ++i) {
    rows += std::to_string(10'000 + i) + "\n";
    others += std::to_string(20'000 + i) + "\n";
  }
  const std::string text = "one\n" + rows + "two\n" + others + "three";
  const auto before = SourceFile::from_text("a", text);
  REQUIRE(before);
  const auto size = static_cast<uint32_t>(rows.size());
  const std::vector<Range> unread = {{4, 4 + size}, {8 + size, 8 + 2 * size}};
  EditSet edits;
  REQUIRE(edits.add(std::vector<Edit>{{{0, 3}, "eins\nund"},
                                      {{4 + size, 7 + size}, "zwei"},
                                      {{8 + 2 * size, 8 + 2 * size}, "vor "}}));
  const auto after = (*before)->revised(edits, unread);
  REQUIRE(after);
  REQUIRE(!(*after)->next_gap(0).empty());
  CHECK(unified_diff("a", **before, **after) == unified_diff("a", text, edited(text, edits)));
}

}  // namespace
}  // namespace dsqlint::test
