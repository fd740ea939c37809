"""The example of a layer per tenant goes on after a restart, learns, and says so if it did not."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from run_example import EXAMPLES, run_example, run_example_here

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the example prints, and the folder that it writes to."""
    output = tmp_path_factory.mktemp("tenants") / "plots"
    done = run_example("tenants.py", output, "--tenants", "60")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout, output


def test_a_new_process_goes_on_where_the_first_one_saved(finished: tuple[str, Path]) -> None:
    said, _ = finished
    assert "A new process restored step 600: 76 entries." in said
    assert "Largest difference of a resumed step's loss: 0\n" in said


def test_tenants_gain_from_layers_of_their_own(finished: tuple[str, Path]) -> None:
    said, _ = finished
    accuracies = re.search(r"([\d.]+)% of the shared layer alone, ([\d.]+)% with updates", said)
    assert accuracies
    shared, own = map(float, accuracies.groups())
    assert own >= shared + 20


def test_the_table_shows_tenants_and_one_trace(finished: tuple[str, Path]) -> None:
    said, _ = finished
    rows = re.findall(r"│ +([\d,]+)( \(saved\))? │ +(\d+) │.*│ +(\d) │ +\d+ │", said)
    assert [row[0] for row in rows] == [f"{step:,}" for step in range(120, 1201, 120)]
    assert [bool(row[1]) for row in rows].index(True) == 4
    assert [int(row[2]) for row in rows] == sorted(int(row[2]) for row in rows)
    assert rows[-1][2] == "60"
    assert {row[3] for row in rows} == {"1"}


def test_plot_is_written_where_asked(finished: tuple[str, Path]) -> None:
    said, output = finished
    assert [path.name for path in output.iterdir()] == ["tenants.png"]
    assert f"Plots: {output / 'tenants.png'}\n" in said
    rows, columns, _ = matplotlib.image.imread(output / "tenants.png").shape
    assert columns > rows >= 300


def test_plot_shows_losses_traces_and_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    plot = importlib.import_module("tenants_plot")
    figures: list[Any] = []
    monkeypatch.setattr(plt, "close", figures.append)  # Keeps what was drawn.
    record = plot.Record(
        losses=np.array([4.0, 2.0, 3.0, 8.0, 1.0]),
        ages=np.array([0, 1, 2, 0, 1]),
        tenants=np.array([1, 1, 1, 2, 2]),
        seconds=np.array([0.5, 0.001, 0.002, 0.004, 0.006]),
        traces=np.array([1, 1, 1, 2, 2]),
    )
    plot.save(tmp_path / "plot.png", record)
    monkeypatch.undo()
    (figure,) = figures
    drawn = {
        axes.get_title(): [line.get_xydata().tolist() for line in axes.get_lines()]
        for axes in figure.axes
    }
    plt.close(figure)
    assert drawn == {
        "Mean loss of a tenant": [[[0.0, 6.0], [1.0, 1.5], [2.0, 3.0]]],
        "Traces of the step": [[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [2.0, 2.0], [2.0, 2.0]]],
        "Time of a step, median": [[[1.0, 2000.0], [2.0, 5000.0]]],
    }


def test_what_did_not_help_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--output", str(tmp_path), "--tenants", "20", "--steps-per-tenant", "2"]
    assert run_example_here(monkeypatch, "tenants.py", *arguments) == 1
    assert re.search(
        r"Failed: updates raised the accuracy from [\d.]+% to [\d.]+% only", capsys.readouterr().out
    )


def test_a_number_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_example_here(monkeypatch, "tenants.py", "--tenants", "1") == 2
    said = capsys.readouterr().err
    assert "--tenants and --steps-per-tenant must be at least 2." in said
