// Expressions whose value may change: refused in index keys, index predicates and generated
// columns. Only what is certain: functions and casts that PostgreSQL itself calls stable or
// volatile.
#pragma once

#include <optional>
#include <string>

#include "engine/ast.h"
#include "engine/schema.h"

namespace dsqlint {

struct MutablePart {
  int location = 0;    ///< of the function or cast, as trees have it
  std::string reason;  ///< "`now()` gives another value in every transaction"
};

/// The first such part of `expression`; `table` tells the types of columns and may be null. A
/// function that the input defines itself is not judged.
std::optional<MutablePart> find_mutable(const pg::Node& expression, const Table* table,
                                        const Schema& schema);

}  // namespace dsqlint
