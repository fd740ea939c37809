"""`ShardedLayerRegistry`: layers and variables by name, spread over several devices."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._initializers import Initializer, initializer_function, resolve_spec
from tf_layer_registry._kept import load_by_name, save_by_name
from tf_layer_registry._keys import Key
from tf_layer_registry._registry_files import prefixes_of
from tf_layer_registry._sharded.bookkeeping import ShardedBookkeeping
from tf_layer_registry._sharded.shards import Shard
from tf_layer_registry._sharded.variable import ShardedEntry, ShardedVariable, value_of
from tf_layer_registry._variables import RegistryVariable, wrap_handle

if TYPE_CHECKING:
    from tf_layer_registry._kept.keyed_entries import KeyedEntries

T = TypeVar("T")


class ShardedLayerRegistry(ShardedBookkeeping):
    """A registry whose keys are spread over several devices, such as parameter servers.

    On each device is a `LayerRegistry`. A hash of the key, which is the same in every process, says
    in which of them the key is; what a `RegistryOptimizer` keeps for a layer is beside the layer.
    It is used as a `LayerRegistry` is. What a layer begins with does not depend on how many devices
    there are.

    A key that Python knows leads to the `LayerRegistry` of the key, which is asked. By a string
    tensor of a graph, a step fetches the values from wherever the key is, and sends there what it
    assigns: `assign_add` adds on the server. Calling a layer fetches all its weights at once.
    Where another step erases the key meanwhile, the step fails with NotFoundError.

    A `tf.train.Checkpoint` restores into as many devices, all or nothing for each. `save` and
    `load` go between any numbers of devices, and a `LayerRegistry`.

    Example:
      >>> registry = tlr.ShardedLayerRegistry(["/cpu:0"])  # Or ["/job:ps/task:0", ...].
      >>> @tf.function
      ... def count(tenant):
      ...     counter = registry.get_or_create_variable(tenant, shape=[], initializer=tf.zeros)
      ...     return counter.assign_add(1.0)
      >>> [float(count(tf.constant(tenant))) for tenant in ("ann", "bob", "ann")]
      [1.0, 1.0, 2.0]
      >>> registry.keys()
      ['ann', 'bob']

    Args:
      devices: The devices, such as ["/job:ps/task:0", "/job:ps/task:1"]. Their order does not
        matter.
      shared_name: A name under which others can open the same registry, who list the same devices.
        None for a registry that nobody else can open.
      max_entries: How many entries each device can hold; None for no bound.
      max_bytes: How many bytes the values on each device can take, as of `LayerRegistry`.
      seed: As of `LayerRegistry`.

    Raises:
      TypeError: `devices` is no list of `str`, or a bound is no `int`.
      ValueError: There is no device, one is there twice, `shared_name` is empty, a bound is not
        positive, a number is too large, or a TF1 graph is being built.
      tf.errors.InvalidArgumentError: There is no such device, or a registry of this name exists
        there with other bounds.
    """

    @_tf_private.without_autograph
    def get_or_create_variable(
        self,
        key: Key,
        shape: Any = None,
        dtype: Any = None,
        initializer: Initializer = None,
        *,
        trainable: bool = True,
    ) -> Any:
        """Returns the variable under a key, made by `initializer` if there is none.

        The arguments, and what is raised, are those of `LayerRegistry.get_or_create_variable`.

        Returns:
          A `tf.Variable`. With a tensor of a graph, one that belongs to that graph, and whose
          `handle` is that of a copy for the step: change the variable by its methods.
        """
        name = self._known(key)
        if name is not None:
            with self.spread.at_known(name) as shard:
                return shard.get_or_create_variable(
                    name, shape, dtype, initializer, trainable=trainable
                )
        shape, dtype = resolve_spec(shape, dtype, initializer)
        function = initializer_function(initializer, shape, dtype)

        def find_or_make(shard: Shard) -> RegistryVariable:
            handle = ops.get_or_create_variable(
                shard.handle,
                key,
                function,
                dtype=dtype,
                shape=shape,
                trainable=trainable,
                captured=function.captured_inputs,
            ).handle
            return wrap_handle(handle, None, dtype, shape, trainable=trainable)

        return self._variable(key, find_or_make, dtype, shape, trainable=trainable)

    @_tf_private.without_autograph
    def get_or_create_layer(self, key: Any, create_layer_method: Callable[[], Any]) -> Any:
        """Returns the layer under a key, made by `create_layer_method` if there is none.

        The arguments, and what is raised, are those of `LayerRegistry.get_or_create_layer`.

        Returns:
          With a `str`, the layer, the same object at every call. With a tensor, a
          `RuntimeKeyedLayer`.
        """
        name = self._known(key)
        if name is not None:
            with self.spread.at_known(name) as shard:
                return shard.get_or_create_layer(key, create_layer_method)
        # Here, since Keras is imported with it.
        from tf_layer_registry._sharded.layer import ShardedKeyedLayer  # noqa: PLC0415  # Imports Keras.

        return ShardedKeyedLayer(self, key, create_layer_method)

    @_tf_private.without_autograph
    def lookup_variable(self, key: Key, *, dtype: Any = None, shape: Any = None) -> Any:
        """Returns the variable under a key.

        The arguments, and what is raised, are those of `LayerRegistry.lookup_variable`; the
        `handle` is as `get_or_create_variable` says.
        """
        name = self._known(key)
        if name is not None:
            return self.spread.of_known(name).lookup_variable(name, dtype=dtype, shape=shape)
        if dtype is None:
            raise ValueError(
                "lookup_variable needs the dtype of a variable that is found only while the graph "
                "runs. Pass `dtype` and, if you can, `shape`."
            )
        dtype, shape = tf.dtypes.as_dtype(dtype), tf.TensorShape(shape)
        return self._variable(key, None, dtype, shape, trainable=True)

    @_tf_private.without_autograph
    def lookup_layer(self, key: str) -> Any:
        """Returns the layer under a key; as `LayerRegistry.lookup_layer`."""
        return self._shard_of_known(key, "lookup_layer").lookup_layer(key)

    @_tf_private.without_autograph
    def insert(self, key: str, value: T) -> T:
        """Puts an existing variable or layer under a key; as `LayerRegistry.insert`."""
        return self._shard_of_known(key, "insert").insert(key, value)

    @_tf_private.without_autograph
    def save(self, prefix: str | os.PathLike[str], keys: str | Sequence[str] | None = None) -> str:
        """Writes a TensorFlow checkpoint in which values go by the keys; as `LayerRegistry.save`.

        It has no trace of the devices: a `LayerRegistry` loads it too.
        """
        return save_by_name(self._kept("save"), prefix, prefixes_of(keys))

    @_tf_private.without_autograph
    def load(
        self, prefix: str | os.PathLike[str], keys: str | Sequence[str] | None = None
    ) -> list[str]:
        """Reads what `save` wrote, of this or of a `LayerRegistry`; as `LayerRegistry.load`.

        All is read before the first device gets something of it. Each device gets all of its part,
        or nothing. Where one refuses (it has something else under a key, or no room), those before
        it have theirs; the error says how many.
        """

        def numbers_of(keys: list[str]) -> list[int]:
            numbers: list[int] = (
                self.spread.number_of(tf.constant(keys, tf.string)).numpy().tolist()
            )
            return numbers

        return load_by_name(self._kept("load"), prefix, prefixes_of(keys), numbers_of)

    def _kept(self, method: str) -> list[KeyedEntries]:
        return [shard.kept_in_files(method) for shard in self.shards]

    def _variable(
        self,
        key: tf.Tensor,
        find_or_make: Callable[[Shard], RegistryVariable] | None,
        dtype: tf.DType,
        shape: tf.TensorShape,
        *,
        trainable: bool,
    ) -> ShardedVariable:
        """The variable under a key of a graph, which is there where nothing makes it."""

        def look_up(shard: Shard) -> list[RegistryVariable]:
            handle = ops.lookup_variable(shard.handle, key, dtype=dtype, shape=shape)
            return [wrap_handle(handle, None, dtype, shape, trainable=trainable)]

        def first_value(shard: Shard) -> tf.Tensor:
            return value_of(find_or_make(shard) if find_or_make else look_up(shard)[0])

        number = self.spread.number_of(key)
        return ShardedVariable(
            entry=ShardedEntry(self.spread, number, look_up),
            place=0,
            value=self.spread.run(number, first_value),
            name="runtime_keyed_variable",
            dtype=dtype,
            shape=shape,
            trainable=trainable,
        )

    def _shard_of_known(self, key: object, method: str) -> Shard:
        name = self._known(key)
        if name is None:
            raise TypeError(
                f"ShardedLayerRegistry.{method} needs a key that is known while the function is "
                f"traced, found the symbolic tensor {key!r}. Pass a str."
            )
        return self.spread.of_known(name)
