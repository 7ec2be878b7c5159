// The translation of MySQL: fixtures, the catalogue's examples, positions, bad input.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "engine/lint/mysql_suspicion.h"
#include "engine/parse/document.h"
#include "mysql/check.h"
#include "mysql/rules.h"
#include "mysql/translate.h"
#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/properties.h"
#include "workspace/reports/print_text.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;

fs::path fixtures() { return fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures/mysql"; }

std::shared_ptr<const SourceFile> source_of(std::string text, std::string name = "in.sql") {
  auto source = SourceFile::from_text(std::move(name), std::move(text), Encoding::Bytes);
  REQUIRE(source);
  return *source;
}

size_t unreadable(const std::string& text) {
  auto source = SourceFile::from_text("out.sql", text);
  REQUIRE(source);
  return Document::parse(*source).unreadable().size();
}

/// What holds for every input.
mysql::Translation translate(const std::shared_ptr<const SourceFile>& source,
                             const mysql::TranslateOptions& options = {}) {
  mysql::Translation translation = mysql::translate(*source, options);
  const mysql::StatementCounts& counts = translation.counts;
  CHECK(counts.read == counts.translated + counts.noise + counts.reported);
  CHECK(unreadable(translation.text.text()) == 0);
  CHECK(std::is_sorted(translation.findings.begin(), translation.findings.end(), before));
  for (const Diagnostic& finding : translation.findings) {
    INFO(finding.rule->id << ": " << finding.message);
    CHECK(finding.range.begin <= finding.range.end);
    CHECK(finding.range.end <= source->size());
    if (!finding.fix) CHECK(!finding.help.empty());
  }
  for (uint32_t at = 0; at < translation.text.size(); ++at) {
    const Range place = translation.text.source(at);
    if (place.end > source->size() || place.begin > place.end) FAIL("a place outside the source");
  }
  return translation;
}

std::multiset<std::pair<uint32_t, std::string>> places(const std::vector<Diagnostic>& findings,
                                                       const SourceFile& source) {
  std::multiset<std::pair<uint32_t, std::string>> found;
  for (const Diagnostic& finding : findings) {
    found.emplace(source.position(finding.range.begin).line, finding.rule->id);
  }
  return found;
}

std::multiset<std::pair<uint32_t, std::string>> wanted_places(const std::string& text,
                                                              mysql::TranslateOptions& options,
                                                              bool& any) {
  std::multiset<std::pair<uint32_t, std::string>> wanted;
  uint32_t line = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string row = text.substr(begin, end - begin);
    begin = end + 1;
    ++line;
    size_t at = row.find("-- fixture: ");
    if (at != std::string::npos) {
      at = row.find("engine=");
      if (at != std::string::npos) options.engine = Engine(*parse_date(row.substr(at + 7, 10)));
      if (row.find("choices=contract") != std::string::npos) {
        options.choices = mysql::contract_choices();
      }
    }
    at = row.find("-- expect: ");
    if (at == std::string::npos) continue;
    any = true;
    std::string word;
    for (const char c : row.substr(at + 11) + ",") {
      if (c != ',' && c != ' ' && c != '\r') {
        word += c;
      } else if (!word.empty()) {
        wanted.emplace(line, word);
        word.clear();
      }
    }
  }
  return wanted;
}

void check_golden(const fs::path& path, const std::string& content) {
  if (std::getenv("DSQLINT_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << content;
    return;
  }
  INFO("golden file " << path.string() << "; DSQLINT_UPDATE=1 scripts/test --quick rewrites it");
  CHECK((fs::exists(path) ? read_file(path.string()) : "") == content);
}

TEST_CASE("translations", "[mysql][fixture]") {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(fixtures())) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".sql") && !name.ends_with(".translated.sql")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  CHECK(!cases.empty());
  for (const fs::path& path : cases) {
    INFO(path.string());
    const std::string text = read_file(path.string());
    const auto source = source_of(text, path.filename().string());
    mysql::TranslateOptions options;
    bool any = false;
    const auto wanted = wanted_places(text, options, any);
    const mysql::Translation translation = translate(source, options);
    if (any) CHECK(places(translation.findings, *source) == wanted);
    std::string printed;
    for (const Diagnostic& finding : translation.findings) {
      print_finding(finding, *source, path.filename().string(), {}, printed);
      printed += '\n';
    }
    fs::path golden = path;
    check_golden(golden.replace_extension(".expected"), printed);
    check_golden(golden.replace_extension(".translated.sql"), translation.text.text());

    // Through the linter: what is fixed stays readable and has nothing left to fix.
    Config config;
    config.engine = options.engine;
    const Linter linter = make_linter(config);
    const auto fixed = mysql::fix(linter, source, options);
    REQUIRE(fixed);
    CHECK(unreadable(fixed->text()) == 0);
    for (const Diagnostic& finding : fixed->findings) {
      CHECK(finding.range.end <= source->size());
    }
  }
}

