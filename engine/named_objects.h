// Looking objects up by name, as far as a script says which schema is meant.
#pragma once

#include <vector>

#include "engine/name_index.h"
#include "engine/schema.h"

namespace dsqlint {

/// Among objects of one bare name: the one with the same explicit schema, else the newest that the
/// name can mean.
template <typename Object>
const Object* find_named(const std::vector<Object>& objects, const NameIndex& by_name,
                         const ObjectName& name) {
  const Object* best = nullptr;
  by_name.each(name.name, [&](uint32_t id) {
    const Object& object = objects[id];
    if (object.dropped || object.name.name != name.name) return;
    if (!schemas_agree(object.name, name)) return;
    const bool exact = object.name.schema == name.schema;
    const bool best_exact = best != nullptr && best->name.schema == name.schema;
    if (best == nullptr || (exact && !best_exact) ||
        (exact == best_exact && best->created < object.created)) {
      best = &object;
    }
  });
  return best;
}

}  // namespace dsqlint
