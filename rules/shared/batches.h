// The comment before an UPDATE that a fix adds.
#pragma once

#include <string_view>

namespace dsqlint {

inline constexpr std::string_view kInBatches =
    "-- One statement changes at most 3,000 rows: on a bigger table, run it in batches.\n";

}  // namespace dsqlint
