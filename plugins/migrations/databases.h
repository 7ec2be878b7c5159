// Names of databases, as folders and configurations have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dsqlint::migrations {

enum class Database : uint8_t { None, Postgres, Other };

/// `pg`, `postgresql`, `mysql2`, `better-sqlite3`: as a dialect, client or provider is called.
Database database_named(std::string_view name);

/// The database that a part of the path names: `db/mysql/migrations`, `SqliteMigrations`. The last
/// part that names one counts.
Database database_in(std::string_view path);

/// The path with `*` for the database that `database_in` has found; the path itself where there is
/// none. Two paths with the same form are alternatives.
std::string without_database(std::string_view path);

}  // namespace dsqlint::migrations
