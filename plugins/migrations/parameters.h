// Values that a program sends beside its SQL, and what stands for them in the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dsqlint::migrations {

enum class Parameters : uint8_t {
  None,
  Percent,    ///< Python's: `%s`, `%(name)s`, and `%%` for `%`
  Positions,  ///< `?`, and `??` for a name
  Names,      ///< `:name:` for a name, `$name`; `:name` is read as psql's variables are
};

/// What stands for a value at `begin` of a text, and SQL that can be read in its place.
struct Parameter {
  size_t end = 0;
  std::string_view sql;
};
std::optional<Parameter> parameter_at(std::string_view text, size_t begin, Parameters kind);

}  // namespace dsqlint::migrations
