"""The search for the TensorFlow to build against, over made-up installations."""

from pathlib import Path

import pytest

import find_tensorflow
from find_tensorflow import NotUsableError, TensorFlow

ADVICE = """\
It needs TensorFlow 2.16 to 2.21, installed where the package will run:
  python -m pip install "tensorflow>=2.16,<2.22"
  python -m pip install scikit-build-core pybind11 cmake ninja
  python -m pip install --no-build-isolation .
A wheel: python -m build --no-isolation
A TensorFlow elsewhere: TLR_TENSORFLOW_DIRS=/path/to/site-packages/tensorflow \
python -m pip install ."""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing named and nothing installed, until a test says so."""
    monkeypatch.delenv("TLR_TENSORFLOW_DIRS", raising=False)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("site.ENABLE_USER_SITE", False)
    monkeypatch.setattr("sysconfig.get_path", lambda name: f"/nowhere/{name}-packages")


def install(site: Path, version: str, *, header: bool = False, name: str = "tensorflow") -> Path:
    """Lays out `site` as pip leaves it: from 2.20 on no header tells the version."""
    package = site / "tensorflow"
    public = package / "include/tensorflow/core/public"
    public.mkdir(parents=True)
    (package / "libtensorflow_framework.so.2").touch()
    if header:
        numbers = zip(("MAJOR", "MINOR", "PATCH"), version.split("."), strict=True)
        lines = "".join(f"#define TF_{part}_VERSION {number}\n" for part, number in numbers)
        (public / "version.h").write_text(lines)
    else:
        (site / f"{name}-{version}.dist-info").mkdir()
    return package


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("version", ["2.16.2", "2.21.0"])
def test_reads_the_version_from_header_or_metadata(
    tmp_path: Path, version: str, header: bool
) -> None:
    package = install(tmp_path, version, header=header)
    assert find_tensorflow.find(str(package)) == [TensorFlow(package, version)]


@pytest.mark.parametrize("name", ["tensorflow_cpu", "tensorflow", "tf_nightly"])
def test_knows_the_distributions_that_carry_tensorflow(tmp_path: Path, name: str) -> None:
    install(tmp_path, "2.20.0", name=name)
    (tmp_path / "tensorflow_hub-0.16.1").mkdir()
    assert [found.minor for found in find_tensorflow.find(str(tmp_path))] == ["2.20"]


def test_the_interpreters_own_comes_before_the_active_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own/site-packages"
    install(own, "2.18.0")
    install(tmp_path / "active/lib/python3.12/site-packages", "2.19.0")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert [found.version for found in find_tensorflow.find()] == ["2.19.0"]
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(own))
    assert [found.version for found in find_tensorflow.find()] == ["2.18.0"]


def test_named_folders_come_first_and_may_be_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("2.17.1", "2.21.0"):
        install(tmp_path / version, version)
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nowhere/site-packages")
    monkeypatch.setenv("TLR_TENSORFLOW_DIRS", f"{tmp_path}/*")
    assert [found.minor for found in find_tensorflow.find()] == ["2.17", "2.21"]
    explicit = f"{tmp_path}/2.21.0;{tmp_path}/2.17.1/tensorflow"
    assert [found.minor for found in find_tensorflow.find(explicit)] == ["2.21", "2.17"]


def test_none_found_names_the_commands() -> None:
    with pytest.raises(NotUsableError) as caught:
        find_tensorflow.find()
    assert str(caught.value) == (
        "tf-layer-registry is built against the installed TensorFlow, and none was found. "
        "Looked in:\n  /nowhere/platlib-packages\n  /nowhere/purelib-packages\n" + ADVICE
    )


@pytest.mark.parametrize("version", ["2.15.1", "2.22.0", "3.0.0"])
def test_version_out_of_range_is_refused(tmp_path: Path, version: str) -> None:
    package = install(tmp_path, version)
    with pytest.raises(NotUsableError) as caught:
        find_tensorflow.find(str(tmp_path))
    assert str(caught.value) == (
        f"tf-layer-registry cannot be built against TensorFlow {version} in {package}.\n{ADVICE}"
    )


def test_named_folder_that_is_missing_or_holds_none(tmp_path: Path) -> None:
    with pytest.raises(NotUsableError) as caught:
        find_tensorflow.find(f"{tmp_path}/missing")
    assert str(caught.value) == (
        f"TLR_TENSORFLOW_DIRS: {tmp_path}/missing does not exist.\n{ADVICE}"
    )
    with pytest.raises(NotUsableError) as caught:
        find_tensorflow.find(str(tmp_path))
    assert str(caught.value) == (
        f"TLR_TENSORFLOW_DIRS: {tmp_path} holds no installed TensorFlow (its include folder, "
        f"libtensorflow_framework.so.2 and, beside it, its .dist-info folder).\n{ADVICE}"
    )


def test_prints_what_cmake_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package = install(tmp_path, "2.19.1")
    monkeypatch.setattr("sys.argv", ["find_tensorflow.py", str(package)])
    assert find_tensorflow.main() == 0
    assert capsys.readouterr().out == f"{package}|2.19|2.19.1\n"
    monkeypatch.setattr("sys.argv", ["find_tensorflow.py"])
    assert find_tensorflow.main() == 1
    assert capsys.readouterr().err.endswith(f"{ADVICE}\n")
