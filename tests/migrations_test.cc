// Each tool's project under tests/fixtures/migrations: what is found, its order, sections and
// transactions, and what the program says about it, as a golden.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "plugins/migrations/literals.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/program_layout.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/survey.h"
#include "tests/catch.h"
#include "tests/support/program.h"
#include "tests/support/properties.h"

namespace dsqlint::test {
namespace {

namespace fs = std::filesystem;
namespace mig = migrations;

const fs::path kFolder = fs::path(DSQLINT_SOURCE_DIR) / "tests/fixtures/migrations";

std::string place(const SourceFile& source, Range range) {
  const Position begin = source.position(range.begin);
  const Position end = source.position(range.end);
  return fmt::format("{}:{}-{}:{}", begin.line, begin.column, end.line, end.column);
}

std::string transaction_text(const RunnerTransaction& made) {
  std::string text = made.subject;
  if (made.message) text += ", one message";
  if (!made.record.empty()) text += ", with " + made.record;
  return text;
}

/// The order, sections and transactions of a project.
std::string plan_of(const std::string& top) {
  const auto project = mig::Project::read(top);
  REQUIRE(project);
  const auto survey = mig::survey(*project, {});
  REQUIRE(survey);
  REQUIRE(survey->decisions.size() == 1);
  const mig::Decision* decision = &survey->decisions.front();
  std::string because = decision->because;
  if (because.starts_with(top + "/")) because.erase(0, top.size() + 1);
  std::string out = fmt::format("{}, by {}\n", decision->tool->name, because);
  const mig::Ordered ordered = mig::order_migrations(*project, *decision);
  const bool parted =
      decision->tool->parts_all &&
      std::any_of(ordered.migrations.begin(), ordered.migrations.end(), [&](const auto& migration) {
        return mig::opts_out(*decision->tool, project->text(migration.path));
      });
  for (const mig::Migration& migration : ordered.migrations) {
    out += fmt::format("{}{}{}\n", migration.path,
                       migration.version.empty() ? "" : ", version " + migration.version,
                       migration.down ? ", down" : "");
    const auto source = SourceFile::load(top + "/" + migration.path);
    REQUIRE(source);
    mig::SectionOptions options;
    options.down_file = migration.down;
    options.no_transaction = migration.no_transaction;
    options.parted = parted;
    Layout layout;
    if (mig::holds_literals(*decision->tool, migration.path)) {
      const mig::Extracted extracted =
          mig::extract(*decision->tool, migration.path, (*source)->text());
      layout = mig::layout_of(*decision->tool, extracted, (*source)->text(), options);
      for (const mig::SentText& sent : extracted.sent) {
        out += fmt::format("  {} {}\n", sent.down ? "down" : "up",
                           place(**source, extracted.text.source(sent.range)));
      }
      for (const Range range : extracted.unreadable) {
        out += fmt::format("  not readable {}\n", place(**source, range));
      }
    } else {
      const mig::Sliced sliced = mig::slice(*decision->tool, (*source)->text(), options);
      for (const mig::Section& section : sliced.sections) {
        constexpr std::string_view kWords[] = {"up", "down", "ignored"};
        out += fmt::format("  {} {}\n", kWords[static_cast<size_t>(section.direction)],
                           place(**source, section.range));
      }
      layout = sliced.layout;
    }
    for (const RunnerTransaction& made : layout.transactions) {
      out += "  " + transaction_text(made) + "\n";
    }
    const bool singly = std::any_of(layout.parts.begin(), layout.parts.end(), [](const Part& part) {
      return part.transaction == Part::kSingly;
    });
    if (singly) out += "  statement by statement\n";
  }
  return out;
}

std::string said(const Ended& ended) {
  return fmt::format("{}{}[exit {}]\n", ended.out,
                     ended.err.empty() ? "" : "[stderr]\n" + ended.err, ended.exit_code);
}

void copy_project(const fs::path& from, const Sandbox& box) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().filename() == "golden") continue;
    fs::copy(entry.path(), box.path(entry.path().filename().string()), fs::copy_options::recursive);
  }
}

TEST_CASE("every tool's project is read as the tool reads it", "[migrations]") {
  std::set<std::string> seen;
  for (const mig::Tool& tool : mig::tools()) {
    INFO(tool.name);
    const fs::path folder = kFolder / tool.name;
    REQUIRE(fs::is_directory(folder));
    const Sandbox box;
    copy_project(folder, box);
    std::string found;
    if (tool.files != mig::Files::None) found += plan_of(box.path()) + "\n";
    found +=
        "$ dsqlint migrations\n" + said(run({.arguments = {"migrations"}, .folder = box.path()}));
    if (tool.files != mig::Files::None) {
      found +=
          "\n$ dsqlint migrations --fix --diff -q\n" +
          said(run({.arguments = {"migrations", "--fix", "--diff", "-q"}, .folder = box.path()}));
    }
    const fs::path golden = folder / "golden";
    if (std::getenv("DSQLINT_UPDATE") != nullptr) {
      std::ofstream(golden, std::ios::binary) << found;
    } else {
      CHECK((fs::exists(golden) ? read_file(golden.string()) : "") == found);
    }
  }
}

