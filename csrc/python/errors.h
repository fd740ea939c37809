// Core's errors as a Python exception.
#ifndef TLR_PYTHON_ERRORS_H_
#define TLR_PYTHON_ERRORS_H_

#include <exception>
#include <string>
#include <utility>

#include "core/error.h"

namespace tlr::python {

// Reaches Python as `_native.RegistryError`, whose `code` is the name of TensorFlow's error class.
class RegistryException : public std::exception {
 public:
  explicit RegistryException(core::Error error) : error_(std::move(error)) {}

  const char* what() const noexcept override { return error_.message.c_str(); }
  const char* code() const noexcept;

 private:
  core::Error error_;
};

// The value, or the error thrown.
template <typename T>
T ValueOrThrow(core::Result<T> result) {
  if (!result.ok()) throw RegistryException(result.error());
  return std::move(result).value();
}

}  // namespace tlr::python

#endif  // TLR_PYTHON_ERRORS_H_
