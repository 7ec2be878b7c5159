// The words of a text, strings and quoted names included: bodies of functions are strings.
#pragma once

#include <cstddef>
#include <string_view>

namespace dsqlint {

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// Calls `visit(word, begin)` for each, front to back.
template <typename Visit>
void each_word(std::string_view text, Visit&& visit) {
  for (size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    visit(text.substr(begin, at - begin), begin);
  }
}

}  // namespace dsqlint
