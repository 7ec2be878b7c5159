// Looking objects up by name, as far as a script says which schema is meant.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/schema.h"

namespace dsqlint {

/// Among objects of one bare name: the one with the same explicit schema, else the newest that the
/// name can mean.
template <typename Object>
const Object* find_named(const std::vector<Object>& objects,
                         const std::unordered_multimap<std::string, uint32_t>& by_name,
                         const ObjectName& name) {
  const Object* best = nullptr;
  const auto [begin, end] = by_name.equal_range(name.name);
  for (auto it = begin; it != end; ++it) {
    const Object& object = objects[it->second];
    if (object.dropped || object.name.name != name.name) continue;
    const bool exact = object.name.schema == name.schema;
    if (!exact && !object.name.schema.empty() && !name.schema.empty()) continue;
    const bool best_exact = best != nullptr && best->name.schema == name.schema;
    if (best == nullptr || (exact && !best_exact) ||
        (exact == best_exact && best->created < object.created)) {
      best = &object;
    }
  }
  return best;
}

}  // namespace dsqlint
