// Reading the key inputs of ops.
#ifndef TLR_KERNELS_KEY_INPUT_H_
#define TLR_KERNELS_KEY_INPUT_H_

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/key.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/status.h"

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

// The vector of valid keys in input 1. The keys live as long as the input does.
inline absl::Status GetKeys(tensorflow::OpKernelContext* context, std::vector<std::string_view>* keys) {
  const tensorflow::Tensor& input = context->input(1);
  if (input.dims() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("keys must be a vector of strings, found shape ",
                                                   input.shape().DebugString(),
                                                   ". For one key, pass a vector of length 1."));
  }
  const auto texts = input.vec<tensorflow::tstring>();
  keys->reserve(static_cast<size_t>(texts.size()));
  for (int64_t i = 0; i < texts.size(); ++i) {
    const std::string_view key(texts(i).data(), texts(i).size());
    if (const auto invalid = core::CheckKey(key)) return ToStatus(*invalid);
    keys->push_back(key);
  }
  return absl::OkStatus();
}

}  // namespace tlr

#endif  // TLR_KERNELS_KEY_INPUT_H_
