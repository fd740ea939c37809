// Variables as the registry keeps them.
//
// A registry holds one handle per weight, as a ready scalar tensor: an op that finds the entry puts out that tensor,
// without building a handle anew. The handle counts references, so an erased variable lives for as long as some step
// holds its handle.
#ifndef TLR_TF_VARIABLE_H_
#define TLR_TF_VARIABLE_H_

#include <cstddef>
#include <vector>

#include "core/entry.h"
#include "core/shape.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/framework/tensor_shape.h"

namespace tlr {

// The handles of an entry's weights, in order: scalars in host memory.
class HandlesPayload : public core::Payload {
 public:
  // REQUIRES: `handles` is not empty.
  static core::PayloadPtr Make(std::vector<tensorflow::Tensor> handles);

  virtual size_t size() const = 0;
  virtual const tensorflow::Tensor& operator[](size_t i) const = 0;
};

// The handles of an entry. FailedPrecondition where Python owns the values and shared no handles.
absl::Status HandlesOf(const core::Entry& entry, const HandlesPayload** handles);

// The handle of a new, initialized variable on the op's device. It shares `value`'s buffer until either is written to,
// as after AssignVariableOp.
absl::Status MakeVariable(tensorflow::OpKernelContext* context, const tensorflow::Tensor& value,
                          tensorflow::Tensor* handle);

// As above; the handle says `declared` of its shape, which is that of `value`, known in part or not at all.
absl::Status MakeVariable(tensorflow::OpKernelContext* context, const tensorflow::Tensor& value,
                          const tensorflow::PartialTensorShape& declared, tensorflow::Tensor* handle);

// The value of the variable behind `handle`, as of one moment. It shares the variable's buffer, which whoever writes
// to the variable copies first; where a variable is written to in place, it is a copy. NotFound where the variable is
// gone, FailedPrecondition where it has no value yet.
absl::Status ReadVariable(tensorflow::OpKernelContext* context, const tensorflow::Tensor& handle,
                          tensorflow::Tensor* value);

// A copy of `value` with a buffer of its own, on the op's device.
absl::Status CopyTensor(tensorflow::OpKernelContext* context, const tensorflow::Tensor& value,
                        tensorflow::Tensor* copy);

// Fills in what `weight` says of the existing variable whose handle is the op's input `index`, and gives another handle
// of it, which keeps the variable alive. InvalidArgument where the input is no scalar handle of a variable; NotFound
// where the variable is gone.
absl::Status AdoptVariable(tensorflow::OpKernelContext* context, int index, core::Weight* weight,
                           tensorflow::Tensor* handle);

core::Shape ToShape(const tensorflow::PartialTensorShape& shape);
core::Shape ToShape(const tensorflow::TensorShape& shape);

}  // namespace tlr

#endif  // TLR_TF_VARIABLE_H_
