"""The bindings while they wait: other threads run, and Ctrl-C ends the wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from op_helpers import LIMIT_S, open_table, wait_until
from run_process import run_python

from tf_layer_registry import ops
from tf_layer_registry._native import Kind, RegistryError, Reservation, Table


@pytest.fixture
def table() -> Table:
    return open_table(ops.anonymous_handle(debug_name="native"))


def reserve(table: Table, key: str) -> Reservation:
    reservation = table.reserve(key, Kind.LAYER)
    assert isinstance(reservation, Reservation)
    return reservation


def test_reserving_the_key_that_this_thread_makes_is_refused(table: Table) -> None:
    words = 'The initializer of key "k" in registry "native" asks for that same key'
    with reserve(table, "k"), pytest.raises(RegistryError, match=words) as caught:
        table.reserve("k", Kind.LAYER)
    assert caught.value.code == "FailedPreconditionError"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_other_threads_run_while_one_waits(table: Table, pool: ThreadPoolExecutor) -> None:
    ran = threading.Event()
    with reserve(table, "k") as reservation:
        waiter = pool.submit(table.reserve, "k", Kind.LAYER)
        wait_until(lambda: table.stats()["waiting"] == 1)  # Python runs here, while it waits.
        pool.submit(ran.set).result(LIMIT_S)
        entry_id = reservation.commit(Kind.LAYER, [])
    assert ran.is_set()
    assert waiter.result(LIMIT_S) == entry_id


def test_waiter_gets_the_reservation_that_another_gives_up(
    table: Table, pool: ThreadPoolExecutor
) -> None:
    with reserve(table, "k"):
        waiter = pool.submit(table.reserve, "k", Kind.LAYER)
        wait_until(lambda: table.stats()["waiting"] == 1)
    assert isinstance(waiter.result(LIMIT_S), Reservation)


def test_interrupt_ends_a_wait() -> None:
    assert run_python("interrupt.py").splitlines() == ["interrupted", "waiting 0", "made"]
