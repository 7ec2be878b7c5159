// Looking objects up by name, as far as a script says which schema is meant.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/catalog/name_index.h"
#include "engine/catalog/schema.h"

namespace dsqlint {

/// Among objects that `index` has under the bare name and for which `means(id)` holds: the one with
/// the same explicit schema, else the newest that the name can mean.
template <typename Object, typename Means>
const Object* find_named(const std::vector<Object>& objects, const NameIndex& index,
                         const ObjectName& name, Means&& means) {
  const Object* best = nullptr;
  index.each(name.name, [&](uint32_t id) {
    const Object& object = objects[id];
    if (!schemas_agree(object.name, name) || !means(id)) return;
    const bool exact = object.name.schema == name.schema;
    const bool best_exact = best != nullptr && best->name.schema == name.schema;
    if (best == nullptr || (exact && !best_exact) ||
        (exact == best_exact && best->created < object.created)) {
      best = &object;
    }
  });
  return best;
}

/// The same for the objects that have that name and still exist.
template <typename Object>
const Object* find_named(const std::vector<Object>& objects, const NameIndex& index,
                         const ObjectName& name) {
  return find_named(objects, index, name, [&](uint32_t id) {
    return !objects[id].dropped && objects[id].name.name == name.name;
  });
}

/// Does the name mean a view, where a table may have it too? The one of exactly that schema is
/// meant, else the table.
inline bool means_view(const Schema& schema, const ObjectName& name) {
  const View* view = schema.find_view(name);
  if (view == nullptr) return false;
  const Table* table = schema.find_table(name);
  return table == nullptr ||
         (view->name.schema == name.schema && table->name.schema != name.schema);
}

/// Does an index of the table have that name, or another relation of its schema? The index of a key
/// needs a name that is not taken.
inline bool is_relation(const Schema& schema, const ObjectName& table, const std::string& name) {
  if (const Table* known = schema.find_altered(table)) {
    if (std::any_of(known->indexes.begin(), known->indexes.end(),
                    [&](const Index& index) { return index.name == name; })) {
      return true;
    }
  }
  const ObjectName wanted{table.schema, name};
  return schema.find_table(wanted) != nullptr || schema.find_sequence(wanted) != nullptr ||
         schema.find_view(wanted) != nullptr;
}

}  // namespace dsqlint
