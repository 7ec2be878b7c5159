// The schema model over several files: what a file adds can be taken back, and nothing else goes.

#include "engine/catalog/schema.h"

#include <memory>
#include <string>

#include "engine/parse/document.h"
#include "tests/catch.h"

namespace dsqlint {
namespace {

void read(Schema& schema, const std::string& text) {
  const auto source = SourceFile::from_text("t.sql", text);
  REQUIRE(source.has_value());
  Document::parse(*source, 1, {.in_order = [&](const Document& document, size_t statement) {
    schema.apply(document, static_cast<uint32_t>(statement));
  }});
}

constexpr const char* kFirst = R"(
create schema app;
create extension citext;
create sequence app.number;
create type mood as enum ('low');
create table app.item (id bigint primary key, name text, check (id > 0), check (id > 1));
create index item_name on app.item (name);
create statistics item_statistics on id, name from app.item;
create view app.names as select name from app.item;
create table old (a int);
)";

constexpr const char* kSecond = R"(
drop schema app;
create schema other;
create extension pgcrypto;
drop sequence app.number;
create sequence another;
drop type mood;
create type mood as enum ('high', 'low');
alter table app.item add column more text, drop column name, add check (id > 2);
drop statistics item_statistics;
drop view app.names;
alter table old rename to new;
insert into new values (1);
create table app.item (x int generated always as identity);
drop table app.item;
create function f() returns int language sql as 'select 1';
)";

void check_first(const Schema& schema) {
  CHECK(schema.schemas().size() == 1);
  REQUIRE(schema.find_sequence({"app", "number"}) != nullptr);
  CHECK(schema.find_sequence({"", "another"}) == nullptr);
  const UserType* mood = schema.find_type({"", "mood"});
  REQUIRE(mood != nullptr);
  CHECK(mood->labels == std::vector<std::string>{"low"});
  const Table* item = schema.find_table({"app", "item"});
  REQUIRE(item != nullptr);
  CHECK(item->columns.size() == 2);
  CHECK(item->checks.size() == 2);
  CHECK(item->indexes.size() == 1);
  CHECK(item->statistics == 1);
  CHECK(schema.has_constraint({"app", "item"}, "item_id_check1"));
  CHECK_FALSE(schema.has_constraint({"app", "item"}, "item_id_check2"));
  CHECK(schema.chosen_names({"app", "item"}, "item_id_check") == 2);
  CHECK(schema.find_view({"app", "names"}) != nullptr);
  const Table* old = schema.find_table({"", "old"});
  REQUIRE(old != nullptr);
  CHECK(old->events.empty());
  CHECK(schema.find_table({"", "new"}) == nullptr);
  CHECK(schema.find_function({"", "f"}) == nullptr);
  CHECK(schema.counts().tables == 2);
  CHECK(schema.counts().views == 1);
  CHECK(schema.counts().sequences == 1);
}

TEST_CASE("a file of a history can be read again", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, kFirst);
  check_first(schema);

  schema.begin_file();
  read(schema, kSecond);
  CHECK(schema.find_table({"", "new"}) != nullptr);
  CHECK(schema.find_table({"app", "item"}) == nullptr);
  CHECK(schema.counts().tables == 1);
  CHECK(schema.counts().sequences == 1);  // `another`
  schema.restart_file();
  check_first(schema);

  // Twice, for what was kept the first time has to be kept again.
  read(schema, kSecond);
  schema.restart_file();
  check_first(schema);
  CHECK(schema.file() == 1);

  // What is not taken back stays for the next file, and can be built on.
  read(schema, "alter table old add column b text;");
  schema.begin_file();
  read(schema, "alter table old drop column a;");
  schema.restart_file();
  const Table* old = schema.find_table({"", "old"});
  REQUIRE(old != nullptr);
  CHECK(old->columns.size() == 2);
}

TEST_CASE("a name that a file changes twice is taken back to where it was", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, kFirst);
  schema.begin_file();
  for (const char* text : {"alter table old rename to new; alter table new rename to old;",
                           "alter table old rename to new; create table old (b int);",
                           "alter type mood rename to feeling; alter type feeling rename to mood;",
                           "alter type mood rename to feeling; create type mood as enum ();"}) {
    INFO(text);
    read(schema, text);
    schema.restart_file();
    check_first(schema);
    CHECK(schema.find_type({"", "feeling"}) == nullptr);
  }
}

