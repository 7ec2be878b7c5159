#include "engine/catalog/catalog.h"

#include <algorithm>

namespace dsqlint::catalog {
namespace {

constexpr std::string_view kTemporary = "pg_temp";
const std::vector<std::shared_ptr<const Column>> kNoColumns;

template <typename Parts>
const typename Parts::value_type::element_type* find_part(const Parts& parts,
                                                          std::string_view name) {
  for (const auto& part : parts) {
    if (part->name == name) return part.get();
  }
  return nullptr;
}

/// What tells an object from others of its name.
std::string signature(const Object& object) {
  const Function* function = object.function();
  if (function == nullptr) return {};
  std::string types;
  for (const Argument& argument : function->arguments) {
    if (argument.mode == 'o' || argument.mode == 't') continue;
    types += argument.type.ref.schema + '.' + argument.type.ref.name;
    types += argument.type.ref.array ? "[]," : ",";
  }
  return types;
}

}  // namespace

const Column* Table::column(std::string_view name) const { return find_part(columns, name); }

const Column* Table::column(ColumnId id) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one->id == id; });
  return found == columns.end() ? nullptr : found->get();
}

const Constraint* Table::constraint(std::string_view name) const {
  return find_part(constraints, name);
}

const Constraint* Table::primary_key() const {
  for (const auto& constraint : constraints) {
    if (constraint->kind == ConstraintKind::PrimaryKey) return constraint.get();
  }
  return nullptr;
}

const Column* View::column(std::string_view name) const { return find_part(columns, name); }

const std::vector<std::shared_ptr<const Column>>& Object::columns() const {
  if (const Table* is = table()) return is->columns;
  if (const View* is = view()) return is->columns;
  if (const UserType* is = type()) return is->attributes;
  return kNoColumns;
}

const Column* Object::column(std::string_view name) const { return find_part(columns(), name); }

std::string_view kind_word(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Table:
      return "table";
    case ObjectKind::View:
      return "view";
    case ObjectKind::Index:
      return "index";
    case ObjectKind::Sequence:
      return "sequence";
    case ObjectKind::Type:
      return "type";
    case ObjectKind::Function:
      return "function";
    case ObjectKind::Schema:
      return "schema";
    case ObjectKind::Statistics:
      return "statistics object";
    case ObjectKind::Extension:
      return "extension";
  }
  return "object";
}

NameSpace name_space(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Type:
      return NameSpace::Type;
    case ObjectKind::Function:
      return NameSpace::Function;
    case ObjectKind::Schema:
      return NameSpace::Schema;
    case ObjectKind::Statistics:
      return NameSpace::Statistics;
    case ObjectKind::Extension:
      return NameSpace::Extension;
    default:
      return NameSpace::Relation;
  }
}

// --- State --------------------------------------------------------------------------------------

const std::vector<std::string>& State::default_path() {
  static const std::vector<std::string> path = {"public"};
  return path;
}

const Object* State::get(ObjectId id) const {
  if (catalog_ == nullptr || id >= catalog_->things_.size()) return nullptr;
  const auto& versions = catalog_->things_[id].versions;
  // Nearly always the newest.
  if (!versions.empty() && versions.back().step <= step_) return versions.back().object.get();
  const auto after = std::upper_bound(
      versions.begin(), versions.end(), step_,
      [](Step step, const Catalog::Version& version) { return step < version.step; });
  return after == versions.begin() ? nullptr : std::prev(after)->object.get();
}

/// What a slot means at a step.
static ObjectId bound_at(const auto& bindings, Step step) {
  for (auto binding = bindings.rbegin(); binding != bindings.rend(); ++binding) {
    if (binding->step <= step) return binding->object;
  }
  return kNoObject;
}

ObjectId State::find_in(NameSpace space, std::string_view schema, std::string_view name) const {
  if (catalog_ == nullptr) return kNoObject;
  ObjectId found = kNoObject;
  catalog_->slots_by_name_.each(name, [&](uint32_t at) {
    const Catalog::Slot& slot = catalog_->slots_[at];
    if (slot.space != space || slot.name != name || slot.schema != schema) return;
    const ObjectId bound = bound_at(slot.bindings, step_);
    if (bound != kNoObject && (found == kNoObject || bound > found)) found = bound;
  });
  return found;
}

