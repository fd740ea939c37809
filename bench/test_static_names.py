"""Names that Python knows, beside tf_keras's shim and beside code without names.

Each row is taken with the same model code: under tf_keras's own decorator, under this package's,
and written by hand with the variables as attributes; the forward passes for each kind of object
that can be decorated (tf_keras's knows no Keras 3). The rows are taken in turns, so that whatever
else the machine does falls on all alike.

Run: pytest bench/test_static_names.py
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import in_turns
import keras
import pytest
import tensorflow as tf
import tf_keras
from rich.console import Console
from rich.table import Table
from tensorflow.python.ops.variable_scope import with_variable_store
from tf_keras.src.legacy_tf_layers import variable_scope_shim

import tf_layer_registry as tlr

v1 = tf.compat.v1
LAYERS = 100
WIDTH = 16
CALLS = 1000
SHIMS = {
    "tf_keras": (
        variable_scope_shim.track_tf1_style_variables,
        variable_scope_shim.get_or_create_layer,
    ),
    "tf_layer_registry": (tlr.track_tf1_style_variables, tlr.get_or_create_layer),
}


# What each kind of object derives from, and the method that calling it runs.
KINDS = {
    "tf.Module": (tf.Module, "__call__"),
    "tf_keras layer": (tf_keras.layers.Layer, "call"),
    "Keras 3 layer": (keras.layers.Layer, "call"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def decorated(shim: str, body: Callable[..., Any], kind: str = "tf.Module") -> Callable[..., Any]:
    """An object whose method runs `body(get_or_create_layer, inputs)`."""
    decorator, get_or_create_layer = SHIMS[shim]
    base, method = KINDS[kind]

    @decorator
    def run(self: Any, inputs: Any = None) -> Any:  # noqa: ARG001  # A method.
        return body(get_or_create_layer, inputs)

    return type("Decorated", (base,), {method: run})().__call__


def repeated_get_layer(get_or_create_layer: Any, _: Any) -> None:
    with v1.variable_scope("outer"):
        for _ in range(CALLS):
            get_or_create_layer("layer", tf.Module)


def repeated_get_variable(*_: Any) -> None:
    with v1.variable_scope("outer"):
        for _ in range(CALLS):
            v1.get_variable("kernel", [WIDTH, WIDTH])


def repeated_scope(*_: Any) -> None:
    for _ in range(CALLS):
        with v1.variable_scope("outer"):
            pass


def nothing(*_: Any) -> None:
    pass


def repeated_call(method: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(CALLS):
            method()

    return run


def dense(_: Any, inputs: tf.Tensor) -> tf.Tensor:
    with v1.variable_scope("dense"):
        kernel = v1.get_variable("kernel", [WIDTH, WIDTH])
        bias = v1.get_variable("bias", [WIDTH], initializer=v1.zeros_initializer())
        return tf.nn.relu(inputs @ kernel + bias)


class FloorStore:
    """What TensorFlow's scopes and getters cost before a store is asked: a dict of variables."""

    _store_eager_variables = True

    def __init__(self) -> None:
        self.variables: dict[str, tf.Variable] = {}

    def get_variable(self, name: str, shape: Any = None, **_: Any) -> tf.Variable:
        variable = self.variables.get(name)
        if variable is None:
            with tf.init_scope():
                variable = self.variables[name] = tf.Variable(tf.zeros(shape))
        return variable

    def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
        with with_variable_store(self):
            return dense(None, inputs)


def by_hand(kind: str) -> Any:
    """An object whose forward pass is `dense`, with its variables as attributes."""
    base, method = KINDS[kind]

    def initialize(self: Any) -> None:
        base.__init__(self)
        if kind == "tf.Module":
            self.kernel = tf.Variable(v1.glorot_uniform_initializer()([WIDTH, WIDTH]))
            self.bias = tf.Variable(tf.zeros([WIDTH]))
        else:
            self.kernel = self.add_weight(name="kernel", shape=[WIDTH, WIDTH])
            self.bias = self.add_weight(name="bias", shape=[WIDTH], initializer="zeros")
            self.built = True

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(inputs @ self.kernel + self.bias)

    return type("ByHand", (base,), {"__init__": initialize, method: forward})()


