#include "ops/shape_functions.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "tensorflow/core/framework/types.pb.h"

namespace tlr {
namespace {

using ::tensorflow::DataType;
using ::tensorflow::PartialTensorShape;
using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeAndType;
using ::tensorflow::shape_inference::ShapeHandle;

absl::Status CheckScalarInputs(InferenceContext* context, int count) {
  for (int i = 0; i < count; ++i) {
    ShapeHandle unused;
    TF_RETURN_IF_ERROR(context->WithRank(context->input(i), 0, &unused));
  }
  return absl::OkStatus();
}

absl::Status SetHandle(InferenceContext* context, int output, DataType dtype, const PartialTensorShape& shape) {
  ShapeHandle handle_shape;
  TF_RETURN_IF_ERROR(context->MakeShapeFromPartialTensorShape(shape, &handle_shape));
  context->set_output(output, context->Scalar());
  context->set_output_handle_shapes_and_types(output, std::vector<ShapeAndType>{{handle_shape, dtype}});
  return absl::OkStatus();
}

void SetScalarsFrom(InferenceContext* context, int first_output) {
  for (int i = first_output; i < context->num_outputs(); ++i) context->set_output(i, context->Scalar());
}

}  // namespace

absl::Status VariableShape(InferenceContext* context) {
  TF_RETURN_IF_ERROR(CheckScalarInputs(context, 2));
  DataType dtype;
  PartialTensorShape shape;
  TF_RETURN_IF_ERROR(context->GetAttr("dtype", &dtype));
  TF_RETURN_IF_ERROR(context->GetAttr("shape", &shape));
  TF_RETURN_IF_ERROR(SetHandle(context, 0, dtype, shape));
  SetScalarsFrom(context, 1);
  return absl::OkStatus();
}

absl::Status LayerShape(InferenceContext* context) {
  TF_RETURN_IF_ERROR(CheckScalarInputs(context, 2));
  std::vector<DataType> dtypes;
  std::vector<PartialTensorShape> shapes;
  int count = 0;
  TF_RETURN_IF_ERROR(context->GetAttr("N", &count));
  TF_RETURN_IF_ERROR(context->GetAttr("dtypes", &dtypes));
  TF_RETURN_IF_ERROR(context->GetAttr("shapes", &shapes));
  if (dtypes.size() != static_cast<size_t>(count) || shapes.size() != static_cast<size_t>(count)) {
    return absl::InvalidArgumentError(absl::StrCat("N, dtypes and shapes must agree: N is ", count, ", with ",
                                                   dtypes.size(), " dtypes and ", shapes.size(), " shapes"));
  }
  for (int i = 0; i < count; ++i) TF_RETURN_IF_ERROR(SetHandle(context, i, dtypes[i], shapes[i]));
  SetScalarsFrom(context, count);
  return absl::OkStatus();
}

absl::Status PerKeyShape(InferenceContext* context) {
  ShapeHandle keys;
  TF_RETURN_IF_ERROR(CheckScalarInputs(context, 1));
  TF_RETURN_IF_ERROR(context->WithRank(context->input(1), 1, &keys));
  context->set_output(0, keys);
  return absl::OkStatus();
}

absl::Status AllScalars(InferenceContext* context) {
  TF_RETURN_IF_ERROR(CheckScalarInputs(context, context->num_inputs()));
  SetScalarsFrom(context, 0);
  return absl::OkStatus();
}

}  // namespace tlr
