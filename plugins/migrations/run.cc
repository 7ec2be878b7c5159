#include "plugins/migrations/run.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "engine/catalog/schema.h"
#include "engine/lint/by_file.h"
#include "engine/text/statements.h"
#include "plugins/migrations/history_rules.h"
#include "plugins/migrations/literals.h"
#include "plugins/migrations/mapped_text.h"
#include "plugins/migrations/program_layout.h"

namespace dsqlint::migrations {
namespace {

/// `a, b` → a and b.
std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBetween = ", \t";
  for (size_t at = list.find_first_not_of(kBetween); at != list.npos;) {
    const size_t end = std::min(list.find_first_of(kBetween, at), list.size());
    words.push_back(list.substr(at, end - at));
    at = list.find_first_not_of(kBetween, end);
  }
  return words;
}

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
  std::function<std::vector<Diagnostic>(std::string_view)> besides;
  size_t unreadable = 0;
  size_t operations = 0;
  bool parted = false;  ///< something in it ends the transaction that spans several files

  std::string_view text(const SourceFile& source) const {
    return mapped ? std::string_view(mapped->text()) : source.text();
  }
};

constexpr std::string_view kNoLongerWhole =
    "it is no longer all or nothing: if a later statement fails, the changes before it stay";

/// Findings about the tool's transaction that the program itself can be taken out of.
void opt_out_in_code(const Tool& tool, const SourceFile& file, std::vector<Diagnostic>& findings) {
  for (Diagnostic& finding : findings) {
    if (finding.fix || finding.help != tool.help) continue;
    auto edit = opt_out_edit(tool, file.text(), finding.range.begin);
    if (!edit) continue;
    std::string title(tool.opt_out.title);
    if (tool.order == Order::Changelog) {
      title = "run the changeset without a transaction, with `runInTransaction=\"false\"`";
    }
    finding.fix = Fix{Safety::Review, std::move(title), {std::move(*edit)}};
    finding.help.clear();
    finding.notes.push_back({std::string(kNoLongerWhole)});
  }
}

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
      prepared.parted = std::any_of(extracted.sent.begin(), extracted.sent.end(),
                                    [](const SentText& sent) { return sent.apart; });
      Layout layout = layout_of(tool_, extracted, text, options_.sections);
      prepared.layout = [layout = std::move(layout)](std::string_view) { return layout; };
      prepared.mapped = std::move(extracted.text);
      return prepared;
    }
    std::vector<Diagnostic> unresolved = replace_placeholders(text, prepared);
    prepared.layout = [&tool = tool_, sections = options_.sections](std::string_view now) {
      return slice(tool, now, sections).layout;
    };
    prepared.besides = [&tool = tool_, &options = options_,
                        unresolved = std::move(unresolved)](std::string_view now) {
      std::vector<Diagnostic> findings = options.known;
      findings.insert(findings.end(), unresolved.begin(), unresolved.end());
      for (MarkProblem& problem : slice(tool, now, options.sections).problems) {
        findings.push_back(history_finding(HistoryRule::Mark, problem.range,
                                           std::move(problem.message), std::move(problem.help)));
      }
      return findings;
    };
    return prepared;
  }

  /// The history holds what this text makes now, instead of what was last said of this file.
  void learn_again(const std::shared_ptr<const SourceFile>& source) const {
    if (options_.placement.history == nullptr) return;
    forget();
    if (!options_.placement.takes_back) learn(source);
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

  /// One pass over a text as the tool sends it.
  CheckOutcome pass(const std::shared_ptr<const SourceFile>& source,
                    const Prepared& prepared) const {
    Placement placement = options_.placement;
    placement.layout = prepared.layout;
    placement.besides = prepared.besides;
    placement.partial = holds_literals(tool_, source->path());
    if (!prepared.mapped) return linter_.pass(source, placement);
    auto target = SourceFile::from_text(std::string(source->path()), prepared.mapped->text());
    if (!target) {
      // The text of a literal may hold what no file does: then the program's own error is better.
      if (placement.history != nullptr) placement.history->begin_file();
      return {};
    }
    // A program that opts out ends what the files before it have begun.
    const bool apart = holds_literals(tool_, source->path()) && opts_out(tool_, source->text());
    if (apart) placement.carried = {};
    CheckOutcome outcome = linter_.pass(*target, placement);
    if (apart || prepared.parted) outcome.carried = {};
    prepared.mapped->map_back(outcome.findings);
    for (Suppressed& suppressed : outcome.suppressed) {
      std::vector<Diagnostic> one = {std::move(suppressed.finding)};
      prepared.mapped->map_back(one);
      suppressed.finding = std::move(one.front());
    }
    sort_findings(outcome.findings);
    if (holds_literals(tool_, source->path())) {
      opt_out_in_code(tool_, *source, outcome.findings);
    }
    return outcome;
  }

 private:
  /// What has no value, in the positions of the mapped text.
  std::vector<Diagnostic> replace_placeholders(std::string_view text, Prepared& prepared) const {
    std::vector<Diagnostic> unresolved;
    const std::string_view pattern = placeholder_pattern(tool_, text);
    if (pattern.empty()) return unresolved;
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
        const uint32_t here = mapped.size();
        mapped.replace(range, "placeholder");
        unresolved.push_back(
            history_finding(HistoryRule::Placeholder, {here, mapped.size()},
                            fmt::format("the placeholder `{}` has no value here",
                                        std::string_view(whole.data(), whole.size()))));
      }
      at = range.end;
    }
    if (at == 0) return unresolved;
    mapped.copy(text, {at, static_cast<uint32_t>(text.size())});
    prepared.mapped = std::move(mapped);
    return unresolved;
  }

  const Linter& linter_;
  const Tool& tool_;
  const RunOptions& options_;
};

