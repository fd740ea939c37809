// What a Table is made of. Locking: see table.h.
#ifndef TLR_CORE_TABLE_IMPL_H_
#define TLR_CORE_TABLE_IMPL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/key.h"
#include "core/room.h"
#include "core/shard.h"
#include "core/table.h"

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

EntryPtr MakeEntry(std::string_view key, uint64_t id, Kind kind, Weights weights, PayloadPtr payload,
                   bool companion = false);

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
    if (entry->companion) ++shard->companions;
    shard->index.Insert(hash, std::move(entry));
    created.fetch_add(1, std::memory_order_relaxed);
    size.fetch_add(1, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
  }

  // Takes the entry of `key` out, null where there is none, and its companion into `companions`.
  // REQUIRES: the lock of the key's shard is held exclusively; what is taken out is released after it.
  EntryPtr Remove(Shard* shard, std::string_view key, uint64_t hash, std::vector<EntryPtr>* companions);

  // The id of the entry that a companion under `key` would belong to; 0 where there is none.
  // REQUIRES: the lock of the key's shard is held.
  static uint64_t OwnerId(const Shard& shard, std::string_view key);

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
};

}  // namespace tlr::core

#endif  // TLR_CORE_TABLE_IMPL_H_
