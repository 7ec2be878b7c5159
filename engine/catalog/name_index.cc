#include "engine/catalog/name_index.h"

#include <functional>

namespace dsqlint {

uint32_t NameIndex::hash_of(std::string_view name) {
  return static_cast<uint32_t>(std::hash<std::string_view>()(name));
}

size_t NameIndex::slot_of(uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].first != kFree && slots_[at].hash != hash) at = (at + 1) & mask;
  return at;
}

uint32_t NameIndex::first_of(std::string_view name) const {
  return slots_.empty() ? kFree : slots_[slot_of(hash_of(name))].first;
}

void NameIndex::add(std::string_view name, uint32_t id) {
  if (used_ + 1 > slots_.size() / 4 * 3) grow();
  const uint32_t hash = hash_of(name);
  Slot& slot = slots_[slot_of(hash)];
  if (slot.first == kFree) {
    slot = {hash, kNone};
    ++used_;
  }
  entries_.push_back({id, slot.first});
  slot.first = static_cast<uint32_t>(entries_.size() - 1);
}

void NameIndex::grow() {
  constexpr size_t kFirst = 16;
  std::vector<Slot> old(slots_.empty() ? kFirst : slots_.size() * 2);
  old.swap(slots_);
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.first >= kFree) continue;  // free, or all were taken out
    slots_[slot_of(slot.hash)] = slot;
    ++used_;
  }
}

}  // namespace dsqlint
