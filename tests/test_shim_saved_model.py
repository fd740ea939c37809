"""SavedModels of decorated objects run where this package is not installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from run_process import run_python
from shim_helpers import ONES, forward, move_statistics

SIGNATURE = [tf.TensorSpec([None, 4])]


def save(target: Any, path: str) -> None:
    step = tf.function(target.__call__, input_signature=SIGNATURE)
    step(ONES)
    tf.saved_model.save(target, path, signatures=step.get_concrete_function())


def save_attribute(target: Any, path: str) -> None:
    """A module around the object, whose method is the signature."""

    class Service(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.target = target

        @tf.function(input_signature=SIGNATURE)
        def serve(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.target(inputs)

    service = Service()
    tf.saved_model.save(service, path, signatures=service.serve)


def export(target: Any, path: str) -> None:
    target(ONES)
    target.export(path)


def ways() -> list[Any]:
    """Each flavour with each way it has."""
    return [
        pytest.param(flavour, way, id=f"{flavour.name}-{way.__name__}")
        for flavour in FLAVOURS
        for way in (save, save_attribute, export)
        if way is not export or "model" in flavour.name
    ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By flavour and way: what the object gave, and what another process saw."""
    folder: Path = tmp_path_factory.mktemp("saved")
    expected: dict[str, Any] = {}
    for case in ways():
        flavour, way = case.values
        target = flavour.decorated(forward)
        target(ONES)
        move_statistics(target)
        path = str(folder / str(len(expected)))
        way(target, path)
        expected[path] = (case.id, np.asarray(target(ONES)))
    printed = run_python("serve_without_package.py", *expected)
    lines = [json.loads(line) for line in printed.splitlines()]
    found = zip(expected.values(), lines, strict=True)
    return {name: {**line, "expected": outputs} for (name, outputs), line in found}


@pytest.mark.slow
@pytest.mark.parametrize(("flavour", "way"), ways())
def test_new_process_without_the_package(
    flavour: FlavourDescriptor, way: Callable[..., None], served: dict[str, Any]
) -> None:
    result = served[f"{flavour.name}-{way.__name__}"]
    np.testing.assert_allclose(result["outputs"], result["expected"], rtol=1e-5)
    assert result["own ops"] == []
    assert result["variables"] == 11
