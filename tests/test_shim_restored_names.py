"""Files whose names the code no longer asks for, loaded into layers that were never called."""

from __future__ import annotations

import concurrent.futures
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavours_named
from shim_helpers import ONES, Execution, keras_of

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim import messages

v1 = tf.compat.v1
every_keras = pytest.mark.parametrize(
    "flavour", flavours_named("Keras 3", "tf_keras"), ids=lambda each: each.name
)
Body = Callable[[Any, tf.Tensor, bool], tf.Tensor]


def holder(flavour: FlavourDescriptor, body: Body) -> Any:
    """A model that counts as built, with a layer that was never called."""

    class Decorated(flavour.keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            return body(self, inputs, training)

        @track_tf1_style_variables
        def part(self, inputs: tf.Tensor) -> tf.Tensor:
            return get("part", inputs)

    class Holder(flavour.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.decorated = Decorated(name="kept")

        def build(self, input_shape: Any = None) -> None:
            del input_shape
            self.built = True

        def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            return self.decorated(inputs, training=training)

    model = Holder()
    model.build()
    return model


def loaded(flavour: FlavourDescriptor, folder: Path, saved: Body, body: Body) -> tuple[Any, Any]:
    """A model that runs `saved`, and one that runs `body` with the first one's weights."""
    model = holder(flavour, saved)
    model(tf.constant(ONES))
    model.save_weights(folder / "model.weights.h5")
    fresh = holder(flavour, body)
    fresh.load_weights(folder / "model.weights.h5")
    return model, fresh


def get(name: str, inputs: tf.Tensor, size: int = 4) -> tf.Tensor:
    with v1.variable_scope("scope"):
        return inputs + tf.reduce_sum(v1.get_variable(name, [size]))


def first(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
    del layer, training
    return get("b", get("a", inputs))


def first_again(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
    del layer, training
    return get("renamed", get("a", inputs))


@every_keras
def test_renamed_variable(flavour: FlavourDescriptor, execution: Execution, tmp_path: Path) -> None:
    _, fresh = loaded(flavour, tmp_path, first, first_again)
    with pytest.warns(UserWarning, match="no call has asked for") as caught:
        execution(fresh.decorated.__call__)(tf.constant(ONES))
    assert [str(each.message) for each in caught] == [
        f"A weights file or a configuration gave {messages.shown(fresh.decorated)} these names, "
        "which no call has asked for: scope/b. Calls have made these new ones beside them: "
        "scope/renamed. If names in the code were changed, the saved values are not used: change "
        "them back. If calls differ in what they ask for, or the rest is new on purpose, all is "
        "well."
    ]
    execution(fresh.decorated.__call__)(tf.constant(ONES))  # Says it once.


@every_keras
def test_every_object_is_told(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """Python's own filter shows a text from one place once; each object is another matter."""
    objects = [loaded(flavour, tmp_path, first, first_again)[1] for _ in range(3)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(2):
            for each in objects:
                each(tf.constant(ONES))
    found = [str(each.message) for each in caught if "no call has asked for" in str(each.message)]
    assert len(found) == 3
    assert len({(each.filename, each.lineno, str(each.message)) for each in caught}) == 1


@every_keras
@pytest.mark.parametrize(("action", "count"), [("ignore", 0), ("once", 1), ("always", 3)])
def test_filters_of_the_user(
    flavour: FlavourDescriptor, action: Any, count: int, tmp_path: Path
) -> None:
    objects = [loaded(flavour, tmp_path, first, first_again)[1] for _ in range(3)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.filterwarnings(action, "A weights file or a configuration gave", UserWarning)
        for each in objects:
            each(tf.constant(ONES))
    assert len([each for each in caught if "no call has asked for" in str(each.message)]) == count


@every_keras
def test_renamed_layer(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    def named(name: str) -> Body:
        def body(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
            del training
            return get_or_create_layer(name, lambda: keras_of(layer).layers.Dense(4))(inputs)

        return body

    _, fresh = loaded(flavour, tmp_path, named("old"), named("new"))
    with pytest.warns(UserWarning, match=r"asked for: old\. .* beside them: new\. "):
        fresh(tf.constant(ONES))


@every_keras
def test_nested_method_is_part_of_the_call(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """What it makes is not held against names that the rest of the call asks for."""

    def body(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        return first(layer, layer.part(inputs), training)

    _, fresh = loaded(flavour, tmp_path, first, body)
    fresh(tf.constant(ONES))
    assert len(fresh.weights) == 3


def with_training(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
    outputs = first(layer, inputs, training)
    return get("auxiliary", outputs) if training else outputs


@every_keras
def test_calls_that_ask_for_more(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Path
) -> None:
    model, fresh = loaded(flavour, tmp_path, first, with_training)
    execution(fresh.decorated.__call__)(tf.constant(ONES), training=True)
    np.testing.assert_array_equal(fresh(tf.constant(ONES)), model(tf.constant(ONES)))
    assert len(fresh.weights) == 3


@every_keras
def test_calls_that_ask_for_less(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    def saved(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        del training
        return with_training(layer, inputs, True)

    model, fresh = loaded(flavour, tmp_path, saved, with_training)
    fresh(tf.constant(ONES))
    fresh(tf.constant(ONES))
    outputs = fresh(tf.constant(ONES), training=True)
    np.testing.assert_array_equal(outputs, model(tf.constant(ONES)))
    assert len(fresh.weights) == 3


@every_keras
def test_calls_that_ask_for_others(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """They are told so, unless another call has asked for what the file has."""

    def either(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        return get("other", inputs) if training else first(layer, inputs, training)

    model, fresh = loaded(flavour, tmp_path, first, either)
    with pytest.warns(UserWarning, match="If calls differ in what they ask for"):
        fresh(tf.constant(ONES), training=True)
    np.testing.assert_array_equal(fresh(tf.constant(ONES)), model(tf.constant(ONES)))
    fresh(tf.constant(ONES), training=True)


@every_keras
def test_call_that_fails(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """It may not have come to the names that it did not ask for."""
    fails = True

    def body(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        outputs = get("new", inputs)
        if fails:
            raise RuntimeError("in the call")
        return first(layer, outputs, training)

    _, fresh = loaded(flavour, tmp_path, first, body)
    with pytest.raises(RuntimeError, match="in the call"):
        fresh(tf.constant(ONES))
    fails = False
    fresh(tf.constant(ONES))


@every_keras
@pytest.mark.parametrize("what", ["shape", "dtype"])
def test_other_shape_or_dtype(flavour: FlavourDescriptor, what: str, tmp_path: Path) -> None:
    def body(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        del layer, training
        with v1.variable_scope("scope"):
            if what == "shape":
                return inputs + tf.reduce_sum(v1.get_variable("a", [5]))
            return inputs + tf.cast(tf.reduce_sum(v1.get_variable("a", [4], tf.float64)), "float32")

    _, fresh = loaded(flavour, tmp_path, first, body)
    with pytest.raises(ValueError, match="restored from") as caught:
        fresh(tf.constant(ONES))
    wanted, found = ("(5,)", "(4,)") if what == "shape" else ("float64", "float32")
    assert (
        f"Trying to share variable scope/a, but specified {what} {wanted} and found {what} "
        f"{found}. The variable was restored from a weights file or a configuration, which the "
        "code now differs from: use the one with the code that saved it."
    ) in str(caught.value)


@every_keras
def test_threads_of_a_first_call_do_not_suspect_each_other(
    flavour: FlavourDescriptor, tmp_path: Path
) -> None:
    names = [f"k{number}" for number in range(10)]

    def saved(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        del layer, training
        for name in names:
            inputs = get(name, inputs)
        return inputs

    def with_new(layer: Any, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        return saved(layer, get("new", inputs), training)

    _, fresh = loaded(flavour, tmp_path, saved, with_new)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(fresh.decorated, tf.constant(ONES)) for _ in range(16)]
    for call in calls:
        call.result()
    assert len(fresh.weights) == 11
