#include "tf/registry_resource.h"

#include "absl/strings/str_cat.h"
#include "tf/resource_type.h"

namespace tlr {
namespace {

using ::tensorflow::OpKernelContext;
using ::tensorflow::ResourceHandle;
using ::tensorflow::Tensor;

absl::Status LostRegistry(const ResourceHandle& handle) {
  return absl::NotFoundError(absl::StrCat(
      "Registry \"", handle.name(), "\" is not on device ", handle.device(),
      ": it was destroyed, its container was cleared, or the process that held it restarted. Open the registry again "
      "and use the new handle."));
}

}  // namespace

std::string RegistryResource::DebugString() const {
  return absl::StrCat("LayerRegistry \"", table_->name(), "\" with ", table_->size(), " entries");
}

absl::Status BorrowTable(OpKernelContext* context, int index, core::Table** table,
                         tensorflow::core::RefCountPtr<RegistryResource>* keep) {
  const Tensor& input = context->input(index);
  if (input.dims() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("registry must be a scalar resource handle, found shape ", input.shape().DebugString()));
  }
  const ResourceHandle& handle = input.scalar<ResourceHandle>()();
  const absl::Status right_type = handle.ValidateType<RegistryResource>();
  if (!right_type.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("registry must be the handle of a LayerRegistry, found the handle of a ", ResourceTypeName(handle),
                     " named \"", handle.name(), "\""));
  }
  if (handle.IsRefCounting()) {
    *table = static_cast<RegistryResource*>(handle.resource().get())->table().get();
    return absl::OkStatus();
  }
  const absl::Status found = tensorflow::LookupResource(context, handle, keep);
  if (absl::IsNotFound(found)) return LostRegistry(handle);
  if (!found.ok()) return found;
  *table = (*keep)->table().get();
  return absl::OkStatus();
}

}  // namespace tlr
