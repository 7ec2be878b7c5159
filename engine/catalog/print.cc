#include "engine/catalog/print.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/catalog/definitions.h"
#include "engine/catalog/parts.h"
#include "engine/catalog/script.h"
#include "engine/catalog/tree_sql.h"

namespace dsqlint::catalog {
namespace {

std::vector<std::string> print(const State& state) {
  const Definitions definitions(state);
  std::vector<ObjectId> ids = state.all();
  // By kind: the order must not depend on that of creation more than it has to.
  std::stable_sort(ids.begin(), ids.end(), [&](ObjectId a, ObjectId b) {
    return rank_of(state.get(a)->kind()) < rank_of(state.get(b)->kind());
  });
  Script script;
  std::unordered_map<ObjectId, size_t> made;  // the item that makes each
  bool has_public = false;
  bool has_functions = false;
  for (const ObjectId id : ids) {
    const Object& object = *state.get(id);
    has_public |= object.kind() == ObjectKind::Schema && object.name.name == "public";
    has_functions |= object.function() != nullptr;
    made[id] = script.add(rank_of(object.kind()), {definitions.create(id)});
  }
  const auto after = [&](size_t item, ObjectId needed) {
    const auto found = made.find(definitions.made_by(needed));
    if (found != made.end()) script.after(item, found->second);
  };
  for (const ObjectId id : ids) {
    // What is made by another one's CREATE is there with that.
    if (definitions.made_by(id) != id) after(made.at(id), id);
    for (const ObjectId needed : definitions.needs(id)) after(made.at(id), needed);
    for (Part& part : parts_of(definitions, id)) {
      if (part.within) continue;
      const size_t item = script.add(part.rank, {std::move(part.add)});
      after(item, id);
      for (const ObjectId needed : part.needs) after(item, needed);
    }
  }
  std::vector<std::string> statements;
  if (!has_public) statements.push_back("DROP SCHEMA public");
  if (has_functions) statements.push_back("SET check_function_bodies = off");
  std::vector<std::string> ordered = script.in_order();
  std::move(ordered.begin(), ordered.end(), std::back_inserter(statements));
  return statements;
}

}  // namespace

std::string to_sql(const Tree& tree) {
  std::string sql;
  on_deep_stack([&] {
    google::protobuf::Arena arena;
    sql = sql_of(decode(tree, arena));
  });
  return sql;
}

std::string to_sql(const DataType& type, const State& state) {
  return Definitions(state).type(type);
}

std::vector<std::string> create_statements(const State& state) {
  std::vector<std::string> statements;
  on_deep_stack([&] { statements = print(state); });
  return statements;
}

}  // namespace dsqlint::catalog