def forwards(kind: str) -> dict[str, Callable[[tf.Tensor], tf.Tensor]]:
    """The same layers one after another, their variables made."""
    makers: dict[str, Callable[[], Any]] = {"by hand": functools.partial(by_hand, kind)}
    if kind == "tf.Module":
        makers["TensorFlow's part"] = FloorStore
    for shim in SHIMS:
        if shim != "tf_keras" or kind != "Keras 3 layer":
            makers[shim] = functools.partial(decorated, shim, dense, kind)

    def forward(layers: list[Any], inputs: tf.Tensor) -> tf.Tensor:
        for layer in layers:
            inputs = layer(inputs)
        return inputs

    calls = {
        name: functools.partial(forward, [make() for _ in range(LAYERS)])
        for name, make in makers.items()
    }
    for call in calls.values():
        call(tf.ones([1, WIDTH]))
    return calls


def show(
    capsys: pytest.CaptureFixture[str], title: str, rows: dict[str, Any], base: str, count: int
) -> None:
    """Prints each row's time for one of `count`, and how often it goes into the base's."""
    table = Table(title, "lower quartile, us", "median, us", f"over {base}")
    for name, taken in rows.items():
        over = f"{taken[0] / rows[base][0]:.3f}"
        table.add_row(name, *(f"{time / count:.3f}" for time in taken), over)
    with capsys.disabled():
        Console(width=100).print(table)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("get_or_create_layer, found", repeated_get_layer),
        ("get_variable, found", repeated_get_variable),
        ("variable_scope", repeated_scope),
    ],
)
def test_one_call(
    title: str, body: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = {shim: decorated(shim, body) for shim in SHIMS}
    for call in calls.values():
        call()
    show(capsys, title, in_turns.quartiles(calls, 60), "tf_keras", CALLS)


def test_decorator(capsys: pytest.CaptureFixture[str]) -> None:
    calls = {shim: repeated_call(decorated(shim, nothing)) for shim in SHIMS}
    calls["undecorated"] = repeated_call(lambda: nothing(None, None))
    rows = in_turns.quartiles(calls, 60)
    undecorated = rows.pop("undecorated")
    enter = {shim: taken - undecorated for shim, taken in rows.items()}
    show(capsys, "the decorator, less the call", enter, "tf_keras", CALLS)


@every_kind
def test_eager_forward(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = tf.ones([8, WIDTH])
    calls = {name: lambda call=call: call(inputs) for name, call in forwards(kind).items()}
    rows = in_turns.quartiles(calls, 40)
    show(capsys, f"eager forward, {LAYERS} times {kind}", rows, "by hand", 1)


@every_kind
def test_tracing(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = tf.ones([8, WIDTH])
    # AutoGraph off, which Keras keeps out of its layers too: it would convert by how many calls a
    # function makes, TensorFlow's own among them.
    calls = {
        name: lambda call=call: tf.function(call, autograph=False).get_concrete_function(inputs)
        for name, call in forwards(kind).items()
    }
    rows = in_turns.quartiles(calls, 12)
    show(capsys, f"tracing, {LAYERS} times {kind}", rows, "by hand", 1)


@every_kind
def test_compiled_step(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = tf.ones([8, WIDTH])

    def step(call: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[], Any]:
        @tf.function
        def train() -> tf.Tensor:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(call(inputs))
            variables = tape.watched_variables()
            gradients = tape.gradient(loss, variables)
            for variable, gradient in zip(variables, gradients, strict=True):
                variable.assign_sub(1e-6 * gradient)
            return loss

        graph = train.get_concrete_function().graph
        ops = {node.type for node in graph.get_operations()}
        assert not [op for op in ops if op.startswith("LayerRegistry>")]
        train()
        return train

    calls = {name: step(call) for name, call in forwards(kind).items()}
    rows = in_turns.quartiles(calls, 100)
    show(capsys, f"compiled step, {LAYERS} times {kind}", rows, "by hand", 1)
