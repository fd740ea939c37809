// Ops that count, list and erase.
#include "ops/shape_functions.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"

namespace {

absl::Status KeysShape(tensorflow::shape_inference::InferenceContext* context) {
  tensorflow::shape_inference::ShapeHandle unused;
  TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 0, &unused));
  TF_RETURN_IF_ERROR(context->WithRank(context->input(1), 0, &unused));
  context->set_output(0, context->Vector(context->UnknownDim()));
  return absl::OkStatus();
}

}  // namespace

REGISTER_OP("LayerRegistry>Contains")
    .Input("registry: resource")
    .Input("keys: string")
    .Output("found: bool")
    .SetIsStateful()
    .SetShapeFn(tlr::PerKeyShape)
    .Doc(R"doc(
Whether there is an entry under each key.

Fails with InvalidArgument for a malformed key.

registry: Scalar handle of the registry.
keys: Vector of keys.
found: Vector of the same length.
)doc");

REGISTER_OP("LayerRegistry>Size")
    .Input("registry: resource")
    .Output("size: int64")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
The number of entries. One whose initializer still runs does not count yet.

registry: Scalar handle of the registry.
size: Scalar.
)doc");

REGISTER_OP("LayerRegistry>Keys")
    .Input("registry: resource")
    .Input("prefix: string")
    .Output("keys: string")
    .SetIsStateful()
    .SetShapeFn(KeysShape)
    .Doc(R"doc(
The keys below a prefix, in byte order.

Whole segments count: "a/b" selects "a/b" and "a/b/c" but not "a/bc"; "a/b/" selects "a/b/c" alone; "" selects all.

Fails with InvalidArgument for a malformed prefix.

registry: Scalar handle of the registry.
prefix: Scalar.
keys: Vector of keys.
)doc");

REGISTER_OP("LayerRegistry>Erase")
    .Input("registry: resource")
    .Input("keys: string")
    .Output("erased: bool")
    .SetIsStateful()
    .SetShapeFn(tlr::PerKeyShape)
    .Doc(R"doc(
Drops the entry under each key. Handles already given out stay valid until released.

Fails with InvalidArgument for a malformed key; no entry is erased then.

registry: Scalar handle of the registry.
keys: Vector of keys.
erased: Vector of the same length: whether there was an entry.
)doc");

REGISTER_OP("LayerRegistry>ErasePrefix")
    .Input("registry: resource")
    .Input("prefix: string")
    .Output("erased: int64")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
Drops every entry that a prefix selects, as the Keys op selects them.

Fails with InvalidArgument for a malformed prefix.

registry: Scalar handle of the registry.
prefix: Scalar.
erased: Scalar. The number of entries dropped.
)doc");
