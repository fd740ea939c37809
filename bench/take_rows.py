"""Takes the rows of the parts that the settings name: `python -m bench` runs pytest on this file.

pytest-benchmark times them; what is known of each row goes into the `extra_info` of its JSON.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util

import pytest
import tensorflow as tf
from pytest_benchmark.fixture import BenchmarkFixture

from bench import progress, results, settings, taking
from bench.parts import PARTS
from bench.row import Row


def _is_taken(row: Row) -> bool:
    if row.needs is not None and importlib.util.find_spec(row.needs) is None:
        return False
    return settings.SMOKE or settings.THREADS != 1 or row.each_thread_count


ROWS = [
    pytest.param(part, row, id=f"{part}: {results.title(row.name, row.at)}")
    for part in settings.PARTS
    for row in importlib.import_module(f"bench.parts.{part}_part").ROWS
    if _is_taken(row)
]


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    if settings.THREADS:
        tf.config.threading.set_inter_op_parallelism_threads(settings.THREADS)
        tf.config.threading.set_intra_op_parallelism_threads(settings.THREADS)


@pytest.mark.parametrize(("part", "row"), ROWS)
def test_row(part: str, row: Row, benchmark: BenchmarkFixture) -> None:
    at = {**row.at, **({"threads": settings.THREADS} if len(PARTS[part].threads) > 1 else {})}
    gc.collect()  # What the row before has made may take gigabytes.
    progress.begin(f"{part}: {results.title(row.name, at)}", len(ROWS))
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": row.as_written})
    ways = row.make()
    samples = taking.take(row, ways, benchmark)
    benchmark.extra_info["row"] = results.row_result(part, row, ways, samples, at)
