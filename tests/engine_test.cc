// Dates and what they decide.

#include "engine/lint/engine.h"

#include <set>

#include "tests/catch.h"

namespace dsqlint {
namespace {

TEST_CASE("dates are days of the calendar", "[engine]") {
  const std::pair<std::string_view, int32_t> good[] = {{"2026-08-26", 20260826},
                                                       {"2026-01-01", 20260101},
                                                       {"2028-02-29", 20280229},
                                                       {"2000-02-29", 20000229}};
  for (const auto& [text, value] : good) {
    const auto date = parse_date(text);
    REQUIRE(date);
    CHECK(date->value == value);
    CHECK(to_string(*date) == text);
  }
  for (const std::string_view text :
       {"", "2026", "2026-8-26", "2026-08-32", "2026-13-01", "2026-00-10", "2026-02-29",
        "2100-02-29", "2026-04-31", "2026-08-00", "26-08-2026", "2026/08/26", "2026-08-26x",
        " 2026-08-26", "2026-08-2a", "-026-08-26"}) {
    INFO(text);
    CHECK(!parse_date(text));
  }
}

TEST_CASE("the day before is a day of the calendar", "[engine]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"2026-08-26", "2026-08-25"}, {"2026-08-01", "2026-07-31"}, {"2026-01-01", "2025-12-31"},
      {"2026-03-01", "2026-02-28"}, {"2028-03-01", "2028-02-29"}, {"2026-05-01", "2026-04-30"}};
  for (const auto& [day, before] : cases) {
    CHECK(to_string(day_before(*parse_date(day))) == before);
  }
}

TEST_CASE("every fact has one day, and the days decide", "[engine]") {
  std::set<Capability> known;
  for (const CapabilityFact& fact : capability_facts()) {
    INFO(fact.what);
    CHECK(known.insert(fact.capability).second);
    CHECK(!fact.what.empty());
    CHECK(!fact.evidence.empty());
    CHECK(parse_date(to_string(fact.since)) == fact.since);
    CHECK(fact.since <= kNewestEngine);
    CHECK(Engine(fact.since).accepts(fact.capability));
    CHECK(!Engine(Date{fact.since.value - 1}).accepts(fact.capability));
    CHECK(Engine().accepts(fact.capability));
    CHECK(Engine().fact(fact.capability).what == fact.what);
  }
  for (int i = 0; i <= static_cast<int>(Capability::CommentOnColumn); ++i) {
    CHECK(known.count(static_cast<Capability>(i)) == 1);
  }
}

TEST_CASE("limits and parameters", "[engine]") {
  CHECK(Engine().limits().numeric_precision == 1000);
  CHECK(Engine(*parse_date("2026-08-24")).limits().numeric_precision == 38);
  CHECK(Engine(*parse_date("2026-08-25")).limits().numeric_precision == 1000);
  for (const std::string_view name : {"search_path", "timezone", "client_encoding", "role"}) {
    CHECK(parameter_use(name, Engine()) == ParameterUse::Settable);
  }
  for (const std::string_view name :
       {"statement_timeout", "work_mem", "row_security", "nonsense"}) {
    CHECK(parameter_use(name, Engine()) == ParameterUse::Refused);
  }
}

}  // namespace
}  // namespace dsqlint
