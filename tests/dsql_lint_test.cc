// The interop contract, sentence by sentence: `dsql-lint` as other tools call it.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "rules/rules.h"
#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::string_view kReview = "CREATE TEMP TABLE t (id int);\n";
constexpr std::string_view kReviewFixed = "CREATE TABLE t (id int);\n";
constexpr std::string_view kExact = "ALTER TABLE t SET WITHOUT OIDS;\n";
constexpr std::string_view kUnfixable = "SELEC 1;\n";
constexpr std::string_view kClean = "SELECT 1;\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string all(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

Ended dsql_lint(const Sandbox& box, std::vector<std::string> arguments, std::string input = {}) {
  return run({.arguments = std::move(arguments),
              .program = "dsql-lint",
              .folder = box.path(),
              .input = std::move(input)});
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

// 6.1 Arguments

TEST_CASE("contract 6.1: flags", "[dsql_lint]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  box.write("b.sql", kClean);
  SECTION("files and - are inputs, the format is text by default") {
    const Ended ended = dsql_lint(box, {"a.sql", "-", "b.sql"}, std::string(kReview));
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "a.sql:1: WARNING — "));
    CHECK(contains(ended.err, "<stdin>:1: WARNING — "));
  }
  SECTION("--format text is the default, --dialect postgres too") {
    const std::string plain = dsql_lint(box, {"a.sql"}).err;
    CHECK(dsql_lint(box, {"--format", "text", "a.sql"}).err == plain);
    CHECK(dsql_lint(box, {"--dialect", "postgres", "a.sql"}).err == plain);
    CHECK(dsql_lint(box, {"--format=text", "--dialect=postgres", "a.sql"}).err == plain);
  }
  SECTION("-o and --output name the destination") {
    CHECK(dsql_lint(box, {"--fix", "-o", "o1.sql", "a.sql"}).exit_code == 3);
    CHECK(dsql_lint(box, {"--fix", "--output", "o2.sql", "a.sql"}).exit_code == 3);
    CHECK(box.read("o1.sql") == kReviewFixed);
    CHECK(box.read("o2.sql") == kReviewFixed);
  }
  SECTION("--dialect mysql fixes MySQL text") {
    box.write("m.sql",
              "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `n` int,\n  PRIMARY KEY (`id`),\n"
              "  KEY `n` (`n`)\n) ENGINE=InnoDB;\n");
    const Ended fixed = dsql_lint(
        box, {"--fix", "--dialect", "mysql", "--format", "json", "-o", "o3.sql", "m.sql"});
    CHECK(fixed.exit_code == 3);
    CHECK(contains(box.read("o3.sql"), "CREATE INDEX ASYNC t_n ON t (n);"));
    const Json report = Json::parse(fixed.out);
    for (const Json& diagnostic : report["files"][0]["diagnostics"]) {
      CHECK(diagnostic["statement_preview"].get<std::string>().starts_with("CREATE TABLE `t` ("));
    }
  }
  SECTION("--dialect mysql maps types as the contract does, without CHECKs") {
    box.write("e.sql",
              "CREATE TABLE `e` (`id` int NOT NULL, `m` enum('a','b'), PRIMARY KEY (`id`));\n");
    CHECK(dsql_lint(box, {"--fix", "--dialect", "mysql", "-o", "o4.sql", "e.sql"}).exit_code == 3);
    CHECK(contains(box.read("o4.sql"), "VARCHAR(255)"));
    CHECK(!contains(box.read("o4.sql"), "CHECK"));
  }
  SECTION("version and help are printed, exit code 0") {
    for (const std::string flag : {"-V", "--version"}) {
      const Ended ended = dsql_lint(box, {flag});
      CHECK(ended.exit_code == 0);
      // The release of the contract, which consumers pin.
      CHECK(ended.out == "dsql-lint 0.2.22\n");
      CHECK(ended.err.empty());
    }
    for (const std::string flag : {"-h", "--help"}) {
      const Ended ended = dsql_lint(box, {flag});
      CHECK(ended.exit_code == 0);
      for (const std::string name : {"--fix", "--output", "--format", "--dialect", "--version"}) {
        CHECK(contains(ended.out, name));
      }
    }
  }
}

