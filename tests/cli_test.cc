// `dsqlint` as users run it: paths, formats, exit codes, and what a fix does to files.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view kReview = "create temp table t (id int);\n";
constexpr std::string_view kReviewFixed = "create table t (id int);\n";
constexpr std::string_view kExact = "alter table t set without oids;\n";
constexpr std::string_view kUnfixable = "selec 1;\n";
constexpr std::string_view kWarning = "-- dsqlint: ignore temp_table\nselect 1;\n";
constexpr std::string_view kClean = "select 1;\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string all(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

Ended dsqlint(const Sandbox& box, std::vector<std::string> arguments, std::string input = {}) {
  return run({.arguments = std::move(arguments), .folder = box.path(), .input = std::move(input)});
}

TEST_CASE("check and fix have the exit codes of the README", "[cli]") {
  struct Row {
    std::string sql;
    std::vector<std::string> flags;
    int check;
    int fix;
  };
  const Row rows[] = {
      {"", {}, 0, 0},
      {std::string(kClean), {}, 0, 0},
      {std::string(kExact), {}, 1, 0},
      {std::string(kReview), {}, 1, 3},
      {std::string(kUnfixable), {}, 1, 1},
      {all({kExact, kReview}), {}, 1, 3},
      {all({kExact, kReview, kUnfixable}), {}, 1, 1},
      {std::string(kWarning), {}, 0, 0},
      {std::string(kWarning), {"--fail-on", "warning"}, 1, 1},
      {std::string(kWarning), {"--fail-on", "info"}, 1, 1},
      {std::string(kReview), {"--ignore", "temp_table"}, 0, 0},
      {std::string(kReview), {"--select", "parse_error,psql_variable"}, 0, 0},
      {std::string("caf\xE9"), {}, 1, 1},
      {std::string("select\0 1;", 10), {}, 1, 1},
  };
  for (const Row& row : rows) {
    INFO(row.sql);
    const Sandbox box;
    box.write("a.sql", row.sql);
    std::vector<std::string> arguments = {"check", "a.sql"};
    arguments.insert(arguments.end(), row.flags.begin(), row.flags.end());
    const Ended check = dsqlint(box, arguments);
    INFO(check.out << check.err);
    CHECK(check.exit_code == row.check);
    CHECK(box.read("a.sql") == row.sql);
    arguments[0] = "fix";
    CHECK(dsqlint(box, arguments).exit_code == row.fix);
    CHECK(box.files() == std::vector<std::string>{"a.sql"});
  }
}

TEST_CASE("--safe-only leaves what needs review, and that counts as left", "[cli]") {
  const Sandbox box;
  box.write("a.sql", all({kExact, kReview}));
  CHECK(dsqlint(box, {"fix", "--safe-only", "a.sql"}).exit_code == 1);
  CHECK(contains(box.read("a.sql"), "create temp table"));
  CHECK(!contains(box.read("a.sql"), "oids"));
}

TEST_CASE("wrong usage is exit code 2, with the next step", "[cli]") {
  const Sandbox box;
  box.write("a.sql", kClean);
  box.write("b.sql", kClean);
  struct Row {
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Row rows[] = {
      {{}, "subcommand"},
      {{"chek", "a.sql"}, "`chek` is not a command; did you mean `check`?"},
      {{"a.sql"}, "the commands are check, fix, "},
      {{"check"}, "name files"},
      {{"check", "--nonsense", "a.sql"}, "--nonsense"},
      {{"check", "--format", "xml", "a.sql"}, "--format"},
      {{"check", "--engine", "yesterday", "a.sql"}, "is not a date"},
      {{"check", "--engine", "2020-01-01", "a.sql"}, "choose a date from"},
      {{"check", "--select", "temp_tabel", "a.sql"}, "did you mean `temp_table`?"},
      {{"check", "--ignore", "xyzzy", "a.sql"}, "`dsqlint rules` lists them"},
      {{"check", "--fail-on", "never", "a.sql"}, "--fail-on"},
      {{"check", "-j", "0", "a.sql"}, "--jobs"},
      {{"check", "--config", "none.toml", "a.sql"}, "none.toml"},
      {{"check", "-", "-"}, "`-` can be given only once"},
      {{"fix", "-o", "c.sql", "a.sql", "b.sql"}, "one file"},
      {{"fix", "-o", "c.sql", "."}, "is a folder"},
      {{"fix", "--diff", "-o", "c.sql", "a.sql"}, "--diff"},
      {{"explain", "temp_tabel"}, "did you mean `temp_table`?"},
      {{"explain"}, "RULE"},
  };
  for (const Row& row : rows) {
    const Ended ended = dsqlint(box, row.arguments);
    INFO((row.arguments.empty() ? "" : row.arguments.back()) << ": " << ended.err);
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, row.says));
  }
}

