// GetOrCreateVariable and GetOrCreateLayer: a hit is answered in place, everything else by a Creation.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/entry.h"
#include "core/table.h"
#include "kernels/accepted_weights.h"
#include "kernels/creation.h"
#include "kernels/key_input.h"
#include "kernels/weights_spec.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/registry_resource.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;

// Types whose tensors stay in host memory on every device, so that no other device has variables of them.
bool IsHostOnly(core::DataType dtype) { return dtype == tensorflow::DT_INT32 || dtype == tensorflow::DT_STRING; }

template <core::Kind kind>
class GetOrCreateOp : public tensorflow::AsyncOpKernel {
 public:
  explicit GetOrCreateOp(OpKernelConstruction* context) : AsyncOpKernel(context), created_(true), found_(false) {
    OP_REQUIRES_OK(context, ReadWanted(context, kind, &spec_.wanted));
    if (kind == core::Kind::kLayer) {
      OP_REQUIRES_OK(context, context->GetAttr("companion", &spec_.wanted.companion));
    }
    std::vector<bool> trainable;
    OP_REQUIRES_OK(context, ReadTrainable(context, kind, spec_.wanted.weights.size(), &trainable));
    std::vector<core::Weight> weights;
    for (size_t i = 0; i < trainable.size(); ++i) {
      const core::WantedWeight& wanted = spec_.wanted.weights[i];
      weights.push_back({wanted.name, wanted.dtype, trainable[i], wanted.shape});
      spec_.exact = spec_.exact && wanted.shape.IsFullyDefined();
    }
    spec_.weights = std::move(weights);
    OP_REQUIRES_OK(context, context->GetAttr("initializer", &spec_.initializer));
    for (const core::WantedWeight& weight : spec_.wanted.weights) {
      OP_REQUIRES(context, context->device_type() == DEVICE_CPU || !IsHostOnly(weight.dtype),
                  absl::InvalidArgumentError(absl::StrCat("Variables of dtype ", core::DataTypeName(weight.dtype),
                                                          " live in host memory. Open the ",
                                                          "registry that holds them under tf.device(\"CPU:0\").")));
    }
  }

  // So that the executor starts it in place. The initializer's own kernels are scheduled by what they are.
  bool IsExpensive() override { return false; }

  void ComputeAsync(OpKernelContext* context, DoneCallback done) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK_ASYNC(context, BorrowTable(context, 0, &table, &keep), done);
    std::string_view key;
    OP_REQUIRES_OK_ASYNC(context, GetKey(context, 1, "key", &key), done);
    core::EntryPtr entry = table->Find(key);
    if (entry != nullptr && accepted_.Matches(spec_.wanted, *entry)) {
      OP_REQUIRES_OK_ASYNC(context, Emit(context, *entry, /*created=*/false), done);
      entry.reset();  // Before what follows runs: to have the entry is to use it.
      done();
      return;
    }
    std::make_shared<Creation>(
        &spec_, table->shared_from_this(), std::string(key), context,
        [this, context](const core::Entry& made, bool created) { return Emit(context, made, created); },
        std::move(done))
        ->Start();
  }

 private:
  absl::Status Emit(OpKernelContext* context, const core::Entry& entry, bool created) const {
    TF_RETURN_IF_ERROR(OutputHandles(context, entry));
    const auto last = static_cast<int>(entry.weights.size());
    if (context->output_required(last)) context->set_output(last, created ? created_ : found_);
    return absl::OkStatus();
  }

  CreationSpec spec_;
  AcceptedWeights accepted_{kind};
  // The two values of output `created`, made once and shared by all calls.
  const Tensor created_;
  const Tensor found_;
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>GetOrCreateVariable").Device(DEVICE_CPU),
                        GetOrCreateOp<core::Kind::kVariable>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>GetOrCreateVariable")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handle")
                            .HostMemory("created"),
                        GetOrCreateOp<core::Kind::kVariable>);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>GetOrCreateLayer").Device(DEVICE_CPU), GetOrCreateOp<core::Kind::kLayer>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>GetOrCreateLayer")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handles")
                            .HostMemory("created"),
                        GetOrCreateOp<core::Kind::kLayer>);

}  // namespace
}  // namespace tlr
