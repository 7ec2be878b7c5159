// SQL in programs and changelogs: what of their text is SQL, and what is not.

#include "tests/catch.h"
#include "tests/support/program.h"

namespace dsqlint::test {
namespace {

Ended migrations_in(const Sandbox& box, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "migrations");
  return run({.arguments = std::move(arguments), .folder = box.path()});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("Django's parameters are no SQL", "[program_migrations]") {
  const Sandbox box;
  box.write("manage.py", "");
  const std::string head =
      "from django.db import migrations\n"
      "class Migration(migrations.Migration):\n  atomic = False\n  operations = [\n";
  box.write("shop/migrations/0001_a.py",
            head +
                "    migrations.RunSQL(\n"
                "      [('INSERT INTO musician (name) VALUES (%s);', ['Reinhardt'])],\n"
                "      reverse_sql=[('DELETE FROM musician where name=%s;', ['Reinhardt'])]),\n"
                "    migrations.RunSQL([\n"
                "      ('update a set x = %s where y %% 2 = %(y)s', {'x': ')', 'y': 'drop x ('}),\n"
                "      ('delete from a where x IN %s', [(1, 2)]),\n"
                "      ('select 5 % 2', None),\n"
                "      'select 5 % 3',\n"
                "      ['create index i on a (x)', None],\n"
                "    ])]\n");
  Ended ended = migrations_in(box, {"--check-down"});
  CHECK(contains(ended.out, "0001_a.py:13:9: error[index_async]"));
  CHECK(contains(ended.out, "checked: 1 error;"));
  CHECK(migrations_in(box, {"--fix"}).exit_code == 3);
  CHECK(contains(box.read("shop/migrations/0001_a.py"), "['create index async i on a (x)', None]"));
  // Without parameters a `%` is one.
  box.write("shop/migrations/0001_a.py", head + "    migrations.RunSQL([('select %s', None)])]\n");
  CHECK(contains(migrations_in(box, {}).out, "error[parse_error]"));
}

TEST_CASE("Knex's bindings are no SQL", "[program_migrations]") {
  const Sandbox box;
  box.write("knexfile.js", "");
  const auto found = [&](const std::string& call) {
    box.write("migrations/20260101000000_a.js",
              "exports.config = { transaction: false };\n"
              "exports.up = async (knex) => {\n  await " +
                  call + ";\n};\n");
    return migrations_in(box, {"-q"}).out;
  };
  const std::string clean;
  CHECK(found("knex.raw('update t set a = ? where b = ?', [1, 'drop table ('])") == clean);
  CHECK(found("knex.raw('update t set a = 1 ' +\n 'where b = ?', 1)") == clean);
  CHECK(found("knex.raw('alter table ?? add column c text', ['t'])") == clean);
  CHECK(found("knex.raw('update :t: set a = :a where b::text = :b', { t, a: 1, b: 'x' })") ==
        clean);
  CHECK(found(R"(knex.raw("select 1 from t where data \\? 'a' and b = ?", ['x']))") == clean);
  CHECK(found(R"(knex.raw("select 1 from t where data \\? 'a'"))") == clean);
  CHECK(contains(found("knex.raw('truncate ?"
                       "?', ['t'])"),
                 "a.js:3:19: error[truncate]"));
  CHECK(contains(found("knex.raw('select ?')"), "error[parse_error]"));
}

TEST_CASE("Sequelize's replacements are no SQL", "[program_migrations]") {
  const Sandbox box;
  const auto found = [&](const std::string& call) {
    box.write("migrations/20260101000000-a.js",
              "module.exports = {\n  async up(queryInterface) {\n"
              "    await queryInterface.sequelize." +
                  call + ";\n  }\n};\n");
    return migrations_in(box, {"-q"}).out;
  };
  const std::string clean;
  CHECK(found("query('update t set a = ? where b in (?)', { replacements: [1, [2, 3]] })") ==
        clean);
  CHECK(found("query('update t set a = :a where b::text = :b', "
              "{ transaction: f({ x: ')' }), replacements: { a: 1, b: 'x' } })") == clean);
  CHECK(found("query('update t set a = $a', { bind: { a: 1 } })") == clean);
  // An operator of jsonb, where nothing else is meant.
  CHECK(found("query(\"select 1 from t where data ? 'a' and b = :b\", "
              "{ replacements: { b: 1 } })") == clean);
  CHECK(found("query(\"select 1 from t where data ? 'a'\", { transaction })") == clean);
  CHECK(contains(found("query('select ? where 1 = ?', { type: { replacements: [] } })"),
                 "error[parse_error]"));
}

TEST_CASE("what XML comments hold is not run", "[program_migrations]") {
  const Sandbox box;
  box.write("changelog.xml",
            "<databaseChangeLog>\n"
            "  <!-- <include file=\"gone.sql\"/> -->\n"
            "  <changeSet id=\"1\" author=\"a\">\n"
            "    <!-- <sql>create table old (id serial primary key)</sql> <rollback> -->\n"
            "    <sql comment=\"a > b\"><!-- it's --><![CDATA[select '</sql><!--' where 1 < 2;]]>\n"
            "      create table t (id int primary key, a text default '&lt;' <!-- ; serial -->)\n"
            "    </sql>\n"
            "    <rollback><sql>truncate t</sql></rollback>\n"
            "    <rollback/>\n"
            "  </changeSet>\n"
            "  <changeSet id=\"2\" author=\"a\">\n"
            "    <!-- <changeSet id=\"0\" author=\"a\"> -->\n"
            "    <sql>create index i on t (a)</sql>\n"
            "    <sql>create view v as select 1</sql>\n"
            "  </changeSet>\n"
            "</databaseChangeLog>\n");
  CHECK(contains(migrations_in(box, {}).out, "changelog.xml:13:10: error[index_async]"));
  CHECK(contains(migrations_in(box, {}).out, "checked: 2 errors;"));
  CHECK(contains(migrations_in(box, {"--check-down"}).out, "changelog.xml:8:20: error[truncate]"));
  CHECK(migrations_in(box, {"--fix"}).exit_code == 3);
  CHECK(contains(box.read("changelog.xml"),
                 "<changeSet id=\"2\" author=\"a\" runInTransaction=\"false\">"));
}

}  // namespace
}  // namespace dsqlint::test
