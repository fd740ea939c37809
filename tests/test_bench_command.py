"""The command line of `python -m bench`, and the processes that it plans."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import command, core_rows, machine, runs
from bench.parts import PARTS
from bench.runs import Run


def test_every_part_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        command.main(["--help"])
    assert exited.value.code == 0
    printed = capsys.readouterr().out
    for name, part in PARTS.items():
        assert f"\n  {name} " in printed
        assert part.about in " ".join(printed.split())
    assert "python -m bench compare A.json B.json" in printed


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        command.main(["ops", "nothing"])
    assert exited.value.code == 2
    assert "unknown part 'nothing'; the parts are static, ops, " in capsys.readouterr().err


def test_each_part_and_each_number_of_threads_has_its_process() -> None:
    seconds = PARTS["ops"].seconds
    assert runs.plan(["static", "ops", "core"], smoke=False) == [
        Run(("static",), 0, PARTS["static"].seconds),
        Run(("ops",), 1, seconds / 2),
        Run(("ops",), 2, seconds / 2),
    ]


def test_a_smoke_run_has_one_process() -> None:
    assert runs.plan(["static", "ops", "core"], smoke=True) == [
        Run(("static", "ops"), 1, runs.SMOKE_SECONDS)
    ]
    assert runs.plan(["core"], smoke=True) == []


def test_all_parts_take_less_than_ten_minutes() -> None:
    assert sum(part.seconds for part in PARTS.values()) < 600


def test_a_process_that_fails_shows_what_it_printed() -> None:
    code = "import sys; print('first'); print('last', file=sys.stderr); sys.exit(3)"
    with pytest.raises(runs.RunError, match=r"(?s)failed with status 3.*first.*last"):
        runs.watch([sys.executable, "-c", code], dict(os.environ), lambda _: False)


def test_lines_that_are_read_are_not_shown() -> None:
    code = "print('mine'); print('other'); raise SystemExit(1)"
    with pytest.raises(runs.RunError) as failed:
        runs.watch([sys.executable, "-c", code], dict(os.environ), lambda line: line == "mine\n")
    assert str(failed.value).endswith("It printed:\nother\n")


def test_what_cannot_be_measured_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(core_rows, "PROGRAM", Path("nowhere/tlr_core_bench"))
    monkeypatch.setenv("CXX", "no-compiler")
    missing = command.left_out(["static", "ops", "core"])
    assert [f"{each['what']}: {each['why']}" for each in missing] == [
        "rows beside tf_keras's shim: tf_keras is not installed; "
        "python -m pip install tf_keras installs it",
        "ops that do nothing: no-compiler, which would build them, is not installed",
        "the part core: nowhere/tlr_core_bench is not built; make bench builds it",
    ]
    assert command.left_out(["memory"]) == []


def test_what_is_not_installed_is_named() -> None:
    code = """
import importlib.util, runpy
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: find(name) if name.startswith("bench") else None
runpy.run_module("bench", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=runs.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("python -m bench needs tf-layer-registry, matplotlib, pytest, ")
    assert "python -m pip install '.[bench]'" in done.stderr


def test_versions_and_the_machine_are_known() -> None:
    versions = machine.versions()
    assert set(versions) == {
        *("tf_layer_registry", "tensorflow", "keras", "tf_keras", "numpy", "python", "compiler")
    }
    assert all(versions.values())
    assert machine.machine()["cores"] == len(os.sched_getaffinity(0))
    assert machine.machine()["cpu"]
    assert len(machine.load()) == 3
