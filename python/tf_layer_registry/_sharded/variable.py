"""Variables under a key that the graph knows, on whichever shard that is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._sharded.shards import Shard, Shards
from tf_layer_registry._variables import RegistryVariable, variable_name

# What TensorFlow's optimizers call, which would change the copy alone.
_OPTIMIZER_OPS = ("ResourceApply", "ResourceSparseApply")
_COPY = "copy_of_sharded_variable"


class Change(NamedTuple):
    """A call of one of the methods that change a variable.

    Attributes:
      method: its name.
      args: its arguments.
      kwargs: its arguments by name.
    """

    method: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def apply(self, variable: tf.Variable) -> None:
        """Calls it."""
        getattr(variable, self.method)(*self.args, **self.kwargs)


@dataclass(eq=False)
class ShardedEntry:
    """What is under a key that the graph knows, to whoever reads and assigns it.

    Attributes:
      shards: the shards.
      number: scalar int32 tensor, which of them it is in.
      look_up: gives the variables, of a shard.
    """

    shards: Shards
    number: tf.Tensor
    look_up: Callable[[Shard], list[RegistryVariable]]


@dataclass
class Held:
    """What is done to a variable while it is held.

    Attributes:
      graph: where it is held.
      changes: those made in that graph.
    """

    graph: Any
    changes: list[Change] = field(default_factory=list)


def _changing(method: str) -> Callable[..., Any]:
    """A method that changes a variable; it returns the variable."""

    @functools.wraps(getattr(RegistryVariable, method))
    def change(self: ShardedVariable, *args: Any, **kwargs: Any) -> ShardedVariable:
        self.change(
            Change(
                method,
                tuple(_read(each) for each in args),
                {name: _read(each) for name, each in kwargs.items()},
            )
        )
        return self

    marked: Callable[..., Any] = _tf_private.without_autograph(change)
    return marked


def _read(value: Any) -> Any:
    """An argument; the value of one that is a variable, which is read here and not on a shard."""
    return tf.convert_to_tensor(value) if isinstance(value, tf.Variable) else value


class ShardedVariable(RegistryVariable):
    """A variable of an entry that is on one of several devices, which one the graph knows.

    The handle of the variable itself cannot come here from its device. So there is a **copy**: a
    variable of the step, that lives where the step runs. To read is to fetch the value into the
    copy, and to read that: gradient tapes, and the gradients of loops and branches, take the copy
    for the variable. To assign is to do so on the shard.

    While it is *held* (see `held_together`), the copy is the variable: it is read and assigned as
    it is, and what was done to it is done on the shard at the end.
    """

    def __init__(
        self,
        *,
        entry: ShardedEntry,
        place: int,
        value: tf.Tensor,
        name: str,
        dtype: tf.DType,
        shape: Any,
        trainable: bool,
    ) -> None:
        """Makes the copy.

        Args:
          entry: the entry.
          place: which of the entry's variables.
          value: its value now.
          name: as of `RegistryVariable`.
          dtype: its type.
          shape: its shape.
          trainable: whether gradient tapes watch it.
        """
        with tf.device("CPU:0"):
            copy = _tf_private.anonymous_variable(value, shape, _COPY)
        super().__init__(
            copy, name=variable_name(name), dtype=dtype, shape=shape, trainable=trainable
        )
        self.entry = entry
        self.place = place
        self.held: Held | None = None
        # For good: a function runs without Python once it is traced.
        self.changed_in_inner_graphs = False

    def set_copy(self, value: tf.Tensor) -> None:
        """Gives the copy a value."""
        tf.raw_ops.AssignVariableOp(resource=self.handle, value=value)

    def value_of_copy(self) -> tf.Tensor:
        """The copy's value."""
        return tf.raw_ops.ReadVariableOp(resource=self.handle, dtype=self.dtype)

    def _fetch(self) -> None:
        if self.held is None:
            fetch([self])

    def _read_variable_op(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        self._fetch()
        return super()._read_variable_op(*args, **kwargs)

    def sparse_read(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        self._fetch()
        return super().sparse_read(*args, **kwargs)

    def gather_nd(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        self._fetch()
        return super().gather_nd(*args, **kwargs)

    def is_initialized(self, name: str | None = None) -> tf.Tensor:
        self._fetch()
        return super().is_initialized(name)

    def change(self, change: Change) -> None:
        """Does what a method that changes the variable is asked for."""
        if self.held is None:
            make_changes([(self, [change])])
            return
        if self.held.graph is tf.compat.v1.get_default_graph():
            self.held.changes.append(change)
        else:
            self.changed_in_inner_graphs = True
        getattr(super(), change.method)(*change.args, **change.kwargs)

    assign = _changing("assign")
    assign_add = _changing("assign_add")
    assign_sub = _changing("assign_sub")
    batch_scatter_update = _changing("batch_scatter_update")
    scatter_add = _changing("scatter_add")
    scatter_div = _changing("scatter_div")
    scatter_max = _changing("scatter_max")
    scatter_min = _changing("scatter_min")
    scatter_mul = _changing("scatter_mul")
    scatter_sub = _changing("scatter_sub")
    scatter_update = _changing("scatter_update")
    scatter_nd_add = _changing("scatter_nd_add")
    scatter_nd_max = _changing("scatter_nd_max")
    scatter_nd_min = _changing("scatter_nd_min")
    scatter_nd_sub = _changing("scatter_nd_sub")
    scatter_nd_update = _changing("scatter_nd_update")
    _strided_slice_assign = _changing("_strided_slice_assign")


def fetch(variables: Sequence[ShardedVariable]) -> None:
    """Gives the copies of variables that are on one shard the variables' values, all at once."""
    shards, number = variables[0].entry.shards, variables[0].entry.number

    def use(shard: Shard) -> list[tf.Tensor]:
        found = _Found(shard)
        return [value_of(found[each]) for each in variables]

    for variable, value in zip(variables, shards.run(number, use), strict=True):
        variable.set_copy(value)


def make_changes(changes: Sequence[tuple[ShardedVariable, list[Change]]]) -> None:
    """Changes variables that are on one shard, all at once."""
    shards, number = changes[0][0].entry.shards, changes[0][0].entry.number

    def use(shard: Shard) -> list[tf.Tensor]:
        found = _Found(shard)
        for variable, of_variable in changes:
            for change in of_variable:
                change.apply(found[variable])
        return []

    shards.run(number, use)


def value_of(variable: RegistryVariable) -> tf.Tensor:
    """The value of a shard's variable, there."""
    return tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)


def _refuse_optimizer_ops(op: Any, resource_reads: Any, resource_writes: Any) -> bool:
    """Refuses what changes a copy and not the variable; changes nothing."""
    del resource_reads, resource_writes
    if op.type.startswith(_OPTIMIZER_OPS) and any(_COPY in each.name for each in op.inputs):
        raise ValueError(
            f"{op.type} updates a variable of a ShardedLayerRegistry by its handle, which is that "
            "of a copy for the step. Use a tf_layer_registry.RegistryOptimizer, or the variable's "
            "methods, such as assign_sub."
        )
    return False


_tf_private.register_resource_resolver(_refuse_optimizer_ops)


class _Found:
    """The variables of a shard that stand behind those of several devices."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._by_entry: dict[ShardedEntry, list[RegistryVariable]] = {}

    def __getitem__(self, variable: ShardedVariable) -> RegistryVariable:
        entry = variable.entry
        if entry not in self._by_entry:
            self._by_entry[entry] = entry.look_up(self._shard)
        return self._by_entry[entry][variable.place]