TEST_CASE("contract 6.1: usage errors go to stderr, exit code 2, in any format", "[dsql_lint]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  box.write("b.sql", kReview);
  const std::vector<std::vector<std::string>> calls = {
      {"--unknown", "a.sql"},
      {"--format", "xml", "a.sql"},
      {"--dialect", "oracle", "a.sql"},
      {},
      {"--fix"},
      {"-", "-"},
      {"-o", "out.sql", "a.sql"},
      {"--fix", "-o", "out.sql", "a.sql", "b.sql"},
      {"--dialect", "mysql", "a.sql"},
  };
  for (const auto& call : calls) {
    for (const bool json : {false, true}) {
      std::vector<std::string> arguments = call;
      if (json) arguments.insert(arguments.begin(), {"--format", "json"});
      if (json && call.size() == 3 && call[0] == "--format") continue;
      const Ended ended = dsql_lint(box, arguments, std::string(kReview));
      INFO(ended.err);
      CHECK(ended.exit_code == 2);
      CHECK(ended.out.empty());
      CHECK(!ended.err.empty());
    }
  }
  CHECK(box.files() == std::vector<std::string>{"a.sql", "b.sql"});
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"-"}, {"--fix", "-"}, {"--format", "json", "-"}}) {
    const Ended ended =
        run({.arguments = flags, .program = "dsql-lint", .folder = box.path(), .in = In::Terminal});
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, "terminal"));
  }
}

// 6.2 Exit codes

TEST_CASE("contract 6.2: exit codes", "[dsql_lint]") {
  struct Row {
    std::string sql;
    int lint;
    int fix;
  };
  const Row rows[] = {
      {"", 0, 0},
      {std::string(kClean), 0, 0},
      {std::string(kExact), 1, 0},
      {std::string(kReview), 1, 3},
      {all({kExact, kReview}), 1, 3},
      {std::string(kUnfixable), 1, 1},
      {all({kReview, kUnfixable}), 1, 1},  // unfixable beats warning
      {"caf\xE9", 1, 1},
      {"-- dsqlint: ignore truncate: no rule of the contract\nselect 1;\n", 0, 0},
  };
  for (const Row& row : rows) {
    INFO(row.sql);
    for (const std::string format : {"text", "json"}) {
      const Sandbox box;
      box.write("a.sql", row.sql);
      CHECK(dsql_lint(box, {"--format", format, "a.sql"}).exit_code == row.lint);
      CHECK(dsql_lint(box, {"--format", format, "--fix", "a.sql"}).exit_code == row.fix);
      CHECK(dsql_lint(box, {"--format", format, "-"}, row.sql).exit_code == row.lint);
      CHECK(dsql_lint(box, {"--format", format, "--fix", "-"}, row.sql).exit_code == row.fix);
    }
  }
}

TEST_CASE("contract 6.2: pipes, failures, and the files after them", "[dsql_lint]") {
  const Sandbox box;
  box.write("a.sql", kReview);
  box.write("b.sql", kClean);
  for (const std::string format : {"text", "json"}) {
    Call call{.arguments = {"--fix", "--format", format, "-"},
              .program = "dsql-lint",
              .folder = box.path(),
              .input = std::string(kReview),
              .out = Out::ClosedPipe};
    CHECK(run(call).exit_code == 0);
    // Checking in JSON writes there too; the text of a check goes elsewhere.
    call.arguments = {"--format", format, "-"};
    CHECK(run(call).exit_code == (format == "json" ? 0 : 1));
    call.arguments = {"--fix", "--format", format, "-"};
    call.out = Out::FullDevice;
    const Ended full = run(call);
    CHECK(full.exit_code == 1);
    CHECK(contains(full.err, "No space left on device"));
    const Ended rest = dsql_lint(box, {"--format", format, "none.sql", "a.sql", "b.sql"});
    CHECK(rest.exit_code == 1);
    CHECK(contains(format == "json" ? rest.out : rest.err, "none.sql: cannot be read"));
    CHECK(contains(format == "json" ? rest.out : rest.err, "temporary"));
    CHECK(dsql_lint(box, {"--fix", "--format", format, "none.sql", "b.sql"}).exit_code == 1);
    CHECK(box.exists("b-fixed.sql"));
  }
  // An unfixable finding of one file beats the warnings of another.
  box.write("c.sql", kUnfixable);
  CHECK(dsql_lint(box, {"--fix", "c.sql", "a.sql"}).exit_code == 1);
}

