"""What all keys of a runtime-keyed layer have in common: the layer without its weights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private, _tf_private
from tf_layer_registry._key_seeds import seed_of_key
from tf_layer_registry._publish import unique_names
from tf_layer_registry._runtime_keyed.call_scope import VariablesInstead
from tf_layer_registry._runtime_keyed.initial_values import initial_value, made_up_seeds_of
from tf_layer_registry._runtime_keyed.unkeyed_state import refuse_unkeyed_state
from tf_layer_registry._runtime_keyed.weights import WeightSpec


class Losses(NamedTuple):
    """The losses of a call.

    Attributes:
      of_call: those that the layers added while they ran, as of their activities.
      of_weights: those of the regularizers of weights.
    """

    of_call: list[tf.Tensor]
    of_weights: list[tf.Tensor]


class Template:
    """A Keras layer whose variables have no values of their own.

    It is made once per trace. To call it is to compute with given values in place of its variables.

    Attributes:
      layer: the layer.
    """

    def __init__(self, create_layer_method: Callable[[], Any]) -> None:
        """Makes the layer.

        Raises:
          TypeError: what was made is no Keras 3 layer.
          ValueError: it has state that no key can have for itself.
        """
        self._assigned: dict[int, Any] = {}
        self._made: list[Any] = []
        with self._making():
            layer = create_layer_method()
        if not isinstance(layer, keras.Layer):
            raise TypeError(
                "A layer under a key that is known only while the graph runs is made from a "
                f"Keras 3 layer or model, found {layer!r}. Let create_layer_method return one, or "
                "pass the key as a str."
            )
        refuse_unkeyed_state(layer)
        self.layer = layer

    @contextlib.contextmanager
    def _making(self) -> Iterator[None]:
        """Makes the layer or its variables, outside of all functions and without values."""
        with _tf_private.outside_functions():
            _keras3_private.make_global_seed_generator()
        with (
            _tf_private.outside_functions(),
            _keras3_private.making_templates() as (scope, made),
            _without_tf_variables(),
            _explaining(),
        ):
            yield
        self._assigned.update(scope.state_mapping)
        self._made.extend(made)

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Builds the layer for such inputs, unless it is built."""
        if self.layer.built:
            return
        args, kwargs = keras.tree.map_structure(_symbolic, (args, kwargs))
        with self._making():
            self.layer(*args, **kwargs)

    def build_for_shape(self, input_shape: Any) -> None:
        """Builds the layer for inputs of a shape, as Keras's own `build` takes it.

        A layer without a `build` of its own is called with one symbolic input of that shape.
        """
        if self.layer.built:
            return
        with self._making():
            if _keras3_private.has_default_build(self.layer):
                self.layer(keras.KerasTensor(input_shape, self.layer.compute_dtype))
            else:
                self.layer.build(input_shape)

    def specs(self) -> list[WeightSpec]:
        """What the variables are.

        Raises:
          ValueError: the layer has other state, too.
        """
        refuse_unkeyed_state(self.layer)
        variables = self.layer.variables
        self._refuse_others({id(variable) for variable in variables})
        return [
            WeightSpec(
                name,
                tf.as_dtype(_keras3_private.dtype_of(variable)),
                tf.TensorShape(variable.shape),
                variable.trainable,
            )
            for name, variable in zip(self._names(), variables, strict=True)
        ]

    def _refuse_others(self, tracked: set[int]) -> None:
        """Lets reading fail of variables that were made, and that the layer does not track.

        Layers may make some and never use them, as those do that copy a layer. Others would begin
        anew at each call.
        """
        for variable in self._made:
            if id(variable) not in tracked:
                error = ValueError(
                    f"{self.layer!r} uses the Keras variable {variable.path}, which it does not "
                    "list among its variables (those of metrics it never does), so that nothing "
                    "would keep it under the key. Make it with add_weight of the layer, or of a "
                    "layer in one of its attributes."
                )
                _keras3_private.refuse_reads(variable, error)

    def _names(self) -> list[str]:
        return unique_names([variable.path for variable in self.layer.variables])

    def initializer(
        self, seed: int, *, reaches_variables: bool
    ) -> Callable[[tf.Tensor], list[tf.Tensor]]:
        """The function from a key to the initial values of the variables.

        What `create_layer_method` assigned (pretrained weights, say), and what a layer that was
        built elsewhere has, is the same for all keys; the rest is drawn for each.

        Args:
          seed: the registry's.
          reaches_variables: whether the function runs where the variables of such layers can be
            read. Otherwise it gives the values that they have now.
        """
        seed_states = {
            id(generator.state): generator
            for generator in _keras3_private.seed_generators_of(self.layer)
        }

        made_up = made_up_seeds_of(self.layer)

        def make_initial_values(key: tf.Tensor) -> list[tf.Tensor]:
            key_seed = seed_of_key(key, seed)
            with _keras3_private.outside_scopes(), _without_tf_variables():
                return [
                    self._given_value(variable, now=not reaches_variables)
                    if self._is_given(variable)
                    else initial_value(variable, name, key_seed, seed_states, made_up)
                    for variable, name in zip(self.layer.variables, self._names(), strict=True)
                ]

        return make_initial_values

    def _is_given(self, variable: Any) -> bool:
        return id(variable) in self._assigned or _keras3_private.has_value(variable)

    def _given_value(self, variable: Any, *, now: bool) -> tf.Tensor:
        with tf.init_scope() if now else contextlib.nullcontext():
            return tf.convert_to_tensor(self._assigned.get(id(variable), variable))

    def call(self, weights: Sequence[tf.Variable], *args: Any, **kwargs: Any) -> tuple[Any, Losses]:
        """Calls the layer with other variables in place of its own.

        Args:
          weights: one for each of the layer's `variables`. What the call assigns, they get.
          *args: the layer's.
          **kwargs: the layer's.

        Returns:
          What the layer returns, and the losses of the call.

        Raises:
          ValueError: the layer makes a `tf.Variable` when it is called.
        """
        # Keras itself refuses variables that a built layer makes.
        with VariablesInstead(self.layer.variables, weights), _without_tf_variables():
            outputs = self.layer(*args, **kwargs)
            losses = list(self.layer.losses)
            # Keras has these last.
            regularized = [each for each in self.layer.trainable_weights if each.regularizer]
        first = len(losses) - len(regularized)
        return outputs, Losses(losses[:first], losses[first:])


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    """Says what is amiss with a template where TensorFlow and Keras say what they ran into."""
    try:
        yield
    except TypeError as error:
        if "out of scope" not in str(error):
            raise
        raise ValueError(
            "create_layer_method uses the key, or another tensor of the function that asks for the "
            "layer. It runs once for all keys: what weights there are cannot depend on the key. "
            "Give the tensor to the layer's call, or pass the key as a str."
        ) from error
    except ValueError as error:
        if "while in a stateless scope" not in str(error):
            raise
        raise ValueError(
            "create_layer_method makes a Keras variable from a value. All keys would begin with "
            "it: use add_weight with an initializer, and keras.initializers.Constant where that is "
            "meant."
        ) from error


def _symbolic(value: Any) -> Any:
    if not tf.is_tensor(value):
        return value
    return keras.KerasTensor(tuple(value.shape), value.dtype.name)


@contextlib.contextmanager
def _without_tf_variables() -> Iterator[None]:
    """Refuses what keeps state in variables that are not Keras's: all keys would share them."""

    def refuse(_: Any, **kwargs: Any) -> NoReturn:
        raise ValueError(
            f"The layer makes a tf.Variable ({kwargs.get('name') or 'unnamed'}), which all keys "
            "would share: only Keras variables can be kept per key. Make it with add_weight, or "
            "pass the key as a str."
        )

    with tf.variable_creator_scope(refuse):
        yield
