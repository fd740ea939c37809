// A reservation as Python holds it, and the wait for one.
#ifndef TLR_PYTHON_RESERVATION_H_
#define TLR_PYTHON_RESERVATION_H_

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/creation_scope.h"
#include "core/reservation.h"
#include "core/table.h"

namespace tlr::python {

// The right to create one key. Used in a `with` block around the initializer, on one thread: the block marks the
// thread as being inside the initializer, and its end gives up what was not committed.
class PyReservation {
 public:
  explicit PyReservation(core::Reservation reservation) : reservation_(std::move(reservation)) {}

  core::Reservation& get() { return reservation_; }

  void Enter() { scope_ = std::make_unique<core::EnterCreationScope>(reservation_.scope()); }

  void Exit() {
    scope_.reset();
    reservation_.Abandon();
  }

 private:
  core::Reservation reservation_;
  std::unique_ptr<core::EnterCreationScope> scope_;
};

// The entry's id, or a reservation of the key. Waits, with the interpreter lock released, for another caller that is
// creating it; a signal (Ctrl-C) ends the wait. REQUIRES: the interpreter lock is held.
std::variant<uint64_t, std::unique_ptr<PyReservation>> Reserve(core::Table& table, std::string_view key,
                                                               core::Kind kind);

}  // namespace tlr::python

#endif  // TLR_PYTHON_RESERVATION_H_
