// The way out where a table cannot be changed in place, with its names filled in.
#pragma once

#include <string>
#include <string_view>

#include "engine/catalog/schema.h"

namespace dsqlint {

/// How to make a table anew. `with` is what the new one shall have. What `schema` knows of its
/// columns and key is written out; the column `without` is not copied.
std::string recreate_steps(const ObjectName& table, std::string_view with, const Schema& schema,
                           std::string_view without = {});

}  // namespace dsqlint
