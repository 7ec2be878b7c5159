// From a folder of migrations to reports: what the tool would run, in its order and transactions.

#include "cli/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "cli/child.h"
#include "cli/git_files.h"
#include "cli/inputs.h"
#include "cli/lint.h"
#include "cli/migration_requests.h"
#include "cli/staged_texts.h"
#include "engine/catalog/schema.h"
#include "plugins/catalogue.h"
#include "plugins/migrations/atlas_sum.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/placeholders.h"
#include "plugins/migrations/program_layout.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"
#include "plugins/migrations/steps.h"
#include "plugins/migrations/survey.h"
#include "rules/rules.h"
#include "workspace/write_file.h"

namespace dsqlint {
namespace {

namespace fs = std::filesystem;
namespace mig = migrations;

/// For one migration of a folder.
std::unique_ptr<Linter> make_linter(const Config& config) {
  return std::make_unique<Linter>(all_rules(), config, other_ids_of_migrations());
}

int usage_error(const std::string& message) {
  fmt::print(stderr, "dsqlint: {}\n", message);
  return 2;
}

/// The files that are to be reported on; nothing: all of them.
Result<std::optional<std::set<std::string>>> scope_of(const Options& options) {
  if (!options.since && !options.staged) return std::nullopt;
  std::set<std::string> scope;
  if (options.staged) {
    const auto files = staged_files();
    if (!files) return tl::unexpected(files.error());
    for (const StagedFile& file : *files) scope.insert(absolute_path(file.path));
    return scope;
  }
  const auto files = files_changed_since(*options.since);
  if (!files) return tl::unexpected(files.error());
  for (const std::string& file : *files) scope.insert(absolute_path(file));
  return scope;
}

/// What `--after` can be given.
std::string versions_of(const mig::Ordered& ordered) {
  constexpr size_t kNamed = 10;
  std::vector<std::string_view> versions;
  for (const mig::Migration& migration : ordered.migrations) {
    const std::string_view version =
        migration.version.empty() ? mig::name_of(migration.path) : migration.version;
    if (versions.empty() || versions.back() != version) versions.push_back(version);
  }
  const size_t shown = std::min(kNamed, versions.size());
  const auto newest = versions.end() - static_cast<long>(shown);
  return fmt::format("{} {}", shown < versions.size() ? "the newest are" : "there are",
                     fmt::join(newest, versions.end(), ", "));
}

/// One history of a project, read, checked and perhaps rewritten.
class MigrationRun {
 public:
  MigrationRun(const MigrationsOptions& options, ConfigFiles& configs,
               const MigrationRequest& request, std::shared_ptr<const mig::Project> project,
               std::shared_ptr<StagedTexts> staged, mig::Decision decision)
      : options_(options),
        configs_(configs),
        request_(request),
        project_(std::move(project)),
        staged_(std::move(staged)),
        decision_(std::move(decision)),
        configured_(*decision_.tool),
        tool_(&configured_),
        ordered_(mig::order_migrations(*project_, decision_)) {
    if (decision_.settings.span) configured_.span = *decision_.settings.span;
    mig::read_placeholders(*project_, *tool_, request_.placeholders);
  }

  const mig::Tool& tool() const { return *tool_; }
  const mig::Ordered& ordered() const { return ordered_; }
  /// Does the project use what AWS has made for the tool?
  bool has_adapter() const { return decision_.settings.adapter; }
  bool is_empty() const {
    return ordered_.migrations.empty() && ordered_.problems.empty() && ordered_.unread.empty();
  }
  std::string where() const {
    return decision_.folders.front().empty() ? "it" : decision_.folders.front();
  }

  /// Reports only on what comes after the version. False: there is no such version.
  bool keep_after(const std::string& version) {
    after_ = mig::migrations_after(ordered_, version);
    return after_.has_value();
  }

  /// Says what was decided.
  void announce(const std::optional<std::set<std::string>>& scope) {
    scope_ = scope;
    parted_ = tool_->parts_all && !request_.sections.span && one_opts_out();
    request_.sections.parted = parted_;
    say();
  }

