// What a run is asked to do.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/diagnostic.h"
#include "engine/lint/engine.h"

namespace dsqlint {

/// What MySQL's types and keys become where practice differs, each on its own. The defaults keep
/// most of the meaning.
struct MysqlChoices {
  bool checks = true;            ///< CHECKs for the ranges and lists that MySQL held values to
  bool zoned_timestamps = true;  ///< TIMESTAMP is an instant: timestamptz
  bool integer_bits = true;      ///< BIT(n) is an integer, not bytea
  bool jsonb = false;            ///< JSON is jsonb
  bool uuid_keys = true;         ///< BINARY(16) in keys is a UUID
  bool narrow_keys = true;       ///< BIGINT UNSIGNED that refers to an identity is bigint
  bool prefix_indexes = true;    ///< UNIQUE (c(20)) is a unique index over left(c, 20)
  bool column_comments = false;  ///< COMMENT ON COLUMN
};

/// A choice as a configuration names it.
struct MysqlChoice {
  std::string_view name;
  bool MysqlChoices::*value;
  std::string_view summary;
};

inline constexpr std::array<MysqlChoice, 8> kMysqlChoices = {{
    {"checks", &MysqlChoices::checks, "CHECKs for the ranges and lists that MySQL held values to"},
    {"zoned-timestamps", &MysqlChoices::zoned_timestamps, "TIMESTAMP becomes timestamptz"},
    {"integer-bits", &MysqlChoices::integer_bits, "BIT(n) becomes an integer, not bytea"},
    {"jsonb", &MysqlChoices::jsonb, "JSON becomes jsonb"},
    {"uuid-keys", &MysqlChoices::uuid_keys, "BINARY(16) in keys becomes uuid"},
    {"narrow-keys", &MysqlChoices::narrow_keys,
     "BIGINT UNSIGNED that refers to an identity becomes bigint"},
    {"prefix-indexes", &MysqlChoices::prefix_indexes,
     "a unique key over a prefix becomes a unique index over left(column, n)"},
    {"column-comments", &MysqlChoices::column_comments, "comments of columns are kept"},
}};

/// Rules by id. An empty `select` means all.
struct Config {
  Engine engine;
  std::set<std::string, std::less<>> select;
  std::set<std::string, std::less<>> ignore;
  std::map<std::string, Severity, std::less<>> severity;
  MysqlChoices mysql;
  bool suppressions = true;  ///< obey `dsqlint: ignore` comments
  unsigned threads = 1;      ///< per file; 0: as many as the machine has

  bool enabled(std::string_view rule) const {
    return (select.empty() || select.count(rule) != 0) && ignore.count(rule) == 0;
  }
};

}  // namespace dsqlint