TEST_CASE("every finding of the translation keeps its promises", "[mysql][catalogue]") {
  std::string printed;
  for (const auto& entry : fs::directory_iterator(fixtures())) {
    if (entry.path().extension() == ".expected") printed += read_file(entry.path().string());
  }
  for (const mysql::TranslationRule& rule : mysql::translation_rules()) {
    INFO(rule.info.id);
    CHECK(!rule.info.summary.empty());
    CHECK(!rule.info.why.empty());
    CHECK((rule.safety == Safety::Manual) == rule.title.empty());
    CHECK((rule.safety == Safety::Manual) == !rule.info.help.empty());
    const bool in_a_fixture = printed.find(fmt::format("[{}]", rule.info.id)) != std::string::npos;
    CHECK(in_a_fixture);
    if (rule.info.bad.empty()) continue;  // too big to print
    const auto source = source_of(std::string(rule.info.bad));
    mysql::TranslateOptions options;
    options.engine = example_engine(rule.info);
    const mysql::Translation translation = translate(source, options);
    CHECK(std::any_of(translation.findings.begin(), translation.findings.end(),
                      [&](const Diagnostic& finding) { return finding.rule->id == rule.info.id; }));
    for (const Diagnostic& finding : translation.findings) {
      INFO(finding.message);
      // What is said once about a table's rows stands beside what is said about one of them.
      if (finding.rule->id == "mysql_data_converted") continue;
      CHECK(finding.rule->id == rule.info.id);
      if (rule.safety == Safety::Manual) CHECK(safety_of(finding) == Safety::Manual);
    }
  }
}

TEST_CASE("MySQL text is known by what PostgreSQL's has not", "[mysql]") {
  const std::pair<std::string_view, bool> cases[] = {
      // One of these is enough.
      {"select `a` from t", true},
      {"create table t (a int) engine = InnoDB", true},
      {"create table t (a int auto_increment)", true},
      {"/*!40101 set names utf8 */;", true},
      {"-- MySQL dump 10.13", true},
      {"-- MariaDB dump 10.19", true},
      {"-- phpMyAdmin SQL Dump", true},
      {"create table t (a int(10) unsigned)", true},
      {"create table t (a bigint unsigned)", true},
      {"lock tables t write;", true},
      {"delimiter //", true},
      {"insert into t values (1) on duplicate key update a = 1", true},
      {"select @@version", true},
      // Two kinds of these are.
      {"create table t (a tinyint(1))", false},
      {"create table t (a enum('x'))", false},
      {"create table t (a int, key k (a))", false},
      {"set foreign_key_checks = 0", false},
      {"set sql_mode = 'ansi'", false},
      {"replace into t values (1)", false},
      {"insert ignore into t values (1)", false},
      {"create table t (a text character set utf8mb4)", false},
      {"# a comment\nselect 1", false},
      {"create table t (a tinyint(1), key k (a))", true},
      {"create table t (a enum('x'), b int, index k (b))", true},
      {"set foreign_key_checks = 0; replace into t values (1)", true},
      {"insert ignore into t values (1); # done\n# all", true},
      {"create table t (a longtext character set utf8)", true},
      // Not beside what only PostgreSQL has.
      {"create table t (a enum('x'), b datetime); select 1::int", false},
      {"create table t (a enum('x'), b datetime); select E'\\n'", false},
      {"create table t (a enum('x'), b datetime); select $$a$$", false},
      {"create table t (a enum('x'), b datetime); create extension x", false},
      {"create table t (a enum('x'), b datetime); copy t from stdin;", false},
      {"-- PostgreSQL database dump\ncreate table t (a enum('x'), b datetime)", false},
      // No evidence at all.
      {"select \"a\" from t limit 5", false},
      {"select ifnull(a, 0) from t", false},
      {"create table t (key text, index int, primary key (key))", false},
      {"create table t (a text, key varchar(20), index geometry(point, 4326), key k (b))", false},
      {"select '`a` auto_increment', $x$ engine = a $x$ -- `b`", false},
  };
  for (const auto& [text, mysql] : cases) {
    INFO(text);
    CHECK(looks_like_mysql(text) == mysql);
  }
}