TEST_CASE("a report does not take the place of the SQL, nor a folder that of a file", "[cli]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  for (const char* format : {"github", "gitlab", "junit", "rdjson", "sarif"}) {
    const Ended ended = dsqlint(box, {"fix", "--format", format, "-"}, std::string(kReview));
    CHECK(ended.exit_code == 2);
    CHECK(contains(ended.err, "-o FILE"));
    CHECK(dsqlint(box, {"fix", "--format", format, "-o", "-", "a.sql"}).exit_code == 2);
    CHECK(dsqlint(box, {"fix", "--format", format, "-o", "b.sql", "a.sql"}).exit_code == 3);
  }
  CHECK(contains(dsqlint(box, {"check", "--config", ".", "a.sql"}).err, "that is a folder"));
  CHECK(dsqlint(box, {"check", "--config", ".", "a.sql"}).exit_code == 2);
  CHECK(contains(dsqlint(box, {"check", "--baseline", ".", "a.sql"}).err, "that is a folder"));
  const std::vector<std::string> update = {"check", "--update-baseline", "--baseline", "b.json",
                                           "-"};
  CHECK(contains(dsqlint(box, update, std::string(kReview)).err, "--stdin-filename"));
}

TEST_CASE("help, version, rules and explain print and exit with 0", "[cli]") {
  const Sandbox box;
  CHECK(contains(dsqlint(box, {"--help"}).out, "check"));
  CHECK(contains(dsqlint(box, {"check", "--help"}).out, "--fail-on"));
  CHECK(dsqlint(box, {"--version"}).out.starts_with("dsqlint "));
  CHECK(contains(dsqlint(box, {"rules"}).out, "\ntemp_table "));
  const Json rules = Json::parse(dsqlint(box, {"rules", "--format", "json"}).out);
  CHECK(rules.size() > 5);
  CHECK(rules[0].contains("summary"));
  CHECK(contains(dsqlint(box, {"explain", "temp_table"}).out, "`fix` makes of it:"));
  for (const std::string flag : {"--help", "--version", "rules"}) {
    CHECK(dsqlint(box, {flag}).exit_code == 0);
    CHECK(run({.arguments = {flag}, .out = Out::ClosedPipe}).exit_code == 0);
    CHECK(run({.arguments = {flag}, .out = Out::FullDevice}).exit_code == 1);
  }
}