  Result<void> run() {
    if (options_.lint.since) {
      if (auto done = compare_with(*options_.lint.since); !done) return done;
    }
    if (options_.lint.staged) {
      if (auto done = compare_with_last_commit(); !done) return done;
    }
    for (mig::HistoryProblem& problem :
         mig::refused_overrides(*project_, *tool_, ordered_, span())) {
      ordered_.problems.push_back(std::move(problem));
    }
    if (auto done = read_all(); !done) return done;
    say_a_cause_once();
    if (auto done = tell_what_is_not_read(); !done) return done;
    drop_what_is_out_of_scope();
    tell_what_is_applied();
    return {};
  }

  const std::vector<Input>& inputs() const { return inputs_; }
  FileReport take_report(size_t i) { return std::move(reports_[i]); }

 private:
  void say() const {
    if (options_.lint.quiet) return;
    std::vector<std::string> folders;
    for (const std::string& folder : decision_.folders) {
      folders.push_back(folder.empty() ? request_.top : project_->shown(folder));
    }
    constexpr size_t kNamed = 3;
    std::string where = fmt::format(
        "{}",
        fmt::join(folders.begin(),
                  folders.begin() + static_cast<long>(std::min(kNamed, folders.size())), ", "));
    if (folders.size() > kNamed) where += fmt::format(" and {} more", folders.size() - kNamed);
    mig::Tool effective = *tool_;
    if (request_.sections.span) {
      effective.span = *request_.sections.span;
      effective.message = false;
    }
    if (parted_) effective.span = mig::Span::File;
    std::string how = mig::transaction_words(effective);
    if (decision_.settings.span && !request_.sections.span) {
      how += fmt::format(" ({})", decision_.settings.because);
    }
    const size_t files = ordered_.migrations.size() + ordered_.unread.size();
    fmt::print(stderr, "dsqlint: {} in {} ({}), {}, {}\n", tool_->title, where, decision_.because,
               counted(files, "file"), how);
  }

  Result<void> compare_with(const std::string& reference) {
    const auto known = files_at(reference);
    if (!known) return tl::unexpected(known.error());
    compare_with(*known);
    return {};
  }

  Result<void> compare_with_last_commit() {
    const auto known = files_in_last_commit();
    if (!known) return tl::unexpected(known.error());
    compare_with(*known);
    return {};
  }

  void compare_with(const std::vector<std::string>& known) {
    const std::set<std::string> before(known.begin(), known.end());
    std::vector<std::string> paths;
    for (const mig::Migration& migration : ordered_.migrations) {
      if (before.count(absolute_path(project_->shown(migration.path))) != 0) {
        paths.push_back(migration.path);
      }
    }
    for (mig::HistoryProblem& problem : mig::out_of_order(ordered_, paths)) {
      ordered_.problems.push_back(std::move(problem));
    }
  }

  void say_a_cause_once() {
    std::vector<std::vector<Diagnostic>*> findings;
    std::vector<std::vector<Diagnostic>*> left;
    for (FileReport& report : reports_) {
      findings.push_back(&report.findings);
      left.push_back(&report.left);
    }
    mig::say_a_cause_once(*tool_, findings, left);
  }

  Result<FileReport*> report_for(const std::string& path) {
    const auto [entry, added] = index_.try_emplace(path, reports_.size());
    if (!added) return &reports_[entry->second];
    Input input{.path = project_->shown(path)};
    input.absolute = absolute_path(input.path);
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    FileReport report{.path = input.path, .absolute = input.absolute};
    report.fixing = options_.lint.fix;
    report.wanted = wanted();
    report.fail_on = options_.lint.fail_on ? *options_.lint.fail_on
                                           : input.config->fail_on.value_or(Severity::Error);
    auto source = load(path, input.path);
    if (source) {
      report.source = std::move(*source);
    } else {
      report.error = source.error().message;
    }
    inputs_.push_back(std::move(input));
    reports_.push_back(std::move(report));
    return &reports_.back();
  }

