// The places of the elements of CREATE SCHEMA.
#pragma once

#include <vector>

#include "engine/parse/ast.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// The words of each element, in the order of `schema_elts`; empty if they cannot be separated.
std::vector<TokenSpan> schema_elements(const pg::CreateSchemaStmt& create, const Tokens& tokens);

}  // namespace dsqlint
