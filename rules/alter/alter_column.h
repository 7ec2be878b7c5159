// What happens to a column whose type changes.
#pragma once

#include <string>

#include "engine/catalog/schema.h"
#include "engine/lint/rule.h"

namespace dsqlint {

/// A new column replaces one whose type changes. Is the old one kept? It is only dropped if nothing
/// depends on it and the table, created in `file`, is empty: filling the new column may fail
/// half-way, and a script may continue anyway. `table` is null where the input does not show it.
bool old_column_stays(const Table* table, const std::string& name, uint32_t file);

/// The name of the old column then. An earlier file may have changed the type as well and left
/// `name_old`, whether its own fix is applied already or not: the number of the file keeps the two
/// apart, for a fix changes a column once per file.
std::string old_column_name(const std::string& name, const Table* table, uint32_t file);

/// Finds INSERT and COPY that rely on the order of columns which an earlier file's change of a type
/// does not keep.
void check_written_by_position(ScriptContext& ctx);

}  // namespace dsqlint