TEST_CASE("foreign keys know their target by its name and columns of now", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, R"(
create table app.parent (id bigint primary key, code text unique);
create table child (p bigint references app.parent (id), c text references app.parent (code));
create table parent (id bigint primary key);
create table other (p bigint references parent);
)");
  schema.begin_file();
  read(schema, R"(
alter table app.parent rename column code to label;
alter table app.parent rename to mother;
alter table app.mother set schema shop;
)");
  const Table* child = schema.find_table({"", "child"});
  REQUIRE(child != nullptr);
  REQUIRE(child->foreign_keys.size() == 2);
  CHECK(child->foreign_keys[0].target == ObjectName{"shop", "mother"});
  CHECK(child->foreign_keys[1].target == ObjectName{"shop", "mother"});
  CHECK(child->foreign_keys[0].target_columns == std::vector<std::string>{"id"});
  CHECK(child->foreign_keys[1].target_columns == std::vector<std::string>{"label"});
  CHECK(schema.referring_tables("mother").size() == 2);
  CHECK(schema.referring_tables("parent").size() == 1);
  const Table* other = schema.find_table({"", "other"});
  REQUIRE(other != nullptr);
  CHECK(other->foreign_keys.front().target == ObjectName{"", "parent"});

  schema.restart_file();
  child = schema.find_table({"", "child"});
  REQUIRE(child != nullptr);
  CHECK(child->foreign_keys[1].target == ObjectName{"app", "parent"});
  CHECK(child->foreign_keys[1].target_columns == std::vector<std::string>{"code"});
  CHECK(schema.referring_tables("parent").size() == 3);

  read(schema, "drop table app.parent cascade;");
  child = schema.find_table({"", "child"});
  REQUIRE(child != nullptr);
  CHECK(child->foreign_keys.empty());
}

TEST_CASE("an index is found in the table that has it now", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, R"(
create table app.t (a int, b int constraint u unique);
create table shop.t (a int);
create index i on app.t (a);
create index i on shop.t (a);
)");
  schema.begin_file();
  read(schema, R"(
drop index app.i;
alter index shop.i rename to j;
alter table app.t rename constraint u to v;
alter index app.v rename to w;
)");
  const auto app = [&] { return schema.find_table({"app", "t"}); };
  const auto shop = [&] { return schema.find_table({"shop", "t"}); };
  REQUIRE(app() != nullptr);
  REQUIRE(shop() != nullptr);
  CHECK(app()->indexes.empty());
  REQUIRE(shop()->indexes.size() == 1);
  CHECK(shop()->indexes[0].name == "j");
  REQUIRE(app()->keys.size() == 1);
  CHECK(app()->keys[0].name == "w");
  read(schema, "drop index i; create index k on app.t (b); drop index k; drop index w;");
  CHECK(app()->indexes.empty());
  CHECK(app()->keys.size() == 1);  // a constraint's index does not go alone
  CHECK(shop()->indexes.size() == 1);

  schema.restart_file();
  REQUIRE(app()->indexes.size() == 1);
  CHECK(app()->indexes[0].name == "i");
  CHECK(app()->keys[0].name == "u");
  CHECK(shop()->indexes[0].name == "i");
  read(schema, "alter index app.u rename to x; drop index shop.i;");
  CHECK(app()->keys[0].name == "x");
  CHECK(app()->indexes.size() == 1);
  CHECK(shop()->indexes.empty());
}

TEST_CASE("a table that gets another name leaves those of the other schemas alone", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, R"(
create table app.t (a int constraint c check (a > 0));
create table shop.t (a int constraint d check (a > 0));
alter table app.t rename to u;
)");
  CHECK(schema.find_table({"app", "t"}) == nullptr);
  CHECK(schema.find_table({"", "t"}) == schema.find_table({"shop", "t"}));
  CHECK(schema.has_constraint({"", "u"}, "c"));
  CHECK(schema.has_constraint({"", "t"}, "d"));
  read(schema, "alter table app.u rename to t; alter table shop.t rename to v;");
  REQUIRE(schema.find_table({"app", "t"}) != nullptr);
  CHECK(schema.find_table({"", "u"}) == nullptr);
  CHECK(schema.has_constraint({"", "v"}, "d"));
  CHECK(schema.has_constraint({"", "t"}, "c"));
}

