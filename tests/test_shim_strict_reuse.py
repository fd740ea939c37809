"""`strict_reuse=True`: what TF1 refused in a graph is refused within a call, eagerly too."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf1_bodies
from descriptors import FlavourDescriptor, flavours_named
from shim_helpers import Execution, every_flavour
from strict_bodies import BODIES, get
from tf1_graph import differing, in_tf1_graph

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1


@every_flavour
def test_same_as_tf1(flavour: FlavourDescriptor, execution: Execution) -> None:
    assert differing(flavour, execution, BODIES, in_tf1_graph, strict_reuse=True) == {}


@pytest.mark.parametrize(
    "flavour",
    # One whose calls begin in the caller's scope, and one whose calls begin at the root.
    flavours_named("Keras 3", "tf.Module"),
    ids=lambda each: each.name,
)
def test_other_code_is_as_in_tf1(flavour: FlavourDescriptor, execution: Execution) -> None:
    bodies = tf1_bodies.BODIES
    assert differing(flavour, execution, bodies, in_tf1_graph, strict_reuse=True) == {}


# Across calls


EXISTS = (
    "Variable a/w already exists, disallowed. Did you mean to set reuse=True or "
    "reuse=tf.AUTO_REUSE in VarScope?"
)
strict = track_tf1_style_variables(strict_reuse=True)


@every_flavour
def test_each_call_begins_afresh(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        found.append(get())
        return inputs * found[-1]

    target = flavour.decorated(forward, strict_reuse=True)
    step = execution(target.__call__)
    outputs = [step(tf.ones((rows, 4)))[0] for rows in (2, 3, 2)]
    assert len(found) >= 2
    assert all(variable is found[0] for variable in found)
    np.testing.assert_array_equal(outputs[0], outputs[2])
    assert len(target.variables) == 1


@every_flavour
def test_call_within_a_call(flavour: FlavourDescriptor, execution: Execution) -> None:
    """The outermost one's option holds, and its names."""
    kind = flavour.decorated_class(lambda _self, inputs: inputs * get(), strict_reuse=True)
    kind.twice = strict(lambda self, inputs: self(self(inputs)))
    kind.plainly = track_tf1_style_variables(lambda self, inputs: self(self(inputs)))
    target = kind()

    def step(inputs: tf.Tensor) -> tf.Tensor:
        outputs = target.plainly(inputs)
        with pytest.raises(ValueError, match="already exists") as caught:
            target.twice(inputs)
        assert EXISTS in str(caught.value)
        return outputs

    execution(step)(tf.ones((2, 4)))
    assert len(target.variables) == 1


@every_flavour
def test_objects_have_names_of_their_own(flavour: FlavourDescriptor, execution: Execution) -> None:
    inner = flavour.decorated(lambda _self, inputs: inputs * get() * get())

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = inner(inputs * get())
        with v1.variable_scope("a", reuse=True) as scope:
            assert scope.reuse is True
        with pytest.raises(ValueError, match="already exists") as caught:
            get()
        assert str(caught.value) == EXISTS
        return inputs

    target = flavour.decorated(forward, strict_reuse=True)
    execution(target.__call__)(tf.ones((2, 4)))
    assert len(inner.variables) == 1


@every_flavour
def test_what_is_kept_from_an_earlier_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    kept: dict[str, Any] = {}

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        if not kept:
            kept["template"] = v1.make_template("scale", lambda: v1.get_variable("w", [4]))
            with v1.variable_scope("kept") as kept["scope"]:
                pass
        inputs *= kept["template"]() * kept["template"]()
        with v1.variable_scope(kept["scope"]):
            inputs *= v1.get_variable("w", [4])
            with pytest.raises(ValueError, match="Variable kept/w already exists"):
                v1.get_variable("w", [4])
        with pytest.raises(ValueError, match="Variable scale/w already exists"):
            get("w", "scale")
        return inputs

    target = flavour.decorated(forward, strict_reuse=True)
    for rows in (2, 3):
        execution(target.__call__)(tf.ones((rows, 4)))
    names = list(target._tf1_style_var_store.tf1_variables)
    assert names == ["scale/w", "kept/w"]


@every_flavour
def test_scopes_outside_forget_as_ever(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(lambda _self, inputs: inputs * get(), strict_reuse=True)
    target(tf.ones((2, 4)))
    with v1.variable_scope("a", reuse=True) as scope:
        assert scope.reuse is v1.AUTO_REUSE

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with v1.variable_scope("a", reuse=True) as scope:
            assert scope.reuse is v1.AUTO_REUSE
        return inputs * get() * get()

    flavour.decorated(forward)(tf.ones((2, 4)))


def test_scope_of_the_caller() -> None:
    class Module(tf.Module):
        @strict
        def __call__(self) -> Any:
            return v1.get_variable("w", [4])

    module = Module()

    def call(**arguments: Any) -> Any:
        with v1.variable_scope("outer", **arguments):
            return module()

    assert call() is call(reuse=v1.AUTO_REUSE)

    @tf.function
    def step() -> None:
        call(reuse=True)
        with v1.variable_scope("other", reuse=True):
            module()

    with pytest.raises(ValueError, match="Variable other/w does not exist"):
        step()


def test_threads_do_not_share_names() -> None:
    kind = type("Module", (tf.Module,), {"__call__": strict(lambda _self: get())})
    module, start, found = kind(), threading.Barrier(8), []

    def call() -> None:
        start.wait()
        found.extend(module() for _ in range(20))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160
    assert len({id(variable) for variable in found}) == 1
