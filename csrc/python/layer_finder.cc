// The hit path of `get_or_create_layer`: from a name to the layer, within the current variable scope.
//
// A hit has to cost about as little as a call of a Python function, so this is a function of CPython's own calling
// convention, without pybind11's conversions. It reads what Python keeps and owns nothing: the layers are those that
// the store's table gave out before, by scope and name.
#include <pybind11/pybind11.h>

#include "python/frame.h"
#include "python/register.h"

namespace tlr::python {
namespace {

namespace py = pybind11;

// Names of attributes, made once: a lookup then compares pointers.
PyObject* const* AttributeNames() {
  static PyObject* const names[] = {PyUnicode_InternFromString("current_scope"), PyUnicode_InternFromString("_name"),
                                    PyUnicode_InternFromString("frame")};
  return names;
}

// A borrowed item of a dict; null where there is none, or with an error set.
PyObject* Item(PyObject* dict, PyObject* key) {
  if (dict == nullptr || !PyDict_Check(dict)) return nullptr;
  return PyDict_GetItemWithError(dict, key);
}

// A borrowed layer; null where there is none, or with an error set.
PyObject* FindInFrame(PyObject* frame, PyObject* name) {
  if (!PyTuple_Check(frame) || PyTuple_GET_SIZE(frame) != kFrameSize || !PyUnicode_CheckExact(name)) return nullptr;
  PyObject* const scope = Item(PyTuple_GET_ITEM(frame, kScopeState), AttributeNames()[0]);
  if (scope == nullptr) return nullptr;
  const py::object scope_name = py::reinterpret_steal<py::object>(PyObject_GetAttr(scope, AttributeNames()[1]));
  if (!scope_name || !PyUnicode_CheckExact(scope_name.ptr())) return nullptr;
  return Item(Item(PyTuple_GET_ITEM(frame, kLayers), scope_name.ptr()), name);
}

// `current` has the frame of the innermost decorated call of this thread in its attribute `frame`.
PyObject* FindLayer(PyObject* current, PyObject* name) {
  const py::object frame = py::reinterpret_steal<py::object>(PyObject_GetAttr(current, AttributeNames()[2]));
  PyObject* const layer = frame ? FindInFrame(frame.ptr(), name) : nullptr;
  if (layer == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  return py::reinterpret_borrow<py::object>(layer == nullptr ? Py_None : layer).release().ptr();
}

}  // namespace

void RegisterLayerFinder(py::module_& module) {
  static PyMethodDef method = {"find_layer", &FindLayer, METH_O, "The layer of a name in the current call, or None."};
  module.def(
      "layer_finder",
      [](py::object current) { return py::reinterpret_steal<py::object>(PyCFunction_New(&method, current.ptr())); },
      py::arg("current"),
      "The function from a name to the layer under it in the frame that `current.frame` holds, or None.");
}

}  // namespace tlr::python