TEST_CASE("findings of the linter stand in the MySQL text", "[mysql]") {
  const std::string text =
      "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `name` varchar(50),\n  PRIMARY KEY (`id`),\n"
      "  KEY `name` (`name`)\n) ENGINE=InnoDB;\nTRUNCATE TABLE `t`;\n";
  const auto source = source_of(text);
  const Linter linter = make_linter({});
  std::set<std::pair<uint32_t, std::string>> found;
  for (const Diagnostic& finding : mysql::check(linter, source, {}).findings) {
    found.emplace(source->position(finding.range.begin).line, finding.rule->id);
  }
  CHECK(found.count({5, "mysql_index_renamed"}) == 1);
  CHECK(found.count({5, "index_async"}) == 1);
  CHECK(found.count({7, "truncate"}) == 1);
  const auto fixed = mysql::fix(linter, source, {});
  REQUIRE(fixed);
  CHECK(fixed->text().find("CREATE INDEX ASYNC t_name ON t (name)") != std::string::npos);
}

TEST_CASE("comments silence findings of the translation", "[mysql]") {
  const Linter linter = make_linter({});
  const auto source = source_of(
      "-- dsqlint: ignore mysql_unsigned_widened: fine\n"
      "create table t (id int primary key, n int unsigned);\n");
  CHECK(mysql::check(linter, source, {}).findings.empty());

  const std::string table = "create table t (id int primary key, n int unsigned);\n";
  const struct {
    std::string text;
    std::multiset<std::pair<uint32_t, std::string>> findings;
  } cases[] = {
      {table, {{1, "mysql_unsigned_widened"}}},
      {"# dsqlint: ignore\n" + table, {}},
      {"-- dsqlint: ignore\nselect 1;\n" + table,
       {{1, "unused_suppression"}, {3, "mysql_unsigned_widened"}}},
      {"create table t (id int primary key,\n  n int unsigned /* dsqlint: ignore */);\n", {}},
      // What stands in a string says nothing.
      {"select '-- dsqlint: ignore-file';\n" + table, {{2, "mysql_unsigned_widened"}}},
      {"select `# dsqlint: ignore-file` from t;\n" + table, {{2, "mysql_unsigned_widened"}}},
  };
  for (const auto& [text, findings] : cases) {
    INFO(text);
    const auto file = source_of(text);
    CHECK(places(mysql::check(linter, file, {}).findings, *file) == findings);
  }
}

TEST_CASE("a byte order mark is no part of the first statement", "[mysql]") {
  const Linter linter = make_linter({});
  const auto source = source_of(
      "\xEF\xBB\xBF"
      "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`));\n");
  CHECK(mysql::check(linter, source, {}).findings.empty());
  const auto fixed = mysql::fix(linter, source, {});
  REQUIRE(fixed);
  CHECK(fixed->text().starts_with("CREATE TABLE t ("));
}

