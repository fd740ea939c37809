"""examples/serve runs a SavedModel with keyed layers, in a process without Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from kept_entries import cut
from run_process import run_python

import tf_layer_registry as tlr

SOURCES = Path(__file__).resolve().parent.parent / "examples" / "serve"
KEYS = ["ann", "bob", "ann"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built against the TensorFlow that runs."""
    folder = tmp_path_factory.mktemp("serve")
    tensorflow = f"-DTensorFlow_DIR={tf.sysconfig.get_lib()}"
    for command in (["-S", str(SOURCES), "-B", str(folder), tensorflow], ["--build", str(folder)]):
        done = subprocess.run(["cmake", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "serve"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(argument) for argument in arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[float]]]:
    """A SavedModel, and what Python computes for `KEYS` with it."""
    folder = tmp_path_factory.mktemp("model")
    return folder, json.loads(run_python("keyed_saved_model.py", str(folder), *KEYS))


def test_what_it_prints_is_what_python_computes(
    serve: Path, model: tuple[Path, list[list[float]]]
) -> None:
    folder, expected = model
    done = run(serve, tlr.op_library_path(), folder, "StatefulPartitionedCall", *KEYS)
    assert done.returncode == 0, done.stderr
    printed = [line.partition(": ") for line in done.stdout.splitlines()]
    assert [key for key, _, _ in printed] == KEYS
    for (_, _, outputs), wanted in zip(printed, expected, strict=True):
        np.testing.assert_allclose([float(each) for each in outputs.split()], wanted, rtol=1e-5)
    ann, bob, ann_again = np.array(expected)
    np.testing.assert_allclose(ann / 2.0, ann_again / 3.0)
    assert not np.allclose(ann, bob)


def test_a_damaged_model_is_refused(
    serve: Path, model: tuple[Path, list[list[float]]], tmp_path: Path
) -> None:
    damaged = shutil.copytree(model[0], tmp_path / "damaged")
    (index,) = (damaged / "assets").glob("*.index")
    cut(index, 50)
    done = run(serve, tlr.op_library_path(), damaged, "StatefulPartitionedCall", "ann")
    assert done.returncode == 1
    assert "read_layer_registry_entries" in done.stderr


def test_no_python_is_in_the_process(serve: Path, model: tuple[Path, list[list[float]]]) -> None:
    """Neither with the program nor with the op library, which it opens as it runs."""
    done = subprocess.run(
        [serve, tlr.op_library_path(), model[0], "StatefulPartitionedCall", *KEYS],
        env={**os.environ, "LD_DEBUG": "libs"},
        capture_output=True,
        text=True,
        check=True,
    )
    # The loader tells of each library, once it is in the process.
    loaded = {Path(each).name for each in re.findall(r"calling init: (\S+)", done.stderr)}
    assert {"libtensorflow_cc.so.2", Path(tlr.op_library_path()).name} <= loaded
    assert [name for name in loaded if "python" in name] == []


def test_refusals_are_said(serve: Path, tmp_path: Path) -> None:
    done = run(serve, tlr.op_library_path(), tmp_path, "StatefulPartitionedCall", "ann")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Loading {tmp_path}: ")
    done = run(serve, tmp_path / "absent.so", tmp_path, "StatefulPartitionedCall", "ann")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Loading {tmp_path}/absent.so: ")
    done = run(serve)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "usage: serve OP_LIBRARY SAVED_MODEL OUTPUT KEY..."


def test_a_malformed_key_is_refused(serve: Path, model: tuple[Path, list[list[float]]]) -> None:
    done = run(serve, tlr.op_library_path(), model[0], "StatefulPartitionedCall", "a//b")
    assert done.returncode == 1
    assert 'Key "a//b' in done.stderr
    assert "is not valid" in done.stderr
