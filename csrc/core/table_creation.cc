// The two-phase creation of entries: reserve, then commit or abandon.
#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/key.h"
#include "core/messages.h"
#include "core/table.h"
#include "core/table_impl.h"

namespace tlr::core {

uint64_t Table::GetOrReserve(std::string_view key, const Wanted& wanted, std::shared_ptr<CreationScope> asker,
                             Callback done) {
  if (EntryPtr entry = Find(key)) {
    done(impl_->CheckFound(std::move(entry), wanted));
    return 0;
  }
  if (auto invalid = CheckKey(key)) {
    done(*std::move(invalid));
    return 0;
  }
  if (wanted.companion && OwnerKey(key).empty()) {
    done(NotACompanionKeyError(key));
    return 0;
  }

  enum class Step { kFound, kReserved, kSelfWait, kCrossedWait, kFull };
  Step step;
  EntryPtr found;
  uint64_t number = impl_->NextNumber();
  auto scope = std::make_shared<CreationScope>(std::string(key), asker);
  auto creation = std::make_unique<Creation>();
  // Where bytes have no bound they are counted once they are known.
  const uint64_t bytes = impl_->room.bounds_bytes() ? wanted.bytes() : 0;
  Room::Found room = Room::Found::kRoom;
  EntryPtr owner;  // held, so that it is not evicted for its companion
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  do {
    owner.reset();
    step = Step::kFull;
    const std::unique_lock lock(shard.mutex);
    if (wanted.companion) owner = Impl::Owner(shard, key);
    const auto under_way = shard.creations.find(key);
    if (const EntryPtr* entry = shard.index.Find(key, hash)) {
      found = *entry;
      impl_->Touch(*found);
      step = Step::kFound;
    } else if (under_way != shard.creations.end()) {
      Creation& other = *under_way->second;
      if (WaitGraph::Global().TryWait(asker.get(), &other)) {
        other.waiters.push_back({number, wanted, std::move(asker), std::move(done)});
        return number;
      }
      // By the scope, not by its key: the same key of another table is another creation.
      step = other.creator == asker ? Step::kSelfWait : Step::kCrossedWait;
    } else if (room = impl_->room.Take(bytes); room == Room::Found::kRoom) {
      creation->ticket = number;
      creation->bytes = bytes;
      creation->creator = scope;
      creation->companion = wanted.companion;
      creation->owner = owner == nullptr ? 0 : owner->id;
      shard.creations.emplace(key, std::move(creation));
      step = Step::kReserved;
      break;
    }
  } while (step == Step::kFull && impl_->MakeRoom({1, bytes}));
  owner.reset();  // before callbacks, which may do the rest of a step

  switch (step) {
    case Step::kFound:
      done(impl_->CheckFound(std::move(found), wanted));
      break;
    case Step::kReserved:
      done(Reservation(shared_from_this(), std::move(scope), number));
      break;
    case Step::kSelfWait:
      done(SelfWaitError(key, name()));
      break;
    case Step::kCrossedWait:
      done(CrossedWaitError(key, asker->key(), name()));
      break;
    case Step::kFull:
      done(impl_->NoRoomError(key, room, bytes));
      break;
  }
  return 0;
}

bool Table::CancelWait(std::string_view key, uint64_t wait) {
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  Callback done;
  std::shared_ptr<CreationScope> asker;  // released after the lock
  {
    const std::unique_lock lock(shard.mutex);
    const auto under_way = shard.creations.find(key);
    if (under_way == shard.creations.end()) return false;
    auto& waiters = under_way->second->waiters;
    const auto waiter =
        std::find_if(waiters.begin(), waiters.end(), [wait](const Waiter& other) { return other.id == wait; });
    if (waiter == waiters.end()) return false;
    WaitGraph::Global().EndWait(waiter->asker.get(), under_way->second.get());
    done = std::move(waiter->done);
    asker = std::move(waiter->asker);
    waiters.erase(waiter);
  }
  done(CancelledError(key, name()));
  return true;
}

Result<EntryPtr> Table::Commit(std::string_view key, uint64_t ticket, Kind kind, Weights weights, PayloadPtr payload,
                               bool pinned) {
  if (auto invalid = CheckWeights(key, kind, weights)) {
    Abandon(key, ticket);
    return *std::move(invalid);
  }
  const uint64_t hash = HashOf(key);
  Shard& shard = impl_->ShardOf(hash);
  const uint64_t bytes = weights.bytes();
  bool full = false;
  Entry* const made = impl_->MakeEntry(key, ticket, kind, std::move(weights), std::move(payload));
  made->pinned = pinned;
  const EntryPtr entry(made);
  std::unique_ptr<Creation> ended;
  uint64_t more = 0;  // bytes that it takes beside those of its reservation
  EntryPtr owner;     // held, so that it is not evicted for its companion
  do {
    owner.reset();
    const std::unique_lock lock(shard.mutex);
    const auto under_way = shard.creations.find(key);
    const bool held = under_way != shard.creations.end() && under_way->second->ticket == ticket;
    const bool owned =
        held && (!under_way->second->companion || Impl::BelongsTo(Impl::OwnerId(shard, key), *under_way->second));
    full = owned && !impl_->room.Resize(under_way->second->bytes, bytes);
    if (full) {
      more = bytes - under_way->second->bytes;
      if (under_way->second->companion) owner = Impl::Owner(shard, key);
    }
    if (held && !full) {
      ended = std::move(under_way->second);
      shard.creations.erase(under_way);
      for (const Waiter& waiter : ended->waiters) WaitGraph::Global().EndWait(waiter.asker.get(), ended.get());
      made->companion = ended->companion;
      if (owned) {
        impl_->Add(&shard, hash, entry);
      } else {
        impl_->CountAbandoned(*ended);
      }
    }
  } while (full && impl_->MakeRoom({0, more}));
  if (full) {
    Abandon(key, ticket);
    return impl_->NoRoomError(key, Room::Found::kNoBytes, bytes);
  }
  if (ended == nullptr) return LostReservationError(key, name());
  impl_->Track(*entry);
  for (Waiter& waiter : ended->waiters) waiter.done(impl_->CheckFound(entry, waiter.wanted));
  return entry;
}

void Table::Abandon(std::string_view key, uint64_t ticket) {
  Shard& shard = impl_->ShardOf(HashOf(key));
  const uint64_t next_ticket = impl_->NextNumber();
  std::unique_ptr<Creation> ended;
  std::optional<Waiter> next;
  std::shared_ptr<CreationScope> scope;
  {
    const std::unique_lock lock(shard.mutex);
    const auto under_way = shard.creations.find(key);
    if (under_way == shard.creations.end() || under_way->second->ticket != ticket) return;
    Creation& creation = *under_way->second;
    if (creation.waiters.empty()) {
      ended = std::move(under_way->second);
      shard.creations.erase(under_way);
    } else {
      next = std::move(creation.waiters.front());
      creation.waiters.pop_front();
      scope = std::make_shared<CreationScope>(under_way->first, next->asker);
      creation.ticket = next_ticket;
      creation.companion = next->wanted.companion;
      creation.owner = creation.companion ? Impl::OwnerId(shard, key) : 0;
      WaitGraph::Global().EndWait(next->asker.get(), &creation);
      WaitGraph::Global().SetCreator(&creation, scope);
    }
  }
  if (ended != nullptr) {
    impl_->CountAbandoned(*ended);
  } else {
    impl_->abandoned.fetch_add(1, std::memory_order_relaxed);
  }
  if (next) next->done(Reservation(shared_from_this(), std::move(scope), next_ticket));
}

}  // namespace tlr::core
