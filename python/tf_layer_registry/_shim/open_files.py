"""Which file a place is in, and what was read from it or written to it before."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import Any

# The nested layers met so far in each file that is being written or read: two decorated layers may
# share one.
_nested_layers: weakref.WeakKeyDictionary[Any, dict[Any, Any]] = weakref.WeakKeyDictionary()


def whole_file(file: Any) -> Any:
    """The object for the whole of the file that `file` is a place in."""
    # Keras gives that object, or in older versions one for each place.
    return file if hasattr(file, "get") else file.h5_file


# The same for HDF5 files, by HDF5's own numbers, of which each opening of a file has a new one: a
# place in a file is an object that comes and goes. That the file is closed is not to be seen here,
# so these are the latest; they keep neither a layer nor a file.
_open_files: OrderedDict[int, weakref.WeakValueDictionary[Any, Any]] = OrderedDict()
_MANY = 256


def layers_of(file: Any) -> Any:
    """The nested layers that a file was seen to hold, by what it calls them."""
    if isinstance(file, dict):
        return {}
    if not hasattr(file, "file"):
        return _nested_layers.setdefault(whole_file(file), {})
    # tf_keras gives the place itself.
    layers = _open_files.setdefault(file.file.id.id, weakref.WeakValueDictionary())
    while len(_open_files) > _MANY:
        _open_files.popitem(last=False)
    return layers
