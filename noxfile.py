"""Checks in fresh environments: `nox -l` lists them, `nox -s "tests(2.18)"` runs one."""

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "mypy", "stubs", "tests(2.21)"]
nox.options.default_venv_backend = "venv"

TENSORFLOWS = [f"2.{minor}" for minor in range(16, 22)]


def _install(session: nox.Session, *sections: str, tensorflow: str = "") -> None:
    """Installs sections of pyproject.toml's requirements (see tools/requirements.py)."""
    printed = session.run("python", "tools/requirements.py", *sections, silent=True)
    pinned = [f"tensorflow=={tensorflow}.*"] if tensorflow else []
    session.install(*str(printed).splitlines(), *pinned)


def _install_package(session: nox.Session) -> None:
    session.install("--no-build-isolation", "--no-deps", ".")


@nox.session
@nox.parametrize("tensorflow", TENSORFLOWS, ids=TENSORFLOWS)
def tests(session: nox.Session, tensorflow: str) -> None:
    """Runs the Python tests with one TensorFlow minor version."""
    _install(session, "build", "run", "test", "demo", tensorflow=tensorflow)
    _install_package(session)
    session.run("pytest", *session.posargs)


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
    session.install("nox")
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
