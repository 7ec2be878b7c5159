// The statements that a runner's transaction holds when it commits.
#pragma once

#include <vector>

#include "engine/lint/layout.h"
#include "engine/parse/document.h"

namespace dsqlint {

/// Statements that commit together in a transaction that the text does not begin. A BEGIN of the
/// text takes in what stands before it: in a message, where nothing has begun a transaction but the
/// message itself, it makes one transaction of both (PostgreSQL's manual, "Multiple Statements In A
/// Simple Query"), and in a transaction of the runner it does nothing.
struct RunnerSegment {
  uint32_t transaction = 0;        ///< index into Layout::transactions
  std::vector<size_t> statements;  ///< before BEGIN, in order
  std::vector<size_t> block;       ///< between that BEGIN and its COMMIT
  bool last = true;                ///< nothing in the text ends the transaction before the runner
  bool has_begin = false;          ///< the text has a BEGIN in it
  bool rolled_back = false;        ///< ROLLBACK ends it
};

/// In the order of the text. A COMMIT or ROLLBACK of the text ends a segment; what follows is a
/// segment where the runner sends one message, and elsewhere runs statement by statement. A message
/// inside a transaction that the text has begun in an earlier part belongs to that.
std::vector<RunnerSegment> runner_segments(const Document& document, const Layout& layout);

/// What the first transaction holds at the end of the text.
Carried carried_after(const Document& document, const Layout& layout, const Carried& before);

}  // namespace dsqlint
