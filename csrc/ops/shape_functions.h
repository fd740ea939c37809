// Shape functions that several ops share.
#ifndef TLR_OPS_SHAPE_FUNCTIONS_H_
#define TLR_OPS_SHAPE_FUNCTIONS_H_

#include "tensorflow/core/framework/shape_inference.h"

namespace tlr {

// Inputs registry (scalar) and key (scalar); output 0 is the handle of a variable of attributes dtype and shape.
absl::Status VariableShape(tensorflow::shape_inference::InferenceContext* context);

// Inputs registry and key (scalars); outputs 0 to N-1 are handles of variables of attributes dtypes and shapes.
absl::Status LayerShape(tensorflow::shape_inference::InferenceContext* context);

// Inputs registry (scalar) and a vector of keys; one output of the keys' shape.
absl::Status PerKeyShape(tensorflow::shape_inference::InferenceContext* context);

// Every input and every output is a scalar.
absl::Status AllScalars(tensorflow::shape_inference::InferenceContext* context);

}  // namespace tlr

#endif  // TLR_OPS_SHAPE_FUNCTIONS_H_
