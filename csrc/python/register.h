// The parts of the `_native` module, each in a file of its own.
#ifndef TLR_PYTHON_REGISTER_H_
#define TLR_PYTHON_REGISTER_H_

#include <pybind11/pybind11.h>

namespace tlr::python {

void RegisterErrors(pybind11::module_& module);
void RegisterEntry(pybind11::module_& module);
void RegisterLayerFinder(pybind11::module_& module);
void RegisterReservation(pybind11::module_& module);
void RegisterShallowCopy(pybind11::module_& module);
void RegisterTable(pybind11::module_& module);
void RegisterVariableGetter(pybind11::module_& module);

}  // namespace tlr::python

#endif  // TLR_PYTHON_REGISTER_H_
