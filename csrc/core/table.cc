// A table's reads, insertions and erasures.
#include "core/table.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "core/directory.h"
#include "core/key.h"
#include "core/messages.h"
#include "core/nearest_key.h"
#include "core/table_impl.h"

namespace tlr::core {
namespace {

// A miss in a large table looks at this many bytes of keys at most for one that resembles the wanted one: some 10,000
// keys of the usual length, fewer of longer ones, since each takes time in proportion to its length.
constexpr size_t kMaxNearestBytes = size_t{1} << 18;

}  // namespace

std::optional<Error> CheckWeights(std::string_view key, Kind kind, const Weights& weights) {
  if (kind == Kind::kVariable) return std::nullopt;
  std::unordered_set<std::string_view> names;
  for (const Weight& weight : weights) {
    if (auto invalid = CheckWeightName(key, weight.name)) return invalid;
    if (!names.insert(weight.name).second) return DuplicateWeightError(key, weight.name);
  }
  return std::nullopt;
}

Table::Impl::Impl(TableOptions table_options)
    : options(std::move(table_options)),
      token(Directory::Global().Reserve()),
      room(options.max_entries, options.max_bytes) {}

Table::Impl::~Impl() { Directory::Global().Remove(token); }

Outcome Table::Impl::CheckFound(EntryPtr entry, const Wanted& wanted) const {
  if (wanted.Matches(*entry)) return entry;
  return ConflictError(wanted, *entry, options.name);
}

Entry* Table::Impl::MakeEntry(std::string_view key, uint64_t id, Kind kind, Weights weights, PayloadPtr payload) const {
  if (!evicts()) return new Entry(std::string(key), id, kind, std::move(weights), std::move(payload));
  return new TrackedEntry(std::string(key), id, kind, std::move(weights), std::move(payload));
}

EntryPtr Table::Impl::Remove(Shard* shard, std::string_view key, uint64_t hash, std::vector<EntryPtr>* companions) {
  EntryPtr removed = shard->index.Remove(key, hash);
  if (removed == nullptr) return removed;
  if (removed->companion) --shard->companions;
  uint64_t count = 1;
  uint64_t bytes = removed->weights.bytes();
  // A companion may have one of its own.
  for (std::string owner(key); shard->companions != 0;) {
    owner = CompanionKey(owner);
    const uint64_t companion_hash = HashOf(owner);
    const EntryPtr* found = shard->index.Find(owner, companion_hash);
    if (found == nullptr || !(*found)->companion) break;
    companions->push_back(shard->index.Remove(owner, companion_hash));
    --shard->companions;
    ++count;
    bytes += companions->back()->weights.bytes();
  }
  // Under the lock: who no longer finds the key finds its room.
  CountErased(count, bytes);
  return removed;
}

const EntryPtr* Table::Impl::FindOwner(const Shard& shard, std::string_view key) {
  const std::string_view owner = OwnerKey(key);
  return owner.empty() ? nullptr : shard.index.Find(owner, HashOf(owner));
}

Error Table::Impl::NoRoomError(std::string_view key, Room::Found found, uint64_t bytes) const {
  if (found == Room::Found::kNoEntry) return FullError(key, options.name, options.max_entries, evicts());
  const bool could_fit = bytes <= options.max_bytes;
  return BytesFullError(key, options.name, {bytes, room.bytes(), options.max_bytes}, evicts() && could_fit);
}

// Entries are compared with no lock held.
std::string Table::Impl::Nearest(std::string_view key) const {
  NearestKey nearest(key);
  size_t bytes = 0;
  for (const Shard& shard : shards) {
    if (bytes >= kMaxNearestBytes) break;
    std::vector<ListedEntry> entries;
    {
      const std::shared_lock lock(shard.mutex);
      shard.index.ForEach([&](const EntryPtr& entry) {
        if (bytes < kMaxNearestBytes) entries.push_back(Listed(entry)), bytes += entry->key.size();
      });
    }
    for (const ListedEntry& entry : entries) nearest.Consider(entry->key);
  }
  return nearest.best();
}

std::shared_ptr<Table> Table::Create(TableOptions options) {
  std::shared_ptr<Table> table(new Table(std::move(options)));
  Directory::Global().Add(table->token(), table);
  return table;
}

std::shared_ptr<Table> Table::Open(uint64_t token) { return Directory::Global().Find(token); }

Table::Table(TableOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Table::~Table() = default;

const std::string& Table::name() const { return impl_->options.name; }
uint64_t Table::token() const { return impl_->token; }
const TableOptions& Table::options() const { return impl_->options; }
uint64_t Table::size() const { return impl_->size.load(std::memory_order_relaxed); }
uint64_t Table::generation() const { return impl_->generation.load(std::memory_order_acquire); }

EntryPtr Table::Find(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard& shard = impl_->ShardOf(hash);
  const std::shared_lock lock(shard.mutex);
  const EntryPtr* found = shard.index.Find(key, hash);
  if (found == nullptr) return nullptr;
  impl_->Touch(**found);
  return *found;
}

EntryPtr Table::Peek(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard& shard = impl_->ShardOf(hash);
  const std::shared_lock lock(shard.mutex);
  const EntryPtr* found = shard.index.Find(key, hash);
  return found == nullptr ? nullptr : *found;
}

bool Table::Contains(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard& shard = impl_->ShardOf(hash);
  const std::shared_lock lock(shard.mutex);
  return shard.index.Find(key, hash) != nullptr;
}

Result<EntryPtr> Table::Lookup(std::string_view key, const Wanted& wanted) const {
  EntryPtr entry = Find(key);
  if (entry != nullptr) {
    if (wanted.Matches(*entry)) return entry;
    return ConflictError(wanted, *entry, name());
  }
  if (auto invalid = CheckKey(key)) return *std::move(invalid);
  return NotFoundError(key, name(), size(), impl_->Nearest(key));
}

Result<EntryPtr> Table::Insert(std::string_view key, Kind kind, Weights weights, PayloadPtr payload, bool companion) {
  if (auto invalid = CheckKey(key)) return *std::move(invalid);
  if (companion && OwnerKey(key).empty()) return NotACompanionKeyError(key);
  if (auto invalid = CheckWeights(key, kind, weights)) return *std::move(invalid);
  const uint64_t bytes = weights.bytes();
  Entry* const made = impl_->MakeEntry(key, impl_->NextNumber(), kind, std::move(weights), std::move(payload));
  made->companion = companion;
  const EntryPtr entry(made);
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  EntryPtr taken;
  bool being_created = false;
  EntryPtr owner;  // held, so that it is not evicted for its companion
  Room::Found room = Room::Found::kRoom;
  do {
    owner.reset();
    const std::unique_lock lock(shard.mutex);
    const EntryPtr* found = shard.index.Find(key, hash);
    if (found != nullptr) taken = *found;
    being_created = shard.creations.find(key) != shard.creations.end();
    if (companion) owner = Impl::Owner(shard, key);
    if (taken != nullptr || being_created || (companion && owner == nullptr)) break;
    room = impl_->room.Take(bytes);
    if (room == Room::Found::kRoom) impl_->Add(&shard, hash, entry);
  } while (room != Room::Found::kRoom && impl_->MakeRoom({1, bytes}));
  if (taken != nullptr) return AlreadyExistsError(*taken, name());
  if (being_created) return BeingCreatedError(key, name());
  if (companion && owner == nullptr) return OwnerMissingError(key, name());
  if (room != Room::Found::kRoom) return impl_->NoRoomError(key, room, bytes);
  impl_->Track(*entry);
  return entry;
}

Result<EntryPtr> Table::Erase(std::string_view key) {
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  EntryPtr erased;
  std::vector<EntryPtr> companions;
  {
    const std::unique_lock lock(shard.mutex);
    erased = impl_->Remove(&shard, key, hash, &companions);
  }
  if (erased != nullptr) return erased;
  if (auto invalid = CheckKey(key)) return *std::move(invalid);
  return erased;
}

Result<std::vector<EntryPtr>> Table::ErasePrefix(std::string_view prefix) {
  if (auto invalid = CheckPrefix(prefix)) return *std::move(invalid);
  std::vector<EntryPtr> erased;
  for (Shard& shard : impl_->shards) {
    const std::unique_lock lock(shard.mutex);
    const size_t before = erased.size();
    shard.index.ForEach([&](const EntryPtr& entry) {
      if (PrefixSelects(prefix, entry->key)) erased.push_back(entry);
    });
    // What selects an entry selects its companion.
    uint64_t bytes = 0;
    for (size_t i = before; i < erased.size(); ++i) {
      shard.index.Remove(erased[i]->key, HashOf(erased[i]->key));
      if (erased[i]->companion) --shard.companions;
      bytes += erased[i]->weights.bytes();
    }
    impl_->CountErased(erased.size() - before, bytes);
  }
  return erased;
}

Result<std::vector<ListedEntry>> Table::List(std::string_view prefix) const {
  if (auto invalid = CheckPrefix(prefix)) return *std::move(invalid);
  std::vector<ListedEntry> entries;
  for (const Shard& shard : impl_->shards) {
    const std::shared_lock lock(shard.mutex);
    shard.index.ForEach([&](const EntryPtr& entry) {
      if (PrefixSelects(prefix, entry->key)) entries.push_back(Listed(entry));
    });
  }
  std::sort(entries.begin(), entries.end(),
            [](const ListedEntry& one, const ListedEntry& other) { return one->key < other->key; });
  return entries;
}

TableStats Table::Stats() const {
  TableStats stats;
  for (const Shard& shard : impl_->shards) {
    const std::shared_lock lock(shard.mutex);
    stats.entries += shard.index.size();
    stats.creating += shard.creations.size();
    for (const auto& [key, creation] : shard.creations) stats.waiting += creation->waiters.size();
  }
  stats.created = impl_->created.load(std::memory_order_relaxed);
  stats.abandoned = impl_->abandoned.load(std::memory_order_relaxed);
  stats.erased = impl_->erased.load(std::memory_order_relaxed);
  stats.evicted = impl_->evictions.load(std::memory_order_relaxed);
  stats.bytes = impl_->room.bytes();
  stats.max_entries = impl_->options.max_entries;
  stats.max_bytes = impl_->options.max_bytes;
  stats.generation = generation();
  return stats;
}

}  // namespace tlr::core