TEST_CASE("completions, manual page and schema are made from the commands", "[cli]") {
  const Sandbox box;
  box.write("bash.sh", dsqlint(box, {"completions", "bash"}).out);
  box.write("try.sh",
            "source bash.sh\n"
            "COMP_WORDS=(dsqlint check --form) COMP_CWORD=2; _dsqlint; echo \"${COMPREPLY[@]}\"\n"
            "COMP_WORDS=(dsqlint check --format sa) COMP_CWORD=3; _dsqlint; echo "
            "\"${COMPREPLY[@]}\"\n"
            "COMP_WORDS=(dsqlint ch) COMP_CWORD=1; _dsqlint; echo \"${COMPREPLY[@]}\"\n");
  CHECK(run({.arguments = {"try.sh"}, .program = "/bin/bash", .folder = box.path()}).out ==
        "--format\nsarif\ncheck\n");
  CHECK(contains(dsqlint(box, {"completions", "zsh"}).out, "#compdef dsqlint"));
  CHECK(contains(dsqlint(box, {"completions", "fish"}).out, "-l safe-only"));
  CHECK(dsqlint(box, {"completions", "tcsh"}).exit_code == 2);
  const std::string manual = dsqlint(box, {"man"}).out;
  CHECK(manual.starts_with(".TH DSQLINT 1"));
  CHECK(contains(manual, "\\fB\\-\\-fail\\-on\\fR"));
  const Json schema = Json::parse(dsqlint(box, {"schema"}).out);
  CHECK(schema["properties"]["severity"]["properties"].contains("temp_table"));
  CHECK(schema["properties"].size() == 11);
}

TEST_CASE("folders are searched for SQL files, without what git ignores", "[cli]") {
  const Sandbox box;
  for (const char* name : {"z.sql", "a.SQL", "notes.txt", "sub/b.sql", "sub/deep/c.sql",
                           "build/d.sql", "sub/build/keep.sql", "node_modules/e.sql", ".git/f.sql",
                           "tmp1.sql", "sub/kept/tmp2.sql", "gone/tmp3.sql"}) {
    box.write(name, kReview);
  }
  box.write(".gitignore", "/build/\ntmp?.sql\ngone\n");
  box.write("sub/kept/.gitignore", "!tmp2.sql\n");
  fs::create_directory_symlink("..", box.path("sub/circle"));
  const Json report = Json::parse(dsqlint(box, {"check", ".", "--format", "json"}).out);
  std::vector<std::string> files;
  for (const Json& file : report["files"]) files.push_back(file["file"]);
  CHECK(files == std::vector<std::string>{"a.SQL", "z.sql", "sub/b.sql", "sub/build/keep.sql",
                                          "sub/deep/c.sql", "sub/kept/tmp2.sql"});
  // The rules of the folders above hold where a run begins below them.
  const Json below = Json::parse(dsqlint(box, {"check", "sub", "--format", "json"}).out);
  CHECK(below["files"].size() == 4);
  // A file that is named is wanted; none is done twice.
  const Json named = Json::parse(
      dsqlint(box, {"check", "tmp1.sql", "./tmp1.sql", "sub", "sub/b.sql", "--format", "json"})
          .out);
  CHECK(named["files"].size() == 5);
}

TEST_CASE("patterns are expanded where the shell has not done it", "[cli]") {
  const Sandbox box;
  for (const char* name : {"a.sql", "V1.ddl", "db/V2.sql", "db/deep/er/V3.sql", "db/x.sql"}) {
    box.write(name, kClean);
  }
  const auto files = [&](const std::string& pattern) {
    std::vector<std::string> found;
    const Json report = Json::parse(dsqlint(box, {"check", "--format", "json", pattern}).out);
    for (const Json& file : report["files"]) {
      found.push_back(file["error"].is_null() ? file["file"] : Json("error"));
    }
    return found;
  };
  using Names = std::vector<std::string>;
  CHECK(files("*.sql") == Names{"a.sql"});
  CHECK(files("V*") == Names{"V1.ddl"});
  CHECK(files("db/**/V*.sql") == Names{"db/V2.sql", "db/deep/er/V3.sql"});
  CHECK(files("**/V?.*") == Names{"V1.ddl", "db/V2.sql", "db/deep/er/V3.sql"});
  CHECK(files("./db/[wx].sql") == Names{"./db/x.sql"});
  CHECK(files(box.path("db/*.sql")) == Names{box.path("db/V2.sql"), box.path("db/x.sql")});
  CHECK(files("none/*.sql") == Names{"error"});
  CHECK(files("db/*.none") == Names{"error"});
  // A file whose name looks like a pattern is that file.
  box.write("odd[1].sql", kClean);
  CHECK(files("odd[1].sql") == Names{"odd[1].sql"});
}

