"""Functions of keys, for those who have no registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tf_layer_registry import _tf_private
from tf_layer_registry._fixed_keys import FixedKeys, FixedLookups
from tf_layer_registry._kept.by_name import selected
from tf_layer_registry._kept.manifest import groups_in
from tf_layer_registry._registry_files import RegistryFiles, prefixes_of


class RegistryFixedKeys(RegistryFiles):
    """The method of a registry that makes functions with fixed keys."""

    @_tf_private.without_autograph
    def with_fixed_keys(
        self,
        function: Callable[..., Any],
        keys: str | Sequence[str] | None = None,
        *,
        input_signature: Sequence[Any] | None = None,
    ) -> FixedKeys:
        """Returns a function for a fixed set of keys, with stock TensorFlow ops only.

        It computes what `function` computes, with the values that the keys have now. A SavedModel
        of it can be loaded where this package is not: by TensorFlow alone, or a model server.

        `function` is traced anew. Where it looks up a variable or layer of this registry by a
        string tensor (by `get_or_create_variable`, `lookup_variable`, `get_or_create_layer`, under
        `variable_scope`, or in a method decorated with `track_tf1_style_variables`), the trace
        looks the key up in a table, and takes the key's part of a variable that has the values of
        all keys. `contains` tells whether a key is in the set. Nothing is made, and nothing that
        is under a key is assigned: call layers with `training=False`.

        Args:
          function: A `tf.function`, or what one can be made of.
          keys: Which entries the set has, as `keys(prefix)` selects them: a prefix, or several. All
            if None. Those that `function` does not look up, as what optimizers keep, are left out.
          input_signature: As that of `tf.function`. May be left out where `function` has one.

        Returns:
          A `tf.Module` to be called as `function` is. Its `__call__` is a `tf.function` with the
          input signature, for `tf.saved_model.save(fixed, path, signatures=fixed.__call__)`. It has
          the tables, the values and the variables that the function captures; where the function
          uses other things that a SavedModel has to hold, such as tables, make them attributes of
          it. Called with another key, it raises `tf.errors.InvalidArgumentError`, which names the
          key, when the graph runs.

        Raises:
          tf.errors.NotFoundError: One of `keys` selects none; a lookup can find none of them; or
            of several entries that are looked up for a key some are missing.
          tf.errors.InvalidArgumentError: An entry has another dtype or shape than the lookup under
            its key asks for; one of `keys` selects nothing that is looked up; or one lookup can
            find values of different shapes.
          ValueError: `function` trains or assigns to what is under a key, or uses the registry in
            another way; a `tf.function` that it calls looks a key up; there is no input signature;
            or this is called in a TF1 graph, or while a function is traced.

        Example:
          >>> import keras, tempfile
          >>> registry = tlr.LayerRegistry()
          >>> @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([None, 2])])
          ... def score(tenant, inputs):
          ...     layer = registry.get_or_create_layer(tenant, lambda: keras.layers.Dense(1))
          ...     return layer(inputs)
          >>> before = [score(tf.constant(tenant), tf.ones([1, 2])) for tenant in ("ann", "bob")]
          >>> fixed = registry.with_fixed_keys(score)
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     tf.saved_model.save(fixed, folder, signatures=fixed.__call__)
          ...     loaded = tf.saved_model.load(folder)
          >>> bool(loaded(tf.constant("ann"), tf.ones([1, 2])) == before[0])
          True
          >>> loaded(tf.constant("eve"), tf.ones([1, 2]))
          Traceback (most recent call last):
          tensorflow...InvalidArgumentError: Graph execution error: ...
        """
        registry = self._eager_handle("with_fixed_keys")
        prefixes = prefixes_of(keys)
        groups = selected(groups_in(registry), prefixes, "the registry")
        lookups = FixedLookups(self, groups)
        return FixedKeys(function, lookups, prefixes, input_signature)
