"""Where the pure-Python shim of tf_keras falls short, this package does as is said below.

One test for each defect, named for what the reference does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor
from op_helpers import race, wait_until
from shim_helpers import ONES, Execution, every_flavour, every_keras_flavour, raw_variables

from tf_layer_registry import get_or_create_layer, registry_of, track_tf1_style_variables

v1 = tf.compat.v1


def names(target: Any) -> list[str]:
    return sorted(each.name for each in raw_variables(target))


def scale(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    return inputs * v1.get_variable("w", [4], initializer=v1.ones_initializer())


def regularized(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    ones = v1.ones_initializer()
    return inputs * v1.get_variable("w", [4], initializer=ones, regularizer=tf.nn.l2_loss)


@every_keras_flavour
def test_nested_decorated_methods_count_a_loss_twice(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    target = type(
        "Decorated",
        (flavour.base,),
        {
            "inner": track_tf1_style_variables(regularized),
            "call": track_tf1_style_variables(lambda self, inputs: self.inner(inputs)),
        },
    )()
    for _ in range(2):
        execution(target.__call__)(tf.constant(ONES))
    assert [float(loss) for loss in target.losses] == [2.0]


@every_keras_flavour
def test_loss_is_lost_where_the_first_call_raises(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    fail = True

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        outputs = regularized(self, inputs)
        if fail:
            raise RuntimeError("after the variable was made")
        return outputs

    target = flavour.decorated(forward)
    with pytest.raises(RuntimeError, match="after the variable"):
        execution(target.__call__)(tf.constant(ONES))
    fail = False
    execution(target.__call__)(tf.constant(ONES))
    assert [float(loss) for loss in target.losses] == [2.0]


@every_keras_flavour
def test_zero_loss_where_nothing_is_regularized(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    target = flavour.decorated(
        lambda _self, inputs: get_or_create_layer("layer", flavour.dense_model)(inputs)
    )
    execution(target.__call__)(tf.constant(ONES))
    assert list(target.losses) == []


@every_flavour
def test_four_threads_make_four_variables(flavour: FlavourDescriptor, execution: Execution) -> None:
    made = []

    def initial_value(shape: Any, dtype: Any, **_: Any) -> tf.Tensor:
        made.append(None)
        table = target._tf1_style_var_store._registry
        if len(made) == 1:
            wait_until(lambda: table.stats()["waiting"] == 3)
        return tf.ones(shape, dtype)

    target = flavour.decorated(
        lambda _self, inputs: inputs * v1.get_variable("w", [4], initializer=initial_value)
    )
    race([lambda: execution(target.__call__)(tf.constant(ONES))] * 4)
    assert len(made) == 1
    assert names(target) == ["w:0"]


def kept_in_files(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    framework = tf_keras if isinstance(self, tf_keras.layers.Layer) else keras
    with v1.variable_scope("scope"):
        layer = get_or_create_layer("layer", lambda: framework.layers.Dense(4))
        return layer(inputs) * v1.get_variable("w", [4])


def sequential(flavour: FlavourDescriptor) -> tuple[Any, dict[str, type]]:
    kind = flavour.decorated_class(kept_in_files)
    model = flavour.keras.Sequential([flavour.keras.Input((4,)), kind(name="decorated")])
    return model, {"Decorated": kind}


@every_keras_flavour
@pytest.mark.parametrize("form", ["weights.h5", "keras"])
def test_files_come_back_initialized_afresh(
    flavour: FlavourDescriptor, form: str, tmp_path: Path
) -> None:
    model, classes = sequential(flavour)
    expected = np.asarray(model(ONES))
    path = str(tmp_path / f"model.{form}")
    if form == "keras":
        model.save(path)
        loaded = flavour.keras.models.load_model(path, custom_objects=classes)
    else:
        model.save_weights(path)
        loaded, _ = sequential(flavour)
        loaded.load_weights(path)
    np.testing.assert_array_equal(np.asarray(loaded(ONES)), expected)
    assert len(loaded.weights) == len(model.weights) == 3


@every_flavour
def test_saved_model_has_no_attribute_scope(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    path = str(tmp_path / "model")
    if flavour.keras is tf_keras:
        model, classes = sequential(flavour)
        expected = np.asarray(model(ONES))
        model.save(path, save_format="tf")
        loaded = tf_keras.models.load_model(path, custom_objects=classes)
        np.testing.assert_allclose(loaded(ONES), expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(
            tf_keras.models.load_model(path)(ONES), expected, rtol=1e-5, atol=1e-6
        )
        return
    target = flavour.decorated(kept_in_files)
    step = tf.function(target.__call__, input_signature=[tf.TensorSpec([None, 4])])
    expected = step(ONES)
    tf.saved_model.save(target, path, signatures=step.get_concrete_function())
    (found,) = tf.saved_model.load(path).signatures["serving_default"](tf.constant(ONES)).values()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@every_flavour
def test_symbolic_name_maps_every_key_to_one_layer(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        name = tf.strings.as_string(tf.cast(tf.reduce_sum(inputs), tf.int32))
        return get_or_create_layer(name, lambda: keras.layers.Dense(2))(inputs)

    target = flavour.decorated(forward)
    step = tf.function(target.__call__)
    inputs = [tf.constant(ONES), tf.constant(2 * ONES)]
    outputs = [step(each).numpy() for each in [*inputs, inputs[0]]]
    assert registry_of(target).keys() == ["12", "24"]
    np.testing.assert_array_equal(outputs[0], outputs[2])
    assert not np.allclose(2 * outputs[0], outputs[1])


@every_flavour
def test_numbered_scopes_make_new_variables_on_every_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for _ in range(2):
            with v1.variable_scope(None, "block"):
                inputs *= v1.get_variable("w", [4])
        return inputs

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    outputs = [step(tf.constant(ONES[:rows])) for rows in (2, 3, 2)]
    np.testing.assert_array_equal(outputs[0], outputs[2])
    assert names(target) == ["block/w:0", "block_1/w:0"]


@every_flavour
def test_retrace_that_meets_a_new_key_raises(flavour: FlavourDescriptor) -> None:
    target = type(
        "Decorated",
        (flavour.base,),
        {
            "choose": track_tf1_style_variables(
                lambda _self, inputs, key: get_or_create_layer(key, flavour.dense_model)(inputs)
            )
        },
    )()
    step = tf.function(target.choose)
    for key in ("first", "second"):
        step(tf.constant(ONES), key)
    assert len(target.trainable_variables) == 4


@every_flavour
def test_partitioner_raises(flavour: FlavourDescriptor, execution: Execution) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with v1.variable_scope("scope", partitioner=v1.fixed_size_partitioner(2)):
            return inputs * v1.get_variable("w", [4])

    target = flavour.decorated(forward)
    execution(target.__call__)(tf.constant(ONES))
    assert names(target) == ["scope/w/part_0:0", "scope/w/part_1:0"]


@every_flavour
@pytest.mark.parametrize("strict", [False, True])
def test_reuse_false_is_taken_as_auto_reuse(
    flavour: FlavourDescriptor, execution: Execution, strict: bool
) -> None:
    """So it stays by default; with an option it is as in TF1."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for _ in range(2):
            with v1.variable_scope("scope", reuse=False):
                inputs *= v1.get_variable("w", [4])
        return inputs

    target = flavour.decorated(forward, strict_reuse=strict)
    step = execution(target.__call__)
    if strict:
        with pytest.raises(ValueError, match="Variable scope/w already exists, disallowed"):
            step(tf.constant(ONES))
    else:
        step(tf.constant(ONES))
    assert names(target) == ["scope/w:0"]