  /// The staged text where that is wanted. What is fixed is the file, and only where no other
  /// change could get mixed up with the fix.
  Result<std::shared_ptr<const SourceFile>> load(const std::string& path,
                                                 const std::string& shown) const {
    if (staged_ == nullptr) return SourceFile::load(shown);
    if (options_.lint.fix && staged_->differs(path)) {
      return fail(fmt::format(
          "{}: is staged only in part, and not fixed; stage the rest (`git add`) or put it aside "
          "(`git stash --keep-index`) first",
          shown));
    }
    Result<std::string> text = staged_->text(path);
    if (!text) return tl::unexpected(text.error());
    return SourceFile::from_text(shown, std::move(*text));
  }

  mig::Span span() const { return request_.sections.span.value_or(tool_->span); }

  Safety wanted() const { return options_.lint.safe_only ? Safety::Exact : Safety::Review; }

  const Linter& linter_for(const Config& config, const ConfigFile* file) {
    auto& linter = linters_[file];
    if (linter == nullptr) linter = make_linter(config);
    return *linter;
  }

  bool in_scope(const mig::Migration& migration, const Input& input) const {
    if (input.config->excludes(input.absolute)) return false;
    if (after_ && after_->count(migration.path) == 0) return false;
    return !scope_ || scope_->count(input.absolute) != 0;
  }

  /// What stands behind a step of the run.
  struct Place {
    const mig::Migration* migration;
    size_t report;  ///< and input
  };

  Result<void> read_all() {
    std::vector<std::string> beside;
    std::vector<bool>& reported = reported_;
    std::multimap<std::string_view, mig::HistoryProblem*> problems;
    for (mig::HistoryProblem& problem : ordered_.problems) problems.emplace(problem.path, &problem);
    std::vector<std::unique_ptr<Linter>> own;  // those of one file
    std::vector<mig::Step> steps;
    std::vector<Place> places;
    const mig::RunOptions common{.sections = request_.sections,
                                 .placeholders = request_.placeholders,
                                 .placement = {.history = &history_},
                                 .rewrites = options_.lint.rewrite_history};
    for (const mig::Migration& migration : ordered_.migrations) {
      const auto made = report_for(migration.path);
      if (!made) return tl::unexpected(made.error());
      FileReport& report = **made;
      const size_t place = index_.at(migration.path);
      const Input& input = inputs_[place];
      const bool in = in_scope(migration, input);
      reported.resize(reports_.size(), false);
      reported[place] = in;
      if (report.source == nullptr || (migration.down && !options_.check_down)) continue;
      // Per-path settings may differ from file to file, so a linter serves one configuration text.
      const Config config = config_for(options_.lint, *input.config, input.absolute);
      const Linter* linter = nullptr;
      if (input.config->per_path.empty()) {
        linter = &linter_for(config, input.config);
      } else {
        linter = own.emplace_back(make_linter(config)).get();
      }
      mig::RunOptions run_options = mig::options_for(*tool_, *project_, migration, common);
      if (options_.lint.fix && in) run_options.fix = wanted();
      run_options.learn_only = !in;
      if (migration.down && !in) continue;
      if (in && !mig::holds_literals(*tool_, migration.path)) {
        // What is wrong with its place in the folder is silenced like the rest.
        const auto [first, last] = problems.equal_range(migration.path);
        for (auto it = first; it != last; ++it) {
          mig::HistoryProblem& problem = *it->second;
          run_options.known.push_back(
              history_finding(problem.rule, problem.range, problem.message, problem.help));
        }
        problems.erase(first, last);
      }
      const bool goes_on = span() == mig::Span::AllPending && !parted_ && !migration.down;
      places.push_back({&migration, place});
      steps.push_back({report.source, linter, std::move(run_options), goes_on});
    }
    std::vector<bool> learns;
    for (const mig::Step& step : steps) learns.push_back(step.options.learn_only);
    mig::run_steps(*tool_, std::move(steps), [&](size_t i, Result<mig::Run> run) {
      const auto& [migration, number] = places[i];
      FileReport& report = reports_[number];
      if (!run) {
        report.error = run.error().message;
        return;
      }
      if (learns[i]) return;
      if (run->needs_beside && options_.lint.fix) beside.push_back(migration->path);
      if (run->operations > 0 || run->unreadable > 0) {
        unread_.push_back({migration->path, {}, run->operations, run->unreadable});
      }
      ++in_scope_;
      take(std::move(*run), inputs_[number], report);
    });
    for (const std::string& path : beside) {
      const std::string written = path + std::string(tool_->beside);
      if (auto done = write_more(written, "", std::string(tool_->beside_text)); !done) return done;
    }
    if (auto done = write_atlas_sums(); !done) return done;
    for (const mig::HistoryProblem& problem : ordered_.problems) {
      const auto [first, last] = problems.equal_range(problem.path);
      if (std::none_of(first, last, [&](const auto& open) { return open.second == &problem; })) {
        continue;
      }
      const size_t before = reports_.size();
      const auto made = report_for(problem.path);
      if (!made) return tl::unexpected(made.error());
      const size_t i = index_.at(problem.path);
      reported.resize(reports_.size(), true);
      if (i < before && !reported[i]) continue;
      add(problem, inputs_[i], **made);
    }
    reported.resize(reports_.size(), true);
    return {};
  }

