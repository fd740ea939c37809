"""What tf_keras's writer of legacy .h5 files is asked for."""

from __future__ import annotations

import functools
from typing import Any

from tf_layer_registry._tf_keras_private.names import hdf5_format, require_members

require_members(hdf5_format, "save_weights_to_hdf5_group")


def check_legacy_files(attribute: str) -> None:
    """Lets the writer first ask the hidden sublayers of a model and of all layers in it.

    Args:
      attribute: where a layer has its hidden sublayer.
    """
    write = hdf5_format.save_weights_to_hdf5_group

    @functools.wraps(write)
    def checked(group: Any, model: Any) -> Any:
        for layer in model._flatten_layers():
            state = vars(layer).get(attribute)
            if state is not None:
                state.check_file()
        return write(group, model)

    hdf5_format.save_weights_to_hdf5_group = checked
