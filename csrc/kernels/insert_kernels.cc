// InsertVariable and InsertLayer: existing variables under a key.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/entry.h"
#include "core/key.h"
#include "core/table.h"
#include "kernels/key_input.h"
#include "kernels/weights_spec.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/registry_resource.h"
#include "tf/status.h"
#include "tf/variable.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;

// Inputs: registry, key, the handles, reservation.
template <core::Kind kind>
class InsertOp : public tensorflow::OpKernel {
 public:
  explicit InsertOp(OpKernelConstruction* context) : OpKernel(context) {
    count_ = static_cast<size_t>(context->num_inputs() - 3);
    if (kind == core::Kind::kLayer) {
      OP_REQUIRES_OK(context, context->GetAttr("weight_names", &names_));
      OP_REQUIRES(context, names_.size() == count_,
                  absl::InvalidArgumentError(absl::StrCat("weight_names must have one element for each of the ", count_,
                                                          " weights, found ", names_.size())));
    }
    names_.resize(count_);
    OP_REQUIRES_OK(context, ReadTrainable(context, kind, count_, &trainable_));
  }

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    std::string_view key;
    OP_REQUIRES_OK(context, GetKey(context, 1, "key", &key));
    const Tensor& reservation = context->input(context->num_inputs() - 1);
    OP_REQUIRES(context, reservation.dims() == 0,
                absl::InvalidArgumentError(
                    absl::StrCat("reservation must be a scalar, found shape ", reservation.shape().DebugString())));
    std::vector<core::Weight> weights(count_);
    std::vector<Tensor> handles(count_);
    for (size_t i = 0; i < count_; ++i) {
      weights[i].name = names_[i];
      weights[i].trainable = trainable_[i];
      OP_REQUIRES_OK(context, AdoptVariable(context, static_cast<int>(i) + 2, &weights[i], &handles[i]));
    }
    const auto ticket = static_cast<uint64_t>(reservation.scalar<int64_t>()());
    core::PayloadPtr payload = HandlesPayload::Make(std::move(handles));
    // Whoever names a reservation is Python, which has an object for the key.
    const core::Result<core::EntryPtr> entry =
        ticket == 0 ? table->Insert(key, kind, std::move(weights), std::move(payload))
                    : table->Commit(key, ticket, kind, std::move(weights), std::move(payload), /*pinned=*/true);
    OP_REQUIRES(context, entry.ok(), ToStatus(entry.error()));
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, tensorflow::TensorShape({}), &output));
    output->scalar<int64_t>()() = static_cast<int64_t>(entry.value()->id);
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> names_;
  std::vector<bool> trainable_;
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>InsertVariable").Device(DEVICE_CPU), InsertOp<core::Kind::kVariable>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>InsertVariable")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handle")
                            .HostMemory("reservation")
                            .HostMemory("id"),
                        InsertOp<core::Kind::kVariable>);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>InsertLayer").Device(DEVICE_CPU), InsertOp<core::Kind::kLayer>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>InsertLayer")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handles")
                            .HostMemory("reservation")
                            .HostMemory("id"),
                        InsertOp<core::Kind::kLayer>);

}  // namespace
}  // namespace tlr
