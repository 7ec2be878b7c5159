// The type map, as tables.

#include "mysql/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mysql/translate.h"
#include "mysql/values.h"

namespace dsqlint::mysql {
namespace {

struct TypeWord {
  std::string_view word;
  Base base;
};

constexpr std::array kWords = {
    TypeWord{"bigint", Base::BigInt},
    TypeWord{"binary", Base::Binary},
    TypeWord{"bit", Base::Bit},
    TypeWord{"blob", Base::Blob},
    TypeWord{"bool", Base::Bool},
    TypeWord{"boolean", Base::Bool},
    TypeWord{"char", Base::Char},
    TypeWord{"character", Base::Char},
    TypeWord{"date", Base::Date},
    TypeWord{"datetime", Base::DateTime},
    TypeWord{"dec", Base::Decimal},
    TypeWord{"decimal", Base::Decimal},
    TypeWord{"double", Base::Double},
    TypeWord{"enum", Base::Enum},
    TypeWord{"fixed", Base::Decimal},
    TypeWord{"float", Base::Float},
    TypeWord{"float4", Base::Float},
    TypeWord{"float8", Base::Double},
    TypeWord{"geomcollection", Base::Spatial},
    TypeWord{"geometry", Base::Spatial},
    TypeWord{"geometrycollection", Base::Spatial},
    TypeWord{"inet4", Base::Inet},
    TypeWord{"inet6", Base::Inet},
    TypeWord{"int", Base::Int},
    TypeWord{"int1", Base::TinyInt},
    TypeWord{"int2", Base::SmallInt},
    TypeWord{"int3", Base::MediumInt},
    TypeWord{"int4", Base::Int},
    TypeWord{"int8", Base::BigInt},
    TypeWord{"integer", Base::Int},
    TypeWord{"json", Base::Json},
    TypeWord{"linestring", Base::Spatial},
    TypeWord{"long", Base::Text},
    TypeWord{"longblob", Base::Blob},
    TypeWord{"longtext", Base::Text},
    TypeWord{"mediumblob", Base::Blob},
    TypeWord{"mediumint", Base::MediumInt},
    TypeWord{"mediumtext", Base::Text},
    TypeWord{"middleint", Base::MediumInt},
    TypeWord{"multilinestring", Base::Spatial},
    TypeWord{"multipoint", Base::Spatial},
    TypeWord{"multipolygon", Base::Spatial},
    TypeWord{"national", Base::Char},
    TypeWord{"nchar", Base::Char},
    TypeWord{"numeric", Base::Decimal},
    TypeWord{"nvarchar", Base::VarChar},
    TypeWord{"point", Base::Spatial},
    TypeWord{"polygon", Base::Spatial},
    TypeWord{"real", Base::Double},
    TypeWord{"serial", Base::BigInt},
    TypeWord{"set", Base::Set},
    TypeWord{"smallint", Base::SmallInt},
    TypeWord{"text", Base::Text},
    TypeWord{"time", Base::Time},
    TypeWord{"timestamp", Base::Timestamp},
    TypeWord{"tinyblob", Base::Blob},
    TypeWord{"tinyint", Base::TinyInt},
    TypeWord{"tinytext", Base::Text},
    TypeWord{"uuid", Base::Uuid},
    TypeWord{"varbinary", Base::VarBinary},
    TypeWord{"varchar", Base::VarChar},
    TypeWord{"varcharacter", Base::VarChar},
    TypeWord{"vector", Base::Vector},
    TypeWord{"year", Base::Year},
};
static_assert(std::is_sorted(kWords.begin(), kWords.end(),
                             [](const TypeWord& a, const TypeWord& b) { return a.word < b.word; }));

/// Integers by signedness: the type that holds them, and the range MySQL held them to.
struct IntegerRow {
  Base base;
  bool is_unsigned;
  std::string_view sql;
  Class cls;
  std::string_view high;  ///< of an unsigned one
  bool widened;           ///< the contract has a rule for it
};

constexpr std::array kIntegers = {
    IntegerRow{Base::TinyInt, false, "SMALLINT", Class::Integer, "", false},
    IntegerRow{Base::TinyInt, true, "SMALLINT", Class::Integer, "255", false},
    IntegerRow{Base::SmallInt, false, "SMALLINT", Class::Integer, "", false},
    IntegerRow{Base::SmallInt, true, "INTEGER", Class::Integer, "65535", true},
    IntegerRow{Base::MediumInt, false, "INTEGER", Class::Integer, "", false},
    IntegerRow{Base::MediumInt, true, "INTEGER", Class::Integer, "16777215", false},
    IntegerRow{Base::Int, false, "INTEGER", Class::Integer, "", false},
    IntegerRow{Base::Int, true, "BIGINT", Class::Integer, "4294967295", true},
    IntegerRow{Base::BigInt, false, "BIGINT", Class::Integer, "", false},
    IntegerRow{Base::BigInt, true, "NUMERIC(20,0)", Class::Numeric, "18446744073709551615", true},
};

/// Without digits MySQL's times hold whole seconds; the contract's have what PostgreSQL gives them.
std::string with_precision(std::string_view name, const TypeSpec& type, const Choices& choices) {
  if (type.length > 0) return fmt::format("{}({})", name, type.length);
  return std::string(name) + (follows_contract(choices) ? "" : "(0)");
}

void say_unsigned(TargetType& target, const TypeSpec& type, bool checked) {
  target.finding = "mysql_unsigned_widened";
  target.message = checked
                       ? fmt::format("`{} unsigned` becomes `{}` with a CHECK for the range",
                                     type.name, target.sql)
                       : fmt::format("`{} unsigned` becomes `{}`, which accepts negative values",
                                     type.name, target.sql);
}

TargetType fractional(const TypeSpec& type, const Choices& choices, int numeric_precision) {
  TargetType target;
  if (type.base == Base::Decimal) {
    target.cls = Class::Numeric;
    int precision = type.length < 0 ? 10 : type.length;
    int scale = std::max(0, type.scale);
    const int max_scale = numeric_precision < 1000 ? numeric_precision - 1 : 1000;
    if (precision > numeric_precision || scale > max_scale) {
      target.finding = "mysql_decimal_clamped";
      precision = std::min(precision, numeric_precision);
      scale = std::min({scale, max_scale, precision});
      target.message = fmt::format("`{}({},{})` becomes `NUMERIC({},{})`", type.name, type.length,
                                   std::max(0, type.scale), precision, scale);
    }
    target.sql = fmt::format("NUMERIC({},{})", precision, scale);
  } else {
    const bool wide = type.base == Base::Double || (type.length > 24 && type.scale < 0);
    target.sql = wide ? "DOUBLE PRECISION" : "REAL";
    target.cls = Class::Double;
    if (type.scale >= 0 && !follows_contract(choices)) {
      target.finding = "mysql_float_scale_dropped";
      target.message = fmt::format("`{}({},{})` becomes `{}`, which rounds to no number of digits",
                                   type.name, type.length, type.scale, target.sql);
    }
  }
  if (type.is_unsigned) {
    if (choices.checks) target.low = "0";
    const bool rounds = target.finding == "mysql_float_scale_dropped";
    if (target.finding.empty() || rounds) say_unsigned(target, type, choices.checks);
    if (rounds) target.message += ", and rounds to no number of digits";
  }
  return target;
}

TargetType bits(const TypeSpec& type, const Choices& choices) {
  const int n = type.length < 0 ? 1 : type.length;
  if (n == 1) return {.sql = "BOOLEAN", .cls = Class::Bool};
  if (!choices.integer_bits) return {.sql = "BYTEA", .cls = Class::Bytes};
  TargetType target;
  target.sql = n <= 15 ? "SMALLINT" : n <= 31 ? "INTEGER" : n <= 63 ? "BIGINT" : "NUMERIC(20,0)";
  target.cls = n <= 63 ? Class::Integer : Class::Numeric;
  if (choices.checks) {
    target.low = "0";
    target.high = n >= 64 ? "18446744073709551615" : std::to_string((uint64_t{1} << n) - 1);
  }
  target.finding = "mysql_bit_mapped";
  target.message = fmt::format("`bit({})` becomes `{}`", n, target.sql);
  return target;
}

/// Escapes what a regular expression would take for an operator.
std::string pattern_of(std::string_view member) {
  std::string pattern;
  for (const char c : member) {
    if (std::string_view("\\^$.[]|()?*+{}").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

TargetType list(const TypeSpec& type, const Choices& choices) {
  TargetType target;
  target.cls = Class::Text;
  if (type.base == Base::Enum) {
    target.sql = "VARCHAR(255)";
    target.finding = "mysql_enum_to_varchar";
    if (choices.checks && !type.members.empty()) {
      target.check = "? IN (";
      for (const std::string& member : type.members) {
        target.check += (target.check.back() == '(' ? "" : ", ") + quote_text(member);
      }
      target.check += ')';
    }
    target.message =
        fmt::format("an enum of {} values becomes `VARCHAR(255)`{}", type.members.size(),
                    choices.checks ? " with a CHECK" : "; its values are unchecked");
  } else {
    target.sql = "TEXT";
    target.finding = "mysql_set_to_text";
    if (choices.checks && !type.members.empty()) {
      std::string any;
      for (const std::string& member : type.members) {
        any += (any.empty() ? "" : "|") + pattern_of(member);
      }
      target.check = "? ~ " + quote_text(fmt::format("^(({0})(,({0}))*)?$", any));
    }
    target.message = fmt::format("a set of {} values becomes `TEXT`{}", type.members.size(),
                                 choices.checks ? " with a CHECK" : "; its values are unchecked");
  }
  return target;
}

}  // namespace

bool follows_contract(const Choices& choices) {
  return !choices.checks && !choices.zoned_timestamps && !choices.integer_bits &&
         !choices.uuid_keys && !choices.narrow_keys && !choices.prefix_indexes;
}

Base base_of(std::string_view word) {
  const auto found =
      std::lower_bound(kWords.begin(), kWords.end(), word,
                       [](const TypeWord& row, std::string_view w) { return row.word < w; });
  return found != kWords.end() && found->word == word ? found->base : Base::Unknown;
}

TargetType target_type(const TypeSpec& type, Override override_with, const Choices& choices,
                       int numeric_precision) {
  switch (override_with) {
    case Override::Identity:
      return {.sql = "BIGINT", .cls = Class::Integer};
    case Override::BigIntKey: {
      TargetType target{.sql = "BIGINT", .cls = Class::Integer};
      if (choices.checks) target.low = "0";
      target.finding = "mysql_bigint_unsigned_key_narrowed";
      target.message = "`bigint unsigned` becomes `BIGINT`, like the column that it refers to";
      return target;
    }
    case Override::UuidKey:
      return {.sql = "UUID",
              .cls = Class::Uuid,
              .finding = "mysql_binary_key_to_uuid",
              .message = "`binary(16)` in a key becomes `UUID`"};
    case Override::SmallFlag:
      return {.sql = "SMALLINT",
              .cls = Class::Integer,
              .finding = "mysql_tinyint_kept_numeric",
              .message =
                  "`tinyint(1)` becomes `SMALLINT`: this file stores values other than 0 and 1 in "
                  "it, or counts with it"};
    case Override::JsonChecked:
      return {.sql = choices.jsonb ? "JSONB" : "JSON", .cls = Class::Json};
    case Override::None:
      break;
  }
  switch (type.base) {
    case Base::Bool:
      return {.sql = "BOOLEAN", .cls = Class::Bool};
    case Base::TinyInt:
      if (type.length == 1 && !type.is_unsigned) return {.sql = "BOOLEAN", .cls = Class::Bool};
      [[fallthrough]];
    case Base::SmallInt:
    case Base::MediumInt:
    case Base::Int:
    case Base::BigInt: {
      const auto* row = std::find_if(kIntegers.begin(), kIntegers.end(), [&](const auto& r) {
        return r.base == type.base && r.is_unsigned == type.is_unsigned;
      });
      TargetType target{.sql = std::string(row->sql), .cls = row->cls};
      if (!row->high.empty() && choices.checks) {
        target.low = "0";
        target.high = row->high;
      }
      if (row->widened) say_unsigned(target, type, choices.checks);
      return target;
    }
    case Base::Decimal:
    case Base::Float:
    case Base::Double:
      return fractional(type, choices, numeric_precision);
    case Base::Bit:
      return bits(type, choices);
    case Base::Year:
      return {.sql = "INTEGER",
              .cls = Class::Integer,
              .check = choices.checks ? "? = 0 OR ? BETWEEN 1901 AND 2155" : ""};
    case Base::Date:
      return {.sql = "DATE", .cls = Class::Date};
    case Base::DateTime:
      return {.sql = with_precision("TIMESTAMP", type, choices), .cls = Class::Timestamp};
    case Base::Timestamp:
      return choices.zoned_timestamps
                 ? TargetType{.sql = with_precision("TIMESTAMPTZ", type, choices),
                              .cls = Class::Timestamptz}
                 : TargetType{.sql = with_precision("TIMESTAMP", type, choices),
                              .cls = Class::Timestamp};
    case Base::Time:
      return {.sql = with_precision("TIME", type, choices),
              .cls = Class::Time,
              .finding = "mysql_time_range_narrowed",
              .message = "`time` becomes `TIME`, which only holds 00:00:00 to 24:00:00"};
    case Base::Char:
      return {.sql = fmt::format("CHAR({})", type.length < 0 ? 1 : std::max(1, type.length)),
              .cls = Class::Text};
    case Base::VarChar:
      return {.sql = type.length > 0 ? fmt::format("VARCHAR({})", type.length)
                                     : std::string(type.length == 0 ? "VARCHAR(1)" : "VARCHAR"),
              .cls = Class::Text};
    case Base::Text:
      return {.sql = "TEXT", .cls = Class::Text};
    case Base::Inet:
      return {.sql = "VARCHAR(45)", .cls = Class::Text};
    case Base::Binary:
    case Base::VarBinary:
    case Base::Blob:
      return {.sql = "BYTEA", .cls = Class::Bytes};
    case Base::Enum:
    case Base::Set:
      return list(type, choices);
    case Base::Json:
      return {.sql = choices.jsonb ? "JSONB" : "JSON", .cls = Class::Json};
    case Base::Uuid:
      return {.sql = "UUID", .cls = Class::Uuid};
    case Base::Spatial:
    case Base::Vector:
      return {.sql = "BYTEA",
              .cls = Class::Bytes,
              .finding = "mysql_spatial_to_bytea",
              .message = fmt::format("`{}` becomes `BYTEA`: the stored bytes without functions",
                                     type.name)};
    case Base::Unknown:
      break;
  }
  return {};
}

}  // namespace dsqlint::mysql
