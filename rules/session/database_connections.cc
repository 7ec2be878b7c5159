// database_connection: psql's \connect to another database than `postgres`.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/lint/rule.h"
#include "engine/parse/names.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kConnection{
    .id = "database_connection",
    .summary = "there is no other database to connect to",
    .why =
        "A cluster has exactly one database, `postgres`. psql ends a script whose\n"
        "\\connect fails. Use a schema, or a separate cluster, for each former database.",
    .bad = "\\connect shop\nselect 1;",
    .good = "select 1;",
    .fixes = Fixes::Sometimes,
    .help = "remove the command",
};

constexpr std::string_view kBlank = " \t\r";

/// Takes the next argument off a psql command, without its quotes.
std::string next_argument(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
  std::string argument;
  char quote = 0;
  size_t i = 0;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (quote == 0 && kBlank.find(c) != std::string_view::npos) break;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == c) {
      // A doubled quote is one quote.
      if (i + 1 < rest.size() && rest[i + 1] == c) {
        argument += c;
        ++i;
      } else {
        quote = 0;
      }
    } else {
      argument += c;
    }
  }
  rest.remove_prefix(i);
  return argument;
}

/// The value of `dbname` in `key=value key='value'`; empty when it is not there.
std::string database_of(std::string_view settings) {
  for (;;) {
    settings.remove_prefix(std::min(settings.find_first_not_of(kBlank), settings.size()));
    const size_t equals = settings.find('=');
    if (equals == std::string_view::npos) return {};
    std::string_view key = settings.substr(0, equals);
    while (!key.empty() && kBlank.find(key.back()) != std::string_view::npos) key.remove_suffix(1);
    settings.remove_prefix(equals + 1);
    settings.remove_prefix(std::min(settings.find_first_not_of(kBlank), settings.size()));
    const bool quoted = settings.starts_with('\'');
    std::string value;
    size_t i = quoted ? 1 : 0;
    for (; i < settings.size(); ++i) {
      const char c = settings[i];
      if (quoted ? c == '\'' : kBlank.find(c) != std::string_view::npos) break;
      if (c == '\\' && i + 1 < settings.size()) ++i;
      value += settings[i];
    }
    if (key == "dbname") return value;
    settings.remove_prefix(std::min(i + 1, settings.size()));
  }
}

/// The database of `postgresql://host/database?…`; empty when there is none.
std::string database_of_uri(std::string_view uri) {
  const size_t host = uri.find("//") + 2;
  const size_t path = uri.find('/', host);
  if (path == std::string_view::npos) return {};
  return std::string(uri.substr(path + 1, uri.find('?', path) - path - 1));
}

/// The database that a psql command connects to, when it says one. Variables may hold any.
std::optional<std::string> connected_database(std::string_view command) {
  const size_t blank = std::min(command.find_first_of(kBlank), command.size());
  const std::string_view verb = command.substr(0, blank);
  if (verb != "\\c" && verb != "\\connect") return std::nullopt;
  std::string_view rest = command.substr(blank);
  rest.remove_suffix(rest.size() - std::min(rest.find_last_not_of(" \t\r;") + 1, rest.size()));
  std::string argument = next_argument(rest);
  if (argument.starts_with("-reuse-previous=")) argument = next_argument(rest);
  if (argument.starts_with("postgres://") || argument.starts_with("postgresql://")) {
    argument = database_of_uri(argument);
  } else if (argument.find('=') != std::string::npos) {
    argument = database_of(argument);
  }
  const bool known = argument.find_first_of(":`\\") == std::string::npos;
  if (!known || argument.empty() || argument == "-" || argument == "postgres") return std::nullopt;
  return argument;
}

/// The command with its line, where it stands alone on it.
Range whole_line(std::string_view text, Range command) {
  const size_t before = text.find_last_not_of(" \t", command.begin == 0 ? 0 : command.begin - 1);
  Range line = command;
  if (command.begin != 0 && before != std::string_view::npos && text[before] != '\n') return line;
  line.begin = command.begin == 0 || before == std::string_view::npos
                   ? 0
                   : static_cast<uint32_t>(before + 1);
  const size_t end = text.find('\n', command.end);
  line.end = static_cast<uint32_t>(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void check_connections(ScriptContext& ctx) {
  for (const Range range : ctx.document().commands()) {
    const std::string_view command = ctx.source().slice(range);
    const std::optional<std::string> database = connected_database(command);
    if (!database) continue;
    Diagnostic finding{
        .range = {range.begin,
                  range.begin + static_cast<uint32_t>(command.find_last_not_of(kBlank) + 1)},
        .message = fmt::format("there is no database `{}` to connect to", *database),
        .notes = {{fmt::format("what follows runs in `postgres`; if several databases share a "
                               "cluster, use `create schema {}` to keep them apart",
                               quote_identifier(*database))}}};
    if (command.find('\\', 1) == std::string_view::npos) {
      finding.fix =
          Fix{Safety::Review, "remove the command", {{whole_line(ctx.source().text(), range), ""}}};
    }
    ctx.report(std::move(finding));
  }
}

constexpr std::array kRules = {rule<check_connections>(kConnection)};

}  // namespace

std::span<const Rule> database_connections() { return kRules; }

}  // namespace dsqlint
