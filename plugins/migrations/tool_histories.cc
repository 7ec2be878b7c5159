#include "plugins/migrations/tool_histories.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/catalog/schema.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/placeholders.h"
#include "plugins/migrations/program_layout.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/requests.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/steps.h"
#include "plugins/migrations/survey.h"
#include "workspace/workspace.h"

namespace dsqlint::migrations {
namespace {

/// A history as it stands at one moment. Nothing in it changes.
struct History {
  std::string top;  ///< absolute
  std::shared_ptr<const Project> project;
  Tool tool;  ///< as the project's settings make it
  Ordered ordered;
  RunOptions common;
  Span span = Span::File;
  OtherIds others;

  std::string name(std::string_view path) const { return top + "/" + std::string(path); }
};

/// What becomes of a file of a history.
struct Verdict {
  std::string name;
  bool in = false;  ///< it is reported on
  Config config = {};
  std::shared_ptr<const SourceFile> source = nullptr;
  std::string error = {};
  std::vector<Diagnostic> findings = {};
  std::shared_ptr<const SourceFile> fixed = nullptr;
};

/// One run of a history, from its first file to its last: what is said of the history as a whole
/// stands at one of them.
class HistoryRun {
 public:
  HistoryRun(const History& history, Snapshot& snapshot, const FixRequest* request,
             std::stop_token stop)
      : history_(history), snapshot_(snapshot), request_(request), stop_(std::move(stop)) {}

  std::vector<Verdict> run() {
    run_up();
    if (stop_.stop_requested()) return {};
    for (const HistoryProblem* problem : left_) add(*problem);
    say_a_cause_once();
    tell_what_is_not_read();
    return std::move(verdicts_);
  }

  /// A down script by what there is once all before it have run.
  Verdict run_down(const Migration& down) {
    std::vector<Step> steps;
    Verdict verdict = verdict_of(down.path);
    if (verdict.source == nullptr) return verdict;
    Schema schema;
    RunOptions common = history_.common;
    common.placement.history = &schema;
    common.placement.stop = stop_;
    for (const Migration& migration : history_.ordered.migrations) {
      const bool is_it = migration.path == down.path;
      if (migration.down && !is_it) continue;
      const Verdict one = is_it ? verdict : verdict_of(migration.path);
      if (one.source == nullptr) continue;
      RunOptions options = options_for(history_.tool, *history_.project, migration, common);
      options.learn_only = !is_it;
      options.sections.check_down = is_it;
      if (is_it && request_ != nullptr) options.fix = request_->wanted;
      steps.push_back({one.source, &linter_for(one.config), std::move(options), false});
      if (is_it) break;
    }
    const size_t last = steps.size() - 1;
    run_steps(history_.tool, std::move(steps), [&](size_t i, Result<Run> run) {
      if (i == last) take(std::move(run), verdict);
    });
    return verdict;
  }

 private:
  Verdict verdict_of(const std::string& path) {
    Verdict verdict{.name = history_.name(path)};
    verdict.in = !snapshot_.is_excluded(verdict.name);
    auto config = snapshot_.config(verdict.name, request_);
    auto source = snapshot_.read_text(verdict.name);
    if (!config) {
      verdict.error = config.error().message;
    } else if (!source) {
      verdict.error = source.error().message;
    } else {
      verdict.config = std::move(*config);
      verdict.source = std::move(*source);
    }
    return verdict;
  }

  Verdict& verdict_for(const std::string& path) {
    const auto [known, added] = index_.try_emplace(path, verdicts_.size());
    if (added) verdicts_.push_back(verdict_of(path));
    return verdicts_[known->second];
  }

  const Linter& linter_for(const Config& config) {
    kept_.push_back(linters_.get(config, 0));
    return *kept_.back();
  }

