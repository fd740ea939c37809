#include "python/reservation.h"

#include <pybind11/stl.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "python/errors.h"
#include "python/register.h"

namespace tlr::python {
namespace {

namespace py = pybind11;

// How often a waiting call looks for a pending signal. Its wake-up by the creator does not depend on this.
constexpr std::chrono::milliseconds kSignalCheckInterval{50};

// Where a callback leaves the outcome for the thread that waits for it.
struct Mailbox {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<core::Outcome> outcome;
};

core::Outcome WaitForOutcome(core::Table& table, std::string_view key, uint64_t wait, Mailbox& mailbox) {
  for (;;) {
    {
      const py::gil_scoped_release release;
      std::unique_lock lock(mailbox.mutex);
      mailbox.arrived.wait_for(lock, kSignalCheckInterval, [&] { return mailbox.outcome.has_value(); });
      if (mailbox.outcome.has_value()) return *std::move(mailbox.outcome);
    }
    if (PyErr_CheckSignals() != 0) {
      // Whatever arrived in the meantime is dropped with the mailbox; a reservation is thereby given up.
      table.CancelWait(key, wait);
      throw py::error_already_set();
    }
  }
}

}  // namespace

std::variant<uint64_t, std::unique_ptr<PyReservation>> Reserve(core::Table& table, std::string_view key,
                                                               core::Kind kind) {
  auto mailbox = std::make_shared<Mailbox>();
  core::Wanted wanted;
  wanted.kind = kind;
  wanted.check_weights = false;
  const uint64_t wait =
      table.GetOrReserve(key, wanted, core::CreationScope::Current(), [mailbox](core::Outcome outcome) {
        {
          const std::lock_guard lock(mailbox->mutex);
          mailbox->outcome.emplace(std::move(outcome));
        }
        mailbox->arrived.notify_one();
      });
  core::Outcome outcome = wait == 0 ? *std::move(mailbox->outcome) : WaitForOutcome(table, key, wait, *mailbox);
  if (const auto* error = std::get_if<core::Error>(&outcome)) throw RegistryException(*error);
  if (const auto* entry = std::get_if<core::EntryPtr>(&outcome)) return (*entry)->id;
  return std::make_unique<PyReservation>(std::get<core::Reservation>(std::move(outcome)));
}

void RegisterReservation(py::module_& module) {
  using WeightTuple = std::tuple<std::string, core::DataType, std::optional<std::vector<int64_t>>, bool>;
  py::class_<PyReservation>(module, "Reservation",
                            "The right to create one key. Use it in a `with` block around the initializer.")
      .def_property_readonly(
          "ticket", [](PyReservation& self) { return self.get().ticket(); },
          "What the insert ops take to end this reservation with an entry.")
      .def(
          "commit",
          [](PyReservation& self, core::Kind kind, const std::vector<WeightTuple>& weights) {
            std::vector<core::Weight> made;
            for (const auto& [name, dtype, sizes, trainable] : weights) {
              made.push_back({name, dtype, trainable, sizes ? core::Shape(*sizes) : core::Shape()});
            }
            const py::gil_scoped_release release;
            return ValueOrThrow(self.get().Commit(kind, std::move(made)))->id;
          },
          py::arg("kind"), py::arg("weights"),
          "Makes an entry whose values only Python can reach, and returns its id. Each weight is (name, dtype number, "
          "sizes or None, trainable).")
      .def("__enter__",
           [](PyReservation& self) -> PyReservation& {
             self.Enter();
             return self;
           })
      .def("__exit__", [](PyReservation& self, const py::args&) {
        const py::gil_scoped_release release;
        self.Exit();
      });
}

}  // namespace tlr::python
