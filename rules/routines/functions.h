// PL/pgSQL functions that are only SQL in a block.
#pragma once

#include <optional>
#include <vector>

#include "engine/lint/rule.h"

namespace dsqlint {

/// The edits that make a LANGUAGE sql function of a PL/pgSQL one whose body is a block of plain SQL
/// statements, the last of which may be RETURN or RETURN QUERY; nothing for other bodies. What
/// RETURN would convert to the type of the function gets a cast. `language` are the tokens of the
/// LANGUAGE clause. Parses the statements, so it needs the stack that rules run on.
std::optional<std::vector<Edit>> plpgsql_to_sql(const pg::CreateFunctionStmt& create,
                                                TokenSpan language, const SchemaContext& ctx);

}  // namespace dsqlint
