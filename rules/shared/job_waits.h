// Whether a file waits for the background jobs that it starts.
#pragma once

#include <algorithm>

#include "engine/parse/ast.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// Does the file wait for a job between two statements?
inline bool waits_between(uint32_t first, uint32_t last, const Document& document) {
  const std::span<const uint32_t> calls = document.of_kind(NodeCaseOf<pg::CallStmt>::value);
  const auto call = std::upper_bound(calls.begin(), calls.end(), first);
  return call != calls.end() && *call < last;
}

}  // namespace dsqlint
