// The way out where a table cannot be changed in place, with its names filled in.
#pragma once

#include <string>
#include <string_view>

#include "engine/schema.h"

namespace dsqlint {

/// How to make a table anew. `with` is what the new one shall have.
std::string recreate_steps(const ObjectName& table, std::string_view with);

}  // namespace dsqlint