@every_flavour
def test_keys_have_several_forms(flavour: FlavourDescriptor, execution: Execution) -> None:
    """One name serves variables, layers and regularizers, at the root too."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("layer", lambda: flavour.dense_model(4))(inputs)
        outputs = regularized(self, inputs)
        with v1.variable_scope("scope"):
            outputs = get_or_create_layer("layer", lambda: flavour.dense_model(4))(outputs)
            outputs = regularized(self, outputs)
        for variable in self._tf1_style_var_store.tf1_variables.values():
            self._tf1_style_var_store.add_regularizer(variable, tf.nn.l2_loss)
        return outputs

    target = flavour.decorated(forward)
    for _ in range(2):
        execution(target.__call__)(tf.constant(ONES))
    store = target._tf1_style_var_store
    assert store._registry.keys() == ["layer", "scope/layer", "scope/w", "w"]
    if flavour.base is not tf.Module:
        assert len(target.losses) == 2


def test_error_for_a_wrong_target_names_another_decorator() -> None:
    class Plain:
        call = track_tf1_style_variables(scale)

    with pytest.raises(ValueError, match="must decorate a method of") as caught:
        Plain().call(ONES)
    message = str(caught.value)
    assert message.startswith("@track_tf1_style_variables must decorate a method of")
    assert "(of type Plain). Move the code into a method of such a class" in message


@every_keras_flavour
def test_mixed_float16_raises(flavour: FlavourDescriptor, execution: Execution) -> None:
    """So it stays by default; with an option reads are cast."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return tf.matmul(inputs, v1.get_variable("w", [4, 2]))

    def step_of(**options: Any) -> Callable[..., Any]:
        target = flavour.decorated_class(forward, **options)(dtype="mixed_float16")
        return execution(target.__call__)

    assert step_of(autocast=True)(tf.constant(ONES)).dtype == tf.float16
    with pytest.raises(
        (TypeError, ValueError, tf.errors.InvalidArgumentError), match=r"half|float"
    ):
        step_of()(tf.constant(ONES))


@every_flavour
def test_another_factory_under_a_name_gives_the_first_layer(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    """As the reference does."""
    found = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        found.append(get_or_create_layer("layer", flavour.dense_model))
        found.append(get_or_create_layer("layer", lambda: flavour.dense_model(7)))
        return found[-1](inputs)

    target = flavour.decorated(forward)
    assert execution(target.__call__)(tf.constant(ONES)).shape == (3, 3)
    assert found[0] is found[1]
    assert len(target.variables) == 2
