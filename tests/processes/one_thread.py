"""Many steps wait for one key while TensorFlow has one thread for all of them."""

from __future__ import annotations

import threading

import tensorflow as tf

from tf_layer_registry import _native, ops

WAITERS = 24
tf.config.threading.set_inter_op_parallelism_threads(1)


def initializer(function):
    signature = [tf.TensorSpec([], tf.string, name="key")]
    return tf.function(function, input_signature=signature).get_concrete_function()


def functions() -> None:
    """Each waiter is a step of its own."""
    registry = ops.anonymous_handle()
    table = _native.open(int(ops.token(registry)))
    queue = tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]])
    held = initializer(lambda _key: queue.dequeue())
    never = initializer(lambda _key: tf.constant(-1.0))

    @tf.function(reduce_retracing=True)
    def get(key, *, create):
        function = held if create else never
        made = ops.get_or_create_variable(
            registry,
            key,
            function,
            dtype=tf.float32,
            shape=[],
            captured=function.captured_inputs,
        )
        return tf.raw_ops.ReadVariableOp(resource=made.handle, dtype=tf.float32)

    @tf.function
    def tell():
        queue.enqueue(5.0)

    values = []

    def run(*, create: bool) -> None:
        values.append(float(get(tf.constant("k"), create=create)))

    def start(count: int, *, create: bool) -> list[threading.Thread]:
        threads = [threading.Thread(target=run, kwargs={"create": create}) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads

    def wait_for(**counters: int) -> None:
        while not counters.items() <= table.stats().items():
            threading.Event().wait(0.01)

    threads = start(1, create=True)
    wait_for(creating=1)
    threads += start(WAITERS, create=False)
    wait_for(waiting=WAITERS)
    tell()
    for thread in threads:
        thread.join()
    print("functions", values)


def session() -> None:
    """All waiters, and who ends their wait, are ops of one step."""
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        registry = ops.handle("one_thread")
        queue = tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]])
        function = initializer(lambda _key: queue.dequeue())
        handles = [
            ops.get_or_create_variable(
                registry,
                "k",
                function,
                dtype=tf.float32,
                shape=[],
                captured=function.captured_inputs,
            ).handle
            for _ in range(WAITERS)
        ]
        values = [tf.raw_ops.ReadVariableOp(resource=each, dtype=tf.float32) for each in handles]
        # Long enough a chain that the waiters come first, whatever the order.
        (late,) = tf.while_loop(lambda i: i < 1000, lambda i: [i + 1], [tf.constant(0)])
        with tf.control_dependencies([late]):
            tell = queue.enqueue(7.0)
        config = v1.ConfigProto(inter_op_parallelism_threads=1, use_per_session_threads=True)
        with v1.Session(config=config) as running:
            print("session", [float(value) for value in running.run([*values, tell])[:-1]])


functions()
session()
