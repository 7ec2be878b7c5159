// What to do if a table cannot be changed in place, with its names filled in.
#pragma once

#include <string>
#include <string_view>

#include "engine/catalog/schema.h"

namespace dsqlint {

/// How to recreate a table. `with` is what the new one will have. The columns and the key that
/// `schema` knows are written out; the column `without` is not copied.
std::string recreate_steps(const ObjectName& table, std::string_view with, const Schema& schema,
                           std::string_view without = {});

}  // namespace dsqlint
