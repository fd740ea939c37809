// Contains, Size, Keys, Erase and ErasePrefix.
#include <string_view>
#include <vector>

#include "core/table.h"
#include "kernels/key_input.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/registry_resource.h"
#include "tf/status.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;
using ::tensorflow::tstring;

class TableOp : public tensorflow::OpKernel {
 public:
  using OpKernel::OpKernel;

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    OP_REQUIRES_OK(context, Run(context, *table));
  }

 private:
  virtual absl::Status Run(OpKernelContext* context, core::Table& table) = 0;
};

class ContainsOp : public TableOp {
 public:
  using TableOp::TableOp;

 private:
  absl::Status Run(OpKernelContext* context, core::Table& table) override {
    std::vector<std::string_view> keys;
    TF_RETURN_IF_ERROR(GetKeys(context, &keys));
    Tensor* found = nullptr;
    TF_RETURN_IF_ERROR(context->allocate_output(0, context->input(1).shape(), &found));
    for (size_t i = 0; i < keys.size(); ++i) {
      found->vec<bool>()(static_cast<int64_t>(i)) = table.Contains(keys[i]);
    }
    return absl::OkStatus();
  }
};

class SizeOp : public TableOp {
 public:
  using TableOp::TableOp;

  // So that the executor runs it in place instead of handing it to another thread.
  bool IsExpensive() override { return false; }

 private:
  absl::Status Run(OpKernelContext* context, core::Table& table) override {
    Tensor* size = nullptr;
    TF_RETURN_IF_ERROR(context->allocate_output(0, TensorShape({}), &size));
    size->scalar<int64_t>()() = static_cast<int64_t>(table.size());
    return absl::OkStatus();
  }
};

class KeysOp : public TableOp {
 public:
  using TableOp::TableOp;

 private:
  absl::Status Run(OpKernelContext* context, core::Table& table) override {
    std::string_view prefix;
    TF_RETURN_IF_ERROR(GetKey(context, 1, "prefix", &prefix));
    const core::Result<std::vector<core::ListedEntry>> entries = table.List(prefix);
    if (!entries.ok()) return ToStatus(entries.error());
    Tensor* keys = nullptr;
    const auto count = static_cast<int64_t>(entries.value().size());
    TF_RETURN_IF_ERROR(context->allocate_output(0, TensorShape({count}), &keys));
    for (int64_t i = 0; i < count; ++i) keys->vec<tstring>()(i) = entries.value()[static_cast<size_t>(i)]->key;
    return absl::OkStatus();
  }
};

class EraseOp : public TableOp {
 public:
  using TableOp::TableOp;

 private:
  absl::Status Run(OpKernelContext* context, core::Table& table) override {
    std::vector<std::string_view> keys;
    TF_RETURN_IF_ERROR(GetKeys(context, &keys));
    Tensor* erased = nullptr;
    TF_RETURN_IF_ERROR(context->allocate_output(0, context->input(1).shape(), &erased));
    for (size_t i = 0; i < keys.size(); ++i) {
      erased->vec<bool>()(static_cast<int64_t>(i)) = table.Erase(keys[i]).value() != nullptr;
    }
    return absl::OkStatus();
  }
};

class ErasePrefixOp : public TableOp {
 public:
  using TableOp::TableOp;

 private:
  absl::Status Run(OpKernelContext* context, core::Table& table) override {
    std::string_view prefix;
    TF_RETURN_IF_ERROR(GetKey(context, 1, "prefix", &prefix));
    const core::Result<std::vector<core::EntryPtr>> entries = table.ErasePrefix(prefix);
    if (!entries.ok()) return ToStatus(entries.error());
    Tensor* erased = nullptr;
    TF_RETURN_IF_ERROR(context->allocate_output(0, TensorShape({}), &erased));
    erased->scalar<int64_t>()() = static_cast<int64_t>(entries.value().size());
    return absl::OkStatus();
  }
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Contains").Device(DEVICE_CPU), ContainsOp);
REGISTER_KERNEL_BUILDER(
    Name("LayerRegistry>Contains").Device(DEVICE_DEFAULT).HostMemory("registry").HostMemory("keys").HostMemory("found"),
    ContainsOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Size").Device(DEVICE_CPU), SizeOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Size").Device(DEVICE_DEFAULT).HostMemory("registry").HostMemory("size"),
                        SizeOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Keys").Device(DEVICE_CPU), KeysOp);
REGISTER_KERNEL_BUILDER(
    Name("LayerRegistry>Keys").Device(DEVICE_DEFAULT).HostMemory("registry").HostMemory("prefix").HostMemory("keys"),
    KeysOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Erase").Device(DEVICE_CPU), EraseOp);
REGISTER_KERNEL_BUILDER(
    Name("LayerRegistry>Erase").Device(DEVICE_DEFAULT).HostMemory("registry").HostMemory("keys").HostMemory("erased"),
    EraseOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ErasePrefix").Device(DEVICE_CPU), ErasePrefixOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ErasePrefix")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("prefix")
                            .HostMemory("erased"),
                        ErasePrefixOp);

}  // namespace
}  // namespace tlr
