// The table of types.

#include "rules/shared/type_verdicts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "engine/parse/names.h"
#include "engine/text/tokens.h"

namespace dsqlint {
namespace {

using enum TypeFamily;

// Sorted by name.
constexpr KnownType kTypes[] = {
    {"aclitem", System, false, 0, "text"},
    {"any", Pseudo},
    {"anyarray", Pseudo},
    {"anycompatible", Pseudo},
    {"anycompatiblearray", Pseudo},
    {"anycompatiblemultirange", Pseudo},
    {"anycompatiblenonarray", Pseudo},
    {"anycompatiblerange", Pseudo},
    {"anyelement", Pseudo},
    {"anyenum", Pseudo},
    {"anymultirange", Pseudo},
    {"anynonarray", Pseudo},
    {"anyrange", Pseudo},
    {"bigserial", Serial, true, 8, "bigint"},
    {"bit", Bits, false, 0, "text"},
    {"bool", Plain, true, 1},
    {"box", Geometric},
    {"box2d", Extension, false, 0, "", "postgis"},
    {"box3d", Extension, false, 0, "", "postgis"},
    {"bpchar", Plain, true},
    {"bytea", Plain, false},
    {"char", System, false, 0, "char(1)"},
    {"cid", System, false, 0, "bigint"},
    {"cidr", Network, false, 0, "text"},
    {"circle", Geometric},
    {"citext", Extension, false, 0, "text", "citext"},
    {"cstring", Pseudo},
    {"cube", Extension, false, 0, "", "cube"},
    {"date", Plain, true, 4},
    {"datemultirange", Range},
    {"daterange", Range},
    {"event_trigger", Pseudo},
    {"fdw_handler", Pseudo},
    {"float4", Plain, true, 4},
    {"float8", Plain, true, 8},
    {"geography", Extension, false, 0, "", "postgis"},
    {"geometry", Extension, false, 0, "", "postgis"},
    {"gtsvector", TextSearch},
    {"halfvec", Extension, false, 0, "", "vector"},
    {"hstore", Extension, false, 0, "jsonb", "hstore"},
    {"inet", Network, false, 0, "text"},
    {"int2", Plain, true, 2},
    {"int2vector", System, false, 0, "text"},
    {"int4", Plain, true, 4},
    {"int4multirange", Range},
    {"int4range", Range},
    {"int8", Plain, true, 8},
    {"int8multirange", Range},
    {"int8range", Range},
    {"internal", Pseudo},
    {"interval", Plain, false, 16},
    {"json", Json, false},
    {"jsonb", Json, false},
    {"jsonpath", System, false, 0, "text"},
    {"language_handler", Pseudo},
    {"line", Geometric},
    {"lquery", Extension, false, 0, "text", "ltree"},
    {"lseg", Geometric},
    {"ltree", Extension, false, 0, "text", "ltree"},
    {"ltxtquery", Extension, false, 0, "text", "ltree"},
    {"macaddr", Network, false, 0, "text"},
    {"macaddr8", Network, false, 0, "text"},
    {"money", Money, false, 0, "numeric(19,4)"},
    {"name", System, false, 0, "text"},
    {"numeric", Plain, true},
    {"nummultirange", Range},
    {"numrange", Range},
    {"oid", System, false, 0, "bigint"},
    {"oidvector", System, false, 0, "text"},
    {"path", Geometric},
    {"pg_dependencies", System, false, 0, "text"},
    {"pg_lsn", System, false, 0, "text"},
    {"pg_mcv_list", System, false, 0, "text"},
    {"pg_ndistinct", System, false, 0, "text"},
    {"pg_node_tree", System, false, 0, "text"},
    {"pg_snapshot", System, false, 0, "text"},
    {"point", Geometric},
    {"polygon", Geometric},
    {"raster", Extension, false, 0, "", "postgis_raster"},
    {"record", Pseudo},
    {"refcursor", System, false, 0, "text"},
    {"regclass", System, false, 0, "text"},
    {"regcollation", System, false, 0, "text"},
    {"regconfig", System, false, 0, "text"},
    {"regdictionary", System, false, 0, "text"},
    {"regnamespace", System, false, 0, "text"},
    {"regoper", System, false, 0, "text"},
    {"regoperator", System, false, 0, "text"},
    {"regproc", System, false, 0, "text"},
    {"regprocedure", System, false, 0, "text"},
    {"regrole", System, false, 0, "text"},
    {"regtype", System, false, 0, "text"},
    {"seg", Extension, false, 0, "", "seg"},
    {"serial", Serial, true, 8, "bigint"},
    {"serial2", Serial, true, 8, "bigint"},
    {"serial4", Serial, true, 8, "bigint"},
    {"serial8", Serial, true, 8, "bigint"},
    {"smallserial", Serial, true, 8, "bigint"},
    {"sparsevec", Extension, false, 0, "", "vector"},
    {"text", Plain, true},
    {"tid", System, false, 0, "text"},
    {"time", Plain, true, 8},
    {"timestamp", Plain, true, 8},
    {"timestamptz", Plain, true, 8},
    {"timetz", Plain, false, 12},
    {"trigger", Pseudo},
    {"tsmultirange", Range},
    {"tsquery", TextSearch},
    {"tsrange", Range},
    {"tstzmultirange", Range},
    {"tstzrange", Range},
    {"tsvector", TextSearch},
    {"txid_snapshot", System, false, 0, "text"},
    {"unknown", Pseudo},
    {"uuid", Plain, true, 16},
    {"varbit", Bits, false, 0, "text"},
    {"varchar", Plain, true},
    {"vector", Extension, false, 0, "", "vector"},
    {"void", Pseudo},
    {"xid", System, false, 0, "bigint"},
    {"xid8", System, false, 0, "bigint"},
    {"xml", Xml, false, 0, "text"},
};

static_assert(std::is_sorted(std::begin(kTypes), std::end(kTypes),
                             [](const KnownType& a, const KnownType& b) {
                               return a.name < b.name;
                             }));

// Every column of a dump asks, so the table is hashed when the program is built.
constexpr size_t kSlots = 512;

constexpr size_t slot_of(std::string_view name) {
  size_t hash = name.size();
  for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash % kSlots;
}

constexpr auto kIndex = [] {
  std::array<uint8_t, kSlots> index{};  // 0: free, else one more than the row
  static_assert(std::size(kTypes) < 255);
  for (size_t i = 0; i < std::size(kTypes); ++i) {
    size_t slot = slot_of(kTypes[i].name);
    while (index[slot] != 0) slot = (slot + 1) % kSlots;
    index[slot] = static_cast<uint8_t>(i + 1);
  }
  return index;
}();

const KnownType* find_known(std::string_view name) {
  if (name.size() > 24) return nullptr;
  for (size_t slot = slot_of(name); kIndex[slot] != 0; slot = (slot + 1) % kSlots) {
    const KnownType& type = kTypes[kIndex[slot] - 1];
    if (type.name == name) return &type;
  }
  return nullptr;
}

// The fields of an interval's first modifier.
constexpr std::pair<int64_t, std::string_view> kIntervalFields[] = {
    {1 << 2, "year"},
    {1 << 1, "month"},
    {1 << 3, "day"},
    {1 << 10, "hour"},
    {1 << 11, "minute"},
    {1 << 12, "second"},
    {1 << 2 | 1 << 1, "year to month"},
    {1 << 3 | 1 << 10, "day to hour"},
    {1 << 3 | 1 << 10 | 1 << 11, "day to minute"},
    {1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, "day to second"},
    {1 << 10 | 1 << 11, "hour to minute"},
    {1 << 10 | 1 << 11 | 1 << 12, "hour to second"},
    {1 << 11 | 1 << 12, "minute to second"},
};

/// ` day to second(3)`, or `(3)` where all fields are meant.
std::string interval_modifiers(const std::vector<int64_t>& modifiers) {
  std::string spelled;
  for (const auto& [mask, fields] : kIntervalFields) {
    if (!modifiers.empty() && mask == modifiers[0]) spelled = " " + std::string(fields);
  }
  if (modifiers.size() > 1) spelled += "(" + std::to_string(modifiers[1]) + ")";
  return spelled;
}

constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
    {"bool", "boolean"},
    {"bpchar", "char"},
    {"char", "\"char\""},
    {"float4", "real"},
    {"float8", "double precision"},
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"varbit", "bit varying"},
};

}  // namespace

