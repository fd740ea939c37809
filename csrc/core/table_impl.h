// What a Table is made of. Locking: see table.h.
#ifndef TLR_CORE_TABLE_IMPL_H_
#define TLR_CORE_TABLE_IMPL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/key.h"
#include "core/room.h"
#include "core/shard.h"
#include "core/table.h"
#include "core/use_order.h"

namespace tlr::core {

inline constexpr size_t kShards = 64;
inline constexpr int kShardShift = 58;  // the top 6 bits of a hash choose the shard, the lower ones the slot in it

// A companion lies in its owner's shard, so that one lock covers both: the part of its hash that chooses the shard is
// that of its owner's.
inline uint64_t HashOf(std::string_view key) {
  constexpr uint64_t kInShard = (uint64_t{1} << kShardShift) - 1;
  const uint64_t hash = KeyHash{}(key);
  std::string_view owner = OwnerKey(key);
  if (owner.empty()) return hash;
  for (std::string_view next = OwnerKey(owner); !next.empty(); next = OwnerKey(next)) owner = next;
  return (KeyHash{}(owner) & ~kInShard) | (hash & kInShard);
}

// InvalidArgument where a layer's weight has no valid name, or two have the same.
std::optional<Error> CheckWeights(std::string_view key, Kind kind, const Weights& weights);

struct Table::Impl {
  explicit Impl(TableOptions table_options);
  ~Impl();

  const Shard& ShardOf(uint64_t hash) const { return shards[hash >> kShardShift]; }
  Shard& ShardOf(uint64_t hash) { return shards[hash >> kShardShift]; }

  uint64_t NextNumber() { return next_number.fetch_add(1, std::memory_order_relaxed); }

  // REQUIRES: the lock of the key's shard is held exclusively, and room was taken.
  void Add(Shard* shard, uint64_t hash, EntryPtr entry) {
    Touch(*entry);
    if (entry->companion) ++shard->companions;
    shard->index.Insert(hash, std::move(entry));
    created.fetch_add(1, std::memory_order_relaxed);
    size.fetch_add(1, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
  }

  bool evicts() const { return options.evict_least_recently_used; }

  // A new entry with one owner.
  Entry* MakeEntry(std::string_view key, uint64_t id, Kind kind, Weights weights, PayloadPtr payload) const;

  // Says that an entry is used now. Asks the entry, which a lookup has at hand, whether that is kept.
  void Touch(const Entry& entry) const {
    if (!entry.tracked) return;
    const uint64_t now = clock.fetch_add(1, std::memory_order_relaxed);
    static_cast<const TrackedEntry&>(entry).last_use.store(now, std::memory_order_relaxed);
  }

  // REQUIRES: evicts()
  static uint64_t LastUse(const Entry& entry) {
    return static_cast<const TrackedEntry&>(entry).last_use.load(std::memory_order_relaxed);
  }

  // Marks an entry as one that the order of uses has; whether it was so before. REQUIRES: evicts(); eviction_mutex is
  // held.
  static bool MarkOrdered(const Entry& entry) {
    return std::exchange(static_cast<const TrackedEntry&>(entry).ordered, true);
  }

  // A companion goes with its owner only.
  static bool MayBeEvicted(const Entry& entry) { return entry.payload != nullptr && !entry.pinned && !entry.companion; }

  // Takes a new entry into the order of uses. REQUIRES: no lock is held.
  void Track(const Entry& entry);

  // Whether there is room for so many more of each, now that entries were evicted for it where they had to be. Another
  // caller may take the room. REQUIRES: no lock is held.
  bool MakeRoom(Held more);

  // Fills the order of uses anew, with all entries that may be evicted. REQUIRES: eviction_mutex is held.
  void ListUses();

  enum class Finding { kGone, kInUse, kUsedSince, kEarliest };

  // What has become of an entry since its use; corrects that. One that was not used since, or that is insisted on, is
  // counted in `freed` and, unless `evicted` is null, moved there. REQUIRES: eviction_mutex is held.
  Finding Examine(Use* use, bool insist, Held* freed, std::vector<EntryPtr>* evicted);

  // Calls `visit` with the companion of the entry under `key`, with that one's companion, and so on.
  // REQUIRES: the lock of the key's shard is held.
  template <typename Visitor>
  static void ForEachCompanion(const Shard& shard, std::string_view key, const Visitor& visit) {
    if (shard.companions == 0) return;
    std::string next(key);
    for (;;) {
      next = CompanionKey(next);
      const EntryPtr* found = shard.index.Find(next, HashOf(next));
      if (found == nullptr || !(*found)->companion) return;
      visit(**found);
    }
  }

  // Takes the entry of `key` out, null where there is none, and its companion into `companions`.
  // REQUIRES: the lock of the key's shard is held exclusively; what is taken out is released after it.
  EntryPtr Remove(Shard* shard, std::string_view key, uint64_t hash, std::vector<EntryPtr>* companions);

  // The entry that a companion under `key` would belong to; null where there is none. So the other two.
  // REQUIRES: the lock of the key's shard is held.
  static const EntryPtr* FindOwner(const Shard& shard, std::string_view key);

  static EntryPtr Owner(const Shard& shard, std::string_view key) {
    const EntryPtr* found = FindOwner(shard, key);
    return found == nullptr ? nullptr : *found;
  }

  // 0 where there is none.
  static uint64_t OwnerId(const Shard& shard, std::string_view key) {
    const EntryPtr* found = FindOwner(shard, key);
    return found == nullptr ? 0 : (*found)->id;
  }

  // Whether a companion that was asked for beside an entry, or beside none, belongs to the one of this id.
  static bool BelongsTo(uint64_t owner, const Creation& companion) {
    return owner != 0 && (companion.owner == 0 || companion.owner == owner);
  }

  // Of a creation that ends without an entry.
  void CountAbandoned(const Creation& creation) {
    abandoned.fetch_add(1, std::memory_order_relaxed);
    room.Give(1, creation.bytes);
  }

  void CountErased(uint64_t entries, uint64_t bytes) {
    erased.fetch_add(entries, std::memory_order_relaxed);
    size.fetch_sub(entries, std::memory_order_relaxed);
    generation.fetch_add(entries, std::memory_order_release);
    room.Give(entries, bytes);
  }

  // AlreadyExists where the key is taken or being created. REQUIRES: no lock is held.
  std::optional<Error> CheckFree(std::string_view key) const;

  // ResourceExhausted, for a key whose values take so many bytes. REQUIRES: found != Room::Found::kRoom
  Error NoRoomError(std::string_view key, Room::Found found, uint64_t bytes) const;

  // The entry if it is what is wanted, else what stands in the way.
  Outcome CheckFound(EntryPtr entry, const Wanted& wanted) const;

  // The key of an existing entry that `key` resembles, or "".
  std::string Nearest(std::string_view key) const;

  const TableOptions options;
  const uint64_t token;
  std::array<Shard, kShards> shards;
  std::atomic<uint64_t> next_number{1};  // of tickets (which become entries' ids) and waits
  Room room;
  std::atomic<uint64_t> size{0};
  std::atomic<uint64_t> generation{0};
  std::atomic<uint64_t> created{0};
  std::atomic<uint64_t> abandoned{0};
  std::atomic<uint64_t> erased{0};
  std::atomic<uint64_t> evictions{0};
  mutable std::atomic<uint64_t> clock{1};  // counts uses
  std::mutex eviction_mutex;
  UseOrder uses;  // guarded by eviction_mutex
};

}  // namespace tlr::core

#endif  // TLR_CORE_TABLE_IMPL_H_