ObjectId State::find(NameSpace space, const ObjectName& name,
                     const std::vector<std::string>& path) const {
  if (catalog_ == nullptr) return kNoObject;
  constexpr size_t kElsewhere = static_cast<size_t>(-1);
  size_t best = kElsewhere;
  ObjectId found = kNoObject;
  const auto rank = [&](const std::string& schema) -> size_t {
    if (schema == kTemporary) return 0;
    const auto at = std::find(path.begin(), path.end(), schema);
    return at == path.end() ? kElsewhere - 1 : 1 + static_cast<size_t>(at - path.begin());
  };
  catalog_->slots_by_name_.each(name.name, [&](uint32_t at) {
    const Catalog::Slot& slot = catalog_->slots_[at];
    if (slot.space != space || slot.name != name.name) return;
    if (!name.schema.empty() && slot.schema != name.schema) return;
    const ObjectId bound = bound_at(slot.bindings, step_);
    if (bound == kNoObject) return;
    const size_t here = rank(slot.schema);
    if (here < best || (here == best && bound > found)) {
      best = here;
      found = bound;
    }
  });
  return found;
}

Absence State::absence(NameSpace space, const ObjectName& name,
                       const std::vector<std::string>& path) const {
  Absence absence;
  if (catalog_ == nullptr) return absence;
  const Catalog::Slot* best = nullptr;
  const Catalog::Binding* newest = nullptr;
  const Catalog::Slot* unmade = nullptr;
  catalog_->slots_by_name_.each(name.name, [&](uint32_t at) {
    const Catalog::Slot& slot = catalog_->slots_[at];
    if (slot.space != space || slot.name != name.name) return;
    if (name.schema.empty() ? slot.schema != kTemporary &&
                                  std::find(path.begin(), path.end(), slot.schema) == path.end()
                            : slot.schema != name.schema) {
      return;
    }
    if (slot.bindings.empty() && slot.first) unmade = &slot;
    for (const Catalog::Binding& binding : slot.bindings) {
      if (binding.step > step_) break;
      if (binding.object != kNoObject) continue;
      if (newest == nullptr || newest->step < binding.step) {
        newest = &binding;
        best = &slot;
      }
    }
  });
  if (best == nullptr) {
    if (unmade == nullptr) return absence;
    absence.why = Absence::Why::Unmade;
    absence.by = *unmade->first;
    return absence;
  }
  // The tombstone follows the binding of the object that had the name.
  absence.why = Absence::Why::Dropped;
  absence.by = catalog_->made_by_[newest->step];
  if (newest == best->bindings.data()) return absence;
  const ObjectId had = std::prev(newest)->object;
  if (had == kNoObject) return absence;
  if (const Object* then = State(*catalog_, newest->step).get(had)) {
    absence.why = Absence::Why::Renamed;
    absence.now = then->name;
    absence.kind = then->kind();
  } else if (const Object* before = State(*catalog_, newest->step - 1).get(had)) {
    absence.kind = before->kind();
  }
  return absence;
}

Absence State::column_absence(ObjectId id, std::string_view column) const {
  Absence absence;
  const Object* object = get(id);
  if (object == nullptr || object->table() == nullptr) return absence;
  const Table& table = *object->table();
  for (auto former = table.former.rbegin(); former != table.former.rend(); ++former) {
    if (former->name != column) continue;
    absence.by = former->by;
    absence.why = Absence::Why::Dropped;
    if (const Column* now = table.column(former->column)) {
      absence.why = Absence::Why::Renamed;
      absence.now.name = now->name;
    }
    break;
  }
  return absence;
}

