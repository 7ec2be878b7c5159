// The collations that there are: C, its other name POSIX, and "default".
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint {

using CollationName = google::protobuf::RepeatedPtrField<pg::Node>;

inline constexpr std::array<std::string_view, 3> kCollations = {"C", "POSIX", "default"};

/// The collation of this name in any case, bare or in pg_catalog: `COLLATE C` names "c", which does
/// not exist, but nothing else can be meant. Empty for all other names.
inline std::string_view meant_collation(const CollationName& name) {
  const std::string written = downcase(builtin_name(name));
  for (const std::string_view known : kCollations) {
    if (written == downcase(known)) return known;
  }
  return {};
}

inline bool collation_exists(const CollationName& name) {
  const std::string_view meant = meant_collation(name);
  return !meant.empty() && builtin_name(name) == meant;
}

/// C or POSIX: strings compare so everywhere.
inline bool compares_bytes(const CollationName& name) {
  const std::string_view meant = meant_collation(name);
  return !meant.empty() && meant != "default";
}

}  // namespace dsqlint
