"""Checks in fresh environments: `nox -l` lists them, `nox -s NAME` runs one.

`nox -s "tests(py3.10-tf2.16-keras-3.5)"` runs the tests with one row of VERSIONS, and
`nox -s tests -k tf2.18` with each row that has TensorFlow 2.18.
"""

from collections.abc import Sequence

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "mypy", "stubs", "tests(py3.12-tf2.21-keras-newest)"]
nox.options.default_venv_backend = "venv"

VERSIONS = [
    # Python, TensorFlow, Keras: each of them at least once, old with old. CI runs every row.
    ("3.10", "2.16", "3.5"),
    ("3.12", "2.16", "newest"),
    ("3.11", "2.17", "3.8"),
    ("3.12", "2.18", "3.12"),
    ("3.10", "2.19", "newest"),
    ("3.12", "2.19", "newest"),
    ("3.13", "2.20", "newest"),
    ("3.10", "2.21", "newest"),
    ("3.11", "2.21", "newest"),
    ("3.12", "2.21", "newest"),
    ("3.13", "2.21", "newest"),
]
ROWS = [nox.param(*row, id="py{}-tf{}-keras-{}".format(*row)) for row in VERSIONS]


def _install(session: nox.Session, *sections: str, pinned: Sequence[str] = ()) -> None:
    """Installs sections of pyproject.toml's requirements (see tools/requirements.py)."""
    printed = session.run("python", "tools/requirements.py", *sections, silent=True)
    session.install(*str(printed).splitlines(), *pinned)


def _install_package(session: nox.Session) -> None:
    session.install("--no-build-isolation", "--no-deps", ".")


@nox.session
@nox.parametrize(["python", "tensorflow", "keras"], ROWS)
def tests(session: nox.Session, tensorflow: str, keras: str) -> None:
    """Runs the Python tests with one Python, one TensorFlow and one Keras."""
    pinned = [f"tensorflow=={tensorflow}.*"]
    if keras != "newest":
        pinned.append(f"keras=={keras}.*")
    _install(session, "build", "run", "test", "demo", pinned=pinned)
    _install_package(session)
    session.run(
        "pytest",
        "--numprocesses=auto",
        "--dist=loadfile",
        "--no-loadscope-reorder",
        *session.posargs,
    )


@nox.session
def core(session: nox.Session) -> None:
    """Runs the C++ core's tests, plain and under each sanitizer."""
    _install(session, "build")
    for preset in ("core", "asan", "tsan"):
        session.run("cmake", "--preset", preset)
        session.run("cmake", "--build", "--preset", preset)
        session.run("ctest", "--preset", preset)


@nox.session
def lint(session: nox.Session) -> None:
    """Checks format and lint of Python, and the workflows."""
    _install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run(
        "check-jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        ".github/workflows/ci.yml",
        ".github/workflows/wheels.yml",
    )
    session.run("zizmor", "--offline", ".github/workflows")


@nox.session
def mypy(session: nox.Session) -> None:
    """Checks types."""
    _install(session, "build", "run", "lint")
    session.run("mypy")


@nox.session
def stubs(session: nox.Session) -> None:
    """Compares _native.pyi with the module it describes."""
    _install(session, "build", "run", "lint")
    _install_package(session)
    session.run("tools/check_stubs.sh", external=True)


@nox.session
def wheel(session: nox.Session) -> None:
    """Builds the sdist and the wheel, and tests the wheel outside the source tree."""
    _install(session, "build", "run", "test")
    _install_package(session)
    session.run("pytest", "tests/test_wheel.py", *session.posargs)
