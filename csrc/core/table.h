// The registry: entries by key, each made once.
//
// Contract
//   Lookup is a read. GetOrReserve either finds the entry, or makes its caller the one who creates it (a
//   Reservation), or lets it wait, without holding a thread, for the one who does. When a creator gives up, the
//   oldest waiter becomes the creator; so a caller only ever sees its own failure. Nothing half-made is visible: an
//   entry appears complete, or not at all. Erasing drops names at once; entries already handed out stay valid.
//   A key that is being created is not yet in the table: it is not found, not listed and cannot be erased.
//   A companion (see entry.h) goes with its owner, whatever erases that. One whose owner went while it was being
//   created is handed to those who wait for it, and not put in: a key made anew has nothing of what it had before.
//
// Locking
//   Entries are spread over 64 shards by the hash of their key, companions by that of their owner's. Each shard has a
//   reader-writer lock: readers of one shard share it, readers of different shards touch no common memory but the
//   entries themselves. Creating, committing and erasing take one shard's lock exclusively, for the time of a few
//   pointer moves, and readers do not keep them waiting for long, however many there are. Listings take the shards one
//   after another, so they see each entry that was there throughout, and may or may not see one that came or went
//   meanwhile. Under a shard lock only WaitGraph's mutex and, in a table that bounds bytes, Room's are ever taken, and
//   no two shard locks are held together. No
//   callback, no destructor of an entry or payload, and no code of a caller's runs under any lock.
//
// Eviction
//   In a table that evicts, whoever finds no room for a key erases what was used longest ago: looked up, or made. Never
//   an entry that somebody uses (holds a pointer to, or part of its payload), never one that is pinned or has no
//   payload (Python's), never one that is being created. An entry and its companion go together, and are used as one.
//   Nothing is evicted unless it makes the room. A use is a time that a lookup writes into the entry; one mutex guards
//   the order of the entries by their last use. It is taken with no shard lock held, and shard locks are taken under
//   it, one at a time. That nobody uses an entry is seen under its shard's lock, held exclusively, so that nobody can
//   come to. Other tables keep no times, and take no such mutex.
//
// Callbacks must not throw, and are called exactly once: on the caller's thread before GetOrReserve returns, or, for
// those who had to wait, on the thread that commits, abandons or cancels. A callback that gives up its reservation
// calls the next one from within; one that may do so many times over should hand its work to another thread first.
//
// Thread safety: all methods may be called from any thread.
#ifndef TLR_CORE_TABLE_H_
#define TLR_CORE_TABLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/creation_scope.h"
#include "core/entry.h"
#include "core/error.h"
#include "core/export.h"
#include "core/reservation.h"

namespace tlr::core {

// Bounds are on entries and creations under way together; 0 for none.
struct TableOptions {
  std::string name;  // for messages
  uint64_t max_entries = 0;
  uint64_t max_bytes = 0;  // of their values, as Weights::bytes counts them
  // Whether what was used longest ago is erased where there is no room.
  bool evict_least_recently_used = false;
};

struct TableStats {
  uint64_t entries = 0;
  uint64_t creating = 0;   // creations under way
  uint64_t waiting = 0;    // callers that wait for one
  uint64_t created = 0;    // entries committed or inserted since the start
  uint64_t abandoned = 0;  // creations given up since the start
  uint64_t erased = 0;     // entries erased since the start
  uint64_t evicted = 0;    // those of them that were erased to make room
  uint64_t bytes = 0;      // of the values of entries and of creations under way
  uint64_t max_entries = 0;
  uint64_t max_bytes = 0;
  uint64_t generation = 0;
};

// What InsertAll makes an entry of.
struct NewEntry {
  std::string key;
  Kind kind = Kind::kVariable;
  Weights weights;
  PayloadPtr payload = nullptr;
  bool companion = false;
};

using Outcome = std::variant<EntryPtr, Reservation, Error>;

class TLR_CORE_EXPORT Table : public std::enable_shared_from_this<Table> {
 public:
  using Callback = std::function<void(Outcome)>;

  // A table that Open finds by its token for as long as it lives.
  static std::shared_ptr<Table> Create(TableOptions options);

  // The table with this token in this process; null where there is none (any more).
  static std::shared_ptr<Table> Open(uint64_t token);

  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const std::string& name() const;

  // Random and never 0, so that a token from another process opens nothing here.
  uint64_t token() const;

  // The entry of `key`, or null. This is a use.
  EntryPtr Find(std::string_view key) const;

  // As Find, and no use.
  EntryPtr Peek(std::string_view key) const;

  // Whether there is an entry of `key`. This is no use.
  bool Contains(std::string_view key) const;

  // The entry of `key` if it is what is wanted; else InvalidArgument (malformed key, or something else under it) or
  // NotFound.
  Result<EntryPtr> Lookup(std::string_view key, const Wanted& wanted) const;

  // Calls `done` with the entry, with a reservation, or with an error: InvalidArgument as for Lookup, ResourceExhausted
  // where the table is full, FailedPrecondition where `asker`'s initializer would wait for itself, InvalidArgument
  // where `wanted` is a companion and the key is not that of one. Returns 0 where `done` was called, else what
  // CancelWait takes.
  uint64_t GetOrReserve(std::string_view key, const Wanted& wanted, std::shared_ptr<CreationScope> asker,
                        Callback done);

  // Ends a wait: its callback is called with Cancelled, and true returned. False where it no longer waits.
  bool CancelWait(std::string_view key, uint64_t wait);

  // Ends the creation that `ticket` names; the entry is a companion if it was reserved as one. FailedPrecondition where
  // the creation is not under way (any more). A creation takes the bytes that were wanted where it was reserved; where
  // the weights need more and there is no room for it: ResourceExhausted, and the creation is given up.
  Result<EntryPtr> Commit(std::string_view key, uint64_t ticket, Kind kind, Weights weights,
                          PayloadPtr payload = nullptr, bool pinned = false);
  void Abandon(std::string_view key, uint64_t ticket);

  // Puts in an entry that needs no initializer. AlreadyExists where the key is taken or being created. As a companion:
  // InvalidArgument where the key is no companion's, FailedPrecondition where its owner is not there.
  Result<EntryPtr> Insert(std::string_view key, Kind kind, Weights weights, PayloadPtr payload = nullptr,
                          bool companion = false);

  // Puts in all of them, and returns their entries in order; or none. Fails as Insert does; InvalidArgument too where a
  // key comes twice. A companion may be put in with its owner. All keys are reserved before the first is put in, so
  // that nothing can fail half-way. Room is made by eviction for all of them at once, where none of them is taken.
  Result<std::vector<EntryPtr>> InsertAll(std::vector<NewEntry> entries);

  // The erased entry, null where there was none. Its companion is erased too. InvalidArgument for a malformed key.
  Result<EntryPtr> Erase(std::string_view key);

  // Erases what `prefix` selects (see PrefixSelects) and returns it.
  Result<std::vector<EntryPtr>> ErasePrefix(std::string_view prefix);

  // What `prefix` selects, in the byte order of the keys.
  Result<std::vector<ListedEntry>> List(std::string_view prefix) const;

  uint64_t size() const;

  // What it was made with.
  const TableOptions& options() const;

  // Grows with every entry that comes or goes.
  uint64_t generation() const;

  TableStats Stats() const;

 private:
  explicit Table(TableOptions options);

  // A reservation without a wait: AlreadyExists and ResourceExhausted as for Insert, with `evict` only where eviction
  // makes no room. REQUIRES: the key is valid.
  Result<Reservation> ReserveFree(std::string_view key, uint64_t bytes, bool companion, bool evict);

  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_TABLE_H_
