"""The decorator's option `autocast`, under Keras's policies of mixed precision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import flavours_named

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._tf_private import VARIABLE_STORE_KEY

v1 = tf.compat.v1
KERASES = [keras, tf_keras]
every_keras = pytest.mark.parametrize("framework", KERASES, ids=lambda each: each.__name__)
every_policy = pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])


def compute_dtype(policy: str) -> tf.DType:
    return tf.as_dtype(policy.removeprefix("mixed_"))


def layer_of(framework: Any, policy: str, forward: Callable[..., Any], **options: Any) -> Any:
    method = track_tf1_style_variables(**options)(forward)
    return type("Layer", (framework.layers.Layer,), {"call": method})(dtype=policy)


def scaled(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    kernel = v1.get_variable("kernel", [4, 4], regularizer=tf.nn.l2_loss)
    return tf.matmul(inputs, kernel) + v1.get_variable("bias", [4], inputs.dtype)


@every_keras
@every_policy
def test_reads_in_the_compute_dtype(
    framework: Any, policy: str, execution: Callable[..., Any]
) -> None:
    layer = layer_of(framework, policy, scaled, autocast=True)
    outputs = execution(layer.__call__)(tf.ones((2, 4)))
    assert outputs.dtype == compute_dtype(policy)
    assert [tf.as_dtype(weight.dtype) for weight in layer.weights] == [tf.float32] * 2
    bias, kernel = (np.asarray(weight) for weight in layer.weights)
    np.testing.assert_allclose(
        tf.cast(outputs, tf.float32), np.ones((2, 4)) @ kernel + bias, atol=0.05
    )
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(layer(tf.ones((2, 4))), tf.float32))
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert [gradient.dtype for gradient in gradients] == [tf.float32] * 2
    assert [loss.dtype for loss in layer.losses] == [tf.float32]


@every_keras
def test_without_the_option_tensorflow_refuses(framework: Any) -> None:
    layer = layer_of(framework, "mixed_float16", scaled)
    with pytest.raises((TypeError, tf.errors.InvalidArgumentError)) as caught:
        layer(tf.ones((2, 4)))
    assert "cannot compute MatMul as input #1(zero-based) was expected to be a half tensor" in str(
        caught.value
    )


@pytest.mark.parametrize("option", [False, True])
def test_what_is_not_cast(option: bool) -> None:
    """No policy, a policy of one dtype, and other dtypes than the policy's."""
    seen = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        dtypes = (tf.int32, tf.float64)
        seen.extend(v1.get_variable(each.name, [2], each, trainable=False) for each in dtypes)
        return inputs

    layer_of(keras, "mixed_float16", forward, autocast=option)(tf.ones((2, 4)))
    for flavour in flavours_named("Keras 3", "tf.Module"):
        decorated = track_tf1_style_variables(autocast=option)(
            lambda _self, inputs: seen.append(v1.get_variable("v", [2])) or inputs
        )
        type("Decorated", (flavour.base,), {flavour.method: decorated})()(tf.ones((2, 4)))
    assert [each.dtype for each in seen] == [tf.int32, tf.float64, tf.float32, tf.float32]
    assert all(type(each).__name__ == "ResourceVariable" for each in seen)


@every_keras
def test_assignments_are_cast_back(framework: Any, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [2, 2], initializer=v1.zeros_initializer(), trainable=False)
        assert isinstance(variable, tf.Variable)
        assert variable.dtype == tf.float16
        variable.assign(tf.ones([2, 2], tf.float16))
        variable.assign_add([[1.0, 1.0], [0.0, 0.0]])
        variable.assign_sub(tf.fill([2, 2], 1e-6))  # Less than float16 tells from 1.
        variable.scatter_update(tf.IndexedSlices(tf.fill([1, 2], tf.cast(5, tf.float16)), [1]))
        total = tf.gather(variable, [0]) + variable.sparse_read([1]) + variable[1]
        return inputs + tf.reduce_sum(total)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = execution(layer.__call__)(tf.zeros((1, 1)))
    assert outputs.dtype == tf.float16
    assert float(outputs[0, 0]) == 24.0
    (weight,) = layer.weights
    np.testing.assert_array_equal(weight, np.float32([[2 - 1e-6] * 2, [5, 5]]))


