// Where the elements of CREATE SCHEMA stand.
#pragma once

#include <vector>

#include "engine/parse/ast.h"
#include "engine/text/tokens.h"

namespace dsqlint {

/// The words of each element, in the order of `schema_elts`; empty where they cannot be told apart.
std::vector<TokenSpan> schema_elements(const pg::CreateSchemaStmt& create, const Tokens& tokens);

}  // namespace dsqlint
