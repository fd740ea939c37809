#include "core/reservation.h"

#include <utility>

#include "core/messages.h"
#include "core/table.h"

namespace tlr::core {

Reservation::Reservation(std::shared_ptr<Table> table, std::shared_ptr<CreationScope> scope, uint64_t ticket)
    : table_(std::move(table)), scope_(std::move(scope)), ticket_(ticket) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  Abandon();
  table_ = std::move(other.table_);
  scope_ = std::move(other.scope_);
  ticket_ = other.ticket_;
  return *this;
}

Reservation::~Reservation() { Abandon(); }

Result<EntryPtr> Reservation::Commit(Kind kind, Weights weights, PayloadPtr payload) {
  const std::shared_ptr<Table> table = std::exchange(table_, nullptr);
  if (table == nullptr) return SpentReservationError(key());
  return table->Commit(key(), ticket_, kind, std::move(weights), std::move(payload));
}

void Reservation::Abandon() {
  const std::shared_ptr<Table> table = std::exchange(table_, nullptr);
  if (table != nullptr) table->Abandon(key(), ticket_);
}

}  // namespace tlr::core
