// Describe: keys and specs of many entries.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
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

// Names have the form of keys: UTF-8 without control characters.
void AppendJsonString(std::string* json, std::string_view text) {
  json->push_back('"');
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') json->push_back('\\');
    json->push_back(letter);
  }
  json->push_back('"');
}

void AppendJsonShape(std::string* json, const core::Shape& shape) {
  if (!shape.known_rank()) {
    json->append("null");
    return;
  }
  const char* separator = "[";
  for (const int64_t size : shape.sizes()) {
    absl::StrAppend(json, separator, size);
    separator = ", ";
  }
  json->append(shape.sizes().empty() ? "[]" : "]");
}

std::string Spec(const core::Entry& entry) {
  std::string json = entry.kind == core::Kind::kVariable ? R"({"kind": "variable")" : R"({"kind": "layer")";
  json.append(entry.companion ? R"(, "companion": true, "weights": [)" : R"(, "companion": false, "weights": [)");
  const char* separator = "";
  for (const core::Weight& weight : entry.weights) {
    absl::StrAppend(&json, separator, "[");
    AppendJsonString(&json, weight.name);
    absl::StrAppend(&json, ", ", weight.dtype, ", ");
    AppendJsonShape(&json, weight.shape);
    absl::StrAppend(&json, ", ", weight.trainable ? "true" : "false", "]");
    separator = ", ";
  }
  json.append("]}");
  return json;
}

// The specs of entries, each once.
class Specs {
 public:
  int64_t NumberOf(const core::Entry& entry) {
    // Most entries share their list with others, and are told by its address.
    auto& by_address = by_address_[entry.companion ? 1 : 0];
    const auto known = by_address.find(entry.weights.address());
    if (known != by_address.end()) return known->second;
    const auto number = static_cast<int64_t>(specs_.size());
    const auto [place, added] = by_text_.emplace(Spec(entry), number);
    if (added) specs_.push_back(&place->first);
    by_address.emplace(entry.weights.address(), place->second);
    return place->second;
  }

  const std::vector<const std::string*>& specs() const { return specs_; }

 private:
  std::array<std::unordered_map<const void*, int64_t>, 2> by_address_;
  std::unordered_map<std::string, int64_t> by_text_;
  std::vector<const std::string*> specs_;
};

class DescribeOp : public tensorflow::OpKernel {
 public:
  using OpKernel::OpKernel;

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    tensorflow::core::RefCountPtr<RegistryResource> keep;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep));
    std::string_view prefix;
    OP_REQUIRES_OK(context, GetKey(context, 1, "prefix", &prefix));
    const core::Result<std::vector<core::ListedEntry>> listed = table->List(prefix);
    OP_REQUIRES(context, listed.ok(), ToStatus(listed.error()));
    const std::vector<core::ListedEntry>& entries = listed.value();
    const auto count = static_cast<int64_t>(entries.size());
    Tensor* keys = nullptr;
    Tensor* ids = nullptr;
    Tensor* spec_of = nullptr;
    Tensor* specs = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, TensorShape({count}), &keys));
    OP_REQUIRES_OK(context, context->allocate_output(1, TensorShape({count}), &ids));
    OP_REQUIRES_OK(context, context->allocate_output(2, TensorShape({count}), &spec_of));
    Specs distinct;
    for (int64_t i = 0; i < count; ++i) {
      const core::Entry& entry = *entries[static_cast<size_t>(i)];
      keys->vec<tstring>()(i) = entry.key;
      ids->vec<int64_t>()(i) = static_cast<int64_t>(entry.id);
      spec_of->vec<int64_t>()(i) = distinct.NumberOf(entry);
    }
    const auto different = static_cast<int64_t>(distinct.specs().size());
    OP_REQUIRES_OK(context, context->allocate_output(3, TensorShape({different}), &specs));
    for (int64_t i = 0; i < different; ++i) specs->vec<tstring>()(i) = *distinct.specs()[static_cast<size_t>(i)];
  }
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Describe").Device(DEVICE_CPU), DescribeOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Describe")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("prefix")
                            .HostMemory("keys")
                            .HostMemory("ids")
                            .HostMemory("spec_of")
                            .HostMemory("specs"),
                        DescribeOp);

}  // namespace
}  // namespace tlr
