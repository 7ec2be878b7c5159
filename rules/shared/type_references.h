// Where a view or a function names a type that cannot exist.
#pragma once

#include "engine/lint/rule.h"

namespace dsqlint {

/// Report composite, range and base types of the input, under the running rule.
void check_view_types(const pg::ViewStmt& view, SchemaContext& ctx);
void check_function_types(const pg::CreateFunctionStmt& function, SchemaContext& ctx);

}  // namespace dsqlint
