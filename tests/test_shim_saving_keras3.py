"""Every kind of Keras 3 model goes out and comes back whole, and goes on training as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import keras3_saving_models as models
import pytest
from keras3_saving_models import KINDS, check_equal
from run_process import run_python

Restore = Callable[[Any, Path], keras.Model]
every_kind = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds every kind of trained model in every format."""
    path: Path = tmp_path_factory.mktemp("models")
    for make in KINDS:
        models.write_all(models.trained(make), path, make.__name__)
    return path


@every_kind
def test_keras_file(make: Any, folder: Path) -> None:
    loaded = keras.models.load_model(folder / f"{make.__name__}.keras")
    check_equal(loaded, folder / f"{make.__name__}.npz")


@every_kind
def test_keras_file_of_a_loaded_model(make: Any, folder: Path, tmp_path: Path) -> None:
    loaded = keras.models.load_model(folder / f"{make.__name__}.keras")
    loaded.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    check_equal(again, folder / f"{make.__name__}.npz")


@every_kind
@pytest.mark.parametrize("restore", models.RESTORE)
def test_restored_into_a_new_model(restore: Restore, make: Any, folder: Path) -> None:
    check_equal(restore(make, folder), folder / f"{make.__name__}.npz")


def test_in_a_new_process(folder: Path) -> None:
    assert run_python("load_keras3.py", str(folder)).splitlines()[-1] == "equal"
