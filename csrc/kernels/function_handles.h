// Remembers the handle of a kernel's function, since TensorFlow builds a long string to find it each time.
//
// A kernel nearly always runs with one function library; where it runs with several, each has its own handle.
//
// Thread safety: all methods may be called from any thread. No TensorFlow call is made under the lock.
#ifndef TLR_KERNELS_FUNCTION_HANDLES_H_
#define TLR_KERNELS_FUNCTION_HANDLES_H_

#include <mutex>
#include <utility>
#include <vector>

#include "tensorflow/core/framework/function.h"

namespace tlr {

class FunctionHandles {
 public:
  using Library = tensorflow::FunctionLibraryRuntime;

  // The handle of `function` in `library`. `function` is the same at every call.
  absl::Status Instantiate(Library* library, const tensorflow::NameAttrList& function, Library::Handle* handle) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const auto& [known, its_handle] : handles_) {
        if (known == library) {
          *handle = its_handle;
          return absl::OkStatus();
        }
      }
    }
    // With the default executor, not the caller's: that of eager ops blocks a thread for each function that an
    // initializer calls, and a small pool runs out of them.
    TF_RETURN_IF_ERROR(library->Instantiate(function.name(), tensorflow::AttrSlice(&function.attr()), handle));
    const std::lock_guard<std::mutex> lock(mutex_);
    handles_.emplace_back(library, *handle);
    return absl::OkStatus();
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<Library*, Library::Handle>> handles_;
};

}  // namespace tlr

#endif  // TLR_KERNELS_FUNCTION_HANDLES_H_
