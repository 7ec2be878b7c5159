// YAML as configuration files and changelogs hold it, and JSON, which is a part of it: keys, values
// and how they are nested, with their places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/source.h"

namespace dsqlint::migrations {

enum class YamlStyle : uint8_t {
  None,     ///< nothing, or what is nested in it
  Plain,    ///< to the end of its last line
  Single,   ///< `'text'`, with `''` for a quote
  Double,   ///< `"text"`, with escapes
  Literal,  ///< the lines after `|`
  Folded,   ///< the lines after `>`
};

struct YamlEntry {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t parent = kNone;    ///< the entry in which it is nested
  std::string_view key = {};  ///< without quotes; empty: an item of a list
  uint32_t begin = 0;         ///< of the key, or of the item
  Range value = {};           ///< without the quotes
  YamlStyle style = YamlStyle::None;
};

/// In the order of the text. What is no YAML is passed over: there are no errors. Nesting deeper
/// than a thousand levels is not told apart.
std::vector<YamlEntry> yaml_entries(std::string_view text);

/// `spring.flyway.locations`: the keys from the outermost to that of the entry, without lists.
std::string yaml_path(const std::vector<YamlEntry>& entries, uint32_t entry);

}  // namespace dsqlint::migrations
