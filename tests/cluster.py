"""A gRPC cluster on loopback, each of its processes a script of the `processes` folder."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from run_process import LIMIT_S, start_python


def _free_addresses(count: int) -> list[str]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


class Cluster:
    """The processes; all are killed when the context ends, or when they have run for too long.

    Args:
      jobs: how many tasks each job has.
    """

    def __init__(self, **jobs: int) -> None:
        addresses = iter(_free_addresses(sum(jobs.values())))
        spec = {job: [next(addresses) for _ in range(count)] for job, count in jobs.items()}
        self._spec = json.dumps(spec)
        self._stack = ExitStack()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """Starts a script, with the cluster before its other arguments."""
        process = start_python(script, self._spec, *arguments)
        # Whoever reads the output of a killed process comes to its end.
        watchdog = threading.Timer(LIMIT_S, process.kill)
        watchdog.start()
        for end in (process.communicate, process.kill, watchdog.cancel):
            self._stack.callback(end)
        return process


def next_line(process: subprocess.Popen[str]) -> Any:
    """The next line of JSON that a process prints; fails where it ends instead."""
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate()[1][-4000:]
    return json.loads(line)
