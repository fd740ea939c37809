"""Classes that derive from decorated ones read their variables back, whatever they define."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
KERASES = [keras, tf_keras]
every_keras = pytest.mark.parametrize("framework", KERASES, ids=lambda each: each.__name__)
INPUTS = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
TARGETS = np.ones((8, 1), "float32")


def body(inputs: tf.Tensor) -> tf.Tensor:
    with v1.variable_scope("scope"):
        return tf.matmul(inputs, v1.get_variable("w", [3, 3]))


class Mixin:
    """Decorated, and no layer."""

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        parent: Any = super()
        return body(parent.call(inputs, training=training, mask=mask))


def graph_class(framework: Any) -> type:
    """Makes its graph itself, so that it is built as soon as it is made."""

    class Graph(framework.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            inputs = framework.Input((3,))
            super().__init__(inputs, framework.layers.Dense(units)(inputs), **kwargs)

        def get_config(self) -> dict[str, Any]:
            return {"units": 3}

        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
            del custom_objects
            return cls(**config)

    return Graph


def decorated(framework: Any) -> type:
    return type("Base", (Mixin, graph_class(framework)), {})


def plain(framework: Any) -> type:
    """Has nothing of its own."""
    return type("Derived", (decorated(framework),), {})


def own_from_config(framework: Any) -> type:
    class Derived(decorated(framework)):  # type: ignore[misc]  # Made above.
        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
            del custom_objects
            return cls(**config)

    return Derived


def derived_twice(framework: Any) -> type:
    class Derived(own_from_config(framework)):  # type: ignore[misc]  # Made above.
        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
            return super().from_config(config, custom_objects)

    return Derived


def mixed_in_later(framework: Any) -> type:
    """The layer's own methods come before those of the mixin."""

    class Derived(graph_class(framework), Mixin):  # type: ignore[misc]  # Made above.
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            return body(super().call(inputs, training=training, mask=mask))

    return type(
        "DerivedAgain", (Derived,), {"from_config": vars(graph_class(framework))["from_config"]}
    )


def own_build_config(framework: Any) -> type:
    class Derived(decorated(framework)):  # type: ignore[misc]  # Made above.
        def get_build_config(self) -> dict[str, Any]:
            return {"input_shape": (None, 3)}

        def build_from_config(self, config: dict[str, Any]) -> None:
            assert list(config) == ["input_shape"]

    return Derived


KINDS = [
    decorated,
    plain,
    own_from_config,
    derived_twice,
    mixed_in_later,
    own_build_config,
]


def optimizer_values(model: Any) -> list[Any]:
    variables = model.optimizer.variables
    return [np.asarray(each) for each in (variables() if callable(variables) else variables)]


@every_keras
@pytest.mark.parametrize("make_kind", KINDS, ids=lambda each: each.__name__)
def test_training_goes_on(framework: Any, make_kind: Any, tmp_path: Path) -> None:
    kind = make_kind(framework)
    dense = framework.layers.Dense
    model = framework.Sequential([dense(3), kind(), dense(1)])
    model.compile("adam", "mse", jit_compile=False)
    model.fit(INPUTS, TARGETS, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = framework.saving.load_model(
        tmp_path / "model.keras", custom_objects={kind.__name__: kind}
    )
    assert len(loaded.weights) == 7
    for found, expected in zip(optimizer_values(loaded), optimizer_values(model), strict=True):
        np.testing.assert_array_equal(found, expected)
    for each in (model, loaded):
        each.fit(INPUTS, TARGETS, epochs=2, verbose=0)
    for found, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_mixin_answers_nothing() -> None:
    assert not hasattr(Mixin, "from_config")


@every_keras
def test_signatures_are_the_frameworks(framework: Any) -> None:
    """Keras looks there whether a class takes custom objects."""

    class Layer(framework.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return body(inputs)

    stack = type("Stack", (Mixin, framework.Sequential), {})
    for kind, base in ((Layer, framework.layers.Layer), (stack, framework.Sequential)):
        signature = inspect.signature(kind.from_config)  # type: ignore[attr-defined]  # A layer's.
        assert signature == inspect.signature(base.from_config)
    assert "custom_objects" in inspect.signature(stack.from_config).parameters


def test_earlier_hooks_are_called() -> None:
    """With the arguments of the class, those of the class itself and of its bases."""
    seen = []

    class Hooked:
        def __init_subclass__(cls, word: str = "none", **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            seen.append((cls.__name__, word))

    class Base(Mixin, Hooked, keras.layers.Layer, word="base"):
        @track_tf1_style_variables
        def build(self, input_shape: Any) -> None:
            del input_shape

        def __init_subclass__(cls, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            seen.append((cls.__name__, "own"))

    type("Derived", (Base,), {}, word="derived")
    assert seen == [("Base", "base"), ("Derived", "derived"), ("Derived", "own")]
