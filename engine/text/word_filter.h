// Whether a word can be on a list, without comparing it to the list.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace dsqlint {

/// The lengths of a list's words by their first letter: most words are not on the list, and this
/// tells it without a comparison.
class WordFilter {
 public:
  /// `words` in lower case, each beginning with a letter and shorter than 32 bytes.
  constexpr void add(std::span<const std::string_view> words) {
    for (const std::string_view word : words) lengths_[index(word[0])] |= 1u << word.size();
  }
  /// Every word with this first letter and at least this length.
  constexpr void add_from(char letter, size_t length) { lengths_[index(letter)] |= ~0u << length; }
  /// False: it is none of them, in whatever case. `word` is not empty.
  constexpr bool may_hold(std::string_view word) const {
    const size_t letter = index(word[0]);
    return letter < lengths_.size() && word.size() < 32 &&
           ((lengths_[letter] >> word.size()) & 1) != 0;
  }

 private:
  static constexpr size_t index(char letter) {
    return static_cast<size_t>((static_cast<unsigned char>(letter) | 0x20) - 'a');
  }

  std::array<uint32_t, 26> lengths_ = {};
};

}  // namespace dsqlint
