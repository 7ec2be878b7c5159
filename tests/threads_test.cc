// The threaded path: the same findings and the same bytes on any number of threads. This is what
// runs under ThreadSanitizer.

#include <thread>

#include "rules/rules.h"
#include "tests/bench/dump.h"
#include "tests/catch.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

TEST_CASE("threads change nothing", "[threads]") {
  auto source = SourceFile::from_text("dump.sql", bench::schema_dump(size_t{1} << 20));
  REQUIRE(source);
  const Linter one = make_linter({});
  const std::vector<Diagnostic> expected = one.check(*source).findings;
  auto fixed = one.fix(*source);
  REQUIRE(fixed);
  for (const unsigned threads : {2u, 3u, 8u}) {
    Config config;
    config.threads = threads;
    const Linter linter = make_linter(config);
    const std::vector<Diagnostic> findings = linter.check(*source).findings;
    REQUIRE(findings.size() == expected.size());
    for (size_t i = 0; i < findings.size(); ++i) {
      REQUIRE(findings[i].range == expected[i].range);
      REQUIRE(findings[i].rule == expected[i].rule);
      REQUIRE(findings[i].message == expected[i].message);
    }
    auto again = linter.fix(*source);
    REQUIRE(again);
    CHECK(again->text() == fixed->text());
  }
}

TEST_CASE("one linter serves several threads", "[threads]") {
  Config config;
  config.threads = 2;
  const Linter linter = make_linter(config);
  std::vector<std::string> texts(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < texts.size(); ++i) {
    threads.emplace_back([&, i] {
      auto source = SourceFile::from_text("dump.sql", bench::schema_dump(100'000 + i % 2));
      if (!source) return;
      if (auto fixed = linter.fix(*source)) texts[i] = fixed->text();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(!texts[0].empty());
  CHECK(texts[0] == texts[2]);
  CHECK(texts[1] == texts[3]);
}

}  // namespace
}  // namespace dsqlint::test
