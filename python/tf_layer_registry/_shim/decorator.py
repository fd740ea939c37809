"""`track_tf1_style_variables`: the decorator that gives an object its variable store."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from tf_layer_registry._shim import decorator_messages
from tf_layer_registry._shim.hidden_state import prepare_class
from tf_layer_registry._shim.options import DEFAULT, Options
from tf_layer_registry._shim.restored_names import check_restored_names, suspects
from tf_layer_registry._shim.scopes import enter, leave

F = TypeVar("F", bound=Callable[..., Any])
_NO_METHOD = object()


@overload
def track_tf1_style_variables(
    method: F, /, *, strict_reuse: bool = False, autocast: bool = False
) -> F: ...
@overload
def track_tf1_style_variables(
    *, strict_reuse: bool = False, autocast: bool = False
) -> Callable[[F], F]: ...
def track_tf1_style_variables(
    method: Any = _NO_METHOD, /, *, strict_reuse: bool = False, autocast: bool = False
) -> Any:
    """Makes a method's object keep what `get_variable` and `get_or_create_layer` make in it.

    Source API: `tf.compat.v1.keras.utils.track_tf1_style_variables`.

    Within the decorated method, `tf.compat.v1.get_variable` finds the variables of earlier calls by
    name and makes those that are new, under the names that TF1 gave them. They are `tf.Variable`s.
    The object lists them once among its variables and trainable variables, its checkpoints hold
    them, and a Keras layer adds their regularizers to its losses. `get_or_create_layer` does the
    same for nested layers. Creation works in eager calls, in any trace of a `tf.function`, in
    `model.fit`, and from many threads.

    A Keras layer's method begins at the root variable scope, wherever it is called from; a
    `tf.Module`'s method begins in the caller's. Names that count up, such as
    `variable_scope(None, "block")`, are the same on every call.

    Args:
      method: a method of a Keras 3 or tf_keras layer or model, or of a `tf.Module`. Let
        this be the outermost decorator. Left out where options are given:
        `@track_tf1_style_variables(strict_reuse=True)`.
      strict_reuse: whether a `variable_scope` without reuse refuses a name that the same call had
        before, as TF1 did. Else such a name gives the variable that is there.
      autocast: whether variables of a Keras layer under a policy such as "mixed_float16" are kept
        in its variable dtype and, in a call of the layer, read in its compute dtype, where
        `get_variable` asks for one of the two. What is assigned is cast back; gradients,
        regularizers and files see the variable dtype. Else such a variable is of the dtype
        asked for, and TensorFlow refuses to mix dtypes. A `tf.Module` has no policy: nothing
        changes there.

    Returns:
      The decorated method, or a decorator where `method` is left out.

    Raises:
      TypeError: `method` is not a function, or is a generator or a coroutine, whose code runs after
        the call.
      ValueError: on a call, where the object is none of the above, or there is none.

    Example:
      >>> class Scale(tf.Module):
      ...     @track_tf1_style_variables
      ...     def __call__(self, inputs):
      ...         with tf.compat.v1.variable_scope("scale"):
      ...             return inputs * tf.compat.v1.get_variable(
      ...                 "factor", [3], initializer=tf.compat.v1.ones_initializer())
      >>> scale = Scale()
      >>> scale(tf.ones((2, 3))).shape
      TensorShape([2, 3])
      >>> [(variable.name, variable.shape, variable.dtype) for variable in scale.variables]
      [('scale/factor:0', TensorShape([3]), tf.float32)]
    """
    options = Options(strict_reuse, autocast) if strict_reuse or autocast else DEFAULT
    if method is _NO_METHOD:
        return functools.partial(_decorate, options=options)
    return _decorate(method, options)


# Of these a call makes an object, and runs no code.
_RUN_LATER = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)


def _decorate(method: F, options: Options) -> F:
    unfit = isinstance(method, (type, staticmethod, classmethod))
    if unfit or not callable(method):
        raise TypeError(decorator_messages.not_a_function(method))
    if any(runs_later(method) for runs_later in _RUN_LATER):
        raise TypeError(decorator_messages.runs_after_the_call(method))
    return cast("F", _DecoratedMethod(_wrap(method, options)))


class _DecoratedMethod:
    """Stands for the decorated method until its class is made, then leaves the method there.

    Thus the class learns that it is decorated, and calls meet a plain function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function
        if (signature := getattr(function, "__signature__", None)) is not None:
            self.__signature__ = signature

    def __set_name__(self, owner: type, name: str) -> None:
        prepare_class(owner)
        if getattr(self, "__isabstractmethod__", False):
            self._function.__isabstractmethod__ = True  # type: ignore[attr-defined]
        _set_signature(self._function, name)
        setattr(owner, name, self._function)

    # Where another decorator came between the class and this one:

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else self._function.__get__(instance, owner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not args:
            raise ValueError(decorator_messages.no_self(self.__qualname__))
        return self._function(*args, **kwargs)


# For each layer Keras 3 wraps its bound methods of these names and copies their attributes. There a
# signature would have `self`, which the wrapper does not take. Without one, Python follows the
# wrapper to the method, and finds the right one.
_WRAPPED_BY_KERAS = ("build", "quantize")


def _set_signature(decorated: Callable[..., Any], name: str) -> None:
    """Shows what the method of a name takes, as far as that name allows.

    It is for those who follow no wrappers, as tf_keras where it looks what `call` takes.
    """
    attributes = vars(decorated)
    attributes.pop("__signature__", None)
    if name not in _WRAPPED_BY_KERAS:
        attributes["__signature__"] = inspect.signature(attributes["__wrapped__"])


def _wrap(method: Callable[..., Any], options: Options) -> Callable[..., Any]:
    call = method if inspect.isfunction(method) else _bound_call(method)

    def decorated(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        entry = enter(self, method, options)
        try:
            outputs = call(self, *args, **kwargs)
            if suspects:
                check_restored_names(self, entry is not None)
            return outputs
        finally:
            leave(entry)

    functools.update_wrapper(decorated, method)
    # Where another decorator hides the class's name for it, this one is the best guess.
    _set_signature(decorated, decorated.__name__)
    # Not a decorator that AutoGraph steps over, as TensorFlow's own are: that would change the
    # class's method, and leave its code unconverted.
    decorated.__dict__.pop("_tf_decorator", None)
    return decorated


def _bound_call(method: Any) -> Callable[..., Any]:
    """A call that binds first, as a `tf.function` needs for its weak reference to `self`."""
    if not hasattr(type(method), "__get__"):
        return cast("Callable[..., Any]", method)

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return method.__get__(self, type(self))(*args, **kwargs)

    return call
