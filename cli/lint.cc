// From files to reports: each file is read, checked or fixed, written and printed on its own, so
// that one that fails does not stop the others.

#include "cli/lint.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <unordered_set>

#include "cli/clean_cache.h"
#include "cli/git_files.h"
#include "cli/inputs.h"
#include "cli/parallel.h"
#include "cli/progress.h"
#include "cli/stdin_text.h"
#include "plugins/catalogue.h"
#include "workspace/judge.h"
#include "workspace/reports/baseline.h"
#include "workspace/reports/print_text.h"
#include "workspace/reports/printer.h"
#include "workspace/reports/unified_diff.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

int usage_error(const std::string& message) {
  fmt::print(stderr, "dsqlint: {}\n", message);
  return 2;
}

/// Files that set up one database one after another.
struct History {
  Before before;
  Turns turns;
  size_t units = 0;
};

/// What a unit's turn in its history is; ends when this does.
class Turn {
 public:
  Turn(History& history, size_t place) : history_(history), place_(place) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    wait();
    history_.turns.done(place_);
  }
  void wait() {
    if (!waited_) history_.turns.wait(place_);
    waited_ = true;
  }

 private:
  History& history_;
  size_t place_;
  bool waited_ = false;
};

/// Leaves out what the run has printed already.
class OnceARun {
 public:
  std::string print(const Printed& printed) {
    std::string text;
    uint32_t at = 0;
    for (const Printed::Repeatable& part : printed.repeatable) {
      if (said_.insert(part.says).second) continue;
      text += printed.text.substr(at, part.range.begin - at);
      at = part.range.end;
    }
    return text + printed.text.substr(at);
  }

 private:
  std::unordered_set<std::string> said_;
};

/// Where the fixed text goes.
enum class Destination : uint8_t { None, InPlace, File, Stdout, Diff };

Destination destination(const Options& options, const Input& input) {
  if (!options.fix) return Destination::None;
  if (options.diff) return Destination::Diff;
  if (!options.output.empty()) {
    return options.output == "-" ? Destination::Stdout : Destination::File;
  }
  return input.is_stdin ? Destination::Stdout : Destination::InPlace;
}

Result<std::shared_ptr<const SourceFile>> read_input(const Input& input, GitBlobs& blobs,
                                                     Encoding encoding) {
  if (input.is_stdin) return read_stdin(input.path, encoding);
  if (input.blob.empty()) return SourceFile::load(input.path, encoding);
  auto text = blobs.read(input.blob, input.path);
  if (!text) return tl::unexpected(text.error());
  return SourceFile::from_text(input.path, std::move(*text), encoding);
}

const std::string& dialect_of(const Options& options, const Input& input) {
  return options.dialect.empty() ? input.config->dialect : options.dialect;
}

NamesOfFiles names_of_files(const std::vector<Input>& inputs, GitBlobs& blobs) {
  std::vector<NamesOfFiles::File> files;
  for (const Input& input : inputs) {
    files.push_back({.path = input.path,
                     .history = input.history,
                     .builds = !input.takes_back && !input.is_stdin});
  }
  return {std::move(files), [&](size_t i) -> std::shared_ptr<const SourceFile> {
            if (!inputs[i].error.empty()) return nullptr;
            return read_input(inputs[i], blobs, Encoding::Bytes).value_or(nullptr);
          }};
}

/// Takes over what fixing has made of a file, and writes it where it belongs.
void take(FixOutcome outcome, const Options& options, const Input& input, bool mysql,
          FileReport& report) {
  std::vector<Diagnostic> left = std::move(outcome.left);
  report.take(std::move(outcome));
  const Destination to = destination(options, input);
  Result<void> written;
  if (to == Destination::File) {
    written = write_file(options.output, report.fixed->stretches());
    report.written_to = options.output;
  } else if (to == Destination::InPlace && mysql) {
    // A translation stands beside what it was made from.
    report.written_to = fixed_path(input.path);
    written = write_file(report.written_to, report.fixed->stretches());
  } else if (to == Destination::InPlace && report.changed) {
    written = write_file(input.path, report.fixed->stretches(), report.source->text());
    report.written_to = input.path;
  }
  if (!written) {
    report.error = written.error().message;
    report.written_to.clear();
    return;
  }
  if (to != Destination::InPlace || !report.changed || mysql) return;
  report.in_place = true;
  report.left = std::move(left);
}

