// The report formats, over text with characters of one to four bytes: places, fixes, fingerprints.

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/catch.h"
#include "tests/support/json_schema.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view kSql =
    "-- é😀\n"
    "select 'é😀'; create temp table t (id int);\r\n"
    "create temp table u (id int);\n"
    "selec '<&\"%:,';\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Reported {
  Sandbox box;
  Reported() {
    box.write("sub dir/ä,b:c.sql", kSql);
    box.write("clean.sql", "select 1;\n");
    box.write("latin.sql", "\xE9");
  }
  Ended report(const std::string& format, std::vector<std::string> paths = {"."}) const {
    paths.insert(paths.begin(), {"check", "--format", format});
    return run({.arguments = paths, .folder = box.path()});
  }
  std::string fixed(const std::string& name) const {
    return run({.arguments = {"fix", name, "-o", "-"}, .folder = box.path()}).out;
  }
};

/// The byte of the `count`th code point.
size_t byte_of(const std::string& text, size_t count) {
  size_t i = 0;
  for (; count > 0; --count) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
  }
  return i;
}

TEST_CASE("sarif holds to its schema", "[reports]") {
  const char* folder = std::getenv("DSQLINT_SCHEMAS");
  const std::string path =
      (folder != nullptr ? std::string(folder) : DSQLINT_SOURCE_DIR "/../shared/schemas") +
      "/sarif-2.1.0.json";
  if (!fs::exists(path)) {
    skip("the schema of SARIF", "there is no sarif-2.1.0.json in DSQLINT_SCHEMAS");
    return;
  }
  std::ifstream stream(path);
  const Json schema = Json::parse(stream);
  const Reported reported;
  reported.box.write("silenced.sql", "vacuum; -- dsqlint: ignore unsupported_vacuum: why\n");
  for (const std::vector<std::string>& paths : {std::vector<std::string>{"."},
                                                {"clean.sql"},
                                                {"silenced.sql"},
                                                {"none.sql"},
                                                {"sub dir", "/none.sql"}}) {
    const Json log = Json::parse(reported.report("sarif", paths).out);
    const std::vector<std::string> violations = schema_violations(log, schema);
    INFO((violations.empty() ? "" : violations.front()));
    CHECK(violations.empty());
  }
  Json wrong = Json::parse(reported.report("sarif").out);
  wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0;
  CHECK(!schema_violations(wrong, schema).empty());
}

