// Insertion of many entries at once: all or none.
#include <algorithm>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/key.h"
#include "core/messages.h"
#include "core/table.h"
#include "core/table_impl.h"

namespace tlr::core {

std::optional<Error> Table::Impl::CheckFree(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard& shard = ShardOf(hash);
  EntryPtr taken;
  bool being_created = false;
  {
    const std::shared_lock lock(shard.mutex);
    if (const EntryPtr* found = shard.index.Find(key, hash)) taken = *found;
    being_created = shard.creations.find(key) != shard.creations.end();
  }
  if (taken != nullptr) return AlreadyExistsError(*taken, options.name);
  if (being_created) return BeingCreatedError(key, options.name);
  return std::nullopt;
}

Result<Reservation> Table::ReserveFree(std::string_view key, uint64_t bytes, bool companion, bool evict) {
  const uint64_t ticket = impl_->NextNumber();
  auto scope = std::make_shared<CreationScope>(std::string(key), nullptr);
  auto creation = std::make_unique<Creation>();
  creation->ticket = ticket;
  creation->creator = scope;
  creation->bytes = bytes;
  creation->companion = companion;
  Room::Found room = Room::Found::kRoom;
  EntryPtr taken;
  bool being_created = false;
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  do {
    const std::unique_lock lock(shard.mutex);
    const EntryPtr* found = shard.index.Find(key, hash);
    if (found != nullptr) taken = *found;
    being_created = shard.creations.find(key) != shard.creations.end();
    if (taken != nullptr || being_created) break;
    room = impl_->room.Take(bytes);
    if (room == Room::Found::kRoom) {
      creation->owner = companion ? Impl::OwnerId(shard, key) : 0;
      shard.creations.emplace(key, std::move(creation));
      break;
    }
  } while (evict && impl_->MakeRoom({1, bytes}));
  if (taken != nullptr) return AlreadyExistsError(*taken, name());
  if (being_created) return BeingCreatedError(key, name());
  if (room != Room::Found::kRoom) return impl_->NoRoomError(key, room, bytes);
  return Reservation(shared_from_this(), std::move(scope), ticket);
}

Result<std::vector<EntryPtr>> Table::InsertAll(std::vector<NewEntry> entries) {
  std::unordered_set<std::string_view> keys;
  const void* checked = nullptr;
  for (const NewEntry& each : entries) {
    if (auto invalid = CheckKey(each.key)) return *std::move(invalid);
    if (!keys.insert(each.key).second) return DuplicateKeyError(each.key, name());
    if (each.companion && OwnerKey(each.key).empty()) return NotACompanionKeyError(each.key);
    // Entries made alike share one list.
    if (each.weights.address() == checked) continue;
    if (auto invalid = CheckWeights(each.key, each.kind, each.weights)) return *std::move(invalid);
    if (each.kind == Kind::kLayer) checked = each.weights.address();
  }
  std::vector<EntryPtr> owners;  // held, so that none is evicted for its companion
  for (const NewEntry& each : entries) {
    const std::string_view owner = each.companion ? OwnerKey(each.key) : std::string_view();
    if (owner.empty() || keys.contains(owner)) continue;
    owners.push_back(Peek(owner));
    if (owners.back() == nullptr) return OwnerMissingError(each.key, name());
  }
  // For all at once and for nothing else, so that none goes for an insertion that fails.
  bool evict = impl_->evicts();
  if (evict) {
    Held all;
    for (const NewEntry& each : entries) {
      if (auto taken = impl_->CheckFree(each.key)) return *std::move(taken);
      all.Add(each.weights.bytes());
    }
    evict = impl_->MakeRoom(all);
  }
  std::vector<Reservation> reserved;  // whose end gives up those that are left
  reserved.reserve(entries.size());
  for (const NewEntry& each : entries) {
    // With all its bytes, so that no commit needs more.
    Result<Reservation> reservation = ReserveFree(each.key, each.weights.bytes(), each.companion, evict);
    if (!reservation.ok()) return reservation.error();
    reserved.push_back(std::move(reservation).value());
  }
  // Owners, which have shorter keys, before their companions.
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto rank = [&entries](size_t i) { return entries[i].companion ? entries[i].key.size() : 0; };
  std::stable_sort(order.begin(), order.end(), [&rank](size_t one, size_t other) { return rank(one) < rank(other); });
  std::vector<EntryPtr> made(entries.size());
  for (const size_t i : order) {
    NewEntry& each = entries[i];
    made[i] = reserved[i].Commit(each.kind, std::move(each.weights), std::move(each.payload)).value();
  }
  return made;
}

}  // namespace tlr::core
