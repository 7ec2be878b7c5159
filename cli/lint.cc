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
#include <mutex>
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
#include "engine/catalog/schema.h"
#include "engine/lint/by_file.h"
#include "engine/lint/mysql_suspicion.h"
#include "mysql/check.h"
#include "plugins/catalogue.h"
#include "rules/rules.h"
#include "workspace/reports/baseline.h"
#include "workspace/reports/print_text.h"
#include "workspace/reports/printer.h"
#include "workspace/reports/unified_diff.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

/// From this size on a file is worth several threads.
constexpr uint32_t kBigFile = 1u << 20;

int usage_error(const std::string& message) {
  fmt::print(stderr, "dsqlint: {}\n", message);
  return 2;
}

/// The linters of a run: one for each distinct configuration, made when first needed.
class Linters {
 public:
  Linters(const Options& options, unsigned threads) : options_(options), threads_(threads) {}

  Config config(const Input& input) const {
    return config_for(options_, *input.config, input.absolute);
  }

  /// All of a configuration that findings depend on.
  static std::string key(const Config& config) {
    std::string key =
        fmt::format("{} {} / {} / {} /", config.engine.date().value, config.suppressions,
                    fmt::join(config.select, " "), fmt::join(config.ignore, " "));
    for (const MysqlChoice& choice : kMysqlChoices) key += config.mysql.*choice.value ? '1' : '0';
    for (const auto& [rule, severity] : config.severity) {
      key += fmt::format(" {}={}", rule, severity_word(severity));
    }
    return key;
  }

  const Linter& get(Config config, bool big) {
    config.threads = big ? threads_ : 1;
    const std::lock_guard lock(mutex_);
    auto& linter = linters_[{key(config), big}];
    if (linter == nullptr) {
      linter = std::make_unique<Linter>(all_rules(), std::move(config), other_ids_of_files());
    }
    return *linter;
  }

 private:
  const Options& options_;
  unsigned threads_;
  std::mutex mutex_;
  std::map<std::pair<std::string, bool>, std::unique_ptr<Linter>> linters_;
};

/// Files that set up one database one after another.
struct History {
  Schema schema;
  mysql::History mysql;
  Turns turns;
  size_t units = 0;
};

/// What a unit's turn in its history is; ends when this does.
class Turn {
 public:
  Turn(History& history, size_t place, LaterFiles::Find later)
      : history_(history), place_(place), later_(std::move(later)) {}
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
  Placement placement(bool takes_back) {
    return {.history = &history_.schema, .takes_back = takes_back, .later = later_, .turn = [this] {
              wait();
            }};
  }
  mysql::History* mysql() { return &history_.mysql; }

 private:
  History& history_;
  size_t place_;
  LaterFiles::Find later_;
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

/// Reads the input and settles what it is written in.
Result<std::shared_ptr<const SourceFile>> read_dialect(const Options& options, const Input& input,
                                                       GitBlobs& blobs, bool& mysql) {
  const std::string& dialect = options.dialect.empty() ? input.config->dialect : options.dialect;
  mysql = dialect == "mysql";
  if (dialect != "auto") return read_input(input, blobs, mysql ? Encoding::Bytes : Encoding::Utf8);
  auto source = read_input(input, blobs, Encoding::Bytes);
  if (!source) return source;
  mysql = looks_like_mysql((*source)->text());
  // What is PostgreSQL has to be UTF-8 after all.
  if (mysql || is_valid_text((*source)->text())) return source;
  return SourceFile::from_text(std::string((*source)->path()), std::string((*source)->text()));
}

/// What each file of a run creates, read when a file before it misses something. Used by several
/// threads.
class NamesOfFiles {
 public:
  NamesOfFiles(const std::vector<Input>& inputs, GitBlobs& blobs)
      : inputs_(inputs), blobs_(blobs) {}