  /// What was read for the others' sake only is no part of the report.
  void drop_what_is_out_of_scope() {
    std::vector<Input> inputs;
    std::vector<FileReport> reports;
    for (size_t i = 0; i < reports_.size(); ++i) {
      if (!reported_[i] && reports_[i].error.empty()) continue;
      inputs.push_back(std::move(inputs_[i]));
      reports.push_back(std::move(reports_[i]));
    }
    inputs_ = std::move(inputs);
    reports_ = std::move(reports);
  }

  /// Does a pending migration say that it runs without a transaction?
  bool one_opts_out() {
    for (const mig::Migration& migration : ordered_.migrations) {
      const auto made = report_for(migration.path);
      if (!made || (*made)->source == nullptr) continue;
      if (in_scope(migration, inputs_[index_.at(migration.path)]) &&
          mig::opts_out(*tool_, (*made)->source->text())) {
        return true;
      }
    }
    return false;
  }

  /// A problem of a file that is not run as it stands.
  void add(const mig::HistoryProblem& problem, const Input& input, FileReport& report) const {
    const Config config = config_for(options_.lint, *input.config, input.absolute);
    auto placed = mig::place_problem(problem, config, report.source.get());
    if (!placed) return;
    if (placed->reason) {
      report.hidden.push_back(
          {.finding = std::move(placed->finding), .reason = std::move(*placed->reason)});
      return;
    }
    for (auto* list : {&report.findings, &report.left}) {
      list->push_back(placed->finding);
      sort_findings(*list);
    }
  }

  /// A file of the tool's own that goes with the migrations. `old` is its text; empty: there must
  /// be no such file.
  Result<void> write_more(const std::string& path, const std::string& old, std::string text) {
    Input input{.path = project_->shown(path)};
    input.absolute = absolute_path(input.path);
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    FileReport report{.path = input.path, .absolute = input.absolute};
    report.fixing = true;
    report.wanted = wanted();
    auto source = SourceFile::from_text(input.path, old);
    if (!source) return tl::unexpected(source.error());
    report.source = std::move(*source);
    auto fixed = SourceFile::from_text(input.path, std::move(text));
    if (!fixed) return tl::unexpected(fixed.error());
    report.fixed = std::move(*fixed);
    report.changed = true;
    if (!options_.lint.diff) {
      const auto written = old.empty() ? write_new_file(input.path, report.fixed->text())
                                       : write_file(input.path, report.fixed->text(), old);
      if (written) {
        report.written_to = input.path;
      } else {
        report.error = written.error().message;
      }
    }
    inputs_.push_back(std::move(input));
    reports_.push_back(std::move(report));
    return {};
  }