/// What there is to do for a file.
enum class Task : uint8_t {
  Report,
  Learn,  ///< it is clean, but others build on it
  Skip,   ///< it is clean
};

/// Which files of a run are known to be clean: a file is what it was, and what it follows is too.
class CleanFiles {
 public:
  CleanFiles(const Options& options, const std::vector<Input>& inputs, GitBlobs& blobs)
      : cache_(CleanCache::default_path()), keys_(inputs.size()) {
    std::map<size_t, std::string> before;  // by history
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Input& input = inputs[i];
      if (!input.error.empty() || input.is_stdin) continue;
      const auto source = read_input(input, blobs, Encoding::Bytes);
      if (!source) continue;
      const Config config = config_for(options, *input.config, input.absolute);
      std::string& chain = before[input.history];
      keys_[i] = cache_.key((*source)->text(), fmt::format("{} / {} / {}", key_of(config),
                                                           dialect_of(options, input), chain));
      if (!input.takes_back) chain = fmt::format("{:x}{:x}", keys_[i]->first, keys_[i]->second);
    }
  }

  std::vector<Task> tasks(const std::vector<Input>& inputs) {
    std::vector<Task> tasks(inputs.size(), Task::Report);
    std::set<size_t> needed;  // histories with a file to report on behind the one at hand
    for (size_t i = inputs.size(); i-- > 0;) {
      const bool known = keys_[i] && cache_.knows(*keys_[i]);
      if (!known) needed.insert(inputs[i].history);
      const bool builds = !inputs[i].takes_back && needed.count(inputs[i].history) != 0;
      if (known) tasks[i] = builds ? Task::Learn : Task::Skip;
    }
    return tasks;
  }
  void add(size_t i) {
    if (keys_[i]) cache_.add(*keys_[i]);
  }
  void save() { cache_.save(); }

 private:
  CleanCache cache_;
  std::vector<std::optional<CleanCache::Key>> keys_;
};

FilePlace place_of(const Options& options, const Input& input, bool alone) {
  FilePlace place{.history = input.history,
                  .alone = alone || !input.error.empty() || input.is_stdin};
  if (place.alone) return place;
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(input.path, error);
  place.bytes = error ? 0 : bytes;
  place.key = key_of(config_for(options, *input.config, input.absolute));
  return place;
}

/// A file as a run that has just begun to look at it reports it.
FileReport open_report(const Options& options, const Input& input) {
  FileReport report{.path = input.path, .error = input.error};
  if (!input.is_stdin || !options.stdin_filename.empty()) report.absolute = input.absolute;
  report.fixing = options.fix;
  report.wanted = options.safe_only ? Safety::Exact : Safety::Review;
  if (!report.error.empty()) return report;
  report.fail_on =
      options.fail_on ? *options.fail_on : input.config->fail_on.value_or(Severity::Error);
  return report;
}

/// Reads, checks or fixes the files of a unit; reports in its order.
class UnitRun {
 public:
  UnitRun(const Options& options, const std::vector<Input>& inputs, const Unit& unit,
          unsigned threads, GitBlobs& blobs)
      : options_(options), files_(unit.size()) {
    for (const size_t i : unit) {
      inputs_.push_back(&inputs[i]);
      reports_.push_back(open_report(options, inputs[i]));
      if (reports_.back().error.empty()) open(reports_.size() - 1, threads, blobs);
    }
  }

  std::vector<FileReport> run(Task task, const UnitRequest& request, Before& before,
                              Linters& linters) {
    if (task == Task::Skip) return std::move(reports_);
    for (UnitFile& file : files_) file.wanted = task != Task::Learn;
    std::vector<UnitOutcome> outcomes = judge(files_, before, request, linters);
    for (size_t k = 0; k < files_.size(); ++k) {
      FileReport& report = reports_[k];
      if (files_[k].source == nullptr) continue;
      report.error = std::move(outcomes[k].error);
      if (!report.error.empty()) continue;
      if (options_.fix) {
        take(std::move(outcomes[k].fixed), options_, *inputs_[k], files_[k].mysql, report);
      } else {
        report.take(std::move(outcomes[k].checked));
      }
    }
    return std::move(reports_);
  }

