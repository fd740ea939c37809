"""Loads the op library that fits the running TensorFlow.

TensorFlow's C++ interface changes with every minor version, so the package carries one op library
for each version it was built for, in `_ops/tf<major>.<minor>/`. Nothing is loaded before the
version is known to fit: a library built for another version would fail with an undefined symbol,
or worse.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from types import ModuleType

import tensorflow as tf

from tf_layer_registry import _tf_private

_OPS_FOLDER = Path(__file__).parent / "_ops"
_LIBRARY = "libtlr_ops.so"
_ANY_OP = "LayerRegistry>Handle"


def running_version() -> str:
    """Returns the running TensorFlow's `major.minor`, as in "2.21"."""
    return ".".join(tf.__version__.split(".")[:2])


def available_versions(folder: Path = _OPS_FOLDER) -> list[str]:
    """Returns the TensorFlow versions, as `major.minor`, that `folder` has an op library for."""
    found = [
        re.fullmatch(r"tf(\d+)\.(\d+)", path.parent.name) for path in folder.glob(f"*/{_LIBRARY}")
    ]
    versions = sorted((int(match[1]), int(match[2])) for match in found if match)
    return [f"{major}.{minor}" for major, minor in versions]


def library_path(version: str, folder: Path = _OPS_FOLDER) -> Path:
    """Returns the op library for a TensorFlow version.

    Args:
        version: The running TensorFlow's version, as `major.minor`.
        folder: Where the op libraries are.

    Raises:
        ImportError: There is none for this version.
    """
    path = folder / f"tf{version}" / _LIBRARY
    if path.exists():
        return path
    versions = available_versions(folder)
    newest = versions[-1] if versions else ""
    fits = f'Install a TensorFlow that fits: `pip install "tensorflow=={newest}.*"`, or build'
    raise ImportError(
        f"tf_layer_registry has no op library for TensorFlow {version}, which is running; it has "
        f"one for TensorFlow {', '.join(versions) or '(none)'}. {fits if versions else 'Build'} "
        "the package for this one: `pip install --force-reinstall --no-deps --no-build-isolation "
        "--no-binary tf-layer-registry tf-layer-registry`."
    )


def op_library_path() -> str:
    """Returns the file of the op library for the TensorFlow that runs.

    A program without Python loads it with `TF_LoadLibrary`, before it loads a SavedModel that uses
    the registry's ops; TensorFlow Serving takes it as a custom op library.

    Raises:
        ImportError: There is none for this TensorFlow.

    Example:
        >>> tlr.op_library_path().endswith("libtlr_ops.so")
        True
    """
    return str(library_path(running_version()))


def _loaded_copies() -> list[str]:
    """Returns the paths of the op libraries that this process has loaded."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return []
    lines = maps.read_text(encoding="utf-8", errors="replace").splitlines()
    return sorted({line.split(maxsplit=5)[5] for line in lines if line.endswith(f"/{_LIBRARY}")})


def check_not_loaded(path: Path) -> None:
    """Raises ImportError where another copy of the op library is in the process already.

    A second copy would register every kernel twice: it loads without a word, and the first op
    call fails with "Multiple OpKernel registrations match".
    """
    if not _tf_private.is_op_registered(_ANY_OP):
        return
    copies = ", ".join(_loaded_copies()) or "a place that is not known"
    raise ImportError(
        f"Another copy of tf_layer_registry's op library is loaded already, from {copies}. "
        f"Loading {path} too would register every kernel twice. Import only one copy of "
        "tf_layer_registry in a process, and do not pass its op library to "
        "tf.load_op_library."
    )


@functools.cache
def load() -> ModuleType:
    """Loads the op library once, and returns TensorFlow's generated wrappers of its ops.

    Raises:
        ImportError: No op library fits the running TensorFlow, another copy of it is loaded, or
            the one that should fit does not load.
    """
    path = library_path(running_version())
    check_not_loaded(path)
    try:
        module: ModuleType = tf.load_op_library(str(path))
    except tf.errors.NotFoundError as error:
        raise ImportError(
            f"The op library for TensorFlow {running_version()} does not load into TensorFlow "
            f"{tf.__version__}: {error.message}. It was built against another build of "
            "TensorFlow. Build it against this one: `pip install --force-reinstall --no-deps "
            "--no-build-isolation --no-binary tf-layer-registry tf-layer-registry`."
        ) from error
    return module
