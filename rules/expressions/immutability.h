// Expressions whose value may change: refused in index keys, index predicates and generated
// columns. Only what is certain: functions and casts that PostgreSQL itself calls stable or
// volatile, and functions of the input that do not say they are immutable.
#pragma once

#include <optional>
#include <string>

#include "engine/catalog/schema.h"
#include "engine/parse/ast.h"

namespace dsqlint {

struct MutablePart {
  int location = 0;       ///< of the function or cast, as trees have it
  std::string reason;     ///< "`now()` gives another value in every transaction"
  std::string help = {};  ///< where the rule's own does not fit
};

/// The first such part of `expression`; `table` tells the types of columns and may be null. A
/// function that the input defines is taken for what it is declared to be.
std::optional<MutablePart> find_mutable(const pg::Node& expression, const Table* table,
                                        const Schema& schema);

}  // namespace dsqlint
