#include "core/table.h"

#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/key.h"
#include "python/errors.h"
#include "python/register.h"
#include "python/reservation.h"

namespace tlr::python {
namespace {

namespace py = pybind11;

// None where there is no entry.
std::optional<core::ListedEntry> ToOptional(const core::EntryPtr& entry) {
  if (entry == nullptr) return std::nullopt;
  return Listed(entry);
}

py::dict StatsOf(const core::Table& table) {
  const core::TableStats stats = table.Stats();
  py::dict named;
  named["entries"] = stats.entries;
  named["creating"] = stats.creating;
  named["waiting"] = stats.waiting;
  named["created"] = stats.created;
  named["abandoned"] = stats.abandoned;
  named["erased"] = stats.erased;
  named["evicted"] = stats.evicted;
  named["bytes"] = stats.bytes;
  named["max_entries"] = stats.max_entries;
  named["max_bytes"] = stats.max_bytes;
  named["generation"] = stats.generation;
  return named;
}

// Refuses with the same words as any other malformed key.
void CheckKey(std::string_view key) {
  if (auto invalid = core::CheckKey(key)) throw RegistryException(*std::move(invalid));
}

}  // namespace

void RegisterTable(py::module_& module) {
  py::class_<core::Table, std::shared_ptr<core::Table>>(module, "Table", "A registry that lives in this process.")
      .def_property_readonly("name", &core::Table::name, "What errors call it.")
      .def_property_readonly("token", &core::Table::token, "What `open` finds it by.")
      .def(
          "find",
          [](const core::Table& table, std::string_view key) -> uint64_t {
            const core::EntryPtr entry = table.Find(key);
            return entry == nullptr ? 0 : entry->id;
          },
          py::arg("key"), "The id of the entry under a key; 0 where there is none.")
      .def(
          "entry", [](const core::Table& table, std::string_view key) { return ToOptional(table.Find(key)); },
          py::arg("key"), "The entry under a key, or None.")
      .def(
          "entries", [](const core::Table& table, std::string_view prefix) { return ValueOrThrow(table.List(prefix)); },
          py::arg("prefix") = "", "The entries that a prefix selects, in the byte order of their keys.")
      .def(
          "contains",
          [](const core::Table& table, std::string_view key) {
            CheckKey(key);
            return table.Contains(key);
          },
          py::arg("key"), "Whether there is an entry under a key.")
      .def(
          "keys",
          [](const core::Table& table, std::string_view prefix) {
            std::vector<std::string> keys;
            for (const core::ListedEntry& entry : ValueOrThrow(table.List(prefix))) keys.push_back(entry->key);
            return keys;
          },
          py::arg("prefix") = "", "The keys that a prefix selects, in byte order.")
      .def(
          "lookup",
          [](const core::Table& table, std::string_view key, core::Kind kind) {
            return Listed(ValueOrThrow(table.Lookup(key, {kind, /*check_weights=*/false, {}})));
          },
          py::arg("key"), py::arg("kind"), "The entry of this kind under a key; RegistryError where there is none.")
      .def(
          "lookup_variable",
          [](const core::Table& table, std::string_view key, core::DataType dtype,
             const std::optional<std::vector<int64_t>>& sizes) {
            const core::Shape shape = sizes ? core::Shape(*sizes) : core::Shape();
            return Listed(ValueOrThrow(table.Lookup(key, {core::Kind::kVariable, true, {{"", dtype, shape}}})));
          },
          py::arg("key"), py::arg("dtype") = 0, py::arg("sizes") = py::none(),
          "The variable under a key if its dtype and shape are as asked (0 and None ask for nothing); RegistryError "
          "where there is none or it is another.")
      .def("reserve", &Reserve, py::arg("key"), py::arg("kind"),
           "The id of the entry under a key, or a Reservation to create it. Waits while another caller creates it.")
      .def(
          "erase",
          [](core::Table& table, std::string_view key) {
            const py::gil_scoped_release release;
            return ValueOrThrow(table.Erase(key)) != nullptr;
          },
          py::arg("key"), "Drops the entry under a key; whether there was one.")
      .def(
          "erase_prefix",
          [](core::Table& table, std::string_view prefix) {
            const py::gil_scoped_release release;
            std::vector<uint64_t> ids;
            for (const core::EntryPtr& entry : ValueOrThrow(table.ErasePrefix(prefix))) ids.push_back(entry->id);
            return ids;
          },
          py::arg("prefix"), "Drops what a prefix selects; the ids of the entries that were there.")
      .def("stats", &StatsOf, "Counters by name.")
      .def_property_readonly("generation", &core::Table::generation, "Grows with every entry that comes or goes.")
      .def("__len__", &core::Table::size);

  module.def("check_key", &CheckKey, py::arg("key"), "RegistryError where a key, given as str or bytes, is malformed.");
  module.def("open", &core::Table::Open, py::arg("token"),
             "The registry with this token in this process; None where there is none (any more).");
}

}  // namespace tlr::python