// 6.3 Destinations

TEST_CASE("contract 6.3: where the fixed text goes", "[dsql_lint]") {
  struct Row {
    std::string input;
    std::string output;
  };
  const Row rows[] = {{"m.sql", "m-fixed.sql"},
                      {"sub/m.sql", "sub/m-fixed.sql"},
                      {"dump", "dump-fixed"},
                      {"a.b.sql", "a.b-fixed.sql"}};
  for (const Row& row : rows) {
    for (const std::string format : {"text", "json"}) {
      const Sandbox box;
      box.write(row.input, kReview);
      const Ended ended = dsql_lint(box, {"--fix", "--format", format, row.input});
      CHECK(ended.exit_code == 3);
      CHECK(box.read(row.input) == kReview);
      CHECK(box.read(row.output) == kReviewFixed);
      CHECK(box.files().size() == 2);
      if (format == "json") {
        const Json file = Json::parse(ended.out)["files"][0];
        CHECK(file["output_file"] == row.output);
        CHECK(file["fixed_sql"].is_null());
      } else {
        CHECK(ended.out.empty());
      }
    }
  }
}

TEST_CASE("contract 6.3: standard input", "[dsql_lint]") {
  const Sandbox box;
  const Ended text = dsql_lint(box, {"--fix", "-"}, std::string(kReview));
  CHECK(text.out == kReviewFixed);
  const Ended json = dsql_lint(box, {"--fix", "--format", "json", "-"}, std::string(kReview));
  const Json file = Json::parse(json.out)["files"][0];
  CHECK(file["fixed_sql"] == kReviewFixed);
  CHECK(file["output_file"].is_null());
  CHECK(box.files().empty());
  for (const std::string format : {"text", "json"}) {
    const Ended ended =
        dsql_lint(box, {"--fix", "--format", format, "-o", "o.sql", "-"}, std::string(kReview));
    CHECK(box.read("o.sql") == kReviewFixed);
    if (format == "text") {
      CHECK(ended.out.empty());
    } else {
      const Json written = Json::parse(ended.out)["files"][0];
      CHECK(written["output_file"] == "o.sql");
      CHECK(written["fixed_sql"].is_null());
    }
  }
}

