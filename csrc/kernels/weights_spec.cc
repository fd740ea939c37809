#include "kernels/weights_spec.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tensorflow/core/framework/types.h"
#include "tf/variable.h"

namespace tlr {
namespace {

using ::tensorflow::DataType;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::PartialTensorShape;

absl::Status CheckCount(const char* attribute, size_t found, size_t wanted) {
  if (found == wanted) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(attribute, " must have one element for each of the ", wanted, " weights, found ", found));
}

absl::Status ReadLayer(OpKernelConstruction* context, core::Wanted* wanted) {
  int count = 0;
  std::vector<DataType> dtypes;
  std::vector<PartialTensorShape> shapes;
  std::vector<std::string> names;
  TF_RETURN_IF_ERROR(context->GetAttr("N", &count));
  TF_RETURN_IF_ERROR(context->GetAttr("dtypes", &dtypes));
  TF_RETURN_IF_ERROR(context->GetAttr("shapes", &shapes));
  TF_RETURN_IF_ERROR(context->GetAttr("weight_names", &names));
  TF_RETURN_IF_ERROR(CheckCount("dtypes", dtypes.size(), static_cast<size_t>(count)));
  TF_RETURN_IF_ERROR(CheckCount("shapes", shapes.size(), static_cast<size_t>(count)));
  if (!names.empty()) TF_RETURN_IF_ERROR(CheckCount("weight_names", names.size(), static_cast<size_t>(count)));
  names.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < names.size(); ++i) {
    wanted->weights.push_back({std::move(names[i]), dtypes[i], ToShape(shapes[i])});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadWanted(OpKernelConstruction* context, core::Kind kind, core::Wanted* wanted) {
  wanted->kind = kind;
  if (kind == core::Kind::kLayer) return ReadLayer(context, wanted);
  DataType dtype;
  PartialTensorShape shape;
  TF_RETURN_IF_ERROR(context->GetAttr("dtype", &dtype));
  TF_RETURN_IF_ERROR(context->GetAttr("shape", &shape));
  wanted->weights.push_back({"", dtype, ToShape(shape)});
  return absl::OkStatus();
}

absl::Status ReadTrainable(OpKernelConstruction* context, core::Kind kind, size_t count, std::vector<bool>* trainable) {
  if (kind == core::Kind::kLayer) {
    TF_RETURN_IF_ERROR(context->GetAttr("trainable", trainable));
    return CheckCount("trainable", trainable->size(), count);
  }
  bool flag = true;
  TF_RETURN_IF_ERROR(context->GetAttr("trainable", &flag));
  trainable->assign(1, flag);
  return absl::OkStatus();
}

absl::Status OutputHandles(tensorflow::OpKernelContext* context, const core::Entry& entry) {
  const HandlesPayload* payload = nullptr;
  TF_RETURN_IF_ERROR(HandlesOf(entry, &payload));
  for (size_t i = 0; i < payload->size(); ++i) {
    context->set_output(static_cast<int>(i), (*payload)[i]);
  }
  return absl::OkStatus();
}

}  // namespace tlr
