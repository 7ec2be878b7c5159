// The shape pass, as tables: a file, and the statements it is cut into.

#include "engine/text/statements.h"

#include "tests/catch.h"

namespace dsqlint {
namespace {

struct Cut {
  std::vector<std::string> statements;
  std::vector<StatementText> texts;
  size_t directives = 0;
};

/// In batches of `bytes`: where a batch ends must not matter.
Cut cut(std::string_view text, uint32_t bytes) {
  Cut made;
  Splitter splitter(text);
  StatementBatch batch;
  uint32_t at = 0;
  while (splitter.next(batch, bytes)) {
    REQUIRE(batch.range.begin == at);
    at = batch.range.end;
    made.directives += batch.directives.size();
    for (const StatementText& s : batch.statements) {
      made.statements.emplace_back(text.substr(s.range.begin, s.range.size()));
      made.texts.push_back(s);
    }
  }
  CHECK(at == text.size());
  return made;
}

TEST_CASE("statements end where psql ends them", "[statements]") {
  using List = std::vector<std::string>;
  const struct {
    std::string_view text;
    List statements;
  } cases[] = {
      {"", {}},
      {" ;; ; ", {}},
      {"select 1", {"select 1"}},
      {"select 1;select 2 ; -- c\n select 3", {"select 1", "select 2", "select 3"}},
      {"/* a; */ select ';' /* b; */;", {"select ';'"}},
      {"select $$;$$, $a$;$$;$a$, \";\", e'\\';';", {"select $$;$$, $a$;$$;$a$, \";\", e'\\';'"}},
      {"select (1; select 2);", {"select (1", "select 2)"}},
      // psql's own commands.
      {"\\set x 1\nselect 1;\n\\c db\nselect 2;", {"select 1", "select 2"}},
      {"select 1 \\g\nselect 2 \\gset p_\nselect 3;", {"select 1", "select 2", "select 3"}},
      {"select 1 \\; select 2;", {"select 1", "select 2"}},
      {"select 1 \\bind 'x' \\g\nselect 2;", {"select 1", "select 2"}},
      {"select 1\n\\r\nselect 2;", {"select 1", "select 2"}},
      {"select\n\\echo x\n1;", {"select\n\\echo x\n1"}},
      {"\\restrict abc;\nselect 1;\n\\unrestrict abc\n", {"select 1"}},
      // It reads nothing after \q, and does not send what was typed before it.
      {"select 1;\n\\q\nprose (that \"ends", {"select 1"}},
      {"select 1;\n\\echo done \\quit\nselect 2;", {"select 1"}},
      {"select 1;\nselect 2\n\\q\n;", {"select 1"}},
      {"\\if :x\n\\q\n\\endif\nselect 1;", {"select 1"}},
      {"\\if :x\nselect 1;\n\\endif\n\\q\nselect 2;", {"select 1"}},
      {"\\qecho x\nselect 1;", {"select 1"}},
      // Bodies with semicolons of their own.
      {"create function f() returns int begin atomic select 1; select case when true then 2 end; "
       "end; select 3;",
       {"create function f() returns int begin atomic select 1; select case when true then 2 end; "
        "end",
        "select 3"}},
      {"create or replace procedure p() BEGIN ATOMIC delete from t; END; select 1;",
       {"create or replace procedure p() BEGIN ATOMIC delete from t; END", "select 1"}},
      {"begin; select 1; end; select 2;", {"begin", "select 1", "end", "select 2"}},
      {"create rule r as on insert to t do (delete from a; delete from b); select 1;",
       {"create rule r as on insert to t do (delete from a; delete from b)", "select 1"}},
      // COPY data is no SQL.
      {"copy t from stdin;\n1\t';\n\\N\n\\.\nselect 1;", {"copy t from stdin", "select 1"}},
      {"COPY t (a) FROM STDIN WITH (format csv);\r\nselect 1;\r\n\\.\r\nselect 2;",
       {"COPY t (a) FROM STDIN WITH (format csv)", "select 2"}},
      {"copy t from stdin;\n\\.\nselect 1;", {"copy t from stdin", "select 1"}},
      {"copy t from stdin;\n\\.x\nselect 0;\n\\.\nselect 1;", {"copy t from stdin", "select 1"}},
      {"copy t from stdin;\n1", {"copy t from stdin"}},
      {"copy t from stdin;", {"copy t from stdin"}},
      {"copy t to stdout; select 1;", {"copy t to stdout", "select 1"}},
      {"copy (select 1 from stdin) to stdout; select 1;",
       {"copy (select 1 from stdin) to stdout", "select 1"}},
      {"copy t from 'stdin'; select 1;", {"copy t from 'stdin'", "select 1"}},
      // psql's own COPY reads the rows from the script, too.
      {"\\copy t (a, \"from\") FROM stdin with csv\nit's\n\\.\nselect 1;", {"select 1"}},
      {"\\copy t from stdin\r\nit's\r\n\\.\r\nselect 1;", {"select 1"}},
      {"\\copy t from pstdin\nselect 1;", {"select 1"}},
      {"\\copy t from 'stdin'\nselect 1;", {"select 1"}},
      {"\\copy (select 1 from stdin) to 'x'\nselect 1;", {"select 1"}},
      {"\\copy t from stdin", {}},
      {"\\copyright t from stdin\nselect 1;", {"select 1"}},
      // A quote that never ends takes the rest.
      {"select 1; select 'a; select 2;", {"select 1", "select 'a; select 2;"}},
  };
  for (const auto& [text, statements] : cases) {
    INFO(text);
    CHECK(cut(text, 1u << 20).statements == statements);
    CHECK(cut(text, 1).statements == statements);
  }
}

TEST_CASE("what is noted about a statement", "[statements]") {
  const Cut made = cut(
      "select :a;\nselect 1 \\g out\n"
      "-- dsqlint: ignore truncate\n/* DSQLINT: no */ copy t from stdin;\n\\.\nselect\n\\echo\n'x",
      1u << 20);
  REQUIRE(made.texts.size() == 4);
  CHECK(made.directives == 1);
  CHECK(made.texts[0].has_psql_variable);
  CHECK(made.texts[0].semicolon);
  CHECK(made.texts[0].end == made.texts[0].range.end + 1);
  CHECK(!made.texts[1].semicolon);
  CHECK(made.texts[1].end > made.texts[1].range.end);
  CHECK(made.texts[2].copies_from_stdin);
  CHECK(made.texts[3].has_meta_command);
  CHECK(made.texts[3].unterminated);
}

TEST_CASE("a statement ends with its file", "[statements]") {
  const std::vector<std::string> texts = {"select 1", "select 'open;\nselect 2;",
                                          "\\if :x\n\\q\n\\endif\nselect 3; \\q\nselect 4;",
                                          "-- nothing", "select 5;"};
  std::vector<FilePart> files;
  std::vector<std::shared_ptr<const SourceFile>> sources;
  for (const std::string& text : texts) {
    auto source = SourceFile::from_text("x.sql", text);
    REQUIRE(source);
    files.push_back({"x.sql", {}, 0});
    sources.push_back(*source);
  }
  const auto whole = SourceFile::join(std::move(files), sources);
  REQUIRE(whole);
  Splitter splitter(**whole);
  StatementBatch batch;
  std::vector<std::string> found;
  while (splitter.next(batch, 8)) {
    for (const StatementText& one : batch.statements) {
      found.emplace_back((*whole)->slice(one.range));
    }
  }
  CHECK(found ==
        std::vector<std::string>{"select 1", "select 'open;\nselect 2;", "select 3", "select 5"});
}

}  // namespace
}  // namespace dsqlint
