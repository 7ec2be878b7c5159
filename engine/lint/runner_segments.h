// The statements that a runner's transaction holds when it commits.
#pragma once

#include <vector>

#include "engine/lint/layout.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// Statements that commit together without a BEGIN in the text. Statements between BEGIN and COMMIT
/// are not part of it.
struct RunnerSegment {
  uint32_t transaction = 0;        ///< index into Layout::transactions
  std::vector<size_t> statements;  ///< in order
  bool last = true;                ///< nothing in the text ends the transaction before the runner
  bool has_begin = false;          ///< the text contains transactions, too
};

/// In the order of the text. A COMMIT or ROLLBACK of the text ends a segment; what follows in the
/// same transaction of a runner that sends one message is a segment, and of one that has begun it
/// with BEGIN runs statement by statement.
std::vector<RunnerSegment> runner_segments(const Document& document, const Layout& layout);

/// What the first transaction holds at the end of the text.
Carried carried_after(const Document& document, const Layout& layout, const Carried& before);

}  // namespace dsqlint