/// Runs `dsqlint migrations` in the folder, without colours.
Ended migrations_in(const Sandbox& box, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "migrations");
  return run({.arguments = std::move(arguments), .folder = box.path()});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a folder that fits two tools, or none, is told with the next step", "[migrations]") {
  const Sandbox box;
  box.write("README.md", "nothing");
  Ended ended = migrations_in(box, {});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "no migrations of a known tool were found"));
  CHECK(contains(ended.err, "--tool"));

  box.write("migrations/20240101000000_a.sql", "select 1;");
  ended = migrations_in(box, {});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "sqlx"));
  CHECK(contains(ended.err, "Supabase"));
  CHECK(contains(ended.err, "choose one: --tool sqlx"));
  CHECK(migrations_in(box, {"--tool", "sqlx"}).exit_code == 0);
  CHECK(migrations_in(box, {"--migrations", "sqlx:migrations"}).exit_code == 0);

  // Two kinds of marks.
  box.write("migrations/20240102000000_b.sql", "-- +goose Up\nselect 1;\n");
  box.write("migrations/20240103000000_c.sql", "-- migrate:up\nselect 1;\n");
  ended = migrations_in(box, {});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "goose (the marks in 20240102000000_b.sql)"));
  CHECK(contains(ended.err, "dbmate (the marks in 20240103000000_c.sql)"));
}

TEST_CASE("wrong usage of migrations is told", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.up.sql", "select 1;");
  CHECK(contains(migrations_in(box, {"--migrations", "gose:m"}).err, "did you mean `goose`?"));
  CHECK(contains(migrations_in(box, {"--migrations", "m"}).err, "write it as TOOL:FOLDER"));
  CHECK(contains(migrations_in(box, {"--tool", "goose", "--placeholder", "x"}).err,
                 "write it as NAME=VALUE"));
  CHECK(contains(migrations_in(box, {"nowhere"}).err, "nowhere: there is no such folder"));
  CHECK(contains(migrations_in(box, {"m/1_a.up.sql"}).err, "m/1_a.up.sql: that is a file"));
  CHECK(migrations_in(box, {"--diff"}).exit_code == 2);
  // Where the configuration names it, the line is told.
  box.write("dsqlint.toml", "fail-on = \"error\"\nmigrations = [\"db\"]\n");
  Ended ended = migrations_in(box, {});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "dsqlint.toml:2:14: there is no folder `db`"));
  box.write("dsqlint.toml", "migrations = [\"m\", \"db\"]\n");
  ended = migrations_in(box, {});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "dsqlint.toml:1:14: there is no folder `db`"));
  box.write("dsqlint.toml", "migrations = [\"gose:m\"]\n");
  CHECK(contains(migrations_in(box, {}).err, "dsqlint.toml:1:14: `gose` is not a known tool"));
}

TEST_CASE("the output of a command is checked", "[migrations]") {
  const Sandbox box;
  Ended ended = migrations_in(box, {"--from", "echo 'truncate t;'"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out, "error[truncate]"));
  ended = migrations_in(box, {"--from", "echo no database >&2; exit 3"});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "ended with exit code 3"));
  CHECK(contains(ended.err, "no database"));
  ended = migrations_in(box, {"--from", "true"});
  CHECK(ended.exit_code == 2);
  CHECK(contains(ended.err, "printed nothing"));
  CHECK(migrations_in(box, {"--from", "true", "--fix"}).exit_code == 2);
}

TEST_CASE("migrations are reported in scope and read as a whole", "[migrations]") {
  const Sandbox box;
  const auto git = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", "user.name=a", "-c", "user.email=a@b"});
    return run({.arguments = std::move(arguments), .program = "/usr/bin/git", .folder = box.path()})
        .exit_code;
  };
  box.write("m/1_a.up.sql", "truncate a;\n");
  box.write("m/3_c.up.sql", "truncate c;\n");
  box.write("go.mod", "require github.com/golang-migrate/migrate/v4 v4\n");
  REQUIRE(git({"init", "-q"}) == 0);
  REQUIRE(git({"add", "."}) == 0);
  REQUIRE(git({"commit", "-q", "-m", "a"}) == 0);
  box.write("m/2_b.up.sql", "truncate b;\n");
  Ended ended = migrations_in(box, {"--since", "HEAD"});
  CHECK(contains(ended.out, "m/2_b.up.sql:1:1: warning[migration_out_of_order]"));
  CHECK(contains(ended.out, "before 3_c.up.sql, which exists already"));
  CHECK(!contains(ended.out, "1_a.up.sql:"));
  REQUIRE(git({"add", "m/2_b.up.sql"}) == 0);
  ended = migrations_in(box, {"--staged"});
  CHECK(contains(ended.out, "m/2_b.up.sql:1"));
  CHECK(!contains(ended.out, "m/3_c.up.sql:1"));
  ended = migrations_in(box, {"--after", "2"});
  CHECK(contains(ended.out, "m/3_c.up.sql:1"));
  CHECK(!contains(ended.out, "m/2_b.up.sql:1"));
  CHECK(migrations_in(box, {"--baseline", "known.json", "--update-baseline"}).exit_code == 0);
  CHECK(migrations_in(box, {"--baseline", "known.json"}).exit_code == 0);
}

TEST_CASE("down sections are checked when asked for", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;\n-- +goose Down\n"
            "truncate a;\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  const Ended ended = migrations_in(box, {"--check-down"});
  CHECK(contains(ended.out, "m/1_a.sql:5:1: error[truncate]"));
}

TEST_CASE("marks that the tool would not take are found", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql", "-- +goose Up\n-- +goose StatementBegin\nselect 1;\n");
  box.write("m/2_b.sql", "-- +goose Up\n-- +goose StatementEnd\n-- +goose Down\n-- +goose Up\n");
  box.write("m/3_c.sql", "select 1;\n");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "1_a.sql:2:1: error[misplaced_migration_mark]"));
  CHECK(contains(ended.out, "2_b.sql:2:1: error[misplaced_migration_mark]"));
  CHECK(contains(ended.out, "2_b.sql:4:1: error[misplaced_migration_mark]"));
  CHECK(contains(ended.out, "3_c.sql:1:1: error[misplaced_migration_mark]"));
}

