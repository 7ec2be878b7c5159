// Edits: what goes together, what does not, and the way back.

#include "engine/text/edit.h"

#include "tests/catch.h"

namespace dsqlint {
namespace {

using Edits = std::vector<Edit>;

std::string applied(std::string_view text, const Edits& edits) {
  EditSet set;
  for (const Edit& edit : edits) {
    if (!set.add({&edit, 1})) return "conflict";
  }
  return edited(text, set);
}

TEST_CASE("edits are applied at once, by place and rank", "[edit]") {
  constexpr std::string_view kText = "abcdef";
  const struct {
    Edits edits;
    std::string_view result;
  } cases[] = {
      {{}, "abcdef"},
      {{{{0, 1}, "X"}}, "Xbcdef"},
      {{{{6, 6}, "X"}}, "abcdefX"},
      {{{{0, 0}, "X"}}, "Xabcdef"},
      {{{{4, 6}, ""}, {{0, 1}, ""}}, "bcd"},
      {{{{1, 3}, "X"}, {{3, 5}, "Y"}}, "aXYf"},
      {{{{1, 3}, "X"}, {{2, 4}, "Y"}}, "conflict"},
      {{{{1, 3}, "X"}, {{1, 3}, "Y"}}, "conflict"},
      {{{{1, 5}, "X"}, {{2, 2}, "Y"}}, "conflict"},
      // Insertions at an edge are neighbours.
      {{{{1, 3}, "X"}, {{1, 1}, "Y"}, {{3, 3}, "Z"}}, "aYXZdef"},
      {{{{3, 3}, "1"}, {{3, 3}, "2"}}, "abc12def"},
      {{{{3, 3}, "s", 2}, {{3, 3}, "e", 1}, {{3, 3}, "l", 0}}, "abclesdef"},
      {{{{0, 6}, ""}}, ""},
  };
  for (const auto& [edits, result] : cases) CHECK(applied(kText, edits) == result);
}

TEST_CASE("a fix is taken whole or not at all", "[edit]") {
  EditSet set;
  CHECK(set.add(Edits{{{2, 4}, "X"}}));
  CHECK(!set.add(Edits{{{0, 1}, "Y"}, {{3, 5}, "Z"}}));
  CHECK(edited("abcdef", set) == "abXef");
}

TEST_CASE("what a rule puts together is sorted and merged", "[edit]") {
  const struct {
    Edits edits;
    bool good;
    Edits normal;
  } cases[] = {
      {{{{4, 5}, "b"}, {{0, 1}, "a"}}, true, {{{0, 1}, "a"}, {{4, 5}, "b"}}},
      {{{{0, 1}, ""}, {{0, 1}, ""}}, true, {{{0, 1}, ""}}},
      {{{{0, 3}, ""}, {{2, 5}, ""}}, true, {{{0, 5}, ""}}},
      {{{{0, 5}, ""}, {{2, 3}, "x"}}, true, {{{0, 5}, ""}}},
      {{{{0, 3}, "x"}, {{2, 5}, "y"}}, false, {}},
      {{{{0, 3}, ""}, {{2, 5}, "y"}}, false, {}},
  };
  for (const auto& c : cases) {
    Edits edits = c.edits;
    REQUIRE(normalize(edits) == c.good);
    if (c.good) CHECK(edits == c.normal);
  }
}

TEST_CASE("places of the changed text lead back", "[edit]") {
  EditSet set;
  REQUIRE(set.add(Edits{{{1, 3}, "XYZ"}, {{5, 5}, "!"}}));
  const EditedText changed(6, set);
  const std::string text = edited("abcdef", set);
  REQUIRE(text == "aXYZde!f");
  const uint32_t original[] = {0, 1, 1, 1, 3, 4, 5, 5, 6};
  for (uint32_t i = 0; i <= text.size(); ++i) {
    INFO(i);
    CHECK(changed.original(i) == original[i]);
  }
}

TEST_CASE("what no edit has touched is known from both sides", "[edit]") {
  EditSet set;
  REQUIRE(set.add(Edits{{{1, 3}, "XYZ"}, {{5, 5}, "!"}}));
  const EditedText changed(6, set);
  // a XYZ de ! f
  const struct {
    uint32_t offset;
    std::optional<Range> range;
    uint32_t original;
  } stretches[] = {{0, Range{0, 1}, 0}, {1, std::nullopt, 0}, {3, std::nullopt, 0},
                   {4, Range{4, 6}, 3}, {5, Range{4, 6}, 3},  {6, std::nullopt, 0},
                   {7, Range{7, 8}, 5}, {8, std::nullopt, 0}};
  for (const auto& [offset, range, original] : stretches) {
    INFO(offset);
    const auto stretch = changed.stretch(offset);
    REQUIRE(stretch.has_value() == range.has_value());
    if (!stretch) continue;
    CHECK(stretch->range == *range);
    CHECK(stretch->original == original);
  }
  CHECK(changed.changed({0, 1}) == Range{0, 1});
  CHECK(changed.changed({3, 5}) == Range{4, 6});
  CHECK(changed.changed({5, 6}) == Range{7, 8});
  CHECK(!changed.changed({0, 2}));
  CHECK(!changed.changed({2, 4}));
  CHECK(!changed.changed({4, 6}));
}

}  // namespace
}  // namespace dsqlint
