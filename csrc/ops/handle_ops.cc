// Ops that open a registry.
#include "ops/shape_functions.h"
#include "tensorflow/core/framework/op.h"

REGISTER_OP("LayerRegistry>Handle")
    .Output("registry: resource")
    .Attr("container: string = ''")
    .Attr("shared_name: string")
    .Attr("max_entries: int >= 0 = 0")
    .Attr("max_bytes: int >= 0 = 0")
    .Attr("evict_least_recently_used: bool = false")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
The registry of a name, made at the first call.

The registry lives in the device's resource manager under (container, shared_name) until the process ends or the
container is cleared. Every graph, function and session on that device that gives the same name gets the same registry;
on a parameter server, so does every client of the cluster.

registry: Scalar handle of the registry.
container: The container that holds it; the default container if empty.
shared_name: Its name. Must not be empty.
max_entries: Entries it can hold, 0 for no bound. Must equal the bound it was first made with.
max_bytes: Bytes that the values of its entries can take, 0 for no bound. Must equal the bound it was first made with.
evict_least_recently_used: Whether, where there is no room, the entry that was looked up or made longest ago is erased
  to make it: never one in use by a running step, held by Python, or being created. Needs a bound.
)doc");

REGISTER_OP("LayerRegistry>AnonymousHandle")
    .Output("registry: resource")
    .Attr("max_entries: int >= 0 = 0")
    .Attr("max_bytes: int >= 0 = 0")
    .Attr("evict_least_recently_used: bool = false")
    .Attr("debug_name: string = 'anonymous'")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
A new, empty registry that nobody else can open.

It lives as long as some handle of it does.

registry: Scalar handle of the registry.
max_entries: Entries it can hold, 0 for no bound.
max_bytes: Bytes that the values of its entries can take, 0 for no bound.
evict_least_recently_used: Whether, where there is no room, the entry that was looked up or made longest ago is erased
  to make it: never one in use by a running step, held by Python, or being created. Needs a bound.
debug_name: What errors call it.
)doc");

REGISTER_OP("LayerRegistry>Token")
    .Input("registry: resource")
    .Output("token: int64")
    .SetIsStateful()
    .SetShapeFn(tlr::AllScalars)
    .Doc(R"doc(
A number that names the registry inside the process that holds it.

registry: Scalar handle of the registry.
token: Scalar, never 0. The bindings open the registry by it, without an op call; in any other process it opens nothing.
)doc");
