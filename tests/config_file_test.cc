// dsqlint.toml: what it means, where it is looked for, and what its errors say.

#include "engine/lint/config_file.h"

#include <array>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> kRules = {"foreign_key", "parse_error", "temp_table",
                                                    "truncate"};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Result<ConfigFile> read(std::string_view toml, const std::string& name = "dsqlint.toml") {
  const Sandbox box;
  box.write(name, toml);
  return read_config_file(box.path(name), kRules);
}

TEST_CASE("all settings are read", "[config_file]") {
  const auto config = read(R"(
engine = 2026-08-01
dialect = "postgres"
fail-on = "warning"
select = ["temp_table", "truncate"]
ignore = "truncate"
exclude = ["vendor/**", "*.gen.sql"]
baseline = "baseline.json"
migrations = ["db/migrations"]

[severity]
temp_table = "info"
foreign_key = "off"

[[per-path]]
path = "legacy/**"
ignore = ["temp_table"]

[[per-path]]
path = ["legacy/new/**", "*.test.sql"]
select = ["truncate"]
severity = { truncate = "warning", temp_table = "error" }
)");
  REQUIRE(config);
  CHECK(config->engine == parse_date("2026-08-01"));
  CHECK(config->dialect == "postgres");
  CHECK(config->fail_on == Severity::Warning);
  CHECK(config->baseline == "baseline.json");
  CHECK(config->migrations == std::vector<std::string>{"db/migrations"});
  const auto path = [&](std::string_view name) { return config->folder + "/" + std::string(name); };
  CHECK(config->excludes(path("vendor/a/b.sql")));
  CHECK(config->excludes(path("x/y.gen.sql")));
  CHECK(!config->excludes(path("src/vendor/b.sql")));
  CHECK(!config->excludes("/elsewhere/vendor/b.sql"));
  CHECK(config->relative(path("a/b.sql")) == "a/b.sql");

  const Config top = config->config_for(path("a.sql"));
  CHECK(top.engine.date() == *parse_date("2026-08-01"));
  CHECK(top.enabled("temp_table"));
  CHECK(!top.enabled("truncate"));
  CHECK(!top.enabled("foreign_key"));
  CHECK(top.severity.at("temp_table") == Severity::Info);
  const Config legacy = config->config_for(path("legacy/a.sql"));
  CHECK(!legacy.enabled("temp_table"));
  const Config fresh = config->config_for(path("legacy/new/a.sql"));
  CHECK(fresh.select.count("truncate") == 1);
  CHECK(fresh.enabled("truncate"));
  CHECK(!fresh.enabled("foreign_key"));
}

TEST_CASE("errors name the place and the next step", "[config_file]") {
  struct Row {
    std::string_view toml;
    std::string_view place;
    std::string_view says;
  };
  const Row rows[] = {
      {"engin = 2026-08-01", ":1:1: ", "unknown key `engin`; did you mean `engine`?"},
      {"\nzzzzzzzz = 1", ":2:1: ", "the keys are baseline, dialect,"},
      {"engine = 5", ":1:10: ", "`engine` must be a date, like 2026-10-04"},
      {"engine = \"soon\"", ":1:10: ", "`soon` is not a date"},
      {"engine = 2031-01-01", ":1:10: ", "choose a date from"},
      {"dialect = \"oracle\"", ":1:11: ", "\"postgres\", \"mysql\", \"auto\""},
      {"fail-on = \"never\"", ":1:11: ", "\"error\", \"warning\", \"info\""},
      {"ignore = [\n  \"temp_table\",\n  \"temp_tabel\"]", ":3:3: ", "did you mean `temp_table`?"},
      {"ignore = [1]", ":1:11: ", "list of strings"},
      {"select = true", ":1:10: ", "list of strings"},
      {"exclude = 1", ":1:11: ", "list of strings"},
      {"exclude = [\"../x\"]", ":1:12: ", "below this folder"},
      {"severity = 1", ":1:12: ", "[severity]"},
      {"[severity]\ntruncat = \"info\"", ":2:1: ", "did you mean `truncate`?"},
      {"[severity]\ntruncate = \"loud\"", ":2:12: ", "\"off\""},
      {"[per-path]\npath = \"a\"", ":1:1: ", "[[per-path]]"},
      {"[[per-path]]\nignore = [\"truncate\"]", ":1:1: ", "`path` is missing"},
      {"[[per-path]]\npath = \"a\"\nignor = []", ":3:1: ", "per-path.ignor"},
      {"ignore = [", ":1:11: ", "this is not valid TOML"},
      {"engine = 2026-08-01\nengine = 2026-08-02", ":2:", "this is not valid TOML"},
  };
  for (const Row& row : rows) {
    INFO(row.toml);
    const auto config = read(row.toml);
    REQUIRE(!config);
    INFO(config.error().message);
    CHECK(contains(config.error().message, "dsqlint.toml" + std::string(row.place)));
    CHECK(contains(config.error().message, row.says));
  }
}

