// Ops that make, find and adopt layers: ordered weights that come and go together.
#include "ops/shape_functions.h"
#include "tensorflow/core/framework/op.h"

REGISTER_OP("LayerRegistry>GetOrCreateLayer")
    .Input("registry: resource")
    .Input("key: string")
    .Input("captured: Tcaptured")
    .Output("handles: N * resource")
    .Output("created: bool")
    .Attr("initializer: func")
    .Attr("Tcaptured: list(type) >= 0")
    .Attr("N: int >= 1")
    .Attr("dtypes: list(type) >= 1")
    .Attr("shapes: list(shape) >= 1")
    .Attr("weight_names: list(string) >= 1")
    .Attr("trainable: list(bool) >= 1")
    .Attr("companion: bool = false")
    .SetIsStateful()
    .SetShapeFn(tlr::LayerShape)
    .Doc(R"doc(
The weights of the layer under a key, all made by one run of `initializer` if there is none.

As GetOrCreateVariable, for N weights that are created, found and erased as one.

A companion belongs to the entry under the key without its last segment, which must be "optimizer": it is erased with
that entry. Where that entry is gone once the companion was made, this call's handles are all there is of it.

Fails as GetOrCreateVariable; InvalidArgument too where the layer under the key has other weights, and where the key is
not that of a companion.

registry: Scalar handle of the registry.
key: Scalar. UTF-8 of 1 to 1024 bytes, in segments joined by '/'.
captured: Further inputs of `initializer`.
handles: Scalar handles of the weights, in the order of `weight_names`.
created: Scalar. Whether this call made the layer.
initializer: Takes `key` and `captured`; returns the N initial values.
N: Number of weights.
dtypes: Type of each weight.
shapes: Shape of each weight.
weight_names: Name of each weight, relative to the key and of the same form as a key.
trainable: Recorded with each weight when the layer is made.
companion: Whether what is made is a companion.
)doc");

REGISTER_OP("LayerRegistry>LookupLayer")
    .Input("registry: resource")
    .Input("key: string")
    .Output("handles: N * resource")
    .Attr("N: int >= 1")
    .Attr("dtypes: list(type) >= 1")
    .Attr("shapes: list(shape) >= 1")
    .Attr("weight_names: list(string) = []")
    .SetIsStateful()
    .SetShapeFn(tlr::LayerShape)
    .Doc(R"doc(
The weights of the layer under a key.

Fails with NotFound where there is none; InvalidArgument for a malformed key, and where the layer has other weights.

registry: Scalar handle of the registry.
key: Scalar.
handles: Scalar handles of the weights, in the layer's order.
N: Number of weights the layer must have.
dtypes: Type each weight must have.
shapes: Shape each weight's must be compatible with.
weight_names: Name each weight must have; empty to accept any names.
)doc");

REGISTER_OP("LayerRegistry>InsertLayer")
    .Input("registry: resource")
    .Input("key: string")
    .Input("handles: N * resource")
    .Input("reservation: int64")
    .Output("id: int64")
    .Attr("N: int >= 0")
    .Attr("weight_names: list(string)")
    .Attr("trainable: list(bool)")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
Adopts existing variables as the weights of a layer under a key.

Fails as InsertVariable; InvalidArgument too for a malformed weight name.

registry: Scalar handle of the registry.
key: Scalar.
handles: Scalar handles of variables on the registry's device.
reservation: Scalar. 0, or the ticket of the key's reservation, which this call then ends.
id: Scalar. The entry's number, unique in its registry.
N: Number of weights.
weight_names: Name of each weight, relative to the key.
trainable: Recorded with each weight.
)doc");
