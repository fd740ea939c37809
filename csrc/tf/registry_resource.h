// A table as a TensorFlow resource.
//
// Anonymous registries live as long as their handles. Named ones belong to the device's ResourceMgr under (container,
// shared_name); their handles count references too, so that an op finds the table through the handle alone. Only a
// handle that came from another process, which carries a name and no pointer, costs a search in the ResourceMgr.
#ifndef TLR_TF_REGISTRY_RESOURCE_H_
#define TLR_TF_REGISTRY_RESOURCE_H_

#include <memory>
#include <string>
#include <utility>

#include "core/table.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/resource_mgr.h"

namespace tlr {

class RegistryResource : public tensorflow::ResourceBase {
 public:
  explicit RegistryResource(core::TableOptions options) : table_(core::Table::Create(std::move(options))) {}

  const std::shared_ptr<core::Table>& table() const { return table_; }

  std::string DebugString() const override;

 private:
  const std::shared_ptr<core::Table> table_;
};

// The table that the op's input `index` names; it lives at least as long as `*keep` and the op's inputs do.
// InvalidArgument where the input is no scalar handle of a registry, NotFound where the registry is gone.
absl::Status BorrowTable(tensorflow::OpKernelContext* context, int index, core::Table** table,
                         tensorflow::core::RefCountPtr<RegistryResource>* keep);

}  // namespace tlr

#endif  // TLR_TF_REGISTRY_RESOURCE_H_