TEST_CASE("rows of a runner's transaction are counted over its files", "[migrations]") {
  const Sandbox box;
  std::string rows = "insert into t (id) values (0)";
  for (int i = 1; i < 2000; ++i) rows += fmt::format(",({})", i);
  box.write("drizzle.config.ts", "");
  box.write("drizzle/0000_a.sql", rows + ";");
  box.write("drizzle/0001_b.sql", rows + ";");
  box.write("drizzle/meta/_journal.json",
            R"({"entries":[{"idx":0,"tag":"0000_a"},{"idx":1,"tag":"0001_b"}]})");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "drizzle/0001_b.sql:1:1: error[transaction_row_limit]"));
  CHECK(contains(ended.out, "adds 4000 rows"));
  CHECK(!contains(ended.out, "0000_a.sql:1:1"));
  CHECK(!contains(migrations_in(box, {"--transaction", "file"}).out, "transaction_row_limit"));
}

TEST_CASE("rows before BEGIN in a message count with those after it", "[migrations]") {
  const Sandbox box;
  std::string rows = "insert into t (id) values (0)";
  for (int i = 1; i < 2000; ++i) rows += fmt::format(",({})", i);
  rows += ";\n";
  box.write("prisma/schema.prisma", "");
  box.write("prisma/migrations/1_a/migration.sql", rows + "begin;\n" + rows + "commit;\n" + rows);
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "1_a/migration.sql:3:1: error[transaction_row_limit]"));
  CHECK(contains(ended.out, "adds 4000 rows"));
  CHECK(!contains(ended.out, "migration.sql:5:1"));
  // Of a block with nothing before it the rule about blocks speaks, once.
  box.write("prisma/migrations/1_a/migration.sql", "begin;\n" + rows + rows + "commit;\n" + rows);
  const Ended alone = migrations_in(box, {});
  CHECK(contains(alone.out, "1_a/migration.sql:1:1: error[transaction_row_limit]"));
  CHECK(!contains(alone.out, "migration.sql:3:1"));
}

TEST_CASE("a COMMIT in a file ends the transaction over all files", "[migrations]") {
  const Sandbox box;
  box.write("drizzle.config.ts", "");
  box.write("drizzle/0000_a.sql", "create table a (i int);\n");
  box.write("drizzle/0001_b.sql", "begin;\nselect 1;\ncommit;\n");
  box.write("drizzle/0002_c.sql", "create table c (i int);\n");
  box.write("drizzle/meta/_journal.json",
            R"({"entries":[{"idx":0,"tag":"0000_a"},{"idx":1,"tag":"0001_b"},)"
            R"({"idx":2,"tag":"0002_c"}]})");
  CHECK(!contains(migrations_in(box, {}).out, "multi_ddl_transaction"));
  // BEGIN does nothing in it, and ends nothing.
  box.write("drizzle/0001_b.sql", "begin;\nselect 1;\n");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "0002_c.sql:1:1: error[multi_ddl_transaction]"));
}

