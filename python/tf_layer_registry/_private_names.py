"""Names of a library that are not public, each checked when imported."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any


class PrivateNames:
    """What this package needs of a library beside what the library promises to keep.

    Args:
      library: the library's name.
      version: its version.
      supported: the versions that have what is needed.
    """

    def __init__(self, library: str, version: str, supported: str) -> None:
        self._library = library
        self._version = version
        self._supported = supported

    def missing(self, name: str) -> ImportError:
        """The error of a library that lacks `name`."""
        return ImportError(
            f"{self._library} {self._version} has no {name}, which tf_layer_registry needs. It "
            f"supports {self._library} {self._supported}: install one of these."
        )

    def require(self, module: str, name: str) -> Any:
        """The attribute `name` of a module of the library.

        Raises:
          ImportError: there is no such module, or no such name in it.
        """
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise self.missing(f"{module}.{name}") from error

    def require_members(self, owner: Any, *names: str) -> None:
        """Raises `missing` where `owner` (class, module or object) lacks one of the names."""
        for name in names:
            if not hasattr(owner, name):
                kind = getattr(owner, "__name__", type(owner).__name__)
                raise self.missing(f"{kind}.{name}")

    def require_in_code(self, function: Callable[..., Any], *names: str) -> None:
        """Raises `missing` where a function's code reads and sets no attribute of such a name.

        For attributes that objects only get as they are used.
        """
        code = getattr(inspect.unwrap(function), "__code__", None)
        for name in names:
            if name not in getattr(code, "co_names", ()):
                raise self.missing(f"{function.__qualname__}.{name}")
