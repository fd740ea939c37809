"""`RegistryOptimizer`: a stock Keras optimizer over layers whose key the graph knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tf_layer_registry._runtime_keyed.optimizer_checks import (
    check_copies,
    check_gradients,
    check_owner,
    check_whole,
)
from tf_layer_registry._runtime_keyed.optimizer_state import (
    SEGMENT,
    OptimizerOfKey,
    finalize_updated,
)
from tf_layer_registry._weight_owner import WeightOwner, owner_of

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._sharded import ShardedLayerRegistry


class RegistryOptimizer(keras.optimizers.Optimizer):  # type: ignore[misc]  # Keras is untyped.
    """Applies a Keras 3 optimizer to layers under keys that are known only while the graph runs.

    What the optimizer keeps (momenta, the count of steps) is kept for each key, beside its layer in
    the registry, under `<key>/optimizer`. So a key's layer trains as a stock layer with a stock
    optimizer of its own does, step for step; a schedule of learning rates goes by how often the key
    was trained. The learning rate itself, where it is a number, is one for all keys, and can be
    set.

    A key has one `RegistryOptimizer`. Another one that updates what was got from the same
    `get_or_create_layer` is refused. In another step, or after the layer was got anew, it cannot be
    told apart: it goes on with the momenta and the count of steps of the first where it keeps the
    same variables (two `Adam`s do), and fails where it keeps others. What two optimizers are to
    train goes under two keys.

    Other variables are updated by the optimizer as ever, so that it can stand in
    `model.compile(optimizer=...)`.

    Args:
      optimizer: A Keras 3 optimizer. Each key has one like it, by `from_config(get_config())`. A
        class of your own that has no `get_config` has its attributes copied instead. A schedule or
        function that gives the learning rate is that object itself, for all keys.
      registry: The `LayerRegistry` or `ShardedLayerRegistry` of the layers.

    Raises:
      TypeError: `optimizer` is no Keras 3 optimizer, or it is a `RegistryOptimizer` itself, or a
        `keras.optimizers.LossScaleOptimizer`, which takes a `RegistryOptimizer` instead.
      ValueError: `optimizer` is of a class of your own, and no other one can be made like it, for
        each key.

    Example:
      >>> import keras
      >>> registry = tlr.LayerRegistry()
      >>> optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)
      >>> @tf.function
      ... def train(tenant, inputs):
      ...     layer = registry.get_or_create_layer(tenant, lambda: keras.layers.Dense(1))
      ...     with tf.GradientTape() as tape:
      ...         loss = tf.reduce_sum(layer(inputs) ** 2)
      ...     variables = layer.trainable_variables
      ...     optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
      ...     return loss
      >>> losses = [float(train(tf.constant("ann"), tf.ones([1, 3]))) for _ in range(20)]
      >>> losses[-1] < losses[0]
      True
      >>> registry.keys()
      ['ann', 'ann/optimizer']
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        registry: LayerRegistry | ShardedLayerRegistry,
        name: str | None = None,
    ) -> None:
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise TypeError(
                f"RegistryOptimizer needs a Keras 3 optimizer, found {optimizer!r}. Pass one, such "
                "as keras.optimizers.Adam()."
            )
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            raise TypeError(
                "RegistryOptimizer cannot apply a LossScaleOptimizer: each key would have a scale "
                "of its own, and a loss is scaled before it is known which keys it trains. Scale "
                "outside: keras.optimizers.LossScaleOptimizer(RegistryOptimizer(optimizer, "
                "registry))."
            )
        if isinstance(optimizer, RegistryOptimizer):
            raise TypeError(
                "RegistryOptimizer cannot apply another one: each key has an optimizer of its own "
                "already. Pass the optimizer that the other one was made with."
            )
        check_copies(optimizer)
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = optimizer
        self._registry = registry

    def build(self, variables: Sequence[Any]) -> None:
        """Makes what is kept for variables that are under no key."""
        ordinary = [each for each in variables if owner_of(each) is None]
        if ordinary and not self.inner_optimizer.built:
            self.inner_optimizer.build(ordinary)
        self.built = True

    def apply(
        self,
        grads: Sequence[tf.Tensor | None],
        trainable_variables: Sequence[Any] | None = None,
    ) -> None:
        """Updates variables by their gradients.

        Args:
          grads: One for each variable; None for one that does not take part.
          trainable_variables: The variables, some of them those of runtime-keyed layers.

        Raises:
          ValueError: a layer is in another registry, was updated by another `RegistryOptimizer`, or
            has no gradient; or the optimizer has both `global_clipnorm` and
            `gradient_accumulation_steps`, and the variables are not all those of one key. Nothing
            is updated then.
        """
        if trainable_variables is None:
            self.inner_optimizer.apply(grads)
            return
        trainable_variables = list(trainable_variables)
        clipped = self._clipped(list(grads), trainable_variables)
        ordinary: list[tuple[Any, Any]] = []
        by_owner: dict[WeightOwner, list[tuple[Any, Any]]] = {}
        for gradient, variable in zip(clipped, trainable_variables, strict=True):
            owner = owner_of(variable)
            pairs = ordinary if owner is None else by_owner.setdefault(owner, [])
            pairs.append((gradient, variable))
        # Whatever can be refused comes before the first update: the stock optimizer refuses before
        # its own, and there may be no room for an entry.
        for owner, pairs in by_owner.items():
            gradients, variables = zip(*pairs, strict=True)
            check_owner(self, self._registry, owner, variables)
            check_gradients(owner, gradients)
        for owner in by_owner:
            if self not in owner.optimizers:
                owner.optimizers[self] = OptimizerOfKey(self.inner_optimizer, owner)
        if ordinary:
            self.inner_optimizer.apply(*zip(*ordinary, strict=True))
        for owner, pairs in by_owner.items():
            owner.optimizers[self].apply(*zip(*pairs, strict=True))

    def _clipped(self, gradients: list[Any], variables: Sequence[Any]) -> list[Any]:
        """The gradients, clipped by the norm of them all where that is asked for.

        Those of one key, its own optimizer clips, after it has accumulated them. It clips its part
        of several keys' again, which changes nothing.
        """
        norm = self.inner_optimizer.global_clipnorm
        if not norm or len({id(owner_of(each)) for each in variables}) < 2:
            return gradients
        if steps := self.inner_optimizer.gradient_accumulation_steps:
            raise ValueError(
                "RegistryOptimizer cannot clip the gradients of several keys, or of a key and "
                f"other variables, by `global_clipnorm`={norm} with "
                f"`gradient_accumulation_steps`={steps}: each key accumulates on its own, so that "
                "there is no norm of them all. Use `clipnorm` or `clipvalue`, or apply each key's "
                "gradients by a call of its own."
            )
        scale = self.inner_optimizer.loss_scale_factor or 1.0  # The gradients still have it.
        clipped: list[Any] = tf.clip_by_global_norm(gradients, norm * scale)[0]
        return clipped

    @property
    def variables(self) -> list[keras.Variable]:
        """What is kept for variables that are under no key; the rest is in the registry."""
        return list(self.inner_optimizer.variables)

    @property
    def learning_rate(self) -> Any:
        """The learning rate of all keys."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self) -> Any:
        """How often the variables that are under no key were updated."""
        return self.inner_optimizer.iterations

    @property
    def loss_scale_factor(self) -> float | None:
        """The optimizer's own, which a `LossScaleOptimizer` around this one sets to None."""
        factor: float | None = self.inner_optimizer.loss_scale_factor
        return factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, factor: float | None) -> None:
        if hasattr(self, "inner_optimizer"):  # Keras sets it before there is one.
            self.inner_optimizer.loss_scale_factor = factor

    def scale_loss(self, loss: tf.Tensor) -> tf.Tensor:
        """See the optimizer's own."""
        return self.inner_optimizer.scale_loss(loss)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """With `use_ema`, gives variables their moving averages.

        Those of keys get the averages in the entries of their keys. `Model.fit` calls this with the
        model's own variables, in which those of keys are not. What was never updated stays as it
        is.

        Args:
          var_list: All variables under no key that are updated, or none of them; and of each key to
            be finalized, all `trainable_variables`.

        Raises:
          ValueError: some variables of a key are missing.
        """
        if not self.inner_optimizer.use_ema:
            return
        ordinary: list[Any] = []
        by_owner: dict[WeightOwner, list[Any]] = {}
        for variable in var_list:
            owner = owner_of(variable)
            (ordinary if owner is None else by_owner.setdefault(owner, [])).append(variable)
        for owner, variables in by_owner.items():
            check_owner(self, self._registry, owner, variables)
            check_whole(self, owner, variables)
        if ordinary and self.inner_optimizer.built:
            finalize_updated(self.inner_optimizer, ordinary)
        for owner, variables in by_owner.items():
            self._finalize(owner, variables)

    def _finalize(self, owner: WeightOwner, variables: Sequence[Any]) -> None:
        if self in owner.optimizers:
            owner.optimizers[self].finalize(variables)
            return
        # Another step may have trained the key, or none: then there is no entry, nor is to be.
        tf.cond(
            owner.registry.contains(tf.strings.join([owner.key, f"/{SEGMENT}"])),
            lambda: OptimizerOfKey(self.inner_optimizer, owner, in_branch=True).finalize(variables),
            lambda: None,
        )
