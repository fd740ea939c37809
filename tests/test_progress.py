"""The bar that shows how far a long save or load has come."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import tensorflow as tf
from kept_entries import make_variables, values_in

from tf_layer_registry import LayerRegistry
from tf_layer_registry._kept import by_name, keyed_entries, restoring, saved_model_files
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


class Recorder:
    """Stands where a bar does; keeps what it is told."""

    made: ClassVar[list[Recorder]] = []

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.made.append(self)

    def advance(self, keys: int) -> None:
        assert keys > 0
        self.done += keys

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert kind is not None or self.done == self.total


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[tuple[str, int]]]]:
    """What the bars since the last call were told: what is done, and of how many keys."""

    def tell() -> list[tuple[str, int]]:
        made = [(each.what, each.done) for each in Recorder.made]
        Recorder.made.clear()
        return made

    for module in (by_name, keyed_entries, restoring, saved_model_files):
        monkeypatch.setattr(module, "ProgressBar", Recorder)
    yield tell
    Recorder.made.clear()


def with_keys(*, chunks: int) -> LayerRegistry:
    """A registry with a variable that Python made, and those of graphs: so many groups of three."""
    registry = LayerRegistry()
    registry.get_or_create_variable("python", initializer=1.0)
    for size in range(1, chunks + 1):
        make_variables(registry, {f"g{size}/{each}": [1.0] * size for each in "abc"})
    return registry


def test_checkpoints_tell_how_many_keys_are_done(tmp_path: Path, told: Any) -> None:
    registry, restored = with_keys(chunks=2), LayerRegistry()
    restored.get_or_create_variable("python", initializer=1.0)
    checkpoint, other = tf.train.Checkpoint(a=registry), tf.train.Checkpoint(a=restored)
    # TensorFlow itself saves and restores what Python made.
    path = checkpoint.write(str(tmp_path / "written"))
    assert told() == [("Saving", 6)]
    other.read(path)
    assert told() == [("Restoring", 6)]
    path = checkpoint.save(str(tmp_path / "saved"))
    assert told() == [("Saving", 6)]
    other.restore(path)
    assert told() == [("Restoring", 6)]
    assert values_in(restored) == values_in(registry)


def test_files_by_name_tell_how_many_keys_are_done(tmp_path: Path, told: Any) -> None:
    registry, loaded = with_keys(chunks=3), LayerRegistry()
    path = registry.save(tmp_path / "all")
    assert told() == [("Saving", 10)]
    loaded.load(path)
    assert told() == [("Restoring", 10)]
    loaded.load(path, ["g1", "python"])
    assert told() == [("Restoring", 4)]
    registry.save(tmp_path / "some", ["g2"])
    assert told() == [("Saving", 3)]


def test_a_saved_model_tells_how_many_keys_are_done(tmp_path: Path, told: Any) -> None:
    module = tf.Module()
    module.registry = with_keys(chunks=2)
    module.step = tf.function(
        lambda key: module.registry.get_or_create_variable(key, [1], initializer=tf.ones) + 0.0,
        input_signature=[tf.TensorSpec([], tf.string)],
    )
    tf.saved_model.save(module, str(tmp_path))
    assert told() == [("Saving", 6)]


def test_every_bar_is_recorded_here() -> None:
    """Else a bar that is told nothing would pass."""
    folder = Path(by_name.__file__).parents[1]
    users = {path.stem for path in folder.rglob("*.py") if "import ProgressBar" in path.read_text()}
    assert users == {"by_name", "keyed_entries", "restoring", "saved_model_files"}
