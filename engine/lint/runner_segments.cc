#include "engine/lint/runner_segments.h"

#include <algorithm>

namespace dsqlint {

std::vector<RunnerSegment> runner_segments(const Document& document, const Layout& layout) {
  constexpr size_t kNone = SIZE_MAX;
  struct Progress {
    size_t segment = kNone;  ///< the open one
    bool over = false;       ///< the text has ended the runner's transaction
  };
  std::vector<RunnerSegment> segments;
  std::vector<Progress> progress(layout.transactions.size());
  bool in_block = false;  // of a BEGIN of the text that has begun a transaction
  size_t joined = kNone;  // the segment that has become part of it
  const std::span<const Statement> statements = document.statements();
  size_t i = 0;
  for (const Part& part : layout.parts) {
    const RunnerTransaction* runner = part.transaction < layout.transactions.size()
                                          ? &layout.transactions[part.transaction]
                                          : nullptr;
    // What avoids its transaction with blocks is sent in one message, inside the transaction.
    const bool sends_message =
        runner != nullptr && (runner->message || runner->opt_out == OptOut::Blocks);
    while (i < statements.size() && statements[i].range.begin < part.range.begin) ++i;
    for (; i < statements.size() && statements[i].range.begin < part.range.end; ++i) {
      if (document.starts_file(i)) {
        in_block = false;
        joined = kNone;
      }
      Progress alone;  // a statement that the runner sends, and commits, separately
      Progress& now = runner == nullptr ? alone : progress[part.transaction];
      const bool in_runner = runner != nullptr && !runner->message && !now.over;
      const bool in_message = !in_runner && sends_message;
      size_t segment = in_block ? joined : now.segment;
      const auto open = [&] {
        if (segment != kNone || in_block || !(in_runner || in_message)) return;
        segment = now.segment = segments.size();
        segments.push_back({.transaction = part.transaction, .last = in_runner || !now.over});
      };
      switch (statements[i].cls) {
        case StatementClass::Begin:
          open();
          if (segment != kNone) segments[segment].has_begin = true;
          if (!in_runner && !in_block) {
            in_block = true;
            joined = segment;
            now.segment = kNone;
          }
          break;
        case StatementClass::Commit:
        case StatementClass::Rollback:
          // Even where nothing stands before it, this ends what the runner has begun.
          if (in_runner) open();
          if (segment != kNone) {
            segments[segment].last = false;
            segments[segment].rolled_back = statements[i].cls == StatementClass::Rollback;
          }
          if (in_runner) now.over = true;
          now.segment = joined = kNone;
          in_block = false;
          break;
        default:
          open();
          if (segment == kNone) break;
          RunnerSegment& held = segments[segment];
          (held.has_begin ? held.block : held.statements).push_back(i);
          break;
      }
    }
  }
  return segments;
}

Carried carried_after(const Document& document, const Layout& layout, const Carried& before) {
  Carried carried = before;
  for (const RunnerSegment& segment : runner_segments(document, layout)) {
    if (segment.transaction != 0) continue;
    if (!segment.last) {
      carried = {};
      continue;
    }
    for (const std::vector<size_t>* members : {&segment.statements, &segment.block}) {
      for (const size_t i : *members) {
        const Statement& statement = document.statements()[i];
        if (statement.cls == StatementClass::Ddl) carried.ddl += statement.count;
        if (statement.cls == StatementClass::Dml) carried.dml += statement.count;
        carried.rows += statement.all_rows;
      }
    }
  }
  return carried;
}

}  // namespace dsqlint
