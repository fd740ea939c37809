#include "tf/status.h"

namespace tlr {
namespace {

absl::StatusCode ToStatusCode(core::Code code) {
  switch (code) {
    case core::Code::kInvalidArgument:
      return absl::StatusCode::kInvalidArgument;
    case core::Code::kNotFound:
      return absl::StatusCode::kNotFound;
    case core::Code::kAlreadyExists:
      return absl::StatusCode::kAlreadyExists;
    case core::Code::kFailedPrecondition:
      return absl::StatusCode::kFailedPrecondition;
    case core::Code::kResourceExhausted:
      return absl::StatusCode::kResourceExhausted;
    case core::Code::kCancelled:
      return absl::StatusCode::kCancelled;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status ToStatus(const core::Error& error) { return absl::Status(ToStatusCode(error.code), error.message); }

}  // namespace tlr