TEST_CASE("down scripts know what they take back, and leave no mark", "[cli]") {
  const Sandbox box;
  box.write("m/1_a.up.sql", "create table a (id int primary key, n text);\n");
  box.write("m/1_a.down.sql", "drop table a;\n");
  box.write("m/2_b.up.sql", "alter table a add constraint u unique (n);\n");
  box.write("m/2_b.down.sql", "alter table a drop constraint u;\n");
  box.write("m/3_c.up.sql", "create index async on a (n, missing);\n");
  box.write("m/3_c.down.sql", "alter table a add column late jsonb;\n");
  box.write("m/4_d.sql", "create index async on a (late);\n");
  const auto folder = dsqlint(box, {"check", "m"}).out;
  CHECK(contains(folder, "2_b.down.sql:1:15: error[replaced_constraint_reference]"));
  CHECK(!contains(folder, "4_d.sql"));
  // A shell names them in another order.
  CHECK(dsqlint(box, {"check", "m/1_a.down.sql", "m/1_a.up.sql", "m/2_b.down.sql", "m/2_b.up.sql",
                      "m/3_c.down.sql", "m/3_c.up.sql", "m/4_d.sql"})
            .out == folder);
  CHECK(dsqlint(box, {"fix", "-q", "m"}).exit_code == 3);
  CHECK(box.read("m/2_b.down.sql") == "drop index u;\n");
}

TEST_CASE("links to one file are one, hard links are files of their own", "[cli]") {
  const Sandbox box;
  box.write("m/a.sql", kReview);
  fs::create_hard_link(box.path("m/a.sql"), box.path("m/b.sql"));
  fs::create_symlink("a.sql", box.path("m/c.sql"));
  CHECK(contains(dsqlint(box, {"fix", "m"}).out, "2 files read: 2 fixes"));
  CHECK(box.read("m/b.sql") == kReviewFixed);
  CHECK(fs::is_symlink(box.path("m/c.sql")));
}

TEST_CASE("a translation is named, and is no input of the next one", "[cli]") {
  const Sandbox box;
  box.write("m/a.sql", "create table `t` (`id` int auto_increment primary key);\n");
  CHECK(contains(dsqlint(box, {"check", "--dialect", "mysql", "m"}).out,
                 "`dsqlint fix --dialect mysql` rewrites"));
  for (int i = 0; i < 2; ++i) {
    const Ended ended = dsqlint(box, {"fix", "--dialect", "mysql", "m"});
    CHECK(contains(ended.out, "m/a.sql: written to m/a-fixed.sql\n"));
    CHECK(contains(ended.out, "in 1 file"));
  }
  CHECK(!fs::exists(box.path("m/a-fixed-fixed.sql")));
}

TEST_CASE("names and messages cannot command a terminal", "[cli]") {
  const Sandbox box;
  box.write("a\x1b[31m.sql", "truncate \"b\x1b]0;x\x07\";\n");
  const Ended ended = dsqlint(box, {"check", "."});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out, "a [31m.sql:1:1"));
  CHECK(ended.out.find('\x1b') == std::string::npos);
  CHECK(ended.out.find('\x07') == std::string::npos);
}

TEST_CASE("a path that cannot be read is said, and the others are still done", "[cli]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  box.write("latin.sql", "select 'caf\xE9';");
  box.write("nul.sql", std::string_view("select\0 1;", 10));
  fs::create_directory(box.path("empty"));
  const std::vector<std::string> paths = {"none.sql", "empty", "latin.sql", "nul.sql", "a.sql"};
  for (const std::string command : {"check", "fix"}) {
    std::vector<std::string> arguments = {command};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    const Ended ended = dsqlint(box, arguments);
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "none.sql: cannot be read: No such file"));
    CHECK(contains(ended.err, "empty: there is no .sql file"));
    CHECK(contains(ended.err, "latin.sql:1:12: non-UTF-8"));
    CHECK(contains(ended.err, "nul.sql:1:7: NUL byte"));
    CHECK(contains(ended.out, "temp_table"));
  }
  CHECK(box.read("a.sql") == kReviewFixed);
  CHECK(box.read("latin.sql") == "select 'caf\xE9';");
}

