#include "plugins/migrations/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "plugins/migrations/program_layout.h"

namespace dsqlint::migrations {
namespace {

std::string counted(size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

/// The end of those that are judged together with the first.
size_t joined_from(const Tool& tool, const std::vector<Step>& steps, size_t first) {
  constexpr size_t kMostBytes = size_t{1} << 20;
  size_t bytes = 0;
  size_t end = first;
  for (; end < steps.size(); ++end) {
    bytes += steps[end].source->size();
    if (steps[end].linter != steps[first].linter || bytes > kMostBytes ||
        !can_join(tool, *steps[end].source, steps[end].options)) {
      break;
    }
  }
  return std::max(end, first + 1);
}

Result<std::vector<Run>> run_from(const Tool& tool, std::vector<Step>& steps, size_t first,
                                  size_t end, const Carried& pending) {
  std::vector<std::shared_ptr<const SourceFile>> sources;
  std::vector<RunOptions> options;
  for (size_t i = first; i < end; ++i) {
    sources.push_back(steps[i].source);
    // What is only learnt was run before.
    if (steps[i].goes_on && !steps[i].options.learn_only) {
      steps[i].options.placement.carried = pending;
    }
    options.push_back(steps[i].options);
  }
  const Linter& linter = *steps[first].linter;
  if (sources.size() > 1) return run_migrations(linter, tool, sources, options);
  Result<Run> run = run_migration(linter, tool, sources.front(), options.front());
  if (!run) return tl::unexpected(run.error());
  std::vector<Run> runs;
  runs.push_back(std::move(*run));
  return runs;
}

}  // namespace

RunOptions options_for(const Tool& tool, const Project& project, const Migration& migration,
                       const RunOptions& common) {
  RunOptions options = common;
  options.sections.no_transaction = migration.no_transaction;
  options.sections.down_file = migration.down;
  options.may_write_beside =
      !tool.beside.empty() && !project.has(migration.path + std::string(tool.beside));
  options.placement.takes_back = migration.down;
  return options;
}

void run_steps(const Tool& tool, std::vector<Step> steps,
               const std::function<void(size_t step, Result<Run> run)>& take) {
  Carried pending;
  for (size_t first = 0; first < steps.size();) {
    if (steps[first].options.placement.stop.stop_requested()) return;
    const size_t end = joined_from(tool, steps, first);
    Result<std::vector<Run>> runs = run_from(tool, steps, first, end, pending);
    for (size_t i = first; i < end; ++i) {
      if (!runs) {
        take(i, tl::unexpected(runs.error()));
        continue;
      }
      Run& run = (*runs)[i - first];
      if (steps[i].goes_on && !steps[i].options.learn_only) pending = run.carried;
      take(i, std::move(run));
    }
    first = end;
  }
}

std::vector<HistoryProblem> refused_overrides(const Project& project, const Tool& tool,
                                              const Ordered& ordered, Span span) {
  std::vector<HistoryProblem> problems;
  if (tool.refused_override.empty() || span != Span::AllPending) return problems;
  for (const Migration& migration : ordered.migrations) {
    const auto place = refused_override(tool, project.text(migration.path));
    if (!place) continue;
    problems.push_back(
        {HistoryRule::RefusedOverride, migration.path, *place,
         fmt::format("{} refuses this in a migration while one transaction spans all pending "
                     "migrations",
                     tool.title),
         "set `migrationsTransactionMode` of the DataSource to \"each\" or \"none\", or remove "
         "it"});
  }
  return problems;
}

void say_a_cause_once(const Tool& tool, const std::vector<std::vector<Diagnostic>*>& findings,
                      const std::vector<std::vector<Diagnostic>*>& left) {
  if (!tool.one_cause) return;
  struct Place {
    size_t file;
    Diagnostic* finding;
  };
  std::map<std::string_view, std::vector<Place>> found;
  const auto of_tool = [&](const Diagnostic& finding) {
    return !finding.fix && finding.help == tool.help;
  };
  for (size_t i = 0; i < findings.size(); ++i) {
    for (Diagnostic& finding : *findings[i]) {
      if (of_tool(finding)) found[finding.rule->id].push_back({i, &finding});
    }
  }
  for (auto& [rule, places] : found) {
    if (places.size() < 2) continue;
    std::set<size_t> files;
    for (const Place& place : places) files.insert(place.file);
    const std::string note =
        fmt::format("the same holds for {} more statement{}, in {}", places.size() - 1,
                    places.size() == 2 ? "" : "s", counted(files.size(), "file"));
    places.front().finding->notes.push_back({note});
    const size_t first = places.front().file;
    for (const auto* lists : {&findings, &left}) {
      for (size_t i = 0; i < lists->size(); ++i) {
        bool kept = i != first;
        std::erase_if(*(*lists)[i], [&](Diagnostic& finding) {
          if (!of_tool(finding) || finding.rule->id != rule) return false;
          if (kept) return true;
          kept = true;
          if (lists == &left) finding.notes.push_back({note});
          return false;
        });
      }
    }
  }
}

std::optional<PlacedProblem> place_problem(const HistoryProblem& problem, const Config& config,
                                           const SourceFile* source) {
  PlacedProblem placed{history_finding(problem.rule, problem.range, problem.message, problem.help),
                       std::nullopt};
  const std::string_view rule = placed.finding.rule->id;
  if (!config.enabled(rule)) return std::nullopt;
  const auto severity = config.severity.find(rule);
  if (severity != config.severity.end()) placed.finding.severity = severity->second;
  if (config.suppressions && source != nullptr) {
    placed.reason = ignored_in_file(source->text(), rule);
  }
  return placed;
}

std::optional<HistoryProblem> not_read(const Tool& tool, const std::vector<UnreadFile>& unread,
                                       size_t files) {
  if (unread.empty()) return std::nullopt;
  std::map<std::string, size_t> languages;
  size_t with_operations = 0;
  size_t with_calls = 0;
  size_t calls = 0;
  for (const UnreadFile& file : unread) {
    if (!file.language.empty()) ++languages[file.language];
    if (file.operations > 0) ++with_operations;
    if (file.calls > 0) ++with_calls;
    calls += file.calls;
  }
  std::vector<std::string> reasons;
  if (with_operations > 0) {
    reasons.push_back(fmt::format("{} {} operations whose SQL is not in the text",
                                  counted(with_operations, "file"),
                                  with_operations == 1 ? "has" : "have"));
  }
  if (calls > 0) {
    reasons.push_back(fmt::format("{} {} SQL that is put together at run time ({})",
                                  counted(with_calls, "file"), with_calls == 1 ? "has" : "have",
                                  counted(calls, "call")));
  }
  for (const auto& [language, count] : languages) {
    reasons.push_back(fmt::format("{} {} written in {} and not checked", counted(count, "file"),
                                  count == 1 ? "is" : "are", language));
  }
  return HistoryProblem{
      HistoryRule::Unread,
      unread.front().path,
      {0, 0},
      fmt::format("{} of {} can be read completely: {}", files - unread.size(),
                  counted(files, "file"), fmt::join(reasons, ", ")),
      tool.recipe.empty()
          ? std::string("check a dump of the schema that they make: pg_dump --schema-only | "
                        "dsqlint check -")
          : fmt::format("check what it sends: dsqlint migrations --from \"{}\"", tool.recipe)};
}

}  // namespace dsqlint::migrations
