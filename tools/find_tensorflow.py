"""Find the installed TensorFlow packages to build against, without importing them.

A build must use the TensorFlow that will load the result: the op library depends on
the C++ ABI of one TensorFlow minor version. Inside pip's isolated build `import
tensorflow` fails even where TensorFlow is installed, so this reads files only.

Run by CMake: prints one line `<folder>|<major.minor>|<version>` per TensorFlow, or a
message on standard error and exit status 1.
"""

import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = (2, 16), (2, 21)
"""The first and last minor version supported; pyproject.toml states the same range."""

_DIST_INFO = re.compile(r"(?:tensorflow|tf_nightly)(?:_\w+)?-(\d+\.\d+\.\d+[^-]*)\.dist-info")
_DEFINE = re.compile(r"^#define TF_(?:MAJOR|MINOR|PATCH)_VERSION\s+(\d+)\s*$", re.MULTILINE)

_HELP = f"""\
It needs TensorFlow {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}, \
installed where the package will run:
  python -m pip install "tensorflow>={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
  python -m pip install scikit-build-core pybind11 cmake ninja
  python -m pip install --no-build-isolation .
A wheel: python -m build --no-isolation
A TensorFlow elsewhere: TLR_TENSORFLOW_DIRS=/path/to/site-packages/tensorflow \
python -m pip install ."""


class NotUsableError(Exception):
    """No TensorFlow to build against; the message says what to do."""


@dataclass(frozen=True)
class TensorFlow:
    """An installed TensorFlow.

    Attributes:
      directory: The `tensorflow` package folder.
      version: Its full version, such as `2.21.0`.
    """

    directory: Path
    version: str

    @property
    def minor(self) -> str:
        """`<major>.<minor>`."""
        return ".".join(self.version.split(".")[:2])


def find(explicit: str = "") -> list[TensorFlow]:
    """Finds the TensorFlow packages to build for.

    Args:
      explicit: Folders separated by `:` or `;`, each a `tensorflow` package folder or the
        site-packages folder around it; `*` is expanded. Empty: the environment variable
        `TLR_TENSORFLOW_DIRS`, else the one TensorFlow of the running interpreter, else
        the one of the active virtual environment.

    Returns:
      At least one TensorFlow, all of supported versions.

    Raises:
      NotUsableError: None was found, or one is of a version not supported.
    """
    named = explicit or os.environ.get("TLR_TENSORFLOW_DIRS", "")
    if named:
        found = [_at_named(path) for path in _expand(named)]
    else:
        candidates = list(_site_packages())
        installed = filter(None, map(_at, candidates))
        found = [first] if (first := next(installed, None)) else []
        if not found:
            looked = "".join(f"  {path}\n" for path in candidates)
            raise NotUsableError(
                "tf-layer-registry is built against the installed TensorFlow, and none was "
                f"found. Looked in:\n{looked}{_HELP}"
            )
    for tensorflow in found:
        _check_supported(tensorflow)
    return found


def _expand(named: str) -> list[Path]:
    paths: list[Path] = []
    for entry in filter(None, re.split("[:;]", named)):
        path = Path(entry).expanduser().absolute()
        matches = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        if not matches:
            raise NotUsableError(f"TLR_TENSORFLOW_DIRS: {entry} does not exist.\n{_HELP}")
        paths += matches
    return paths


def _at_named(path: Path) -> TensorFlow:
    tensorflow = _at(path)
    if tensorflow is None:
        raise NotUsableError(
            f"TLR_TENSORFLOW_DIRS: {path} holds no installed TensorFlow (its include folder, "
            f"libtensorflow_framework.so.2 and, beside it, its .dist-info folder).\n{_HELP}"
        )
    return tensorflow


def _site_packages() -> Iterator[Path]:
    """Yields the folders to look in, most fitting first."""
    paths = [sysconfig.get_path("platlib"), sysconfig.get_path("purelib"), *sys.path]
    if sys.prefix == sys.base_prefix and site.ENABLE_USER_SITE:
        paths.append(site.getusersitepackages())
    if environment := os.environ.get("VIRTUAL_ENV"):
        paths += map(str, sorted(Path(environment).glob("lib*/python3*/site-packages")))
    yield from dict.fromkeys(Path(path) for path in paths if path.endswith("-packages"))


def _at(path: Path) -> TensorFlow | None:
    """Returns the TensorFlow whose package or site-packages folder is `path`, if any."""
    for directory in (path / "tensorflow", path):
        if (directory / "libtensorflow_framework.so.2").is_file() and (
            directory / "include" / "tensorflow"
        ).is_dir():
            version = _version(directory)
            return TensorFlow(directory, version) if version else None
    return None


def _version(directory: Path) -> str | None:
    """Returns the version of the package in `directory`.

    Up to 2.19 the headers state it; from 2.20 on only the package's metadata does.
    """
    header = directory / "include/tensorflow/core/public/version.h"
    if header.is_file():
        numbers: list[str] = _DEFINE.findall(header.read_text(encoding="utf-8"))
        if len(numbers) == 3:
            return ".".join(numbers)
    return _newest(
        match[1]
        for entry in directory.parent.iterdir()
        if (match := _DIST_INFO.fullmatch(entry.name))
    )


def _newest(versions: Iterable[str]) -> str | None:
    return max(versions, key=_numbers, default=None)


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _check_supported(tensorflow: TensorFlow) -> None:
    if not OLDEST <= _numbers(tensorflow.version) <= NEWEST:
        raise NotUsableError(
            f"tf-layer-registry cannot be built against TensorFlow {tensorflow.version} in "
            f"{tensorflow.directory}.\n{_HELP}"
        )


def main() -> int:
    """Prints what `find` finds for the folders given as arguments."""
    try:
        found = find(":".join(sys.argv[1:]))
    except NotUsableError as error:
        print(error, file=sys.stderr)
        return 1
    for tensorflow in found:
        print(f"{tensorflow.directory}|{tensorflow.minor}|{tensorflow.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
