#include "rules/recreate_steps.h"

#include <fmt/format.h>

#include "engine/names.h"

namespace dsqlint {

std::string recreate_steps(const ObjectName& table, std::string_view with) {
  const std::string fresh = to_sql({table.schema, table.name + "_new"});
  return fmt::format(
      "make the table anew: create `{0}` with {2}, copy the rows in batches of at most 3,000 "
      "(`INSERT INTO {0} SELECT … FROM {1} ORDER BY … LIMIT 3000`, from the last key on), then "
      "`DROP TABLE {1}` and `ALTER TABLE {0} RENAME TO {3}`, each in a transaction of its own, and "
      "create its indexes, grants and views again",
      fresh, to_sql(table), with, quote_identifier(table.name));
}

}  // namespace dsqlint
