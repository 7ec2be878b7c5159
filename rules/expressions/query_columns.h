// The columns of a query's result: names and types, as far as the schema model and the query's own
// words tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/lint/rule.h"
#include "engine/parse/ast.h"

namespace dsqlint {

struct QueryColumn {
  std::string name;  ///< empty: PostgreSQL would call it `?column?`
  std::string type;  ///< as SQL; empty: unknown, or computed and such as no column can have
};

/// Nothing when even the number of columns is unknown (`*` of something that is not in the input).
std::optional<std::vector<QueryColumn>> query_columns(const pg::SelectStmt& query,
                                                      const SchemaContext& ctx);

}  // namespace dsqlint
