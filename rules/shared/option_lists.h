// Lists of options in parentheses, as COPY and EXPLAIN have them.
#pragma once

#include <vector>

#include "engine/lint/rule.h"

namespace dsqlint {

/// Takes the option at token `at` out: from the list in parentheses, with the list where it is the
/// only one, or from the words of the old form without parentheses. Empty where the list cannot be
/// read.
std::vector<Edit> remove_listed_option(size_t at, const Context& ctx);

}  // namespace dsqlint