  void run_up() {
    std::multimap<std::string_view, const HistoryProblem*> problems;
    for (const HistoryProblem& problem : history_.ordered.problems) {
      problems.emplace(problem.path, &problem);
    }
    std::vector<Step> steps;
    std::vector<std::string_view> paths;
    RunOptions common = history_.common;
    common.placement.history = &schema_;
    common.placement.stop = stop_;
    for (const Migration& migration : history_.ordered.migrations) {
      const Verdict& verdict = verdict_for(migration.path);
      if (verdict.source == nullptr || migration.down) continue;
      RunOptions options = options_for(history_.tool, *history_.project, migration, common);
      options.learn_only = !verdict.in;
      if (verdict.in && request_ != nullptr) options.fix = request_->wanted;
      if (verdict.in && !holds_literals(history_.tool, migration.path)) {
        // What is wrong with its place in the folder is silenced like the rest.
        const auto [first, last] = problems.equal_range(migration.path);
        for (auto it = first; it != last; ++it) {
          const HistoryProblem& problem = *it->second;
          options.known.push_back(
              history_finding(problem.rule, problem.range, problem.message, problem.help));
        }
        problems.erase(first, last);
      }
      const bool goes_on = history_.span == Span::AllPending && !history_.common.sections.parted;
      paths.push_back(migration.path);
      steps.push_back({verdict.source, &linter_for(verdict.config), std::move(options), goes_on});
    }
    for (const HistoryProblem& problem : history_.ordered.problems) {
      const auto [first, last] = problems.equal_range(problem.path);
      const bool open =
          std::any_of(first, last, [&](const auto& entry) { return entry.second == &problem; });
      if (open) left_.push_back(&problem);
    }
    std::vector<bool> learns;
    for (const Step& step : steps) learns.push_back(step.options.learn_only);
    run_steps(history_.tool, std::move(steps), [&](size_t i, Result<Run> run) {
      Verdict& verdict = verdict_for(std::string(paths[i]));
      if (run && learns[i]) return;
      if (run && (run->operations > 0 || run->unreadable > 0)) {
        unread_.push_back({std::string(paths[i]), {}, run->operations, run->unreadable});
      }
      if (run) ++read_;
      take(std::move(run), verdict);
    });
  }

  static void take(Result<Run> run, Verdict& verdict) {
    if (!run) {
      verdict.error = run.error().message;
      return;
    }
    verdict.findings = std::move(run->findings);
    if (run->changed) verdict.fixed = std::move(run->fixed);
  }

  /// A problem of a file that is not run as it stands.
  void add(const HistoryProblem& problem) {
    const bool is_migration = index_.count(problem.path) != 0;
    Verdict& verdict = verdict_for(problem.path);
    if (is_migration && !verdict.in) return;
    auto placed = place_problem(problem, verdict.config, verdict.source.get());
    if (!placed || placed->reason) return;
    verdict.findings.push_back(std::move(placed->finding));
    sort_findings(verdict.findings);
  }

  void say_a_cause_once() {
    std::vector<std::vector<Diagnostic>*> findings;
    for (Verdict& verdict : verdicts_) findings.push_back(&verdict.findings);
    migrations::say_a_cause_once(history_.tool, findings, {});
  }

  void tell_what_is_not_read() {
    for (const Unread& unread : history_.ordered.unread) {
      unread_.push_back({unread.path, unread.language});
      ++read_;
    }
    std::vector<UnreadFile> told;
    const std::string_view rule = history_rule(HistoryRule::Unread).id;
    for (const UnreadFile& unread : unread_) {
      const Verdict& verdict = verdict_for(unread.path);
      if (!verdict.in || !verdict.config.enabled(rule)) continue;
      if (verdict.config.suppressions && verdict.source != nullptr &&
          ignored_in_file(verdict.source->text(), rule)) {
        continue;
      }
      told.push_back(unread);
    }
    if (const auto problem = not_read(history_.tool, told, read_)) add(*problem);
  }

