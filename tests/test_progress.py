"""The bar that shows how far a long save or load has come."""

from __future__ import annotations

import io

import pytest

from tf_layer_registry._kept.progress import ProgressBar


class Terminal(io.StringIO):
    """A stream that says it is a terminal, or that it is not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def shown(*, is_terminal: bool, seconds: float) -> str:
    """What a bar shows of work that takes so long."""
    stream, now = Terminal(is_terminal=is_terminal), 0.0
    with ProgressBar("Saving", 100, stream=stream, clock=lambda: now) as bar:
        for _ in range(2):
            now += seconds / 2
            bar.advance(50)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def test_work_of_a_second_is_shown_on_a_terminal() -> None:
    text = shown(is_terminal=True, seconds=1.0)
    assert "Saving" in text
    assert "100/100" in text


def test_short_work_is_not_shown() -> None:
    assert shown(is_terminal=True, seconds=0.9) == ""


def test_nothing_is_shown_elsewhere() -> None:
    assert shown(is_terminal=False, seconds=100.0) == ""