  /// The hashes of what was rewritten. A list that did not fit before is left to whoever knows why.
  Result<void> write_atlas_sums() {
    if (!options_.lint.fix || tool_->name != "atlas") return {};
    for (const mig::HistoryProblem& problem : ordered_.problems) {
      const bool of_list = problem.rule == HistoryRule::MissingFile ||
                           problem.rule == HistoryRule::Unlisted ||
                           problem.rule == HistoryRule::Checksum;
      if (of_list) return {};
    }
    const auto changed = [&](const std::string& path) -> std::optional<std::string> {
      const auto known = index_.find(path);
      if (known == index_.end() || !reports_[known->second].changed) return std::nullopt;
      return reports_[known->second].text();
    };
    for (const std::string& folder : decision_.folders) {
      const std::string path = mig::atlas_sum_path(folder);
      if (!project_->has(path)) continue;
      const std::string old = project_->whole_text(path);
      std::string text = mig::new_atlas_sum(*project_, folder, changed);
      if (text == old) continue;
      if (auto done = write_more(path, old, std::move(text)); !done) return done;
    }
    return {};
  }

  void take(mig::Run run, const Input& input, FileReport& report) {
    report.findings = std::move(run.findings);
    for (Suppressed& silenced : run.suppressed) {
      report.hidden.push_back(
          {.finding = std::move(silenced.finding), .reason = std::move(silenced.reason)});
    }
    if (!options_.lint.fix) return;
    report.changed = run.changed;
    report.fixed = std::move(run.fixed);
    if (!run.changed || options_.lint.diff) return;
    const auto written = write_file(input.path, report.fixed->stretches(), report.source->text());
    if (!written) {
      report.error = written.error().message;
      return;
    }
    report.written_to = input.path;
    report.in_place = true;
    report.left = std::move(run.left);
  }

  /// What rewriting means for databases that have run the file.
  void tell_what_is_applied() const {
    const bool changed =
        std::any_of(reports_.begin(), reports_.end(), [](const FileReport& report) {
          return report.changed && report.error.empty() && report.source->size() > 0;
        });
    if (options_.lint.quiet || !changed) return;
    fmt::print(stderr, "dsqlint: where a database has already run a rewritten file, {}\n",
               tool_->applied.empty()
                   ? fmt::format("{} does not run it again: what the file created stays as it is",
                                 tool_->title)
                   : std::string(tool_->applied));
  }

  /// One finding for all files that cannot be read as a whole, at the first of them.
  Result<void> tell_what_is_not_read() {
    for (const mig::Unread& unread : ordered_.unread) {
      const std::string whole = absolute_path(project_->shown(unread.path));
      if ((scope_ && scope_->count(whole) == 0) || after_) continue;
      unread_.push_back({unread.path, unread.language});
      ++in_scope_;
    }
    std::vector<mig::UnreadFile> told;
    for (const mig::UnreadFile& unread : unread_) {
      const auto made = report_for(unread.path);
      if (!made) return tl::unexpected(made.error());
      FileReport& report = **made;
      const Input& input = inputs_[index_.at(unread.path)];
      reported_.resize(reports_.size(), false);
      if (input.config->excludes(input.absolute)) continue;
      const Config config = config_for(options_.lint, *input.config, input.absolute);
      const RuleInfo& rule = history_rule(HistoryRule::Unread);
      if (!config.enabled(rule.id)) continue;
      if (config.suppressions && report.source != nullptr &&
          mig::ignored_in_file(report.source->text(), rule.id)) {
        continue;
      }
      told.push_back(unread);
    }
    const auto problem = mig::not_read(*tool_, told, in_scope_);
    if (!problem) return {};
    const size_t i = index_.at(problem->path);
    reported_[i] = true;
    add(*problem, inputs_[i], reports_[i]);
    return {};
  }

