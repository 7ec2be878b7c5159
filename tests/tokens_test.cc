// The lexer, as tables: text, and what it is cut into.

#include "engine/text/tokens.h"

#include <fmt/format.h>

#include <cstring>

#include "tests/catch.h"

namespace dsqlint {
namespace {

std::string lexed(std::string_view text) {
  constexpr const char* kNames[] = {"word",  "name",     "string", "number",  "op",
                                    "param", "variable", "meta",   "comment", "open"};
  std::string told;
  Lexer lexer(text, 0, static_cast<uint32_t>(text.size()));
  Token token;
  while (lexer.next(token)) {
    told += fmt::format("{}{}<{}>", told.empty() ? "" : " ", kNames[static_cast<int>(token.kind)],
                        text.substr(token.begin, token.end - token.begin));
  }
  return told;
}

TEST_CASE("text is cut as PostgreSQL cuts it", "[tokens]") {
  const struct {
    std::string_view text;
    std::string_view tokens;
  } cases[] = {
      {"select a", "word<select> word<a>"},
      {"ä_1$x", "word<ä_1$x>"},
      {"\"a\"\"b\" U&\"c\"", "name<\"a\"\"b\"> name<U&\"c\">"},
      {"'a''b' E'c\\'d' n'x' B'01' x'ff' u&'\\0061'",
       "string<'a''b'> string<E'c\\'d'> string<n'x'> string<B'01'> string<x'ff'> "
       "string<u&'\\0061'>"},
      {"'a\\' b", "string<'a\\'> word<b>"},
      {"$$a'b$$ $x$ $$ $x$ $1", "string<$$a'b$$> string<$x$ $$ $x$> param<$1>"},
      {"a$$b", "word<a$$b>"},
      {"$é$x$é$", "string<$é$x$é$>"},
      {"1 1.5 .5 1. 1e5 1e+5 1.5e-3 0xFF 0b01 1_000",
       "number<1> number<1.5> number<.5> number<1.> number<1e5> number<1e+5> number<1.5e-3> "
       "number<0xFF> number<0b01> number<1_000>"},
      {"1..10", "number<1> op<.> number<.10>"},
      {"1ex", "number<1> word<ex>"},
      {"a+-b a<=-1 a@-1 a<>b",
       "word<a> op<+> op<-> word<b> word<a> op<<=> op<-> number<1> "
       "word<a> op<@-> number<1> word<a> op<<>> word<b>"},
      {"*+-+1 +-+@ -+/*b*/-+--c",
       "op<*> op<+> op<-> op<+> number<1> op<+-+@> op<-> op<+> comment</*b*/> op<-> op<+> "
       "comment<--c>"},
      {"a--b\nc", "word<a> comment<--b> word<c>"},
      {"a--b\rc--d\r\r\ne", "word<a> comment<--b> word<c> comment<--d> word<e>"},
      {"a+--b\r\nc", "word<a> op<+> comment<--b> word<c>"},
      {"a*/*b*/c", "word<a> op<*> comment</*b*/> word<c>"},
      {"/* a /* b */ c */ d", "comment</* a /* b */ c */> word<d>"},
      {"a::int a:=1 a=>1",
       "word<a> op<::> word<int> word<a> op<:=> number<1> word<a> op<=>> "
       "number<1>"},
      {":a :'b' :\"c\" :{?d} : 'e'",
       "variable<:a> variable<:'b'> variable<:\"c\"> variable<:{?d}> op<:> string<'e'>"},
      {"\\set x 1\r\nselect", "meta<\\set x 1> word<select>"},
      {"a\\g\nb", "word<a> meta<\\g> word<b>"},
      {"a\\;b\\; c", "word<a> meta<\\;> word<b> meta<\\;> word<c>"},
      {"\xEF\xBB\xBFselect", "word<select>"},
      {"'a", "open<'a>"},
      {"\"a", "open<\"a>"},
      {"$$a", "open<$$a>"},
      {"/* a", "open</* a>"},
      {"e'a\\", "open<e'a\\>"},
      {"f(a,b)[1];", "word<f> op<(> word<a> op<,> word<b> op<)> op<[> number<1> op<]> op<;>"},
  };
  for (const auto& [text, tokens] : cases) {
    INFO(text);
    CHECK(lexed(text) == tokens);
  }
}

TEST_CASE("bytes of every kind are cut without loss", "[tokens]") {
  // Whatever lies between two tokens is white space.
  std::string text;
  for (int a = 1; a < 128; ++a) {
    for (const char* tail : {"", "a", "'", "\n", "*/", "$"})
      text += static_cast<char>(a), text += tail;
  }
  Lexer lexer(text, 0, static_cast<uint32_t>(text.size()));
  Token token;
  uint32_t at = 0;
  while (lexer.next(token)) {
    REQUIRE(token.begin >= at);
    REQUIRE(token.end > token.begin);
    for (; at < token.begin; ++at) REQUIRE(std::strchr(" \t\r\n\f\v", text[at]) != nullptr);
    at = token.end;
  }
}

TEST_CASE("psql variables are parts of names", "[tokens]") {
  constexpr std::string_view kText = ":\"s\".t :s.:t :'s'.t";
  const Tokens tokens(kText, {0, static_cast<uint32_t>(kText.size())});
  CHECK(tokens.skip_name(0) == 3);
  CHECK(tokens.skip_name(3) == 6);
  CHECK(tokens.skip_name(6) == 6);  // a string
}

TEST_CASE("what tokens know of each other", "[tokens]") {
  constexpr std::string_view kText =
      "Create Table \"My\"\"T\".b /* c */ (a int, check (x in (1, 2)), d int[3]) -- e";
  const Tokens tokens(kText, {0, static_cast<uint32_t>(kText.size())});
  CHECK(tokens.comments().size() == 2);
  CHECK(tokens.are(0, {"create", "table"}));
  CHECK(!tokens.is(2, "my\"t"));
  CHECK(tokens.name(2) == "My\"T");
  CHECK(tokens.name(0) == "create");
  CHECK(tokens.name(99) == "");
  CHECK(tokens.skip_name(2) == 5);
  CHECK(tokens.skip_name(5) == 5);
  const size_t open = 5;
  REQUIRE(tokens.is_op(open, "("));
  const size_t close = tokens.close(open);
  CHECK(close == tokens.size() - 1);
  CHECK(tokens.close(close) == Tokens::npos);
  const auto parts = tokens.split({open + 1, close});
  REQUIRE(parts.size() == 3);
  CHECK(tokens.text(parts[1]) == "check (x in (1, 2))");
  CHECK(tokens.find({open + 1, close}, "check") == parts[1].begin);
  CHECK(tokens.find({open + 1, close}, "in") == Tokens::npos);
  CHECK(tokens.find_op({open + 1, close}, ",") == parts[0].end);
  CHECK(tokens.at(0) == 0);
  CHECK(tokens.at(6) == 0 + 1);
  CHECK(tokens.at(9'999) == Tokens::npos);
  CHECK(touches_comment(tokens, tokens.range(TokenSpan{2, 6})));
  CHECK(!touches_comment(tokens, tokens.range(TokenSpan{0, 2})));
}

TEST_CASE("names are quoted where they have to be", "[tokens]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a", "a"},
      {"a_1$", "a_1$"},
      {"A", "\"A\""},
      {"1a", "\"1a\""},
      {"", "\"\""},
      {"a b", "\"a b\""},
      {"a\"b", "\"a\"\"b\""},
      {"select", "\"select\""},
      {"order", "\"order\""},
      {"é", "é"},
      {"name", "name"},
      {"$a", "\"$a\""},
  };
  for (const auto& [name, quoted] : cases) {
    INFO(name);
    CHECK(quote_identifier(name) == quoted);
    const std::string text(quoted);
    const Tokens tokens(text, {0, static_cast<uint32_t>(text.size())});
    if (!name.empty()) CHECK(tokens.name(0) == name);
  }
}

TEST_CASE("edits follow the user's hand", "[tokens]") {
  CHECK(match_case("CREATE", "bigint 'x' \"y\"") == "BIGINT 'x' \"y\"");
  CHECK(match_case("create", "BIGINT") == "bigint");
  CHECK(match_case("Create", "async") == "async");
  CHECK(match_case("1", "async") == "ASYNC");
}

}  // namespace
}  // namespace dsqlint
