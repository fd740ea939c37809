// Making room by erasing what was used longest ago; see "Eviction" in table.h.
#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "core/table_impl.h"

namespace tlr::core {
namespace {

// Whether nobody but the table has it. REQUIRES: the lock of its shard is held exclusively, so that nobody gets it.
bool IsFree(const Entry& entry) {
  // In this order: who lets go of an entry has taken what it needs of the payload.
  return entry.owners() == 1 && entry.payload != nullptr && !entry.payload->InUse();
}

// With the earliest use on top.
bool UsedLater(const Use& one, const Use& other) { return one.time > other.time; }

}  // namespace

void UseOrder::Push(Use use) {
  heap_.push_back(use);
  std::push_heap(heap_.begin(), heap_.end(), UsedLater);
}

Use UseOrder::Pop() {
  std::pop_heap(heap_.begin(), heap_.end(), UsedLater);
  const Use earliest = heap_.back();
  heap_.pop_back();
  return earliest;
}

void UseOrder::Replace(std::vector<Use> uses) {
  heap_ = std::move(uses);
  std::make_heap(heap_.begin(), heap_.end(), UsedLater);
}

void Table::Impl::Track(const Entry& entry) {
  if (!evicts() || !MayBeEvicted(entry)) return;
  const std::lock_guard lock(eviction_mutex);
  // Erased entries stay until they come up, or until they are as many as the others.
  if (uses.size() > 2 * size.load(std::memory_order_relaxed) + 64) ListUses();
  if (!MarkOrdered(entry)) uses.Push({LastUse(entry), HashOf(entry.key), entry.id});
}

void Table::Impl::ListUses() {
  std::vector<Use> present;
  for (const Shard& shard : shards) {
    const std::shared_lock lock(shard.mutex);
    shard.index.ForEach([&](const EntryPtr& entry) {
      if (!MayBeEvicted(*entry)) return;
      present.push_back({LastUse(*entry), HashOf(entry->key), entry->id});
      MarkOrdered(*entry);
    });
  }
  uses.Replace(std::move(present));
}

Table::Impl::Finding Table::Impl::Examine(Use* use, bool insist, Held* freed, std::vector<EntryPtr>* evicted) {
  Shard& shard = ShardOf(use->hash);
  const std::unique_lock lock(shard.mutex);
  const EntryPtr* found = shard.index.FindId(use->id, use->hash);
  if (found == nullptr) return Finding::kGone;
  const Entry& entry = **found;
  bool free = true;
  uint64_t last_use = 0;
  Held held;
  const auto look = [&](const Entry& each) {
    free = free && IsFree(each);
    last_use = std::max(last_use, LastUse(each));
    held.Add(each.weights.bytes());
  };
  look(entry);
  ForEachCompanion(shard, entry.key, look);
  if (!free) {
    // Whoever uses it uses it now.
    Touch(entry);
    use->time = LastUse(entry);
    return Finding::kInUse;
  }
  if (last_use != use->time && !insist) {
    use->time = last_use;
    return Finding::kUsedSince;
  }
  freed->entries += held.entries;
  freed->bytes += held.bytes;
  if (evicted != nullptr) {
    evicted->push_back(Remove(&shard, entry.key, use->hash, evicted));
    evictions.fetch_add(held.entries, std::memory_order_relaxed);
  }
  return Finding::kEarliest;
}

bool Table::Impl::MakeRoom(Held more) {
  if (!evicts() || (options.max_bytes != 0 && more.bytes > options.max_bytes)) return false;
  if (options.max_entries != 0 && more.entries > options.max_entries) return false;
  std::vector<EntryPtr> evicted;  // released after the mutex
  const std::lock_guard lock(eviction_mutex);
  std::vector<Use> chosen;
  std::vector<Use> back;
  // Others may use entries as fast as this looks at them. So each use gets one hearing.
  size_t hearings = uses.size();
  const auto hear_again = [&](const Use& use) {
    uses.Push(use);
    --hearings;
  };
  bool enough = true;
  while (enough && room.Look(more) != Room::Found::kRoom) {
    // Nothing is evicted before it is known that it is enough.
    Held freed;
    while (room.Look(more, freed) != Room::Found::kRoom && !uses.empty()) {
      Use use = uses.Pop();
      const Finding finding = Examine(&use, /*insist=*/hearings == 0, &freed, nullptr);
      if (finding == Finding::kEarliest) chosen.push_back(use);
      if (finding == Finding::kInUse) back.push_back(use);
      if (finding == Finding::kUsedSince) hear_again(use);
    }
    enough = room.Look(more, freed) == Room::Found::kRoom;
    for (Use& use : chosen) {
      const Finding finding = enough ? Examine(&use, /*insist=*/hearings == 0, &freed, &evicted) : Finding::kInUse;
      if (finding == Finding::kInUse) back.push_back(use);
      if (finding == Finding::kUsedSince) hear_again(use);
    }
    chosen.clear();
  }
  for (const Use& use : back) uses.Push(use);
  return enough;
}

}  // namespace tlr::core
