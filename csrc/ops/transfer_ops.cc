// Ops that carry many entries at once: for checkpoints, and from one registry to another.
#include "ops/shape_functions.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"

namespace {

using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeHandle;

absl::Status DescribeShape(InferenceContext* context) {
  ShapeHandle unused;
  TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 0, &unused));
  TF_RETURN_IF_ERROR(context->WithRank(context->input(1), 0, &unused));
  const ShapeHandle entries = context->Vector(context->UnknownDim());
  context->set_output(0, entries);
  context->set_output(1, entries);
  context->set_output(2, entries);
  context->set_output(3, context->Vector(context->UnknownDim()));
  return absl::OkStatus();
}

absl::Status ExportValuesShape(InferenceContext* context) {
  TF_RETURN_IF_ERROR(tlr::PerKeyShape(context));
  for (int i = 1; i < context->num_outputs(); ++i) context->set_output(i, context->UnknownShape());
  return absl::OkStatus();
}

}  // namespace

REGISTER_OP("LayerRegistry>Describe")
    .Input("registry: resource")
    .Input("prefix: string")
    .Output("keys: string")
    .Output("ids: int64")
    .Output("spec_of: int64")
    .Output("specs: string")
    .SetIsStateful()
    .SetShapeFn(DescribeShape)
    .Doc(R"doc(
What the entries below a prefix are.

Fails with InvalidArgument for a malformed prefix.

registry: Scalar handle of the registry.
prefix: Scalar. Which entries, as the Keys op selects them.
keys: Vector of keys, in byte order.
ids: Vector of the same length: each entry's number, unique in its registry.
spec_of: Vector of the same length: where in `specs` stands what the entry is.
specs: Vector. Entries that are alike share one. JSON with "kind", which is "variable" or "layer", "companion", and
  "weights", a list of [name, number of the dtype, list of sizes with -1 for one that is not known or null where the rank is not, whether
  trainable].
)doc");

REGISTER_OP("LayerRegistry>ExportValues")
    .Input("registry: resource")
    .Input("keys: string")
    .Output("found: bool")
    .Output("values: dtypes")
    .Attr("dtypes: list(type) >= 0")
    .SetIsStateful()
    .SetShapeFn(ExportValuesShape)
    .Doc(R"doc(
The values of all weights under each of many keys that hold entries of one kind.

Each value is that of one moment, and shares the variable's buffer. Whoever writes to the variable then copies it first.

Fails with InvalidArgument for a malformed key, and where the keys do not divide `dtypes` into equal parts;
FailedPrecondition where a weight has no value yet, or no handle.

registry: Scalar handle of the registry.
keys: Vector of keys.
found: Vector of the same length. False where there is no entry, or one with weights of other types; its values are then
  empty vectors.
values: The weights of the first key in order, then those of the second, and so on.
dtypes: Types of `values`: as many for each key as an entry has weights, and the same for each key.
)doc");

REGISTER_OP("LayerRegistry>ImportValues")
    .Input("registry: resource")
    .Input("keys: string")
    .Input("values: dtypes")
    .Output("ids: int64")
    .Attr("dtypes: list(type) >= 0")
    .Attr("kind: {'variable', 'layer'}")
    .Attr("weight_names: list(string) >= 0")
    .Attr("shapes: list(shape) >= 0")
    .Attr("trainable: list(bool) >= 0")
    .Attr("companion: bool = false")
    .SetIsStateful()
    .SetShapeFn(tlr::PerKeyShape)
    .Doc(R"doc(
Makes an entry with given values under each of many keys, all alike; or none.

Fails with AlreadyExists where a key is taken or being created; InvalidArgument for a malformed key or weight name, for a
key that comes twice, and for a value of another dtype or shape; FailedPrecondition for a companion without its owner;
ResourceExhausted where the registry has no room for all.

registry: Scalar handle of the registry.
keys: Vector of keys.
values: As ExportValues has them. The new variables share their buffers until they are written to.
ids: Vector of the length of `keys`: each entry's number, unique in its registry.
dtypes: Types of `values`.
kind: What to make. A variable has one weight, whose name is empty.
weight_names: Name of each weight, relative to the key.
shapes: Shape that each weight is declared with, which its values must be compatible with.
trainable: Recorded with each weight.
companion: Whether what is made are companions, as GetOrCreateLayer makes them.
)doc");

REGISTER_OP("LayerRegistry>Move")
    .Input("registry: resource")
    .Input("source: resource")
    .Output("inserted: int64")
    .Output("assigned: int64")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
Moves every entry of one registry to another: all of them, or none.

A key that the registry lacks gets the variables of `source`. One that it has keeps its variables, which get the values;
whoever holds their handles sees them. Afterwards `source` is empty.

Fails with InvalidArgument where a key holds something else, or `source` is the registry itself; AlreadyExists where a key
is being created just then; FailedPrecondition where an entry has no handles, or one that is to be assigned no value yet;
ResourceExhausted where the registry has no room for all.

registry: Scalar handle of the registry.
source: Scalar handle of a registry on the same device, which nobody else changes meanwhile.
inserted: Scalar. How many entries are new.
assigned: Scalar. How many entries got values.
)doc");
