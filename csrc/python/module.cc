// `_native`: the door to the registries of this process for keys that Python knows.
//
// It links the core only and never includes TensorFlow, so one build serves every TensorFlow version. No registry lock
// is ever held while Python runs, and the interpreter lock is released wherever a call may wait or may free values.
#include "python/register.h"

PYBIND11_MODULE(_native, module) {
  module.doc() = "Bindings of the registry core. Internal: use LayerRegistry.";
  tlr::python::RegisterErrors(module);
  tlr::python::RegisterEntry(module);
  tlr::python::RegisterLayerFinder(module);
  tlr::python::RegisterReservation(module);
  tlr::python::RegisterShallowCopy(module);
  tlr::python::RegisterTable(module);
  tlr::python::RegisterVariableGetter(module);
}
