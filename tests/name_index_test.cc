// NameIndex and NameMap against what the standard containers say.

#include "engine/catalog/name_index.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.h"

using namespace dsqlint;

namespace {

std::multiset<uint32_t> ids(const NameIndex& index, const std::string& name) {
  std::multiset<uint32_t> all;
  index.each(name, [&](uint32_t id) { all.insert(id); });
  return all;
}

}  // namespace

TEST_CASE("a name index shows what was added and not taken out", "[name_index]") {
  std::mt19937 random(7);
  NameIndex index;
  std::map<std::string, std::multiset<uint32_t>> expected;
  for (uint32_t id = 0; id < 20000; ++id) {
    const std::string name = "n" + std::to_string(random() % 3000);
    if (random() % 4 == 0) {
      const uint32_t odd = random() % 2;
      index.erase_if(name, [&](uint32_t known) { return known % 2 == odd; });
      std::erase_if(expected[name], [&](uint32_t known) { return known % 2 == odd; });
    } else {
      index.add(name, id);
      expected[name].insert(id);
    }
  }
  for (const auto& [name, known] : expected) CHECK(ids(index, name) == known);
  CHECK(ids(index, "never").empty());
  CHECK(ids(NameIndex(), "never").empty());
}

TEST_CASE("a name index shows the newest first", "[name_index]") {
  NameIndex index;
  std::vector<uint32_t> seen;
  for (uint32_t id = 0; id < 100; ++id) index.add("same", id);
  index.each("same", [&](uint32_t id) { seen.push_back(id); });
  REQUIRE(seen.size() == 100);
  CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
}

TEST_CASE("a name map holds one value per name", "[name_index]") {
  std::mt19937 random(11);
  // Few names stay below the size from which there is an index, many pass it both ways.
  for (const uint32_t names : {4u, 12u, 500u}) {
    NameMap<uint32_t> map;
    std::map<std::string, uint32_t> expected;
    for (uint32_t i = 0; i < 5000; ++i) {
      const std::string name = "n" + std::to_string(random() % names);
      if (random() % 2 == 0) {
        map.erase(name);
        expected.erase(name);
      } else {
        map[name] = i;
        expected[name] = i;
      }
      REQUIRE(map.size() == expected.size());
    }
    for (uint32_t n = 0; n < names; ++n) {
      const std::string name = "n" + std::to_string(n);
      const uint32_t* found = map.find(name);
      REQUIRE((found != nullptr) == (expected.count(name) != 0));
      CHECK(map.contains(name) == (found != nullptr));
      if (found != nullptr) CHECK(*found == expected[name]);
    }
    std::map<std::string, uint32_t> listed(map.begin(), map.end());
    CHECK(listed == expected);
  }
}