TEST_CASE("sarif places are code points, and its fixes give what fix writes", "[reports]") {
  const Reported reported;
  const Ended ended = reported.report("sarif");
  CHECK(ended.exit_code == 1);
  const Json log = Json::parse(ended.out);
  const Json& run = log["runs"][0];
  CHECK(run["columnKind"] == "unicodeCodePoints");
  REQUIRE(run["results"].size() == 3);
  const Json& first = run["results"][0];
  CHECK(first["ruleId"] == "temp_table");
  const Json& place = first["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "sub%20dir/%C3%A4%2Cb%3Ac.sql");
  CHECK(place["artifactLocation"]["uriBaseId"] == "SRCROOT");
  CHECK(place["region"]["startLine"] == 2);
  CHECK(place["region"]["startColumn"] == 21);
  CHECK(place["region"]["endColumn"] == 25);
  CHECK(place["region"]["charOffset"] == 26);
  CHECK(place["region"]["snippet"]["text"] == "temp");
  CHECK(run["invocations"][0]["exitCode"] == 1);
  CHECK(run["invocations"][0]["executionSuccessful"] == false);
  CHECK(contains(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
                 "non-UTF-8"));
  std::set<std::string> rules;
  for (const Json& rule : run["tool"]["driver"]["rules"]) rules.insert(rule["id"]);
  CHECK(rules == std::set<std::string>{"parse_error", "temp_table"});

  for (const bool by_characters : {true, false}) {
    std::string text(kSql);
    for (auto result = run["results"].rbegin(); result != run["results"].rend(); ++result) {
      if (!result->contains("fixes")) continue;
      const Json& replacements = (*result)["fixes"][0]["artifactChanges"][0]["replacements"];
      for (auto edit = replacements.rbegin(); edit != replacements.rend(); ++edit) {
        const Json& gone = (*edit)["deletedRegion"];
        const size_t begin =
            by_characters ? byte_of(text, gone["charOffset"]) : gone["byteOffset"].get<size_t>();
        const size_t end =
            by_characters
                ? byte_of(text, gone["charOffset"].get<size_t>() + gone["charLength"].get<size_t>())
                : begin + gone["byteLength"].get<size_t>();
        text.replace(begin, end - begin, (*edit)["insertedContent"]["text"].get<std::string>());
      }
    }
    CHECK(text == reported.fixed("sub dir/ä,b:c.sql"));
  }
}

TEST_CASE("sarif tells what is suppressed, and why", "[reports]") {
  const Sandbox box;
  box.write("a.sql",
            "create temp table t (id int);\n"
            "create temp table u (id int); -- dsqlint: ignore temp_table: é, by hand\n"
            "/* dsqlint: ignore temp_table */\n"
            "create temp table v (id int);\n"
            "create temp table w (id int);\n");
  const auto check = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"check", "--baseline", "known.json"});
    return run({.arguments = flags, .folder = box.path()});
  };
  CHECK(check({"--update-baseline", "a.sql"}).exit_code == 0);
  box.write("a.sql", "create temp table new (id int);\n" + box.read("a.sql"));
  const Ended ended = check({"--format", "sarif", "a.sql"});
  CHECK(ended.exit_code == 1);
  const Json results = Json::parse(ended.out)["runs"][0]["results"];
  std::set<std::pair<int, std::string>> told;
  for (const Json& result : results) {
    const int line = result["locations"][0]["physicalLocation"]["region"]["startLine"];
    told.emplace(line, result["suppressions"].dump());
  }
  const std::string external = R"([{"justification":"known from the baseline","kind":"external"}])";
  CHECK(told == std::set<std::pair<int, std::string>>{
                    {1, "[]"},
                    {2, external},
                    {3, R"([{"justification":"é, by hand","kind":"inSource"}])"},
                    {5, R"([{"kind":"inSource"}])"},
                    {6, external}});
  // They count for nothing else.
  box.write("b.sql", "create temp table u (id int); -- dsqlint: ignore temp_table: why\n");
  const Ended clean =
      run({.arguments = {"check", "--format", "sarif", "b.sql"}, .folder = box.path()});
  CHECK(clean.exit_code == 0);
  CHECK(Json::parse(clean.out)["runs"][0]["tool"]["driver"]["rules"].size() == 1);
  const Ended mysql = run({.arguments = {"check", "--format", "sarif", "--dialect", "mysql", "-"},
                           .folder = box.path(),
                           .input = "create table t (a enum('x')); # dsqlint: ignore: old tool\n"});
  const Json run = Json::parse(mysql.out)["runs"][0];
  REQUIRE(!run["results"].empty());
  for (const Json& result : run["results"]) {
    CHECK(result["suppressions"][0]["justification"] == "old tool");
  }
}

TEST_CASE("fingerprints follow the statement, not its place or layout", "[reports]") {
  const auto print = [](const std::string& sql) {
    const Sandbox box;
    const Json log = Json::parse(
        run({.arguments = {"check", "--format", "sarif", "-"}, .folder = box.path(), .input = sql})
            .out);
    return log["runs"][0]["results"][0]["partialFingerprints"]["dsqlintFinding/v1"]
        .get<std::string>();
  };
  const std::string known = print("create temp table t (id int);");
  CHECK(print("\n\nselect 1;\nCREATE  TEMP\tTABLE t -- why\n (id int)") == known);
  CHECK(print("create temp table \"t\" (id int);") != known);
  CHECK(print("create temp table t (id int, b int);") != known);
}

TEST_CASE("github annotations escape what would be misread", "[reports]") {
  const Reported reported;
  const Ended ended = reported.report("github");
  CHECK(contains(ended.out,
                 "::error file=sub dir/ä%2Cb%3Ac.sql,line=2,col=21,endLine=2,"
                 "endColumn=25,title=dsqlint(temp_table)::table `t` is temporary%0A"));
  CHECK(contains(ended.out, "::error file=latin.sql,title=dsqlint::latin.sql:1:1: non-UTF-8"));
  // One command a line.
  for (size_t begin = 0; begin < ended.out.size(); begin = ended.out.find('\n', begin) + 1) {
    CHECK(ended.out.compare(begin, 8, "::error ") == 0);
  }
}

