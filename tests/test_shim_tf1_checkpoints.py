"""`tf.compat.v1.train.Saver` by TF1 name, between TF1 graphs and decorated objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf1_network
import tf_keras
from descriptors import FLAVOURS, FlavourDescriptor
from named_layers import Trained
from run_process import run_python
from shim_helpers import Execution, assert_statistics_moved, every_flavour, raw_variables
from tf1_network import INPUTS, NAMES

v1 = tf.compat.v1


def here(action: str, path: str) -> np.ndarray:
    values: np.ndarray = getattr(tf1_network, action)(path)
    return values


def in_a_new_process(action: str, *paths: str) -> tuple[np.ndarray, list[str]]:
    """The outputs, and the flavours whose checkpoints in the folder of `paths` were read."""
    outputs, *flavours = run_python("tf1_session.py", action, *paths).splitlines()
    return np.float32(json.loads(outputs)), flavours


def decorated(flavour: FlavourDescriptor, execution: Execution) -> tuple[Any, Any]:
    """An object that runs the TF1 network, called once, and its step."""
    target = flavour.decorated(lambda _self, inputs: tf1_network.network(inputs))
    step = execution(target.__call__)
    step(INPUTS)
    return target, step


@every_flavour
def test_checkpoint_of_a_graph_restores(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Path
) -> None:
    path = str(tmp_path / "model.ckpt")
    expected = here("write", path)
    target, step = decorated(flavour, execution)
    v1.train.Saver(raw_variables(target)).restore(None, path)
    np.testing.assert_allclose(step(INPUTS), expected, rtol=1e-5)
    (count,) = (each for each in raw_variables(target) if each.name == "global_step:0")
    assert count.numpy() == 7


@every_flavour
def test_checkpoint_of_an_object_restores_into_a_graph(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Path
) -> None:
    target, step = decorated(flavour, execution)
    for number, variable in enumerate(raw_variables(target)):
        variable.assign(tf.ones_like(variable) * (number + 2))
    path = v1.train.Saver(raw_variables(target)).save(None, str(tmp_path / "model.ckpt"))
    np.testing.assert_allclose(here("read", path), step(INPUTS), rtol=1e-5)


@pytest.mark.slow
def test_graph_in_a_new_process_writes_and_reads(tmp_path: Path) -> None:
    path = str(tmp_path / "model.ckpt")
    expected, _ = in_a_new_process("write", path)
    for flavour in FLAVOURS:
        target, step = decorated(flavour, lambda function: function)
        saver = v1.train.Saver(raw_variables(target))
        saver.restore(None, path)
        np.testing.assert_allclose(step(INPUTS), expected, rtol=1e-5)
        again = saver.save(None, str(tmp_path / flavour.name.replace(" ", "_")))
    folder = tmp_path / "named"
    folder.mkdir()
    for flavour in FLAVOURS:
        trained = Trained(flavour, steps=2)
        v1.train.Saver(trained.by_name()).save(None, str(folder / flavour.name))
        trained.train()
        np.save(folder / f"{flavour.name}.npy", trained.outputs())
    outputs, read = in_a_new_process("read", again, str(folder))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)
    assert read == [flavour.name for flavour in FLAVOURS]


@every_flavour
def test_nested_layers_with_names(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """With the statistics of a batch normalization, and the slots of a TF1 optimizer."""
    first, second = Trained(flavour, steps=2), Trained(flavour, steps=1)
    assert_statistics_moved(first.model)
    assert first.by_name().keys() == second.by_name().keys()
    assert len(first.by_name()) == 9 + 7
    path = v1.train.Saver(first.by_name()).save(None, str(tmp_path / "model.ckpt"))
    assert {name for name, _ in tf.train.list_variables(path)} == first.by_name().keys()
    v1.train.Saver(second.by_name()).restore(None, path)
    np.testing.assert_array_equal(second.outputs(), first.outputs())
    for each in (first, second):
        each.train()
    for name, variable in second.by_name().items():
        np.testing.assert_allclose(variable, first.by_name()[name], rtol=1e-5, err_msg=name)


@every_flavour
def test_names_of_nested_layers(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """A list of variables goes by the names that Keras gave them."""
    target = Trained(flavour, steps=1).model
    path = v1.train.Saver(raw_variables(target)).save(None, str(tmp_path / "model.ckpt"))
    scope = "block" if flavour.base is tf.Module else "network/block"
    # tf_keras makes the weights of a Functional model where it is put together.
    deep = "deep" if flavour.keras is tf_keras else f"{scope}/deep"
    assert [name for name, _ in tf.train.list_variables(path)] == sorted(
        [
            "block/scale",
            *(f"{scope}/hidden/{name}" for name in ("kernel", "bias")),
            *(f"{deep}/{name}" for name in ("kernel", "bias")),
            *(f"{scope}/norm/{name}" for name in ("beta", "gamma")),
            *(f"{scope}/norm/moving_{name}" for name in ("mean", "variance")),
        ]
    )


@every_flavour
def test_names_in_the_file(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Path
) -> None:
    target, _ = decorated(flavour, execution)
    path = v1.train.Saver(raw_variables(target)).save(None, str(tmp_path / "model.ckpt"))
    assert [name for name, _ in tf.train.list_variables(path)] == NAMES
    reader = tf.train.load_checkpoint(path)
    for variable in raw_variables(target):
        np.testing.assert_array_equal(reader.get_tensor(variable.name[:-2]), variable.numpy())


@every_flavour
def test_names_chosen_by_the_caller(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """As `var_list` has it: from names in the file to variables."""
    path = str(tmp_path / "model.ckpt")
    here("write", path)
    target, _ = decorated(flavour, lambda function: function)
    by_name = {each.name[:-2]: each for each in raw_variables(target)}
    swapped = {
        "block/unit/weights": by_name["block/unit_1/weights"],
        "block/unit_1/weights": by_name["block/unit/weights"],
    }
    v1.train.Saver(swapped).restore(None, path)
    reader = tf.train.load_checkpoint(path)
    for name, variable in swapped.items():
        np.testing.assert_array_equal(reader.get_tensor(name), variable.numpy())


@every_flavour
def test_variable_that_the_file_lacks(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    path = str(tmp_path / "model.ckpt")
    here("write", path)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return tf1_network.network(inputs) * v1.get_variable("absent", [4])

    target = flavour.decorated(forward)
    target(INPUTS)
    with pytest.raises(tf.errors.NotFoundError, match="Key absent not found in checkpoint"):
        v1.train.Saver(raw_variables(target)).restore(None, path)


@every_flavour
def test_partitioned_variable_is_one_in_the_file(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Path
) -> None:
    """TF1 wrote a partitioned variable as slices of a whole, which any number of parts reads."""

    def forward(parts: int) -> Callable[..., tf.Tensor]:
        def body(_self: Any, inputs: tf.Tensor) -> tf.Tensor:
            partitioner = v1.fixed_size_partitioner(parts)
            return tf.matmul(inputs, v1.get_variable("w", [4, 3], partitioner=partitioner))

        return body

    first, second = flavour.decorated(forward(2)), flavour.decorated(forward(4))
    expected = execution(first.__call__)(INPUTS)
    execution(second.__call__)(INPUTS)
    path = v1.train.Saver(raw_variables(first)).save(None, str(tmp_path / "model.ckpt"))
    assert tf.train.list_variables(path) == [("w", [4, 3])]
    v1.train.Saver(raw_variables(second)).restore(None, path)
    np.testing.assert_allclose(second(INPUTS), expected, rtol=1e-5)
