#include "engine/lint/rule.h"

#include <algorithm>
#include <array>

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

void ScriptContext::report(Diagnostic finding) {
  finding.rule = &rule_;
  finding.severity = std::min(finding.severity, rule_.severity);
  if (finding.statement.empty()) {
    const size_t i = document().statement_at(finding.range.begin);
    if (i < document().statements().size()) finding.statement = document().statements()[i].range;
  }
  if (finding.message.empty()) finding.message = rule_.summary;
  if (finding.help.empty() && !finding.fix) finding.help = rule_.help;
  findings_.push_back(std::move(finding));
}

void ScriptContext::claim(const Statement& statement, std::vector<std::string_view> except) {
  claim(statement, statement.range, std::move(except));
}

void ScriptContext::claim(const Statement& statement, Range part,
                          std::vector<std::string_view> except) {
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