 private:
  void open(size_t k, unsigned threads, GitBlobs& blobs) {
    const Input& input = *inputs_[k];
    UnitFile& file = files_[k];
    file.path = input.path;
    file.takes_back = input.takes_back;
    file.config = config_for(options_, *input.config, input.absolute);
    file.config.threads = threads;
    const auto read = [&](Encoding encoding) { return read_input(input, blobs, encoding); };
    try {
      auto source = read_dialect(dialect_of(options_, input), read, file.mysql);
      if (source) {
        file.source = std::move(*source);
        reports_[k].source = file.source;
      } else {
        reports_[k].error = source.error().message;
      }
    } catch (const std::bad_alloc&) {
      reports_[k].error =
          fmt::format("{}: there is not enough memory for this file; split it", input.path);
    }
  }

  const Options& options_;
  std::vector<const Input*> inputs_;
  std::vector<UnitFile> files_;
  std::vector<FileReport> reports_;
};

/// What there is to do for the files of a unit: all of them, where one has to be reported on.
Task task_of(const Unit& unit, const std::vector<Task>& tasks) {
  Task task = Task::Skip;
  for (const size_t i : unit) task = std::min(task, tasks[i]);
  return task;
}

/// Usage that the parser cannot judge; empty when all is well.
std::string usage_problem(const Options& options) {
  const bool by_git = options.staged || options.since;
  if (options.paths.empty() && !by_git) {
    return "nothing to do: name files or folders, or `-` for standard input";
  }
  if (std::count(options.paths.begin(), options.paths.end(), "-") > 1) {
    return "`-` can be given only once";
  }
  const bool reads_stdin =
      std::find(options.paths.begin(), options.paths.end(), "-") != options.paths.end();
  if (reads_stdin && by_git) return "`-` cannot be combined with --staged or --since";
  if (!options.stdin_filename.empty() && !reads_stdin) return "--stdin-filename requires `-`";
  if (reads_stdin && ::isatty(STDIN_FILENO) == 1) {
    return "`-` reads standard input, which is a terminal here; pipe the SQL in, or name a file";
  }
  if (!options.output.empty()) {
    if (options.paths.size() != 1 || by_git) return "-o requires exactly one file";
    std::error_code error;
    if (std::filesystem::is_directory(options.paths[0], error)) {
      return fmt::format("-o requires exactly one file, but {} is a folder", options.paths[0]);
    }
    if (options.output != "-" && std::filesystem::is_directory(options.output, error)) {
      return fmt::format("-o {}: this is a folder; name a file", options.output);
    }
  }
  const bool to_stdout = options.output == "-" || (reads_stdin && options.output.empty());
  if (options.fix && to_stdout && !options.diff && !find_printer(options.format)->for_people &&
      options.format != "json") {
    return fmt::format(
        "the standard output cannot hold both the SQL and a report as {}; write the SQL to a file "
        "(-o FILE), or show the changes with --diff",
        options.format);
  }
  if (options.update_baseline && reads_stdin && options.stdin_filename.empty()) {
    return "a baseline records findings by file; give `-` a name (--stdin-filename)";
  }
  const std::vector<std::string_view>& known = rule_names();
  for (const auto* list : {&options.select, &options.ignore}) {
    for (const std::string& rule : *list) {
      if (!std::binary_search(known.begin(), known.end(), rule)) return unknown_rule(rule, known);
    }
  }
  return {};
}

struct BaselineName {
  std::string path = {};   ///< empty: there is none
  std::string place = {};  ///< where a configuration names it
};

/// The baseline that the command line or the first configuration names; none when fixing, for a
/// fix is wanted for old findings too.
BaselineName baseline_name(const Options& options, const std::vector<Input>& inputs) {
  if (options.fix) return {};
  if (!options.baseline.empty()) return {.path = options.baseline};
  for (const Input& input : inputs) {
    if (input.config != nullptr && !input.config->baseline.empty()) {
      return {.path = (std::filesystem::path(input.config->folder) / input.config->baseline),
              .place = input.config->baseline_place};
    }
  }
  return {};
}

/// The known findings of a run, if it has any.
Result<std::optional<Baseline>> open_baseline(const Options& options, const BaselineName& name) {
  const std::string& path = name.path;
  if (path.empty()) {
    if (!options.update_baseline && !options.prune_baseline) return std::nullopt;
    return fail("name the baseline: --baseline FILE, or `baseline` in dsqlint.toml");
  }
  std::error_code error;
  if (options.update_baseline && !std::filesystem::exists(path, error)) {
    return Baseline::empty(path);
  }
  Result<Baseline> baseline = Baseline::read(path);
  if (!baseline && !name.place.empty()) {
    return fail(fmt::format("{}: {}", name.place, baseline.error().message));
  }
  if (!baseline) return tl::unexpected(baseline.error());
  return std::move(*baseline);
}

