"""Ctrl-C while the main thread waits for a key that another thread makes."""

from __future__ import annotations

import os
import signal
import threading

from tf_layer_registry import _native, ops

# A shell starts what it runs in the background with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

registry = ops.anonymous_handle()
table = _native.open(int(ops.token(registry)))
reserved, interrupted = threading.Event(), threading.Event()


def hold() -> None:
    with table.reserve("k", _native.Kind.LAYER) as reservation:
        reserved.set()
        while table.stats()["waiting"] == 0:
            threading.Event().wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        interrupted.wait()
        print("waiting", table.stats()["waiting"])
        reservation.commit(_native.Kind.LAYER, [])


holder = threading.Thread(target=hold)
holder.start()
reserved.wait()
try:
    table.reserve("k", _native.Kind.LAYER)
except KeyboardInterrupt:
    print("interrupted", flush=True)
interrupted.set()
holder.join()
print("made" if table.find("k") else "lost")
