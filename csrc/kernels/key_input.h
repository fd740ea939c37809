// Reading the key inputs of ops.
#ifndef TLR_KERNELS_KEY_INPUT_H_
#define TLR_KERNELS_KEY_INPUT_H_

#include <string_view>

#include "absl/strings/str_cat.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tlr {

// The scalar string input `index`, called `name`. It lives as long as the input does.
inline absl::Status GetKey(tensorflow::OpKernelContext* context, int index, const char* name, std::string_view* key) {
  const tensorflow::Tensor& input = context->input(index);
  if (input.dims() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be a scalar string, found shape ", input.shape().DebugString(),
                     ". Pass one key; to look up several, call the op once for each, for example in tf.map_fn."));
  }
  const tensorflow::tstring& text = input.scalar<tensorflow::tstring>()();
  *key = std::string_view(text.data(), text.size());
  return absl::OkStatus();
}

}  // namespace tlr

#endif  // TLR_KERNELS_KEY_INPUT_H_