using FoundByFile = std::vector<std::pair<std::string, Baseline::Counts>>;

/// Writes what is known after this run, and says how that has changed.
Result<std::string> change_baseline(const Options& options, const std::string& path,
                                    Baseline& known, FoundByFile found, const Totals& totals) {
  if (totals.failures > 0) {
    return fail(fmt::format("{}: not written because some files could not be read", path));
  }
  size_t forgotten = 0;
  for (auto& [file, counts] : found) {
    if (options.update_baseline) {
      known.set(file, std::move(counts));
    } else {
      forgotten += known.prune(file, counts);
    }
  }
  forgotten += known.prune_missing_files();
  if (const auto written = known.write(); !written) return tl::unexpected(written.error());
  return options.update_baseline
             ? fmt::format("{}: {} recorded", path, counted(totals.findings(), "finding"))
             : fmt::format("{}: {} removed", path, counted(forgotten, "finding"));
}

}  // namespace

Config config_for(const Options& options, const ConfigFile& file, const std::string& absolute) {
  return config_for(Settings{.engine = options.engine,
                             .select = options.select,
                             .ignore = options.ignore,
                             .suppressions = options.suppressions},
                    file, absolute);
}

int lint(const Options& options, const PreparedRun* prepared) {
  if (const std::string problem = usage_problem(options); !problem.empty()) {
    return usage_error(problem);
  }
  ConfigFiles configs(rule_names(), options.config);
  const Result<std::vector<Input>> inputs =
      prepared != nullptr ? prepared->inputs : find_inputs(options, configs);
  if (!inputs) return usage_error(inputs.error().message);
  const BaselineName known_name = baseline_name(options, *inputs);
  Result<std::optional<Baseline>> opened = open_baseline(options, known_name);
  if (!opened) return usage_error(opened.error().message);
  std::optional<Baseline>& known = *opened;
  const bool changes_baseline = options.update_baseline || options.prune_baseline;

  const unsigned threads =
      options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  Linters linters(other_ids_of_files());
  GitBlobs blobs;
  std::optional<CleanFiles> clean;
  if (options.cache && !options.fix) clean.emplace(options, *inputs, blobs);
  std::vector<Task> tasks(inputs->size(), Task::Report);
  if (clean) tasks = clean->tasks(*inputs);
  NamesOfFiles names = names_of_files(*inputs, blobs);
  std::map<size_t, History> histories;
  std::vector<FilePlace> file_places;
  for (const Input& input : *inputs) {
    file_places.push_back(place_of(options, input, prepared != nullptr));
  }
  const std::vector<Unit> units = units_of(file_places);
  std::vector<size_t> places;  // of each unit in its history
  for (const Unit& unit : units) {
    places.push_back(histories[(*inputs)[unit.front()].history].units++);
  }
  const bool text_on_stdout =
      options.fix && std::any_of(inputs->begin(), inputs->end(), [&](const Input& input) {
        const Destination to = destination(options, input);
        return to == Destination::Stdout || to == Destination::Diff;
      });
  const Printer& printer = *find_printer(options.format);
  const bool plain = printer.for_people;
  Output out(STDOUT_FILENO);
  Output err(STDERR_FILENO);
  // The standard output has one use: the SQL where SQL goes there, else the report.
  Output& reports = text_on_stdout && plain ? err : out;
  const int report_fd = &reports == &err ? STDERR_FILENO : STDOUT_FILENO;
  PrintStyle style;
  style.color = plain && wants_color(options.color, report_fd);
  style.hyperlinks = style.color && ::isatty(report_fd) == 1;
  Progress progress(err, !options.quiet && plain && wants_color(ColorWhen::Auto, STDERR_FILENO),
                    inputs->size());
  style.quiet = options.quiet;
  if (!options.dialect.empty()) {
    style.fix_command = fmt::format("dsqlint fix --dialect {}", options.dialect);
  }
  if (prepared != nullptr) style.fix_command = prepared->fix_command;
  style.diff = options.diff;
  style.statistics = options.statistics;

  struct Done {
    Printed printed;
    std::shared_ptr<const SourceFile> fixed;  ///< for the standard output
    std::string diff;                         ///< for the standard output
    std::string error;                        ///< for the standard error
    Totals totals;
    Baseline::Counts found;  ///< for the baseline
  };
  std::vector<Done> done(inputs->size());
  FoundByFile found;
  Totals totals;
  bool printed_before = false;
  OnceARun once;
  reports.write(printer.begin());
  const auto finish = [&](size_t i, FileReport report) {
    const Input& input = (*inputs)[i];
    const bool is_clean = report.error.empty() && report.findings.empty();
    if (clean && is_clean && report.hidden.empty()) clean->add(i);
    if (known && !report.absolute.empty()) {
      if (changes_baseline) done[i].found = Baseline::count(report);
      if (!options.update_baseline) known->hide_known(report);
    }
    const Destination to = destination(options, input);
    if (plain && report.source != nullptr && report.error.empty()) {
      if (to == Destination::Stdout) done[i].fixed = report.fixed;
      if (to == Destination::Diff && report.changed) {
        done[i].diff = unified_diff(report.path, *report.source, *report.fixed);
      }
    }
    PrintStyle file_style = style;
    file_style.to_stdout = to == Destination::Stdout;
    done[i].printed = printer.file(report, file_style);
    if (printer.name != "json") done[i].error = report.error;
    done[i].totals.add(report);
  };
  const auto print = [&](size_t i) {
    Done result = std::move(done[i]);
    done[i] = {};
    const std::string printed = once.print(result.printed);
    const bool writes =
        !result.diff.empty() || (result.fixed != nullptr && result.fixed->size() > 0);
    if (writes || !printed.empty() || !result.error.empty()) {
      progress.clear();
    }
    if (result.fixed != nullptr) {
      for (const std::string_view part : result.fixed->stretches()) out.write(part);
    }
    out.write(result.diff);
    if (writes) out.flush();
    if (!printed.empty()) {
      if (printed_before) reports.write(printer.between);
      reports.write(printed);
      printed_before = true;
    }
    if (!result.error.empty()) {
      out.flush();
      err.write(fmt::format("dsqlint: {}\n", visible(result.error)));
      err.flush();
    }
    totals.add(result.totals);
    progress.show(i + 1);
    if (known && changes_baseline && (*inputs)[i].error.empty()) {
      found.emplace_back((*inputs)[i].absolute, std::move(result.found));
    }
  };
  in_order(
      units.size(), threads,
      [&](size_t u) {
        const Unit& unit = units[u];
        if (prepared != nullptr) return finish(unit.front(), prepared->report(unit.front()));
        History& history = histories.at((*inputs)[unit.front()].history);
        Turn turn(history, places[u]);
        UnitRun run(options, *inputs, unit, threads, blobs);
        const UnitRequest request{.fix = options.fix,
                                  .safety = options.safe_only ? Safety::Exact : Safety::Review,
                                  .rewrite_history = options.rewrite_history,
                                  .later =
                                      [&](CreatedKind kind, const ObjectName& name) {
                                        return names.find_after(unit.back(), kind, name);
                                      },
                                  .turn = [&] { turn.wait(); }};
        std::vector<FileReport> made =
            run.run(task_of(unit, tasks), request, history.before, linters);
        for (size_t k = 0; k < unit.size(); ++k) finish(unit[k], std::move(made[k]));
      },
      [&](size_t u) {
        for (const size_t i : units[u]) print(i);
        // Nobody reads on: what is left to check is of no use, what is left to fix still is.
        return options.fix || !(reports.closed() || reports.failure() != 0);
      });
  if (clean) clean->save();
  progress.clear();
  reports.write(printer.end(totals, options.fix, style));
  // The other formats have no place for it.
  if (options.statistics && !plain && printer.name != "json") err.write(statistics_table(totals));
  out.flush();
  err.flush();
  if (known && changes_baseline && !out.closed()) {
    const Result<std::string> changed =
        change_baseline(options, known_name.path, *known, std::move(found), totals);
    if (!changed) {
      fmt::print(stderr, "dsqlint: {}\n", changed.error().message);
      return 1;
    }
    if (!options.quiet) fmt::print(stderr, "{}\n", *changed);
    if (options.update_baseline) return 0;
  }
  if (out.failure() != 0) {
    fmt::print(stderr, "dsqlint: standard output: {}; the report is incomplete\n",
               std::strerror(out.failure()));
    return 1;
  }
  if (out.closed()) return 0;
  return exit_code(totals, options.fix);
}

}  // namespace dsqlint