TEST_CASE("standard input is checked and fixed as a filter", "[cli]") {
  const Sandbox box;
  const Ended check = dsqlint(box, {"check", "-"}, std::string(kReview));
  CHECK(check.exit_code == 1);
  CHECK(contains(check.out, "<stdin>:1:8: error[temp_table]"));
  const Ended fix = dsqlint(box, {"fix", "-"}, std::string(kReview));
  CHECK(fix.exit_code == 3);
  CHECK(fix.out == kReviewFixed);
  CHECK(contains(fix.err, "temp_table"));
  const Ended json = dsqlint(box, {"fix", "--format", "json", "-"}, std::string(kReview));
  CHECK(json.exit_code == 3);
  CHECK(json.err.empty());
  CHECK(Json::parse(json.out)["files"][0]["fixed_sql"] == kReviewFixed);
  const Ended terminal =
      run({.arguments = {"check", "-"}, .folder = box.path(), .in = In::Terminal});
  CHECK(terminal.exit_code == 2);
  CHECK(contains(terminal.err, "terminal"));
}

TEST_CASE("json says where each finding is and what its fix edits", "[cli]") {
  const Sandbox box;
  const std::string sql = "select 'é😀'; create temp table t (id int);\n";
  const Json report = Json::parse(dsqlint(box, {"check", "--format", "json", "-"}, sql).out);
  const Json& finding = report["files"][0]["diagnostics"][0];
  const size_t offset = sql.find("temp");
  CHECK(finding["rule"] == "temp_table");
  CHECK(finding["severity"] == "error");
  CHECK(finding["range"]["start"] == Json({{"line", 1}, {"column", 21}, {"offset", offset}}));
  CHECK(finding["range"]["end"]["offset"] == offset + 4);
  std::string text = sql;
  const Json& edits = finding["fix"]["edits"];
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    const size_t begin = (*edit)["start"]["offset"];
    const size_t end = (*edit)["end"]["offset"];
    text.replace(begin, end - begin, (*edit)["text"].get<std::string>());
  }
  CHECK(text == dsqlint(box, {"fix", "-"}, sql).out);
  CHECK(report["schema_version"] == 1);
  CHECK(report["summary"]["warnings"] == 1);
}

TEST_CASE("output is the same for any number of jobs", "[cli]") {
  const Sandbox box;
  for (int i = 0; i < 60; ++i) {
    box.write("f" + std::to_string(i) + ".sql", i % 3 == 0 ? kReview : kUnfixable);
  }
  const std::string one = dsqlint(box, {"check", "-j", "1", "."}).out;
  CHECK(contains(one, "60 files checked"));
  CHECK(dsqlint(box, {"check", "-j", "7", "."}).out == one);
}