  const MigrationsOptions& options_;
  ConfigFiles& configs_;
  MigrationRequest request_;
  std::shared_ptr<const mig::Project> project_;
  std::shared_ptr<StagedTexts> staged_;
  mig::Decision decision_;
  mig::Tool configured_;  ///< as the project's settings make it
  const mig::Tool* tool_;
  mig::Ordered ordered_;
  bool parted_ = false;  ///< see Tool::parts_all
  std::optional<std::set<std::string>> scope_;
  std::optional<std::set<std::string_view>> after_;  ///< see --after
  Schema history_;
  std::map<std::string, size_t> index_;
  std::vector<Input> inputs_;
  std::vector<FileReport> reports_;
  std::vector<bool> reported_;
  std::map<const ConfigFile*, std::unique_ptr<Linter>> linters_;
  std::vector<mig::UnreadFile> unread_;
  size_t in_scope_ = 0;  ///< migrations that are reported on
};

/// What `folders` are called in a line: the first few.
std::string some_of(const mig::Project& project, const std::vector<std::string>& folders) {
  constexpr size_t kNamed = 3;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(kNamed, folders.size()); ++i) {
    names.push_back(folders[i].empty() ? project.top() : project.shown(folders[i]));
  }
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (folders.size() > kNamed) text += fmt::format(" and {} more", folders.size() - kNamed);
  return text;
}

/// Adds a run for each history below the request's folder.
Result<void> open_runs(const MigrationsOptions& options, ConfigFiles& configs,
                       const MigrationRequest& request,
                       std::vector<std::unique_ptr<MigrationRun>>& runs,
                       std::vector<std::string>& left_out) {
  std::shared_ptr<StagedTexts> staged;
  Result<mig::Project> opened = [&]() -> Result<mig::Project> {
    if (!options.lint.staged) return mig::Project::read(request.top);
    auto texts = StagedTexts::read(request.top);
    if (!texts) return tl::unexpected(texts.error());
    staged = *texts;
    return mig::Project::read(
        request.top, {.files = staged->files(),
                      .text = [staged](const std::string& path) { return staged->text(path); }});
  }();
  if (!opened) return tl::unexpected(opened.error());
  const auto project = std::make_shared<const mig::Project>(std::move(*opened));
  Result<mig::Survey> found = mig::survey(*project, request.wanted);
  if (!found) return tl::unexpected(found.error());
  const bool several = found->decisions.size() > 1;
  for (mig::Decision& decision : found->decisions) {
    if (decision.tool->files == mig::Files::None) {
      return fail(
          fmt::format("{} generates its SQL at run time and has no files; give a command "
                      "that prints the SQL, such as --from \"{}\"",
                      decision.tool->title, decision.tool->recipe));
    }
    auto run = std::make_unique<MigrationRun>(options, configs, request, project, staged,
                                              std::move(decision));
    if (!run->is_empty()) {
      runs.push_back(std::move(run));
    } else if (!several) {
      return fail(fmt::format("{}: no migration of {} found in {}", request.top, run->tool().title,
                              run->where()));
    }
  }
  for (const mig::LeftOut& left : found->left_out) {
    left_out.push_back(fmt::format("not read: {}, because {}; name a folder to check it",
                                   some_of(*project, left.folders), left.why));
  }
  return {};
}

/// What the tools themselves send, once for each.
void tell_set_ups(const std::vector<std::unique_ptr<MigrationRun>>& runs) {
  std::set<std::string_view> told;
  for (const auto& run : runs) {
    const mig::Tool& tool = run->tool();
    if (tool.set_up.empty() || run->has_adapter() || !told.insert(tool.name).second) continue;
    std::string help(tool.set_up_help);
    if (!tool.set_up_sql.empty()) {
      help += fmt::format("{}run this by hand first:", help.empty() ? "" : ", and ");
    }
    fmt::print(stderr, "dsqlint: note: {} itself {}, which Aurora DSQL refuses; {}\n", tool.title,
               tool.set_up, help);
    std::string_view rest = tool.set_up_sql;
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      fmt::print(stderr, "    {}\n", rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  }
}

/// Checks what a command prints.
int check_output(const MigrationsOptions& options, ConfigFiles& configs) {
  Result<ChildOutput> output = run_shell(options.from);
  if (!output) return usage_error(output.error().message);
  if (output->exit_code != 0) {
    std::string words = output->err;
    while (words.ends_with('\n')) words.pop_back();
    return usage_error(fmt::format("--from: `{}` ended with exit code {} and printed:\n{}",
                                   options.from, output->exit_code,
                                   words.empty() ? "(nothing on standard error)" : words));
  }
  if (output->out.find_first_not_of(" \t\r\n") == std::string::npos) {
    return usage_error(
        fmt::format("--from: `{}` printed nothing on its standard output; it has to "
                    "print the SQL",
                    options.from));
  }
  const std::string name = "<" + options.from + ">";
  auto source = SourceFile::from_text(name, std::move(output->out));
  if (!source) return usage_error(source.error().message);
  std::error_code error;
  const std::string here = fs::canonical(".", error).string();
  const auto file = configs.nearest(here);
  if (!file) return usage_error(file.error().message);
  if (!options.lint.quiet) fmt::print(stderr, "dsqlint: what `{}` prints\n", options.from);
  PreparedRun run;
  run.inputs.push_back({.path = name, .absolute = here + "/output.sql", .config = *file});
  run.report = [&](size_t) {
    FileReport report{.path = name};
    report.source = *source;
    report.fail_on = options.lint.fail_on.value_or((*file)->fail_on.value_or(Severity::Error));
    const Linter linter(all_rules(), config_for(options.lint, **file, run.inputs.front().absolute),
                        other_ids_of_files());
    CheckOutcome outcome = linter.check(*source);
    report.findings = std::move(outcome.findings);
    return report;
  };
  Options lint_options = options.lint;
  lint_options.paths = {name};
  return lint(lint_options, &run);
}

}  // namespace

int check_migrations(const MigrationsOptions& options) {
  ConfigFiles configs(rule_names(), options.lint.config);
  if (!options.from.empty()) {
    if (options.lint.fix || options.lint.since || options.lint.staged || !options.after.empty()) {
      return usage_error(
          "--from checks what a command prints; it cannot be combined with --fix, --since, "
          "--staged or --after");
    }
    return check_output(options, configs);
  }
  const Result<std::vector<MigrationRequest>> requests = read_migration_requests(options, configs);
  if (!requests) return usage_error(requests.error().message);
  std::vector<std::unique_ptr<MigrationRun>> runs;
  std::vector<std::string> left_out;
  for (const MigrationRequest& request : *requests) {
    if (auto opened = open_runs(options, configs, request, runs, left_out); !opened) {
      return usage_error(opened.error().message);
    }
  }
  if (!options.after.empty()) {
    bool known = false;
    for (const auto& run : runs) known = run->keep_after(options.after) || known;
    if (!known) {
      return usage_error(fmt::format("--after {}: there is no such version; {}", options.after,
                                     versions_of(runs.front()->ordered())));
    }
  }
  const auto scope = scope_of(options.lint);
  if (!scope) return usage_error(scope.error().message);
  for (const auto& run : runs) run->announce(*scope);
  if (!options.lint.quiet) tell_set_ups(runs);
  if (!options.lint.quiet) {
    for (const std::string& line : left_out) fmt::print(stderr, "dsqlint: {}\n", line);
  }
  PreparedRun prepared;
  std::vector<std::pair<MigrationRun*, size_t>> places;
  for (const auto& run : runs) {
    if (auto done = run->run(); !done) return usage_error(done.error().message);
    for (size_t i = 0; i < run->inputs().size(); ++i) {
      prepared.inputs.push_back(run->inputs()[i]);
      places.emplace_back(run.get(), i);
    }
  }
  prepared.fix_command = "dsqlint migrations --fix";
  prepared.report = [&](size_t i) { return places[i].first->take_report(places[i].second); };
  Options lint_options = options.lint;
  lint_options.paths = {"."};
  lint_options.since.reset();
  lint_options.staged = false;
  return lint(lint_options, &prepared);
}

}  // namespace dsqlint
