#include "core/entry.h"

#include <pybind11/stl.h>

#include <optional>
#include <vector>

#include "python/register.h"

namespace tlr::python {

namespace py = pybind11;

void RegisterEntry(py::module_& module) {
  py::enum_<core::Kind>(module, "Kind", "What an entry is.")
      .value("VARIABLE", core::Kind::kVariable)
      .value("LAYER", core::Kind::kLayer);

  py::class_<core::Weight>(module, "Weight", "One variable of an entry, as it was when the entry was made.")
      .def_property_readonly(
          "name", [](const core::Weight& weight) { return weight.name; }, "Relative to the key; empty for a variable.")
      .def_property_readonly(
          "dtype", [](const core::Weight& weight) { return weight.dtype; }, "TensorFlow's number of the dtype.")
      .def_property_readonly(
          "shape",
          [](const core::Weight& weight) -> std::optional<std::vector<int64_t>> {
            if (!weight.shape.known_rank()) return std::nullopt;
            return weight.shape.sizes();
          },
          "Sizes, -1 where not known; None for an unknown rank.")
      .def_property_readonly(
          "trainable", [](const core::Weight& weight) { return weight.trainable; }, "Whether optimizers train it.")
      .def_property_readonly(
          "num_bytes",
          [](const core::Weight& weight) -> std::optional<uint64_t> {
            if (weight.shape.NumElements() < 0 || core::DataTypeBytes(weight.dtype) == 0) return std::nullopt;
            return core::ValueBytes(weight.dtype, weight.shape);
          },
          "Bytes of its value; None where dtype or shape do not tell.");

  py::class_<core::ListedEntry>(module, "Entry", "What a registry holds under one key.")
      .def_property_readonly(
          "key", [](const core::ListedEntry& entry) { return entry->key; }, "The key.")
      .def_property_readonly(
          "id", [](const core::ListedEntry& entry) { return entry->id; }, "Unique in its registry, never used again.")
      .def_property_readonly(
          "kind", [](const core::ListedEntry& entry) { return entry->kind; }, "Variable or layer.")
      .def_property_readonly(
          "companion", [](const core::ListedEntry& entry) { return entry->companion; },
          "Whether it belongs to the entry of the key without its last segment, and goes with that.")
      .def_property_readonly(
          "weights",
          [](const core::ListedEntry& entry) {
            return std::vector<core::Weight>(entry->weights.begin(), entry->weights.end());
          },
          "In order; one for a variable.");
}

}  // namespace tlr::python