  /// The place, in the files of one history that follow input `i`, where the name is created.
  std::string find_after(size_t i, CreatedKind kind, const ObjectName& name) {
    const std::lock_guard lock(mutex_);
    for (size_t later = i + 1; later < inputs_.size(); ++later) {
      const Input& input = inputs_[later];
      if (input.history != inputs_[i].history || input.takes_back || input.is_stdin) continue;
      const File& file = read(later);
      const auto offset = file.names ? file.names->find(kind, name, 0) : std::nullopt;
      if (offset) {
        return fmt::format("{}:{}", input.path, file.source->position(*offset).line);
      }
    }
    return {};
  }

 private:
  struct File {
    std::shared_ptr<const SourceFile> source;
    std::optional<CreatedNames> names;  ///< nothing where it cannot be read
  };

  const File& read(size_t i) {
    const auto [known, fresh] = files_.try_emplace(i);
    if (!fresh || !inputs_[i].error.empty()) return known->second;
    auto source = read_input(inputs_[i], blobs_, Encoding::Bytes);
    if (source) {
      known->second.source = std::move(*source);
      known->second.names.emplace(*known->second.source);
    }
    return known->second;
  }

  const std::vector<Input>& inputs_;
  GitBlobs& blobs_;
  std::mutex mutex_;
  std::map<size_t, File> files_;
};

/// Takes over what fixing has made of a file, and writes it where it belongs.
void take(FixOutcome outcome, const Options& options, const Input& input, bool mysql,
          FileReport& report) {
  report.findings = std::move(outcome.findings);
  report.changed = outcome.changed;
  report.fixed = std::move(outcome.fixed);
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
  report.left = std::move(outcome.left);
}

void take(CheckOutcome outcome, FileReport& report) {
  report.findings = std::move(outcome.findings);
  for (Suppressed& silenced : outcome.suppressed) {
    report.hidden.push_back(
        {.finding = std::move(silenced.finding), .reason = std::move(silenced.reason)});
  }
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
  CleanFiles(const Options& options, const std::vector<Input>& inputs, const Linters& linters,
             GitBlobs& blobs)
      : cache_(CleanCache::default_path()), keys_(inputs.size()) {
    std::map<size_t, std::string> before;  // by history
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Input& input = inputs[i];
      if (!input.error.empty() || input.is_stdin) continue;
      const auto source = read_input(input, blobs, Encoding::Bytes);
      if (!source) continue;
      const std::string& dialect =
          options.dialect.empty() ? input.config->dialect : options.dialect;
      std::string& chain = before[input.history];
      keys_[i] = cache_.key(
          (*source)->text(),
          fmt::format("{} / {} / {}", Linters::key(linters.config(input)), dialect, chain));
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

/// Files of one history that are judged together, by number, each down script behind what it takes
/// back.
using Unit = std::vector<size_t>;

/// More is judged in pieces: each piece knows what those before it have made of the database.
constexpr uintmax_t kUnitBytes = 1u << 20;

std::vector<Unit> units_of(const std::vector<Input>& inputs, const Linters& linters,
                           bool one_by_one) {
  std::vector<Unit> units;
  std::string config;  // of the last unit
  uintmax_t bytes = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs[i];
    std::error_code error;
    const bool alone = one_by_one || !input.error.empty() || input.is_stdin;
    const uintmax_t size = alone ? 0 : std::filesystem::file_size(input.path, error);
    const std::string own = alone ? std::string() : Linters::key(linters.config(input));
    const bool joins = !units.empty() && !alone && config == own &&
                       inputs[units.back().back()].history == input.history &&
                       (error || bytes + size < kUnitBytes);
    if (!joins) {
      units.emplace_back();
      bytes = 0;
    }
    units.back().push_back(i);
    config = own;
    bytes += error ? 0 : size;
    // Nothing joins a file that cannot be read or is not one.
    if (alone) bytes = kUnitBytes;
  }
  return units;
}

/// Reads, checks or fixes the files of a unit.
class UnitRun {
 public:
  UnitRun(const Options& options, const std::vector<Input>& inputs, const Unit& unit,
          Linters& linters, GitBlobs& blobs, Turn& turn)
      : options_(options),
        inputs_(inputs),
        unit_(unit),
        linters_(linters),
        turn_(turn),
        reports_(unit.size()),
        mysql_(unit.size(), false) {
    for (size_t k = 0; k < unit.size(); ++k) open(k, blobs);
  }

  /// In the order of the unit.
  std::vector<FileReport> run(Task task) {
    if (task == Task::Skip) return std::move(reports_);
    std::vector<size_t> joined;  // up to now
    for (size_t k = 0; k < unit_.size(); ++k) {
      if (reports_[k].source == nullptr) continue;
      if (!mysql_[k]) {
        joined.push_back(k);
        continue;
      }
      run_joined(joined, task);
      joined.clear();
      guarded(k, [&] { run_one(k, turn_.placement(inputs_[unit_[k]].takes_back), task); });
    }
    run_joined(joined, task);
    return std::move(reports_);
  }

 private:
  const Input& input(size_t k) const { return inputs_[unit_[k]]; }

  template <typename Work>
  void guarded(size_t k, Work&& work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      reports_[k].error =
          fmt::format("{}: there is not enough memory for this file; split it", input(k).path);
    }
  }

  void open(size_t k, GitBlobs& blobs) {
    FileReport& report = reports_[k];
    report.path = input(k).path;
    if (!input(k).is_stdin || !options_.stdin_filename.empty()) report.absolute = input(k).absolute;
    report.fixing = options_.fix;
    report.wanted = options_.safe_only ? Safety::Exact : Safety::Review;
    report.error = input(k).error;
    if (!report.error.empty()) return;
    report.fail_on =
        options_.fail_on ? *options_.fail_on : input(k).config->fail_on.value_or(Severity::Error);
    guarded(k, [&] {
      bool mysql = false;
      auto source = read_dialect(options_, input(k), blobs, mysql);
      mysql_[k] = mysql;
      if (source) {
        report.source = std::move(*source);
      } else {
        report.error = source.error().message;
      }
    });
  }

  const Linter& linter_for(size_t k, size_t bytes) {
    return linters_.get(linters_.config(input(k)), bytes >= kBigFile);
  }

  void run_one(size_t k, const Placement& placement, Task task) {
    FileReport& report = reports_[k];
    const Linter& linter = linter_for(k, report.source->size());
    if (!mysql_[k]) {
      if (options_.fix) {
        take_fixed(k, linter.fix(report.source, report.wanted, placement));
      } else if (task == Task::Learn) {
        linter.learn(report.source, placement);
      } else {
        take(linter.check(report.source, placement), report);
      }
      return;
    }
    const mysql::TranslateOptions translation{
        .engine = linter.config().engine,
        .choices = linter.config().mysql,
        // What a translation is told of the files before it, and adds to it.
        .history = placement.takes_back ? nullptr : turn_.mysql()};
    if (options_.fix) {
      take_fixed(k, mysql::fix(linter, report.source, translation, report.wanted, placement));
    } else {
      take(mysql::check(linter, report.source, translation, placement), report);
    }
  }

  void take_fixed(size_t k, Result<FixOutcome> outcome) {
    if (outcome) {
      take(std::move(*outcome), options_, input(k), mysql_[k], reports_[k]);
    } else {
      reports_[k].error = outcome.error().message;
    }
  }

  /// Those that build the history as one text, then the down scripts among them, each judged by
  /// what there is once the files before it have run.
  void run_joined(const std::vector<size_t>& files, Task task) {
    std::vector<size_t> up;
    for (const size_t k : files) {
      if (!input(k).takes_back) up.push_back(k);
    }
    if (up.size() <= 1) {
      for (const size_t k : files) {
        guarded(k, [&] { run_one(k, turn_.placement(input(k).takes_back), task); });
      }
      return;
    }
    const Placement placement = turn_.placement(false);
    const bool down = up.size() < files.size();
    std::optional<Schema> before;
    if (down) {
      turn_.wait();
      before = *placement.history;
    }
    try {
      const Result<void> done = run_up(up, placement, task);
      if (!done) fail_all(up, done.error().message);
    } catch (const std::bad_alloc&) {
      fail_all(up, fmt::format("{}: there is not enough memory for this file and those after it; "
                               "check fewer at once",
                               input(up.front()).path));
    }
    if (!down) return;
    for (const size_t k : files) {
      Placement as_then = turn_.placement(input(k).takes_back);
      as_then.history = &*before;
      guarded(k, [&] {
        if (as_then.takes_back) {
          run_one(k, as_then, task);
        } else {
          linter_for(k, 0).learn(reports_[k].source, as_then);
        }
      });
    }
  }

  /// None of them has been judged.
  void fail_all(const std::vector<size_t>& files, const std::string& why) {
    for (const size_t k : files) {
      const std::string& path = input(k).path;
      reports_[k].error =
          why.starts_with(path + ":") ? why : fmt::format("{}: is not judged: {}", path, why);
    }
  }

  Result<void> run_up(const std::vector<size_t>& up, const Placement& placement, Task task) {
    std::vector<FilePart> files;
    std::vector<std::shared_ptr<const SourceFile>> texts;
    for (const size_t k : up) {
      const auto number = static_cast<uint32_t>(options_.rewrite_history ? 0 : files.size());
      files.push_back({input(k).path, {}, number});
      texts.push_back(reports_[k].source);
    }
    const auto whole = SourceFile::join(std::move(files), texts);
    if (!whole) return tl::unexpected(whole.error());
    const Linter& linter = linter_for(up.front(), (*whole)->size());
    if (options_.fix) {
      auto outcome = linter.fix(*whole, reports_[up.front()].wanted, placement);
      if (!outcome) return tl::unexpected(outcome.error());
      std::vector<FixOutcome> parts = by_file(std::move(*outcome), **whole);
      for (size_t i = 0; i < up.size(); ++i) {
        take(std::move(parts[i]), options_, input(up[i]), false, reports_[up[i]]);
      }
    } else if (task == Task::Learn) {
      linter.learn(*whole, placement);
    } else {
      std::vector<CheckOutcome> parts = by_file(linter.check(*whole, placement), **whole);
      for (size_t i = 0; i < up.size(); ++i) take(std::move(parts[i]), reports_[up[i]]);
    }
    return {};
  }

  const Options& options_;
  const std::vector<Input>& inputs_;
  const Unit& unit_;
  Linters& linters_;
  Turn& turn_;
  std::vector<FileReport> reports_;
  std::vector<bool> mysql_;
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
  Config config = file.config_for(absolute);
  if (options.engine) config.engine = Engine(*options.engine);
  if (!options.select.empty()) {
    config.select = {options.select.begin(), options.select.end()};
    // What is asked for by name is wanted, whatever the file says.
    for (const std::string& rule : options.select) config.ignore.erase(rule);
  }
  config.ignore.insert(options.ignore.begin(), options.ignore.end());
  config.suppressions = options.suppressions;
  return config;
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
  Linters linters(options, threads);
  GitBlobs blobs;
  std::optional<CleanFiles> clean;
  if (options.cache && !options.fix) clean.emplace(options, *inputs, linters, blobs);
  std::vector<Task> tasks(inputs->size(), Task::Report);
  if (clean) tasks = clean->tasks(*inputs);
  NamesOfFiles names(*inputs, blobs);
  std::map<size_t, History> histories;
  const std::vector<Unit> units = units_of(*inputs, linters, prepared != nullptr);
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
        Turn turn(histories.at((*inputs)[unit.front()].history), places[u],
                  [&names, last = unit.back()](CreatedKind kind, const ObjectName& name) {
                    return names.find_after(last, kind, name);
                  });
        UnitRun run(options, *inputs, unit, linters, blobs, turn);
        std::vector<FileReport> made = run.run(task_of(unit, tasks));
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
