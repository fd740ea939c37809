// ExportValues and ImportValues: the values of many entries that are alike.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/entry.h"
#include "core/key.h"
#include "core/table.h"
#include "kernels/key_input.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tf/registry_resource.h"
#include "tf/status.h"
#include "tf/variable.h"

namespace tlr {
namespace {

using ::tensorflow::DataType;
using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::PartialTensorShape;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;

std::string Describe(const std::string& name) {
  return name.empty() ? "" : absl::StrCat(", weight ", core::Quote(name));
}

class ExportValuesOp : public tensorflow::OpKernel {
 public:
  explicit ExportValuesOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, context->GetAttr("dtypes", &dtypes_));
  }

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    std::vector<std::string_view> keys;
    OP_REQUIRES_OK(context, GetKeys(context, &keys));
    const size_t count = keys.empty() ? 0 : dtypes_.size() / keys.size();
    OP_REQUIRES(context, count * keys.size() == dtypes_.size(),
                absl::InvalidArgumentError(absl::StrCat(
                    "dtypes must have as many elements for each of the ", keys.size(), " keys, found ", dtypes_.size(),
                    " in all. Export entries with different numbers of weights by calls of their own.")));
    Tensor* found = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, context->input(1).shape(), &found));
    for (size_t i = 0; i < keys.size(); ++i) {
      const core::EntryPtr entry = table->Peek(keys[i]);
      const bool as_asked = entry != nullptr && HasTypes(*entry, i * count, count);
      found->vec<bool>()(static_cast<int64_t>(i)) = as_asked;
      OP_REQUIRES_OK(context, as_asked ? PutOut(context, *entry, i * count) : PutOutNothing(context, i * count, count));
    }
  }

 private:
  bool HasTypes(const core::Entry& entry, size_t first, size_t count) const {
    if (entry.weights.size() != count) return false;
    for (size_t i = 0; i < count; ++i) {
      if (entry.weights[i].dtype != dtypes_[first + i]) return false;
    }
    return true;
  }

  static absl::Status PutOut(OpKernelContext* context, const core::Entry& entry, size_t first) {
    if (entry.weights.empty()) return absl::OkStatus();
    const HandlesPayload* handles = nullptr;
    TF_RETURN_IF_ERROR(HandlesOf(entry, &handles));
    for (size_t i = 0; i < handles->size(); ++i) {
      Tensor value;
      const absl::Status read = ReadVariable(context, (*handles)[i], &value);
      if (!read.ok()) {
        return absl::Status(read.code(), absl::StrCat("Key ", core::Quote(entry.key), Describe(entry.weights[i].name),
                                                      " cannot be read: ", read.message()));
      }
      context->set_output(static_cast<int>(first + i) + 1, value);
    }
    return absl::OkStatus();
  }

  static absl::Status PutOutNothing(OpKernelContext* context, size_t first, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      Tensor* empty = nullptr;
      TF_RETURN_IF_ERROR(context->allocate_output(static_cast<int>(first + i) + 1, TensorShape({0}), &empty));
    }
    return absl::OkStatus();
  }

  std::vector<DataType> dtypes_;
};

class ImportValuesOp : public tensorflow::OpKernel {
 public:
  explicit ImportValuesOp(OpKernelConstruction* context) : OpKernel(context) {
    std::vector<DataType> dtypes;
    std::vector<std::string> names;
    std::vector<bool> trainable;
    std::string kind;
    OP_REQUIRES_OK(context, context->GetAttr("dtypes", &dtypes));
    OP_REQUIRES_OK(context, context->GetAttr("kind", &kind));
    OP_REQUIRES_OK(context, context->GetAttr("weight_names", &names));
    OP_REQUIRES_OK(context, context->GetAttr("shapes", &shapes_));
    OP_REQUIRES_OK(context, context->GetAttr("trainable", &trainable));
    OP_REQUIRES_OK(context, context->GetAttr("companion", &companion_));
    kind_ = kind == "layer" ? core::Kind::kLayer : core::Kind::kVariable;
    count_ = names.size();
    OP_REQUIRES(context, shapes_.size() == count_ && trainable.size() == count_,
                absl::InvalidArgumentError(
                    absl::StrCat("weight_names, shapes and trainable must have one element for each weight, found ",
                                 names.size(), ", ", shapes_.size(), " and ", trainable.size())));
    OP_REQUIRES(
        context, kind_ == core::Kind::kLayer || (count_ == 1 && names[0].empty()),
        absl::InvalidArgumentError("A variable has one weight, whose name is empty. Pass weight_names=[\"\"]."));
    std::vector<core::Weight> weights;
    for (size_t i = 0; i < count_; ++i) {
      // Without values there is nothing to make, and no type to know.
      const DataType dtype = dtypes.empty() ? tensorflow::DT_INVALID : dtypes[i % dtypes.size()];
      weights.push_back({names[i], dtype, trainable[i], ToShape(shapes_[i])});
    }
    // Here, so that all entries that this kernel makes share one list.
    weights_ = std::move(weights);
  }

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    std::vector<std::string_view> keys;
    OP_REQUIRES_OK(context, GetKeys(context, &keys));
    const auto values = static_cast<size_t>(context->num_inputs()) - 2;
    OP_REQUIRES(context, values == keys.size() * count_,
                absl::InvalidArgumentError(absl::StrCat("values must have ", count_, " elements for each of the ",
                                                        keys.size(), " keys, found ", values, " in all")));
    std::vector<core::NewEntry> entries;
    entries.reserve(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      std::vector<Tensor> handles(count_);
      for (size_t j = 0; j < count_; ++j) {
        OP_REQUIRES_OK(context, MakeWeight(context, keys[i], i * count_ + j, j, &handles[j]));
      }
      entries.push_back({std::string(keys[i]), kind_, weights_, HandlesPayload::Make(std::move(handles)), companion_});
    }
    const core::Result<std::vector<core::EntryPtr>> made = table->InsertAll(std::move(entries));
    OP_REQUIRES(context, made.ok(), ToStatus(made.error()));
    Tensor* ids = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, context->input(1).shape(), &ids));
    for (size_t i = 0; i < keys.size(); ++i) {
      ids->vec<int64_t>()(static_cast<int64_t>(i)) = static_cast<int64_t>(made.value()[i]->id);
    }
  }

 private:
  absl::Status MakeWeight(OpKernelContext* context, std::string_view key, size_t index, size_t weight,
                          Tensor* handle) const {
    const Tensor& value = context->input(static_cast<int>(index) + 2);
    const core::Weight& wanted = weights_[weight];
    if (value.dtype() != wanted.dtype || !shapes_[weight].IsCompatibleWith(value.shape())) {
      return absl::InvalidArgumentError(
          absl::StrCat("The value of key ", core::Quote(key), Describe(wanted.name), " is ",
                       core::DataTypeName(value.dtype()), " ", value.shape().DebugString(), ", wanted ",
                       core::DataTypeName(wanted.dtype), " ", shapes_[weight].DebugString()));
    }
    return MakeVariable(context, value, shapes_[weight], handle);
  }

  core::Kind kind_ = core::Kind::kVariable;
  bool companion_ = false;
  size_t count_ = 0;
  std::vector<PartialTensorShape> shapes_;
  core::Weights weights_;
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ExportValues").Device(DEVICE_CPU), ExportValuesOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ExportValues")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("keys")
                            .HostMemory("found"),
                        ExportValuesOp);

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ImportValues").Device(DEVICE_CPU), ImportValuesOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>ImportValues")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("keys")
                            .HostMemory("ids"),
                        ImportValuesOp);

}  // namespace
}  // namespace tlr
