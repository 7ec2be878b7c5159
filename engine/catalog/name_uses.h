// Where a text names objects: what a reader who looks for them all has to be shown.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.h"
#include "engine/text/source.h"

namespace dsqlint {
struct StatementView;
}  // namespace dsqlint

namespace dsqlint::catalog {

/// The name of a table, view, index, sequence, type or function as it stands in a statement. What
/// it means is for the catalog to say: a table's name may be that of a common table expression of
/// another statement, a type's one of PostgreSQL's own.
struct NameUse {
  NameSpace space = NameSpace::Relation;
  ObjectName name;
  Range range;  ///< the whole name, with its schema
  /// Of a table that the statement creates: the places where its columns' names stand.
  std::vector<std::pair<std::string, Range>> columns = {};
};

/// Adds the names that a statement has, or one in a function's body whose places are those of the
/// file; in no order. To be called from Document::Visitors::parallel.
void collect_name_uses(const StatementView& view, std::vector<NameUse>& uses);

}  // namespace dsqlint::catalog
