// The attributes that say what an op wants under its key, for variables and layers alike.
#ifndef TLR_KERNELS_WEIGHTS_SPEC_H_
#define TLR_KERNELS_WEIGHTS_SPEC_H_

#include <vector>

#include "core/entry.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tlr {

// Reads dtype and shape (a variable), or N, dtypes, shapes and, where the op has it, weight_names (a layer).
absl::Status ReadWanted(tensorflow::OpKernelConstruction* context, core::Kind kind, core::Wanted* wanted);

// Reads trainable: one flag (a variable) or `count` flags (a layer).
absl::Status ReadTrainable(tensorflow::OpKernelConstruction* context, core::Kind kind, size_t count,
                           std::vector<bool>* trainable);

// Puts out the handles of `entry`, from output 0 on. REQUIRES: the entry is what the op wanted.
absl::Status OutputHandles(tensorflow::OpKernelContext* context, const core::Entry& entry);

}  // namespace tlr

#endif  // TLR_KERNELS_WEIGHTS_SPEC_H_