Run run_of(CheckOutcome outcome) {
  Run run;
  run.findings = std::move(outcome.findings);
  run.suppressed = std::move(outcome.suppressed);
  run.carried = outcome.carried;
  return run;
}

Run run_of(FixOutcome outcome) {
  Run run;
  run.findings = std::move(outcome.findings);
  run.suppressed = std::move(outcome.suppressed);
  run.left = std::move(outcome.left);
  run.changed = outcome.changed;
  run.fixed = std::move(outcome.fixed);
  run.carried = outcome.carried;
  return run;
}

/// The SQL stands in quotes, or has values put into it: each pass maps the new text again.
Result<Run> run_mapped(const Runner& runner, const std::shared_ptr<const SourceFile>& source,
                       const Prepared& prepared, std::optional<Safety> wanted) {
  bool replayed = false;  // the history holds another text than the source
  const CheckText check = [&](const std::shared_ptr<const SourceFile>& text, const PassStep* step) {
    if (step == nullptr) return runner.pass(text, prepared);
    replayed = true;
    runner.forget();
    return runner.pass(text, runner.prepare(*text));
  };
  Run run;
  if (wanted) {
    Result<FixOutcome> fixed = fix_text(source, *wanted, check);
    if (!fixed) return tl::unexpected(fixed.error());
    run = run_of(std::move(*fixed));
  } else {
    run = run_of(check_text(source, check));
  }
  if (replayed) runner.learn_again(source);
  run.unreadable = prepared.unreadable;
  run.operations = prepared.operations;
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
    finding.notes.push_back({std::string(kNoLongerWhole)});
    any = true;
  }
  return any;
}

}  // namespace

std::optional<std::string> ignored_in_file(std::string_view text, std::string_view rule) {
  static const RE2 kIgnored(
      R"(dsqlint:\s*ignore-file\s+([a-z0-9_][a-z0-9_, \t]*)(?::[ \t]*([^\r\n]*))?)");
  re2::StringPiece rest(text.data(), text.size());
  std::string rules;
  std::string reason;
  while (RE2::FindAndConsume(&rest, kIgnored, &rules, &reason)) {
    const std::vector<std::string_view> names = words_of(rules);
    if (std::find(names.begin(), names.end(), rule) == names.end()) continue;
    for (const std::string_view closing : {"-->", "*/"}) {
      if (reason.ends_with(closing)) reason.resize(reason.size() - closing.size());
    }
    while (reason.ends_with(' ')) reason.pop_back();
    return reason;
  }
  return std::nullopt;
}

namespace {

/// Nothing is checked: any linter will do.
Prepared prepare(const Tool& tool, const SourceFile& source, const RunOptions& options) {
  const Linter none({}, {});
  return Runner(none, tool, options).prepare(source);
}

}  // namespace

std::vector<Spanned> transactions_in(const Tool& tool, const SourceFile& source,
                                     const RunOptions& options) {
  const Prepared prepared = prepare(tool, source, options);
  const std::string_view text = prepared.text(source);
  const Layout layout = prepared.layout(text);
  std::vector<Spanned> found;
  for (size_t number = 0; number < layout.transactions.size(); ++number) {
    std::vector<Range> parts;
    for (const Part& part : layout.parts) {
      if (part.transaction == number) parts.push_back(part.range);
    }
    Splitter splitter(text, std::move(parts));
    StatementBatch batch;
    std::optional<Range> range;
    constexpr uint32_t kBatch = 32u << 10;
    while (splitter.next(batch, kBatch)) {
      for (const StatementText& statement : batch.statements) {
        if (!range) range = statement.range;
        range->end = statement.end;
      }
    }
    if (!range) continue;
    found.push_back(
        {prepared.mapped ? prepared.mapped->source(*range) : *range, layout.transactions[number]});
  }
  return found;
}

std::vector<Range> parts_in(const Tool& tool, const SourceFile& source, const RunOptions& options) {
  const Prepared prepared = prepare(tool, source, options);
  std::vector<Range> found;
  for (const Part& part : prepared.layout(prepared.text(source)).parts) {
    found.push_back(prepared.mapped ? prepared.mapped->source(part.range) : part.range);
  }
  return found;
}

bool holds_literals(const Tool& tool, std::string_view path) {
  return tool.files != Files::Sql || !(path.ends_with(".sql") || path.ends_with(".ddl"));
}

