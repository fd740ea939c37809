// One get-or-create call that did not find its entry at once: it reserves the key, or waits for the one who did, and
// runs the initializer.
//
// Threads: the call holds none while it waits or while its initializer's kernels run. What a table calls back on
// another caller's thread is handed to this step's own runner. A promoted waiter starts on a thread of its own, so
// that a long row of initializers that fail does not nest on one stack.
//
// Lifetime: a Creation keeps itself alive through the callbacks it gives away. It touches the op's context only until
// it calls `done`, and calls that exactly once.
#ifndef TLR_KERNELS_CREATION_H_
#define TLR_KERNELS_CREATION_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/creation_scope.h"
#include "core/entry.h"
#include "core/table.h"
#include "tensorflow/core/framework/cancellation.h"
#include "tensorflow/core/framework/function.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tlr {

// What the op's attributes say; owned by the kernel, which outlives every call.
struct CreationSpec {
  core::Wanted wanted;
  // The weights of what is made. Where `exact`, of everything that is made: their shapes are fully known.
  core::Weights weights;
  bool exact = true;
  tensorflow::NameAttrList initializer;
};

class Creation : public std::enable_shared_from_this<Creation> {
 public:
  // `emit` puts out an entry and whether this call made it.
  using Emit = std::function<absl::Status(const core::Entry& entry, bool created)>;

  Creation(const CreationSpec* spec, std::shared_ptr<core::Table> table, std::string key,
           tensorflow::OpKernelContext* context, Emit emit, tensorflow::AsyncOpKernel::DoneCallback done);

  void Start();

 private:
  void OnOutcome(core::Outcome outcome);
  void RunInitializer(core::Reservation reservation);
  absl::Status CollectArguments(std::vector<tensorflow::Tensor>* arguments) const;
  absl::Status MakeVariables(const std::vector<tensorflow::Tensor>& values, core::Weights* weights,
                             core::PayloadPtr* payload) const;
  void OnInitialized(core::Reservation reservation, const absl::Status& status,
                     const std::vector<tensorflow::Tensor>& values);
  void OnCancelled();
  void Finish(const absl::Status& status);
  void FinishWith(core::EntryPtr entry, bool created);

  const CreationSpec* const spec_;
  const std::shared_ptr<core::Table> table_;
  const std::string key_;
  tensorflow::OpKernelContext* const context_;
  const Emit emit_;
  const tensorflow::AsyncOpKernel::DoneCallback done_;
  const std::shared_ptr<core::CreationScope> asker_;
  tensorflow::CancellationToken token_ = tensorflow::CancellationManager::kInvalidToken;

  std::mutex mutex_;
  bool cancelled_ = false;  // guarded by mutex_
  uint64_t wait_ = 0;       // guarded by mutex_
};

}  // namespace tlr

#endif  // TLR_KERNELS_CREATION_H_