TEST_CASE("colour is for terminals, and can be asked for and declined", "[cli]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  const auto colored = [](const Ended& ended) { return contains(ended.out, "\x1b["); };
  CHECK(!colored(dsqlint(box, {"check", "a.sql"})));
  CHECK(colored(dsqlint(box, {"check", "--color", "always", "a.sql"})));
  Call call{.arguments = {"check", "a.sql"}, .folder = box.path(), .out = Out::Terminal};
  CHECK(colored(run(call)));
  call.environment = {{"NO_COLOR", "1"}};
  CHECK(!colored(run(call)));
  call.environment = {{"TERM", "dumb"}};
  CHECK(!colored(run(call)));
  call.environment = {};
  call.arguments = {"check", "--color", "never", "a.sql"};
  CHECK(!colored(run(call)));
}

TEST_CASE("a closed pipe ends a run quietly, a full device does not", "[cli]") {
  const Sandbox box;
  for (int i = 0; i < 40; ++i) box.write("f" + std::to_string(i) + ".sql", kReview);
  for (const std::string format : {"text", "json"}) {
    Call call{.arguments = {"check", "--format", format, "."},
              .folder = box.path(),
              .out = Out::ClosedPipe};
    const Ended closed = run(call);
    CHECK(closed.exit_code == 0);
    CHECK(closed.err.empty());
    call.out = Out::FullDevice;
    const Ended full = run(call);
    CHECK(full.exit_code == 1);
    CHECK(contains(full.err, "standard output: No space left on device"));
  }
  // What is being fixed is fixed to the end all the same.
  CHECK(run({.arguments = {"fix", "."}, .folder = box.path(), .out = Out::ClosedPipe}).exit_code ==
        0);
  for (const std::string& name : box.files()) CHECK(box.read(name) == kReviewFixed);
}

TEST_CASE("--diff is a patch and changes nothing", "[cli]") {
  const Sandbox box;
  const std::string sql = all({kClean, kReview, kClean, "-- crlf\r\n", "create temp table u ();"});
  box.write("sub dir/a.sql", sql);
  box.write("sub dir/b.sql", kClean);
  const Ended diff = dsqlint(box, {"fix", "--diff", "."});
  CHECK(diff.exit_code == 3);
  CHECK(box.read("sub dir/a.sql") == sql);
  CHECK(contains(diff.out, "\\ No newline at end of file"));
  CHECK(!contains(diff.out, "b.sql"));
  box.write("x.patch", diff.out);
  const std::string command =
      "cd '" + box.path() + "' && git apply -p0 --unsafe-paths x.patch >/dev/null 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string patched = box.read("sub dir/a.sql");
  box.write("sub dir/a.sql", sql);
  CHECK(dsqlint(box, {"fix", "."}).exit_code == 3);
  CHECK(box.read("sub dir/a.sql") == patched);
}

TEST_CASE("-o writes elsewhere", "[cli]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  CHECK(dsqlint(box, {"fix", "a.sql", "-o", "out.sql"}).exit_code == 3);
  CHECK(box.read("a.sql") == kReview);
  CHECK(box.read("out.sql") == kReviewFixed);
  const Ended shown = dsqlint(box, {"fix", "a.sql", "-o", "-"});
  CHECK(shown.out == kReviewFixed);
  CHECK(dsqlint(box, {"fix", "-", "-o", "in.sql"}, std::string(kReview)).exit_code == 3);
  CHECK(box.read("in.sql") == kReviewFixed);
  const Ended missing = dsqlint(box, {"fix", "a.sql", "-o", "none/out.sql"});
  CHECK(missing.exit_code == 1);
  CHECK(contains(missing.err, "create the folder first"));
  const Ended device = dsqlint(box, {"fix", "a.sql", "-o", "/dev/stdout"});
  CHECK(contains(device.out, kReviewFixed));
}

TEST_CASE("-o that names the standard output does not lose the report, nor mix it with the SQL",
          "[cli]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  const auto shell = [&](const std::string& arguments) {
    const std::string program = DSQLINT_PROGRAM;
    const std::string name = arguments.starts_with("--fix") ? "dsql-lint" : "dsqlint";
    const std::string folder = program.substr(0, program.rfind('/') + 1);
    return run({.arguments = {"-c", folder + name + " " + arguments},
                .program = "/bin/sh",
                .folder = box.path()});
  };
  for (const std::string output : {"/dev/stdout", "/dev/fd/1", "out"}) {
    for (const std::string redirect : {">", ">>"}) {
      box.write("out", "");
      const Ended ended = shell("fix -o " + output + " a.sql " + redirect + " out");
      INFO(output << " " << redirect);
      CHECK(ended.exit_code == 3);
      CHECK(box.read("out") == kReviewFixed);
      CHECK(contains(ended.err, "temp_table"));
      CHECK(contains(ended.err, "1 fix in 1 file"));
    }
  }
  CHECK(shell("fix -o /dev/stdout a.sql | cat").out == kReviewFixed);
  const Ended both = shell("fix --format json -o /dev/stdout a.sql > out");
  CHECK(both.exit_code == 3);
  CHECK(Json::parse(box.read("out"))["files"][0]["fixed_sql"] == kReviewFixed);
  CHECK(shell("fix --format github -o /dev/stdout a.sql > out").exit_code == 2);
  // The contract's program likewise.
  CHECK(contains(shell("--fix -o /dev/stdout a.sql > out").err, "a.sql:1: WARNING"));
  CHECK(box.read("out") == kReviewFixed);
  shell("--fix --format json -o /dev/stdout a.sql > out");
  CHECK(Json::parse(box.read("out"))["files"][0]["fixed_sql"] == kReviewFixed);
}