TEST_CASE("Flyway's settings beside a script are written once and never over others",
          "[migrations]") {
  const Sandbox box;
  box.write("flyway.conf", "");
  box.write("sql/V1__a.sql", "create table a (i int);\ncreate table b (i int);\n");
  CHECK(migrations_in(box, {"--fix", "--diff"}).exit_code == 3);
  CHECK(!box.exists("sql/V1__a.sql.conf"));
  CHECK(migrations_in(box, {"--fix"}).exit_code == 3);
  CHECK(box.read("sql/V1__a.sql.conf") == "executeInTransaction=false\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  box.write("sql/V1__a.sql.conf", "encoding=UTF-8\n");
  const Ended ended = migrations_in(box, {"--fix"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out, "help: write `executeInTransaction=false`"));
  CHECK(box.read("sql/V1__a.sql.conf") == "encoding=UTF-8\n");
}

TEST_CASE("atlas.sum is held against the files, and rewritten with them", "[migrations]") {
  const Sandbox box;
  // As Atlas itself has written it.
  constexpr std::string_view kSum =
      "h1:QIQs10Nycm4jTIhL0jceZzIIOA09Ps2YAkZiaW5A1As=\n"
      "20240101000000_a.sql h1:kgbU2U6LXkeEbeGEUnb6U1nHQWB6WR3Try3pAMlduYw=\n"
      "20240102000000_b.sql h1:pjbWT71tGeTWJWh5O2KZJnUFMY+gStJfPBirZ0t9nyc=\n"
      "baseline.sql h1:UHmF3MP0uLmZB4fXzctb04hsXAIhEk+OwKoPhvYcRAI=\n";
  constexpr std::string_view kFixedSum =
      "h1:8ML9dDVP2FFPcs8634ZzYngf4wIQecgwAfpUwUk+nVI=\n"
      "20240101000000_a.sql h1:lLwAwwIOa1Mz3gODCGN1drcstq9ppiYYLjtRpQNiptM=\n"
      "20240102000000_b.sql h1:z93U6OnpJo88f/fphIdJL/UiFxB2oEskXcXkLLpP5kI=\n"
      "baseline.sql h1:DNGUnjxtdoi+41M2NSJ4CS0gqbg8X5mZ8012NLy3Qys=\n";
  std::string baseline;
  for (int i = 0; i < 500; ++i) baseline += "-- x\n";
  box.write("20230101000000_i.sql", "-- atlas:sum ignore\n\nselect 1;\n");
  box.write("20240101000000_a.sql",
            "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\n");
  box.write("20240102000000_b.sql", "CREATE INDEX i ON a (id);\r\n");
  box.write("baseline.sql", baseline + "\n");
  box.write("atlas.sum", std::string(kSum));
  CHECK(!contains(migrations_in(box, {}).out, "migration_checksum_mismatch"));
  CHECK(contains(migrations_in(box, {"--fix", "--diff"}).out, "--- atlas.sum"));
  CHECK(box.read("atlas.sum") == kSum);
  CHECK(migrations_in(box, {"--fix"}).exit_code == 3);
  CHECK(box.read("atlas.sum") == kFixedSum);
  CHECK(migrations_in(box, {}).exit_code == 0);

  // Edited behind its back: only the first that differs is the edited one, and nothing is
  // rewritten.
  box.write("20240101000000_a.sql", box.read("20240101000000_a.sql") + "TRUNCATE a;\n");
  const Ended ended = migrations_in(box, {"--fix"});
  CHECK(contains(ended.out, "atlas.sum:2:1: error[migration_checksum_mismatch]"));
  CHECK(!contains(ended.out, "atlas.sum:3"));
  CHECK(box.read("atlas.sum") == kFixedSum);
  // Its lines are sound, its sum is not.
  box.write("atlas.sum", "h1:AAAA=\n" + std::string(kFixedSum.substr(kFixedSum.find('\n') + 1)));
  box.write("20240101000000_a.sql",
            "-- atlas:txmode none\n\nCREATE TABLE a (id bigint PRIMARY KEY);\n"
            "CREATE TABLE b (id bigint PRIMARY KEY);\n");
  CHECK(contains(migrations_in(box, {}).out, "atlas.sum:1:1: error[migration_checksum_mismatch]"));
}

TEST_CASE("atlas.sum of another tool's folder is read as Atlas writes it", "[migrations]") {
  // What goes down is left out, and the order may be another than that of the names.
  const Sandbox box;
  box.write("atlas.hcl", "");
  box.write("1_a.up.sql", "select 1;\n");
  box.write("1_a.down.sql", "select 2;\n");
  box.write("atlas.sum", "h1:x\n1_a.up.sql h1:y\n");
  const Ended ended = migrations_in(box, {"--tool", "atlas"});
  CHECK(!contains(ended.out, "unlisted_migration"));
  CHECK(contains(ended.out, "migration_checksum_mismatch"));
  box.write("atlas.sum", "h1:x\n1_a.up.sql h1:y\n1_a.up.sql h1:y\n");
  CHECK(contains(migrations_in(box, {"--tool", "atlas"}).out, "migration_checksum_mismatch"));
}

TEST_CASE("what is said of a migration's place can be silenced", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql", "-- +goose Up\nselect 1;\n");
  box.write("m/01_b.sql", "-- +goose Up\nselect 1;\n");
  box.write("m/2_c.sql", "-- +goose Up\n-- +goose StatementEnd\nselect 1;\n");
  const std::string duplicate = "error[duplicate_migration_version]";
  CHECK(contains(migrations_in(box, {}).out, "m/1_a.sql:1:1: " + duplicate));
  box.write("m/1_a.sql",
            "-- dsqlint: ignore-file duplicate_migration_version: both were run\n"
            "-- +goose Up\nselect 1;\n");
  Ended ended = migrations_in(box, {});
  CHECK(!contains(ended.out, duplicate));
  CHECK(!contains(ended.out, "unused_suppression"));
  CHECK(!contains(migrations_in(box, {"--fix"}).out, duplicate));
  ended = migrations_in(box, {"--format", "sarif"});
  CHECK(contains(ended.out, "both were run"));
  // A mark's comment is on its line.
  box.write("m/2_c.sql",
            "-- +goose Up\n-- dsqlint: ignore-file misplaced_migration_mark: old\n"
            "-- +goose StatementEnd\nselect 1;\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  // One that silences nothing is told.
  box.write("m/01_b.sql",
            "-- dsqlint: ignore-file migration_checksum_mismatch\n-- +goose Up\nselect 1;\n");
  CHECK(contains(migrations_in(box, {}).out, "01_b.sql:1:1: warning[unused_suppression]"));
  // Which is new, is known with --since.
  box.write("m/01_b.sql",
            "-- dsqlint: ignore-file migration_out_of_order\n-- +goose Up\nselect 1;\n");
  CHECK(!contains(migrations_in(box, {}).out, "unused_suppression"));

  // Files that are not run as they stand: programs, lists, what the list leaves out.
  const Sandbox other;
  other.write("drizzle.config.ts", "");
  other.write("drizzle/0000_a.sql", "select 1;\n");
  other.write("drizzle/0001_b.sql", "-- dsqlint: ignore-file unlisted_migration: kept for later\n");
  other.write("drizzle/meta/_journal.json",
              R"({"entries":[{"idx":0,"tag":"0000_a"},{"idx":1,"tag":"0002_c"}]})");
  ended = migrations_in(other, {});
  CHECK(!contains(ended.out, "unlisted_migration"));
  CHECK(contains(ended.out, "error[missing_migration_file]"));
  other.write(
      "dsqlint.toml",
      "[[per-path]]\npath = \"drizzle/meta/**\"\nseverity = {missing_migration_file = \"off\"}\n");
  CHECK(migrations_in(other, {}).exit_code == 0);

  const Sandbox code;
  code.write("alembic.ini", "");
  code.write("versions/a.py",
             "revision = 'a'\ndown_revision = 'zz'  # dsqlint: ignore-file missing_migration_file: "
             "squashed\n");
  CHECK(migrations_in(code, {}).exit_code == 0);

  const Sandbox changelog;
  changelog.write(
      "a.sql",
      "--liquibase formatted sql\n-- dsqlint: ignore-file unresolved_placeholder: set in "
      "CI\n--changeset a:1\nselect ${x};\n");
  CHECK(contains(migrations_in(changelog, {}).err, "Liquibase"));
  CHECK(!contains(migrations_in(changelog, {}).out, "warning["));
}

TEST_CASE("going down is a run of its own", "[migrations]") {
  // One statement each way: in one transaction they would be two.
  const std::string two = "DDL statements";
  struct Case {
    std::string path;
    std::string text;
  };
  for (const Case& each : {
           Case{"m/1_a.sql",
                "-- +goose Up\ncreate table a (i int);\n-- +goose Down\ndrop table a;\n"},
           Case{"m/1_a.sql",
                "-- migrate:up\ncreate table a (i int);\n-- migrate:down\ndrop table a;\n"},
           Case{"m/1_a.sql",
                "-- +migrate Up\ncreate table a (i int);\n-- +migrate Down\ndrop table a;\n"},
           Case{"m/1_a.sql",
                "-- Up Migration\ncreate table a (i int);\n-- Down Migration\ndrop table a;\n"},
           Case{"m/1_a.sql",
                "create table a (i int);\n---- create above / drop below ----\ndrop table a;\n"},
           Case{"m/1_a.js",
                "exports.up = (knex) => knex.raw('create table a (i int)');\n"
                "exports.down = (knex) => knex.raw('drop table a');\n"},
           Case{"m/1-a.ts",
                "export class A { up(queryRunner) { queryRunner.query(`create table a (i int)`) }\n"
                "down(queryRunner) { queryRunner.query(`drop table a`) } }\n"},
       }) {
    INFO(each.text);
    const Sandbox box;
    box.write(each.path, each.text);
    const Ended ended = migrations_in(box, {"--check-down"});
    CHECK(!contains(ended.out, two));
    // Each has its own record beside it; where the tool's settings are the cause, one stands for
    // both.
    CHECK((contains(ended.out, "2 errors") ||
           contains(ended.out, "the same holds for 1 more statement")));
  }
}

TEST_CASE("a fix of a down section goes where the tool looks for it", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql",
            "select 1;\n---- create above / drop below ----\ndrop table a;\ndrop table b;\n");
  CHECK(migrations_in(box, {"--check-down", "--fix"}).exit_code == 3);
  CHECK(box.read("m/1_a.sql") ==
        "select 1;\n---- create above / drop below ----\n---- tern: disable-tx ----\n"
        "drop table a;\ndrop table b;\n");
  CHECK(migrations_in(box, {"--check-down"}).exit_code == 0);
  // What the upper part says of itself does not go for the lower one.
  box.write("m/1_a.sql",
            "---- tern: disable-tx ----\ncreate table a (i int);\ncreate table b (i int);\n"
            "---- create above / drop below ----\ndrop table a;\ndrop table b;\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  CHECK(contains(migrations_in(box, {"--check-down"}).out, "holds 2 DDL statements"));
}

TEST_CASE("programs are taken out of their transaction in their own words", "[migrations]") {
  struct Case {
    std::string path;
    std::string text;
    std::string fixed;
  };
  const std::string two = "create table a (i int)";
  for (const Case& each : {
           Case{"migrations/1_a.js",
                "exports.up = async (knex) => {\n  await knex.raw('create table a (i int)');\n"
                "  await knex.raw('create table b (i int)');\n};",
                "exports.up = async (knex) => {\n  await knex.raw('create table a (i int)');\n"
                "  await knex.raw('create table b (i int)');\n};\n"
                "exports.config = { transaction: false };\n"},
           Case{
               "migrations/1_a.ts",
               "export async function up(knex) {\n  await knex.raw(`create table a (i int)`);\n}\n",
               "export async function up(knex) {\n  await knex.raw(`create table a (i int)`);\n}\n"
               "export const config = { transaction: false };\n"},
           Case{"db/migrate/20240101000000_a.rb",
                "class A < ActiveRecord::Migration[8.0]\r\n  def up\r\n    execute 'create table a "
                "(i int)'\r\n"
                "    execute 'create table b (i int)'\r\n  end\r\nend\r\n",
                "class A < ActiveRecord::Migration[8.0]\r\n  disable_ddl_transaction!\r\n  def "
                "up\r\n    execute 'create table a (i int)'\r\n"
                "    execute 'create table b (i int)'\r\n  end\r\nend\r\n"},
           Case{"shop/migrations/0001_a.py",
                "class Migration(migrations.Migration):\n    operations = "
                "[migrations.RunSQL(['create table a (i int)', 'create table b (i int)'])]\n",
                "class Migration(migrations.Migration):\n    atomic = False\n    operations = "
                "[migrations.RunSQL(['create table a (i int)', 'create table b (i int)'])]\n"},
           Case{"root.xml",
                "<databaseChangeLog>\n<changeSet id=\"1\" author=\"a\">\n<sql>create table a (i "
                "int); create table b (i int)</sql>\n</changeSet>\n</databaseChangeLog>\n",
                "<databaseChangeLog>\n<changeSet id=\"1\" author=\"a\" "
                "runInTransaction=\"false\">\n<sql>create table a (i int); create table b (i "
                "int)</sql>\n</changeSet>\n</databaseChangeLog>\n"},
       }) {
    INFO(each.path);
    const Sandbox box;
    box.write(each.path, each.text);
    CHECK(migrations_in(box, {}).exit_code == 1);
    CHECK(migrations_in(box, {"--fix", "-q"}).exit_code == 3);
    CHECK(box.read(each.path) == each.fixed);
    CHECK(migrations_in(box, {}).exit_code == 0);
  }
  // Names that are not exported one by one are left to the user.
  const Sandbox whole;
  whole.write("knexfile.js", "");
  whole.write(
      "migrations/1_a.js",
      "const up = (knex) => knex.raw('create table a (i int)');\nmodule.exports = { up };\n");
  CHECK(contains(migrations_in(whole, {"--fix"}).out,
                 "help: export `config = { transaction: false }`"));
  // Two elements of one changeset are one transaction.
  const Sandbox box;
  box.write("root.xml",
            "<databaseChangeLog><changeSet id=\"1\"><sql>create table a (i int)</sql><sql>create "
            "table b (i int)</sql></changeSet><changeSet id=\"2\"><sql>create table c (i "
            "int)</sql></changeSet></databaseChangeLog>");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "the transaction of the changeset `1` holds 2 DDL statements"));
  CHECK(!contains(ended.out, "changeset `2`"));
}

