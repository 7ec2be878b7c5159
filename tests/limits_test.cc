// Bad and enormous input: a finding or a clear error, never a crash, and memory within bounds.

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "engine/parse/stack.h"
#include "rules/rules.h"
#include "tests/bench/dump.h"
#include "tests/bench/many.h"
#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

/// Runs `work` on a thread with a stack of 1 MB, as a caller in an editor or a server may have.
void on_small_stack(const std::function<void()>& work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{1} << 20);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  const int failed =
      pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&work));
  pthread_attr_destroy(&attributes);
  REQUIRE(failed == 0);
  pthread_join(thread, nullptr);
}

struct Linted {
  std::vector<std::string> findings;  ///< `line:column rule`
  std::string fixed;
};

Linted lint(const std::string& text) {
  Linted linted;
  auto source = SourceFile::from_text("limits.sql", text);
  REQUIRE(source);
  on_small_stack([&] {
    const Linter linter = make_linter({});
    for (const Diagnostic& finding : linter.check(*source).findings) {
      const Position at = (*source)->position(finding.range.begin);
      linted.findings.push_back(fmt::format("{}:{} {}", at.line, at.column, finding.rule->id));
    }
    if (auto fixed = linter.fix(*source)) linted.fixed = fixed->text();
  });
  return linted;
}

std::string repeat(size_t count, std::string_view text) {
  std::string repeated;
  repeated.reserve(count * text.size());
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

/// Highest resident memory since the last call, in MB.
double peak_megabytes() {
  double peak = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) peak = std::stod(line.substr(6)) / 1024;
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak;
}