  const History& history_;
  Snapshot& snapshot_;
  const FixRequest* request_;
  std::stop_token stop_;
  Schema schema_;
  Linters linters_{history_.others};
  std::vector<std::shared_ptr<const Linter>> kept_;
  std::map<std::string, size_t> index_;  ///< into verdicts_, by path
  std::vector<Verdict> verdicts_;
  std::vector<const HistoryProblem*> left_;  ///< that no run has taken along
  std::vector<UnreadFile> unread_;
  size_t read_ = 0;  ///< migrations that are reported on
};

const Migration* migration_of(const History& history, const std::string& name) {
  for (const Migration& migration : history.ordered.migrations) {
    if (history.name(migration.path) == name) return &migration;
  }
  return nullptr;
}

void run_history(const History& history, Snapshot& snapshot,
                 const std::set<std::string, std::less<>>& wanted, const FixRequest* request,
                 const std::stop_token& stop, const ToolHistory::Take& take) {
  const auto tell = [&](Verdict verdict) {
    take(verdict.name, {.findings = std::move(verdict.findings),
                        .source = std::move(verdict.source),
                        .fixed = std::move(verdict.fixed),
                        .error = std::move(verdict.error)});
  };
  bool any_up = false;
  for (const std::string& name : wanted) {
    const Migration* migration = migration_of(history, name);
    any_up = any_up || migration == nullptr || !migration->down;
  }
  std::vector<Verdict> verdicts;
  if (any_up) verdicts = HistoryRun(history, snapshot, request, stop).run();
  if (stop.stop_requested()) return;
  for (Verdict& verdict : verdicts) {
    const Migration* migration = migration_of(history, verdict.name);
    if (migration != nullptr && migration->down) continue;
    if (wanted.count(verdict.name) != 0) tell(std::move(verdict));
  }
  for (const Migration& migration : history.ordered.migrations) {
    if (!migration.down || wanted.count(history.name(migration.path)) == 0) continue;
    Verdict verdict = HistoryRun(history, snapshot, request, stop).run_down(migration);
    if (stop.stop_requested()) return;
    tell(std::move(verdict));
  }
}

/// Which text of a file goes up, for a file that does.
std::optional<RunOptions> options_of_up(const History& history, const std::string& name) {
  const Migration* migration = migration_of(history, name);
  if (migration == nullptr || migration->down) return std::nullopt;
  return options_for(history.tool, *history.project, *migration, history.common);
}

std::vector<RunnerSpan> transactions(const History& history, Snapshot& snapshot,
                                     const std::string& name) {
  std::vector<RunnerSpan> found;
  const auto options = options_of_up(history, name);
  const auto source = snapshot.read_text(name);
  if (!options || !source) return found;
  const bool goes_on = history.span == Span::AllPending && !history.common.sections.parted;
  const auto& all = history.ordered.migrations;
  const auto up = [&](const Migration& migration) { return !migration.down; };
  const auto first = std::find_if(all.begin(), all.end(), up);
  const auto last = std::find_if(all.rbegin(), all.rend(), up);
  for (Spanned& spanned : transactions_in(history.tool, **source, *options)) {
    RunnerTransaction& made = spanned.transaction;
    found.push_back({.range = spanned.range,
                     .begins = !goes_on || history.name(first->path) == name,
                     .ends = !goes_on || history.name(last->path) == name,
                     .subject = std::move(made.subject),
                     .record = std::move(made.record),
                     .message = made.message});
  }
  return found;
}

std::shared_ptr<const ToolHistory> as_told(std::shared_ptr<const History> history) {
  auto told = std::make_shared<ToolHistory>();
  told->title = std::string(history->tool.title);
  std::set<std::string_view> seen;
  for (const Migration& migration : history->ordered.migrations) {
    if (seen.insert(migration.path).second) told->files.push_back(history->name(migration.path));
  }
  // Those that are only spoken of.
  const auto add = [&](const std::string& path) {
    if (history->project->has(path) && seen.insert(path).second) {
      told->files.push_back(history->name(path));
    }
  };
  for (const Unread& unread : history->ordered.unread) add(unread.path);
  for (const HistoryProblem& problem : history->ordered.problems) add(problem.path);
  told->run = [history](Snapshot& snapshot, const auto& wanted, const FixRequest* request,
                        const std::stop_token& stop, const ToolHistory::Take& take) {
    run_history(*history, snapshot, wanted, request, stop, take);
  };
  told->transactions = [history](Snapshot& snapshot, const std::string& name) {
    return transactions(*history, snapshot, name);
  };
  told->up = [history](const std::string& name, const SourceFile& source) {
    const auto options = options_of_up(*history, name);
    return options ? parts_in(history->tool, source, *options) : std::vector<Range>();
  };
  return told;
}

std::shared_ptr<const History> history_of(const Request& request, const Decision& decision,
                                          std::shared_ptr<const Project> project,
                                          const OtherIds& others, Snapshot& snapshot) {
  auto history = std::make_shared<History>();
  history->top = project->absolute();
  history->tool = *decision.tool;
  if (decision.settings.span) history->tool.span = *decision.settings.span;
  history->ordered = order_migrations(*project, decision);
  history->common = {.sections = request.sections, .placeholders = request.placeholders};
  read_placeholders(*project, history->tool, history->common.placeholders);
  history->span = request.sections.span.value_or(history->tool.span);
  history->common.sections.parted =
      history->tool.parts_all && !request.sections.span &&
      std::any_of(history->ordered.migrations.begin(), history->ordered.migrations.end(),
                  [&](const Migration& migration) {
                    return !snapshot.is_excluded(history->name(migration.path)) &&
                           opts_out(history->tool, project->text(migration.path));
                  });
  for (HistoryProblem& problem :
       refused_overrides(*project, history->tool, history->ordered, history->span)) {
    history->ordered.problems.push_back(std::move(problem));
  }
  history->project = std::move(project);
  history->others = others;
  return history;
}

/// What is on the disk below a folder, and the texts of it that were read.
struct Disk {
  std::string top;
  std::vector<std::string> files;
  std::mutex mutex;
  std::map<std::string, std::string> texts;
};

using Documents = std::map<std::string, std::shared_ptr<const OpenDocument>, std::less<>>;
/// Open documents that a survey has looked at, as they were; null: those it has not found open.
using Looked = Documents;

std::shared_ptr<const OpenDocument> open_document(const Documents& documents,
                                                  const std::string& name) {
  const auto open = documents.find(name);
  return open == documents.end() ? nullptr : open->second;
}

/// Reads the project as the client sees it, and notes what was looked at.
Result<Project> read_project(const std::shared_ptr<Disk>& disk, const Documents& documents,
                             const std::shared_ptr<Looked>& looked) {
  ProjectTexts texts{.files = disk->files};
  for (const auto& [name, document] : documents) {
    if (!name.starts_with(disk->top + "/")) continue;
    std::string path = name.substr(disk->top.size() + 1);
    if (std::binary_search(disk->files.begin(), disk->files.end(), path)) continue;
    texts.files.push_back(std::move(path));
    (*looked)[name] = document;
  }
  // The state itself would hold on to what holds this.
  texts.text = [disk, documents, looked](const std::string& path) -> Result<std::string> {
    const std::string name = disk->top + "/" + path;
    const auto open = open_document(documents, name);
    const std::lock_guard lock(disk->mutex);
    (*looked)[name] = open;
    if (open != nullptr) return open->text;
    const auto known = disk->texts.find(path);
    if (known != disk->texts.end()) return known->second;
    auto source = SourceFile::load(name, Encoding::Bytes);
    std::string text = source ? std::string((*source)->text()) : std::string();
    constexpr size_t kLargestKept = 256u << 10;
    if (text.size() <= kLargestKept) disk->texts.emplace(path, text);
    return text;
  };
  return Project::read(disk->top, std::move(texts));
}

/// What is known of a folder of the workspace.
struct Known {
  uint64_t disk = 0;
  std::vector<Request> requests;
  std::vector<std::shared_ptr<Disk>> disks;  ///< of each
  std::shared_ptr<Looked> looked;            ///< null: nothing was surveyed
  std::vector<std::string> open;             ///< documents, of which some may be new
  std::vector<std::shared_ptr<const ToolHistory>> histories;
};

void list_files(const std::string& folder, Snapshot& snapshot, Known& known) {
  known.disk = snapshot.state().disk;
  known.looked = nullptr;
  known.requests.clear();
  known.disks.clear();
  const auto config = snapshot.config_file(folder + "/dsqlint.toml");
  if (!config) return;
  auto requests = listed_requests(**config, {}, folder, "");
  if (!requests) return;
  if (requests->empty()) requests->push_back({.top = folder});
  for (Request& request : *requests) {
    auto project = Project::read(request.top);
    if (!project) continue;
    auto disk = std::make_shared<Disk>();
    disk->top = project->absolute();
    disk->files = project->files();
    known.requests.push_back(std::move(request));
    known.disks.push_back(std::move(disk));
  }
}

bool holds(const Known& known, const WorkspaceState& state, const std::vector<std::string>& open) {
  return known.disk == state.disk && known.looked != nullptr && known.open == open &&
         std::all_of(known.looked->begin(), known.looked->end(), [&](const auto& looked) {
           return open_document(state.documents, looked.first) == looked.second;
         });
}

class Folders {
 public:
  explicit Folders(OtherIds others) : others_(std::move(others)) {}