TEST_CASE("one Knex migration that opts out parts the others", "[migrations]") {
  const Sandbox box;
  box.write("knexfile.js", "");
  box.write("migrations/1_a.js", "exports.up = (knex) => knex.raw('create table a (i int)');\n");
  box.write("migrations/2_b.js", "exports.up = (knex) => knex.raw('create table b (i int)');\n");
  Ended ended = migrations_in(box, {});
  CHECK(contains(ended.err, "all pending files in one transaction"));
  CHECK(contains(ended.out, "has 1 DDL statement before this file"));
  CHECK(migrations_in(box, {"--fix", "--diff"}).exit_code == 3);
  box.write("migrations/2_b.js",
            "exports.up = (knex) => knex.raw('create table b (i int)');\n"
            "exports.config = { transaction: false };\n");
  ended = migrations_in(box, {});
  CHECK(contains(ended.err, "each file in one transaction"));
  CHECK(ended.exit_code == 0);
}

TEST_CASE("Drizzle's chunks are split by its breakpoint where each is sent by itself",
          "[migrations]") {
  const Sandbox box;
  box.write("drizzle.config.ts", "");
  box.write("drizzle/meta/_journal.json", R"({"entries":[{"idx":0,"when":1,"tag":"0000_a"}]})");
  box.write("drizzle/0000_a.sql",
            "create table a (i int); create table b (i int); -- both\n"
            "insert into a values (1);\ninsert into a values (2);--> statement-breakpoint\n"
            "create table c (i int);\n");
  const Ended ended = migrations_in(box, {"--transaction", "statement", "--fix"});
  CHECK(ended.exit_code == 3);
  CHECK(box.read("drizzle/0000_a.sql") ==
        "create table a (i int);--> statement-breakpoint\n create table b (i int);--> "
        "statement-breakpoint -- both\n"
        "insert into a values (1);\ninsert into a values (2);--> statement-breakpoint\n"
        "create table c (i int);\n");
  CHECK(migrations_in(box, {"--transaction", "statement"}).exit_code == 0);
}

