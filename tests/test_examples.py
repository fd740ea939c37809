"""The example runs, learns, and says so when it did not."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest
from run_example import run_example, run_example_here

CURVES = ("#2f6db3", "#d9822b")  # The colours that the example draws its curves in.

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the example prints, and the folder that it writes to."""
    output = tmp_path_factory.mktemp("digits") / "plots"
    done = run_example("digits.py", output)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout, output


def test_both_trainings_reach_the_goal(finished: tuple[str, Path]) -> None:
    said, _ = finished
    reached = re.search(r"compiled loop ([\d.]+)%, model\.fit ([\d.]+)%, \d+ seconds", said)
    assert reached
    assert min(map(float, reached.groups())) >= 95


def test_tenants_that_come_late_need_no_second_trace(finished: tuple[str, Path]) -> None:
    said, _ = finished
    assert "Traces of the tenants' training step: 1\n" in said
    assert re.search(r"10 that come later .* epoch 15/15", said)


def test_tenants_gain_from_variables_of_their_own(finished: tuple[str, Path]) -> None:
    said, _ = finished
    accuracies = re.search(r"all tenants: ([\d.]+)% without scale and bias, ([\d.]+)% with", said)
    assert accuracies
    without, calibrated = map(float, accuracies.groups())
    assert calibrated > without + 20


def test_summary_lists_what_the_tenants_have(finished: tuple[str, Path]) -> None:
    said, _ = finished
    for row in ("tenant-00/bias", "tenant-00/scale/velocity", "200 entries", "6.4 kB"):
        assert row in said


def test_weights_of_the_nested_model_are_the_layers(finished: tuple[str, Path]) -> None:
    said, _ = finished
    weights = re.findall(r"(hidden|logits)/(kernel|bias)", said)
    assert weights == [
        (layer, weight) for layer in ("hidden", "logits") for weight in ("kernel", "bias")
    ]


def test_plot_is_written_where_asked(finished: tuple[str, Path]) -> None:
    said, output = finished
    assert [path.name for path in output.iterdir()] == ["digits.png"]
    assert f"Learning curves: {output / 'digits.png'}\n" in said


@pytest.mark.parametrize("color", CURVES)
@pytest.mark.parametrize("half", ["left", "right"])
def test_each_half_of_the_plot_shows_two_curves(
    finished: tuple[str, Path], half: str, color: str
) -> None:
    image = matplotlib.image.imread(finished[1] / "digits.png")
    rows, columns, _ = image.shape
    assert rows >= 300
    part = image[:, : columns // 2] if half == "left" else image[:, columns // 2 :]
    drawn = np.all(np.isclose(part[..., :3], matplotlib.colors.to_rgb(color), atol=0.02), axis=2)
    # Above the legend: a curve, over many columns, that is not a straight line.
    across = drawn[: rows * 2 // 3].any(axis=0).sum()
    down = drawn[: rows * 2 // 3].any(axis=1).sum()
    assert across > columns // 8
    assert down > rows // 20


def test_a_missed_goal_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--output", str(tmp_path), "--epochs", "1", "--tenant-epochs", "2"]
    assert run_example_here(monkeypatch, "digits.py", *arguments) == 1
    missed = re.findall(
        r"Failed: the (.*) reached [\d.]+% test accuracy, wanted 95%\.", capsys.readouterr().out
    )
    assert missed == ["compiled loop", "model.fit"]


def test_a_number_of_epochs_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_example_here(monkeypatch, "digits.py", "--epochs", "0") == 2
    said = capsys.readouterr().err
    assert "--epochs must be at least 1 and --tenant-epochs at least 2." in said
