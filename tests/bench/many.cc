#include "tests/bench/many.h"

#include <string_view>

namespace dsqlint::bench {
namespace {

/// `pattern` again and again, with the number of each in place of `#`.
std::string numbered(size_t count, std::string_view pattern) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    for (const char c : pattern) {
      if (c == '#') {
        text += std::to_string(i);
      } else {
        text += c;
      }
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> many_of_everything(size_t many) {
  return {
      numbered(many, "create temp table t# (a int);\n"),
      numbered(many, "create temp table t# (a int); -- dsqlint: ignore temp_table: #\n"),
      numbered(many, "-- dsqlint: ignore truncate: never there\n"),
      numbered(many, "create table t# (a int,,);\n"),
      numbered(many, "begin;\ncreate table t# (a int);\ncreate table u# (a int);\ncommit;\n"),
      "begin;\n" + numbered(many, "create table t# (a int);\n") + "commit;\n",
      numbered(many, "begin;\n"),
      numbered(many, "create table t (a int);\ndrop table t;\n"),
      numbered(many, "create table t (a int);\nalter table t rename to u;\n"),
      numbered(many, "create table t (a int);\ncreate index i# on t (a);\n"),
      "create table t (a int);\n" + numbered(many / 25, "alter table t add column c# int;\n"),
      "create table t (a int);\n" + numbered(many, "alter table t add check (a > #);\n"),
      numbered(many, "alter table t add column c# int default # not null;\n"),
      numbered(many, "\\set x #\n"),
      "create table t (a int" + numbered(many, ", c# serial not null default #") + ");",
      "create table t (a int" + numbered(many, ", check (a > #)") + ");",
      "alter table t add column a int" + numbered(many, ", add column c# text collate \"C\"") + ";",
      "grant select on t0" + numbered(many, ", t#") + " to public;",
      "drop table t" + numbered(many, ", t#") + ";",
      numbered(many / 10,
               "create table s# (id int not null);\ncreate sequence s#_id_seq;\n"
               "alter table only s# alter column id set default nextval('s#_id_seq');\n"
               "alter table only s# add constraint s#_pkey primary key (id);\n"
               "alter table s# add constraint f# foreign key (id) references s0 (id);\n"
               "create index i# on s# (id desc) where id > 0;\n"),
      numbered(
          many / 10,
          "create type m# as enum ('a', 'b');\ncreate table t# (id bigint primary key, c m#);\n"
          "alter type m# rename value 'b' to 'c';\n"
          "alter table t# alter column id type text;\n"),
      // All on one line.
      numbered(many, "create table t# (id serial); "),
      numbered(many, "drop table t#; truncate t#; "),
      numbered(many, "select # \\; "),
      "select " + numbered(many, "+") + "1;",
      "select 1 " + numbered(many, "/*"),
      "select 1 " + numbered(many, "/*") + numbered(many, "*/") + ";",
      "select 1 " + numbered(many, "/**/") + ";",
      "create function f() returns int language sql as $$select 1 " + numbered(many, "/*") + "$$;",
      "create function f() returns int language plpgsql as $$begin return 1 " +
          numbered(many, "/*") + numbered(many, "*/") + "; end$$;",
  };
}

}  // namespace dsqlint::bench
