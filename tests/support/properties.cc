#include "tests/support/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>

#include "engine/lint/rule.h"
#include "engine/text/tokens.h"
#include "rules/rules.h"

namespace dsqlint::test {
namespace {

/// Every rule, last one first. Rules are static tables, so the copy is made once and kept.
std::span<const Rule> reversed_rules() {
  static const std::vector<Rule> kReversed = [] {
    std::vector<Rule> rules;
    for (const std::span<const Rule> table : all_rules()) {
      rules.insert(rules.end(), table.begin(), table.end());
    }
    std::reverse(rules.begin(), rules.end());
    return rules;
  }();
  return kReversed;
}

/// The comments of a text with how often each stands there. Those in COPY data are no comments, but
/// no edit touches them either.
std::map<std::string_view, int> comments_of(const SourceFile& source) {
  std::map<std::string_view, int> comments;
  Splitter splitter(source);
  StatementBatch batch;
  const auto add = [&](Range range) {
    Lexer lexer(source.text(), range.begin, range.end);
    Token token;
    while (lexer.next(token)) {
      if (token.kind == TokenKind::Comment) ++comments[source.slice(token.range())];
    }
  };
  uint32_t at = 0;
  bool data = false;
  while (splitter.next(batch, 1u << 20)) {
    for (const StatementText& statement : batch.statements) {
      if (data) {
        const size_t end = source.text().find("\n\\.", at);
        at = end < statement.range.begin ? static_cast<uint32_t>(end + 3) : statement.range.begin;
      }
      add({at, statement.range.begin});
      // A comment may stand between the last token and the `;`.
      add({statement.range.begin, statement.end});
      at = statement.end;
      data = statement.copies_from_stdin;
    }
  }
  if (!data) add({at, source.size()});
  return comments;
}

size_t unreadable(const std::vector<Diagnostic>& findings) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [](const Diagnostic& finding) { return finding.rule->id == "parse_error"; }));
}

bool same_findings(const std::vector<Diagnostic>& a, const std::vector<Diagnostic>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Diagnostic& one, const Diagnostic& other) {
                      return one.range == other.range && one.rule->id == other.rule->id &&
                             one.message == other.message && safety_of(one) == safety_of(other);
                    });
}

std::string describe(const Diagnostic& finding, const SourceFile& source) {
  const Position at = source.position(finding.range.begin);
  return fmt::format("{}:{}: {}: {}", at.line, at.column, finding.rule->id, finding.message);
}

/// What one of them says and the other does not; empty: they say the same.
std::string difference(const std::vector<Diagnostic>& a, const std::vector<Diagnostic>& b,
                       const SourceFile& source) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i >= a.size() || i >= b.size()) return describe((i < a.size() ? a : b)[i], source);
    if (a[i].range != b[i].range || a[i].rule != b[i].rule || a[i].message != b[i].message ||
        safety_of(a[i]) != safety_of(b[i])) {
      return describe(a[i], source) + " / " + describe(b[i], source);
    }
  }
  return {};
}

/// How many findings of each rule stay.
std::map<std::string_view, size_t> unfixable(const std::vector<Diagnostic>& findings) {
  std::map<std::string_view, size_t> count;
  for (const Diagnostic& finding : findings) {
    // A comment may silence what another fix takes care of.
    if (finding.rule->id == "unused_suppression") continue;
    if (safety_of(finding) == Safety::Manual) ++count[finding.rule->id];
  }
  return count;
}

}  // namespace

Linter make_linter(Config config, bool reversed) {
  if (!reversed) return Linter(all_rules(), std::move(config));
  return Linter({reversed_rules()}, std::move(config));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "{}: cannot be read\n", path);
    std::abort();
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

