// Ops that make, find and adopt variables.
#include "ops/shape_functions.h"
#include "tensorflow/core/framework/op.h"

REGISTER_OP("LayerRegistry>GetOrCreateVariable")
    .Input("registry: resource")
    .Input("key: string")
    .Input("captured: Tcaptured")
    .Output("handle: resource")
    .Output("created: bool")
    .Attr("initializer: func")
    .Attr("Tcaptured: list(type) >= 0")
    .Attr("dtype: type")
    .Attr("shape: shape")
    .Attr("trainable: bool = true")
    .SetIsStateful()
    .SetShapeFn(tlr::VariableShape)
    .Doc(R"doc(
The variable under a key, made by `initializer` if there is none.

However many steps race for a key, one initializer runs at a time, and once it has succeeded no other ever runs. The
others wait without holding a thread. If the one that runs fails or its step is cancelled, its step gets the error, and
the next in line runs its own initializer.

Fails with InvalidArgument for a malformed key, for another kind, dtype or shape under it, and for an initial value of
another dtype or shape than asked for; FailedPrecondition where the initializer asks for the key it is making;
ResourceExhausted where the registry is full; whatever the initializer fails with.

registry: Scalar handle of the registry.
key: Scalar. UTF-8 of 1 to 1024 bytes, in segments joined by '/'.
captured: Further inputs of `initializer`.
handle: Scalar handle of the variable.
created: Scalar. Whether this call made the variable.
initializer: Takes `key` and `captured`; returns the initial value.
dtype: Type of the variable.
shape: Shape of the variable. May be partly known; the variable then has the shape of its initial value.
trainable: Recorded with the variable when it is made.
)doc");

REGISTER_OP("LayerRegistry>LookupVariable")
    .Input("registry: resource")
    .Input("key: string")
    .Output("handle: resource")
    .Attr("dtype: type")
    .Attr("shape: shape")
    .SetIsStateful()
    .SetShapeFn(tlr::VariableShape)
    .Doc(R"doc(
The variable under a key.

Fails with NotFound where there is none; InvalidArgument for a malformed key, and for another kind, dtype or shape under it.

registry: Scalar handle of the registry.
key: Scalar.
handle: Scalar handle of the variable.
dtype: Type the variable must have.
shape: Shape the variable's must be compatible with.
)doc");

REGISTER_OP("LayerRegistry>InsertVariable")
    .Input("registry: resource")
    .Input("key: string")
    .Input("handle: resource")
    .Input("reservation: int64")
    .Output("id: int64")
    .Attr("trainable: bool = true")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
Adopts an existing variable under a key.

The registry keeps the variable alive. Afterwards the key gives another handle of the same variable.

Fails with AlreadyExists where the key is taken or being created; InvalidArgument for a malformed key and for a handle that
is not a variable's; ResourceExhausted where the registry is full; FailedPrecondition where the reservation is not held.

registry: Scalar handle of the registry.
key: Scalar.
handle: Scalar handle of a variable on the registry's device.
reservation: Scalar. 0, or the ticket of the key's reservation, which this call then ends.
id: Scalar. The entry's number, unique in its registry.
trainable: Recorded with the variable.
)doc");
