// The right, and the duty, to create the entry of one key.
//
// Exactly one reservation of a key exists at a time. It ends in one of three ways: Commit puts the entry in the table
// and hands it to everyone who waits; Abandon passes the reservation to the next waiter; and destruction without
// either abandons. A holder therefore cannot leave a key blocked.
//
// Thread safety: an instance belongs to one thread at a time; it may move between threads.
#ifndef TLR_CORE_RESERVATION_H_
#define TLR_CORE_RESERVATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/creation_scope.h"
#include "core/entry.h"
#include "core/error.h"
#include "core/export.h"

namespace tlr::core {

class Table;

class TLR_CORE_EXPORT Reservation {
 public:
  Reservation(Reservation&& other) noexcept = default;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  const std::string& key() const { return scope_->key(); }

  // The scope to run the initializer in.
  const std::shared_ptr<CreationScope>& scope() const { return scope_; }

  // Names this reservation to Table::Commit, for a committer that cannot be handed the object. It becomes the id of the
  // entry, so that whatever goes by the id can be in place before anyone finds the entry.
  uint64_t ticket() const { return ticket_; }

  // Makes the entry. Afterwards this reservation is spent, whatever the result. FailedPrecondition where it was before.
  Result<EntryPtr> Commit(Kind kind, Weights weights, PayloadPtr payload = nullptr);

  // Gives the key up. Harmless on a spent reservation.
  void Abandon();

 private:
  friend class Table;

  Reservation(std::shared_ptr<Table> table, std::shared_ptr<CreationScope> scope, uint64_t ticket);

  std::shared_ptr<Table> table_;  // null once spent
  std::shared_ptr<CreationScope> scope_;
  uint64_t ticket_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_RESERVATION_H_