@every_keras
def test_nested_layers_follow_their_own_policy(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        dense = get_or_create_layer("dense", lambda: framework.layers.Dense(4, dtype="float32"))
        hidden = dense(inputs)
        assert hidden.dtype == tf.float32
        return tf.matmul(tf.cast(hidden, tf.bfloat16), v1.get_variable("kernel", [4, 4]))

    layer = layer_of(framework, "mixed_bfloat16", forward, autocast=True)
    assert layer(tf.ones((2, 4))).dtype == tf.bfloat16


def test_custom_getters_see_the_cast_variable() -> None:
    def doubled(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        variable = getter(name, *args, **kwargs)
        assert variable.dtype == tf.float16
        return 2 * variable

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=doubled):
            return inputs * v1.get_variable("v", [4], initializer=v1.ones_initializer())

    layer = layer_of(keras, "mixed_float16", forward, autocast=True)
    np.testing.assert_array_equal(layer(tf.ones((2, 4))), np.full((2, 4), 2.0))


def in_call(
    framework: Any,
    body: Callable[[tf.Variable], Any],
    policy: str = "mixed_float16",
    **options: Any,
) -> tuple[Any, Any]:
    """The layer, and what `body` makes in its call of a variable that is [1, 2, 3]."""
    seen = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", initializer=tf.constant([1.0, 2.0, 3.0]), **options)
        seen.append(body(variable))
        return inputs

    layer = layer_of(framework, policy, forward, autocast=True)
    layer(tf.ones((2, 4)))
    return layer, seen[0]


@every_keras
@pytest.mark.parametrize("watch", [False, True])
def test_tapes_within_the_call(framework: Any, watch: bool, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        with tf.GradientTape(watch_accessed_variables=not watch) as tape:
            if watch:
                tape.watch(variable)
            loss = tf.reduce_sum(variable * variable)
        gradient = tape.gradient(loss, variable)
        assert gradient.dtype == tf.float32
        return inputs * tf.cast(gradient, inputs.dtype)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = execution(layer.__call__)(tf.ones((2, 4)))
    np.testing.assert_array_equal(outputs, np.full((2, 4), 2.0))


@every_keras
def test_gradients_of_graphs(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        (gradient,) = tf.gradients(tf.reduce_sum(variable * variable), variable)
        return inputs * tf.cast(gradient, inputs.dtype)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = tf.function(layer.__call__)(tf.ones((2, 4)))
    np.testing.assert_array_equal(outputs, np.full((2, 4), 2.0))


OPTIMIZERS = {
    "GradientDescent": lambda: v1.train.GradientDescentOptimizer(0.5),
    "Momentum": lambda: v1.train.MomentumOptimizer(0.5, 0.9),
    "legacy": lambda: tf_keras.optimizers.legacy.SGD(0.5),
}


@every_keras
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [tf.float16, tf.float32])
@pytest.mark.parametrize("sparse", [False, True])
def test_optimizers_within_the_call(
    framework: Any, optimizer: str, dtype: tf.DType, sparse: bool
) -> None:
    """Gradients of any dtype: the optimizers' ops end the process where dtypes differ."""
    apply = OPTIMIZERS[optimizer]()

    def update(variable: tf.Variable) -> None:
        gradient = tf.constant([1.0, 1.0, 1.0], dtype)
        if sparse:
            gradient = tf.IndexedSlices(gradient, [0, 1, 2], [3])
        apply.apply_gradients([(gradient, variable)])

    layer, _ = in_call(framework, update)
    weight, *slots = layer.weights
    np.testing.assert_array_equal(weight, np.float32([0.5, 1.5, 2.5]))
    assert [tf.as_dtype(slot.dtype) for slot in slots] == [tf.float32] * len(slots)


def test_optimizers_update_other_variables_as_before() -> None:
    in_call(keras, lambda _: None)
    variable = tf.Variable([1.0])
    optimizer = v1.train.GradientDescentOptimizer(0.5)
    optimizer.apply_gradients([(tf.ones([1]), variable), (None, tf.Variable([2.0]))])
    np.testing.assert_array_equal(variable, [0.5])


@every_keras
def test_averages_in_custom_getters(framework: Any) -> None:
    average, seen = tf.train.ExponentialMovingAverage(0.5), []

    def averaged(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        variable = getter(name, *args, **kwargs)
        found = average.average(variable)
        seen.append(found is not None)
        return variable if found is None else found

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=averaged):
            return inputs * v1.get_variable("v", [4], initializer=v1.ones_initializer())

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    layer(tf.ones((2, 4)))
    (variable,) = layer.trainable_variables
    average.apply([variable.value if framework is keras else variable])
    variable.assign(5 * tf.ones([4]))
    np.testing.assert_array_equal(layer(tf.ones((2, 4))), np.ones((2, 4)))
    assert seen == [False, True]


@every_keras
def test_partitioned_variables(framework: Any, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        partitioner = v1.fixed_size_partitioner(2)
        kernel = v1.get_variable(
            "v", [4, 3], initializer=v1.ones_initializer(), partitioner=partitioner
        )
        assert kernel.dtype == tf.float16
        assert [part.dtype for part in kernel] == [tf.float16] * 2
        return tf.matmul(inputs, tf.convert_to_tensor(kernel))

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    for _ in range(2):
        outputs = execution(layer.__call__)(tf.ones((2, 4)))
        assert outputs.dtype == tf.float16
        np.testing.assert_array_equal(outputs, np.full((2, 3), 4.0))
    assert [tf.as_dtype(weight.dtype) for weight in layer.weights] == [tf.float32] * 2


@every_keras
def test_regularizers_that_are_added(framework: Any) -> None:
    def named(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        with tf.name_scope("name_scope"):
            return getter(name, *args, **kwargs)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=named):
            variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        (store,) = v1.get_collection(VARIABLE_STORE_KEY)
        store.add_regularizer(variable, tf.nn.l2_loss)
        return inputs

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    layer(tf.ones((2, 4)))
    (loss,) = layer.losses
    assert loss.dtype == tf.float32
    assert float(loss) == 2.0


def assigned_slice(variable: tf.Variable) -> Any:
    return variable[:1].assign(tf.constant([7.0], tf.float16))


@every_keras
@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda v: v.is_initialized(), True),
        (v1.is_variable_initialized, True),
        (lambda v: v.initializer, None),
        (lambda v: v.set_shape([3]), None),
        (lambda v: v.read_value_no_copy(), [1, 2, 3]),
        (assigned_slice, [7, 2, 3]),
        (lambda v: v.ref() == v.variable.ref(), True),
        (lambda v: v.scatter_add(tf.IndexedSlices(v[:1], [0], [3])), [2, 2, 3]),
    ],
)
def test_members(framework: Any, use: Callable[[Any], Any], expected: Any) -> None:
    _, result = in_call(framework, use)
    np.testing.assert_array_equal(result, expected)


