// From a folder of migrations to reports: what the tool would run, in its order and transactions.

#include "cli/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "cli/catalogue.h"
#include "cli/child.h"
#include "cli/git_files.h"
#include "cli/lint.h"
#include "cli/write_file.h"
#include "engine/catalog/schema.h"
#include "plugins/migrations/atlas_sum.h"
#include "plugins/migrations/order.h"
#include "plugins/migrations/placeholders.h"
#include "plugins/migrations/program_layout.h"
#include "plugins/migrations/project.h"
#include "plugins/migrations/run.h"
#include "rules/rules.h"

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

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  return (fs::weakly_canonical(whole.parent_path(), error) / whole.filename()).string();
}

Result<const mig::Tool*> tool_named(const std::string& name) {
  if (const mig::Tool* tool = mig::find_tool(name)) return tool;
  std::vector<std::string_view> names;
  for (const mig::Tool& tool : mig::tools()) names.push_back(tool.name);
  const std::string_view near = nearest_name(name, names);
  return fail(
      near.empty()
          ? fmt::format("`{}` is not a known tool; the tools are {}", name, fmt::join(names, ", "))
          : fmt::format("`{}` is not a known tool; did you mean `{}`?", name, near));
}

/// What the user has said, split into what it means.
struct Request {
  std::string top = ".";
  mig::Wanted wanted = {};
  mig::SectionOptions sections = {};
  mig::Placeholders placeholders = {};
};

Result<Request> read_request(const MigrationsOptions& options, ConfigFiles& configs) {
  Request request;
  if (options.lint.paths.size() > 1) return fail("`dsqlint migrations` takes one folder");
  std::string entry = options.migrations;
  if (!options.lint.paths.empty()) {
    request.top = options.lint.paths.front();
  } else if (entry.empty()) {
    std::error_code error;
    const auto config = configs.nearest(fs::canonical(".", error).string());
    if (!config) return tl::unexpected(config.error());
    const std::vector<std::string>& folders = (*config)->migrations;
    if (folders.size() > 1) {
      return fail(
          fmt::format("{}: there are {} folders of migrations; name one of them, as in `dsqlint "
                      "migrations {}`",
                      (*config)->migrations_place, folders.size(), folders.front()));
    }
    if (folders.size() == 1) {
      const fs::path here = fs::canonical(".", error);
      request.top =
          (fs::path((*config)->folder) / folders.front()).lexically_relative(here).string();
      if (!fs::is_directory(request.top, error)) {
        return fail(fmt::format("{}: there is no folder `{}`; name the folder of the migrations",
                                (*config)->migrations_place, folders.front()));
      }
    }
  }
  while (request.top.size() > 1 && request.top.ends_with('/')) request.top.pop_back();
  if (!entry.empty()) {
    const size_t colon = entry.find(':');
    if (colon == std::string::npos) {
      return fail(fmt::format("--migrations {}: write it as TOOL:FOLDER", entry));
    }
    const auto tool = tool_named(entry.substr(0, colon));
    if (!tool) return tl::unexpected(tool.error());
    request.wanted.tool = *tool;
    request.wanted.folder = fs::path(entry.substr(colon + 1)).lexically_normal().generic_string();
    if (*request.wanted.folder == ".") request.wanted.folder = "";
    while (request.wanted.folder->ends_with('/')) request.wanted.folder->pop_back();
  }
  if (!options.tool.empty()) {
    const auto tool = tool_named(options.tool);
    if (!tool) return tl::unexpected(tool.error());
    request.wanted.tool = *tool;
  }
  request.sections.check_down = options.check_down;
  constexpr std::array<std::pair<std::string_view, mig::Span>, 4> kSpans = {
      {{"statement", mig::Span::Statement},
       {"block", mig::Span::Block},
       {"file", mig::Span::File},
       {"all", mig::Span::AllPending}}};
  for (const auto& [word, span] : kSpans) {
    if (options.transaction == word) request.sections.span = span;
  }
  for (const std::string& placeholder : options.placeholders) {
    const size_t equals = placeholder.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(fmt::format("--placeholder {}: write it as NAME=VALUE", placeholder));
    }
    request.placeholders[placeholder.substr(0, equals)] = placeholder.substr(equals + 1);
  }
  return request;
}

