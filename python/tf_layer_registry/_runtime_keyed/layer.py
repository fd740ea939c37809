"""`RuntimeKeyedLayer`: what a key that is known only while the graph runs gives for a layer."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry import _keras3_private, _tf_private
from tf_layer_registry._fixed_keys import FixedVariable, UnusedDraws
from tf_layer_registry._runtime_keyed.template import Losses, Template
from tf_layer_registry._runtime_keyed.weights import WeightSpec, get_or_create_weights
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry


class RuntimeKeyedLayer:
    """A layer whose weights are those under a key, whichever it is when the graph runs.

    Called, it computes what the layer that `create_layer_method` returns computes, with the weights
    under the key, which are made where there are none. What the call changes (the statistics of
    batch normalization, the seeds of dropout) is kept under the key.

    What a key's weights begin with depends on the registry's seed, the key and the weight's name
    only: keys differ, and are the same in another process, whatever the order in which they come.

    It belongs to the graph that it was got in. `LayerRegistry.get_or_create_layer` makes it.
    """

    def __init__(
        self,
        registry: LayerRegistry,
        key: tf.Tensor,
        create_layer_method: Callable[[], Any],
        on_call: Callable[[RuntimeKeyedLayer, Losses], None] | None = None,
    ) -> None:
        """Makes the template; `on_call` is called after each call, with its losses."""
        self._registry = registry
        self._key = key
        self._template = Template(create_layer_method)
        self._scope = _tf_private.graph_scope()
        self._losses = Losses([], [])
        self._on_call = on_call
        self._weights: list[RegistryVariable] | None = None
        # What a RegistryOptimizer has for this layer. Here, since it refers to the weights, and
        # goes with them.
        self.optimizers: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer with the weights under the key; the arguments are the layer's own."""
        self._template.build(*args, **kwargs)
        with self._weights_of_call() as weights:
            if any(isinstance(each, FixedVariable) for each in weights):
                draws = UnusedDraws(weights, self._seed_states())
                outputs, self._losses = self._template.call(draws.weights, *args, **kwargs)
                draws.check((outputs, self._losses))
            else:
                outputs, self._losses = self._template.call(weights, *args, **kwargs)
        if self._on_call is not None:
            self._on_call(self, self._losses)
        return outputs

    @property
    def name(self) -> str:
        """The name of the layer that `create_layer_method` returned."""
        name: str = self._template.layer.name
        return name

    @property
    def registry(self) -> LayerRegistry:
        """The registry."""
        return self._registry

    @property
    def key(self) -> tf.Tensor:
        """Scalar string tensor: the key."""
        return self._key

    @property
    def weights(self) -> list[RegistryVariable]:
        """All variables under the key, in the order of the layer's own `variables`.

        Raises:
          ValueError: the layer is not built, so that it is not known what weights it has.
        """
        if self._weights is None:
            self._weights = self._look_up()
        return list(self._weights)

    variables = weights

    @property
    def trainable_variables(self) -> list[RegistryVariable]:
        """The variables that training changes; see `weights`."""
        return self._those_of(self._template.layer.trainable_variables)

    @property
    def non_trainable_variables(self) -> list[RegistryVariable]:
        """The other variables: statistics, and the states of seed generators; see `weights`."""
        return self._those_of(self._template.layer.non_trainable_variables)

    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    @property
    def losses(self) -> list[tf.Tensor]:
        """Scalar tensors: the regularization and activity losses of the last call."""
        return [*self._losses.of_call, *self._losses.of_weights]

    def build(self, input_shape: Any) -> None:
        """Makes the weights known before the first call; `input_shape` is the layer's."""
        self._template.build_for_shape(input_shape)

    def beside(
        self,
        segment: str,
        specs: Sequence[WeightSpec],
        make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
        *,
        in_branch: bool = False,
    ) -> list[RegistryVariable]:
        """Variables that belong to the layer under the key, in an entry of their own below it.

        That entry is erased with the layer's. The registry knows it by its last segment, which has
        to be "optimizer". It is looked up in the graph that the layer was got in; with `in_branch`,
        in the current one, which may not run.
        """
        scope = contextlib.nullcontext() if in_branch else self._scope()
        with scope, tf.name_scope(self.name):
            key = tf.strings.join([self._key, "/", segment])
            return self._get_or_create(key, specs, make_initial_values, companion=True)

    def constraint_of(self, weight: RegistryVariable) -> Callable[[Any], Any] | None:
        """The constraint that the layer puts on one of its weights; None where there is none."""
        for variable, each in zip(self._template.layer.variables, self.weights, strict=True):
            if each is weight:
                constraint: Callable[[Any], Any] | None = variable.constraint
                return constraint
        return None

    def _those_of(self, variables: Sequence[Any]) -> list[RegistryVariable]:
        weights = self.weights
        by_id = {
            id(variable): weight
            for variable, weight in zip(self._template.layer.variables, weights, strict=True)
        }
        return [by_id[id(variable)] for variable in variables]

    @property
    def _reaches_variables(self) -> bool:
        """Whether variables of this process can be read where the weights are made."""
        return self._registry.is_in_process

    def _seed_states(self) -> set[int]:
        """The indices of the states of seed generators among the weights."""
        generators = _keras3_private.seed_generators_of(self._template.layer)
        states = {id(each.state) for each in generators}
        variables = self._template.layer.variables
        return {index for index, each in enumerate(variables) if id(each) in states}

    def _weights_of_call(self) -> contextlib.AbstractContextManager[list[RegistryVariable]]:
        """The weights, while a call reads and assigns them."""
        return contextlib.nullcontext(self.weights)

    def _get_or_create(
        self,
        key: tf.Tensor,
        specs: Sequence[WeightSpec],
        make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
        *,
        companion: bool = False,
    ) -> list[RegistryVariable]:
        """The weights under a key, in the current graph."""
        return get_or_create_weights(
            self._registry, key, specs, make_initial_values, companion=companion
        )

    def _look_up(self) -> list[RegistryVariable]:
        layer = self._template.layer
        if not layer.built:
            raise ValueError(
                f"{layer!r} is not built, so it is not known what weights a key has. Call the "
                "layer first, or its build(input_shape)."
            )
        # The name says which layer it was, should the key hold another.
        with self._scope(), tf.name_scope(layer.name):
            found = self._get_or_create(
                self._key,
                self._template.specs(),
                self._template.initializer(
                    self._registry.seed, reaches_variables=self._reaches_variables
                ),
            )
        for weight in found:
            weight.owner = self
        return found

    def __repr__(self) -> str:
        return f"<RuntimeKeyedLayer of {self._template.layer!r} in {self._registry!r}>"
