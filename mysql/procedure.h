// Procedures that only hold definitions back: `IF NOT EXISTS (SELECT … FROM information_schema …)
// THEN ALTER TABLE … END IF`, as migrations have them where MySQL lacks IF NOT EXISTS.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mysql/cursor.h"

namespace dsqlint::mysql {

/// A text of its own, or one of the procedure's parameters.
struct Argument {
  std::string text;
  int parameter = -1;
};

/// What information_schema is asked for.
struct Guard {
  enum class Kind : uint8_t { Table, Column, UniqueColumn, Key };
  Kind kind = Kind::Table;
  bool exists = true;
  Argument table;
  Argument name;  ///< of the column, key or constraint
};

/// One statement of the body.
struct Step {
  std::vector<Guard> guards;      ///< all of them have to hold
  bool tolerant = false;          ///< its errors are passed over
  Span statement;                 ///< tokens; empty: it is put together
  std::vector<Argument> dynamic;  ///< the parts of what PREPARE is given
};

struct Procedure {
  Statement statement;  ///< its CREATE
  std::vector<std::string> parameters;
  std::vector<Step> steps;
};

/// From the token after the procedure's name on; nothing where the body is more than definitions
/// under guards.
std::optional<Procedure> parse_procedure(Cursor& cursor);

}  // namespace dsqlint::mysql
