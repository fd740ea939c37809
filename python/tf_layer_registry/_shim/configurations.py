"""What decorated Keras layers keep by name, in the configurations that Keras writes to files.

Those of a build and of a compilation are what Keras reads back before it makes the variables of an
optimizer. Keras 3 reads the former only of what is not built when it is made, which a stack or a
graph is; there `from_config` reads it.
"""

from __future__ import annotations

import functools
import inspect
import json
import weakref
from collections.abc import Callable
from typing import Any, cast

from tf_layer_registry._shim import flavours

_KEY = "tf1_style_variables"  # Of the manifest in the configurations.

# Instead of a manifest where calls that train may still make what there will be.
_NOTHING_YET = json.dumps(None)

Configuration = dict[str, Any]
StateOf = Callable[[Any], Any]  # From a layer to its hidden sublayer.


class _Unwritten(str):
    """A manifest that has not been through a file.

    A compilation may be taken over by another object, which need not be of the same sizes.
    """

    __slots__ = ()


def describe_in_configurations(owner: type, find: StateOf, make: StateOf) -> None:
    """Lets the configurations of a class hold the manifest of what its instances keep by name.

    Those of the classes that derive from it too, whatever they define themselves.

    Args:
      owner: the class.
      find: gives the hidden sublayer of an instance, None where it has none yet.
      make: the same; makes it where there is none.
    """
    _describe(owner, find, make)
    before = vars(owner).get("__init_subclass__")

    def __init_subclass__(cls: type, /, **kwargs: Any) -> None:  # noqa: N807  # It becomes that.
        parents: Any = super(owner, cls)
        bound = parents.__init_subclass__ if before is None else before.__get__(None, cls)
        bound(**kwargs)
        _describe(cls, find, make)

    owner.__init_subclass__ = classmethod(__init_subclass__)  # type: ignore[assignment]  # As above.


# The methods that were set here.
_set_here: weakref.WeakSet[Any] = weakref.WeakSet()


def _describe(owner: type, find: StateOf, make: StateOf) -> None:
    """Sets the methods of a class, unless it has them from a base where they were set.

    A mixin gets no `from_config`, which it could not answer, but the layers that it is mixed into.
    """
    methods: dict[str, Callable[[], Any]] = {
        "get_build_config": lambda: _get_build_config(owner, find),
        "build_from_config": lambda: _build_from_config(owner, make),
        "get_compile_config": lambda: _get_compile_config(owner, find, make),
        "compile_from_config": lambda: _compile_from_config(owner, find, make),
    }
    flavour = flavours.flavour_of(owner)
    if flavour is not None and flavour.name == "Keras 3":
        methods["from_config"] = lambda: _from_config(owner, make)
    elif flavour is not None and flavour.name == "tf_keras":
        methods["from_config"] = lambda: _from_config_or_mark(owner)
    for name, method in methods.items():
        before = getattr(owner, name, None)
        if getattr(before, "__func__", before) not in _set_here:
            member = method()
            _set_here.add(getattr(member, "__func__", member))
            setattr(owner, name, member)


def _from_config(owner: type, make: StateOf) -> Any:
    """Reads what Keras 3 would pass over, since the instance is built as soon as it is made."""
    before = _from_config_before(owner)

    def from_config(cls: Any, *args: Any, **kwargs: Any) -> Any:
        made = before(cls)(*args, **kwargs)
        if type(made) is cls and made.built:
            from tf_layer_registry import _keras3_private

            manifest = (_keras3_private.build_config_of(cls) or {}).get(_KEY)
            if manifest is not None:
                make(made).prepare(json.loads(manifest))
        return made

    return _class_method(from_config, before(owner))


def _from_config_or_mark(owner: type) -> Any:
    """Takes the mark that a SavedModel has below a layer, by which other classes refuse it."""
    before = _from_config_before(owner)

    def from_config(cls: Any, *args: Any, **kwargs: Any) -> Any:
        from tf_layer_registry import _tf_keras_private

        if _tf_keras_private.is_mark(args[0] if args else kwargs.get("config")):
            return _tf_keras_private.read_mark()
        return before(cls)(*args, **kwargs)

    return _class_method(from_config, before(owner))


def _from_config_before(owner: type) -> Callable[[Any], Any]:
    """Gives the `from_config` of a class as it is without what is now set in `owner`."""
    own = vars(owner).get("from_config")

    def before(kind: Any) -> Any:
        parents: Any = super(owner, kind)
        return parents.from_config if own is None else own.__get__(None, kind)

    return before


