// Threads with a stack size that we choose: the parser recurses, and callers may run on a small
// stack.
#pragma once

#include <cstddef>
#include <functional>

namespace dsqlint {

/// Deepest nesting of expressions that is handed to the parser, and what a level may cost there.
/// PostgreSQL's own limit (max_stack_depth 2 MB, error 54001) is reached far earlier.
inline constexpr size_t kMaxNesting = 20'000;

/// Runs `work(0)` … `work(count - 1)`, each on a thread with a stack big enough for kMaxNesting
/// levels, and waits for all. A caller that is such a thread does `work(0)` itself and keeps the
/// others until it ends: in its next call they do the same shares. If the system refuses a thread,
/// the others do its share; `work` is called at least once. Exceptions in `work` end the program,
/// so it must not throw.
void run_on_big_stacks(unsigned count, const std::function<void(unsigned)>& work);

}  // namespace dsqlint
