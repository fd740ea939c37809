// The hash index of one shard: open addressing with linear probing over an array of (hash, entry).
//
// A lookup at a million keys costs two cache misses, the slot and the entry, where a node-based map costs four. The
// array doubles at three quarters full; since a table has many shards, each growth moves only a small part of it.
// Removal shifts the entries behind it back, so that no markers are left and lookups stay as short as they were.
//
// Thread safety: none; Table guards each shard's index with that shard's lock.
#ifndef TLR_CORE_FLAT_INDEX_H_
#define TLR_CORE_FLAT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/entry.h"

namespace tlr::core {

class FlatIndex {
 public:
  size_t size() const { return size_; }

  // The entry of `key`, whose hash is `hash`; or nullptr. Valid until the next change of the index.
  const EntryPtr* Find(std::string_view key, uint64_t hash) const {
    const size_t at = FindSlot(key, hash);
    return at == kNone ? nullptr : &slots_[at].entry;
  }

  // The entry of this id, whose key's hash is `hash`; or nullptr. Valid until the next change of the index.
  const EntryPtr* FindId(uint64_t id, uint64_t hash) const {
    if (size_ == 0) return nullptr;
    for (size_t at = hash & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask()) {
      if (slots_[at].hash == hash && slots_[at].entry->id == id) return &slots_[at].entry;
    }
    return nullptr;
  }

  // REQUIRES: no entry has this key.
  void Insert(uint64_t hash, EntryPtr entry) {
    if ((size_ + 1) * 4 > slots_.size() * 3) Grow();
    Place({hash, std::move(entry)});
    ++size_;
  }

  // Takes out and returns the entry of `key`; null where there is none.
  EntryPtr Remove(std::string_view key, uint64_t hash) {
    size_t hole = FindSlot(key, hash);
    if (hole == kNone) return nullptr;
    EntryPtr removed = std::move(slots_[hole].entry);
    for (size_t at = (hole + 1) & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask()) {
      // An entry may move back into the hole unless the hole lies before the place its hash asks for.
      const size_t displacement = (at - slots_[at].hash) & mask();
      const size_t distance = (at - hole) & mask();
      if (displacement < distance) continue;
      slots_[hole] = std::move(slots_[at]);
      hole = at;
    }
    slots_[hole] = Slot{};
    --size_;
    return removed;
  }

  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.entry != nullptr) visit(slot.entry);
    }
  }

 private:
  static constexpr size_t kNone = ~size_t{0};

  struct Slot {
    uint64_t hash = 0;
    EntryPtr entry;
  };

  size_t mask() const { return slots_.size() - 1; }

  size_t FindSlot(std::string_view key, uint64_t hash) const {
    if (size_ == 0) return kNone;
    for (size_t at = hash & mask(); slots_[at].entry != nullptr; at = (at + 1) & mask()) {
      if (slots_[at].hash == hash && slots_[at].entry->key == key) return at;
    }
    return kNone;
  }

  void Place(Slot slot) {
    size_t at = slot.hash & mask();
    while (slots_[at].entry != nullptr) at = (at + 1) & mask();
    slots_[at] = std::move(slot);
  }

  void Grow() {
    std::vector<Slot> old(slots_.empty() ? 8 : slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.entry != nullptr) Place(std::move(slot));
    }
  }

  std::vector<Slot> slots_;  // a power of two, or empty
  size_t size_ = 0;
};

}  // namespace tlr::core

#endif  // TLR_CORE_FLAT_INDEX_H_