TEST_CASE("a type is found by its earlier names for as long as it is there", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, R"(
create type mood as enum ('low');
alter type mood rename to feeling;
create domain code as text;
alter domain code rename to label;
)");
  REQUIRE(schema.find_type({"", "feeling"}) != nullptr);
  CHECK(schema.find_type({"", "mood"}) == schema.find_type({"", "feeling"}));
  CHECK(schema.find_type({"", "code"}) == schema.find_type({"", "label"}));
  read(schema, "drop type feeling; drop domain label;");
  for (const char* name : {"mood", "feeling", "code", "label"}) {
    INFO(name);
    CHECK(schema.find_type({"", name}) == nullptr);
  }
}

TEST_CASE("constraints have the names that the server gives them", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, R"(
create table t (id bigint primary key, a text unique, b text check (b <> ''));
alter table t add unique (a, b);
alter table t rename to u;
)");
  const Table* table = schema.find_table({"", "u"});
  REQUIRE(table != nullptr);
  CHECK(table->keys[0].name == "t_pkey");
  CHECK(table->keys[1].name == "t_a_key");
  CHECK(table->keys[2].name == "t_a_b_key");
  CHECK(table->checks[0].name == "t_b_check");
  CHECK(schema.has_constraint({"", "u"}, "t_a_key"));
  read(schema, "alter table u drop constraint t_a_key, drop constraint t_b_check;");
  table = schema.find_table({"", "u"});
  CHECK(table->keys.size() == 2);
  CHECK(table->checks.empty());
  // What is dropped goes first.
  read(schema, "alter table u add constraint t_a_b_key unique (b), drop constraint t_a_b_key;");
  table = schema.find_table({"", "u"});
  REQUIRE(table->keys.size() == 2);
  CHECK(table->keys[1].columns == std::vector<std::string>{"b"});
}

TEST_CASE("what is said of tables that the input does not create is known", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, "alter table app.t add constraint u unique (a), alter b set not null;");
  CHECK(schema.find_table({"", "t"}) == nullptr);
  schema.begin_file();
  read(schema, R"(
alter table app.t rename column a to c;
alter table app.t rename constraint u to v;
alter table app.t rename to s;
alter table app.s alter b drop not null;
)");
  CHECK(schema.find_altered({"", "t"}) == nullptr);
  CHECK(schema.find_altered({"other", "s"}) == nullptr);
  const Table* table = schema.find_altered({"", "s"});
  REQUIRE(table != nullptr);
  CHECK(table->keys.front().name == "v");
  CHECK(table->keys.front().columns == std::vector<std::string>{"c"});
  CHECK_FALSE(table->column("b")->not_null);
  schema.restart_file();
  CHECK(schema.find_altered({"", "s"}) == nullptr);
  table = schema.find_altered({"app", "t"});
  REQUIRE(table != nullptr);
  CHECK(table->keys.front().name == "u");
  CHECK(table->column("b")->not_null);
  CHECK(table->column("b")->late->name == "t_b_not_null");
  read(schema, "drop table app.t;");
  CHECK(schema.find_altered({"app", "t"}) == nullptr);
}

TEST_CASE("the first file of a history can be read again", "[schema]") {
  Schema schema;
  schema.begin_file();
  read(schema, kSecond);
  schema.restart_file();
  read(schema, kFirst);
  check_first(schema);
  CHECK(schema.file() == 0);
}

TEST_CASE("a file that sets up what an earlier one did replaces it", "[schema]") {
  Schema schema;
  for (int i = 0; i < 3; ++i) {
    schema.begin_file();
    read(schema, kFirst);
    check_first(schema);
  }
}

}  // namespace
}  // namespace dsqlint
