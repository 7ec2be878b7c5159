#include "plugins/migrations/run.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "engine/schema.h"
#include "plugins/migrations/literals.h"
#include "plugins/migrations/mapped_text.h"
#include "rules/migration_history.h"

namespace dsqlint::migrations {
namespace {

constexpr int kMaxPasses = 10;

/// How the tool writes placeholders, if it has any: RE2, the first group is the name.
std::string_view placeholder_pattern(const Tool& tool, std::string_view text) {
  if (tool.name == "flyway" || tool.name == "liquibase") return R"(\$\{([\w.:\-]+)\})";
  if (tool.name == "tern") return R"(\{\{\s*\.?([^{}]*?)\s*\}\})";
  if (tool.name == "goose" && text.find("+goose ENVSUB ON") != std::string_view::npos) {
    return R"(\$\{([A-Za-z_]\w*)[^}]*\})";
  }
  return {};
}

/// A text as the tool sends it, and what is to be said of how it got there.
struct Prepared {
  std::optional<MappedText> mapped;  ///< none: the file's own text
  std::function<Layout(std::string_view)> layout;
  std::vector<Diagnostic> findings;  ///< in the positions of the file
  size_t unreadable = 0;
  size_t operations = 0;
};

class Runner {
 public:
  Runner(const Linter& linter, const Tool& tool, const RunOptions& options)
      : linter_(linter), tool_(tool), options_(options) {}

  Prepared prepare(const SourceFile& source) const {
    Prepared prepared;
    const std::string_view text = source.text();
    if (holds_literals(tool_, source.path())) {
      Extracted extracted = extract(tool_, source.path(), text);
      prepared.unreadable = extracted.unreadable.size();
      prepared.operations = extracted.operations;
      Layout layout = layout_of(tool_, extracted, text, options_.sections);
      prepared.layout = [layout = std::move(layout)](std::string_view) { return layout; };
      prepared.mapped = std::move(extracted.text);
      return prepared;
    }
    const Sliced sliced = slice(tool_, text, options_.sections);
    for (const MarkProblem& problem : sliced.problems) {
      add(prepared, HistoryRule::Mark, problem.range, problem.message, problem.help);
    }
    replace_placeholders(text, prepared);
    prepared.layout = [&tool = tool_, sections = options_.sections](std::string_view now) {
      return slice(tool, now, sections).layout;
    };
    return prepared;
  }

  /// The history holds what this text makes now, instead of what was last said of this file.
  void learn_again(const std::shared_ptr<const SourceFile>& source) const {
    if (options_.placement.history == nullptr) return;
    forget();
    learn(source);
  }

  /// The same file is read once more.
  void forget() const {
    if (options_.placement.history != nullptr) options_.placement.history->restart_file();
  }

  /// Only what goes up makes history.
  void learn(const std::shared_ptr<const SourceFile>& source) const {
    RunOptions options = options_;
    options.sections.check_down = false;
    const Prepared prepared = Runner(linter_, tool_, options).prepare(*source);
    Placement placement = options_.placement;
    placement.layout = prepared.layout;
    if (!prepared.mapped) {
      linter_.learn(source, placement);
      return;
    }
    auto target = SourceFile::from_text(std::string(source->path()), prepared.mapped->text());
    if (target) linter_.learn(*target, placement);
  }

  CheckOutcome check(const std::shared_ptr<const SourceFile>& source,
                     const Prepared& prepared) const {
    Placement placement = options_.placement;
    placement.layout = prepared.layout;
    if (!prepared.mapped) return finish(linter_.check(source, placement), prepared);
    auto target = SourceFile::from_text(std::string(source->path()), prepared.mapped->text());
    if (!target) {
      // The text of a literal may hold what no file does: then the program's own error is better.
      if (placement.history != nullptr) placement.history->begin_file();
      return {};
    }
    CheckOutcome outcome = linter_.check(*target, placement);
    prepared.mapped->map_back(outcome.findings);
    for (Suppressed& suppressed : outcome.suppressed) {
      std::vector<Diagnostic> one = {std::move(suppressed.finding)};
      prepared.mapped->map_back(one);
      suppressed.finding = std::move(one.front());
    }
    return finish(std::move(outcome), prepared);
  }

 private:
  void add(Prepared& prepared, HistoryRule rule, Range range, std::string message,
           std::string help = {}) const {
    const RuleInfo& info = history_rule(rule);
    const Config& config = linter_.config();
    if (!config.enabled(info.id)) return;
    Diagnostic finding{.range = range, .message = std::move(message), .help = std::move(help)};
    finding.rule = &info;
    if (finding.help.empty()) finding.help = info.help;
    const auto severity = config.severity.find(info.id);
    finding.severity = severity == config.severity.end() ? info.severity : severity->second;
    prepared.findings.push_back(std::move(finding));
  }

  void replace_placeholders(std::string_view text, Prepared& prepared) const {
    const std::string_view pattern = placeholder_pattern(tool_, text);
    if (pattern.empty()) return;
    const RE2 placeholder{"(" + std::string(pattern) + ")"};
    re2::StringPiece rest(text.data(), text.size());
    re2::StringPiece whole;
    std::string name;
    MappedText mapped;
    uint32_t at = 0;
    while (RE2::FindAndConsume(&rest, placeholder, &whole, &name)) {
      const auto begin = static_cast<uint32_t>(whole.data() - text.data());
      const Range range{begin, begin + static_cast<uint32_t>(whole.size())};
      mapped.copy(text, {at, range.begin});
      const auto value = options_.placeholders.find(name);
      if (value != options_.placeholders.end()) {
        mapped.replace(range, value->second);
      } else {
        mapped.replace(range, "placeholder");
        add(prepared, HistoryRule::Placeholder, range,
            fmt::format("the placeholder `{}` has no value here",
                        std::string_view(whole.data(), whole.size())));
      }
      at = range.end;
    }
    if (at == 0) return;
    mapped.copy(text, {at, static_cast<uint32_t>(text.size())});
    prepared.mapped = std::move(mapped);
  }

