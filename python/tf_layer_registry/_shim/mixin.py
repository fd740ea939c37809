"""`TF1StyleVariablesMixin`: tells a class that it is decorated where the decorator cannot."""

from __future__ import annotations

from typing import Any

from tf_layer_registry._shim.hidden_state import prepare_class


class TF1StyleVariablesMixin:
    """A base class for layers whose `track_tf1_style_variables` another decorator hides.

    A Keras layer reads its variables and nested layers back from weights files only if its class
    knows that they may be there. `track_tf1_style_variables` tells the class, if it is the
    outermost decorator of a method. Where it cannot be, as below a `tf.function`, or where it is
    applied to functions outside the class, this base tells the class instead. Without either,
    saving to `.keras` or `.weights.h5` raises an error.

    It needs no constructor call, and goes before the layer in the list of bases. A `tf.Module` may
    have it too; nothing changes there.

    Example:
      >>> import keras
      >>> class Scale(TF1StyleVariablesMixin, keras.layers.Layer):
      ...     @tf.function(jit_compile=True)
      ...     @track_tf1_style_variables
      ...     def call(self, inputs):
      ...         return inputs * tf.compat.v1.get_variable("scale", [2])
      >>> scale = Scale(name="scale_layer")
      >>> scale(tf.ones((1, 2))).shape
      TensorShape([1, 2])
      >>> [weight.path for weight in scale.weights]
      ['scale_layer/scale']
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        prepare_class(cls)
