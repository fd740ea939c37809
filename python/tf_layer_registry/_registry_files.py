"""What a registry holds, in files by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._kept import load_by_name, save_by_name
from tf_layer_registry._keys import static_key
from tf_layer_registry._registry_bookkeeping import RegistryBookkeeping

if TYPE_CHECKING:
    from tf_layer_registry._kept.keyed_entries import KeyedEntries


class RegistryFiles(RegistryBookkeeping):
    """The methods of a registry that write and read files."""

    @_tf_private.without_autograph
    def save(self, prefix: str | os.PathLike[str], keys: str | Sequence[str] | None = None) -> str:
        """Writes a TensorFlow checkpoint in which values go by the keys.

        A variable's value is called as its key, that of a layer's weight `<key>/<weight name>`;
        `tf.train.list_variables` shows them, and any reader of checkpoints reads them. What is
        needed to make the entries again is in the file too.

        Each value is as of one moment. For a state that belongs together, save between steps.

        Args:
          prefix: How the files' names begin. What is there under it is replaced at the end, when
            all is written.
          keys: Which keys, as `keys(prefix)` selects them: a prefix, or several. All if None.

        Returns:
          `prefix`.

        Raises:
          tf.errors.NotFoundError: One of `keys` selects none.
          tf.errors.InvalidArgumentError: Two values would be called the same: under "a", a layer
            with a weight "b", and a variable under "a/b".
          ValueError: In a TF1 graph, or while a function is traced.

        Example:
          >>> import tempfile
          >>> registry = tlr.LayerRegistry()
          >>> @tf.function
          ... def count(tenant):
          ...     return registry.get_or_create_variable(tenant, initializer=0).assign_add(1)
          >>> for tenant in ("eu/ann", "us/bob", "eu/ann"):
          ...     _ = count(tf.constant(tenant))
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     path = registry.save(f"{folder}/counters", keys="eu")
          ...     print(tf.train.list_variables(path)[1:])
          ...     print(int(tf.train.load_variable(path, "eu/ann")))
          ...     restored = tlr.LayerRegistry()
          ...     print(restored.load(path))
          [('eu/ann', [])]
          2
          ['eu/ann']
        """
        return save_by_name([self._kept_in_files("save")], prefix, prefixes_of(keys))

    @_tf_private.without_autograph
    def load(
        self, prefix: str | os.PathLike[str], keys: str | Sequence[str] | None = None
    ) -> list[str]:
        """Reads what `save` wrote: all that is asked for, or nothing.

        Keys that are there keep their variables, which get the values, so that functions and
        objects that hold them see these. Others are made. Where anything is amiss, the registry is
        left as it was. Keys that the file lacks stay as they are.

        A layer that Python made, with a `str`, has code that is in no file: make it before its
        weights are loaded. They go by their order, since Keras numbers layers as a program makes
        them. A variable is made.

        Args:
          prefix: What `save` was given.
          keys: Which keys of the file, as for `save`.

        Returns:
          The keys that were loaded, in order.

        Raises:
          tf.errors.NotFoundError: There is no such file, or one of `keys` selects none of its
            keys.
          tf.errors.InvalidArgumentError: `save` did not write it, or a key holds something else
            than the file.
          tf.errors.DataLossError: The file was cut off or damaged.
          tf.errors.FailedPreconditionError: A layer that Python has to make is not there, or what
            an optimizer keeps is to be made without the layer that it belongs to.
          tf.errors.AlreadyExistsError: A key is being created just then. Load between steps.
          tf.errors.ResourceExhaustedError: The registry has no room for all.
          ValueError: In a TF1 graph, or while a function is traced.
        """
        return load_by_name([self._kept_in_files("load")], prefix, prefixes_of(keys))

    def _kept_in_files(self, method: str) -> KeyedEntries:
        if not tf.executing_eagerly():
            raise ValueError(
                f"LayerRegistry.{method} works in eager mode only. Call it outside of tf.function "
                "and of TF1 graphs."
            )
        return self._keyed_entries

    def _eager_handle(self, method: str) -> tf.Tensor:
        return self._kept_in_files(method).registry


def prefixes_of(keys: str | Sequence[str] | None) -> list[str]:
    """The prefixes that are asked for, as a list.

    Raises:
      TypeError: one of them is no `str`.
    """
    chosen = [""] if keys is None else [keys] if isinstance(keys, str) else list(keys)
    for prefix in chosen:
        if not isinstance(prefix, str):
            raise TypeError(
                f"`keys` must be a str, or a list of them, found {prefix!r} of type "
                f"{type(prefix).__name__}."
            )
        static_key(prefix)  # Refuses what is not UTF-8.
    return chosen
