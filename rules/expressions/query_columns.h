// The columns of a query's result: names and types, as far as the schema model and the query's own
// words tell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/ast.h"

namespace dsqlint {

struct QueryColumn {
  std::string name;  ///< empty: PostgreSQL would call it `?column?`
  std::string type;  ///< as SQL; empty: unknown
};

/// Nothing when even the number of columns is unknown (`*` of something that is not in the input).
std::optional<std::vector<QueryColumn>> query_columns(const pg::SelectStmt& query,
                                                      const SchemaContext& ctx);

/// The type that PostgreSQL's function of this name returns whatever its arguments are, as SQL;
/// empty where they decide, or where we do not know it.
std::string_view function_result(std::string_view name);

}  // namespace dsqlint