TEST_CASE("a journal's order is that of its entries, and its times rise", "[migrations]") {
  const Sandbox box;
  box.write("drizzle.config.ts", "");
  box.write("drizzle/0000_a.sql", "select 1;\n");
  box.write("drizzle/0001_b.sql", "select 1;\n");
  for (const int when : {4, 5}) {
    INFO(when);
    box.write("drizzle/meta/_journal.json",
              fmt::format("{{\"entries\":[{{\"idx\":0,\"when\":5,\"tag\":\"0000_a\"}},\n"
                          "{{\"idx\":1,\"when\":{},\"tag\":\"0001_b\"}}]}}",
                          when));
    CHECK(contains(migrations_in(box, {}).out,
                   "_journal.json:2:25: warning[migration_out_of_order]: `when` of `0001_b` is not "
                   "after that of `0000_a`"));
  }
  box.write("drizzle/meta/_journal.json",
            "{\"entries\":[{\"idx\":0,\"when\":5,\"tag\":\"0000_a\"},\n"
            "{\"idx\":1,\"when\":6,\"tag\":\"0001_b\"}]}");
  CHECK(!contains(migrations_in(box, {}).out, "migration_out_of_order"));
}

TEST_CASE("only what stands in Alembic's block is out of the transaction", "[migrations]") {
  const Sandbox box;
  box.write("alembic.ini", "");
  box.write("versions/a.py",
            "revision = 'a'\ndown_revision = None\n\ndef upgrade():\n"
            "    with op.get_context().autocommit_block():\n"
            "        op.execute('create table a (i int)')\n\n"
            "        op.execute('create table b (i int)')\n");
  box.write("versions/b.py",
            "revision = 'b'\ndown_revision = 'a'\n\ndef upgrade():\n"
            "    with op.get_context().autocommit_block():\n"
            "        op.execute('create table c (i int)')\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  box.write("versions/b.py",
            box.read("versions/b.py") + "    op.execute('create table d (i int)')\n");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out, "versions/b.py:7:17: error[mixed_ddl_dml_transaction]"));
  CHECK(contains(ended.out, "1 error in 1 file"));
}

