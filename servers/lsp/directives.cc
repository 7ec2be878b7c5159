#include "servers/lsp/directives.h"

#include <algorithm>
#include <string_view>

namespace dsqlint::lsp {
namespace {

bool is_id(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// The list of rules of the comment around `offset`, on its line: from after `ignore` to the colon
/// or the line's end.
std::optional<Range> rule_list(const SourceFile& source, uint32_t offset) {
  const Range line = source.line_around(offset);
  const std::string_view text = source.slice(line);
  const size_t mark = text.find("dsqlint:");
  // Only in a comment; whether those dashes are in a string is for others to say.
  if (mark == std::string_view::npos ||
      std::min(text.find("--"), std::min(text.find("/*"), text.find('#'))) > mark) {
    return std::nullopt;
  }
  size_t begin = text.find_first_not_of(" \t", mark + 8);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(begin);
  const std::string_view word = rest.starts_with("ignore-file") ? "ignore-file" : "ignore";
  if (!rest.starts_with(word)) return std::nullopt;
  begin += word.size();
  if (begin >= text.size() || (text[begin] != ' ' && text[begin] != '\t')) return std::nullopt;
  const size_t end = std::min({text.find(':', begin), text.find("*/", begin), text.size()});
  const Range list{line.begin + static_cast<uint32_t>(begin),
                   line.begin + static_cast<uint32_t>(end)};
  return offset >= list.begin && offset <= list.end ? std::optional(list) : std::nullopt;
}

}  // namespace

std::optional<Range> rule_word_at(const SourceFile& source, uint32_t offset) {
  const auto list = rule_list(source, offset);
  if (!list) return std::nullopt;
  const std::string_view text = source.text();
  Range word{offset, offset};
  while (word.begin > list->begin && is_id(text[word.begin - 1])) --word.begin;
  while (word.end < list->end && is_id(text[word.end])) ++word.end;
  return word.empty() ? std::nullopt : std::optional(word);
}

std::optional<RuleSlot> rule_slot_at(const SourceFile& source, uint32_t offset) {
  const auto list = rule_list(source, offset);
  if (!list || offset == list->begin) return std::nullopt;
  const std::string_view text = source.text();
  RuleSlot slot{.word = {offset, offset}};
  while (slot.word.begin > list->begin && is_id(text[slot.word.begin - 1])) --slot.word.begin;
  // A rule follows the keyword or a comma.
  uint32_t before = slot.word.begin;
  while (before > list->begin && (text[before - 1] == ' ' || text[before - 1] == '\t')) --before;
  if (before > list->begin && text[before - 1] != ',') return std::nullopt;
  for (uint32_t at = list->begin; at < list->end;) {
    if (!is_id(text[at])) {
      ++at;
      continue;
    }
    const uint32_t begin = at;
    while (at < list->end && is_id(text[at])) ++at;
    if (begin != slot.word.begin) slot.named.emplace(source.slice({begin, at}));
  }
  return slot;
}

}  // namespace dsqlint::lsp