  static CheckOutcome finish(CheckOutcome outcome, const Prepared& prepared) {
    outcome.findings.insert(outcome.findings.end(), prepared.findings.begin(),
                            prepared.findings.end());
    std::stable_sort(outcome.findings.begin(), outcome.findings.end(), before);
    return outcome;
  }

  const Linter& linter_;
  const Tool& tool_;
  const RunOptions& options_;
};

void take(Run& run, CheckOutcome outcome, const Prepared& prepared) {
  run.findings = std::move(outcome.findings);
  run.suppressed = std::move(outcome.suppressed);
  run.carried = outcome.carried;
  run.unreadable = prepared.unreadable;
  run.operations = prepared.operations;
}

/// The fixes that can be made where the text stands in quotes or between placeholders, pass after
/// pass.
Result<Run> fix_mapped(const Runner& runner, std::shared_ptr<const SourceFile> source,
                       Prepared prepared, Safety wanted) {
  Run run;
  CheckOutcome outcome = runner.check(source, prepared);
  run.left = outcome.findings;
  run.text = source->text();
  take(run, std::move(outcome), prepared);
  std::shared_ptr<const SourceFile> current = source;
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    EditSet edits;
    for (const Diagnostic& finding : run.left) {
      if (finding.fix && finding.fix->safety >= wanted) edits.add(finding.fix->edits);
    }
    if (edits.empty()) break;
    auto next = SourceFile::from_text(std::string(source->path()),
                                      EditedText(current->text(), edits).take());
    if (!next) return tl::unexpected(next.error());
    prepared = runner.prepare(**next);
    runner.forget();
    outcome = runner.check(*next, prepared);
    current = std::move(*next);
    run.left = std::move(outcome.findings);
    run.carried = outcome.carried;
    run.changed = true;
  }
  run.text = current->text();
  if (run.changed) runner.learn_again(source);
  return run;
}

/// Findings about the tool's transaction that a file beside the migration takes care of: their fix
/// has no edits here.
bool fix_beside(const Tool& tool, std::string_view path, std::vector<Diagnostic>& findings) {
  bool any = false;
  for (Diagnostic& finding : findings) {
    if (finding.fix || finding.help != tool.help) continue;
    const std::string_view text = tool.beside_text;
    finding.fix = Fix{Safety::Review,
                      fmt::format("write `{}` into {}{}", text.substr(0, text.find('\n')),
                                  path.substr(path.rfind('/') + 1), tool.beside),
                      {}};
    finding.help.clear();
    finding.notes.push_back(
        {"it is no longer all or nothing: when a later statement fails, what was done before it "
         "stays"});
    any = true;
  }
  return any;
}

}  // namespace

bool holds_literals(const Tool& tool, std::string_view path) {
  return tool.files != Files::Sql || (tool.order == Order::Changelog && !path.ends_with(".sql"));
}

namespace {

Result<Run> run_text(const Linter& linter, const Tool& tool,
                     const std::shared_ptr<const SourceFile>& source, const RunOptions& options) {
  const Runner runner(linter, tool, options);
  Prepared prepared = runner.prepare(*source);
  Run run;
  if (options.fix && prepared.mapped) {
    return fix_mapped(runner, source, std::move(prepared), *options.fix);
  }
  if (!options.fix) {
    take(run, runner.check(source, prepared), prepared);
    return run;
  }
  Placement placement = options.placement;
  placement.layout = prepared.layout;
  Result<FixOutcome> fixed = linter.fix(source, *options.fix, placement);
  if (!fixed) return tl::unexpected(fixed.error());
  run.findings = std::move(fixed->findings);
  run.left = std::move(fixed->left);
  for (auto* list : {&run.findings, &run.left}) {
    list->insert(list->end(), prepared.findings.begin(), prepared.findings.end());
    std::stable_sort(list->begin(), list->end(), before);
  }
  run.changed = fixed->changed;
  run.text = std::move(fixed->text);
  run.carried = fixed->carried;
  return run;
}

}  // namespace

Result<Run> run_migration(const Linter& linter, const Tool& tool,
                          const std::shared_ptr<const SourceFile>& source,
                          const RunOptions& options) {
  const Runner runner(linter, tool, options);
  if (options.learn_only) {
    runner.learn(source);
    return Run{};
  }
  Result<Run> run = run_text(linter, tool, source, options);
  if (run && options.sections.check_down) runner.learn_again(source);
  const bool review = !options.fix || *options.fix <= Safety::Review;
  if (!run || tool.beside.empty() || !options.may_write_beside || !review) return run;
  run->needs_beside = fix_beside(tool, source->path(), run->findings);
  if (run->needs_beside && options.fix) {
    std::erase_if(run->left, [&](const Diagnostic& finding) { return finding.help == tool.help; });
  }
  return run;
}

}  // namespace dsqlint::migrations