TEST_CASE("node-pg-migrate runs programs, too", "[migrations]") {
  const Sandbox box;
  box.write(
      "migrations/1_a.js",
      "exports.up = (pgm) => {\n  pgm.noTransaction();\n  pgm.sql(`create table a (i int)`);\n"
      "  pgm.sql(`create table b (i int)`);\n};\n");
  box.write("migrations/2_b.sql", "select 1;\n");
  CHECK(migrations_in(box, {}).exit_code == 0);
  box.write("migrations/1_a.js",
            "exports.up = (pgm) => {\n  pgm.sql(`create table a (i int)`);\n"
            "  pgm.sql(`create table b (i int)`);\n};\n");
  CHECK(contains(migrations_in(box, {}).out, "1_a.js:3:12: error[multi_ddl_transaction]"));
}

TEST_CASE("goose's own rules for marks and ends are held", "[migrations]") {
  const Sandbox box;
  box.write(
      "m/1_a.sql",
      "-- +goose Up\nselect 1; -- one\nselect 2 -- two;\n;\n"
      "create function f() returns int language sql as 'select 1'\n-- +goose Down\nselect 1\n");
  box.write("m/2_b.sql", "  -- +goose Up\nselect 1;\n-- behind\n");
  const Ended ended = migrations_in(box, {});
  CHECK(contains(ended.out,
                 "1_a.sql:5:1: error[misplaced_migration_mark]: this statement has no `;`"));
  CHECK(contains(ended.out, "2_b.sql:1:1: error[misplaced_migration_mark]: goose rejects a mark"));
  CHECK(!contains(ended.out, "1_a.sql:2:"));
  CHECK(!contains(ended.out, "1_a.sql:3:"));
  CHECK(!contains(ended.out, "2_b.sql:3:"));
}

TEST_CASE("what rewriting means for databases that have run the file is told", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql", "-- +goose Up\ntruncate a;\n");
  CHECK(contains(migrations_in(box, {"--fix", "--diff"}).err, "goose does not run it again"));
  CHECK(!contains(migrations_in(box, {}).err, "run it again"));
  box.write("V1__a.sql", "truncate a;\n");
  CHECK(contains(migrations_in(box, {"--fix", "--migrations", "flyway:."}).err, "`flyway repair`"));
}

TEST_CASE("later migrations know what earlier ones have made", "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\n"
            "create table t (a int primary key);\n-- +goose Down\ndrop table t;\n");
  box.write("m/2_b.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\n"
            "alter table t alter column a type int;\n");
  // Known to be of that type already, so there is nothing to change.
  const std::string known = "= fix: remove the statement";
  CHECK(contains(migrations_in(box, {}).out, known));
  CHECK(contains(migrations_in(box, {"--after", "1"}).out, known));
  CHECK(!contains(migrations_in(box, {"--after", "1"}).out, "1_a.sql:"));
  CHECK(contains(migrations_in(box, {"--check-down"}).out, known));
}

TEST_CASE("versions are compared part by part", "[migrations]") {
  CHECK(mig::compare_versions("1.9", "1.10") < 0);
  CHECK(mig::compare_versions("1_0", "1") == 0);
  CHECK(mig::compare_versions("002", "2") == 0);
  CHECK(mig::compare_versions("99999999999999999999", "100000000000000000000") < 0);
}

TEST_CASE("files run in the order of their versions", "[migrations]") {
  const struct {
    std::string_view tool;
    std::vector<std::string> files;  ///< in the order wanted; what follows "" is not run
  } cases[] = {
      {"goose", {"9_c.sql", "010_b.sql", "11_a.sql"}},
      {"golang-migrate", {"9_b.up.sql", "9_b.down.sql", "10_a.up.sql"}},
      // Without a number: after all others.
      {"sql-migrate", {"2_b.sql", "10_a.sql", "A.sql"}},
      {"flyway",
       {"beforeMigrate.sql", "B2__base.sql", "V2_1__b.sql", "V10__a.sql", "R__a.sql",
        "afterMigrate.sql", "", "V1_9__old.sql", "V2.0__replaced.sql"}},
  };
  for (const auto& [name, files] : cases) {
    INFO(name);
    const Sandbox box;
    std::vector<std::string> wanted;
    for (const std::string& file : files) {
      if (!file.empty()) box.write(file, "select 1;\n");
    }
    wanted.assign(files.begin(), std::find(files.begin(), files.end(), ""));
    const auto project = mig::Project::read(box.path());
    REQUIRE(project);
    std::vector<std::string> found;
    for (const mig::Migration& migration :
         mig::order_migrations(*project, {.tool = mig::find_tool(name), .folders = {""}})
             .migrations) {
      found.push_back(migration.path);
    }
    CHECK(found == wanted);
  }
}

TEST_CASE("a tool that allows no gaps is told of each", "[migrations]") {
  const struct {
    std::vector<std::string> files;
    std::vector<std::string> gaps;  ///< the files after them
  } cases[] = {
      {{"1_a.sql", "2_b.sql", "03_c.sql"}, {}},
      {{"2_a.sql", "3_b.sql"}, {"2_a.sql"}},
      {{"1_a.sql", "3_b.sql", "4_c.sql", "6_d.sql"}, {"3_b.sql", "6_d.sql"}},
      // One version twice fills no gap.
      {{"1_a.sql", "1_b.sql", "2_c.sql"}, {}},
      {{"1_a.sql", "1_b.sql", "3_c.sql"}, {"3_c.sql"}},
      {{"0_a.sql", "2_b.sql"}, {"2_b.sql"}},
  };
  for (const auto& [files, gaps] : cases) {
    INFO(fmt::format("{}", fmt::join(files, " ")));
    const Sandbox box;
    for (const std::string& file : files) box.write(file, "select 1;\n");
    const auto project = mig::Project::read(box.path());
    REQUIRE(project);
    std::vector<std::string> found;
    for (const mig::HistoryProblem& problem :
         mig::order_migrations(*project, {.tool = mig::find_tool("tern"), .folders = {""}})
             .problems) {
      if (problem.rule == HistoryRule::VersionGap) found.push_back(problem.path);
    }
    CHECK(found == gaps);
  }
}

