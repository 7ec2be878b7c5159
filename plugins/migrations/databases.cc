#include "plugins/migrations/databases.h"

#include <algorithm>
#include <optional>

#include "engine/text/tokens.h"

namespace dsqlint::migrations {
namespace {

struct Name {
  std::string_view text;
  Database database;
  bool whole = false;  ///< too short to be found within a word
};

// The longer ones first: `postgresql` before `postgres`, `mysql` before `sql`.
constexpr Name kNames[] = {
    {"cockroachdb", Database::Other},   {"clickhouse", Database::Other},
    {"postgresql", Database::Postgres}, {"postgresdb", Database::Postgres},
    {"singlestore", Database::Other},   {"sqlserver", Database::Other},
    {"snowflake", Database::Other},     {"cockroach", Database::Other},
    {"cassandra", Database::Other},     {"postgres", Database::Postgres},
    {"sqlitedb", Database::Other},      {"yugabyte", Database::Other},
    {"sqlite3", Database::Other},       {"mysqldb", Database::Other},
    {"mariadb", Database::Other},       {"spanner", Database::Other},
    {"redshift", Database::Other},      {"mongodb", Database::Other},
    {"sqlite", Database::Other},        {"oracle", Database::Other},
    {"hsqldb", Database::Other},        {"pgsql", Database::Postgres},
    {"mysql", Database::Other},         {"mssql", Database::Other},
    {"derby", Database::Other},         {"psql", Database::Postgres, true},
    {"maria", Database::Other, true},   {"hsql", Database::Other, true},
    {"tidb", Database::Other, true},    {"crdb", Database::Other, true},
    {"mongo", Database::Other, true},   {"db2", Database::Other, true},
    {"pg", Database::Postgres, true},   {"h2", Database::Other, true},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

struct Found {
  size_t begin = 0;
  size_t size = 0;
  Database database = Database::None;
};

Found find_in(std::string_view part) {
  const std::string lower = downcase(part);
  for (const Name& name : kNames) {
    for (size_t at = lower.find(name.text); at != lower.npos; at = lower.find(name.text, at + 1)) {
      const size_t end = at + name.text.size();
      const bool inside =
          (at > 0 && is_letter(lower[at - 1])) || (end < lower.size() && is_letter(lower[end]));
      if (name.whole && inside) continue;
      return {at, name.text.size(), name.database};
    }
  }
  return {};
}

/// In the last part that names one.
Found find_in_path(std::string_view path) {
  size_t end = path.size();
  for (;;) {
    const size_t slash = end == 0 ? path.npos : path.rfind('/', end - 1);
    const size_t begin = slash == path.npos ? 0 : slash + 1;
    Found found = find_in(path.substr(begin, end - begin));
    if (found.database != Database::None) {
      found.begin += begin;
      return found;
    }
    if (slash == path.npos) return {};
    end = slash;
  }
}

}  // namespace

Database database_named(std::string_view name) {
  const std::string lower = downcase(name);
  if (lower == "pg" || lower == "pglite" || lower.starts_with("postgres") ||
      lower.starts_with("aurora")) {
    return Database::Postgres;
  }
  return find_in(lower).database;
}

Database database_in(std::string_view path) { return find_in_path(path).database; }

std::string without_database(std::string_view path) {
  const Found found = find_in_path(path);
  if (found.database == Database::None) return std::string(path);
  std::string form(path.substr(0, found.begin));
  form += '*';
  form += path.substr(found.begin + found.size);
  return downcase(form);
}

}  // namespace dsqlint::migrations
