// What to do if a table cannot be changed in place, with its names filled in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/catalog/schema.h"
#include "engine/lint/rule.h"

namespace dsqlint {

/// How to recreate a table. `with` is what the new one will have. The columns and the key that
/// `schema` knows are written out; the column `without` is not copied.
std::string recreate_steps(const ObjectName& table, std::string_view with, const Schema& schema,
                           std::string_view without = {});

/// Of what a change of CREATE TABLE would settle: where an earlier file of the history creates the
/// table, which stays as it is. `table` may be null.
std::optional<Note> earlier_file_note(const Table* table, const SchemaContext& ctx);

}  // namespace dsqlint
