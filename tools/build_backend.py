"""The build backend: scikit-build-core, after a check that TensorFlow can be found.

pip installs build requirements and resolves dependencies (TensorFlow among them, half a
gigabyte) before it compiles anything. Asking first makes a build that cannot succeed say so
at once, with the command that works.
"""

import sys

from scikit_build_core import build as _backend
from scikit_build_core.build import (
    build_editable,
    build_sdist,
    build_wheel,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

import find_tensorflow

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

_Settings = dict[str, str | list[str]] | None


def get_requires_for_build_wheel(config_settings: _Settings = None) -> list[str]:
    """As scikit-build-core's, once a TensorFlow is found."""
    _check(config_settings)
    return _backend.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings: _Settings = None) -> list[str]:
    """As scikit-build-core's, once a TensorFlow is found."""
    _check(config_settings)
    return _backend.get_requires_for_build_editable(config_settings)


def _check(config_settings: _Settings) -> None:
    explicit = (config_settings or {}).get("cmake.define.TLR_TENSORFLOW_DIRS", "")
    try:
        find_tensorflow.find(explicit if isinstance(explicit, str) else ":".join(explicit))
    except find_tensorflow.NotUsableError as error:
        sys.exit(f"\n{error}\n")
