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

#include "core/shard.h"
#include "core/table.h"

namespace tlr::core {

inline constexpr size_t kShards = 64;
inline constexpr int kShardShift = 58;  // the top 6 bits of a hash choose the shard, the lower ones the slot in it

inline uint64_t HashOf(std::string_view key) { return KeyHash{}(key); }

EntryPtr MakeEntry(std::string_view key, uint64_t id, Kind kind, Weights weights, PayloadPtr payload);

// InvalidArgument where a layer's weight has no valid name, or two have the same.
std::optional<Error> CheckWeights(std::string_view key, Kind kind, const Weights& weights);

struct Table::Impl {
  explicit Impl(TableOptions table_options);
  ~Impl();

  const Shard& ShardOf(uint64_t hash) const { return shards[hash >> kShardShift]; }
  Shard& ShardOf(uint64_t hash) { return shards[hash >> kShardShift]; }

  uint64_t NextNumber() { return next_number.fetch_add(1, std::memory_order_relaxed); }

  // Takes room for one more entry; false where there is none. Never takes room that is not there, even for a moment:
  // another caller would be refused for it.
  bool TakeRoom() {
    uint64_t taken = occupied.load(std::memory_order_relaxed);
    do {
      if (options.max_entries != 0 && taken >= options.max_entries) return false;
    } while (!occupied.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
    return true;
  }
  void GiveRoom(uint64_t entries) { occupied.fetch_sub(entries, std::memory_order_relaxed); }

  // REQUIRES: the lock of the key's shard is held exclusively, and room was taken.
  void Add(Shard* shard, uint64_t hash, EntryPtr entry) {
    shard->index.Insert(hash, std::move(entry));
    created.fetch_add(1, std::memory_order_relaxed);
    size.fetch_add(1, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
  }

  void CountErased(uint64_t entries) {
    erased.fetch_add(entries, std::memory_order_relaxed);
    size.fetch_sub(entries, std::memory_order_relaxed);
    generation.fetch_add(entries, std::memory_order_release);
    GiveRoom(entries);
  }

  // The entry if it is what is wanted, else what stands in the way.
  Outcome CheckFound(EntryPtr entry, const Wanted& wanted) const;

  // The key of an existing entry that `key` resembles, or "".
  std::string Nearest(std::string_view key) const;

  const TableOptions options;
  const uint64_t token;
  std::array<Shard, kShards> shards;
  std::atomic<uint64_t> next_number{1};  // of tickets (which become entries' ids) and waits
  std::atomic<uint64_t> occupied{0};
  std::atomic<uint64_t> size{0};
  std::atomic<uint64_t> generation{0};
  std::atomic<uint64_t> created{0};
  std::atomic<uint64_t> abandoned{0};
  std::atomic<uint64_t> erased{0};
};

}  // namespace tlr::core

#endif  // TLR_CORE_TABLE_IMPL_H_