  std::vector<std::shared_ptr<const ToolHistory>> find(Snapshot& snapshot,
                                                       const std::string& folder) {
    const std::lock_guard lock(mutex_);
    const std::shared_ptr<const WorkspaceState>& state = snapshot.shared_state();
    Known& known = known_[folder];
    std::vector<std::string> open;
    for (const auto& [name, document] : state->documents) open.push_back(name);
    if (holds(known, *state, open)) return known.histories;
    if (known.disk != state->disk || known.looked == nullptr) list_files(folder, snapshot, known);
    known.looked = std::make_shared<Looked>();
    known.open = std::move(open);
    known.histories.clear();
    for (size_t i = 0; i < known.disks.size(); ++i) {
      auto opened = read_project(known.disks[i], state->documents, known.looked);
      if (!opened) continue;
      const auto project = std::make_shared<const Project>(std::move(*opened));
      const Result<Survey> found = survey(*project, known.requests[i].wanted);
      if (!found) continue;
      for (const Decision& decision : found->decisions) {
        if (decision.tool->files == Files::None) continue;
        known.histories.push_back(
            as_told(history_of(known.requests[i], decision, project, others_, snapshot)));
      }
    }
    return known.histories;
  }

 private:
  OtherIds others_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace

FindToolHistories tool_histories(OtherIds others) {
  return [folders = std::make_shared<Folders>(std::move(others))](Snapshot& snapshot,
                                                                  const std::string& folder) {
    return folders->find(snapshot, folder);
  };
}

}  // namespace dsqlint::migrations
