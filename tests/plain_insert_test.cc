// The small grammar against the real one: what it accepts, PostgreSQL accepts.

#include "engine/text/plain_insert.h"

#include <pg_query.h>

#include <array>
#include <random>
#include <string>

#include "tests/catch.h"

namespace dsqlint {
namespace {

std::optional<uint64_t> rows_of(const std::string& sql) {
  return plain_insert_rows(Tokens(sql, {0, static_cast<uint32_t>(sql.size())}));
}

bool parses(const std::string& sql) {
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(sql.c_str());
  const bool good = result.error == nullptr;
  pg_query_free_protobuf_parse_result(result);
  return good;
}

TEST_CASE("plain inserts are recognised and counted", "[plain_insert]") {
  const struct {
    std::string sql;
    std::optional<uint64_t> rows;
  } cases[] = {
      {"insert into t values (1)", 1},
      {"INSERT INTO a.\"T\" (b, \"C\") VALUES (1, 'x'), (-2.5, null), (default, true)", 3},
      {"insert into t values (1) on conflict do nothing", 1},
      {"insert into t /* c */ values (1) -- d", 1},
      {"insert into t values (1e5, 1.5e-7, .5e+3)", 1},
      {"insert into t values (1e)", std::nullopt},
      {"insert into t values (0xe1)", std::nullopt},
      {"insert into t values (E'a\\\\b\\n\\x1Bc''d')", 1},
      {"insert into t values (E'\\x00')", std::nullopt},
      {"insert into t values (E'\\xFF')", std::nullopt},
      {"insert into t values (E'\\x4')", std::nullopt},
      {"insert into t values (E'\\u0041')", std::nullopt},
      {"insert into t values (E'\\'')", std::nullopt},
      {"insert into t values (now())", std::nullopt},
      {"insert into t values (1), (1, 2)", std::nullopt},
      {"insert into t values ()", std::nullopt},
      {"insert into t values (1,)", std::nullopt},
      {"insert into t values (1) returning a", std::nullopt},
      {"insert into t values ('a'::text)", std::nullopt},
      {"insert into t values (1 + 1)", std::nullopt},
      {"insert into t values (e'a')", std::nullopt},
      {"insert into t values ($$a$$)", std::nullopt},
      {"insert into t values (:a)", std::nullopt},
      {"insert into select values (1)", std::nullopt},
      {"insert into a.b.c values (1)", std::nullopt},
      {"insert into t select 1", std::nullopt},
      {"insert into t default values", std::nullopt},
      {"insert into t overriding system value values (1)", std::nullopt},
      {"with a as (select 1) insert into t values (1)", std::nullopt},
      {"insert into t values (1", std::nullopt},
  };
  for (const auto& [sql, rows] : cases) {
    INFO(sql);
    CHECK(rows_of(sql) == rows);
  }
}

// Statements put together at random from what the grammar is made of and what lies next to it.
TEST_CASE("the parser accepts whatever the small grammar accepts", "[plain_insert]") {
  constexpr std::array kPieces = {"insert",
                                  "into",
                                  "t",
                                  "values",
                                  "(",
                                  ")",
                                  ",",
                                  "1",
                                  "-1",
                                  "1.5",
                                  ".5",
                                  "1.",
                                  "'a'",
                                  "''",
                                  "'it''s'",
                                  "null",
                                  "true",
                                  "default",
                                  "-",
                                  "+",
                                  "a.b",
                                  "\"A\"",
                                  "\"\"",
                                  "select",
                                  "on conflict do nothing",
                                  "1a",
                                  "1_0",
                                  "0x1",
                                  "e'x'",
                                  "b'2'",
                                  "u&'a'",
                                  "'a' 'b'",
                                  "'a'\n'b'",
                                  "(1)",
                                  "(1, 2)",
                                  "(a, b)",
                                  "user",
                                  "1 2",
                                  "order",
                                  "$1",
                                  "--1",
                                  "/**/",
                                  "9223372036854775808",
                                  "name",
                                  "int",
                                  "array",
                                  "'a'b"};
  std::mt19937 random(20261004);
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  size_t accepted = 0;
  for (int i = 0; i < 40'000; ++i) {
    // Begin as an INSERT does, so that enough of them are nearly right.
    std::string sql = "insert into ";
    sql += pick(8) == 0 ? kPieces[pick(kPieces.size())] : pick(2) == 0 ? "t" : "s.\"T\"";
    if (pick(3) == 0) sql += " (a, \"b\")";
    sql += pick(10) == 0 ? " " + std::string(kPieces[pick(kPieces.size())]) : " values (";
    const size_t length = pick(6);
    for (size_t k = 0; k < length; ++k) {
      if (k != 0) sql += pick(8) == 0 ? " " : ", ";
      sql += kPieces[pick(kPieces.size())];
    }
    sql += pick(8) == 0 ? "" : ")";
    if (pick(6) == 0) sql += std::string(" ") + kPieces[pick(kPieces.size())];
    if (!rows_of(sql)) continue;
    ++accepted;
    INFO(sql);
    CHECK(parses(sql));
  }
  CHECK(accepted > 500);
}

}  // namespace
}  // namespace dsqlint
