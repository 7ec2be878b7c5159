// How many rows a query generates without reading a table.
#pragma once

#include <cstdint>

#include "engine/parse/ast.h"

namespace dsqlint {

/// Counting ends here.
inline constexpr uint64_t kManyRows = 1'000'000'000'000;

/// The rows that the statement adds where its own words tell, by INSERTs in its WITH clause too:
/// VALUES lists, and generate_series() between whole numbers. 0 where they do not.
uint64_t inserted_rows(AstRef statement);

}  // namespace dsqlint