@every_keras
@pytest.mark.parametrize("update", [v1.scatter_update, v1.scatter_add, v1.scatter_nd_update])
def test_scatter_functions_of_tf1(framework: Any, update: Callable[..., Any]) -> None:
    def use(variable: tf.Variable) -> str:
        with pytest.raises(NotImplementedError) as caught:
            update(variable, [0], tf.ones([1], tf.float16))
        return str(caught.value)

    layer, message = in_call(framework, use)
    (weight,) = layer.weights
    name = "v:0"
    assert message == (
        f"tf.compat.v1.scatter_update and its like cannot update variable {name}, which is kept "
        "in float32 and read in float16. Use its own methods, which cast: "
        "variable.scatter_update(tf.IndexedSlices(updates, indices))."
    )
    np.testing.assert_array_equal(weight, [1, 2, 3])


def test_stateless_call_of_the_layer_itself() -> None:
    """Keras casts neither inputs nor weights of its own layers there."""
    layer = layer_of(keras, "mixed_float16", scaled, autocast=True)
    layer(tf.ones((2, 4)))
    values = [np.ones(weight.shape, "float32") for weight in layer.weights]
    outputs, _ = layer.stateless_call(values, [], tf.ones((2, 4)))
    assert outputs.dtype == tf.float32
    np.testing.assert_array_equal(outputs, np.full((2, 4), 5.0))


def test_stateless_call_of_a_model(execution: Callable[..., Any]) -> None:
    layer = layer_of(keras, "mixed_float16", scaled, autocast=True)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layer(inputs))
    values = [tf.ones(weight.shape) for weight in layer.weights]
    outputs, _ = execution(model.stateless_call)(values, [], tf.ones((2, 4)))
    assert outputs.dtype == tf.float16
    np.testing.assert_array_equal(outputs, np.full((2, 4), 5.0))


KINDS = {
    (framework.__name__, kind): framework.saving.register_keras_serializable("test_shim_autocast")(
        type(f"Scaled{kind}", (base,), {"call": track_tf1_style_variables(autocast=True)(scaled)})
    )
    for framework in KERASES
    for kind, base in (("Layer", framework.layers.Layer), ("Model", framework.Model))
}


