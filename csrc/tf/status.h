// Core's outcomes as TensorFlow's.
#ifndef TLR_TF_STATUS_H_
#define TLR_TF_STATUS_H_

#include "absl/status/status.h"
#include "core/error.h"

namespace tlr {

absl::Status ToStatus(const core::Error& error);

}  // namespace tlr

#endif  // TLR_TF_STATUS_H_