TEST_CASE("bad input costs a finding, not the rest", "[mysql]") {
  const auto count = [](const mysql::Translation& translation, std::string_view id) {
    return std::count_if(translation.findings.begin(), translation.findings.end(),
                         [&](const Diagnostic& finding) { return finding.rule->id == id; });
  };
  SECTION("unknown statements") {
    const auto t = translate(source_of("frobnicate all;\ncreate table t (id int primary key);\n"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("a truncated dump") {
    const auto t = translate(source_of(
        "create table t (id int primary key, a text);\ninsert into t values (1,'a'),(2,'b"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("a table that is cut off") {
    const auto t = translate(source_of("create table t (id int primary key, a tex"));
    CHECK(count(t, "parse_error") == 1);
  }
  SECTION("a comment without end") {
    const auto t = translate(source_of("create table t (id int primary key);\n/* and so on"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("bytes that are no UTF-8") {
    const auto t =
        translate(source_of("create table t (id int primary key, a text, b blob);\n"
                            "insert into t values (1, 'gr\xFC\xDF', _binary '\xFF\x01');\n"
                            "insert into t values (2, 'ok', _binary '\xFF\\0');\n"));
    CHECK(count(t, "mysql_invalid_encoding") == 1);
    CHECK(t.text.text().find("'\\xff00'") != std::string::npos);
  }
  SECTION("a lone CR in a comment") {
    const auto t = translate(source_of("-- one\rtwo\r\n# three\rfour\nselect 1;\n"));
    CHECK(t.text.text().find('\r') == t.text.text().find("\r\n"));
  }
  SECTION("any bytes at all") {
    std::string bytes;
    uint32_t random = 12345;
    for (int i = 0; i < 20000; ++i) {
      random = random * 1664525 + 1013904223;
      bytes += static_cast<char>(random >> 24);
    }
    translate(source_of(bytes));
  }
  SECTION("an executable comment without end") {
    const auto t = translate(source_of("/*!40101 create table t (id int primary key);\n"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("a routine without END") {
    const auto t = translate(
        source_of("create table a (id int primary key);\n"
                  "create procedure p() begin select 1;\ncreate table b (id int primary key);\n"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(count(t, "mysql_routine_unsupported") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("DELIMITER without end") {
    const auto t =
        translate(source_of("delimiter //\ncreate procedure p() begin select 1; end//\n"
                            "drop procedure if exists q; //\ncreate table a (id int primary key);\n"
                            "create table b (id int primary key);\n"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 2);
  }
  SECTION("backticks without end") {
    const auto t =
        translate(source_of("create table a (id int primary key);\ncreate table `b (id int);\n"));
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 1);
  }
  SECTION("NUL bytes") {
    std::string text =
        "create table a (id int primary key, t text);\n-- c~d\ninsert into a values (1, 'a~b');\n"
        "create table `b~` (id int);\ninsert~into a values (2, 'ok');\n";
    std::replace(text.begin(), text.end(), '~', '\0');
    const auto t = translate(source_of(text));
    CHECK(count(t, "mysql_nul_in_text") == 1);
    CHECK(count(t, "parse_error") == 1);
    CHECK(t.counts.translated == 2);
  }
  SECTION("character sets") {
    const auto latin =
        translate(source_of("set names latin1;\ncreate table a (id int primary key, t text);\n"
                            "insert into a values (1, 'gr\xFC\xDF');\n"));
    CHECK(latin.text.text().find("'gr\xC3\xBC\xC3\x9F'") != std::string::npos);
    CHECK(count(latin, "mysql_string_reencoded") == 1);
    // MySQL's latin1 is Windows-1252, but for the five holes, which stand for themselves.
    std::string upper;
    for (int byte = 0x80; byte < 0xA0; ++byte) upper += static_cast<char>(byte);
    const auto windows =
        translate(source_of("set names latin1;\ncreate table a (id int primary key, t text);\n"
                            "insert into a values (1, '" +
                            upper + "');\n"));
    CHECK(windows.text.text().find("'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ'") !=
          std::string::npos);
    const auto binary = translate(
        source_of("set names binary;\ncreate table a (id int primary key, t text, b blob);\n"
                  "insert into a values (1, 'gr\xC3\xBC', 'gr\xFC');\ninsert into a values (2, "
                  "'\xFC', '');\n"));
    CHECK(binary.text.text().find("'gr\xC3\xBC', '\\x6772fc'") != std::string::npos);
    CHECK(count(binary, "mysql_invalid_encoding") == 1);
    const auto unknown = translate(
        source_of("set names koi8r;\ncreate table a (id int primary key, t text);\n"
                  "insert into a values (1, '\xC1\xC2');\ninsert into a values (2, 'ok');\n"));
    CHECK(count(unknown, "mysql_invalid_encoding") == 1);
    CHECK(unknown.counts.translated == 2);
  }
}

TEST_CASE("depth costs a finding, not the stack", "[mysql]") {
  constexpr int kDepth = 100'000;
  const auto times = [](std::string_view text) {
    std::string many;
    many.reserve(text.size() * kDepth);
    for (int i = 0; i < kDepth; ++i) many += text;
    return many;
  };
  const std::string open = times("(");
  const std::string close = times(")");
  const std::string cases[] = {
      "select " + open + "1" + close,
      "select 1 from " + open + "t" + close,
      open + "select 1" + close,
      "select " + times("(select ") + "1" + close,
      "select " + times("abs(") + "1" + close,
      "select " + times("- ") + "1",
      "select " + times("!") + "1",
      "select " + times("a = ") + "1",
      "select " + times("a xor ") + "1",
      "select " + times("case when 1 then ") + "1" + times(" end"),
      "select " + times("interval ") + "1",
      "insert into t values (" + open + "1" + close + ")",
  };
  for (const std::string& text : cases) {
    INFO(text.substr(0, 40));
    const auto t = translate(source_of(text + ";\nselect 1;\n"));
    CHECK(t.counts.reported == 1);
    CHECK(t.counts.translated == 1);
  }
}

TEST_CASE("long chains are no depth", "[mysql]") {
  const auto chain = [](std::string_view first, std::string_view rest, int count) {
    std::string text(first);
    for (int i = 1; i < count; ++i) text += rest;
    return text;
  };
  const std::string cases[] = {
      "delete from t where " + chain("a = 1", " or a = 2", 6000),
      "select " + chain("a", " + a", 15'000) + " from t",
      "select concat(" + chain("a", ", a", 9000) + ") from t",
      chain("select 1", " union all select 2", 5000),
      "select * from t where a in (" + chain("1", ", 2", 50'000) + ")",
      "select 1 from t as t0" + chain("", " join t as t1 on t1.a = t0.a", 2000),
      "select " + chain("not not ", "not not ", 1000) + "a from t",
  };
  for (const std::string& text : cases) {
    INFO(text.substr(0, 60));
    const auto t = translate(source_of("create table t (id int primary key, a int);\n" + text));
    CHECK(t.counts.translated == 2);
  }
}

TEST_CASE("later files know what earlier ones have made", "[mysql]") {
  mysql::History history;
  mysql::TranslateOptions options;
  options.history = &history;
  const auto next = [&](std::string text) {
    return translate(source_of(std::move(text)), options);
  };
  const auto ids = [](const mysql::Translation& translation) {
    std::set<std::string_view> found;
    for (const Diagnostic& finding : translation.findings) found.insert(finding.rule->id);
    return found;
  };
  next(
      "create table p (id bigint unsigned auto_increment primary key, ok tinyint(1), `Mixed` "
      "int);\n"
      "create table c (id bigint not null, n int, b blob, key k (n));\n"
      "create view v as select id from p;\ncreate procedure gone() select 1;\n");

  SECTION("columns and their types") {
    const auto t = next(
        "insert into p values (null, 1, 2);\nalter table c modify b longblob, modify n int not "
        "null "
        "default 3;\nalter table c modify id bigint not null auto_increment;\n"
        "alter table p change mixed plain int;\nselect MIXED from p;\n");
    const std::string& text = t.text.text();
    CHECK(t.counts.reported == 0);
    CHECK(text.find("VALUES (DEFAULT, TRUE, 2)") != std::string::npos);
    CHECK(text.find("ALTER COLUMN n SET DEFAULT 3") != std::string::npos);
    CHECK(text.find("ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY") != std::string::npos);
    CHECK(text.find("RENAME COLUMN \"Mixed\" TO plain") != std::string::npos);
    CHECK(next("select plain from p where ok = 1;\n").text.text().find("WHERE ok = TRUE") !=
          std::string::npos);
  }
  SECTION("nothing is moved into a file that has been written") {
    const auto t = next("alter table c add primary key (id), auto_increment = 5;\n");
    CHECK(t.text.text().find("ADD PRIMARY KEY (id)") != std::string::npos);
    CHECK(ids(t).count("mysql_alter_folded") == 0);
    CHECK(t.counts.reported + t.counts.translated == 1);
  }
  SECTION("keys") {
    const auto t = next(
        "create table d (id int primary key, p_id bigint unsigned, key (p_id), foreign key (p_id) "
        "references p (id));\ndrop index k on c;\nalter table c add key k2 (n);\n");
    CHECK(t.text.text().find("p_id BIGINT CHECK (p_id >= 0)") != std::string::npos);
    CHECK(t.text.text().find("DROP INDEX c_k;") != std::string::npos);
    CHECK(next("alter table c drop key k2;\n").text.text() == "DROP INDEX c_k2;\n");
  }
  SECTION("views and routines") {
    const auto t = next("drop procedure gone;\ndrop table p;\n");
    CHECK(t.counts.noise == 1);
    CHECK(t.text.text() == "DROP VIEW v;\nDROP TABLE p;\n");
  }
  SECTION("a table that is created anew") {
    const auto t = next("create table if not exists c (id int primary key, m int, key k (m));\n");
    CHECK(t.text.text().find("CREATE INDEX c_k ON c (m)") != std::string::npos);
    CHECK(next("alter table c modify m int;\n").counts.reported == 0);
  }
}

TEST_CASE("one INSERT of 16 MB", "[mysql]") {
  std::string text = "create table t (id int primary key, a varchar(200));\ninsert into t values ";
  const std::string value(150, 'x');
  for (int i = 0; text.size() < (size_t{16} << 20); ++i) {
    text += fmt::format("{}({},'{}')", i > 0 ? "," : "", i, value);
  }
  text += ";\n";
  const auto source = source_of(text);
  size_t largest = 0;
  size_t bytes = 0;
  const auto translation = mysql::translate(*source, {}, [&](const mysql::Text& piece) {
    bytes += piece.size();
    for (size_t at = 0; at < piece.size();) {
      const size_t end = std::min(piece.text().find(";\n", at), piece.size());
      largest = std::max(largest, end - at);
      at = end + 2;
    }
  });
  CHECK(translation.counts.translated == 2);
  CHECK(bytes > (size_t{16} << 20));
  CHECK(largest < (size_t{5} << 20));
  CHECK(std::any_of(
      translation.findings.begin(), translation.findings.end(),
      [](const Diagnostic& finding) { return finding.rule->id == "mysql_insert_batched"; }));
}

/// V1_2 before V1_10.
bool in_numbered_order(const fs::path& a, const fs::path& b) {
  const auto key = [](const fs::path& path) {
    std::vector<std::pair<std::string, uint64_t>> parts(1);
    for (const char c : path.filename().string()) {
      if (c >= '0' && c <= '9') {
        parts.back().second = parts.back().second * 10 + static_cast<uint64_t>(c - '0');
      } else {
        if (parts.back().second > 0) parts.emplace_back();
        parts.back().first += c;
      }
    }
    return parts;
  };
  return key(a) < key(b);
}

TEST_CASE("every statement of the MySQL corpus is translated, noise, or reported",
          "[mysql][mysql_corpus]") {
  const char* folder = std::getenv("DSQLINT_MYSQL_CORPUS");
  if (folder == nullptr) {
    skip("mysql over the corpus", "there is no DSQLINT_MYSQL_CORPUS");
    return;
  }
  // As the command line takes them: the files of a folder are one history.
  std::map<fs::path, std::vector<fs::path>> folders;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".sql") {
      folders[entry.path().parent_path()].push_back(entry.path());
    }
  }
  size_t files = 0;
  mysql::StatementCounts sum;
  for (auto& [parent, paths] : folders) {
    std::sort(paths.begin(), paths.end(), in_numbered_order);
    mysql::History history;
    mysql::TranslateOptions options;
    options.history = &history;
    for (const fs::path& path : paths) {
      INFO(path.string());
      ++files;
      auto source = mysql::load(path.string());
      REQUIRE(source);
      const mysql::Translation translation = translate(*source, options);
      sum.read += translation.counts.read;
      sum.translated += translation.counts.translated;
      sum.noise += translation.counts.noise;
      sum.reported += translation.counts.reported;
      // Each statement without output has a finding of its own.
      std::set<Range> spoken_of;
      for (const Diagnostic& finding : translation.findings) spoken_of.insert(finding.statement);
      CHECK(spoken_of.size() >= translation.counts.reported);
    }
  }
  fmt::print("mysql corpus: {} files, {} statements: {} translated, {} noise, {} reported\n", files,
             sum.read, sum.translated, sum.noise, sum.reported);
}

}  // namespace
}  // namespace dsqlint::test
