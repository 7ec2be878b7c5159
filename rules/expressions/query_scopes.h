// Which column each name of a statement means, in whatever query of it the name stands.
#pragma once

#include <optional>
#include <unordered_map>

#include "engine/catalog/schema.h"
#include "engine/parse/ast.h"

namespace dsqlint {

/// The types of the columns that a statement names, as Aurora DSQL has them: those of serial and
/// identity columns are bigint. Only of tables and views that the input creates, and of subqueries
/// whose columns can be typed by what stands in them.
class QueryScopes {
 public:
  /// `schema` as it is before the statement. The tree has to outlive it.
  QueryScopes(AstRef statement, const Schema& schema);
  /// Nothing where it is not known.
  std::optional<TypeRef> type_of(const pg::ColumnRef& ref) const;

 private:
  std::unordered_map<const pg::ColumnRef*, TypeRef> types_;
};

}  // namespace dsqlint
