// Which function, operator and casts PostgreSQL takes for the types at hand: the rules of its
// parse_func.c, parse_oper.c and parse_coerce.c over the rows of pg_catalog.h.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "rules/expressions/pg_catalog.h"

namespace dsqlint {

enum class CastContext : uint8_t { Implicit, Assignment, Explicit };

struct Coercion {
  char method;      ///< as in PgCastRow; 'a' for an array's elements
  char volatility;  ///< 'i', 's' or 'v'
};

/// How a value of one type becomes one of the other; nothing where it cannot.
std::optional<Coercion> find_coercion(PgType from, PgType to, CastContext context);

/// The one type for values of which one is taken; kUnknown for untyped literals alone, kNone where
/// PostgreSQL finds no such type.
PgType common_type(std::span<const PgType> types);

/// A resolved call.
struct Choice {
  bool known = false;    ///< there is a function of that name for so many arguments
  bool refused = false;  ///< but none that takes such arguments
  PgType result = PgType::kNone;
  PgType first = PgType::kNone;  ///< what the first argument is cast to
  bool certain = true;           ///< false: json or jsonb, whatever an argument is
  char volatility = 'i';         ///< of the call and the implicit casts of its arguments
  bool every_form = false;       ///< no function of that name, for so many arguments, is immutable
  PgType written = PgType::kNone;  ///< the type whose output function makes it mutable
};

/// `variadic`: the last argument is marked VARIADIC; `named`: arguments are given by name.
/// Arguments may be kNone: the result is what all forms that may be meant agree on.
Choice choose_function(std::string_view name, std::span<const PgType> arguments, bool variadic,
                       bool named);

/// `left` is nothing for a prefix operator.
Choice choose_operator(std::string_view name, std::optional<PgType> left, PgType right);

}  // namespace dsqlint