TEST_CASE("pyproject.toml has a part of its own", "[config_file]") {
  const auto config =
      read("[tool.other]\nx = 1\n[tool.dsqlint]\nignore = [\"truncate\"]\n", "pyproject.toml");
  REQUIRE(config);
  CHECK(config->all.ignore.count("truncate") == 1);
  CHECK(!read("[project]\ndependencies = [\"dsqlint\"]\n", "pyproject.toml"));
  const auto wrong = read("[tool]\ndsqlint = 1\n", "pyproject.toml");
  REQUIRE(!wrong);
  CHECK(contains(wrong.error().message, "pyproject.toml:2"));
}

TEST_CASE("the nearest configuration counts", "[config_file]") {
  const Sandbox box;
  const std::string sql = "create temp table t (id int);\n";
  box.write("dsqlint.toml", "ignore = [\"temp_table\"]\n");
  box.write("a.sql", sql);
  box.write("sub/a.sql", sql);
  box.write("sub/near/a.sql", sql);
  box.write("sub/near/dsqlint.toml", "[severity]\ntemp_table = \"warning\"\n");
  box.write("sub/py/a.sql", sql);
  box.write("sub/py/pyproject.toml", "[tool.dsqlint]\nexclude = [\"*.sql\"]\n");
  box.write("sub/plain/a.sql", sql);
  box.write("sub/plain/pyproject.toml", "[project]\nname = \"x\"\n");
  const auto check = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"check", "--format", "json"});
    const Ended ended = run({.arguments = arguments, .folder = box.path()});
    INFO(ended.err);
    REQUIRE(ended.exit_code != 2);
    std::map<std::string, std::string> found;
    const Json report = Json::parse(ended.out);
    for (const Json& file : report["files"]) {
      std::string severities;
      for (const Json& finding : file["diagnostics"]) {
        severities += finding["severity"].get<std::string>();
      }
      found[file["file"]] = severities;
    }
    return found;
  };
  using Found = std::map<std::string, std::string>;
  CHECK(check({"."}) == Found{{"a.sql", ""},
                              {"sub/a.sql", ""},
                              {"sub/near/a.sql", "warning"},
                              {"sub/plain/a.sql", ""}});
  CHECK(check({"--no-config", "sub/near"}) == Found{{"sub/near/a.sql", "error"}});
  CHECK(check({"--config", "sub/near/dsqlint.toml", "a.sql"}) == Found{{"a.sql", "warning"}});
  // What is asked for on the command line wins.
  CHECK(check({"--select", "temp_table", "a.sql"}) == Found{{"a.sql", "error"}});
  CHECK(check({"--ignore", "temp_table", "sub/near"}) == Found{{"sub/near/a.sql", ""}});
  // A named file is wanted although it is excluded, unless said otherwise.
  CHECK(check({"sub/py/a.sql"}) == Found{{"sub/py/a.sql", "error"}});
  CHECK(check({"--force-exclude", "sub/py/a.sql"}) == Found{});
  const Ended stdin_run = run({.arguments = {"check", "-"}, .folder = box.path(), .input = sql});
  CHECK(stdin_run.exit_code == 0);
}

TEST_CASE("a configuration that does not hold stops the run", "[config_file]") {
  const Sandbox box;
  box.write("a.sql", "create temp table t (id int);\n");
  box.write("dsqlint.toml", "ignore = [\"temp_tabel\"]\n");
  for (const std::string command : {"check", "fix"}) {
    const Ended ended = run({.arguments = {command, "a.sql"}, .folder = box.path()});
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, "dsqlint.toml:1:11: `temp_tabel` is not a rule; did you mean"));
  }
  CHECK(box.read("a.sql") == "create temp table t (id int);\n");
}

TEST_CASE("fail-on of the configuration decides the exit code", "[config_file]") {
  const Sandbox box;
  box.write("a.sql", "create temp table t (id int);\n");
  box.write("dsqlint.toml", "[severity]\ntemp_table = \"warning\"\n");
  CHECK(run({.arguments = {"check", "a.sql"}, .folder = box.path()}).exit_code == 0);
  box.write("dsqlint.toml", "fail-on = \"warning\"\n[severity]\ntemp_table = \"warning\"\n");
  CHECK(run({.arguments = {"check", "a.sql"}, .folder = box.path()}).exit_code == 1);
  CHECK(run({.arguments = {"check", "--fail-on", "error", "a.sql"}, .folder = box.path()})
            .exit_code == 0);
}

}  // namespace
}  // namespace dsqlint::test