TEST_CASE("gitlab's fingerprints are unique", "[reports]") {
  const Reported reported;
  reported.box.write("twice.sql", "create temp table t (id int);\ncreate temp table u (id int);\n");
  const Json report = Json::parse(reported.report("gitlab").out);
  REQUIRE(report.size() == 5);
  std::set<std::string> prints;
  for (const Json& finding : report) {
    prints.insert(finding["fingerprint"].get<std::string>());
    CHECK(finding["description"].is_string());
    CHECK(finding["check_name"].is_string());
    CHECK(finding["severity"] == "major");
    CHECK(finding["location"]["lines"]["begin"].get<int>() >= 1);
    CHECK(!finding["location"]["path"].get<std::string>().starts_with("./"));
  }
  CHECK(prints.size() == 5);
  CHECK(Json::parse(reported.report("gitlab", {"clean.sql"}).out) == Json::array());
}

TEST_CASE("junit is well-formed, with a case for each finding", "[reports]") {
  const Reported reported;
  const std::string xml = reported.report("junit").out;
  reported.box.write("report.xml", xml);
  const std::string script =
      "import sys, xml.etree.ElementTree as e\n"
      "r = e.parse(sys.argv[1]).getroot()\n"
      "s = {x.get('name'): x for x in r}\n"
      "d = s['sub dir/ä,b:c.sql']\n"
      "assert d.get('tests') == '3' and d.get('failures') == '3', d.attrib\n"
      "assert s['latin.sql'].get('errors') == '1'\n"
      "assert s['clean.sql'].get('failures') == '0'\n"
      "assert '<&\"%:,' not in r.attrib\n"
      "f = d[0].find('failure')\n"
      "assert f.get('message') == 'table `t` is temporary', f.attrib\n"
      "assert f.text.startswith('sub dir/ä,b:c.sql:2:21: '), f.text\n";
  reported.box.write("check.py", script);
  const Ended ended = run({.arguments = {"check.py", "report.xml"},
                           .program = "/usr/bin/python3",
                           .folder = reported.box.path(),
                           .environment = {{"PYTHONUTF8", "1"}}});
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
}

TEST_CASE("rdjson counts columns in bytes and suggests what fix does", "[reports]") {
  const Reported reported;
  const Json report = Json::parse(reported.report("rdjson", {"sub dir"}).out);
  CHECK(report["source"]["name"] == "dsqlint");
  REQUIRE(report["diagnostics"].size() == 3);
  const Json& first = report["diagnostics"][0];
  CHECK(first["location"]["path"] == "sub dir/ä,b:c.sql");
  const std::string line = "select 'é😀'; create temp";
  CHECK(first["location"]["range"]["start"] ==
        Json({{"line", 2}, {"column", line.find("temp") + 1}}));
  CHECK(first["severity"] == "ERROR");
  CHECK(first["code"]["value"] == "temp_table");
  const Json& suggestion = first["suggestions"][0];
  std::string text = "select 'é😀'; create temp table t (id int);";
  const size_t begin = suggestion["range"]["start"]["column"].get<size_t>() - 1;
  const size_t end = suggestion["range"]["end"]["column"].get<size_t>() - 1;
  text.replace(begin, end - begin, suggestion["text"].get<std::string>());
  CHECK(contains(reported.fixed("sub dir/ä,b:c.sql"), text));
  CHECK(Json::parse(reported.report("rdjson", {"clean.sql"}).out)["diagnostics"].empty());
}

TEST_CASE("reports of a fix tell what is left", "[reports]") {
  for (const std::string format : {"sarif", "github", "gitlab", "junit", "rdjson"}) {
    const Reported reported;
    const Ended ended =
        run({.arguments = {"fix", "--format", format, "sub dir"}, .folder = reported.box.path()});
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.out, "parse_error"));
    CHECK(!contains(ended.out, "temp_table"));
  }
}

TEST_CASE("file names of any bytes can be reported", "[reports]") {
  const Sandbox box;
  box.write("caf\xE9.sql", "create temp table t (id int);\n");
  for (const std::string format : {"json", "sarif", "gitlab", "rdjson", "github", "junit"}) {
    const Ended ended =
        run({.arguments = {"check", "--format", format, "."}, .folder = box.path()});
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.out, "temp_table"));
  }
}

TEST_CASE("places are hyperlinks on terminals only", "[reports]") {
  const Reported reported;
  Call call{.arguments = {"check", "sub dir"}, .folder = reported.box.path(), .out = Out::Terminal};
  CHECK(contains(run(call).out, "\x1b]8;;file://" + reported.box.path("sub%20dir")));
  call.out = Out::Captured;
  call.arguments.insert(call.arguments.end(), {"--color", "always"});
  CHECK(!contains(run(call).out, "\x1b]8;"));
}

}  // namespace
}  // namespace dsqlint::test
