// What a registry holds under one key, and what a caller asks to find there.
//
// An Entry never changes once it is in a table, so whoever holds one reads it without a lock. It is shared: erasing a
// key drops the name, and those who already hold the entry keep it.
//
// A companion is an entry that belongs to another, its owner: what an optimizer keeps for a layer. Its key is that of
// its owner with one fixed segment more (see key.h). It is in a table only while its owner is, and goes with it. An
// entry that merely has such a key, and was not made as a companion, belongs to nobody.
#ifndef TLR_CORE_ENTRY_H_
#define TLR_CORE_ENTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/dtype.h"
#include "core/entry_ptr.h"
#include "core/export.h"
#include "core/shape.h"

namespace tlr::core {

enum class Kind : uint8_t { kVariable, kLayer };

// One of an entry's values: what it is called and what it looks like.
struct Weight {
  std::string name;  // relative to the entry's key; empty for a variable
  DataType dtype = 0;
  bool trainable = true;
  Shape shape;
};

// Bytes that a value of this dtype and shape takes, at most what 64 bits hold. 0 where they do not tell: a shape that
// is not fully known, a dtype without a fixed size.
TLR_CORE_EXPORT uint64_t ValueBytes(DataType dtype, const Shape& shape);

// The weights of an entry, in order. Immutable and shared: a million entries made by one graph op have one list.
class Weights {
 public:
  Weights() : Weights(std::vector<Weight>()) {}
  Weights(std::vector<Weight> list)  // NOLINT(google-explicit-constructor): a list is a list
      : list_(std::make_shared<const List>(std::move(list))) {}
  Weights(std::initializer_list<Weight> list) : Weights(std::vector<Weight>(list)) {}

  size_t size() const { return list_->weights.size(); }
  bool empty() const { return list_->weights.empty(); }
  const Weight& operator[](size_t i) const { return list_->weights[i]; }
  const Weight& at(size_t i) const { return list_->weights.at(i); }
  const Weight& back() const { return list_->weights.back(); }
  // The same for lists that are shared, so that equal addresses mean equal weights.
  const void* address() const { return list_.get(); }
  // Of all values together, as ValueBytes counts them.
  uint64_t bytes() const { return list_->bytes; }
  auto begin() const { return list_->weights.begin(); }
  auto end() const { return list_->weights.end(); }

 private:
  struct TLR_CORE_EXPORT List {
    explicit List(std::vector<Weight> list);

    const std::vector<Weight> weights;
    const uint64_t bytes;
  };

  std::shared_ptr<const List> list_;
};

// What stands behind an entry's weights: for the op library, their handles. Core only keeps it alive.
class TLR_CORE_EXPORT Payload {
 public:
  virtual ~Payload();

  // Whether anyone but the entry has part of it. Only who has the entry can come to have part of it. Called under a
  // shard's lock: it only looks.
  virtual bool InUse() const { return false; }
};

using PayloadPtr = std::unique_ptr<const Payload>;

// A variable has one weight with an empty name; a layer has any number of them.
class Entry {
 public:
  Entry(std::string entry_key, uint64_t entry_id, Kind entry_kind, Weights entry_weights,
        PayloadPtr entry_payload = nullptr, bool is_companion = false)
      : Entry(std::move(entry_key), entry_id, entry_kind, std::move(entry_weights), std::move(entry_payload),
              is_companion, /*is_tracked=*/false) {}

 protected:
  Entry(std::string entry_key, uint64_t entry_id, Kind entry_kind, Weights entry_weights, PayloadPtr entry_payload,
        bool is_companion, bool is_tracked)
      : tracked(is_tracked),
        kind(entry_kind),
        companion(is_companion),
        key(std::move(entry_key)),
        id(entry_id),
        weights(std::move(entry_weights)),
        payload(std::move(entry_payload)) {}

 private:
  // First, with the kind beside it: so the whole entry takes 72 bytes, which malloc rounds up the least.
  mutable std::atomic<uint32_t> owners_{1};

 public:
  const bool tracked;  // whether it is a TrackedEntry
  const Kind kind;
  bool companion;
  bool pinned = false;  // whether Python has an object for it, so that it is never evicted
  const std::string key;
  const uint64_t id;  // unique in its table, never used again
  const Weights weights;
  const PayloadPtr payload;  // null where the entry's owner is the only one who can reach the values

  // How many pointers share this entry; for tests.
  uint32_t owners() const { return owners_.load(std::memory_order_acquire); }
  void AddOwner() const { owners_.fetch_add(1, std::memory_order_relaxed); }
  bool RemoveOwner() const { return owners_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
};

// An entry of a table that evicts. It lives until nobody owns it and no listing keeps it: a listing, which may last,
// does not count as a use.
class TrackedEntry : public Entry {
 public:
  TrackedEntry(std::string entry_key, uint64_t entry_id, Kind entry_kind, Weights entry_weights,
               PayloadPtr entry_payload)
      : Entry(std::move(entry_key), entry_id, entry_kind, std::move(entry_weights), std::move(entry_payload),
              /*is_companion=*/false, /*is_tracked=*/true) {}

  void Keep() const { keepers_.fetch_add(1, std::memory_order_relaxed); }
  void Release() const {
    if (keepers_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  mutable std::atomic<uint64_t> last_use{0};
  mutable bool ordered = false;  // whether the order of uses has it; the table's eviction mutex guards it

 private:
  mutable std::atomic<uint64_t> keepers_{1};  // all owners together are one
};

struct CountOwners {
  static void Add(const Entry* entry) { entry->AddOwner(); }
  static void Remove(const Entry* entry) {
    if (entry->RemoveOwner()) LetGo(entry);
  }

 private:
  // Of an entry that nobody owns any more. Not inline: a hit does not come here.
  TLR_CORE_EXPORT static void LetGo(const Entry* entry);
};

struct CountListings {
  static void Add(const Entry* entry) {
    if (entry->tracked) {
      static_cast<const TrackedEntry*>(entry)->Keep();
    } else {
      CountOwners::Add(entry);
    }
  }
  static void Remove(const Entry* entry) {
    if (entry->tracked) {
      static_cast<const TrackedEntry*>(entry)->Release();
    } else {
      CountOwners::Remove(entry);
    }
  }
};

// To have one is to use the entry: it is not evicted.
using EntryPtr = SharedByCount<const Entry, CountOwners>;

// Keeps an entry to look at, and lets it be evicted. Its payload lives as long, also where the table has let it go.
using ListedEntry = SharedByCount<const Entry, CountListings>;

inline ListedEntry Listed(const EntryPtr& entry) {
  if (entry == nullptr) return nullptr;
  CountListings::Add(entry.get());
  return ListedEntry(entry.get());
}

// What a caller expects under a key. A dtype of 0, a shape of unknown rank, and an empty name each match anything.
struct WantedWeight {
  std::string name;
  DataType dtype = 0;
  Shape shape;
};

struct Wanted {
  Kind kind = Kind::kVariable;
  // False where the number of weights and what they are does not matter, as for a layer that Python owns.
  bool check_weights = true;
  std::vector<WantedWeight> weights;
  // Of the values together, of those that dtype and shape tell.
  TLR_CORE_EXPORT uint64_t bytes() const;

  // Whether what is made where there is nothing becomes a companion. What is there may be one or not.
  bool companion = false;

  bool Matches(const Entry& entry) const {
    return entry.kind == kind && (!check_weights || WeightsMatch(entry.weights));
  }

 private:
  TLR_CORE_EXPORT bool WeightsMatch(const Weights& found) const;
};

}  // namespace tlr::core

#endif  // TLR_CORE_ENTRY_H_
