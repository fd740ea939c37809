#include "python/errors.h"

#include "python/register.h"

namespace tlr::python {

namespace py = pybind11;

const char* RegistryException::code() const noexcept {
  switch (error_.code) {
    case core::Code::kInvalidArgument:
      return "InvalidArgumentError";
    case core::Code::kNotFound:
      return "NotFoundError";
    case core::Code::kAlreadyExists:
      return "AlreadyExistsError";
    case core::Code::kFailedPrecondition:
      return "FailedPreconditionError";
    case core::Code::kResourceExhausted:
      return "ResourceExhaustedError";
    case core::Code::kCancelled:
      return "CancelledError";
  }
  return "InternalError";
}

void RegisterErrors(py::module_& module) {
  // Kept for the life of the process: the translator below may run until the very end.
  static PyObject* const registry_error = PyErr_NewExceptionWithDoc(
      "tf_layer_registry._native.RegistryError",
      "A registry's refusal. `code` names the class in tf.errors that it stands for.", nullptr, nullptr);
  if (registry_error == nullptr) throw py::error_already_set();
  module.add_object("RegistryError", registry_error);
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const RegistryException& exception) {
      const py::object instance = py::reinterpret_borrow<py::object>(registry_error)(exception.what());
      instance.attr("code") = exception.code();
      PyErr_SetObject(registry_error, instance.ptr());
    }
  });
}

}  // namespace tlr::python
