// Handle, AnonymousHandle and Token.
#include <string>

#include "absl/strings/str_cat.h"
#include "core/table.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tf/compat.h"
#include "tf/registry_resource.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::ResourceHandle;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;

// A handle that shares in `registry`; takes over the reference that the caller holds.
ResourceHandle MakeHandle(OpKernelContext* context, RegistryResource* registry) {
  return ResourceHandle::MakeRefCountingHandle(registry, context->device()->name());
}

void OutputHandle(OpKernelContext* context, const ResourceHandle& handle) {
  Tensor* output = nullptr;
  OP_REQUIRES_OK(context, context->allocate_output(0, TensorShape({}), &output));
  output->scalar<ResourceHandle>()() = handle;
}

absl::Status ReadBounds(OpKernelConstruction* context, core::TableOptions* options) {
  int64_t max_entries = 0;
  int64_t max_bytes = 0;
  TF_RETURN_IF_ERROR(context->GetAttr("max_entries", &max_entries));
  TF_RETURN_IF_ERROR(context->GetAttr("max_bytes", &max_bytes));
  options->max_entries = static_cast<uint64_t>(max_entries);
  options->max_bytes = static_cast<uint64_t>(max_bytes);
  TF_RETURN_IF_ERROR(context->GetAttr("evict_least_recently_used", &options->evict_least_recently_used));
  if (!options->evict_least_recently_used || max_entries != 0 || max_bytes != 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "evict_least_recently_used needs a bound to keep to. Give the registry max_entries or max_bytes.");
}

// InvalidArgument where a registry that was opened before has other bounds.
absl::Status CheckSameBounds(const core::TableOptions& before, const core::TableOptions& now) {
  const auto refusal = [&before](const char* attribute, const auto& was, const auto& is) {
    return absl::InvalidArgumentError(absl::StrCat("Registry \"", before.name, "\" was opened before with ", attribute,
                                                   "=", was, ", now with ", is,
                                                   ". Use the same bound, or another shared_name."));
  };
  if (before.max_entries != now.max_entries) return refusal("max_entries", before.max_entries, now.max_entries);
  if (before.max_bytes != now.max_bytes) return refusal("max_bytes", before.max_bytes, now.max_bytes);
  if (before.evict_least_recently_used != now.evict_least_recently_used) {
    return refusal("evict_least_recently_used", before.evict_least_recently_used ? "True" : "False",
                   now.evict_least_recently_used ? "True" : "False");
  }
  return absl::OkStatus();
}

class HandleOp : public tensorflow::OpKernel {
 public:
  explicit HandleOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, ReadBounds(context, &options_));
    OP_REQUIRES_OK(context, context->GetAttr("container", &container_));
    OP_REQUIRES_OK(context, context->GetAttr("shared_name", &options_.name));
    OP_REQUIRES(context, !options_.name.empty(),
                absl::InvalidArgumentError("shared_name must not be empty. Give the registry a name, or use the "
                                           "AnonymousHandle op for one that nobody else can open."));
  }

  void Compute(OpKernelContext* context) override {
    tensorflow::ResourceMgr* manager = context->resource_manager();
    const std::string& container = container_.empty() ? manager->default_container() : container_;
    RegistryResource* registry = nullptr;
    OP_REQUIRES_OK(context, manager->LookupOrCreate<RegistryResource>(container, options_.name, &registry,
                                                                      [this](RegistryResource** made) {
                                                                        *made = new RegistryResource(options_);
                                                                        return absl::OkStatus();
                                                                      }));
    ResourceHandle handle = MakeHandle(context, registry);
    handle.set_container(container);
    handle.set_name(options_.name);
    OP_REQUIRES_OK(context, CheckSameBounds(registry->table()->options(), options_));
    OutputHandle(context, handle);
  }

 private:
  std::string container_;
  core::TableOptions options_;
};

class AnonymousHandleOp : public tensorflow::OpKernel {
 public:
  explicit AnonymousHandleOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, ReadBounds(context, &options_));
    OP_REQUIRES_OK(context, context->GetAttr("debug_name", &options_.name));
  }

  void Compute(OpKernelContext* context) override {
    auto* registry = new RegistryResource(options_);
    const ResourceHandle handle = MakeHandle(context, registry);
    // Where a handle crosses to another process only its name arrives there; by it the registry is found again.
    OP_REQUIRES_OK(context, context->resource_manager()->CreateUnowned<RegistryResource>(handle.container(),
                                                                                         handle.name(), registry));
    OutputHandle(context, handle);
  }

 private:
  core::TableOptions options_;
};

class TokenOp : public tensorflow::OpKernel {
 public:
  using OpKernel::OpKernel;

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, TensorShape({}), &output));
    output->scalar<int64_t>()() = static_cast<int64_t>(table->token());
  }
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Handle").Device(DEVICE_CPU), HandleOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Handle").Device(DEVICE_DEFAULT).HostMemory("registry"), HandleOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>AnonymousHandle").Device(DEVICE_CPU), AnonymousHandleOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>AnonymousHandle").Device(DEVICE_DEFAULT).HostMemory("registry"),
                        AnonymousHandleOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Token").Device(DEVICE_CPU), TokenOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Token").Device(DEVICE_DEFAULT).HostMemory("registry").HostMemory("token"),
                        TokenOp);

}  // namespace
}  // namespace tlr
