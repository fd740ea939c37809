// Variables as the registry keeps them.
//
// A registry holds one handle per weight, as a ready scalar tensor: an op that finds the entry puts out that tensor,
// without building a handle anew. The handle counts references, so an erased variable lives for as long as some step
// holds its handle.
#ifndef TLR_TF_VARIABLE_H_
#define TLR_TF_VARIABLE_H_

#include <memory>
#include <utility>

#include "core/entry.h"
#include "core/shape.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/framework/tensor_shape.h"

namespace tlr {

struct HandlePayload : core::Payload {
  explicit HandlePayload(tensorflow::Tensor handle_tensor) : handle(std::move(handle_tensor)) {}

  const tensorflow::Tensor handle;  // a scalar resource handle, in host memory
};

// The handle that a weight keeps. FailedPrecondition where Python owns the weight and shared no handle.
absl::Status HandleOf(const core::Entry& entry, size_t weight, tensorflow::Tensor* handle);

// A new, initialized variable on the op's device that shares `value`'s buffer until either is written to, as
// AssignVariableOp does, with its handle as payload.
absl::Status MakeVariable(tensorflow::OpKernelContext* context, const tensorflow::Tensor& value,
                          std::shared_ptr<const core::Payload>* payload);

// Fills in what `weight` says of the existing variable whose handle is the op's input `index`, with a handle of its
// own as payload, so that the variable lives as long as the registry needs it. InvalidArgument where the input is no
// scalar handle of a variable; NotFound where the variable is gone.
absl::Status AdoptVariable(tensorflow::OpKernelContext* context, int index, core::Weight* weight);

core::Shape ToShape(const tensorflow::PartialTensorShape& shape);
core::Shape ToShape(const tensorflow::TensorShape& shape);

}  // namespace tlr

#endif  // TLR_TF_VARIABLE_H_