TEST_CASE("what is no text is refused in one sentence", "[limits]") {
  const struct {
    std::string text;
    std::string_view told;
  } cases[] = {
      {std::string("select 1;\nselect '\0';", 20), "x.sql:2:9: NUL byte at offset 18"},
      {"select 1;\n-- caf\xE9\n", "x.sql:2:7: non-UTF-8 input: byte 0xE9 at offset 16"},
      {"\xC0\xAF", "non-UTF-8 input: byte 0xC0 at offset 0"},
      {"\xED\xA0\x80", "non-UTF-8 input: byte 0xED at offset 0"},
      {"\xF4\x90\x80\x80", "non-UTF-8 input: byte 0xF4 at offset 0"},
      {"select 1 \xE2\x82", "non-UTF-8 input: byte 0xE2 at offset 9"},
      {std::string("\xFF\xFEs\0e\0", 6), "UTF-16"},
      {std::string("PGDMP\x01\x0e\x00\x04", 9), "pg_dump -Fc"},
  };
  for (const auto& [text, told] : cases) {
    auto source = SourceFile::from_text("x.sql", text);
    INFO(told);
    REQUIRE(!source);
    INFO(source.error().message);
    CHECK(source.error().message.find(told) != std::string::npos);
    CHECK(source.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("valid UTF-8 of every length is text, across the windows of the check", "[limits]") {
  std::string text = "select '";
  while (text.size() < (size_t{16} << 20) + 100) text += "aé€😀";
  text += "';";
  CHECK(SourceFile::from_text("x.sql", text).has_value());
  text += '\x80';
  CHECK(!SourceFile::from_text("x.sql", text).has_value());
}

TEST_CASE("what is never closed is one finding at its beginning", "[limits]") {
  const std::string before = "create temp table t (a int);\n";
  for (const std::string open : {"'never", "\"never", "$$ never $ $", "$tag$ never $$", "e'\\'",
                                 "u&'x", "b'0", "/* /* */", "'it''s"}) {
    INFO(open);
    const Linted linted = lint(before + "select " + open + ";\nselect 2;\n");
    CHECK(linted.findings == std::vector<std::string>{"1:8 temp_table", "2:8 parse_error"});
    CHECK(linted.fixed == "create table t (a int);\nselect " + open + ";\nselect 2;\n");
  }
}

TEST_CASE("nesting beyond reason is one finding, and its neighbours are checked", "[limits]") {
  constexpr size_t kMany = 100'000;
  const std::string plus = " operator(pg_catalog.+) 1";
  const struct {
    std::string_view what;
    std::string sql;
  } cases[] = {
      {"parentheses", "select " + repeat(kMany, "(") + "1" + repeat(kMany, ")")},
      {"open parentheses", "select " + repeat(kMany, "(")},
      {"concatenations", "select 'a'" + repeat(kMany, " || 'b'")},
      {"operators by name", "select 1" + repeat(kMany, plus)},
      {"casts", "select 1" + repeat(kMany, "::int")},
      {"signs", "select " + repeat(kMany, "- ") + "1"},
      {"negations", "select " + repeat(kMany, "not ") + "true"},
      {"cases", "select " + repeat(kMany, "case when true then ") + "1" + repeat(kMany, " end")},
      {"unions", "select 1" + repeat(kMany, " union all select 1")},
      {"joins", "select from t" + repeat(kMany, " cross join t")},
      {"calls", "select " + repeat(kMany, "f(") + repeat(kMany, ")")},
      {"subqueries", repeat(kMany, "select (") + "select 1" + repeat(kMany, ")")},
      {"arrays", "select " + repeat(kMany, "array[") + repeat(kMany, "]")},
      {"collations", "select 'a'" + repeat(kMany, " collate \"C\"")},
      {"zones", "select now()" + repeat(kMany, " at time zone 'utc'")},
      {"checks",
       "create table t (a int check (a > " + repeat(kMany, "(") + "1" + repeat(kMany, ")") + "))"},
  };
  for (const auto& [what, sql] : cases) {
    INFO(what);
    const std::string text =
        "create temp table a (a int);\n" + sql + ";\ncreate temp table b (b int);\n";
    const Linted linted = lint(text);
    REQUIRE(linted.findings.size() == 3);
    CHECK(linted.findings[0] == "1:8 temp_table");
    CHECK(linted.findings[1] == "2:1 expression_too_deep");
    CHECK(linted.findings[2] == "3:8 temp_table");
    CHECK(linted.fixed == "create table a (a int);\n" + sql + ";\ncreate table b (b int);\n");
  }
}

TEST_CASE("lists of any length are no nesting", "[limits]") {
  constexpr size_t kMany = 100'000;
  const std::string sqls[] = {
      "select 1" + repeat(kMany, ", 1"),
      "select true" + repeat(kMany, " and true"),
      "select true" + repeat(kMany, " or true"),
      "select a" + repeat(kMany, ".b"),
      "select x in (1" + repeat(kMany, ", (1)") + ")",
      "select (a)" + repeat(kMany, "[1]"),
      "insert into t values (f(1))" + repeat(kMany, ", (f(1))"),
      "select from t" + repeat(kMany, ", t"),
  };
  for (const std::string& sql : sqls) {
    INFO(sql.substr(0, 40));
    for (const std::string& finding : lint(sql + ";").findings) {
      CHECK(finding.find("expression_too_deep") == std::string::npos);
      CHECK(finding.find("parse_error") == std::string::npos);
    }
  }
}

// What the parser keeps on its own stack ends at 10,000 symbols; the rest is ours to survive.
TEST_CASE("nesting up to the limit is parsed", "[limits]") {
  constexpr size_t kBrackets = 3'000;
  const size_t levels = kMaxNesting - 10;
  const struct {
    std::string_view what;
    std::string sql;
  } cases[] = {
      {"concatenations", "select 'a'" + repeat(levels, " || 'b'")},
      {"parentheses", "select " + repeat(kBrackets, "(") + "1" + repeat(kBrackets, ")")},
      {"casts", "select 1" + repeat(levels, "::int")},
      {"negations", "select " + repeat(kBrackets, "not ") + "true"},
      {"calls", "select " + repeat(kBrackets, "f(") + repeat(kBrackets, ")")},
      {"unions", "select 1" + repeat(levels / 2, " union all select 1")},
      {"joins", "select from t" + repeat(levels, " cross join t")},
      {"subqueries", repeat(kBrackets, "select (") + "select 1" + repeat(kBrackets, ")")},
  };
  for (const auto& [what, sql] : cases) {
    INFO(what);
    CHECK(lint(sql + ";").findings == std::vector<std::string>{});
  }
}

TEST_CASE("a line of 50 MB is read in bounded memory", "[limits]") {
  constexpr size_t kBytes = size_t{kSanitized ? 12 : 50} << 20;
  constexpr size_t kManyBytes = kBytes / 5;  // millions of statements take their time
  // Made when it is looked at, so that one of them is in memory at a time.
  const struct {
    std::string_view what;
    std::string (*text)();
    std::vector<std::string> findings;
    /// Memory on top, in sizes of the text: the fixed text is a second copy, and an allocator may
    /// hold on to one that was freed.
    double factor;
  } cases[] = {
      {"statements", [] { return repeat(kManyBytes / 10, "select 1; "); }, {}, 30},
      {"rows", [] { return repeat(kManyBytes / 26, "insert into t values (1); "); }, {}, 4},
      {"a string",
       [] { return "select '" + repeat(kBytes, "x") + "';"; },
       {"1:1 statement_too_large"},
       3},
      {"a comment", [] { return "-- " + repeat(kBytes, "x"); }, {}, 3},
      {"a name",
       [] { return "select " + repeat(kBytes, "x"); },
       {"1:1 statement_too_large", "1:8 identifier_too_long"},
       3},
      {"white space",
       [] { return repeat(kBytes, " ") + "create temp table t (a int);"; },
       {fmt::format("1:{} temp_table", kBytes + 8)},
       4},
  };
  for (const auto& [what, make, findings, factor] : cases) {
    INFO(what);
    const std::string text = make();
    peak_megabytes();
    const double before = peak_megabytes();
    CHECK(lint(text).findings == findings);
    const double used = peak_megabytes() - before;
    INFO(used << " MB");
    if (!kSanitized) CHECK(used < factor * static_cast<double>(text.size()) / (1 << 20) + 64);
  }
}

TEST_CASE("the end of memory is told", "[limits]") {
  if (kSanitized) return skip("the end of memory", "sanitizers take more than any limit leaves");
  const Sandbox box;
  box.write("a.sql", repeat(40'000, "create table t (id serial primary key);\n"));
  const Ended ended = run(
      {.arguments = {"check", "a.sql"}, .folder = box.path(), .address_space = rlim_t{200} << 20});
  CHECK(ended.exit_code == 1);
  INFO(ended.err);
  CHECK(ended.err.find("there is not enough memory") != std::string::npos);
}

TEST_CASE("what a transaction writes is counted in bytes too", "[limits]") {
  const std::string row = std::string(1 << 20, 'x');
  const std::string insert = "insert into t values ('" + row + "');\n";
  using Findings = std::vector<std::string>;
  CHECK(lint("begin;\n" + repeat(9, insert) + "commit;\n").findings == Findings{});
  CHECK(lint(repeat(12, insert)).findings == Findings{});
  CHECK(lint("begin;\n" + repeat(11, insert) + "commit;\n").findings ==
        Findings{"1:1 transaction_row_limit"});
  const std::string opening = "copy t from stdin;\n";
  CHECK(lint(opening + repeat(9, row + "\n") + "\\.\n").findings == Findings{});
  const Linted copied = lint(opening + repeat(12, row + "\n") + "\\.\nselect 1;\n");
  CHECK(copied.findings == Findings{"1:1 copy_row_limit"});
  const std::string batch = opening + repeat(7, row + "\n") + "\\.\n";
  CHECK(copied.fixed == batch + "\n" + opening + repeat(5, row + "\n") + "\\.\nselect 1;\n");
}

TEST_CASE("edges of a text", "[limits]") {
  const struct {
    std::string text;
    std::vector<std::string> findings;
    std::string fixed;
  } cases[] = {
      {"", {}, ""},
      {"\n", {}, "\n"},
      {"\xEF\xBB\xBF", {}, "\xEF\xBB\xBF"},
      {"-- nothing", {}, "-- nothing"},
      {"/* nothing */ ; ;;", {}, "/* nothing */ ; ;;"},
      {"\xEF\xBB\xBF"
       "create temp table t (a int)",
       {"1:8 temp_table"},
       "\xEF\xBB\xBF"
       "create table t (a int)"},
      {"-- a\r\ncreate temp table t (\r\n  a int\r\n);\r\n",
       {"2:8 temp_table"},
       "-- a\r\ncreate table t (\r\n  a int\r\n);\r\n"},
      // A lone CR is white space that ends a comment, as in PostgreSQL, and no line.
      {"-- a\rcreate temp table t\r(a int -- b\r, c int);\r-- d\r",
       {"1:13 temp_table"},
       "-- a\rcreate table t\r(a int -- b\r, c int);\r-- d\r"},
      {"create temp table t (a int);\n\\.", {"1:8 temp_table"}, "create table t (a int);\n\\."},
  };
  for (const auto& [text, findings, fixed] : cases) {
    INFO(text);
    const Linted linted = lint(text);
    CHECK(linted.findings == findings);
    CHECK(linted.fixed == fixed);
  }
}

// Time is not asserted: the benchmark compares 25,000 and 50,000. What grows with the square would
// never come back.
TEST_CASE("many of everything come to an end", "[limits]") {
  for (const std::string& text : bench::many_of_everything(kSanitized ? 5'000 : 10'000)) {
    INFO(text.substr(0, 60));
    CHECK(!lint(text).fixed.empty());
  }
}

}  // namespace
}  // namespace dsqlint::test
