// Bulk data without a tree.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/text/tokens.h"

namespace dsqlint {

/// Is this an `INSERT INTO t [(columns)] VALUES (literals)… [ON CONFLICT DO NOTHING]` that
/// PostgreSQL accepts and no rule can object to? Then how many rows it has. Literals are numbers,
/// strings, NULL, TRUE, FALSE and DEFAULT, without casts. Nothing for anything else, which goes to
/// the parser.
std::optional<uint64_t> plain_insert_rows(const Tokens& tokens);

}  // namespace dsqlint
