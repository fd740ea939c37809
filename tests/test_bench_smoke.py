"""Every benchmark runs, and gives its rows, budgets and files. No times are judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import core_rows, results
from bench.parts import PARTS
from bench.parts.shims import KINDS, OURS

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow

FORWARDS = {
    f"{name}, {kind}": (OURS, "by hand", "at most", limit)
    for kind in KINDS
    for name, limit in (("eager forward", 1.25), ("tracing", 1.03), ("compiled step", 1.01))
}
# Every promise: which way, compared with which, and the limit.
BUDGETS = {
    "get_or_create_layer, found": (OURS, "tf_keras", "at least", 7),
    "get_variable, found": (OURS, "tf_keras", "at least", 2),
    "decorator, entered and left": (OURS, "tf_keras", "at least", 3),
    **FORWARDS,
    **{f"registry ops in the compiled step, {kind}": (OURS, None, "at most", 0) for kind in KINDS},
    **{
        f"{name}, {arrangement}, 1 thread": (way, "Identity", "at most", limit)
        for arrangement in ("one by one", "10 side by side")
        for name, way, limit in (
            ("in-graph lookup", "lookup_variable", 1.5),
            ("in-graph get-or-create, found", "get_or_create_variable, found", 2),
        )
    },
    "in-graph lookup at 1,000,000 keys, 1 thread": (
        "lookup_variable, 1,000,000 keys",
        "lookup_variable, 10 keys",
        "at most",
        2,
    ),
    **{
        f"runtime-keyed step, later calls, {keys} keys, 1 thread": (
            *("registry", "captured"),
            *("at most", 1.15),
        )
        for keys in ("10", "1,000", "100,000")
    },
    **{
        f"runtime-keyed step, first call, {keys} keys, 1 thread": ("registry", None, "at most", 1)
        for keys in ("10", "128", "1,000", "100,000")
    },
    "runtime-keyed step, flat in keys, 1 thread": (
        *("registry, 100,000 keys", "registry, 10 keys"),
        *("at most", 1.2),
    ),
    "creation in a graph": ("create", None, "at most", 10),
    **{
        f"entry beside its value of {size} bytes": ("entry", None, "at most", 1000)
        for size in ("64", "4,096")
    },
    "core lookup at 1,000,000 keys": (
        "lookup, 1,000,000 keys, 1 thread",
        "lookup, 10 keys, 1 thread",
        "at most",
        2,
    ),
    "import, beside TensorFlow's": ("tf_layer_registry, after it", None, "at most", 50),
    **{
        f"size of {name}": (name, None, "at most", 1)
        for name in ("libtlr_core.so", "_native.so", "libtlr_ops.so")
    },
}


def bench(*arguments: str, cwd: Path = ROOT) -> str:
    """What `python -m bench` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a smoke run of everything has written, and printed."""
    written = tmp_path_factory.mktemp("bench") / "results"
    printed = bench("--smoke", "--output", str(written))
    (written / "printed.txt").write_text(printed)
    return written


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    return results.read(folder / "results.json")


def test_every_part_gives_rows(found: dict[str, Any]) -> None:
    # CMake builds the core's program before `make test` runs this.
    parts = [part for part in PARTS if part != "core" or core_rows.PROGRAM.exists()]
    assert list(dict.fromkeys(row["part"] for row in found["rows"])) == parts
    left_out = [each["what"] for each in found["left_out"]]
    assert left_out == ([] if "core" in parts else ["the part core"])


def test_every_promise_is_judged(found: dict[str, Any]) -> None:
    expected = dict(BUDGETS)
    if not core_rows.PROGRAM.exists():
        del expected["core lookup at 1,000,000 keys"]
    assert {
        each["name"]: (each["way"], each["over"], each["direction"], each["limit"])
        for each in results.budgets(found)
    } == expected


def ways(found: dict[str, Any], name: str) -> set[str]:
    rows = [row for row in found["rows"] if row["name"] == name]
    return {way["name"] for row in rows for way in row["ways"]}


def test_every_way_is_taken(found: dict[str, Any]) -> None:
    assert ways(found, "eager forward, tf.Module") == {
        *("by hand", "tf_keras", OURS, "TensorFlow's part")
    }
    for arrangement in ("one by one", "10 side by side"):
        assert ways(found, f"one op in a compiled step, {arrangement}") == {
            *("Identity", "lookup_variable", "get_or_create_variable, found"),
            *("MutableHashTable.lookup", "numpy_function", "py_function"),
            *("an op that does nothing", "an async op that does nothing"),
        }
    everything = {"captured", "registry", "switch_case", "stacked gather", "MutableHashTable"}
    everything |= {"py_function", "numpy_function"}
    assert ways(found, "runtime-keyed step, graph") == everything
    for calls, branches in (("first call", [16, 32, 64, 128]), ("later calls", [16, 32, 64])):
        name = f"runtime-keyed step, {calls}"
        assert ways(found, name) == everything - {"switch_case"}
        name += ", beside switch_case"
        assert ways(found, name) == {"captured", "registry", "switch_case"}
        assert [row["at"]["keys"] for row in found["rows"] if row["name"] == name] == branches
    assert ways(found, "runtime-keyed layers, beside their values") == {
        *("registry", "switch_case", "stacked gather", "MutableHashTable", "py_function")
    }
    assert ways(found, "runtime-keyed step, by keys") == {
        *("captured", "captured, behind an async op that does nothing"),
        *(f"registry, {count} keys" for count in ("10", "1,000", "100,000")),
        *(f"registry, 10 keys used, {count} keys" for count in ("1,000", "100,000")),
    }


def test_rows_have_the_fields_that_the_document_names(found: dict[str, Any]) -> None:
    document = (ROOT / "docs" / "performance.md").read_text()
    fields = {f"`{name}`" for name in _names(found)}
    assert {name for name in fields if name not in document} == set()
    for row in found["rows"]:
        for way in row["ways"]:
            assert way["q1"] <= way["median"] <= way["q3"]
            assert set(row["at"]) <= set(way["at"]) <= {"keys", "threads"}


def _names(found: object) -> set[str]:
    """The names of all fields within."""
    if isinstance(found, list):
        return set().union(*map(_names, found))
    if isinstance(found, dict):
        return set(found) | set().union(*map(_names, found.values()))
    return set()


def test_the_conditions_are_written_down(found: dict[str, Any]) -> None:
    assert found["smoke"] is True
    assert found["command"].startswith("python -m bench --smoke --output ")
    assert found["versions"]["tensorflow"]
    assert len(found["machine"]["load"]["end"]) == 3
    json.dumps(found, allow_nan=False)


def test_tables_and_plots_are_written(folder: Path, found: dict[str, Any]) -> None:
    plots = {f"{name}.{kind}" for name in ("ratios", "keys") for kind in ("svg", "png")}
    written = {path.name for path in folder.iterdir()}
    assert written >= {"results.json", "results.md", *plots}
    markdown, printed = ((folder / name).read_text() for name in ("results.md", "printed.txt"))
    for budget in results.budgets(found):
        assert f"| {budget['name']} |" in markdown
    for part in dict.fromkeys(row["part"] for row in found["rows"]):
        assert f"## {part}\n" in markdown
        assert f"\n{part} " in f"\n{printed}"
    assert "A smoke run: the numbers mean nothing." in printed


def test_runs_can_be_compared(folder: Path) -> None:
    path = str(folder / "results.json")
    assert bench("compare", path, path) == "Nothing moved beyond noise.\n"
    table = bench("table", path)
    assert table.startswith("A smoke run: the numbers mean nothing.\n\n")
    assert "\n\n| what |" in table
