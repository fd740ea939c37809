#include "tf/variable.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/key.h"
#include "tensorflow/core/framework/device.h"
#include "tensorflow/core/framework/resource_handle.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/resource_var.h"
#include "tensorflow/core/framework/tensor_util.h"
#include "tensorflow/core/framework/types.h"
#include "tf/resource_type.h"

namespace tlr {

using ::tensorflow::OpKernelContext;
using ::tensorflow::PartialTensorShape;
using ::tensorflow::ResourceHandle;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;
using ::tensorflow::Var;

namespace {

// A handle of `variable`; takes over the caller's reference. XLA, and handles that crossed to another process, find a
// variable by its name only, so the resource manager learns that name. It forgets it when the variable dies.
absl::Status MakeHandle(OpKernelContext* context, Var* variable, tensorflow::DataType dtype,
                        const PartialTensorShape& shape, Tensor* handle) {
  ResourceHandle made = ResourceHandle::MakeRefCountingHandle(variable, context->device()->name(),
                                                              {tensorflow::DtypeAndPartialTensorShape{dtype, shape}});
  // Names that std::string holds in place, where those that TensorFlow gives take memory of their own, for each entry
  // and twice. The copy below leaves the room that they took behind.
  made.set_name(absl::StrCat("Var-", absl::Hex(ResourceHandle::GenerateUniqueId())));
  made.set_maybe_type_name("tensorflow::Var");
  *handle = Tensor(tensorflow::DT_RESOURCE, TensorShape({}));
  auto& reference = handle->scalar<ResourceHandle>()();
  reference = made;
  return context->resource_manager()->CreateUnowned<Var>(reference.container(), reference.name(), variable);
}

// Whether a step, or Python, has the handle or the variable.
bool IsShared(const Tensor& handle) {
  return !handle.RefCountIsOne() || !handle.scalar<ResourceHandle>()().resource()->RefCountIsOne();
}

// Most entries are variables, so one handle takes no vector.
class OneHandle final : public HandlesPayload {
 public:
  explicit OneHandle(Tensor handle) : handle_(std::move(handle)) {}

  size_t size() const override { return 1; }
  const Tensor& operator[](size_t /*i*/) const override { return handle_; }
  bool InUse() const override { return IsShared(handle_); }

 private:
  const Tensor handle_;
};

class ManyHandles final : public HandlesPayload {
 public:
  explicit ManyHandles(std::vector<Tensor> handles) : handles_(std::move(handles)) {}

  size_t size() const override { return handles_.size(); }
  const Tensor& operator[](size_t i) const override { return handles_[i]; }
  bool InUse() const override { return std::any_of(handles_.begin(), handles_.end(), IsShared); }

 private:
  const std::vector<Tensor> handles_;
};

}  // namespace

core::PayloadPtr HandlesPayload::Make(std::vector<Tensor> handles) {
  if (handles.size() == 1) return std::make_unique<OneHandle>(std::move(handles[0]));
  return std::make_unique<ManyHandles>(std::move(handles));
}

absl::Status HandlesOf(const core::Entry& entry, const HandlesPayload** handles) {
  *handles = static_cast<const HandlesPayload*>(entry.payload.get());
  if (*handles != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "Key ", core::Quote(entry.key),
      " holds values without handles (spread over several devices, for example), which graph ops cannot reach. Use ",
      "them through their Python object."));
}

absl::Status MakeVariable(OpKernelContext* context, const Tensor& value, Tensor* handle) {
  return MakeVariable(context, value, PartialTensorShape(value.shape()), handle);
}

absl::Status MakeVariable(OpKernelContext* context, const Tensor& value, const PartialTensorShape& declared,
                          Tensor* handle) {
  auto* variable = new Var(value.dtype());
  *variable->tensor() = value;
  variable->is_initialized = true;
  return MakeHandle(context, variable, value.dtype(), declared, handle);
}

absl::Status CopyTensor(OpKernelContext* context, const Tensor& value, Tensor* copy) {
  if (context->device()->attributes().device_type() == tensorflow::DEVICE_CPU) {
    *copy = tensorflow::tensor::DeepCopy(value);
    return absl::OkStatus();
  }
  TF_RETURN_IF_ERROR(context->allocate_temp(value.dtype(), value.shape(), copy));
  std::promise<absl::Status> copied;
  context->op_device_context()->CopyTensorInSameDevice(
      &value, static_cast<tensorflow::Device*>(context->device()), copy,
      [&copied](const absl::Status& status) { copied.set_value(status); });
  return copied.get_future().get();
}

absl::Status ReadVariable(OpKernelContext* context, const Tensor& handle, Tensor* value) {
  tensorflow::core::RefCountPtr<Var> variable;
  TF_RETURN_IF_ERROR(tensorflow::LookupResource(context, handle.scalar<ResourceHandle>()(), &variable));
  const tensorflow::tf_shared_lock lock(*variable->mu());
  if (!variable->is_initialized) return absl::FailedPreconditionError("the variable has no value yet");
  if (variable->copy_on_read_mode.load()) return CopyTensor(context, *variable->tensor(), value);
  *value = *variable->tensor();
  return absl::OkStatus();
}

absl::Status AdoptVariable(OpKernelContext* context, int index, core::Weight* weight, Tensor* new_handle) {
  const Tensor& input = context->input(index);
  if (input.dims() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("A variable's handle must be a scalar, found shape ", input.shape().DebugString()));
  }
  const ResourceHandle& handle = input.scalar<ResourceHandle>()();
  if (!handle.ValidateType<Var>().ok()) {
    return absl::InvalidArgumentError(absl::StrCat("Only variables can be inserted, found the handle of a ",
                                                   ResourceTypeName(handle), " named \"", handle.name(), "\""));
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
  return MakeHandle(context, variable.release(), dtype, shape, new_handle);
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
