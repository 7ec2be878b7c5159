#include "engine/lint/runner_segments.h"

#include <algorithm>

namespace dsqlint {

std::vector<RunnerSegment> runner_segments(const Document& document, const Layout& layout) {
  struct Progress {
    size_t segment = SIZE_MAX;  ///< the open one; SIZE_MAX: none yet
    bool over = false;          ///< committed by the text, and the runner has made no message of it
    bool inside = false;        ///< of a BEGIN of the text
    bool begins = false;
  };
  std::vector<RunnerSegment> segments;
  std::vector<Progress> progress(layout.transactions.size());
  const std::span<const Statement> statements = document.statements();
  size_t i = 0;
  for (const Part& part : layout.parts) {
    while (i < statements.size() && statements[i].range.begin < part.range.begin) ++i;
    for (; i < statements.size() && statements[i].range.begin < part.range.end; ++i) {
      if (part.transaction >= layout.transactions.size()) continue;
      Progress& now = progress[part.transaction];
      const StatementClass cls = statements[i].cls;
      if (cls == StatementClass::Begin) {
        now.inside = now.begins = true;
        continue;
      }
      if (cls == StatementClass::Commit || cls == StatementClass::Rollback) {
        if (now.segment != SIZE_MAX) segments[now.segment].last = false;
        now.segment = SIZE_MAX;
        now.inside = false;
        // The BEGIN of the runner has been used up.
        now.over = now.over || !layout.transactions[part.transaction].message;
        continue;
      }
      if (now.inside || now.over) continue;
      if (now.segment == SIZE_MAX) {
        now.segment = segments.size();
        segments.push_back({.transaction = part.transaction});
      }
      segments[now.segment].statements.push_back(i);
    }
  }
  for (RunnerSegment& segment : segments) {
    segment.has_begin = progress[segment.transaction].begins;
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
    for (const size_t i : segment.statements) {
      const Statement& statement = document.statements()[i];
      if (statement.cls == StatementClass::Ddl) carried.ddl += statement.count;
      if (statement.cls == StatementClass::Dml) carried.dml += statement.count;
      carried.rows += statement.all_rows;
    }
  }
  return carried;
}

}  // namespace dsqlint
