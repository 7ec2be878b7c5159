// What trigger functions do, as far as it matters: the many that only keep a timestamp current.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dsqlint {

/// The columns that a PL/pgSQL body sets to the current time, when it does nothing else but return
/// NEW; empty for every other body. Conditions around the assignments are allowed.
std::vector<std::string> touched_columns(std::string_view body);

}  // namespace dsqlint