std::vector<ObjectId> State::all_named(NameSpace space, std::string_view name) const {
  std::vector<ObjectId> found;
  if (catalog_ == nullptr) return found;
  catalog_->slots_by_name_.each(name, [&](uint32_t at) {
    const Catalog::Slot& slot = catalog_->slots_[at];
    if (slot.space != space || slot.name != name) return;
    const ObjectId bound = bound_at(slot.bindings, step_);
    if (bound != kNoObject) found.push_back(bound);
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ObjectId> State::all() const {
  std::vector<ObjectId> found;
  if (catalog_ == nullptr) return found;
  for (ObjectId id = 0; id < catalog_->things_.size(); ++id) {
    if (get(id) != nullptr) found.push_back(id);
  }
  return found;
}

std::vector<ObjectId> State::dependents(ObjectId id) const {
  std::vector<ObjectId> found;
  if (catalog_ == nullptr || id >= catalog_->things_.size()) return found;
  for (const ObjectId dependent : catalog_->things_[id].dependents) {
    if (get(dependent) != nullptr) found.push_back(dependent);
  }
  return found;
}

// --- Catalog ------------------------------------------------------------------------------------

Catalog::Catalog() {
  made_by_.push_back({});
  add({.name = {"", "public"}, .created = {}, .changed = {}, .what = Namespace{}});
}

void Catalog::begin_step(const Origin& by) {
  ++step_;
  by_ = by;
  made_by_.push_back(by);
}

uint32_t Catalog::slot_of(NameSpace space, const ObjectName& name, const std::string& more) {
  uint32_t found = static_cast<uint32_t>(slots_.size());
  slots_by_name_.each(name.name, [&](uint32_t at) {
    const Slot& slot = slots_[at];
    if (slot.space == space && slot.name == name.name && slot.schema == name.schema &&
        slot.more == more) {
      found = at;
    }
  });
  if (found == slots_.size()) {
    slots_.push_back({space, name.schema, name.name, more, {}, {}});
    slots_by_name_.add(name.name, found);
  }
  return found;
}

void Catalog::bind(uint32_t at, ObjectId object) {
  Slot& slot = slots_[at];
  if (!slot.first) slot.first = by_;
  if (!slot.bindings.empty() && slot.bindings.back().step == step_) {
    slot.bindings.back().object = object;
    return;
  }
  slot.bindings.push_back({step_, object});
  log_.push_back({step_, true, at});
}

void Catalog::bind_name(ObjectId id, const Object& object, bool taken) {
  const uint32_t at = slot_of(name_space(object.kind()), object.name, signature(object));
  // The name may mean another one by now.
  if (!taken && !slots_[at].bindings.empty() && slots_[at].bindings.back().object != id) return;
  bind(at, taken ? id : kNoObject);
}

Catalog::Version& Catalog::version(ObjectId id) {
  Thing& thing = things_[id];
  if (thing.versions.empty() || thing.versions.back().step != step_) {
    std::shared_ptr<Object> before =
        thing.versions.empty() ? nullptr : thing.versions.back().object;
    // The newest one is needed until it is known that the statement is not refused.
    const size_t count = thing.versions.size();
    if (needed_ && count >= 2) {
      const Step from = thing.versions[count - 2].step;
      const auto next = std::lower_bound(needed_->begin(), needed_->end(), from);
      if (next == needed_->end() || *next >= thing.versions[count - 1].step) {
        thing.versions.erase(thing.versions.end() - 2);
      }
    }
    thing.versions.push_back({step_, std::move(before)});
    log_.push_back({step_, false, id});
  }
  return thing.versions.back();
}

ObjectId Catalog::add(Object object) {
  const auto id = static_cast<ObjectId>(things_.size());
  things_.emplace_back();
  object.created = object.changed = by_;
  bind_name(id, object, true);
  version(id).object = std::make_shared<Object>(std::move(object));
  return id;
}

Object& Catalog::open(ObjectId id) {
  const bool shared = things_[id].versions.back().step != step_;
  Version& now = version(id);
  if (shared || now.object.use_count() > 1) {
    now.object = std::make_shared<Object>(*now.object);
    now.object->changed = by_;
  }
  return *now.object;
}

void Catalog::rename(ObjectId id, ObjectName name) {
  Object& object = open(id);
  bind_name(id, object, false);
  object.name = std::move(name);
  bind_name(id, object, true);
}

void Catalog::remove(ObjectId id) {
  const Object* object = now().get(id);
  if (object == nullptr) return;
  bind_name(id, *object, false);
  if (const Table* table = object->table()) {
    const std::string schema = object->name.schema;
    std::vector<std::string> names;
    for (const auto& constraint : table->constraints) names.push_back(constraint->name);
    for (const std::string& name : names) free_constraint(id, schema, name);
  }
  version(id).object = nullptr;
}

ObjectId Catalog::find_same(const Object& object) const {
  const NameSpace space = name_space(object.kind());
  const std::string more = signature(object);
  ObjectId found = kNoObject;
  slots_by_name_.each(object.name.name, [&](uint32_t at) {
    const Slot& slot = slots_[at];
    if (slot.space == space && slot.name == object.name.name && slot.schema == object.name.schema &&
        slot.more == more) {
      found = bound_at(slot.bindings, step_);
    }
  });
  return found;
}

void Catalog::add_dependent(ObjectId to, ObjectId from) {
  if (to >= things_.size()) return;
  auto& dependents = things_[to].dependents;
  // Those of one statement come together.
  if (!dependents.empty() && dependents.back() == from) return;
  dependents.push_back(from);
}

void Catalog::take_constraint(ObjectId table, const std::string& schema, const std::string& name) {
  bind(slot_of(NameSpace::Constraint, {schema, name}, std::to_string(table)), table);
}

void Catalog::free_constraint(ObjectId table, const std::string& schema, const std::string& name) {
  bind(slot_of(NameSpace::Constraint, {schema, name}, std::to_string(table)), kNoObject);
}

bool Catalog::has_constraint(const std::string& schema, const std::string& name) const {
  return now().find_in(NameSpace::Constraint, schema, name) != kNoObject;
}

bool Catalog::has_name(std::string_view name) const {
  bool found = false;
  slots_by_name_.each(name, [&](uint32_t) { found = true; });
  return found;
}

void Catalog::cut(Step step, bool refused) {
  while (!log_.empty() && log_.back().step > step) {
    const Touch touch = log_.back();
    log_.pop_back();
    if (touch.slot) {
      Slot& slot = slots_[touch.index];
      slot.bindings.pop_back();
      if (refused && slot.bindings.empty() && slot.first == by_) slot.first.reset();
    } else {
      auto& versions = things_[touch.index].versions;
      while (!versions.empty() && versions.back().step > step) versions.pop_back();
    }
  }
  while (!things_.empty() && things_.back().versions.empty()) things_.pop_back();
  step_ = std::min(step_, step);
  made_by_.resize(step_ + 1);
}

void Catalog::restore(Step step) {
  const auto first = std::partition_point(log_.begin(), log_.end(),
                                          [&](const Touch& touch) { return touch.step <= step; });
  const std::vector<Touch> touched(first, log_.end());
  const State then(*this, step);
  for (const Touch& touch : touched) {
    if (touch.slot) {
      bind(touch.index, bound_at(slots_[touch.index].bindings, step));
      continue;
    }
    const auto& versions = things_[touch.index].versions;
    std::shared_ptr<Object> before;
    for (const Version& one : versions) {
      if (one.step <= step) before = one.object;
    }
    version(touch.index).object = std::move(before);
  }
}

size_t Catalog::bytes() const {
  size_t all = things_.capacity() * sizeof(Thing) + slots_.capacity() * sizeof(Slot) +
               log_.capacity() * sizeof(Touch) + made_by_.capacity() * sizeof(Origin);
  for (const Thing& thing : things_) {
    all += thing.versions.capacity() * sizeof(Version) +
           thing.dependents.capacity() * sizeof(ObjectId);
    for (const Version& version : thing.versions) {
      if (version.object != nullptr) all += sizeof(Object) + 16;
    }
  }
  for (const Slot& slot : slots_) all += slot.bindings.capacity() * sizeof(Binding);
  return all;
}

}  // namespace dsqlint::catalog