def _class_method(from_config: Callable[..., Any], function: Any) -> Any:
    """A `from_config` that looks like `function`, which it calls."""
    function = getattr(function, "__func__", function)
    functools.update_wrapper(from_config, function)
    # Keras asks it whether it takes custom objects, and follows no wrappers.
    vars(from_config)["__signature__"] = inspect.signature(function)
    return classmethod(from_config)


def _get_build_config(owner: type, find: StateOf) -> Callable[[Any], Any]:
    before = method_before(owner, "get_build_config")

    def get_build_config(self: Any) -> Any:
        config = before(self)()
        state = find(self)
        if not _is_whole(state) or _KEY in (config or {}):
            return config
        return {**(config or {}), _KEY: json.dumps(state.describe())}

    return get_build_config


def _build_from_config(owner: type, make: StateOf) -> Callable[[Any, Any], Any]:
    before = method_before(owner, "build_from_config")

    def build_from_config(self: Any, config: Any) -> Any:
        if config and _KEY in config:
            config = dict(config)
            state, manifest = make(self), json.loads(config.pop(_KEY))
            # What the class makes here may be among the nested layers.
            awaited = state.prepare(manifest, wait=True)
            result = before(self)(config) if config else None  # That layer had none before.
            state.prepare(manifest, awaited=awaited)
            return result
        return before(self)(config)

    return build_from_config


def _get_compile_config(owner: type, find: StateOf, make: StateOf) -> Callable[[Any], Any]:
    before = method_before(owner, "get_compile_config")

    def get_compile_config(self: Any) -> Any:
        config = before(self)()
        if not config or _taken(config)[1] is not None:
            return config
        state = find(self)
        if _is_whole(state):
            manifest: str = _Unwritten(json.dumps(state.describe()))
        elif _has_unbuilt_optimizer(self):
            manifest = _NOTHING_YET
        else:
            return config
        optimizer = config.get("optimizer")
        if isinstance(optimizer, str):
            optimizer = make(self).serialized_optimizer(optimizer)
        # Within what describes the optimizer, other models pass over it.
        if isinstance(optimizer, dict):
            return {**config, "optimizer": {**optimizer, _KEY: manifest}}
        # There is no optimizer, or the configuration is the class's own, which it alone reads.
        return config if _lacks_optimizer(config) else {**config, _KEY: manifest}

    return get_compile_config


def _has_unbuilt_optimizer(model: Any) -> bool:
    """Whether the first step is still to make the state of a model's optimizer."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return False
    built = getattr(optimizer, "built", None)
    if built is not None:
        return not built
    # tf_keras does not tell. Until then it has the number of the step alone, and one that never has
    # more reads that from a file built or not.
    variables = optimizer.variables
    return len(variables() if callable(variables) else variables) <= 1


def _compile_from_config(owner: type, find: StateOf, make: StateOf) -> Callable[[Any, Any], Any]:
    before = method_before(owner, "compile_from_config")

    def compile_from_config(self: Any, config: Any) -> Any:
        config, manifest = _taken(config)
        unknown = manifest == _NOTHING_YET or isinstance(manifest, _Unwritten)
        if manifest is not None and not unknown:
            make(self).prepare(json.loads(manifest))
        elif self.built and (_lacks_optimizer(config) or (unknown and not _is_whole(find(self)))):
            # Its first call may make variables. Keras would build the optimizer without them, or
            # fail where there is none.
            self.built = False
            try:
                return before(self)(config)
            finally:
                self.built = True
        return before(self)(config)

    return compile_from_config


def _lacks_optimizer(config: Any) -> bool:
    return bool(config) and "optimizer" in config and config["optimizer"] is None


def _taken(config: Any) -> tuple[Any, str | None]:
    """A compilation's configuration without the manifest, and the manifest."""
    if not config:
        return config, None
    config = dict(config)
    manifest = config.pop(_KEY, None)
    optimizer = config.get("optimizer")
    if isinstance(optimizer, dict) and _KEY in optimizer:
        config["optimizer"] = optimizer = dict(optimizer)
        manifest = optimizer.pop(_KEY)
    return config, manifest


def _is_whole(state: Any) -> bool:
    return state is not None and state.is_whole()


def method_before(owner: type, name: str) -> Callable[[Any], Callable[..., Any]]:
    """Gives the method of an instance as it is without what is now set in `owner`."""
    own = vars(owner).get(name)

    def method(self: Any) -> Callable[..., Any]:
        if own is not None:
            return cast("Callable[..., Any]", own.__get__(self, type(self)))
        # A layer that is no model has nothing to compile.
        return getattr(super(owner, self), name, lambda *_: None)

    return method