TEST_CASE("--dialect mysql checks and fixes MySQL text at its own places", "[cli]") {
  const Sandbox box;
  const std::string sql =
      "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `n` int unsigned,\n  PRIMARY KEY (`id`),\n"
      "  KEY `n` (`n`)\n) ENGINE=InnoDB;\nINSERT INTO `t` VALUES (1,2);\n";
  box.write("in.sql", sql);
  const std::string create = "CREATE TABLE t (\n";
  const std::string index = "CREATE INDEX ASYNC t_n ON t (n);\n";
  const Ended check = dsqlint(box, {"check", "--dialect", "mysql", "in.sql"});
  CHECK(check.exit_code == 1);
  CHECK(contains(check.out, "in.sql:3:7: warning[mysql_unsigned_widened]"));
  CHECK(contains(check.out, "in.sql:5:3: error[index_async]"));
  CHECK(box.read("in.sql") == sql);

  const Ended to_file = dsqlint(box, {"fix", "--dialect", "mysql", "in.sql", "-o", "out.sql"});
  CHECK(to_file.exit_code == 3);
  CHECK(box.read("in.sql") == sql);
  const std::string fixed = box.read("out.sql");
  CHECK(contains(fixed, create));
  CHECK(contains(fixed, index));
  CHECK(dsqlint(box, {"check", "out.sql"}).exit_code == 0);
  // The same from standard input, and by looking at the text.
  for (const std::string dialect : {"mysql", "auto"}) {
    const Ended filter = dsqlint(box, {"fix", "--dialect", dialect, "-"}, sql);
    CHECK(filter.exit_code == 3);
    CHECK(filter.out == fixed);
  }
  const Ended postgres = dsqlint(box, {"fix", "--dialect", "auto", "-"}, std::string(kReview));
  CHECK(postgres.out == kReviewFixed);
}

TEST_CASE("MySQL text without --dialect is suspected once, and its parse errors folded", "[cli]") {
  const Sandbox box;
  const std::string sql =
      "CREATE TABLE `a` (`id` int(11) NOT NULL) ENGINE=InnoDB;\n"
      "CREATE TABLE `b` (`id` int(11) NOT NULL) ENGINE=InnoDB;\nLOCK TABLES `a` WRITE;\n";
  const Ended check = dsqlint(box, {"check", "-"}, sql);
  CHECK(check.exit_code == 1);
  CHECK(contains(check.out, "<stdin>:1:14: error[mysql_dialect_suspected]"));
  CHECK(contains(check.out, "--dialect mysql"));
  CHECK(!contains(check.out, "[parse_error]"));
  CHECK(check.out.find("mysql_dialect_suspected") == check.out.rfind("mysql_dialect_suspected"));
}