namespace {

Result<Run> run_text(const Linter& linter, const Tool& tool,
                     const std::shared_ptr<const SourceFile>& source, const RunOptions& options) {
  const Runner runner(linter, tool, options);
  const Prepared prepared = runner.prepare(*source);
  if (prepared.mapped) return run_mapped(runner, source, prepared, options.fix);
  Placement placement = options.placement;
  placement.layout = prepared.layout;
  placement.besides = prepared.besides;
  if (!options.fix) return run_of(linter.check(source, placement));
  Result<FixOutcome> fixed = linter.fix(source, *options.fix, placement);
  if (!fixed) return tl::unexpected(fixed.error());
  return run_of(std::move(*fixed));
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

bool can_join(const Tool& tool, const SourceFile& source, const RunOptions& options) {
  const Span span = options.sections.span.value_or(tool.span);
  const bool alone = options.learn_only || options.placement.takes_back ||
                     options.sections.check_down || holds_literals(tool, source.path()) ||
                     (span == Span::AllPending && !options.sections.parted);
  if (alone) return false;
  const std::string_view pattern = placeholder_pattern(tool, source.text());
  return pattern.empty() || !RE2::PartialMatch(source.text(), RE2(std::string(pattern)));
}

namespace {

/// Calls `visit(file, text, begin)` for the texts of the files of a joined one.
template <typename Visit>
void each_file(std::string_view whole, Visit&& visit) {
  for (size_t file = 0, begin = 0;; ++file) {
    const size_t end = std::min(whole.find(kBetweenFiles, begin), whole.size());
    visit(file, whole.substr(begin, end - begin), static_cast<uint32_t>(begin));
    if (end == whole.size()) return;
    begin = end + 1;
  }
}

void shift(Range& range, uint32_t by) {
  range.begin += by;
  range.end += by;
}

/// Adds what the runner does with one of the files.
void append(Layout part, uint32_t begin, Layout& whole) {
  const auto before = static_cast<uint32_t>(whole.transactions.size());
  for (Part& one : part.parts) {
    shift(one.range, begin);
    if (one.transaction != Part::kSingly) one.transaction += before;
    whole.parts.push_back(one);
  }
  for (RunnerTransaction& transaction : part.transactions) {
    for (Edit& edit : transaction.edits) shift(edit.range, begin);
    whole.transactions.push_back(std::move(transaction));
  }
}

void shift(std::vector<Diagnostic>& findings, uint32_t by) {
  for (Diagnostic& finding : findings) {
    shift(finding.range, by);
    if (!finding.statement.empty()) shift(finding.statement, by);
    for (Note& note : finding.notes) {
      if (note.range) shift(*note.range, by);
    }
    if (!finding.fix) continue;
    for (Edit& edit : finding.fix->edits) shift(edit.range, by);
  }
}

}  // namespace

Result<std::vector<Run>> run_migrations(
    const Linter& linter, const Tool& tool,
    const std::vector<std::shared_ptr<const SourceFile>>& sources,
    const std::vector<RunOptions>& options) {
  std::vector<FilePart> files;
  std::vector<Prepared> prepared;
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto number = static_cast<uint32_t>(options.front().rewrites ? 0 : i);
    files.push_back({std::string(sources[i]->path()), {}, number});
    prepared.push_back(Runner(linter, tool, options[i]).prepare(*sources[i]));
  }
  const auto joined = SourceFile::join(std::move(files), sources);
  if (!joined) return tl::unexpected(joined.error());
  Placement placement = options.front().placement;
  placement.ordered = true;
  placement.layout = [&](std::string_view whole) {
    Layout layout;
    each_file(whole, [&](size_t file, std::string_view text, uint32_t begin) {
      append(prepared[file].layout(text), begin, layout);
    });
    return layout;
  };
  placement.besides = [&](std::string_view whole) {
    std::vector<Diagnostic> all;
    each_file(whole, [&](size_t file, std::string_view text, uint32_t begin) {
      std::vector<Diagnostic> findings = prepared[file].besides(text);
      shift(findings, begin);
      std::move(findings.begin(), findings.end(), std::back_inserter(all));
    });
    return all;
  };
  std::vector<Run> runs;
  const std::optional<Safety> wanted = options.front().fix;
  if (wanted) {
    Result<FixOutcome> fixed = linter.fix(*joined, *wanted, placement);
    if (!fixed) return tl::unexpected(fixed.error());
    for (FixOutcome& part : by_file(std::move(*fixed), **joined)) {
      runs.push_back(run_of(std::move(part)));
    }
  } else {
    for (CheckOutcome& part : by_file(linter.check(*joined, placement), **joined)) {
      runs.push_back(run_of(std::move(part)));
    }
  }
  const bool review = !wanted || *wanted <= Safety::Review;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (tool.beside.empty() || !options[i].may_write_beside || !review) continue;
    runs[i].needs_beside = fix_beside(tool, sources[i]->path(), runs[i].findings);
    if (runs[i].needs_beside && wanted) {
      std::erase_if(runs[i].left,
                    [&](const Diagnostic& finding) { return finding.help == tool.help; });
    }
  }
  return runs;
}

}  // namespace dsqlint::migrations