const KnownType* known_type(std::string_view name) { return find_known(name); }

const KnownType* known_type(const TypeRef& type) {
  std::string_view name = type.name;
  // PostgreSQL's own name of an array type.
  if (name.size() > 1 && name[0] == '_' && type.schema.empty()) name.remove_prefix(1);
  const KnownType* known = find_known(name);
  // A schema stands before a user's type or an extension's; pg_catalog is left out of TypeRef.
  if (known != nullptr && !type.schema.empty() && known->family != Extension) return nullptr;
  return known;
}

bool is_text_type(const TypeRef& type) {
  return !type.array && type.schema.empty() && is_one_of(type.name, {"bpchar", "text", "varchar"});
}

ResolvedType resolve_type(const TypeRef& type, const Schema& schema) {
  ResolvedType resolved;
  resolved.type = type;
  const UserType* last = nullptr;
  for (int depth = 0; depth < 32; ++depth) {
    const TypeRef& at = resolved.type;
    const KnownType* known = known_type(at);
    // pg_catalog comes first on the search path; an extension's name may well be the user's own.
    if (known == nullptr || known->family == Extension) {
      const UserType* user = schema.find_type({at.schema, at.name});
      if (user != nullptr && user != last) {
        if (user->kind != TypeKind::Domain) {
          resolved.user = user;
          return resolved;
        }
        if (resolved.domain == nullptr) resolved.domain = user;
        last = user;
        const bool array = at.array;
        resolved.type = user->base;
        resolved.type.array = resolved.type.array || array;
        continue;
      }
      if (known == nullptr) {
        resolved.row = schema.find_table({at.schema, at.name}) != nullptr;
        return resolved;
      }
    }
    resolved.known = known;
    if (resolved.type.name.starts_with('_') && known->name != resolved.type.name) {
      resolved.type.name = known->name;
      resolved.type.array = true;
    }
    return resolved;
  }
  return resolved;
}