TEST_CASE("contract 6.3: the file is always written, at once, and never over the input",
          "[dsql_lint]") {
  SECTION("unchanged, unfixable, empty") {
    const Sandbox box;
    box.write("same.sql", kClean);
    box.write("left.sql", all({kReview, kUnfixable}));
    box.write("gone.sql", kExact);
    dsql_lint(box, {"--fix", "same.sql", "left.sql", "gone.sql"});
    CHECK(box.read("same-fixed.sql") == kClean);
    CHECK(box.read("left-fixed.sql") == all({kReviewFixed, kUnfixable}));
    CHECK(box.exists("gone-fixed.sql"));
    CHECK(box.read("gone-fixed.sql").empty());
  }
  SECTION("no room: an error, exit code 1, nothing half-written") {
    const Sandbox box;
    box.write("a.sql", all({kReview, "-- ", std::string(9'000, 'x'), "\n"}));
    box.write("a-fixed.sql", kClean);
    const Ended ended = run({.arguments = {"--fix", "a.sql"},
                             .program = "dsql-lint",
                             .folder = box.path(),
                             .largest_file = 4096});
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "a-fixed.sql: cannot be written"));
    CHECK(box.read("a-fixed.sql") == kClean);
    CHECK(box.files() == std::vector<std::string>{"a-fixed.sql", "a.sql"});
  }
  SECTION("the output is the input") {
    const Sandbox box;
    box.write("a.sql", kReview);
    fs::create_symlink("a.sql", box.path("link.sql"));
    fs::create_directory(box.path("sub"));
    for (const std::string output : {"a.sql", "./a.sql", "sub/../a.sql", "link.sql"}) {
      const Ended text = dsql_lint(box, {"--fix", "-o", output, "a.sql"});
      CHECK(text.exit_code == 1);
      CHECK(contains(text.err, "same as input"));
      const Ended json = dsql_lint(box, {"--fix", "--format", "json", "-o", output, "a.sql"});
      CHECK(json.exit_code == 1);
      const Json file = Json::parse(json.out)["files"][0];
      CHECK(contains(file["error"].get<std::string>(), "same as input"));
      CHECK(file["diagnostics"].empty());
      CHECK(box.read("a.sql") == kReview);
    }
  }
  SECTION("non-UTF-8 input is an error") {
    const Sandbox box;
    box.write("a.sql", "select 'caf\xE9';");
    CHECK(contains(dsql_lint(box, {"a.sql"}).err, "non-UTF-8"));
    const Json report = Json::parse(dsql_lint(box, {"--fix", "--format", "json", "a.sql"}).out);
    CHECK(contains(report["files"][0]["error"].get<std::string>(), "non-UTF-8"));
    CHECK(box.files().size() == 1);
    CHECK(contains(dsql_lint(box, {"-"}, "\xFF\xFE").err, "non-UTF-8"));
  }
}

// 6.4 JSON

TEST_CASE("contract 6.4: the report", "[dsql_lint]") {
  const Sandbox box;
  box.write("m.sql", all({"\n\n\n", kReview, kExact, kUnfixable}));
  box.write("b.sql", kClean);
  const Ended lint =
      dsql_lint(box, {"--format", "json", "m.sql", "none.sql", "-", "b.sql"}, std::string(kReview));
  CHECK(lint.err.empty());
  CHECK(lint.out.ends_with("}\n"));
  CHECK(
      lint.out.starts_with("{\n  \"schema_version\": 1,\n  \"files\": [\n    {\n      \"file\": "));
  const Json report = Json::parse(lint.out);
  CHECK(report["schema_version"] == 1);
  // One entry per input, in the order of the arguments.
  REQUIRE(report["files"].size() == 4);
  const char* names[] = {"m.sql", "none.sql", "<stdin>", "b.sql"};
  for (size_t i = 0; i < 4; ++i) {
    const Json& file = report["files"][i];
    CHECK(file["file"] == names[i]);
    CHECK(keys(file) ==
          std::vector<std::string>{"diagnostics", "error", "file", "fixed_sql", "output_file"});
    CHECK(file["output_file"].is_null());
    CHECK(file["fixed_sql"].is_null());
    CHECK(file["error"].is_string() == (i == 1));
  }
  CHECK(report["files"][1]["diagnostics"].empty());
  const Json& found = report["files"][0]["diagnostics"];
  REQUIRE(found.size() == 3);
  for (const Json& diagnostic : found) {
    for (const char* key : {"rule", "message", "suggestion", "statement_preview"}) {
      CHECK(diagnostic[key].is_string());
    }
  }
  CHECK(found[0]["rule"] == "temp_table");
  CHECK(found[0]["line"] == 4);
  CHECK(found[0]["statement_preview"] == "CREATE TEMP TABLE t (id int);");
  CHECK(found[0]["fix_result"]["status"] == "fixed_with_warning");
  CHECK(found[0]["fix_result"]["detail"].is_string());
  CHECK(found[1]["fix_result"]["status"] == "fixed");
  CHECK(found[1]["fix_result"]["detail"].is_string());
  CHECK(found[2]["fix_result"] == Json({{"status", "unfixable"}}));
  // Lint mode reports no `fixed`; I/O failures are errors.
  CHECK(report["summary"] == Json({{"errors", 2}, {"warnings", 2}, {"fixed", 0}}));

  const Json fixed =
      Json::parse(dsql_lint(box, {"--fix", "--format", "json", "m.sql", "none.sql"}).out);
  CHECK(fixed["summary"] == Json({{"errors", 2}, {"warnings", 1}, {"fixed", 1}}));
  CHECK(fixed["files"][0]["output_file"] == "m-fixed.sql");
  CHECK(fixed["files"][0]["error"].is_null());
}

TEST_CASE("contract 6.4: statement_preview", "[dsql_lint]") {
  const auto preview = [](const std::string& sql) {
    const Sandbox box;
    const Json report = Json::parse(dsql_lint(box, {"--format", "json", "-"}, sql).out);
    REQUIRE(!report["files"][0]["diagnostics"].empty());
    return report["files"][0]["diagnostics"][0]["statement_preview"].get<std::string>();
  };
  CHECK(preview("  create\n\ttemp   table\r\n t (id  int) ;") == "create temp table t (id int)");
  const std::string head = "create temp table ";
  const auto table = [&](size_t length) {
    return head + std::string(length - head.size() - 11, 'x') + " (é integer";
  };
  CHECK(preview(table(78) + ");") == table(78) + ");");
  CHECK(preview(table(79) + ")") == table(79) + ")");
  CHECK(preview(table(79) + ");") == table(79) + ")…");
  CHECK(preview(table(80) + ");") == table(80) + "…");
  CHECK(preview(table(90) + ");").size() == 80 + std::string("…").size());
  // A semicolon belongs to it where nothing stands before it.
  CHECK(preview("create temp table t (id int)\n;") == "create temp table t (id int)");
  CHECK(preview("create temp table t (id int)/**/;") == "create temp table t (id int)");
  CHECK(preview("create temp table t (id int)") == "create temp table t (id int)");
  CHECK(preview("select 'never closed").empty());
  CHECK(preview("select $$ never closed").empty());
}

TEST_CASE("contract 6.4: the BEGIN is the preview of a transaction", "[dsql_lint]") {
  const Sandbox box;
  const auto preview = [&](std::vector<std::string> arguments, const std::string& sql) {
    arguments.insert(arguments.end(), {"--format", "json", "-"});
    const Json report = Json::parse(dsql_lint(box, arguments, sql).out);
    for (const Json& diagnostic : report["files"][0]["diagnostics"]) {
      if (diagnostic["rule"] != "multi_ddl_transaction") continue;
      return diagnostic["statement_preview"].get<std::string>();
    }
    return std::string("no such finding");
  };
  const std::string rest = "create table a (i int);\ncreate table b (i int);\ncommit;\n";
  const std::string plain = "begin  isolation level\nrepeatable read;\n" + rest;
  CHECK(preview({}, plain) == "begin isolation level repeatable read;");
  CHECK(preview({"--fix"}, plain) == "begin isolation level repeatable read");
  const std::string refused = "begin isolation level serializable;\n" + rest;
  CHECK(preview({}, refused) == "begin isolation level serializable;");
  CHECK(preview({"--fix"}, refused) == "begin isolation level repeatable read");
}

TEST_CASE("contract 6.4: no files, no findings", "[dsql_lint]") {
  const Sandbox box;
  const Ended ended = dsql_lint(box, {"--format", "json", "-"}, std::string(kClean));
  CHECK(ended.out ==
        "{\n  \"schema_version\": 1,\n  \"files\": [\n    {\n      \"file\": \"<stdin>\",\n"
        "      \"diagnostics\": [],\n      \"error\": null,\n      \"output_file\": null,\n"
        "      \"fixed_sql\": null\n    }\n  ],\n  \"summary\": {\n    \"errors\": 0,\n"
        "    \"warnings\": 0,\n    \"fixed\": 0\n  }\n}\n");
}

TEST_CASE("contract 4.0: idioms come before statements", "[dsql_lint]") {
  const Sandbox box;
  const std::string sql =
      "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a);\n"
      "CREATE TABLE u (a int NOT NULL);\nALTER TABLE u ADD CONSTRAINT k PRIMARY KEY (a);\n";
  const auto found = [&](const std::string& text) {
    std::vector<std::pair<std::string, std::string>> rules;
    const Json report = Json::parse(text);
    for (const Json& diagnostic : report["files"][0]["diagnostics"]) {
      rules.emplace_back(diagnostic["rule"], diagnostic["fix_result"]["status"]);
    }
    return rules;
  };
  using Found = std::vector<std::pair<std::string, std::string>>;
  const Ended lint = dsql_lint(box, {"--format", "json", "-"}, sql);
  const Ended fix = dsql_lint(box, {"--fix", "--format", "json", "-"}, sql);
  const Found expected = {{"alter_add_primary_key_collapse", "fixed"},
                          {"index_async", "fixed_with_warning"},
                          {"index_async", "fixed_with_warning"}};
  CHECK(found(lint.out) == expected);
  CHECK(found(fix.out) == expected);
  CHECK(lint.exit_code == 1);
  CHECK(fix.exit_code == 3);
}

// 6.5 Text

TEST_CASE("contract 6.5: lint text", "[dsql_lint]") {
  const Sandbox box;
  box.write("m.sql", all({kUnfixable, kReview, kExact}));
  const Ended ended = dsql_lint(box, {"m.sql"});
  CHECK(ended.out.empty());
  CHECK(contains(ended.err, "m.sql:1: ERROR — syntax error at or near \"SELEC\"\n  → "));
  CHECK(contains(ended.err,
                 "m.sql:2: WARNING — table `t` is temporary\n  → remove the keyword\n"
                 "  | CREATE TEMP TABLE t (id int);\n"));
  CHECK(contains(ended.err, "m.sql:3: INFO — "));
  CHECK(ended.err.ends_with("\n\n3 issue(s) found.\n"));
  box.write("b.sql", kClean);
  CHECK(dsql_lint(box, {"b.sql"}).err == "All statements compatible with DSQL.\n");
}

TEST_CASE("contract 6.5: fix text", "[dsql_lint]") {
  const Sandbox box;
  const auto fix = [&](std::string_view sql) {
    box.write("m.sql", sql);
    const Ended ended = dsql_lint(box, {"--fix", "m.sql"});
    CHECK(ended.out.empty());
    return ended.err;
  };
  CHECK(fix(kClean) == "Fixed output written to: m-fixed.sql\n");
  CHECK(contains(fix(all({kExact, kClean})), "m.sql:1: FIXED — "));
  CHECK(fix(all({kExact, kClean})).ends_with("\nFixed output written to: m-fixed.sql\n"));
  const std::string review = fix(kReview);
  CHECK(review.starts_with("m.sql:1: WARNING — remove the keyword"));
  CHECK(review.ends_with(
      "\nFixed output written to: m-fixed.sql (1 warning(s) — review recommended)\n"));
  const std::string partial = fix(all({kReview, kUnfixable}));
  CHECK(contains(partial, "m.sql:2: ERROR (unfixable) — syntax error"));
  CHECK(contains(partial, "\n  → "));
  CHECK(contains(partial, "\n  | SELEC 1;\n"));
  CHECK(contains(partial, "\nPartial fix written to: m-fixed.sql (1 unfixable error(s) remain)\n"));
  CHECK(partial.ends_with("1 file(s) had unfixable errors\n"));
  CHECK(fix(kExact).ends_with(
      "\nFixed output is empty — all statements were removed: m-fixed.sql\n"));
  // Our fixes keep comments, so there is never a note that they are lost.
  CHECK(!contains(fix(all({"-- a comment\n", kReview})), "comment"));
  const Ended failure = dsql_lint(box, {"--fix", "none.sql"});
  CHECK(failure.err == "none.sql: cannot be read: No such file or directory\n");
}

TEST_CASE("contract 6.5: standard output only ever carries fixed SQL", "[dsql_lint]") {
  const Sandbox box;
  CHECK(dsql_lint(box, {"-"}, std::string(kReview)).out.empty());
  const Ended ended = dsql_lint(box, {"--fix", "-"}, all({kReview, kUnfixable}));
  CHECK(ended.out == all({kReviewFixed, kUnfixable}));
  CHECK(contains(ended.err, "<stdin>:1: WARNING — "));
  CHECK(contains(ended.err, "1 file(s) had unfixable errors"));
  // The SQL comes before the diagnostics.
  const Ended merged = run({.arguments = {"--fix", "-"},
                            .program = "dsql-lint",
                            .folder = box.path(),
                            .input = std::string(kReview),
                            .merged = true});
  CHECK(merged.out.starts_with(all({kReviewFixed, "<stdin>:1: WARNING — "})));
}

}  // namespace
}  // namespace dsqlint::test
