// BEGIN RETURN x; END is SELECT x: what can be said in SQL as it stands.

#include <algorithm>
#include <array>

#include "engine/function_body.h"
#include "engine/names.h"
#include "fixers/fixers.h"
#include "rules/functions.h"

namespace dsqlint {
namespace {

/// Words that mean something in PL/pgSQL that SQL does not know, wherever they stand.
bool is_procedural(const Tokens& tokens, size_t i) {
  constexpr std::array<std::string_view, 12> kWords = {"declare", "elsif",   "execute", "exception",
                                                       "found",   "foreach", "get",     "into",
                                                       "loop",    "perform", "raise",   "strict"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return tokens.is(i, word); });
}

bool is_dml(const Tokens& tokens, size_t i) {
  return tokens.is(i, "insert") || tokens.is(i, "update") || tokens.is(i, "delete");
}

bool returns_void(const pg::CreateFunctionStmt& create) {
  return type_ref(create.return_type()).name == "void";
}

/// The string that holds the body, when its bytes are the body.
std::optional<FunctionBody> verbatim_body(const pg::CreateFunctionStmt& create,
                                          const Context& ctx) {
  auto body = function_body(create, ctx.tokens(), ctx.source().text(), ctx.statement().range.begin);
  return body && body->verbatim ? std::move(body) : std::nullopt;
}

}  // namespace

std::optional<std::vector<Edit>> plpgsql_to_sql(const pg::CreateFunctionStmt& create,
                                                TokenSpan language, const Context& ctx) {
  const auto body = verbatim_body(create, ctx);
  if (!body || language.size() != 2) return std::nullopt;
  // OUT parameters and RETURNS TABLE are variables in the body.
  for (const pg::Node& parameter : create.parameters()) {
    const auto mode = parameter.function_parameter().mode();
    if (mode != pg::FUNC_PARAM_IN && mode != pg::FUNC_PARAM_DEFAULT &&
        mode != pg::FUNC_PARAM_TABLE) {
      return std::nullopt;
    }
  }
  const std::string_view text = ctx.source().text();
  const Tokens tokens(text, body->text);
  if (!tokens.is(0, "begin")) return std::nullopt;
  size_t last = tokens.size();
  if (last > 0 && tokens.is_op(last - 1, ";")) --last;
  if (last < 3 || !tokens.is(last - 1, "end")) return std::nullopt;
  const size_t end = last - 1;

  std::vector<Edit> edits;
  bool returned = false;
  for (size_t i = 1; i < end;) {
    if (returned) return std::nullopt;
    const size_t semicolon = tokens.find_op({i, end}, ";");
    if (semicolon == Tokens::npos) return std::nullopt;
    for (size_t k = i; k < semicolon; ++k) {
      // INSERT INTO is the one INTO that SQL knows too.
      if (is_procedural(tokens, k) && !(tokens.is(k, "into") && tokens.is(k - 1, "insert"))) {
        return std::nullopt;
      }
    }
    if (tokens.is(i, "return")) {
      const bool set = create.return_type().setof();
      returned = true;
      if (tokens.is(i + 1, "query")) {
        if (!set) return std::nullopt;
        edits.push_back(fixers::remove(tokens, {i, i + 2}, text));
      } else if (i + 1 == semicolon) {
        if (!returns_void(create)) return std::nullopt;
        edits.push_back(fixers::remove(tokens, {i, semicolon + 1}, text));
      } else {
        if (set || tokens.is(i + 1, "next")) return std::nullopt;
        edits.push_back(fixers::replace(tokens, {i, i + 1}, match_case(tokens.text(i), "SELECT")));
      }
    } else if (!is_dml(tokens, i)) {
      return std::nullopt;
    }
    i = semicolon + 1;
  }
  if (!returned && !returns_void(create)) return std::nullopt;
  edits.push_back(fixers::remove(tokens, {0, 1}, text));
  edits.push_back(fixers::remove(tokens, {end, tokens.size()}, text));
  edits.push_back(fixers::replace(ctx.tokens(), {language.begin + 1, language.end},
                                  match_case(ctx.tokens().text(language.begin), "SQL")));
  return edits;
}

}  // namespace dsqlint
