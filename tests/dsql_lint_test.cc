// The interop contract, sentence by sentence: `dsql-lint` as other tools call it.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

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
      "CREATE TABLE w (a int PRIMARY KEY);\nALTER TABLE w DROP CONSTRAINT w_pkey;\n"
      "CREATE TABLE u (a int NOT NULL);\nALTER TABLE u ADD CONSTRAINT k PRIMARY KEY (a);\n"
      "CREATE TABLE v (a int NOT NULL);\nALTER TABLE v ADD CONSTRAINT l UNIQUE (a);\n";
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
  // Kind by kind, the removal of a primary key among them.
  const Found expected = {{"alter_add_unique_collapse", "fixed"},
                          {"alter_add_primary_key_collapse", "fixed"},
                          {"primary_key_removal", "unfixable"},
                          {"index_async", "fixed_with_warning"},
                          {"index_async", "fixed_with_warning"}};
  CHECK(found(lint.out) == expected);
  CHECK(found(fix.out) == expected);
  CHECK(lint.exit_code == 1);
  CHECK(fix.exit_code == 1);
}

// 4 Rule ids

constexpr std::string_view kIsFixed = "fixed";
constexpr std::string_view kIsWarned = "fixed_with_warning";
constexpr std::string_view kIsUnfixable = "unfixable";

/// An id of the contract, an input that has it, and the worst status of its findings.
struct IdRow {
  std::string_view id;
  std::string_view sql;
  std::string_view status;
  std::string_view fixing = {};  ///< in fix mode; empty: the same
};