TypeVerdict column_verdict(const ResolvedType& type, const Engine& engine) {
  if (type.type.array || type.user != nullptr || type.row) return TypeVerdict::Refused;
  if (type.known == nullptr) return TypeVerdict::Unknown;
  if (type.known->family == Plain) return TypeVerdict::Accepted;
  if (type.known->family == Json && engine.accepts(json_capability(type.known->name))) {
    return TypeVerdict::Accepted;
  }
  return TypeVerdict::Refused;
}

TypeVerdict key_verdict(const ResolvedType& type, const Engine& engine) {
  if (type.type.array || type.user != nullptr || type.row) return TypeVerdict::Refused;
  if (type.known == nullptr) return TypeVerdict::Unknown;
  if (type.known->name == "numeric" && !engine.accepts(Capability::NumericKeys)) {
    return TypeVerdict::Refused;
  }
  return type.known->key ? TypeVerdict::Accepted : TypeVerdict::Refused;
}

std::string_view stored_as(const ResolvedType& type) {
  if (type.type.array) return "text";
  if (type.known == nullptr) return {};
  if (type.known->family == Json || type.known->family == Geometric) return "text";
  return type.known->replacement;
}

std::optional<int> declared_key_bytes(const ResolvedType& type) {
  if (type.known == nullptr || type.type.array) return std::nullopt;
  if (type.known->bytes != 0) return type.known->bytes;
  if ((type.known->name == "varchar" || type.known->name == "bpchar") &&
      type.type.modifiers.size() == 1 && type.type.modifiers[0] > 0) {
    return static_cast<int>(std::min<int64_t>(type.type.modifiers[0], 10'000'000));
  }
  return std::nullopt;
}

std::string spell_type(const TypeRef& type) {
  std::string spelled;
  if (!type.schema.empty()) spelled = quote_identifier(type.schema) + ".";
  const auto* known =
      std::find_if(std::begin(kSpellings), std::end(kSpellings),
                   [&](const auto& s) { return type.schema.empty() && s.first == type.name; });
  if (known != std::end(kSpellings)) {
    // `char` alone is char(1).
    const bool bare = type.name == "bpchar" && type.modifiers.empty();
    spelled += bare ? known->first : known->second;
  } else {
    spelled += find_known(type.name) != nullptr ? type.name : quote_identifier(type.name);
  }
  if (type.schema.empty() && type.name == "interval") {
    spelled += interval_modifiers(type.modifiers);
  } else if (!type.modifiers.empty()) {
    spelled += fmt::format("({})", fmt::join(type.modifiers, ","));
  }
  if (type.array) spelled += "[]";
  return spelled;
}

}  // namespace dsqlint
