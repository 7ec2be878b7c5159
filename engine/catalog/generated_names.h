// Names that PostgreSQL chooses where a statement leaves them out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parse/ast.h"

namespace dsqlint {

/// `first_second_label`, cut to 63 bytes by shortening the longer of the two names, never the
/// label. An empty `second` is left out with its underscore.
std::string generated_name(std::string_view first, std::string_view second, std::string_view label);

/// The first of `first_second_label`, `…label1`, `…label2` that is not taken. The first `known` of
/// them are known to be: many constraints of one table must not be counted again for each.
std::string free_name(std::string_view first, std::string_view second, std::string_view label,
                      const std::function<bool(const std::string&)>& taken, size_t known = 0);

/// What PostgreSQL ends the name of a constraint of that kind with; empty for what has no name.
std::string_view constraint_label(pg::ConstrType type);
/// Does it have an index of its name, so that no other relation can have that name?
bool has_index(pg::ConstrType type);
/// The middle of a constraint's name: the column of a CHECK that refers to one column only, the
/// columns of a foreign key or unique constraint joined by `_`. `column` is the column of a column
/// constraint, else empty.
std::string constraint_middle(const pg::Constraint& constraint, const std::string& column);

/// The columns that an expression refers to, in order of appearance, each once.
std::vector<std::string> columns_of(const pg::Node& expression);

}  // namespace dsqlint
