// What PostgreSQL's own catalog says of types, functions, operators and casts: the one table of
// each. The rows are a server's (tests/oracle/expressions.py), and a test holds them against one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace dsqlint {

/// kNone: no argument, or a type that is not known. kUnknown is PostgreSQL's `unknown`: a literal
/// that takes the type of its place.
enum class PgType : uint8_t {
  kNone,
#define TYPE(id, name, category, preferred, part, input, output) id,
#include "rules/expressions/pg_types.inc"
#undef TYPE
};

struct PgTypeRow {
  std::string_view name;  ///< of pg_type: arrays begin with an underscore
  char category;          ///< pg_type.typcategory
  bool preferred;         ///< within its category
  PgType part;            ///< an array's element, a range's subtype, a multirange's range
  char input;             ///< volatility of what reads it from text
  char output;            ///< volatility of what writes it as text
};

const PgTypeRow& row_of(PgType type);
/// By its name in pg_type.
PgType find_pg_type(std::string_view name);
/// The array of such elements; kNone where there is none.
PgType array_of(PgType element);
/// The range over the subtype, or the multirange over the range.
PgType range_over(PgType part);
bool is_array(PgType type);

/// Volatility as in pg_proc: 'i', 's' or 'v'; 'o' stands for that of the output function of the
/// argument's type: the server looks into functions in SQL.
struct PgFunctionRow {
  std::string_view name;
  char kind;  ///< 'f', 'a' an aggregate, 'w' a window function, 's' a function that returns a set
  char volatility;
  uint8_t defaults;  ///< of the last arguments
  PgType variadic;   ///< element type of the last argument, when that is VARIADIC
  PgType result;
  std::array<PgType, 7> arguments;

  size_t size() const;  ///< arguments
};

struct PgOperatorRow {
  std::string_view name;
  char volatility;
  PgType left;  ///< kNone for a prefix operator
  PgType right;
  PgType result;
};

struct PgCastRow {
  PgType source;
  PgType target;
  char context;  ///< 'i' implicit, 'a' in assignments, 'e' explicit
  char method;   ///< 'f' a function, 'b' the same bytes, 'i' through text
  char volatility;
};

std::span<const PgFunctionRow> functions_named(std::string_view name);
std::span<const PgOperatorRow> operators_named(std::string_view name);
const PgCastRow* find_cast(PgType source, PgType target);

}  // namespace dsqlint
