// The hit path of `tf.compat.v1.get_variable`: a method of a store that gives again what the store gave before.
//
// TensorFlow calls it with sixteen arguments, and Python would make a local of each before it looked at any. So this is
// a function of CPython's own calling convention: it reads the few on which a hit depends where they lie and, where
// there is no hit, hands the call on just as it came. It owns no variable: the store noted those that it gave.
#include <pybind11/pybind11.h>

#include <array>
#include <utility>

#include "python/frame.h"
#include "python/register.h"

namespace tlr::python {
namespace {

namespace py = pybind11;

// The parameters of `tf.compat.v1.get_variable`, in its order.
enum Parameter {
  kName,
  kShape,
  kDtype,
  kInitializer,
  kRegularizer,
  kReuse,
  kTrainable,
  kCollections,
  kCachingDevice,
  kPartitioner,
  kValidateShape,
  kUseResource,
  kCustomGetter,
  kConstraint,
  kSynchronization,
  kAggregation,
  kParameterCount
};
// Borrowed; null where one was not given.
using Arguments = std::array<PyObject*, kParameterCount>;

// What a store notes of a variable that it gave, a tuple.
enum HitItem { kVariable, kFoundShape, kFoundDtype, kRegularizerSeen, kHitSize };

// What the function is bound to, a tuple: that which has the frame of this thread, and the function for all but hits.
enum BoundItem { kCurrent, kOtherwise };

// Names of attributes and keywords, made once. Interned strings are equal only where they are the same object.
const Arguments& ParameterNames() {
  static const Arguments names = {PyUnicode_InternFromString("name"),
                                  PyUnicode_InternFromString("shape"),
                                  PyUnicode_InternFromString("dtype"),
                                  PyUnicode_InternFromString("initializer"),
                                  PyUnicode_InternFromString("regularizer"),
                                  PyUnicode_InternFromString("reuse"),
                                  PyUnicode_InternFromString("trainable"),
                                  PyUnicode_InternFromString("collections"),
                                  PyUnicode_InternFromString("caching_device"),
                                  PyUnicode_InternFromString("partitioner"),
                                  PyUnicode_InternFromString("validate_shape"),
                                  PyUnicode_InternFromString("use_resource"),
                                  PyUnicode_InternFromString("custom_getter"),
                                  PyUnicode_InternFromString("constraint"),
                                  PyUnicode_InternFromString("synchronization"),
                                  PyUnicode_InternFromString("aggregation")};
  return names;
}

PyObject* FrameName() {
  static PyObject* const name = PyUnicode_InternFromString("frame");
  return name;
}

PyObject* HitsName() {
  static PyObject* const name = PyUnicode_InternFromString("_hits");
  return name;
}

bool IsNone(PyObject* argument) { return argument == nullptr || argument == Py_None; }

// The parameter of a keyword, looked for from `expected` on, as callers mostly keep the order; none's is the count.
int ParameterOf(PyObject* keyword, int expected) {
  for (int i = 0; i < kParameterCount; ++i) {
    const int parameter = (expected + i) % kParameterCount;
    if (keyword == ParameterNames()[parameter]) return parameter;
  }
  return kParameterCount;
}

// False where the arguments are not those of `tf.compat.v1.get_variable`, each once.
bool ReadArguments(PyObject* const* values, Py_ssize_t positional, PyObject* keywords, Arguments& arguments) {
  if (positional > kParameterCount) return false;
  for (Py_ssize_t i = 0; i < positional; ++i) arguments[i] = values[i];
  const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
  int expected = static_cast<int>(positional);
  for (Py_ssize_t i = 0; i < named; ++i) {
    // A name that is not interned is found to be none, and so goes the long way.
    const int parameter = ParameterOf(PyTuple_GET_ITEM(keywords, i), expected);
    if (parameter == kParameterCount || arguments[parameter] != nullptr) return false;
    arguments[parameter] = values[positional + i];
    expected = parameter + 1;
  }
  return true;
}

// Whether the calls to `store` are for itself: another door may stand before it in the decorated call that runs.
// Negative with an error set.
int IsOwnDoor(PyObject* current, PyObject* store) {
  const py::object frame = py::reinterpret_steal<py::object>(PyObject_GetAttr(current, FrameName()));
  if (!frame) return -1;
  if (frame.is_none()) return 1;
  if (!PyTuple_Check(frame.ptr()) || PyTuple_GET_SIZE(frame.ptr()) != kFrameSize) return 0;
  return PyTuple_GET_ITEM(frame.ptr(), kStore) != store || PyTuple_GET_ITEM(frame.ptr(), kDoor) == store;
}

// Whether a tuple or list has the items of `found`, a tuple or None. Negative with an error set.
int HasShape(PyObject* shape, PyObject* found) {
  if (shape == nullptr || !PyTuple_Check(found)) return 0;
  if (PyTuple_CheckExact(shape)) return PyObject_RichCompareBool(shape, found, Py_EQ);
  if (!PyList_CheckExact(shape)) return 0;
  // A copy, since comparing may run Python code, which may change the list.
  const py::object sizes = py::reinterpret_steal<py::object>(PyList_AsTuple(shape));
  return sizes ? PyObject_RichCompareBool(sizes.ptr(), found, Py_EQ) : -1;
}

// A new reference to the variable of a hit; null where there is none, or with an error set.
PyObject* FindVariable(PyObject* current, PyObject* store, const Arguments& arguments) {
  PyObject* const name = arguments[kName];
  PyObject* const initializer = arguments[kInitializer];
  if (name == nullptr || !PyUnicode_CheckExact(name)) return nullptr;
  if (!IsNone(arguments[kCustomGetter]) || !IsNone(arguments[kPartitioner])) return nullptr;
  if (!IsNone(initializer) && PyCallable_Check(initializer) == 0) return nullptr;
  if (IsOwnDoor(current, store) <= 0) return nullptr;
  const py::object hits = py::reinterpret_steal<py::object>(PyObject_GetAttr(store, HitsName()));
  if (!hits || !PyDict_Check(hits.ptr())) return nullptr;
  // Kept while Python code may run, which may put another in its place.
  const py::object hit = py::reinterpret_borrow<py::object>(PyDict_GetItemWithError(hits.ptr(), name));
  if (!hit || !PyTuple_Check(hit.ptr()) || PyTuple_GET_SIZE(hit.ptr()) != kHitSize) return nullptr;
  if (arguments[kDtype] != PyTuple_GET_ITEM(hit.ptr(), kFoundDtype)) return nullptr;
  if (!IsNone(arguments[kRegularizer]) && PyTuple_GET_ITEM(hit.ptr(), kRegularizerSeen) != Py_True) return nullptr;
  if (HasShape(arguments[kShape], PyTuple_GET_ITEM(hit.ptr(), kFoundShape)) <= 0) return nullptr;
  PyObject* const variable = PyTuple_GET_ITEM(hit.ptr(), kVariable);
  Py_INCREF(variable);
  return variable;
}

// The first of `values` is the store.
PyObject* GetVariable(PyObject* bound, PyObject* const* values, Py_ssize_t positional, PyObject* keywords) {
  Arguments arguments{};
  if (positional > 0 && ReadArguments(values + 1, positional - 1, keywords, arguments)) {
    PyObject* const variable = FindVariable(PyTuple_GET_ITEM(bound, kCurrent), values[0], arguments);
    if (variable != nullptr || PyErr_Occurred() != nullptr) return variable;
  }
  return PyObject_Vectorcall(PyTuple_GET_ITEM(bound, kOtherwise), values, positional, keywords);
}

}  // namespace

void RegisterVariableGetter(py::module_& module) {
  static PyMethodDef method = {"get_variable",
                               // The way CPython has functions of this convention in a table of methods.
                               reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&GetVariable)),
                               METH_FASTCALL | METH_KEYWORDS,
                               "Finds or makes a variable; the arguments are those of `tf.compat.v1.get_variable`."};
  module.def(
      "variable_getter",
      [](py::object current, py::object otherwise) {
        const py::tuple bound = py::make_tuple(std::move(current), std::move(otherwise));
        const py::object function = py::reinterpret_steal<py::object>(PyCFunction_New(&method, bound.ptr()));
        // Unlike a function of Python, one of C becomes no method of its own accord.
        return py::reinterpret_steal<py::object>(PyInstanceMethod_New(function.ptr()));
      },
      py::arg("current"), py::arg("otherwise"),
      "The method `get_variable` of a store that notes in `_hits` what it gave. `current.frame` has the frame of the\n"
      "decorated call that runs; `otherwise` is called with what is no hit.");
}

}  // namespace tlr::python
