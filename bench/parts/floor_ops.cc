// Ops that take and give as many tensors as LookupVariable and GetOrCreateVariable and do nothing: what TensorFlow
// itself spends on such ops.
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace {

using ::tensorflow::AsyncOpKernel;
using ::tensorflow::DEVICE_CPU;
using ::tensorflow::OpKernel;
using ::tensorflow::OpKernelContext;

REGISTER_OP("LayerRegistryBench>Sync")
    .Input("registry: resource")
    .Input("key: string")
    .Output("same_key: string")
    .SetIsStateful()
    .SetShapeFn(tensorflow::shape_inference::ScalarShape);

class SyncOp : public OpKernel {
 public:
  using OpKernel::OpKernel;
  bool IsExpensive() override { return false; }
  void Compute(OpKernelContext* context) override { context->set_output(0, context->input(1)); }
};
REGISTER_KERNEL_BUILDER(Name("LayerRegistryBench>Sync").Device(DEVICE_CPU), SyncOp);

REGISTER_OP("LayerRegistryBench>Async")
    .Input("registry: resource")
    .Input("key: string")
    .Output("same_key: string")
    .Output("unused: bool")
    .SetIsStateful()
    .SetShapeFn([](tensorflow::shape_inference::InferenceContext* context) {
      context->set_output(0, context->Scalar());
      context->set_output(1, context->Scalar());
      return absl::OkStatus();
    });

class AsyncOp : public AsyncOpKernel {
 public:
  using AsyncOpKernel::AsyncOpKernel;
  bool IsExpensive() override { return false; }
  void ComputeAsync(OpKernelContext* context, DoneCallback done) override {
    context->set_output(0, context->input(1));
    done();
  }
};
REGISTER_KERNEL_BUILDER(Name("LayerRegistryBench>Async").Device(DEVICE_CPU), AsyncOp);

}  // namespace
