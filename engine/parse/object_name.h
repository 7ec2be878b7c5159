// Names of objects and types as values: they outlive trees.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dsqlint {

/// As PostgreSQL stores it: in lower case, or quoted with its case kept. An empty schema: not
/// written.
struct ObjectName {
  std::string schema;
  std::string name;
  friend bool operator==(const ObjectName&, const ObjectName&) = default;
};

/// May two names of one bare name mean the same object? Not when both say a schema, and another.
inline bool schemas_agree(const ObjectName& a, const ObjectName& b) {
  return a.schema.empty() || b.schema.empty() || a.schema == b.schema;
}

/// A type as written, resolved to PostgreSQL's internal spelling (`integer` is `int4`).
struct TypeRef {
  std::string schema;  ///< empty also for pg_catalog
  std::string name;
  std::vector<int64_t> modifiers;  ///< (p,s), (n); empty when absent or not literal
  bool array = false;
  friend bool operator==(const TypeRef&, const TypeRef&) = default;
};

/// serial, bigserial and their like: no types, but an integer column with a sequence.
bool is_serial(const TypeRef& type);

}  // namespace dsqlint
