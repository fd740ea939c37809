// What a resource handle is a handle of, in words.
#ifndef TLR_TF_RESOURCE_TYPE_H_
#define TLR_TF_RESOURCE_TYPE_H_

#include <string>

#include "tensorflow/core/framework/resource_handle.h"
#include "tensorflow/core/platform/demangle.h"

namespace tlr {

// As in "tensorflow::Var"; most handles hold the compiler's mangled name.
inline std::string ResourceTypeName(const tensorflow::ResourceHandle& handle) {
  if (handle.maybe_type_name().empty()) return "resource of no type";
  return tensorflow::port::Demangle(handle.maybe_type_name().c_str());
}

}  // namespace tlr

#endif  // TLR_TF_RESOURCE_TYPE_H_
