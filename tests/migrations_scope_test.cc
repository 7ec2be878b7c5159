// `dsqlint migrations --after VERSION`: which files are reported on.

#include <filesystem>

#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a version is understood as the tool's users write it", "[migrations_scope]") {
  const Sandbox box;
  const auto after = [&](const std::string& version) {
    return run({.arguments = {"migrations", "--after", version}, .folder = box.path()});
  };
  box.write("flyway.conf", "");
  for (const std::string name : {"V1__a.sql", "V2__b.sql", "V10__c.sql", "R__d.sql"}) {
    box.write("sql/" + name, "truncate a;\n");
  }
  for (const std::string version : {"2", "V2", "2.0", "V2__b.sql", "sql/V2__b.sql"}) {
    INFO(version);
    const Ended ended = after(version);
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.out, "V10__c.sql:1"));
    CHECK(contains(ended.out, "R__d.sql:1"));
    CHECK(!contains(ended.out, "V1__a.sql:1"));
    CHECK(!contains(ended.out, "V2__b.sql:1"));
  }
  for (const std::string version : {"nope", "2O", "3", "V"}) {
    const Ended ended = after(version);
    CHECK(ended.exit_code == 2);
    CHECK(contains(ended.err, "--after " + version +
                                  ": there is no such version; there are 1, "
                                  "2, 10, R__d.sql"));
  }
}

TEST_CASE("a revision stands where its chain puts it", "[migrations_scope]") {
  const Sandbox box;
  box.write("alembic.ini", "");
  const auto revision = [&](const std::string& id, const std::string& after) {
    box.write("versions/" + id + ".py", "revision = '" + id + "'\ndown_revision = " + after +
                                            "\n\ndef upgrade():\n    op.execute('truncate a')\n");
  };
  revision("f0", "None");
  revision("c0", "'f0'");
  revision("a0", "'c0'");
  const Ended ended = run({.arguments = {"migrations", "--after", "c0"}, .folder = box.path()});
  CHECK(contains(ended.out, "a0.py:5"));
  CHECK(!contains(ended.out, "c0.py:5"));
  CHECK(!contains(ended.out, "f0.py:5"));
}

TEST_CASE("what keeps the migrations from being read is told with its place",
          "[migrations_scope]") {
  const auto migrations = [](const Sandbox& box) {
    return run({.arguments = {"migrations"}, .folder = box.path()});
  };
  const Sandbox drizzle;
  drizzle.write("drizzle.config.ts", "");
  drizzle.write("drizzle/0000_a.sql", "select 1;\n");
  drizzle.write("drizzle/meta/_journal.json", "{\n  \"entries\": [\n    {\"idx\": }\n]}\n");
  CHECK(contains(
      migrations(drizzle).out,
      "drizzle/meta/_journal.json:3:13: error[missing_migration_file]: the file is not valid "
      "JSON: syntax error while parsing value - unexpected '}'"));
  drizzle.write("drizzle/meta/_journal.json", "{}\n");
  CHECK(contains(migrations(drizzle).out, "the journal has no list of `entries`"));

  const Sandbox named;
  named.write("db/changelog.yaml", "databaseChangeLog:\n  - include:\n      file: gone.sql\n");
  Ended ended = migrations(named);
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out, "db/changelog.yaml:3:13: error[missing_migration_file]"));

  const Sandbox broken;
  broken.write("changelog.xml",
               "<databaseChangeLog>\n  <changeSet id=\"1\">\n    <sql>select 1\n  </changeSet>\n"
               "</databaseChangeLog>\n");
  ended = migrations(broken);
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out,
                 "changelog.xml:4:3: error[missing_migration_file]: `</changeSet>` "
                 "is found where `<sql>` is open"));

  const Sandbox linked;
  linked.write("m/1_a.sql", "-- +goose Up\nselect 1;\n");
  std::filesystem::create_symlink("gone.sql", linked.path("m/2_b.sql"));
  ended = migrations(linked);
  CHECK(ended.exit_code == 1);
  CHECK(contains(ended.out + ended.err, "m/2_b.sql: "));
}

}  // namespace
}  // namespace dsqlint::test
