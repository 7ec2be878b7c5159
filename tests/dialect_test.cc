// Masks: what the parser must not see, hidden at equal length.

#include "engine/text/dialect.h"

#include "engine/parse/document.h"
#include "tests/catch.h"

namespace dsqlint {
namespace {

std::string masked(const std::string& sql, bool variables = false) {
  const Range all{0, static_cast<uint32_t>(sql.size())};
  StatementText statement;
  statement.range = all;
  statement.has_meta_command = sql.find('\\') != std::string::npos;
  std::string text = sql;
  apply_masks(text, 0, find_masks(Tokens(sql, all), statement, variables));
  return text;
}

TEST_CASE("only DSQL's own words are hidden", "[dialect]") {
  const std::pair<std::string, std::string> cases[] = {
      {"create index async i on t (a)", "create index       i on t (a)"},
      {"CREATE UNIQUE INDEX ASYNC on t (a)", "CREATE UNIQUE INDEX       on t (a)"},
      {"create index async on t (a)", "create index       on t (a)"},
      {"create index \"async\" on t (a)", "create index \"async\" on t (a)"},
      {"create index i on async (async)", "create index i on async (async)"},
      {"alter table async t validate constraint c", "alter table       t validate constraint c"},
      {"alter table async if exists t validate constraint c",
       "alter table       if exists t validate constraint c"},
      {"alter table async only a.t validate constraint c",
       "alter table       only a.t validate constraint c"},
      {"alter table async validate constraint c", "alter table async validate constraint c"},
      {"alter table async add column a int", "alter table async add column a int"},
      {"alter table async drop column a", "alter table async drop column a"},
      {"alter table async set schema s", "alter table async set schema s"},
      {"alter table async :\"s\".t validate constraint c",
       "alter table       :\"s\".t validate constraint c"},
      {"create table t (a int references u match partial)",
       "create table t (a int references u match full   )"},
      {"create table t (a int check (a > 0) not enforced)",
       "create table t (a int check (a > 0)             )"},
      {"create table t (a int check (a > 0) enforced, b int)",
       "create table t (a int check (a > 0)         , b int)"},
      {"create table t (enforced int)", "create table t (enforced int)"},
      {"select\n\\echo x y\n1", "select\n         \n1"},
      {"select :a", "select :a"},
  };
  for (const auto& [sql, text] : cases) {
    INFO(sql);
    CHECK(masked(sql) == text);
  }
}

TEST_CASE("psql variables become names and values", "[dialect]") {
  CHECK(masked("select :a, :'b', :\"c\"", true) == "select _a,  'b', _$c$");
  CHECK(masked("select * from :ab, :ac", true) == "select * from _ab, _ac");
  CHECK(spell_variables("`_ab`.`_abc`, _$c$, :_ab", {{"_ab", ":ab"}, {"_$c$", ":\"c\""}}) ==
        "`:ab`.`_abc`, :\"c\", :_ab");
}

TEST_CASE("comments in front of what a word's meaning depends on are hidden", "[dialect]") {
  const std::pair<std::string, std::string> cases[] = {
      {"select 1 not/* a */in (/* b */1)", "select 1 not       in (/* b */1)"},
      {"select a not -- b\nlike c", "select a not     \nlike c"},
      {"select 1 order by 1 nulls /* a */ /* b */ last",
       "select 1 order by 1 nulls                 last"},
      {"select '1'::time without /* a */ time zone", "select '1'::time without         time zone"},
      {"select U&\"!0061\" /* a */ uescape /* b */ '!'",
       "select U&\"!0061\"         uescape         '!'"},
      {"/* a */ with x as (select 1) select 1 /* b */",
       "/* a */ with x as (select 1) select 1 /* b */"},
      {"select \"not\" /* a */ from t", "select \"not\" /* a */ from t"},
  };
  for (const auto& [sql, text] : cases) {
    INFO(sql);
    CHECK(masked(sql) == text);
  }
}

TEST_CASE("AWS IAM has a grammar of its own", "[dialect]") {
  const std::pair<std::string, bool> cases[] = {
      {"aws iam grant r to 'arn:aws:iam::1:role/x'", true},
      {"AWS IAM REVOKE \"R\" FROM 'arn'", true},
      {"aws iam grant r from 'arn'", false},
      {"aws iam revoke r to 'arn'", false},
      {"aws iam grant r to arn", false},
      {"aws iam grant r to 'arn' cascade", false},
      {"aws iam grant 'r' to 'arn'", false},
      {"aws iam grant", false},
      {"aws iam", false},
  };
  for (const auto& [sql, good] : cases) {
    INFO(sql);
    const Tokens tokens(sql, {0, static_cast<uint32_t>(sql.size())});
    CHECK(is_aws_iam(tokens));
    CHECK(aws_iam_error(tokens).empty() == good);
  }
  const std::string table = "aws";
  CHECK(!is_aws_iam(Tokens(table, {0, 3})));
}

TEST_CASE("offsets survive the masks", "[dialect]") {
  auto source = SourceFile::from_text("x.sql", "create index async i on t (a);");
  REQUIRE(source);
  const Document document = Document::parse(*source);
  REQUIRE(document.statements().size() == 1);
  CHECK(document.unreadable().empty());
  CHECK(document.statements()[0].has_mask(MaskKind::IndexAsync));
  CHECK((*source)->slice(document.statements()[0].masks[0].range) == "async");
}

}  // namespace
}  // namespace dsqlint