Properties check_properties(const std::shared_ptr<const SourceFile>& source, const Config& config) {
  Properties properties;
  const auto violated = [&](std::string what) { properties.violations.push_back(std::move(what)); };
  const Linter linter = make_linter(config);
  const std::vector<Diagnostic> findings = linter.check(source).findings;
  bool fixable = false;
  for (const Diagnostic& finding : findings) {
    if (finding.range.begin > finding.range.end || finding.range.end > source->size()) {
      violated("a finding lies outside the text: " + std::string(finding.rule->id));
      continue;
    }
    if (!finding.fix) continue;
    fixable = fixable || finding.fix->safety >= Safety::Review;
    for (size_t i = 0; i < finding.fix->edits.size(); ++i) {
      const Edit& edit = finding.fix->edits[i];
      if (edit.range.begin > edit.range.end || edit.range.end > source->size() ||
          (i > 0 && finding.fix->edits[i - 1].range.end > edit.range.begin)) {
        violated("edits overlap or lie outside the text: " + describe(finding, *source));
        break;
      }
    }
  }

  auto fixed = linter.fix(source);
  if (!fixed) {
    violated("fixing fails: " + fixed.error().message);
    return properties;
  }
  properties.fixed = std::move(*fixed);
  const std::string text = properties.fixed.text();
  if (const std::string told = difference(findings, properties.fixed.findings, *source);
      !told.empty()) {
    violated("check does not say what fix does: " + told);
  }
  // What is said to stay does, and nothing else.
  const auto told = unfixable(properties.fixed.findings);
  const auto left = unfixable(properties.fixed.left);
  for (const auto& [rule, count] : told) {
    const auto stays = left.find(rule);
    const size_t staying = stays == left.end() ? 0 : stays->second;
    if (staying != count) {
      violated(fmt::format("{} findings of {} are unfixable, {} are left", count, rule, staying));
    }
  }
  for (const auto& [rule, count] : left) {
    if (told.count(rule) == 0) violated(fmt::format("{} of {} are left, unsaid", count, rule));
  }
  // Passes read only what the one before has changed: reading all of it tells the same, but for
  // names that only the text before fixing has made.
  const auto without_names = [](std::vector<Diagnostic> all) {
    std::erase_if(all, [](const Diagnostic& finding) {
      return finding.rule->id == "undefined_object" || finding.rule->id == "duplicate_object";
    });
    return all;
  };
  const auto whole = fix_text(source, Safety::Review,
                              [&](const std::shared_ptr<const SourceFile>& now, const PassStep*) {
                                return linter.pass(now);
                              });
  if (!whole || whole->text() != text) {
    violated("reading only what has changed gives another text");
  } else if (const std::string other = difference(
                 without_names(whole->findings), without_names(properties.fixed.findings), *source);
             !other.empty()) {
    violated("reading only what has changed gives other findings: " + other);
  }
  if (!fixable && text != source->text()) violated("nothing to fix, but the text was changed");
  if (properties.fixed.changed != (text != source->text())) violated("`changed` is not true");
  for (const Diagnostic& finding : properties.fixed.findings) {
    for (const Note& note : finding.notes) {
      if (note.message.find("please report this") != std::string::npos) {
        violated("a fix was left out: " + describe(finding, *source));
      }
    }
  }

  auto again_source = source->revised(text);
  if (!again_source) {
    violated("the fixed text is no source: " + again_source.error().message);
    return properties;
  }
  const std::vector<Diagnostic> again = linter.check(*again_source).findings;
  if (unreadable(again) > unreadable(findings)) violated("fixing made a statement unreadable");
  for (const Diagnostic& finding : again) {
    if (finding.fix && finding.fix->safety >= Safety::Review) {
      violated("still fixable after fixing: " + describe(finding, **again_source));
    }
  }
  auto twice = linter.fix(*again_source);
  if (!twice) {
    violated("fixing the fixed text fails: " + twice.error().message);
  } else if (twice->text() != text) {
    violated("fixing twice changes the text again");
  }

  if (properties.fixed.changed) {
    const auto before = comments_of(*source);
    const auto after = comments_of(**again_source);
    for (const auto& [comment, count] : before) {
      const auto found = after.find(comment);
      if (found != after.end() && found->second >= count) continue;
      // It may stand inside a range that a fix replaces on purpose.
      const size_t at = static_cast<size_t>(comment.data() - source->text().data());
      const Range range{static_cast<uint32_t>(at), static_cast<uint32_t>(at + comment.size())};
      const bool replaced = std::any_of(
          properties.fixed.findings.begin(), properties.fixed.findings.end(),
          [&](const Diagnostic& finding) {
            return finding.fix &&
                   std::any_of(finding.fix->edits.begin(), finding.fix->edits.end(),
                               [&](const Edit& edit) { return edit.range.contains(range); });
          });
      if (!replaced) violated("a comment was lost: " + std::string(comment));
    }
  }

  // Of one rule there is no order: all of them run here, whatever is selected.
  Config every = config;
  every.select.clear();
  auto forward = make_linter(every).fix(source);
  auto reversed = make_linter(every, true).fix(source);
  if (!forward || !reversed) {
    violated("fixing with every rule fails");
  } else if (reversed->text() != forward->text()) {
    violated("the order of the rules changes the fixed text");
  } else if (!same_findings(reversed->findings, forward->findings)) {
    violated("the order of the rules changes the findings");
  }
  return properties;
}

}  // namespace dsqlint::test
