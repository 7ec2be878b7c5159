// The migrations of a history one after another, and what is to be said of the history as a whole.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/migrations/order.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/tools.h"

namespace dsqlint::migrations {

/// A migration that is to be run or, with `learn_only`, to be learnt.
struct Step {
  std::shared_ptr<const SourceFile> source;
  const Linter* linter;
  RunOptions options;
  bool goes_on;  ///< in the transaction of the one before it
};

/// `common` as this migration of the project needs it.
RunOptions options_for(const Tool& tool, const Project& project, const Migration& migration,
                       const RunOptions& common);

/// In their order, those that can be as one text. `take` gets the number of a step and what came of
/// it; a history that was stopped ends early.
void run_steps(const Tool& tool, std::vector<Step> steps,
               const std::function<void(size_t step, Result<Run> run)>& take);

/// What programs declare of their transactions, and the tool refuses.
std::vector<HistoryProblem> refused_overrides(const Project& project, const Tool& tool,
                                              const Ordered& ordered, Span span);

/// The findings of each file, in the order of the history. What only the tool's own settings can
/// change is told at its first place, and the others are counted there. `left` may be empty.
void say_a_cause_once(const Tool& tool, const std::vector<std::vector<Diagnostic>*>& findings,
                      const std::vector<std::vector<Diagnostic>*>& left);

/// A problem of a file that is not run as it stands.
struct PlacedProblem {
  Diagnostic finding;
  std::optional<std::string> reason;  ///< of the comment in the file that silences it
};
/// Nothing where the configuration leaves it out. `source` may be null.
std::optional<PlacedProblem> place_problem(const HistoryProblem& problem, const Config& config,
                                           const SourceFile* source);

/// A migration of which something is not in its text.
struct UnreadFile {
  std::string path;
  std::string language = {};  ///< nothing of it can be read
  size_t operations = 0;
  size_t calls = 0;
};
/// One problem for all of them, at the first; `files`: how many migrations there are.
std::optional<HistoryProblem> not_read(const Tool& tool, const std::vector<UnreadFile>& unread,
                                       size_t files);

}  // namespace dsqlint::migrations
