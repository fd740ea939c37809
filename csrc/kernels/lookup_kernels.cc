// LookupVariable and LookupLayer: the hot path. A hit costs a hash, a shared lock and the copy of a tensor reference.
#include "core/entry.h"
#include "core/table.h"
#include "kernels/accepted_weights.h"
#include "kernels/key_input.h"
#include "kernels/weights_spec.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/registry_resource.h"
#include "tf/status.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;

template <core::Kind kind>
class LookupOp : public tensorflow::OpKernel {
 public:
  explicit LookupOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, ReadWanted(context, kind, &wanted_));
  }

  // So that the executor runs it in place instead of handing it to another thread.
  bool IsExpensive() override { return false; }

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    std::string_view key;
    OP_REQUIRES_OK(context, GetKey(context, 1, "key", &key));
    const core::EntryPtr entry = table->Find(key);
    if (entry != nullptr && accepted_.Matches(wanted_, *entry)) {
      OP_REQUIRES_OK(context, OutputHandles(context, *entry));
      return;
    }
    // Says what is wrong; or finds what came in the meantime.
    const core::Result<core::EntryPtr> found = table->Lookup(key, wanted_);
    OP_REQUIRES(context, found.ok(), ToStatus(found.error()));
    OP_REQUIRES_OK(context, OutputHandles(context, *found.value()));
  }

 private:
  core::Wanted wanted_;
  AcceptedWeights accepted_{kind};
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>LookupVariable").Device(DEVICE_CPU), LookupOp<core::Kind::kVariable>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>LookupVariable")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handle"),
                        LookupOp<core::Kind::kVariable>);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>LookupLayer").Device(DEVICE_CPU), LookupOp<core::Kind::kLayer>);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>LookupLayer")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("key")
                            .HostMemory("handles"),
                        LookupOp<core::Kind::kLayer>);

}  // namespace
}  // namespace tlr
