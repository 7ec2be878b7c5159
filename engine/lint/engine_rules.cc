#include "engine/lint/engine_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/lint/config_file.h"
#include "engine/lint/linter.h"
#include "engine/lint/mysql_suspicion.h"
#include "engine/lint/rule.h"

namespace dsqlint {
namespace {

constexpr RuleInfo kParseError{
    .id = "parse_error",
    .summary = "the statement cannot be read",
    .why =
        "The text is not valid in the grammar of PostgreSQL, so it cannot be checked,\n"
        "and Aurora DSQL will refuse it too. The other statements are still checked.",
    .bad = "create table t (id integer,,);",
    .good = "create table t (id integer);",
};

constexpr RuleInfo kTooLarge{
    .id = "statement_too_large",
    .summary = "the statement is larger than a message can be",
    .why =
        "A protocol message holds at most 10 MiB. Split long INSERTs, or load the rows\n"
        "with COPY in batches of at most 3,000.",
    .bad = "",
};

constexpr RuleInfo kTooDeep{
    .id = "expression_too_deep",
    .summary = "the expression is nested too deeply",
    .why =
        "PostgreSQL refuses expressions whose nesting exhausts its stack (54001), at a few\n"
        "thousand levels. Write long chains as lists: `x in (…)`, `concat(…)`, `unnest(…)`.",
    .bad = "",
};

constexpr RuleInfo kUnusedSuppression{
    .id = "unused_suppression",
    .summary = "a `dsqlint:` comment that has no effect",
    .why =
        "The comment suppresses nothing: the finding no longer exists or is reported\n"
        "elsewhere, or the rule has another name. A comment that no longer applies\n"
        "would hide the next finding.",
    .bad = "-- dsqlint: ignore truncate: old\nselect 1;",
    .good = "select 1;",
    .severity = Severity::Warning,
};

constexpr RuleInfo kPsqlVariable{
    .id = "psql_variable",
    .summary = "a psql variable is used as a whole statement",
    .why =
        "psql puts the variable's text here when it runs the file, so what runs is not in the\n"
        "file and cannot be checked. Variables for names and values are fine.",
    .bad = ":setup;",
    .good = "select :limit;",
    .severity = Severity::Warning,
    .help = "write the statement out, or check the text that the variable holds",
};

// Checked by the linter itself; in the list so that they can be explained, selected and ignored.
constexpr std::array kRules = {Rule{.info = kParseError}, Rule{.info = kTooLarge},
                               Rule{.info = kTooDeep}, Rule{.info = kUnusedSuppression},
                               Rule{.info = kPsqlVariable}};

Diagnostic describe(const UnreadableStatement& unreadable) {
  Diagnostic finding{.range = unreadable.range};
  finding.statement = unreadable.statement;
  finding.rule = &kRules[0].info;
  switch (unreadable.reason) {
    case UnreadableReason::TooLarge:
      finding.rule = &kRules[1].info;
      finding.message = fmt::format("the statement has {} bytes; a message can have {}",
                                    unreadable.message, Limits().message_bytes);
      finding.help =
          "split it into statements below 10 MiB; an INSERT into several of at most 3,000 rows "
          "each, "
          "or load the rows with COPY, 3,000 at a time";
      break;
    case UnreadableReason::TooDeep:
      finding.rule = &kRules[2].info;
      finding.message =
          fmt::format("the expression may be nested {} levels deep", unreadable.message);
      finding.help = "write the chain as a list or in several steps";
      break;
    case UnreadableReason::Unterminated:
      finding.message = "the quote or comment that starts here is not closed";
      finding.help = "close it; all text after it is taken to be inside it";
      break;
    case UnreadableReason::Variable:
      finding.rule = &kRules[4].info;
      finding.message =
          unreadable.range.begin == unreadable.statement.begin
              ? finding.rule->summary
              : "a psql variable is used for a part of the statement that has to be known";
      finding.help = finding.rule->help;
      finding.severity = finding.rule->severity;
      break;
    case UnreadableReason::Known:
    case UnreadableReason::Syntax:
      finding.message = unreadable.message;
      finding.help = "correct the statement; the other statements were checked";
      break;
  }
  return finding;
}

}  // namespace

std::span<const Rule> engine_rules() {
  static const std::array kAll = {kRules[0], kRules[1], kRules[2],
                                  kRules[3], kRules[4], Rule{.info = mysql_dialect_info()}};
  return kAll;
}

const RuleInfo& parse_error_info() { return kParseError; }

std::vector<Diagnostic> unreadable_findings(const Document& document) {
  std::vector<Diagnostic> findings;
  for (const UnreadableStatement& unreadable : document.unreadable()) {
    if (unreadable.reason == UnreadableReason::Known) continue;
    findings.push_back(describe(unreadable));
  }
  return findings;
}

std::vector<Diagnostic> suppression_findings(const std::vector<Suppression>& suppressions,
                                             const std::set<std::string_view>& off,
                                             const std::set<std::string_view>& elsewhere,
                                             std::span<const std::string_view> rules) {
  const auto is_unknown = [&](const std::string& rule) {
    return std::find(rules.begin(), rules.end(), rule) == rules.end();
  };
  std::vector<Diagnostic> findings;
  for (const Suppression& suppression : suppressions) {
    if (suppression.used) continue;
    const auto& meant = suppression.rules;
    if (suppression.problem.empty() &&
        (meant.empty() ? !off.empty()
                       : std::any_of(meant.begin(), meant.end(), [&](const std::string& rule) {
                           return off.count(rule) != 0 || elsewhere.count(rule) != 0;
                         }))) {
      continue;
    }
    Diagnostic finding{.range = suppression.comment};
    finding.rule = &kRules[3].info;
    finding.severity = Severity::Warning;
    const auto unknown = std::find_if(meant.begin(), meant.end(), is_unknown);
    if (suppression.problem.empty() && unknown != meant.end()) {
      finding.message = unknown_rule(*unknown, rules);
      finding.help = "write the name of the rule as its findings show it, or remove the comment";
    } else if (suppression.problem.empty()) {
      finding.message = "there is nothing to ignore here";
      finding.help = "remove the comment";
    } else {
      finding.message = "this comment is not valid: " + suppression.problem;
      finding.help = "write `dsqlint: ignore rule[, rule]: reason`";
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace dsqlint
