"""Which op library is loaded, and what is said where none can be."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from run_process import LIMIT_S, run_python

import tf_layer_registry
from tf_layer_registry import _loader

PACKAGE = Path(tf_layer_registry.__file__).parent
BUILD = (
    "`pip install --force-reinstall --no-deps --no-build-isolation --no-binary "
    "tf-layer-registry tf-layer-registry`."
)


def folder_of(tmp_path: Path, *versions: str) -> Path:
    for version in versions:
        library = tmp_path / f"tf{version}" / "libtlr_ops.so"
        library.parent.mkdir()
        library.touch()
    return tmp_path


def test_running_version_has_a_library() -> None:
    running = _loader.running_version()
    assert tf.__version__.startswith(running + ".")
    assert running in _loader.available_versions()
    assert _loader.library_path(running).is_file()
    assert _loader.load() is _loader.load()


def test_versions_are_in_numeric_order_and_strangers_are_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "2.9", "2.21", "2.16", "x.y")
    (tmp_path / "tf2.30").mkdir()
    assert _loader.available_versions(folder) == ["2.9", "2.16", "2.21"]


def test_no_library_for_the_running_version(tmp_path: Path) -> None:
    words = (
        "tf_layer_registry has no op library for TensorFlow 2.99, which is running; it has one for "
        "TensorFlow 2.16, 2.21. Install a TensorFlow that fits: "
        '`pip install "tensorflow==2.21.*"`, or build the package for this one: ' + BUILD
    )
    with pytest.raises(ImportError, match=re.escape(words)):
        _loader.library_path("2.99", folder_of(tmp_path, "2.16", "2.21"))


def test_no_library_at_all(tmp_path: Path) -> None:
    words = (
        "has no op library for TensorFlow 2.99, which is running; it has one for TensorFlow "
        "(none). Build the package for this one: " + BUILD
    )
    with pytest.raises(ImportError, match=re.escape(words)):
        _loader.library_path("2.99", tmp_path)


def test_library_of_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "libtlr_ops.so"
    broken.write_text("no library")
    monkeypatch.setattr(_loader, "library_path", lambda _version: broken)
    monkeypatch.setattr(_loader, "check_not_loaded", lambda _path: None)
    words = f"does not load into TensorFlow {tf.__version__}: .*It was built against another build"
    with pytest.raises(ImportError, match=words):
        _loader.load.__wrapped__()


def test_library_that_is_loaded_already() -> None:
    with pytest.raises(ImportError, match="Another copy of tf_layer_registry's op library is load"):
        _loader.check_not_loaded(PACKAGE)


@pytest.mark.parametrize("way", ["library", "package"])
def test_second_copy_is_refused(way: str, tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(PACKAGE, real)
    said = run_python("second_copy.py", way, str(PACKAGE), str(tmp_path / "copy"))
    words = (
        r"Another copy of tf_layer_registry's op library is loaded already, from /.*libtlr_ops\.so"
        r"\. Loading /.*libtlr_ops\.so too would register every kernel twice\. Import only one copy"
        r" of tf_layer_registry in a process, and do not pass its op library to "
        r"tf\.load_op_library\."
    )
    assert re.search(words, said)


def test_importing_the_package_imports_no_keras() -> None:
    assert run_python("imported_modules.py") == "[]\n"


def test_module_prints_what_a_bug_report_needs() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tf_layer_registry"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-4000:]
    said = " ".join(finished.stdout.split())
    for words in (
        f"Python {sys.version.split()[0]}",
        f"tensorflow {tf.__version__}",
        f"tf-layer-registry {tf_layer_registry.__version__}",
        "op libraries for TensorFlow " + ", ".join(_loader.available_versions()),
        "bindings /",
        "CPU:0 (CPU)",
        "variable made in a compiled step works",
    ):
        assert words in said


def test_nothing_is_loaded_before_the_version_is_known_to_fit() -> None:
    said, loaded = run_python("unfit_version.py").splitlines()[-2:]
    assert said.startswith("tf_layer_registry has no op library for TensorFlow 2.99, which is")
    assert loaded == "0 of its libraries loaded"
