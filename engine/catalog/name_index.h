// Looking up many things by name: small, flat, and friendly to the caches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dsqlint {

/// Numbers filed under names. It holds hashes only: the names stay with what the numbers identify,
/// and the caller compares them. Not thread-safe while it grows.
class NameIndex {
 public:
  void add(std::string_view name, uint32_t id);

  /// Calls `visit(id)` for all that was added under `name`, and now and then for what has the same
  /// hash; the newest first.
  template <typename Visit>
  void each(std::string_view name, Visit&& visit) const {
    for (uint32_t at = first_of(name); at < kFree; at = entries_[at].next) visit(entries_[at].id);
  }

  /// Takes out those that `each` would show and for which `predicate(id)` holds.
  template <typename Predicate>
  void erase_if(std::string_view name, Predicate&& predicate) {
    if (slots_.empty()) return;
    uint32_t* link = &slots_[slot_of(hash_of(name))].first;
    while (*link < kFree) {
      Entry& entry = entries_[*link];
      if (predicate(entry.id)) {
        *link = entry.next;
      } else {
        link = &entry.next;
      }
    }
  }

 private:
  static constexpr uint32_t kNone = static_cast<uint32_t>(-1);  ///< the end of a chain
  static constexpr uint32_t kFree = kNone - 1;                  ///< a slot without a hash

  struct Slot {
    uint32_t hash = 0;
    uint32_t first = kFree;  ///< of its entries
  };
  struct Entry {
    uint32_t id;
    uint32_t next;
  };

  static uint32_t hash_of(std::string_view name);
  /// The slot of that hash, or the free one where it would be. There are slots.
  size_t slot_of(uint32_t hash) const;
  uint32_t first_of(std::string_view name) const;
  void grow();

  std::vector<Slot> slots_;  ///< a power of two of them, at most three quarters used
  size_t used_ = 0;
  std::vector<Entry> entries_;
};

/// Values by name, in one piece of memory. What it gives out is good until another name is added or
/// taken out. `Name` is std::string, or std::string_view where the names live longer than the map.
template <typename Value, typename Name = std::string>
class NameMap {
 public:
  Value* find(std::string_view name) {
    return const_cast<Value*>(static_cast<const NameMap*>(this)->find(name));
  }
  const Value* find(std::string_view name) const {
    const size_t at = position(name);
    return at == entries_.size() ? nullptr : &entries_[at].second;
  }
  bool contains(std::string_view name) const { return position(name) != entries_.size(); }

  /// Made when it is not there.
  Value& operator[](std::string_view name) {
    const size_t at = position(name);
    if (at != entries_.size()) return entries_[at].second;
    entries_.emplace_back(Name(name), Value());
    if (entries_.size() == kFew + 1) {
      for (size_t i = 0; i < entries_.size(); ++i) index_.add(entries_[i].first, number(i));
    } else if (entries_.size() > kFew) {
      index_.add(entries_.back().first, number(at));
    }
    return entries_.back().second;
  }

  void erase(std::string_view name) {
    const size_t at = position(name);
    if (at == entries_.size()) return;
    const size_t last = entries_.size() - 1;
    if (entries_.size() > kFew) {
      forget(name, at);
      if (at != last) {
        forget(entries_[last].first, last);
        index_.add(entries_[last].first, number(at));
      }
    }
    if (at != last) entries_[at] = std::move(entries_[last]);
    entries_.pop_back();
    if (entries_.size() == kFew) index_ = {};
  }

  void reserve(size_t count) { entries_.reserve(count); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  /// Pairs of name and value, in the order they were added where none was taken out.
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  /// So many are looked through without an index.
  static constexpr size_t kFew = 8;

  static uint32_t number(size_t at) { return static_cast<uint32_t>(at); }
  /// entries_.size() where there is no such name.
  size_t position(std::string_view name) const {
    size_t found = entries_.size();
    if (entries_.size() > kFew) {
      index_.each(name, [&](uint32_t id) {
        if (entries_[id].first == name) found = id;
      });
      return found;
    }
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first == name) return i;
    }
    return found;
  }
  void forget(std::string_view name, size_t at) {
    index_.erase_if(name, [&](uint32_t id) { return id == at; });
  }

  std::vector<std::pair<Name, Value>> entries_;
  NameIndex index_;  ///< of all entries once there are more than a few
};

/// Names alone, as NameMap keeps them.
template <typename Name = std::string>
class NameSet {
 public:
  bool contains(std::string_view name) const { return names_.contains(name); }
  void insert(std::string_view name) { names_[name]; }
  void erase(std::string_view name) { names_.erase(name); }
  void merge(const NameSet& other) {
    for (const auto& [name, none] : other.names_) insert(name);
  }

 private:
  struct None {};
  NameMap<None, Name> names_;
};

}  // namespace dsqlint
