"""Benchmarks as tables and pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from bench_examples import LOOKUP, SAMPLES, row_result, run_result

from bench import command, plots, results, tables
from bench.row import Row, Way


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.1234, "0.123"),
        (1.5, "1.50"),
        (12.34, "12.3"),
        (123.4, "123"),
        (1234567.8, "1,234,568"),
        (-0.5, "-0.500"),
        (7.0, "7"),
    ],
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert tables.number(value) == shown


def test_the_budgets_say_what_was_measured() -> None:
    sheet = tables.budget_sheet(run_result())
    assert sheet.rows == [
        ("a lookup, 10 keys", "2x the time of Identity", "2 to 2", "at most 1.50x", "NO"),
        (
            "faster than Python, 10 keys",
            "20x as fast as Python",
            "11 to 20",
            "at least 10x",
            "yes",
        ),
        ("a lookup's time, 10 keys", "4 us", "4 to 4", "at most 4 us", "yes"),
    ]


def test_a_part_has_a_line_for_each_way() -> None:
    (sheet,) = tables.part_sheets(run_result())
    assert sheet.title == "ops"
    assert sheet.rows == [
        ("lookup, 10 keys (us)", "Identity", "2", "2 to 2", "base", "5"),
        ("", "registry", "4", "4 to 4", "2 (2 to 2)", ""),
        ("", "Python", "60", "44 to 80", "40 (22 to 40)", ""),
    ]


def test_the_command_prints_the_markdown_of_a_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.json"
    left_out = [{"what": "the part core", "why": "It is not built"}]
    results.write(path, run_result(left_out=left_out))
    assert command.main(["table", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Left out: the part core. It is not built."
    assert lines[2:5] == [
        "| what | measured | half of all rounds | budget | holds |",
        "| --- | --- | --- | --- | --- |",
        "| a lookup, 10 keys | 2x the time of Identity | 2 to 2 | at most 1.50x | NO |",
    ]
    assert lines[-1] == (
        "`python -m bench`, 2030-01-02, 1.5 minutes: tf-layer-registry 1.0.0, TensorFlow 2.21.0, "
        "Keras 3.15.1, Python 3.11.1, NumPy 2.0.0, built by GCC: (Debian 12) 12.2.0; "
        "2 cores of AMD EPYC; load 0.1 at the start and 1.5 at the end."
    )


def test_the_document_has_every_part() -> None:
    other = row_result(Row("other", "us", dict), {"way": [1.0]}, part="core")
    document = tables.document(run_result(row_result(), other, smoke=True))
    assert document.startswith("# Benchmarks\n\nA smoke run: the numbers mean nothing.\n")
    assert "\n## ops\n\n| row |" in document
    assert "\n## core\n\n| row |" in document


def keyed_row(keys: int, threads: int) -> dict:
    """A row of one way, at a number of keys and of threads."""
    at = {"keys": keys, "threads": threads}
    row = Row("step", "us", dict, at=at)
    return results.row_result("keyed", row, {"way": Way(dict)}, {"way": [float(keys)]}, at)


def test_lines_are_those_with_the_most_points() -> None:
    found = run_result(*(keyed_row(keys, 2) for keys in (1000, 10)), keyed_row(10, 1))
    assert plots.panels_over(found, "keys") == {
        "keyed: step, us": [("way", [10, 1000], [10.0, 1000.0], [10.0, 1000.0], [10.0, 1000.0])]
    }
    ((line,),) = plots.panels_over(found, "threads").values()
    assert (line.numbers, line.medians) == ([1, 2], [10.0, 10.0])


def test_a_single_point_is_no_line() -> None:
    assert plots.panels_over(run_result(), "keys") == {}


def test_plots_are_written_as_svg_and_png(tmp_path: Path) -> None:
    found = run_result(row_result(LOOKUP, SAMPLES), keyed_row(10, 1), keyed_row(1000, 1))
    written = plots.save(tmp_path, found)
    assert [path.name for path in written] == ["ratios.svg", "ratios.png", "keys.svg", "keys.png"]
    for path in written:
        if path.suffix == ".svg":
            assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        else:
            assert path.read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "ratios.svg").read_text()
    assert "a lookup, 10 keys, beside Identity" in text
    again = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in plots.save(tmp_path, found)] == again
