// Statements without an equivalent, and what to do instead of each.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mysql/translator.h"

namespace dsqlint::mysql {
namespace {

struct Row {
  std::string_view verb;
  std::string_view object;  ///< the word after it; empty: any
  std::string_view help;
};

constexpr std::string_view kRoles =
    "create a role with CREATE ROLE … LOGIN, GRANT it rights on the tables, and map it to an IAM "
    "identity with AWS IAM GRANT; there are no passwords and no hosts";
constexpr std::string_view kStorage = "delete the statement: storage is managed";
constexpr std::string_view kPrepared =
    "write the statement in full where it is executed, or prepare it with the driver";
constexpr std::string_view kErrors = "raise and handle errors in the application";
constexpr std::string_view kServers = "delete the statement: there is one database; copy the rows";
constexpr std::string_view kPlugins = "delete the statement: there are no plugins";
constexpr std::string_view kRoutines =
    "delete the statement: routines, triggers and events are not translated";

constexpr std::array kRows = {
    Row{"alter", "event", kRoutines},
    Row{"alter", "function", kRoutines},
    Row{"alter", "procedure", kRoutines},
    Row{"alter", "instance", kStorage},
    Row{"alter", "logfile", kStorage},
    Row{"alter", "server", kServers},
    Row{"alter", "tablespace", kStorage},
    Row{"alter", "undo", kStorage},
    Row{"alter", "user", kRoles},
    Row{"create", "logfile", kStorage},
    Row{"create", "role", kRoles},
    Row{"create", "server", kServers},
    Row{"create", "spatial", "delete the statement: there are no reference systems"},
    Row{"create", "tablespace", kStorage},
    Row{"create", "undo", kStorage},
    Row{"create", "user", kRoles},
    Row{"deallocate", "", kPrepared},
    Row{"do", "", "call the function from the application, with SELECT"},
    Row{"drop", "logfile", kStorage},
    Row{"drop", "role", kRoles},
    Row{"drop", "server", kServers},
    Row{"drop", "spatial", "delete the statement: there are no reference systems"},
    Row{"drop", "tablespace", kStorage},
    Row{"drop", "undo", kStorage},
    Row{"drop", "user", kRoles},
    Row{"execute", "", kPrepared},
    Row{"get", "", kErrors},
    Row{"grant", "", kRoles},
    Row{"handler", "", "read the rows with SELECT … WHERE … ORDER BY … LIMIT"},
    Row{"install", "", kPlugins},
    Row{"load", "",
        "load the file with psql's `\\copy t FROM`, or another client, at most 3,000 rows per "
        "transaction"},
    Row{"prepare", "", kPrepared},
    Row{"rename", "user", kRoles},
    Row{"resignal", "", kErrors},
    Row{"revoke", "", kRoles},
    Row{"set", "default", kRoles},
    Row{"set", "password", kRoles},
    Row{"set", "role", kRoles},
    Row{"signal", "", kErrors},
    Row{"uninstall", "", kPlugins},
    Row{"xa", "", "use BEGIN and COMMIT: no transaction can be prepared"},
};

}  // namespace

bool Translator::has_no_counterpart(const Cursor& cursor) {
  return std::any_of(kRows.begin(), kRows.end(),
                     [&](const Row& row) { return row.object.empty() && cursor.is(row.verb); });
}

Translator::Fate Translator::without_counterpart(const Cursor& cursor) {
  const auto& tokens = cursor.statement().tokens;
  const auto word = [&](size_t i) {
    return i < tokens.size() ? cursor.slice(tokens[i]) : std::string_view();
  };
  const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& one) {
    return equals(word(0), one.verb) && (one.object.empty() || equals(word(1), one.object));
  });
  std::string help = "replace it by hand, or delete it";
  if (row != kRows.end()) help = row->help;
  const bool two = (row == kRows.end() || !row->object.empty() || equals(word(0), "load")) &&
                   tokens.size() > 1 && tokens[1].kind == Kind::Word;
  return unsupported("mysql_statement_unsupported", cursor.range({0, two ? 2U : 1U}),
                     two ? fmt::format("`{} {}` has no equivalent", word(0), word(1))
                         : fmt::format("`{}` has no equivalent", word(0)),
                     std::move(help));
}

}  // namespace dsqlint::mysql