constexpr IdRow kIds[] = {
    {"serial_type",
     "CREATE TABLE t (\n"
     "  id serial PRIMARY KEY\n"
     ");",
     kIsWarned},
    {"serial_type", "ALTER TABLE t ADD COLUMN c serial;", kIsWarned},
    {"identity_type",
     "CREATE TABLE t (\n"
     " id int GENERATED ALWAYS AS IDENTITY (CACHE 1)\n"
     ");",
     kIsWarned},
    {"identity_not_null",
     "CREATE TABLE t (id bigint);\n"
     "ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (CACHE 1);",
     kIsFixed},
    {"identity_not_null",
     "ALTER TABLE t ADD COLUMN id bigint;\n"
     "ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (CACHE 1);",
     kIsUnfixable},
    {"identity_type", "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY;", kIsWarned},
    {"identity_cache", "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 20));",
     kIsWarned},
    {"identity_cache", "ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (CACHE 20);",
     kIsWarned},
    {"identity_cache_missing", "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START 5));",
     kIsFixed},
    {"numeric_bounds", "CREATE TABLE t (a numeric(1001));", kIsUnfixable},
    {"numeric_bounds", "CREATE TABLE t (a decimal(10, 1001));", kIsUnfixable},
    {"array_type",
     "CREATE TABLE t (\n"
     " a int,\n"
     " tags text[]\n"
     ");",
     kIsWarned},
    {"foreign_key_match_partial",
     "CREATE TABLE p (id bigint PRIMARY KEY);\n"
     "CREATE TABLE t (a bigint REFERENCES p MATCH PARTIAL);",
     kIsUnfixable},
    {"foreign_key_enforced",
     "CREATE TABLE p (id bigint PRIMARY KEY);\n"
     "CREATE TABLE t (a bigint REFERENCES p ENFORCED);",
     kIsFixed},
    {"foreign_key_enforced",
     "CREATE TABLE p (id bigint PRIMARY KEY);\n"
     "CREATE TABLE t (a bigint REFERENCES p NOT ENFORCED);",
     kIsWarned},
    {"collation",
     "CREATE TABLE t (\n"
     " a text COLLATE \"C\",\n"
     " b text COLLATE \"en_US\"\n"
     ");",
     kIsWarned},
    {"collation", "SELECT a FROM t ORDER BY a COLLATE \"en_US\";", kIsWarned},
    {"collation", "CREATE INDEX ASYNC i ON t (a COLLATE \"de_DE\");", kIsWarned},
    {"temp_table", "CREATE TEMP TABLE t (id int);", kIsWarned},
    {"partition_by", "CREATE TABLE t (id int, d date) PARTITION BY RANGE (d);", kIsWarned},
    {"unsupported_partition_of", "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);", kIsUnfixable},
    {"inherits", "CREATE TABLE t (id int) INHERITS (base);", kIsWarned},
    {"create_table_as", "CREATE TABLE t AS SELECT 1 AS a;", kIsWarned},
    {"tablespace", "CREATE TABLE t (id int) TABLESPACE fast;", kIsWarned},
    {"unsupported_create_table_with_storage_parameters",
     "CREATE TABLE t (id int) WITH (fillfactor=70);", kIsWarned},
    {"unsupported_on_commit", "CREATE TEMP TABLE t (id int) ON COMMIT DROP;", kIsWarned},
    {"index_async", "CREATE INDEX i ON t (a);", kIsWarned},
    {"index_concurrently", "CREATE INDEX CONCURRENTLY i ON t (a);", kIsWarned},
    {"index_using", "CREATE INDEX ASYNC i ON t USING btree (a);", kIsFixed},
    {"index_using", "CREATE INDEX ASYNC i ON t USING hash (a);", kIsWarned},
    {"index_using", "CREATE INDEX ASYNC i ON t (a) USING btree;", kIsFixed},
    {"index_using", "CREATE INDEX ASYNC i ON t (a) USING hash;", kIsWarned},
    {"index_sort_direction", "CREATE INDEX ASYNC i ON t (a ASC);", kIsFixed},
    {"index_sort_direction", "CREATE INDEX ASYNC i ON t (a DESC NULLS LAST, b ASC, c DESC);",
     kIsWarned},
    {"index_volatile_function", "CREATE INDEX ASYNC i ON t ((random() + a));", kIsUnfixable},
    {"index_volatile_function", "CREATE INDEX ASYNC i ON t (a) WHERE b > now();", kIsUnfixable},
    {"sequence_type", "CREATE SEQUENCE s AS int CACHE 1;", kIsWarned},
    {"sequence_cache", "CREATE SEQUENCE s CACHE 20;", kIsWarned},
    {"sequence_cache_missing", "CREATE SEQUENCE s;", kIsFixed},
    {"statistics_target", "ALTER STATISTICS st SET STATISTICS 101;", kIsUnfixable},
    {"statistics_target", "ALTER STATISTICS st SET STATISTICS DEFAULT;", kIsFixed},
    {"unsupported_alter_view_as_query", "ALTER VIEW v AS SELECT 1;", kIsUnfixable},
    {"add_column_constraint", "ALTER TABLE t ADD COLUMN a int DEFAULT 0 NOT NULL;", kIsWarned},
    {"at_unsupported_alter_column_set_type", "ALTER TABLE t ALTER COLUMN a TYPE bigint;",
     kIsWarned},
    {"at_unsupported_alter_column_set_not_null", "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
     kIsWarned},
    {"check_not_valid", "ALTER TABLE t ADD CHECK (a > 0);", kIsWarned},
    {"foreign_key_not_valid", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id);", kIsWarned},
    {"at_unsupported_add_primary_key", "ALTER TABLE t ADD PRIMARY KEY (a);", kIsUnfixable},
    {"at_unsupported_add_unique", "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);", kIsWarned},
    {"primary_key_removal",
     "CREATE TABLE t (a int PRIMARY KEY, b int);\n"
     "ALTER TABLE t DROP CONSTRAINT t_pkey;",
     kIsUnfixable},
    {"primary_key_removal",
     "CREATE TABLE t (a int PRIMARY KEY, b int);\n"
     "ALTER TABLE t DROP COLUMN a;",
     kIsUnfixable},
    {"at_unsupported_primary_key_using_index", "ALTER TABLE t ADD PRIMARY KEY USING INDEX i;",
     kIsUnfixable},
    {"at_unsupported_row_level_security", "ALTER TABLE t ENABLE ROW LEVEL SECURITY;", kIsUnfixable},
    {"at_unsupported_replica_identity", "ALTER TABLE t REPLICA IDENTITY FULL;", kIsWarned},
    {"at_unsupported_rewrite_rule", "ALTER TABLE t DISABLE RULE r;", kIsUnfixable},
    {"validate_constraint_async", "ALTER TABLE t VALIDATE CONSTRAINT c;", kIsWarned},
    {"transaction_isolation",
     "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;\n"
     "SELECT 1;\n"
     "COMMIT;",
     kIsWarned},
    {"set_transaction", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;", kIsUnfixable},
    {"set_transaction", "SET LOCAL transaction_isolation TO 'repeatable read';", kIsFixed},
    {"unsupported_savepoint", "SAVEPOINT s;", kIsWarned},
    {"unsupported_release_savepoint", "RELEASE SAVEPOINT s;", kIsWarned},
    {"unsupported_rollback_to_savepoint", "ROLLBACK TO SAVEPOINT s;", kIsUnfixable},
    {"unsupported_declare_cursor", "DECLARE c CURSOR FOR SELECT 1;", kIsUnfixable},
    {"unsupported_prepare", "PREPARE q AS SELECT 1;", kIsUnfixable},
    {"unsupported_discard", "DISCARD ALL;", kIsWarned},
    {"unsupported_lock_table", "LOCK TABLE t IN SHARE MODE;", kIsWarned},
    {"unsupported_listen", "LISTEN c;", kIsUnfixable},
    {"unsupported_unlisten", "UNLISTEN *;", kIsWarned},
    {"unsupported_notify", "NOTIFY c;", kIsUnfixable},
    {"unsupported_load", "LOAD 'x';", kIsWarned},
    {"unsupported_vacuum", "VACUUM t;", kIsFixed},
    {"truncate", "TRUNCATE t;", kIsWarned},
    {"unsupported_deallocate", "DEALLOCATE q;", kIsWarned},
    {"unsupported_copy_from_file", "COPY t FROM '/tmp/x';", kIsUnfixable},
    {"unsupported_temp_view", "CREATE TEMP VIEW v AS SELECT 1 AS a;", kIsWarned},
    {"unsupported_materialized_view", "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a;", kIsWarned},
    {"unsupported_drop_materialized_view", "DROP MATERIALIZED VIEW v;", kIsWarned},
    {"unsupported_create_trigger",
     "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();", kIsWarned},
    {"unsupported_drop_trigger", "DROP TRIGGER g ON t;", kIsWarned},
    {"unsupported_create_extension", "CREATE EXTENSION postgis;", kIsWarned},
    {"unsupported_create_database", "CREATE DATABASE d;", kIsWarned},
    {"unsupported_create_server", "CREATE SERVER s FOREIGN DATA WRAPPER w;", kIsUnfixable},
    {"unsupported_create_procedure", "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';",
     kIsUnfixable},
    {"unsupported_create_function_non_sql",
     "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$ return 1 $$;", kIsUnfixable},
    {"unsupported_create_policy", "CREATE POLICY p ON t;", kIsUnfixable},
    {"unsupported_alter_policy", "ALTER POLICY p ON t TO public;", kIsUnfixable},
    {"unsupported_drop_policy", "DROP POLICY p ON t;", kIsWarned},
    {"unsupported_create_type", "CREATE TYPE mood AS ENUM ('a');", kIsWarned},
    {"unsupported_create_type", "CREATE TYPE pair AS (a int, b int);", kIsUnfixable},
    {"unsupported_alter_type", "ALTER TYPE mood ADD VALUE 'b';", kIsWarned},
    {"unsupported_drop_type", "DROP TYPE mood;", kIsWarned},
    {"unsupported_alter_index", "ALTER INDEX i SET (fillfactor = 70);", kIsWarned},
    {"unsupported_alter_aggregate", "ALTER AGGREGATE a(int) RENAME TO b;", kIsWarned},
    {"unsupported_alter_function_property", "ALTER FUNCTION f(int) IMMUTABLE;", kIsUnfixable},
    {"unsupported_alter_role_property", "ALTER ROLE r SUPERUSER CREATEDB;", kIsWarned},
    {"unsupported_alter_role_set", "ALTER ROLE r SET work_mem = '1MB';", kIsWarned},
    {"unsupported_alter_role_set", "ALTER ROLE r SET search_path = a;", kIsUnfixable},
    {"unsupported_alter_user", "ALTER USER u PASSWORD 'x';", kIsWarned},
    {"parse_error", "SELEC 1;", kIsUnfixable},
    {"serial_sequence_idiom",
     "CREATE TABLE app.item (no integer NOT NULL, tag text);\n"
     "CREATE SEQUENCE app.item_no_seq START 1 CACHE 1;\n"
     "ALTER SEQUENCE app.item_no_seq OWNED BY app.item.no;\n"
     "ALTER TABLE ONLY app.item ALTER COLUMN no SET DEFAULT nextval('app.item_no_seq'::regclass);",
     kIsWarned},
    {"alter_add_primary_key_collapse",
     "CREATE TABLE t (a int NOT NULL, b int);\n"
     "ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (a);",
     kIsFixed},
    {"alter_add_unique_collapse",
     "CREATE TABLE t (a int NOT NULL, b int);\n"
     "ALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE (b) INCLUDE (a);",
     kIsFixed},
    {"identity_add_generated_collapse",
     "CREATE TABLE public.t (id bigint NOT NULL);\n"
     "ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (\n"
     "    SEQUENCE NAME public.t_id_seq\n"
     "    START WITH 1\n"
     "    CACHE 1\n"
     ");",
     kIsFixed},
    {"identity_add_generated_collapse",
     "CREATE TABLE public.t (id bigint NOT NULL);\n"
     "ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (\n"
     "    SEQUENCE NAME public.other_seq\n"
     "    START WITH 1\n"
     "    CACHE 1\n"
     ");",
     kIsWarned},
    {"alter_column_set_compression_strip", "ALTER TABLE t ALTER COLUMN c SET COMPRESSION lz4;",
     kIsFixed},
    {"multi_ddl_transaction",
     "BEGIN;\n"
     "CREATE TABLE a (i int);\n"
     "CREATE TABLE b (i int);\n"
     "COMMIT;",
     kIsUnfixable, kIsWarned},
    {"mixed_ddl_dml_transaction",
     "BEGIN;\n"
     "CREATE TABLE a (i int);\n"
     "INSERT INTO b VALUES (1);\n"
     "COMMIT;",
     kIsUnfixable, kIsWarned},
};

/// Emitted only with --fix --dialect mysql.
constexpr IdRow kMysqlIds[] = {
    {"mysql_auto_increment_to_identity",
     "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)) AUTO_INCREMENT=7;",
     kIsWarned},
    {"mysql_unsigned_widened",
     "CREATE TABLE t (\n"
     "  id int NOT NULL,\n"
     "  n int unsigned,\n"
     "  PRIMARY KEY (id)\n"
     ");",
     kIsWarned},
    {"mysql_enum_to_varchar", "CREATE TABLE t (id int NOT NULL PRIMARY KEY, e enum('a','b'));",
     kIsWarned},
    {"mysql_set_to_text", "CREATE TABLE t (id int NOT NULL PRIMARY KEY, e set('a','b'));",
     kIsWarned},
    {"mysql_on_update_dropped",
     "CREATE TABLE t (id int NOT NULL PRIMARY KEY, u timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP "
     "ON UPDATE CURRENT_TIMESTAMP);",
     kIsWarned},
    {"mysql_invalid_default_dropped",
     "CREATE TABLE t (id int NOT NULL PRIMARY KEY, d datetime NOT NULL DEFAULT '0000-00-00 "
     "00:00:00');",
     kIsWarned},
    {"mysql_index_renamed",
     "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int, KEY k (a), UNIQUE KEY uk (b));",
     kIsWarned},
    {"mysql_index_prefix_dropped",
     "CREATE TABLE t (id int NOT NULL PRIMARY KEY, a varchar(200), UNIQUE KEY uk (a(20)));",
     kIsWarned},
    {"mysql_data_statement_dropped",
     "UPDATE t JOIN u USING (id) SET t.a = u.a ORDER BY t.a LIMIT 1;", kIsUnfixable},
};

/// The worst status of the findings of `id`; empty where there is none.
std::string status_of(const std::string& id, const std::string& report) {
  constexpr std::string_view kOrder[] = {"", kIsFixed, kIsWarned, kIsUnfixable};
  size_t worst = 0;
  const Json json = Json::parse(report);
  for (const Json& diagnostic : json["files"][0]["diagnostics"]) {
    if (diagnostic["rule"] != id) continue;
    const auto* status = std::find(std::begin(kOrder), std::end(kOrder),
                                   diagnostic["fix_result"]["status"].get<std::string>());
    worst = std::max(worst, static_cast<size_t>(status - std::begin(kOrder)));
  }
  return std::string(kOrder[worst]);
}

TEST_CASE("contract 4: every id is emitted, with its status", "[dsql_lint]") {
  const Sandbox box;
  std::set<std::string_view> ids;
  for (const IdRow& row : kIds) {
    INFO(row.id << ": " << row.sql);
    ids.insert(row.id);
    const std::string id(row.id);
    const std::string sql(row.sql);
    CHECK(status_of(id, dsql_lint(box, {"--format", "json", "-"}, sql).out) == row.status);
    CHECK(status_of(id, dsql_lint(box, {"--fix", "--format", "json", "-"}, sql).out) ==
          (row.fixing.empty() ? row.status : row.fixing));
  }
  for (const IdRow& row : kMysqlIds) {
    INFO(row.id << ": " << row.sql);
    ids.insert(row.id);
    const Ended ended = dsql_lint(box, {"--fix", "--dialect", "mysql", "--format", "json", "-"},
                                  std::string(row.sql));
    CHECK(status_of(std::string(row.id), ended.out) == row.status);
  }
  // Of the contract's 103 ids, six are for older engines and never emitted today.
  CHECK(ids.size() == 97);
}

TEST_CASE("contract 4.2: what is folded has the contract's id, and the line of its ALTER",
          "[dsql_lint]") {
  const Sandbox box;
  const std::string sql =
      "CREATE TABLE p (id bigint PRIMARY KEY);\nCREATE TABLE t (a bigint);\n"
      "ALTER TABLE ONLY t\n  ADD CONSTRAINT k UNIQUE (a);\n"
      "ALTER TABLE ONLY t\n  ADD CHECK (a > 0);\n"
      "ALTER TABLE ONLY t\n  ADD FOREIGN KEY (a) REFERENCES p;\n";
  for (const bool fixing : {false, true}) {
    std::vector<std::string> arguments = {"--format", "json", "-"};
    if (fixing) arguments.insert(arguments.begin(), "--fix");
    const Json file = Json::parse(dsql_lint(box, arguments, sql).out)["files"][0];
    std::vector<std::string> found;
    for (const Json& diagnostic : file["diagnostics"]) {
      found.push_back(diagnostic["rule"].get<std::string>() + ":" + diagnostic["line"].dump() +
                      ":" + diagnostic["fix_result"]["status"].get<std::string>());
    }
    CHECK(found == std::vector<std::string>{"alter_add_unique_collapse:3:fixed",
                                            "check_not_valid:6:fixed",
                                            "foreign_key_not_valid:8:fixed"});
  }
}

TEST_CASE("contract 4.1: one diagnostic per index key, and each has its own status",
          "[dsql_lint]") {
  const Sandbox box;
  const std::string sql = "CREATE INDEX ASYNC i ON t (a DESC NULLS LAST, b ASC, c);\n";
  const Ended ended = dsql_lint(box, {"--fix", "--format", "json", "-"}, sql);
  const Json file = Json::parse(ended.out)["files"][0];
  REQUIRE(file["diagnostics"].size() == 2);
  CHECK(file["diagnostics"][0]["fix_result"]["status"] == kIsWarned);
  CHECK(file["diagnostics"][1]["fix_result"]["status"] == kIsFixed);
  CHECK(file["fixed_sql"] == "CREATE INDEX ASYNC i ON t (a NULLS LAST, b, c);\n");
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