TEST_CASE("an Alembic revision runs after all that it follows", "[migrations]") {
  const Sandbox box;
  const auto revision = [&](const std::string& id, const std::string& after) {
    box.write(id + "_x.py", "revision = '" + id + "'\ndown_revision = " + after + "\n");
  };
  // Of two branches the longer one has the later names.
  revision("m", "None");
  revision("a", "('b', 'z')");
  revision("b", "'m'");
  revision("y", "'m'");
  revision("z", "'y'");
  const auto project = mig::Project::read(box.path());
  REQUIRE(project);
  std::string found;
  for (const mig::Migration& migration :
       mig::order_migrations(*project, {.tool = mig::find_tool("alembic"), .folders = {""}})
           .migrations) {
    found += migration.version;
  }
  CHECK(found == "mbyza");
}

TEST_CASE("what tools need to be made by hand is accepted", "[migrations]") {
  size_t checked = 0;
  for (const mig::Tool& tool : mig::tools()) {
    INFO(tool.name);
    CHECK((tool.set_up.empty() || !tool.set_up_help.empty() || !tool.set_up_sql.empty()));
    CHECK((tool.set_up_sql.empty() || tool.set_up_sql.ends_with('\n')));
    if (tool.set_up_sql.empty()) continue;
    const Ended ended = run({.arguments = {"check", "--fail-on", "info", "-q", "-"},
                             .input = std::string(tool.set_up_sql)});
    CHECK(ended.out == "");
    CHECK(ended.exit_code == 0);
    ++checked;
  }
  CHECK(checked > 5);
}

TEST_CASE("what is staged is judged, not the files", "[migrations]") {
  const Sandbox box;
  const auto git = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", "user.name=a", "-c", "user.email=a@b"});
    return run({.arguments = std::move(arguments), .program = "/usr/bin/git", .folder = box.path()})
        .exit_code;
  };
  const std::string head = "-- +goose NO TRANSACTION\n-- +goose Up\n";
  REQUIRE(git({"init", "-q"}) == 0);
  box.write("db/1_a.sql", head + "create table a (id uuid primary key, b int);\n");
  box.write("db/2_b.sql", head + "create index i on a (b);\n");
  REQUIRE(git({"add", "."}) == 0);
  box.write("db/2_b.sql", head + "create index async i on a (b);\n");
  box.write("db/3_c.sql", head + "truncate a;\n");
  Ended ended = migrations_in(box, {"--staged"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out, "db/2_b.sql:3:1: error[index_async]"));
  CHECK(!contains(ended.out, "3_c.sql"));
  ended = migrations_in(box, {"--staged", "--fix"});
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.err, "db/2_b.sql: is staged only in part, and not fixed"));
  CHECK(box.read("db/2_b.sql") == head + "create index async i on a (b);\n");
  // A file that is gone from the folder is still staged.
  std::filesystem::remove(box.path("db/1_a.sql"));
  CHECK(contains(migrations_in(box, {"--staged"}).out, "db/2_b.sql:3:1: error[index_async]"));
  // From another folder, and with a new file before those of the last commit.
  REQUIRE(git({"add", "db/2_b.sql"}) == 0);
  REQUIRE(git({"commit", "-q", "-m", "a"}) == 0);
  box.write("db/0_z.sql", head + "select 1;\n");
  REQUIRE(git({"add", "db/0_z.sql"}) == 0);
  CHECK(contains(migrations_in(box, {"--staged", "db"}).out,
                 "db/0_z.sql:1:1: warning[migration_out_of_order]"));
  // What is not staged is not read at all.
  box.write("db/0_z.sql", head + "truncate a;\n");
  CHECK(migrations_in(box, {"--staged", "db"}).exit_code == 0);
}

TEST_CASE("a comment that only the tool's transaction needs is no finding of check",
          "[migrations]") {
  const Sandbox box;
  box.write("m/1_a.sql",
            "-- +goose Up\n-- dsqlint: ignore mixed_ddl_dml_transaction: recorded elsewhere\n"
            "create table a (id uuid primary key);\n");
  CHECK(migrations_in(box, {"--fail-on", "info"}).exit_code == 0);
  CHECK(run({.arguments = {"check", "--fail-on", "info", "."}, .folder = box.path()}).exit_code ==
        0);
}

TEST_CASE("fixing migrations once is enough", "[migrations]") {
  for (const mig::Tool& tool : mig::tools()) {
    if (tool.files == mig::Files::None) continue;
    INFO(tool.name);
    const Sandbox box;
    copy_project(kFolder / tool.name, box);
    run({.arguments = {"migrations", "--fix", "-q"}, .folder = box.path()});
    const Ended again = run({.arguments = {"migrations", "--fix", "--diff", "-q", "--no-config"},
                             .folder = box.path()});
    CHECK(again.out == "");
  }
}

}  // namespace
}  // namespace dsqlint::test