TEST_CASE("a fix keeps mode and links, and leaves clean files alone", "[cli]") {
  const Sandbox box;
  box.write("real/a.sql", kReview);
  fs::permissions(box.path("real/a.sql"), fs::perms(0640));
  fs::create_directory(box.path("links"));
  fs::create_symlink("../real/a.sql", box.path("links/a.sql"));
  CHECK(dsqlint(box, {"fix", "links/a.sql"}).exit_code == 3);
  CHECK(fs::is_symlink(box.path("links/a.sql")));
  CHECK(box.read("real/a.sql") == kReviewFixed);
  CHECK(fs::status(box.path("real/a.sql")).permissions() == fs::perms(0640));
  CHECK(box.files() == std::vector<std::string>{"links/a.sql", "real/a.sql"});

  struct stat before = {};
  struct stat after = {};
  box.write("clean.sql", kClean);
  ::stat(box.path("clean.sql").c_str(), &before);
  CHECK(dsqlint(box, {"fix", "clean.sql"}).exit_code == 0);
  ::stat(box.path("clean.sql").c_str(), &after);
  CHECK(before.st_ino == after.st_ino);
  CHECK(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}

TEST_CASE("what cannot be written stays as it is, and the error says what to do", "[cli]") {
  const Sandbox box;
  const std::string big = all({kReview, "-- ", std::string(10'000, 'x'), "\n"});
  SECTION("a read-only file") {
    box.write("a.sql", kReview);
    fs::permissions(box.path("a.sql"), fs::perms(0444));
    const Ended ended = dsqlint(box, {"fix", "a.sql"});
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "a.sql: cannot be written: the file is read-only; make it writable"));
    CHECK(box.read("a.sql") == kReview);
  }
  SECTION("a read-only folder") {
    box.write("sub/a.sql", kReview);
    fs::permissions(box.path(), fs::perms(0755));
    fs::permissions(box.path("sub/a.sql"), fs::perms(0666));
    fs::permissions(box.path("sub"), fs::perms(0555));
    fs::copy_file(DSQLINT_PROGRAM, box.path("program"));
    fs::permissions(box.path("program"), fs::perms(0755));
    const Ended ended = run({.arguments = {"fix", "sub/a.sql"},
                             .program = box.path("program"),
                             .folder = box.path(),
                             .user = 65534});
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK(
        contains(ended.err, "sub/a.sql: cannot be written: Permission denied; the file is as it"));
    CHECK(box.read("sub/a.sql") == kReview);
    fs::permissions(box.path("sub"), fs::perms(0755));
  }
  SECTION("no room") {
    box.write("a.sql", big);
    box.write("b.sql", kReview);
    const Ended ended =
        run({.arguments = {"fix", "a.sql", "b.sql"}, .folder = box.path(), .largest_file = 4096});
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "a.sql: cannot be written: File too large; the file is as it was"));
    CHECK(box.read("a.sql") == big);
    CHECK(box.read("b.sql") == kReviewFixed);
    CHECK(box.files() == std::vector<std::string>{"a.sql", "b.sql"});
  }
  SECTION("the output is a full device") {
    box.write("a.sql", kReview);
    const Ended ended = dsqlint(box, {"fix", "a.sql", "-o", "/dev/full"});
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "/dev/full: cannot be written: No space left"));
  }
}

TEST_CASE("two runs over the same file lose nothing", "[cli]") {
  const Sandbox box;
  std::string sql;
  std::string fixed;
  for (int i = 0; i < 500; ++i) {
    sql += "create temp table t" + std::to_string(i) + " (id int);\n";
    fixed += "create table t" + std::to_string(i) + " (id int);\n";
  }
  for (int round = 0; round < 10; ++round) {
    box.write("a.sql", sql);
    Ended ended[3];
    std::vector<std::thread> runs;
    for (Ended& result : ended) {
      runs.emplace_back([&] { result = dsqlint(box, {"fix", "a.sql"}); });
    }
    for (std::thread& thread : runs) thread.join();
    CHECK(box.read("a.sql") == fixed);
    for (const Ended& result : ended) {
      INFO(result.err);
      CHECK((result.exit_code == 3 || result.exit_code == 0));
    }
    CHECK(box.files() == std::vector<std::string>{"a.sql"});
  }
}

}  // namespace
}  // namespace dsqlint::test
