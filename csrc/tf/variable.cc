#include "tf/variable.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/key.h"
#include "tensorflow/core/framework/resource_handle.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/resource_var.h"

namespace tlr {

using ::tensorflow::OpKernelContext;
using ::tensorflow::PartialTensorShape;
using ::tensorflow::ResourceHandle;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;
using ::tensorflow::Var;

namespace {

// A handle of `variable` as payload; takes over the caller's reference. XLA, and handles that crossed to another
// process, find a variable by its name only, so the resource manager learns that name. It forgets it when the variable
// dies.
absl::Status MakePayload(OpKernelContext* context, Var* variable, tensorflow::DataType dtype,
                         const PartialTensorShape& shape, std::shared_ptr<const core::Payload>* payload) {
  Tensor handle(tensorflow::DT_RESOURCE, TensorShape({}));
  auto& reference = handle.scalar<ResourceHandle>()();
  reference = ResourceHandle::MakeRefCountingHandle(variable, context->device()->name(),
                                                    {tensorflow::DtypeAndPartialTensorShape{dtype, shape}});
  TF_RETURN_IF_ERROR(
      context->resource_manager()->CreateUnowned<Var>(reference.container(), reference.name(), variable));
  *payload = std::make_shared<HandlePayload>(std::move(handle));
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleOf(const core::Entry& entry, size_t weight, Tensor* handle) {
  const auto* payload = static_cast<const HandlePayload*>(entry.weights[weight].payload.get());
  if (payload == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Key ", core::Quote(entry.key),
        " holds a variable without a handle (one that is spread over several devices, for example), which graph ops "
        "cannot reach. Use it through its Python object."));
  }
  *handle = payload->handle;
  return absl::OkStatus();
}

absl::Status MakeVariable(OpKernelContext* context, const Tensor& value,
                          std::shared_ptr<const core::Payload>* payload) {
  auto* variable = new Var(value.dtype());
  *variable->tensor() = value;
  variable->is_initialized = true;
  return MakePayload(context, variable, value.dtype(), PartialTensorShape(value.shape()), payload);
}

absl::Status AdoptVariable(OpKernelContext* context, int index, core::Weight* weight) {
  const Tensor& input = context->input(index);
  if (input.dims() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("A variable's handle must be a scalar, found shape ", input.shape().DebugString()));
  }
  const ResourceHandle& handle = input.scalar<ResourceHandle>()();
  if (!handle.ValidateType<Var>().ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Only variables can be inserted, found the handle of a ", handle.maybe_type_name(), " named \"",
                     handle.name(), "\""));
  }
  tensorflow::core::RefCountPtr<Var> variable;
  TF_RETURN_IF_ERROR(tensorflow::LookupResource(context, handle, &variable));

  // The handle tells the shape the variable was declared with, which its value may have narrowed.
  const auto declared = handle.dtypes_and_shapes();
  tensorflow::DataType dtype;
  PartialTensorShape shape;
  if (declared.size() == 1) {
    dtype = declared[0].dtype;
    shape = declared[0].shape;
  } else {
    const tensorflow::tf_shared_lock lock(*variable->mu());
    dtype = variable->tensor()->dtype();
    if (variable->is_initialized) shape = PartialTensorShape(variable->tensor()->shape());
  }
  weight->dtype = dtype;
  weight->shape = ToShape(shape);
  return MakePayload(context, variable.release(), dtype, shape, &weight->payload);
}

core::Shape ToShape(const PartialTensorShape& shape) {
  if (shape.unknown_rank()) return core::Shape();
  std::vector<int64_t> sizes;
  sizes.reserve(static_cast<size_t>(shape.dims()));
  for (int i = 0; i < shape.dims(); ++i) sizes.push_back(shape.dim_size(i));
  return core::Shape(std::move(sizes));
}

core::Shape ToShape(const TensorShape& shape) { return ToShape(PartialTensorShape(shape)); }

}  // namespace tlr
