// Move: the entries of one registry to another, all or none.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/entry.h"
#include "core/key.h"
#include "core/table.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/resource_handle.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/resource_var.h"
#include "tf/registry_resource.h"
#include "tf/status.h"
#include "tf/variable.h"

namespace tlr {
namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::DEVICE_DEFAULT;
using ::tensorflow::OpKernelContext;
using ::tensorflow::ResourceHandle;
using ::tensorflow::Tensor;
using ::tensorflow::Var;
using ::tensorflow::core::RefCountPtr;

using Entries = std::vector<core::ListedEntry>;

// A value on its way into a variable. Nothing can fail once there is one.
struct Assignment {
  RefCountPtr<Var> variable;
  Tensor value;

  void Run() {
    const tensorflow::mutex_lock lock(*variable->mu());
    *variable->tensor() = value;
    variable->is_initialized = true;
  }
};

// REQUIRES: there are some.
const HandlesPayload& HandlesIn(const core::Entry& entry) {
  return *static_cast<const HandlesPayload*>(entry.payload.get());
}

// Lists of weights that say the same become one, so that who has compared it once knows it by its address.
class SharedWeights {
 public:
  core::Weights Of(const core::Entry& entry) {
    const auto [known, added] = by_address_.emplace(entry.weights.address(), entry.weights);
    if (added) known->second = by_text_.emplace(Text(entry), entry.weights).first->second;
    return known->second;
  }

 private:
  static std::string Text(const core::Entry& entry) {
    std::string text = entry.kind == core::Kind::kLayer ? "layer" : "variable";
    for (const core::Weight& weight : entry.weights) {
      absl::StrAppend(&text, "\n", weight.name, "\n", weight.dtype, weight.trainable ? "+" : "-",
                      weight.shape.ToString());
    }
    return text;
  }

  std::unordered_map<const void*, core::Weights> by_address_;
  std::unordered_map<std::string, core::Weights> by_text_;
};

class MoveOp : public tensorflow::OpKernel {
 public:
  using OpKernel::OpKernel;

  void Compute(OpKernelContext* context) override {
    core::Table* table = nullptr;
    core::Table* source = nullptr;
    RefCountPtr<RegistryResource> keep_table;
    RefCountPtr<RegistryResource> keep_source;
    OP_REQUIRES_OK(context, BorrowTable(context, 0, &table, &keep_table));
    OP_REQUIRES_OK(context, BorrowTable(context, 1, &source, &keep_source));
    OP_REQUIRES(context, table != source,
                absl::InvalidArgumentError("source must be another registry than the one that gets its entries"));
    const Entries entries = source->List("").value();
    for (const core::ListedEntry& entry : entries) {
      const HandlesPayload* handles = nullptr;
      OP_REQUIRES_OK(context, HandlesOf(*entry, &handles));
    }
    int64_t inserted = 0;
    OP_REQUIRES_OK(context, MoveAll(context, table, entries, &inserted));
    for (const core::ListedEntry& entry : entries) source->Erase(entry->key).value();
    OutputCount(context, 0, inserted);
    OutputCount(context, 1, static_cast<int64_t>(entries.size()) - inserted);
  }

 private:
  static absl::Status MoveAll(OpKernelContext* context, core::Table* table, const Entries& entries, int64_t* inserted) {
    // Other steps may put in some of the keys between the look and the insertion; then there are fewer to insert.
    for (size_t fewest = entries.size() + 1;;) {
      Entries absent;
      std::vector<Assignment> assignments;
      std::vector<core::EntryPtr> assigned;  // held, so that none is evicted for those that are inserted
      for (const core::ListedEntry& entry : entries) {
        core::EntryPtr present = table->Find(entry->key);
        if (present == nullptr) {
          absent.push_back(entry);
        } else {
          TF_RETURN_IF_ERROR(Prepare(context, *table, *entry, *present, &assignments));
          assigned.push_back(std::move(present));
        }
      }
      const core::Result<std::vector<core::EntryPtr>> made = table->InsertAll(Copies(absent));
      if (made.ok()) {
        for (Assignment& assignment : assignments) assignment.Run();
        *inserted = static_cast<int64_t>(absent.size());
        return absl::OkStatus();
      }
      if (made.error().code != core::Code::kAlreadyExists || absent.size() >= fewest) return ToStatus(made.error());
      fewest = absent.size();
    }
  }

  static std::vector<core::NewEntry> Copies(const Entries& entries) {
    SharedWeights shared;
    std::vector<core::NewEntry> copies;
    copies.reserve(entries.size());
    for (const core::ListedEntry& entry : entries) {
      const HandlesPayload& handles = HandlesIn(*entry);
      std::vector<Tensor> copied;
      copied.reserve(handles.size());
      for (size_t i = 0; i < handles.size(); ++i) copied.push_back(handles[i]);
      copies.push_back(
          {entry->key, entry->kind, shared.Of(*entry), HandlesPayload::Make(std::move(copied)), entry->companion});
    }
    return copies;
  }

  // Adds what brings the values of `from` to `to`.
  static absl::Status Prepare(OpKernelContext* context, const core::Table& table, const core::Entry& from,
                              const core::Entry& to, std::vector<Assignment>* assignments) {
    const HandlesPayload& sources = HandlesIn(from);
    std::vector<Tensor> values(sources.size());
    core::Wanted wanted;
    wanted.kind = from.kind;
    for (size_t i = 0; i < values.size(); ++i) {
      TF_RETURN_IF_ERROR(ReadVariable(context, sources[i], &values[i]));
      wanted.weights.push_back({from.weights[i].name, from.weights[i].dtype, ToShape(values[i].shape())});
    }
    if (!wanted.Matches(to)) {
      const core::Result<core::EntryPtr> refused = table.Lookup(to.key, wanted);
      return refused.ok() ? absl::AbortedError(absl::StrCat("Key ", core::Quote(to.key), " changed meanwhile"))
                          : ToStatus(refused.error());
    }
    if (values.empty()) return absl::OkStatus();
    const HandlesPayload* targets = nullptr;
    TF_RETURN_IF_ERROR(HandlesOf(to, &targets));
    for (size_t i = 0; i < values.size(); ++i) {
      Assignment assignment;
      TF_RETURN_IF_ERROR(
          tensorflow::LookupResource(context, (*targets)[i].scalar<ResourceHandle>()(), &assignment.variable));
      // What is written to in place needs a buffer of its own.
      if (assignment.variable->copy_on_read_mode.load()) {
        TF_RETURN_IF_ERROR(CopyTensor(context, values[i], &assignment.value));
      } else {
        assignment.value = std::move(values[i]);
      }
      assignments->push_back(std::move(assignment));
    }
    return absl::OkStatus();
  }

  static void OutputCount(OpKernelContext* context, int index, int64_t count) {
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(index, tensorflow::TensorShape({}), &output));
    output->scalar<int64_t>()() = count;
  }
};

REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Move").Device(DEVICE_CPU), MoveOp);
REGISTER_KERNEL_BUILDER(Name("LayerRegistry>Move")
                            .Device(DEVICE_DEFAULT)
                            .HostMemory("registry")
                            .HostMemory("source")
                            .HostMemory("inserted")
                            .HostMemory("assigned"),
                        MoveOp);

}  // namespace
}  // namespace tlr
