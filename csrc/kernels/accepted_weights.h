// Remembers a list of weights that matched, so that a kernel compares dtypes and shapes once and not at every call.
//
// Entries made alike share one list (see core/entry.h), so the next hit is a comparison of two addresses. The list is
// kept alive here, or another one could come to lie at its address.
//
// Thread safety: all methods may be called from any thread.
#ifndef TLR_KERNELS_ACCEPTED_WEIGHTS_H_
#define TLR_KERNELS_ACCEPTED_WEIGHTS_H_

#include <atomic>
#include <mutex>

#include "core/entry.h"

namespace tlr {

class AcceptedWeights {
 public:
  explicit AcceptedWeights(core::Kind kind) : kind_(kind) {}

  // Whether `entry` is what is wanted. `wanted` is the same at every call.
  bool Matches(const core::Wanted& wanted, const core::Entry& entry) {
    if (entry.kind == kind_ && entry.weights.address() == address_.load(std::memory_order_acquire)) return true;
    if (!wanted.Matches(entry)) return false;
    std::call_once(once_, [&] {
      first_ = entry.weights;
      address_.store(first_.address(), std::memory_order_release);
    });
    return true;
  }

 private:
  const core::Kind kind_;
  std::once_flag once_;
  core::Weights first_;
  std::atomic<const void*> address_{nullptr};
};

}  // namespace tlr

#endif  // TLR_KERNELS_ACCEPTED_WEIGHTS_H_
