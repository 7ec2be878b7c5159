#include "engine/lint/rule.h"

#include <algorithm>
#include <array>
#include <optional>

namespace dsqlint {
namespace {

/// Words that go on naming the command: `create [or replace] [unique] index`, not the object.
bool is_command_word(std::string_view word) {
  static constexpr std::array<std::string_view, 66> kWords = {
      "access",        "aggregate",   "all",          "cast",        "collation",    "concurrently",
      "configuration", "constraints", "conversion",   "data",        "database",     "default",
      "domain",        "event",       "extension",    "family",      "foreign",      "function",
      "global",        "group",       "index",        "into",        "isolation",    "label",
      "language",      "large",       "local",        "mapping",     "materialized", "method",
      "object",        "operator",    "or",           "owned",       "policy",       "prepared",
      "privileges",    "procedure",   "publication",  "recursive",   "replace",      "role",
      "routine",       "rule",        "schema",       "search",      "sequence",     "server",
      "session",       "statistics",  "subscription", "system",      "table",        "tablespace",
      "temp",          "temporary",   "text",         "transaction", "transform",    "trigger",
      "type",          "unique",      "unlogged",     "user",        "view",         "wrapper"};
  static_assert(std::is_sorted(kWords.begin(), kWords.end()));
  return std::binary_search(kWords.begin(), kWords.end(), downcase(word));
}

}  // namespace

Range Context::head() const {
  if (tokens().empty()) return statement().range;
  // CREATE TABLE, DROP MATERIALIZED VIEW, VACUUM: the words up to the first name or bracket.
  size_t end = 1;
  while (end < std::min<size_t>(3, tokens().size()) && tokens()[end].kind == TokenKind::Word &&
         is_command_word(tokens().text(end))) {
    ++end;
  }
  return tokens().range(TokenSpan{0, end});
}

void Context::report(Diagnostic finding) {
  finding.rule = rule_;
  finding.severity = std::min(finding.severity, rule_->severity);
  finding.statement = statement().range;
  if (finding.message.empty()) finding.message = rule_->summary;
  if (finding.help.empty() && !finding.fix) finding.help = rule_->help;
  findings_.push_back(std::move(finding));
}

namespace {

/// A byte of an edit in a file that the fix must not change: one of another number than the
/// finding's, but later ones where the fix has to go on there.
std::optional<uint32_t> reached(const Diagnostic& finding, const SourceFile& source) {
  if (!finding.fix || source.files().empty()) return std::nullopt;
  const auto number = [&](uint32_t at) { return source.file_number(source.file_at(at)); };
  const uint32_t own = number(finding.range.begin);
  for (const Edit& edit : finding.fix->edits) {
    const uint32_t touched = number(edit.range.begin);
    if (touched < own || (touched > own && !finding.follows)) return edit.range.begin;
    if (number(edit.range.end) != touched) return edit.range.end;
  }
  return std::nullopt;
}

}  // namespace

void ScriptContext::report(Diagnostic finding) {
  finding.rule = &rule_;
  finding.severity = std::min(finding.severity, rule_.severity);
  if (finding.statement.empty()) {
    const size_t i = document().statement_at(finding.range.begin);
    if (i < document().statements().size()) finding.statement = document().statements()[i].range;
  }
  if (finding.message.empty()) finding.message = rule_.summary;
  const auto other = reached(finding, source());
  // Without its fix an idiom has nothing to say: the statements are judged one by one.
  dropped_ = other && rule_.phase == Phase::Idiom;
  if (dropped_) return;
  if (other) {
    const std::string_view path = source().files()[source().file_at(*other)].path;
    finding.help = "its fix would change `" + std::string(path) +
                   "` too: if no database has run that file, fix all files together with "
                   "`--rewrite-history`";
    finding.fix.reset();
  }
  if (finding.help.empty() && !finding.fix) finding.help = rule_.help;
  findings_.push_back(std::move(finding));
}

void ScriptContext::claim(const Statement& statement, std::vector<std::string_view> except) {
  claim(statement, statement.range, std::move(except));
}

void ScriptContext::claim(const Statement& statement, Range part,
                          std::vector<std::string_view> except) {
  if (dropped_) return;
  claims_.push_back({statement.range, part, &rule_,
                     findings_.empty() ? Range{} : findings_.back().range, std::move(except)});
}

bool ScriptContext::suppressed(std::string_view rule, Range range) const {
  return std::any_of(
      script_.suppressions.begin(), script_.suppressions.end(), [&](const Suppression& known) {
        return known.problem.empty() && known.scope.begin <= range.begin &&
               range.begin < known.scope.end &&
               (known.rules.empty() ||
                std::find(known.rules.begin(), known.rules.end(), rule) != known.rules.end());
      });
}

bool ScriptContext::removed(const Statement& statement) const {
  if (script_.removed == nullptr) return false;
  return script_.removed->get()[static_cast<size_t>(&statement - document().statements().data())];
}

}  // namespace dsqlint
