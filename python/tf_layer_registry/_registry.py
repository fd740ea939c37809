"""`LayerRegistry`: layers and variables by name, in the TensorFlow runtime."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._fixed_keys import fixed_lookups
from tf_layer_registry._initializers import (
    Initializer,
    initial_value,
    initializer_function,
    resolve_spec,
)
from tf_layer_registry._keys import Key, static_key
from tf_layer_registry._layer_creation import make_layer
from tf_layer_registry._local_table import check_layer
from tf_layer_registry._registry_fixed_keys import RegistryFixedKeys
from tf_layer_registry._variables import variable_name, wrap_handle

T = TypeVar("T")


class LayerRegistry(RegistryFixedKeys):
    """A table of layers and variables by name, kept in the TensorFlow runtime.

    A name is a `str`, or a string tensor that is known only while a compiled step runs. With a
    `str`, lookup happens in Python: eagerly or while a `tf.function` is traced, which then
    captures the variable as it captures any other, so that the compiled step holds no registry op.
    With a tensor of a graph, lookup and creation are graph ops: one trace serves every name, also
    those that come up later.

    Creation is atomic. However many threads and steps race for a name, one initializer runs; if it
    fails, its caller sees the error, and the next in line runs its own.

    Keys are UTF-8 of 1 to 1024 bytes, in segments joined by "/".

    A registry is a trackable object: a `tf.train.Checkpoint` that reaches it saves and restores
    what is in it. What was made through a `str` is restored before or after it is made; what a
    graph op made is there at once, also in a program that has made none of it. `save` and `load`
    write and read files in which values go by the keys. A SavedModel has inside what graph ops
    made, and goes on making and finding where it is loaded.

    Example:
      >>> import tensorflow as tf
      >>> import tf_layer_registry as tlr
      >>> registry = tlr.LayerRegistry()
      >>> @tf.function
      ... def count(tenant):
      ...     counter = registry.get_or_create_variable(tenant, shape=[], initializer=tf.zeros)
      ...     return counter.assign_add(1.0)
      >>> [float(count(tf.constant(tenant))) for tenant in ("ann", "bob", "ann")]
      [1.0, 1.0, 2.0]
      >>> registry.keys()
      ['ann', 'bob']

    Args:
      shared_name: A name under which others can open the same registry: other `LayerRegistry`
        objects of this process and, on a device of a cluster, other processes. None for a
        registry that nobody else can open, and that goes when this object and the graphs that use
        it are gone.
      max_entries: How many entries it can hold; None for no bound.
      max_bytes: How many bytes the values of its entries can take; None for no bound. They are
        counted by dtype and shape, as the entry has them: a value of type string, or of a shape
        that is not fully known, counts as none, and so does a layer that was not built when it was
        put in.
      evict_least_recently_used: Whether, where there is no room for a key, the one that was looked
        up or made longest ago is erased to make it; with its optimizer's entry, if it has one.
        Never one in use by a running step or being created, and never one that Python made, or
        asked for, by a key that it knows: its object is held until it is erased. The values of an
        evicted key are lost, on purpose: when it comes again, it is made anew. Needs a bound.
      seed: What the weights of layers that are made under a string tensor begin with depends on
        this, the key, and the weight's name. Fits into 64 bits.

    Raises:
      TypeError: A bound is no `int`.
      ValueError: `shared_name` is empty, a bound is not positive, a number is too large, or there
        is no bound to evict by.
      tf.errors.InvalidArgumentError: The registry of this name exists with other bounds.
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

        The arguments are those of `tf.compat.v1.get_variable`.

        Args:
          key: A `str` or a scalar string tensor. With a tensor of a graph, the variable is looked
            up or made whenever the graph runs.
          shape: Shape of the variable. May be left out where `initializer` is a value.
          dtype: Type of the variable; that of `initializer` where that is a value, else float32.
          initializer: A value; a callable of `(shape, dtype=dtype)`, as every Keras and TensorFlow
            initializer is; a class of such; a callable of nothing; or None for `get_variable`'s
            default, Glorot uniform for floating types and zeros for others. Of a key that Python
            knows, it must not call a `tf.function` that asks for the same key by a string tensor:
            the two would wait for each other for ever.
          trainable: Whether gradient tapes watch it and optimizers should train it.

        Returns:
          A `tf.Variable`. With a tensor of a graph, one that belongs to that graph.

        Raises:
          tf.errors.InvalidArgumentError: A malformed key; another kind, dtype or shape under it.
          tf.errors.FailedPreconditionError: The initializer asks for the key it is making.
          tf.errors.ResourceExhaustedError: The registry is full.
          TypeError: `key` is neither a `str` nor a string tensor.
          ValueError: There is no shape, or no default initializer for `dtype`.
        """
        shape, dtype = resolve_spec(shape, dtype, initializer)
        name = static_key(key)
        if name is None or self._local is None:
            if (fixed := fixed_lookups(self)) is not None:
                return fixed.variable(key, dtype, shape, trainable=trainable)
            function = initializer_function(initializer, shape, dtype)
            made = ops.get_or_create_variable(
                self.handle,
                key if name is None else name,
                function,
                dtype=dtype,
                shape=shape,
                trainable=trainable,
                captured=function.captured_inputs,
            )
            return wrap_handle(made.handle, name, dtype, shape, trainable=trainable)

        def make() -> tf.Variable:
            with _tf_private.outside_functions():
                return tf.Variable(
                    lambda: initial_value(initializer, shape, dtype),
                    trainable=trainable,
                    name=variable_name(name),
                    dtype=dtype,
                    shape=shape,
                )

        while True:
            if self._local.find(name) is None:
                self._local.get_or_create(name, "variable", make)
            # Another caller may erase it between the two; then it is made anew.
            with contextlib.suppress(tf.errors.NotFoundError):
                return self._local.variable(name, dtype, shape)

    @_tf_private.without_autograph
    def get_or_create_layer(self, key: Any, create_layer_method: Callable[[], Any]) -> Any:
        """Returns the layer under a key, made by `create_layer_method` if there is none.

        Args:
          key: A `str`, or a scalar string tensor: the weights are then looked up or made whenever
            the graph runs.
          create_layer_method: Returns the layer. It runs outside every `tf.function`.
            With a `str`, a Keras layer or model, a `tf.Module`, or any object with `variables`. It
            runs once. It must not call a `tf.function` that asks for the key by a string tensor:
            the two would wait for each other for ever.
            With a tensor, a Keras 3 layer or model, without values. It runs once per trace, and
            tells what weights a key has, how they begin, and what is computed with them.

        Returns:
          With a `str`, the layer, the same object at every call. With a tensor, a
          `RuntimeKeyedLayer`, which computes what the layer computes with the weights under the
          key, and has its `trainable_variables`, `non_trainable_variables` and `losses`.

        Raises:
          tf.errors.InvalidArgumentError: A malformed key, or a variable under it.
          tf.errors.FailedPreconditionError: `create_layer_method` asks for the key it is making,
            or the layer under the key was made by a graph op and has no Python object.
          tf.errors.ResourceExhaustedError: The registry is full.
          TypeError: `key` is neither a `str` nor a string tensor, or `create_layer_method` returns
            no layer.
          ValueError: With a `str`: the registry is in another process, or a TF1 graph is being
            built. With a tensor: the layer keeps state that is in no Keras variable.

        Example:
          >>> import keras
          >>> registry = tlr.LayerRegistry()
          >>> @tf.function
          ... def score(tenant, inputs):
          ...     layer = registry.get_or_create_layer(tenant, lambda: keras.layers.Dense(2))
          ...     return layer(inputs)
          >>> score(tf.constant("ann"), tf.ones([3, 4])).shape
          TensorShape([3, 2])
          >>> registry.keys()
          ['ann']
        """
        if tf.is_tensor(key):
            return self._runtime_keyed_layer(key, create_layer_method)
        name = self._static_only(key, "get_or_create_layer")
        local = self._in_process()
        found = local.find(name)
        if found is not None and not isinstance(found, tf.Variable):
            return found

        def make() -> Any:
            layer = make_layer(create_layer_method)
            check_layer(name, layer)
            return layer

        return local.get_or_create(name, "layer", make)

    def _runtime_keyed_layer(self, key: tf.Tensor, create_layer_method: Callable[[], Any]) -> Any:
        static_key(key)  # Raises where it is no key.
        # Here, since Keras is imported with it.
        from tf_layer_registry._runtime_keyed import RuntimeKeyedLayer  # noqa: PLC0415  # Imports Keras.

        return RuntimeKeyedLayer(self, key, create_layer_method)

    @_tf_private.without_autograph
    def lookup_variable(self, key: Key, *, dtype: Any = None, shape: Any = None) -> Any:
        """Returns the variable under a key.

        Args:
          key: A `str` or a scalar string tensor.
          dtype: Type it must have. Needed with a tensor of a graph.
          shape: Shape that its must be compatible with.

        Returns:
          A `tf.Variable`. With a tensor of a graph, one that belongs to that graph, and that
          gradient tapes watch: whether it was made trainable is known only while the graph runs.

        Raises:
          tf.errors.NotFoundError: There is none.
          tf.errors.InvalidArgumentError: A malformed key; another kind, dtype or shape under it.
          ValueError: `dtype` is missing.
        """
        name = static_key(key)
        if name is not None and self._local is not None:
            return self._local.variable(name, dtype, shape)
        if dtype is None:
            raise ValueError(
                "lookup_variable needs the dtype of a variable that is found only while the graph "
                "runs, or in another process. Pass `dtype` and, if you can, `shape`."
            )
        dtype = tf.dtypes.as_dtype(dtype)
        shape = tf.TensorShape(shape)
        if (fixed := fixed_lookups(self)) is not None:
            return fixed.variable(key, dtype, shape, trainable=True)
        handle = ops.lookup_variable(
            self.handle, key if name is None else name, dtype=dtype, shape=shape
        )
        return wrap_handle(handle, name, dtype, shape, trainable=True)

    @_tf_private.without_autograph
    def lookup_layer(self, key: str) -> Any:
        """Returns the layer under a key.

        Args:
          key: The key, known now.

        Raises:
          tf.errors.NotFoundError: There is none.
          tf.errors.InvalidArgumentError: A malformed key, or a variable under it.
          tf.errors.FailedPreconditionError: The layer was made by a graph op and has no Python
            object.
          TypeError: `key` is not a `str`.
          ValueError: The registry is in another process.
        """
        name = self._static_only(key, "lookup_layer")
        return self._in_process().layer(name)

    @_tf_private.without_autograph
    def insert(self, key: str, value: T) -> T:
        """Puts an existing variable or layer under a key.

        Args:
          key: The key, known now.
          value: A `tf.Variable`, or a layer.

        Returns:
          `value`.

        Raises:
          tf.errors.AlreadyExistsError: The key is taken, if only once another caller's initializer,
            which this call waits for, has ended.
          tf.errors.InvalidArgumentError: A malformed key.
          tf.errors.ResourceExhaustedError: The registry is full.
          TypeError: `key` is not a `str`, or `value` is neither a variable nor a layer.
          ValueError: The registry is in another process.
        """
        name = self._static_only(key, "insert")
        if not isinstance(value, tf.Variable):
            check_layer(name, value)
        kind = "variable" if isinstance(value, tf.Variable) else "layer"
        return self._in_process().insert(name, kind, value)

    def _static_only(self, key: object, method: str) -> str:
        name = static_key(key)
        if name is None:
            raise TypeError(
                f"LayerRegistry.{method} needs a key that is known while the function is traced, "
                f"found the symbolic tensor {key!r}. Pass a str; a variable can be looked up and "
                "made by a string tensor with get_or_create_variable."
            )
        self._in_process()
        return name
