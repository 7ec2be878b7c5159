// What PostgreSQL calls an expression that nobody has named.
#pragma once

#include <string>

#include "engine/parse/ast.h"

namespace dsqlint {

/// The name PostgreSQL gives a result column without AS: that of the column, function or the like
/// that is found on the way down, else that of the outermost cast or CASE. Empty:
/// `?column?`, or `expr` as a key of an index.
std::string result_name(const pg::Node& expression);

}  // namespace dsqlint