/// The files that are to be reported on; nothing: all of them.
Result<std::optional<std::set<std::string>>> scope_of(const Options& options) {
  if (!options.since && !options.staged) return std::nullopt;
  std::set<std::string> scope;
  if (options.staged) {
    const auto files = staged_files();
    if (!files) return tl::unexpected(files.error());
    for (const StagedFile& file : *files) scope.insert(absolute(file.path));
    return scope;
  }
  const auto files = files_changed_since(*options.since);
  if (!files) return tl::unexpected(files.error());
  for (const std::string& file : *files) scope.insert(absolute(file));
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

/// Everything about one run over a folder.
class MigrationRun {
 public:
  MigrationRun(const MigrationsOptions& options, ConfigFiles& configs, Request request)
      : options_(options), configs_(configs), request_(std::move(request)) {}

  Result<PreparedRun> prepare() {
    Result<mig::Project> project = mig::Project::read(request_.top);
    if (!project) return tl::unexpected(project.error());
    project_.emplace(std::move(*project));
    const Result<mig::Decision> decision = mig::decide(*project_, request_.wanted);
    if (!decision) return tl::unexpected(decision.error());
    tool_ = decision->tool;
    folders_ = decision->folders;
    if (tool_->files == mig::Files::None) {
      return fail(
          fmt::format("{} generates its SQL at run time and has no files; give a command "
                      "that prints the SQL, such as --from \"{}\"",
                      tool_->title, tool_->recipe));
    }
    ordered_ = mig::order_migrations(*project_, *tool_, decision->folders);
    if (ordered_.migrations.empty() && ordered_.problems.empty()) {
      return fail(
          fmt::format("{}: no migration of {} found in {}", request_.top, tool_->title,
                      decision->folders.front().empty() ? "it" : decision->folders.front()));
    }
    if (!options_.after.empty()) {
      after_ = mig::migrations_after(ordered_, options_.after);
      if (!after_) {
        return fail(fmt::format("--after {}: there is no such version; {}", options_.after,
                                versions_of(ordered_)));
      }
    }
    mig::read_placeholders(*project_, *tool_, request_.placeholders);
    auto scope = scope_of(options_.lint);
    if (!scope) return tl::unexpected(scope.error());
    scope_ = std::move(*scope);
    parted_ = tool_->parts_all && !request_.sections.span && one_opts_out();
    request_.sections.parted = parted_;
    say(*decision);
    if (options_.lint.since) {
      if (auto done = compare_with(*options_.lint.since); !done)
        return tl::unexpected(done.error());
    }
    if (auto done = read_all(); !done) return tl::unexpected(done.error());
    tell_what_is_not_read();
    tell_what_is_applied();
    PreparedRun run;
    run.inputs = inputs_;
    run.fix_command = "dsqlint migrations --fix";
    run.report = [this](size_t i) { return std::move(reports_[i]); };
    return run;
  }

 private:
  void say(const mig::Decision& decision) const {
    if (options_.lint.quiet) return;
    std::vector<std::string> folders;
    for (const std::string& folder : decision.folders) {
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
    fmt::print(stderr, "dsqlint: {} in {} ({}), {}, {}\n", tool_->title, where, decision.because,
               counted(ordered_.migrations.size(), "file"), mig::transaction_words(effective));
  }

  Result<void> compare_with(const std::string& reference) {
    const auto known = files_at(reference);
    if (!known) return tl::unexpected(known.error());
    const std::set<std::string> before(known->begin(), known->end());
    std::vector<std::string> paths;
    for (const mig::Migration& migration : ordered_.migrations) {
      if (before.count(absolute(project_->shown(migration.path))) != 0) {
        paths.push_back(migration.path);
      }
    }
    for (mig::HistoryProblem& problem : mig::out_of_order(ordered_, paths)) {
      ordered_.problems.push_back(std::move(problem));
    }
    return {};
  }

  Result<FileReport*> report_for(const std::string& path) {
    const auto [entry, added] = index_.try_emplace(path, reports_.size());
    if (!added) return &reports_[entry->second];
    Input input{.path = project_->shown(path)};
    input.absolute = absolute(input.path);
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    FileReport report{.path = input.path, .absolute = input.absolute};
    report.fixing = options_.lint.fix;
    report.wanted = wanted();
    report.fail_on = options_.lint.fail_on ? *options_.lint.fail_on
                                           : input.config->fail_on.value_or(Severity::Error);
    auto source = SourceFile::load(input.path);
    if (source) {
      report.source = std::move(*source);
    } else {
      report.error = source.error().message;
    }
    inputs_.push_back(std::move(input));
    reports_.push_back(std::move(report));
    return &reports_.back();
  }

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

  Result<void> read_all() {
    Carried pending;
    std::vector<std::string> beside;
    std::vector<bool> reported;
    std::multimap<std::string_view, mig::HistoryProblem*> problems;
    for (mig::HistoryProblem& problem : ordered_.problems) problems.emplace(problem.path, &problem);
    for (const mig::Migration& migration : ordered_.migrations) {
      const auto made = report_for(migration.path);
      if (!made) return tl::unexpected(made.error());
      FileReport& report = **made;
      const Input& input = inputs_[index_.at(migration.path)];
      const bool in = in_scope(migration, input);
      reported.resize(reports_.size(), false);
      reported[index_.at(migration.path)] = in;
      if (report.source == nullptr || (migration.down && !options_.check_down)) continue;
      // Per-path settings may differ from file to file, so a linter serves one configuration text.
      const Config config = config_for(options_.lint, *input.config, input.absolute);
      std::unique_ptr<Linter> own;
      const Linter* linter = nullptr;
      if (input.config->per_path.empty()) {
        linter = &linter_for(config, input.config);
      } else {
        own = make_linter(config);
        linter = own.get();
      }
      mig::RunOptions run_options{.sections = request_.sections,
                                  .placeholders = request_.placeholders};
      run_options.sections.no_transaction = migration.no_transaction;
      run_options.sections.down_file = migration.down;
      run_options.may_write_beside =
          !tool_->beside.empty() && !project_->has(migration.path + std::string(tool_->beside));
      if (options_.lint.fix && in) run_options.fix = wanted();
      const mig::Span span = request_.sections.span.value_or(tool_->span);
      run_options.placement.history = &history_;
      run_options.placement.takes_back = migration.down;
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
      // What is out of scope was run before.
      const bool goes_on = span == mig::Span::AllPending && !parted_ && !migration.down;
      if (goes_on && in) run_options.placement.carried = pending;
      Result<mig::Run> run = mig::run_migration(*linter, *tool_, report.source, run_options);
      if (!run) {
        report.error = run.error().message;
        continue;
      }
      if (!in) continue;
      if (goes_on) pending = run->carried;
      if (run->needs_beside && options_.lint.fix) beside.push_back(migration.path);
      take(std::move(*run), input, report);
    }
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
    // What was read for the others' sake only is no part of the report.
    std::vector<Input> inputs;
    std::vector<FileReport> reports;
    for (size_t i = 0; i < reports_.size(); ++i) {
      if (!reported[i] && reports_[i].error.empty()) continue;
      inputs.push_back(std::move(inputs_[i]));
      reports.push_back(std::move(reports_[i]));
    }
    inputs_ = std::move(inputs);
    reports_ = std::move(reports);
    return {};
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
    Diagnostic finding =
        history_finding(problem.rule, problem.range, problem.message, problem.help);
    if (!config.enabled(finding.rule->id)) return;
    const auto severity = config.severity.find(finding.rule->id);
    if (severity != config.severity.end()) finding.severity = severity->second;
    if (config.suppressions && report.source != nullptr) {
      if (auto reason = mig::ignored_in_file(report.source->text(), finding.rule->id)) {
        report.hidden.push_back({.finding = std::move(finding), .reason = std::move(*reason)});
        return;
      }
    }
    for (auto* list : {&report.findings, &report.left}) {
      list->push_back(finding);
      sort_findings(*list);
    }
  }

  /// A file of the tool's own that goes with the migrations. `old` is its text; empty: there must
  /// be no such file.
  Result<void> write_more(const std::string& path, const std::string& old, std::string text) {
    Input input{.path = project_->shown(path)};
    input.absolute = absolute(input.path);
    const auto config = configs_.nearest(fs::path(input.absolute).parent_path().string());
    if (!config) return tl::unexpected(config.error());
    input.config = *config;
    FileReport report{.path = input.path, .absolute = input.absolute};
    report.fixing = true;
    report.wanted = wanted();
    auto source = SourceFile::from_text(input.path, old);
    if (!source) return tl::unexpected(source.error());
    report.source = std::move(*source);
    report.text = std::move(text);
    report.changed = true;
    if (!options_.lint.diff) {
      const auto written = old.empty() ? write_new_file(input.path, report.text)
                                       : write_file(input.path, report.text, old);
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
    const auto changed = [&](const std::string& path) -> const std::string* {
      const auto known = index_.find(path);
      if (known == index_.end() || !reports_[known->second].changed) return nullptr;
      return &reports_[known->second].text;
    };
    for (const std::string& folder : folders_) {
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
    unreadable_ += run.unreadable;
    if (run.operations > 0) ++files_with_operations_;
    report.findings = std::move(run.findings);
    for (Suppressed& silenced : run.suppressed) {
      report.hidden.push_back(
          {.finding = std::move(silenced.finding), .reason = std::move(silenced.reason)});
    }
    if (!options_.lint.fix) return;
    report.changed = run.changed;
    report.text = std::move(run.text);
    if (!run.changed || options_.lint.diff) return;
    const auto written = write_file(input.path, report.text, report.source->text());
    if (!written) {
      report.error = written.error().message;
      return;
    }
    report.written_to = input.path;
    if (auto fixed = SourceFile::from_text(input.path, report.text)) {
      report.fixed = std::move(*fixed);
      report.left = std::move(run.left);
    }
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

  void tell_what_is_not_read() const {
    if (options_.lint.quiet) return;
    if (files_with_operations_ > 0) {
      fmt::print(stderr, "dsqlint: {} {} operations whose SQL is not in the text; {}\n",
                 counted(files_with_operations_, "file"),
                 files_with_operations_ == 1 ? "has" : "have",
                 tool_->recipe.empty()
                     ? std::string("let the tool print the SQL, and check that: --from COMMAND")
                     : fmt::format("check what it sends: dsqlint migrations --from \"{}\"",
                                   tool_->recipe));
    }
    if (unreadable_ > 0) {
      fmt::print(stderr, "dsqlint: {} built by the program at run time and not checked\n",
                 unreadable_ == 1 ? "the SQL of 1 call is"
                                  : fmt::format("the SQL of {} calls is", unreadable_));
    }
  }

  const MigrationsOptions& options_;
  ConfigFiles& configs_;
  Request request_;
  std::optional<mig::Project> project_;
  const mig::Tool* tool_ = nullptr;
  std::vector<std::string> folders_;
  bool parted_ = false;  ///< see Tool::parts_all
  mig::Ordered ordered_;
  std::optional<std::set<std::string>> scope_;
  std::optional<std::set<std::string_view>> after_;  ///< see --after
  Schema history_;
  std::map<std::string, size_t> index_;
  std::vector<Input> inputs_;
  std::vector<FileReport> reports_;
  std::map<const ConfigFile*, std::unique_ptr<Linter>> linters_;
  size_t unreadable_ = 0;
  size_t files_with_operations_ = 0;
};

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
  Result<Request> request = read_request(options, configs);
  if (!request) return usage_error(request.error().message);
  MigrationRun work(options, configs, std::move(*request));
  const Result<PreparedRun> run = work.prepare();
  if (!run) return usage_error(run.error().message);
  Options lint_options = options.lint;
  lint_options.paths = {"."};
  lint_options.since.reset();
  lint_options.staged = false;
  return lint(lint_options, &*run);
}

}  // namespace dsqlint
