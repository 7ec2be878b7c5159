// Sequence options in the form that an identity column accepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/catalog/schema.h"
#include "engine/parse/ast.h"

namespace dsqlint {

/// The options of CREATE SEQUENCE or ADD GENERATED, without those that are the default.
struct IdentityOptions {
  bool understood = true;          ///< false: an option is not a literal, or unknown
  std::optional<ObjectName> name;  ///< SEQUENCE NAME
  std::optional<int64_t> cache;
  bool small_type = false;  ///< AS smallint or integer
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
  std::optional<int64_t> minimum;
  std::optional<int64_t> maximum;
  bool cycle = false;

  /// `(CACHE 1 START WITH 100)`, its words in the case of `sample`; the cache is 1 where none was
  /// given.
  std::string sql(std::string_view sample,
                  std::optional<ObjectName> sequence_name = std::nullopt) const;
};
/// The option of that name, `cache` or `owned_by`; null where there is none.
const pg::DefElem* find_option(const google::protobuf::RepeatedPtrField<pg::Node>& options,
                               std::string_view name);

IdentityOptions read_identity_options(const google::protobuf::RepeatedPtrField<pg::Node>& options);

/// As PostgreSQL names the sequence of an identity or serial column: `<table>_<column>_seq`, at
/// most 63 bytes, the longer part shortened.
std::string automatic_sequence_name(std::string_view table, std::string_view column);

}  // namespace dsqlint
