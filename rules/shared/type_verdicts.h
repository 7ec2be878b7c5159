// What Aurora DSQL accepts of a type: can a column have it, can a key contain it, what to store
// instead. The one table of types; rules on columns, keys and domains ask it.
#pragma once

#include <optional>
#include <string_view>

#include "engine/catalog/schema.h"
#include "engine/lint/engine.h"

namespace dsqlint {

/// Types that are judged alike, and reported under one rule.
enum class TypeFamily : uint8_t {
  Plain,  ///< a column may have it
  Json,   ///< since a date
  Serial,
  Money,
  Network,
  Bits,
  Geometric,
  Xml,
  TextSearch,
  Range,
  System,  ///< object identifiers, transaction ids, `name`, `"char"`
  Pseudo,
  Extension,
};

/// One of PostgreSQL's own types, or a type of a well-known extension.
struct KnownType {
  std::string_view name;  ///< PostgreSQL's internal spelling, as in TypeRef
  TypeFamily family = TypeFamily::Plain;
  bool key = false;                   ///< can be used in a primary key, unique constraint or index
  int bytes = 0;                      ///< of a fixed size; 0: varies, or by modifier
  std::string_view replacement = {};  ///< the type of a column that stores it instead
  std::string_view extension = {};    ///< that defines it
};

/// The row of a bare internal name.
const KnownType* known_type(std::string_view name);
/// Null when neither PostgreSQL nor an extension we know defines it. Looks at the element type of
/// an array, and at a schema only to tell a user's type from PostgreSQL's.
const KnownType* known_type(const TypeRef& type);

/// text, varchar or char, but not an array of them.
bool is_text_type(const TypeRef& type);

/// A type after domains are followed to their base types.
struct ResolvedType {
  TypeRef type;                      ///< array: the domain or one it is made of is an array
  const KnownType* known = nullptr;  ///< one of ours
  const UserType* user = nullptr;    ///< enum, composite, range or base type of the input
  const UserType* domain = nullptr;  ///< the outermost domain, when there is one
  bool row = false;                  ///< a table's row type
};
ResolvedType resolve_type(const TypeRef& type, const Schema& schema);

enum class TypeVerdict : uint8_t {
  Accepted,
  Refused,
  Unknown,  ///< not defined in the input: if it exists at all, it has to be a domain
};

/// The capability that columns of that type, one of the family Json, require.
inline Capability json_capability(std::string_view type) {
  return type == "jsonb" ? Capability::JsonbColumns : Capability::JsonColumns;
}

/// May a column have the type?
TypeVerdict column_verdict(const ResolvedType& type, const Engine& engine);
/// May a primary key, unique constraint or index hold it? Only asked for columns that may exist.
TypeVerdict key_verdict(const ResolvedType& type, const Engine& engine);

/// The type of a column that stores the values of a refused type; empty where none does.
std::string_view stored_as(const ResolvedType& type);

/// The declared bytes of the type in a key; nothing if it declares no size.
std::optional<int> declared_key_bytes(const ResolvedType& type);

/// `integer[]`, `numeric(10,2)`: the type as users write it, for messages.
std::string spell_type(const TypeRef& type);

}  // namespace dsqlint
