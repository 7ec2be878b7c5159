// What becomes of a column whose type changes.
#pragma once

#include <string>

#include "engine/schema.h"

namespace dsqlint {

/// A new column takes the place of one whose type changes. Does the old one stay beside it, as
/// `name_old`? It only goes where nothing hangs on it and the table, made in `file`, is empty:
/// filling the new column may fail half-way, and a script may go on all the same. `table` is null
/// where the input does not show it.
bool old_column_stays(const Table* table, const std::string& name, uint32_t file);

}  // namespace dsqlint
