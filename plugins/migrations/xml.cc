#include "plugins/migrations/xml.h"

#include <algorithm>

namespace dsqlint::migrations {
namespace {

/// Past the next `end`, or at the end of the text.
size_t past(std::string_view text, size_t begin, std::string_view end) {
  const size_t at = text.find(end, begin);
  return at == std::string_view::npos ? text.size() : at + end.size();
}

/// Past the `>` that ends a tag: one in an attribute's value does not.
size_t past_tag(std::string_view text, size_t begin) {
  for (size_t i = begin; i < text.size();) {
    if (text[i] == '>') return i + 1;
    const bool quote = text[i] == '"' || text[i] == '\'';
    i = quote ? past(text, i + 1, text.substr(i, 1)) : i + 1;
  }
  return text.size();
}

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::vector<Tag> tags_of(std::string_view text) {
  std::vector<Tag> tags;
  for (size_t i = text.find('<'); i < text.size(); i = text.find('<', i)) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("<!--")) {
      i = past(text, i + 4, "-->");
      continue;
    }
    if (rest.starts_with("<![CDATA[")) {
      i = past(text, i, "]]>");
      continue;
    }
    const bool closing = rest.starts_with("</");
    const size_t name = i + (closing ? 2 : 1);
    if (name >= text.size() || !begins_name(text[name])) {
      ++i;
      continue;
    }
    const size_t name_end = std::min(text.find_first_of(" \t\r\n/>", name), text.size());
    const size_t end = past_tag(text, name_end);
    std::string_view word = text.substr(name, name_end - name);
    word.remove_prefix(word.find(':') + 1);
    tags.push_back({.range = {static_cast<uint32_t>(i), static_cast<uint32_t>(end)},
                    .name = word,
                    .closing = closing,
                    .empty = text.substr(0, end).ends_with("/>")});
    i = end;
  }
  return tags;
}

void copy_element(std::string_view file, Range body, MappedText& to) {
  const uint32_t first = to.size();
  const std::string_view text = file.substr(0, body.end);
  size_t copied = body.begin;
  const auto skip = [&](size_t from, size_t until) {
    to.copy(file, {static_cast<uint32_t>(copied), static_cast<uint32_t>(from)});
    copied = until;
  };
  for (size_t i = copied; i < body.end; i = std::max(i + 1, copied)) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("<![CDATA[")) {
      skip(i, i + 9);
      const size_t end = past(text, copied, "]]>");
      skip(text.substr(0, end).ends_with("]]>") ? end - 3 : end, end);
    } else if (rest.starts_with("<!--")) {
      skip(i, past(text, i + 4, "-->"));
    } else if (rest.starts_with("&")) {
      const size_t semicolon = text.find(';', i);
      if (semicolon == std::string_view::npos) break;
      const size_t end = semicolon + 1;
      const std::string_view name = text.substr(i, end - i);
      skip(i, end);
      to.replace({static_cast<uint32_t>(i), static_cast<uint32_t>(end)}, name == "&lt;"     ? "<"
                                                                         : name == "&gt;"   ? ">"
                                                                         : name == "&amp;"  ? "&"
                                                                         : name == "&quot;" ? "\""
                                                                         : name == "&apos;" ? "'"
                                                                                            : " ");
    }
  }
  skip(body.end, body.end);
  to.quote({{first, to.size()}, "<&", true});
}

}  // namespace dsqlint::migrations
