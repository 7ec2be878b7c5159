#include "engine/parse/trigger_body.h"

#include <algorithm>
#include <array>

#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

constexpr std::array<std::string_view, 8> kClocks = {
    "clock_timestamp", "current_date", "current_timestamp",   "localtime",
    "localtimestamp",  "now",          "statement_timestamp", "transaction_timestamp"};

/// What may stand around a clock: time zones, casts, seconds since 1970.
constexpr std::array<std::string_view, 21> kAround = {
    "as",      "at",        "bigint",      "cast",     "date",  "date_trunc", "epoch",
    "extract", "floor",     "from",        "integer",  "int8",  "pg_catalog", "round",
    "time",    "timestamp", "timestamptz", "timezone", "trunc", "with",       "zone"};

bool is_one_of(const Tokens& tokens, size_t i, auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return tokens.is(i, word); });
}

bool is_current_time(const Tokens& tokens, TokenSpan span) {
  bool clock = false;
  for (size_t i = span.begin; i < span.end; ++i) {
    switch (tokens[i].kind) {
      case TokenKind::Word:
        if (is_one_of(tokens, i, kClocks)) {
          clock = true;
        } else if (!is_one_of(tokens, i, kAround)) {
          return false;
        }
        break;
      case TokenKind::String:
      case TokenKind::Number:
      case TokenKind::Operator:
        break;
      default:
        return false;
    }
  }
  return clock;
}

}  // namespace

std::vector<std::string> touched_columns(std::string_view body) {
  const Tokens tokens(body, {0, static_cast<uint32_t>(body.size())});
  std::vector<std::string> columns;
  size_t i = tokens.is(0, "declare") ? 1 : 0;  // with nothing in it
  if (!tokens.is(i++, "begin")) return {};
  size_t open_ifs = 0;
  while (i < tokens.size()) {
    if (tokens.is(i, "if")) {
      const size_t then = tokens.find({i, tokens.size()}, "then");
      if (then == Tokens::npos) return {};
      ++open_ifs;
      i = then + 1;
    } else if (open_ifs > 0 && tokens.are(i, {"end", "if"}) && tokens.is_op(i + 2, ";")) {
      --open_ifs;
      i += 3;
    } else if (tokens.is(i, "new") && tokens.is_op(i + 1, ".") && tokens.is_name(i + 2) &&
               (tokens.is_op(i + 3, ":=") || tokens.is_op(i + 3, "="))) {
      const size_t end = tokens.find_op({i + 4, tokens.size()}, ";");
      if (end == Tokens::npos || !is_current_time(tokens, {i + 4, end})) return {};
      std::string column = tokens.name(i + 2);
      if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
        columns.push_back(std::move(column));
      }
      i = end + 1;
    } else if (open_ifs == 0 && tokens.are(i, {"return", "new"}) && tokens.is_op(i + 2, ";") &&
               tokens.is(i + 3, "end")) {
      const size_t past = tokens.is_op(i + 4, ";") ? i + 5 : i + 4;
      return past == tokens.size() ? columns : std::vector<std::string>();
    } else {
      return {};
    }
  }
  return {};
}

TriggerEffects trigger_effects(std::string_view body) {
  const Tokens tokens(body, {0, static_cast<uint32_t>(body.size())});
  TriggerEffects effects;
  const auto add = [](std::vector<std::string>& names, std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool statement = i == 0 || tokens.is_op(i - 1, ";") || tokens.is(i - 1, "begin") ||
                           tokens.is(i - 1, "then") || tokens.is(i - 1, "else") ||
                           tokens.is(i - 1, "loop") || tokens.is_op(i - 1, "(");
    size_t table = Tokens::npos;
    if (tokens.are(i, {"insert", "into"}) || tokens.are(i, {"delete", "from"})) {
      table = i + 2;
    } else if (statement && tokens.is(i, "update")) {
      table = i + 1;
    } else if (tokens.are(i, {"raise", "exception"}) ||
               (tokens.is(i, "raise") && i + 1 < tokens.size() &&
                (tokens[i + 1].kind == TokenKind::String || tokens.is_op(i + 1, ";")))) {
      effects.refuses = true;
    } else if (tokens.is(i, "pg_notify") || (statement && tokens.is(i, "notify"))) {
      effects.notifies = true;
    } else if (statement && tokens.is(i, "new") && tokens.is_op(i + 1, ".") &&
               tokens.is_name(i + 2) && (tokens.is_op(i + 3, ":=") || tokens.is_op(i + 3, "="))) {
      add(effects.sets, std::string(tokens.text(i + 2)));
    }
    if (table == Tokens::npos) continue;
    if (tokens.is(table, "only")) ++table;
    if (!tokens.is_name(table)) continue;
    add(effects.writes, std::string(tokens.text({table, tokens.skip_name(table)})));
  }
  return effects;
}

}  // namespace dsqlint
