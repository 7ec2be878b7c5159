#include "engine/lint/suppress.h"

#include <algorithm>

namespace dsqlint {
namespace {

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_rule_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Splits `rule, rule: reason`.
void read_rules(std::string_view text, Suppression& suppression) {
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) suppression.reason = trim(text.substr(colon + 1));
  text = text.substr(0, colon);
  while (!trim(text).empty()) {
    const size_t comma = text.find(',');
    const std::string_view name = trim(text.substr(0, comma));
    if (!is_rule_name(name)) {
      suppression.problem = "`" + std::string(name) + "` is not a rule name";
      return;
    }
    suppression.rules.emplace_back(name);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Suppression read_suppression(const SourceFile& source, Range comment) {
  std::string_view text = source.slice(comment);
  text = text.substr(text.find("dsqlint:") + 8);
  if (text.ends_with("*/")) text.remove_suffix(2);
  text = trim(text);
  Suppression suppression;
  suppression.comment = comment;
  const bool whole_file = text.starts_with("ignore-file");
  if (!whole_file && !text.starts_with("ignore")) {
    suppression.problem = "only `ignore` and `ignore-file` are supported";
    return suppression;
  }
  read_rules(trim(text.substr(whole_file ? 11 : 6)), suppression);
  if (whole_file) {
    const Range file = source.file_range(source.file_at(comment.begin));
    suppression.scope = {file.begin, file.end + 1};
    return suppression;
  }
  const Range line = source.line_around(comment.begin);
  const std::string_view before = source.slice({line.begin, comment.begin});
  if (before.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    suppression.scope = {line.begin, line.end + 1};
  }
  return suppression;
}

std::vector<Suppression> find_suppressions(const Document& document) {
  std::vector<Suppression> found;
  for (const Range comment : document.directives()) {
    Suppression& suppression = found.emplace_back(read_suppression(document.source(), comment));
    if (!suppression.problem.empty() || !suppression.scope.empty()) continue;
    const size_t next = document.statement_at(comment.end);
    if (next == document.statements().size()) continue;
    const Statement& statement = document.statements()[next];
    const SourceFile& source = document.source();
    if (source.file_at(statement.range.begin) != source.file_at(comment.begin)) continue;
    suppression.scope = {std::max(comment.end, statement.range.begin), statement.end};
  }
  return found;
}

void apply_suppressions(std::vector<Suppression>& suppressions, Findings& findings,
                        std::vector<Suppressed>& suppressed) {
  // A sweep over both, by place: only the scopes around the finding are looked at.
  std::vector<Suppression*> waiting;
  for (Suppression& suppression : suppressions) {
    if (suppression.problem.empty()) waiting.push_back(&suppression);
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const Suppression* a, const Suppression* b) {
    return a->scope.begin < b->scope.begin;
  });
  size_t next = 0;
  std::vector<Suppression*> open;
  findings.erase_if([&](const Found& found) {
    const uint32_t place = found.range.begin;
    while (next < waiting.size() && waiting[next]->scope.begin <= place) {
      open.push_back(waiting[next++]);
    }
    std::erase_if(open, [&](const Suppression* scope) { return scope->scope.end <= place; });
    const Suppression* by = nullptr;
    for (Suppression* suppression : open) {
      const auto& rules = suppression->rules;
      if (!rules.empty() && std::find(rules.begin(), rules.end(), found.rule->id) == rules.end()) {
        continue;
      }
      suppression->used = true;
      // The comment nearest to the finding decides.
      by = suppression;
    }
    if (by == nullptr) return false;
    suppressed.push_back({std::move(*found.finding), by->reason});
    return true;
  });
}

}  // namespace dsqlint
