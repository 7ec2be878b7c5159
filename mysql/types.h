// MySQL's column types and what becomes of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/config.h"
#include "engine/text/source.h"

namespace dsqlint::mysql {

using Choices = MysqlChoices;

enum class Base : uint8_t {
  Unknown,
  Bool,
  TinyInt,
  SmallInt,
  MediumInt,
  Int,
  BigInt,
  Decimal,
  Float,
  Double,
  Bit,
  Year,
  Date,
  DateTime,
  Timestamp,
  Time,
  Char,
  VarChar,
  Text,
  Binary,
  VarBinary,
  Blob,
  Enum,
  Set,
  Json,
  Spatial,
  Vector,
  Uuid,
  Inet,
};

/// A type as it is written.
struct TypeSpec {
  Base base = Base::Unknown;
  std::string name;  ///< the user's spelling
  int length = -1;
  int scale = -1;
  bool is_unsigned = false;
  bool serial = false;               ///< SERIAL: BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
  std::vector<std::string> members;  ///< of ENUM and SET, decoded
  std::string charset;
  std::string collation;
  Range range;
};

/// What values look like in the target: what literals and expressions have to be turned into.
enum class Class : uint8_t {
  Unknown,
  Null,
  Bool,
  Integer,  ///< smallint, integer, bigint
  Numeric,
  Double,  ///< real, double precision
  Text,
  Bytes,
  Date,
  Time,
  Timestamp,
  Timestamptz,
  Interval,
  Json,
  Uuid,
};

inline bool is_number_class(Class cls) {
  return cls == Class::Integer || cls == Class::Numeric || cls == Class::Double;
}
inline bool is_temporal(Class cls) {
  return cls == Class::Date || cls == Class::Timestamp || cls == Class::Timestamptz;
}

/// What the whole file, or the configuration, knows better than the type's own words.
enum class Override : uint8_t {
  None,
  Identity,    ///< AUTO_INCREMENT: bigint
  BigIntKey,   ///< BIGINT UNSIGNED that refers to an identity: bigint
  UuidKey,     ///< BINARY(16) in a key: uuid
  SmallFlag,   ///< TINYINT(1) that holds more than 0 and 1: smallint
  JsonChecked  ///< MariaDB's longtext CHECK (json_valid(c)): json
};

/// What becomes of it.
struct TargetType {
  std::string sql;
  Class cls = Class::Unknown;
  std::string low;  ///< with `high`: CHECK (c BETWEEN low AND high); alone: CHECK (c >= low)
  std::string high;
  std::string check;              ///< a whole condition, `?` standing for the column
  std::string_view finding = {};  ///< the rule that speaks of the change; empty: nothing to say
  std::string message = {};
};

/// Are these the choices of the interop contract?
bool follows_contract(const Choices& choices);

TargetType target_type(const TypeSpec& type, Override override_with, const Choices& choices,
                       int numeric_precision);

/// Reads the type's own word, `double precision` and the like included by the parser; lower case.
Base base_of(std::string_view word);

}  // namespace dsqlint::mysql