@every_keras
@pytest.mark.parametrize("kind", ["Layer", "Model"])
@pytest.mark.parametrize(
    ("policy", "jit_compile"), [("mixed_float16", False), ("mixed_bfloat16", True)]
)
def test_training_and_files(
    framework: Any, kind: str, policy: str, jit_compile: bool, tmp_path: Path
) -> None:
    model = KINDS[framework.__name__, kind](dtype=policy)
    if kind == "Layer":
        inputs = framework.Input((4,))
        model = framework.Model(inputs, model(inputs))
    holder = keras.optimizers if framework is keras else tf_keras.mixed_precision
    optimizer = holder.LossScaleOptimizer(framework.optimizers.Adam(0.05))
    model.compile(optimizer, "mse", jit_compile=jit_compile)
    data = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    losses = model.fit(data, data, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    model.save(tmp_path / "model.keras")
    loaded = framework.models.load_model(tmp_path / "model.keras")
    for new, old in zip(loaded.get_weights(), model.get_weights(), strict=True):
        assert new.dtype == np.float32
        np.testing.assert_array_equal(new, old)
    np.testing.assert_array_equal(loaded.predict(data, verbose=0), model.predict(data, verbose=0))


@every_keras
def test_where_the_framework_casts_no_weights(framework: Any) -> None:
    """It runs the `call` itself of a model that it builds, with inputs that it does not cast."""
    seen = []

    class Model(framework.Model):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.own = self.add_weight(name="own", shape=[4])

        @track_tf1_style_variables(autocast=True)
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            partitioner = v1.fixed_size_partitioner(2)
            variables = [
                v1.get_variable("a", [4]),
                v1.get_variable("b", [4], tf.float16),
                tf.convert_to_tensor(v1.get_variable("c", [4], partitioner=partitioner)),
            ]
            variables.append(tf.convert_to_tensor(self.own))
            seen.append({tf.as_dtype(each.dtype) for each in (*variables, inputs)})
            return inputs * variables[0] * variables[1] * variables[2] * variables[3]

    model = Model(dtype="mixed_float16")
    for call in (model.call, model, model.call):
        call(tf.ones((2, 4)))
    assert seen == [{tf.float32}, {tf.float16}, {tf.float32}]
    assert [tf.as_dtype(weight.dtype) for weight in model.weights] == [tf.float32] * 5


@every_keras
@pytest.mark.parametrize("outer", [None, "float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_variable_that_build_got(
    framework: Any, outer: str | None, policy: str, execution: Callable[..., Any]
) -> None:
    """It is read as the layer's own weights, also where the call of an outer layer built it."""
    got, dtypes = [], []

    class Inner(framework.layers.Layer):
        @track_tf1_style_variables(autocast=True)
        def build(self, input_shape: Any) -> None:
            got.append(v1.get_variable("whole", [input_shape[-1], 4]))
            partitioner = v1.fixed_size_partitioner(2)
            got.append(v1.get_variable("parts", [4, 4], partitioner=partitioner))
            self.own = self.add_weight(name="own", shape=[4, 4])

        @track_tf1_style_variables(autocast=True)
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            weights = [tf.convert_to_tensor(each) for each in (*got, self.own)]
            dtypes.append([each.dtype for each in weights])
            return sum(tf.matmul(inputs, each) for each in weights)

    class Outer(framework.layers.Layer):
        def __init__(self, inner: Any, **options: Any) -> None:
            super().__init__(**options)
            self.inner = inner

        def build(self, input_shape: Any) -> None:
            pass

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.inner(inputs)

    inner = Inner(dtype=policy)
    layer = inner if outer is None else Outer(inner, dtype=outer)
    step = execution(layer.__call__)
    for _ in range(2):
        assert step(tf.ones((2, 4))).dtype == compute_dtype(policy)
    assert {each for call in dtypes for each in call} == {compute_dtype(policy)}
    assert {tf.as_dtype(weight.dtype) for weight in layer.weights} == {tf.float32}


def test_tf_keras_model_that_is_built() -> None:
    model = KINDS["tf_keras", "Model"](dtype="mixed_float16")
    model.build((None, 4))
    assert [weight.dtype for weight in model.weights] == [tf.float32] * 2
    assert model(tf.ones((2, 4))).dtype == tf.float16


@every_keras
def test_gradient_that_runs_code_again(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        kernel = v1.get_variable("kernel", [4, 4])
        return tf.recompute_grad(lambda value: tf.matmul(value, kernel))(inputs)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.ones((2, 4))))
    (gradient,) = tape.gradient(loss, layer.trainable_variables)
    np.testing.assert_array_equal(gradient, np.full((4, 4), 2.0))
