"""What is registered with TensorFlow: ops, docs, kernels, gradients."""

from __future__ import annotations

from typing import Any

import pytest
from tensorflow.python.framework import kernels, op_def_registry
from tensorflow.python.framework import ops as framework_ops

from tf_layer_registry import _loader, ops

OPS = [
    "AnonymousHandle",
    "Contains",
    "Describe",
    "Erase",
    "ErasePrefix",
    "ExportValues",
    "GetOrCreateLayer",
    "GetOrCreateVariable",
    "Handle",
    "ImportValues",
    "InsertLayer",
    "InsertVariable",
    "Keys",
    "LookupLayer",
    "LookupVariable",
    "Move",
    "Size",
    "Token",
]
every_op = pytest.mark.parametrize("op", OPS)


def definition(op: str) -> Any:
    return op_def_registry.get(f"LayerRegistry>{op}")


def snake_case(op: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in op)[1:]


def test_the_library_registers_these_ops_and_no_others() -> None:
    wrappers = [name for name in vars(_loader.load()) if name.startswith("layer_registry_")]
    plain = {name for name in wrappers if not name.endswith("eager_fallback")}
    assert plain == {f"layer_registry_{snake_case(op)}" for op in OPS}


@every_op
def test_op_is_documented_down_to_each_argument(op: str) -> None:
    doc = getattr(_loader.load(), f"layer_registry_{snake_case(op)}").__doc__
    assert doc is not None
    summary, _, arguments = doc.partition("Args:")
    assert summary.strip().endswith(".")
    for argument in definition(op).input_arg:
        _, _, description = arguments.partition(f"{argument.name}: ")
        kind = description.split(".")[0]
        rest = description.removeprefix(kind).lstrip(". \n")
        assert rest, f"argument {argument.name} of {op} has no description"


@every_op
def test_op_is_stateful_so_that_it_is_never_folded_or_shared(op: str) -> None:
    assert definition(op).is_stateful


@every_op
def test_op_has_a_cpu_kernel_and_one_for_every_other_device(op: str) -> None:
    found = kernels.get_registered_kernels_for_op(f"LayerRegistry>{op}").kernel
    assert sorted(kernel.device_type for kernel in found) == ["CPU", "DEFAULT"]


@every_op
def test_other_devices_keep_handles_and_keys_in_host_memory(op: str) -> None:
    found = kernels.get_registered_kernels_for_op(f"LayerRegistry>{op}").kernel
    (default,) = [kernel for kernel in found if kernel.device_type == "DEFAULT"]
    arguments = [
        argument.name for argument in (*definition(op).input_arg, *definition(op).output_arg)
    ]
    on_host = [name for name in arguments if name not in ("captured", "values")]
    assert sorted(default.host_memory_arg) == sorted(on_host)


@every_op
def test_no_input_is_called_name(op: str) -> None:
    assert "name" not in [argument.name for argument in definition(op).input_arg]


@every_op
def test_op_has_a_typed_wrapper_with_a_docstring(op: str) -> None:
    wrapper = getattr(ops, snake_case(op))
    assert wrapper.__doc__
    assert "return" in wrapper.__annotations__


@every_op
def test_op_is_known_to_have_no_gradient(op: str) -> None:
    assert framework_ops.gradient_registry.lookup(f"LayerRegistry>{op}") is None
