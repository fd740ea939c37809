"""What every test shares."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).parent))  # For `descriptors`.


def pytest_configure(config: pytest.Config) -> None:
    # Keras's own variables have not caught up with numpy 2; every `.keras` file meets this.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has the workers of pytest-xdist begin with the slow files, so that none ends alone on one."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Has no garbage collection walk through the modules, of which it could free nothing."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(params=["eager", "tf_function"])
def execution(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Runs the test twice: `execution(function)` gives the function itself, or a `tf.function`."""
    import tensorflow as tf

    return tf.function if request.param == "tf_function" else lambda function: function


@pytest.fixture(autouse=True)
def _random_seeds() -> None:
    """The same draws in every run, whichever tests ran before: a tolerance met once is met."""
    import keras

    keras.utils.set_random_seed(7)
