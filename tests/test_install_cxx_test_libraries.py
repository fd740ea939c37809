"""tools/install_cxx_test_libraries.sh, with package managers that only write down what is asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "tools/install_cxx_test_libraries.sh"
BASH = shutil.which("bash") or "bash"
FETCHED = """\
CMake will fetch GoogleTest and Google Benchmark where they are missing. To use the
system's instead"""


class System:
    """A made-up system: the programs on its PATH, and its include folder."""

    def __init__(self, folder: Path) -> None:
        self.include, self._bin, self._log = folder / "include", folder / "bin", folder / "log"
        self._bin.mkdir()
        self._log.touch()

    def add(self, program: str, body: str = "") -> None:
        """Adds a program that writes down its arguments, then runs `body`."""
        path = self._bin / program
        path.write_text(f'#!{BASH}\necho "{program} $*" >>"{self._log}"\n{body}\n')
        path.chmod(0o755)

    def user(self, number: int) -> None:
        """Says who runs the script; 0 is root."""
        (self._bin / "id").write_text(f"#!{BASH}\necho {number}\n")
        (self._bin / "id").chmod(0o755)

    def install(self, library: str) -> None:
        (self.include / library).mkdir(parents=True)
        (self.include / library / f"{library}.h").touch()

    def run(self) -> str:
        """Runs the script to success and returns what it printed."""
        done = subprocess.run(
            [BASH, str(SCRIPT), str(self.include)],
            env={"PATH": str(self._bin)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    @property
    def asked(self) -> list[str]:
        return self._log.read_text().splitlines()


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


UPDATE = "apt-get update -qq"
INSTALL = "apt-get install -qq --no-install-recommends"


def test_root_installs_what_is_missing(system: System) -> None:
    system.user(0)
    system.add("apt-get")
    system.install("gtest")
    assert system.run() == "Installing libbenchmark-dev\n"
    assert system.asked == [UPDATE, f"{INSTALL} libbenchmark-dev"]


def test_nothing_is_asked_where_nothing_is_missing(system: System) -> None:
    system.user(0)
    system.add("apt-get", "exit 1")
    system.install("gtest")
    system.install("benchmark")
    assert system.run() == ""
    assert system.asked == []


def test_lists_out_of_date_do_not_stop_the_install(system: System) -> None:
    system.user(0)
    system.add("apt-get", "[[ $1 != update ]]")
    assert system.run() == "Installing libgtest-dev libbenchmark-dev\n"
    assert system.asked == [UPDATE, f"{INSTALL} libgtest-dev libbenchmark-dev"]


def test_a_failed_install_leaves_it_to_cmake(system: System) -> None:
    system.user(0)
    system.add("apt-get", "exit 100")
    assert system.run() == (
        "Installing libgtest-dev libbenchmark-dev\napt-get failed.\n"
        f"{FETCHED}:\n  apt-get install libgtest-dev libbenchmark-dev\n"
    )


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install libgtest-dev libbenchmark-dev"),
        ("dnf", "sudo dnf install gtest-devel google-benchmark-devel"),
        ("zypper", "sudo zypper install gtest benchmark-devel"),
        ("pacman", "sudo pacman -S gtest benchmark"),
    ],
)
def test_others_than_root_are_told_the_command(system: System, manager: str, command: str) -> None:
    system.user(1000)
    system.add(manager)
    assert system.run() == f"{FETCHED}:\n  {command}\n"
    assert system.asked == []


def test_root_without_apt_get_is_told_the_command(system: System) -> None:
    system.user(0)
    system.add("dnf")
    assert system.run() == f"{FETCHED}:\n  dnf install gtest-devel google-benchmark-devel\n"
    assert system.asked == []


def test_a_system_without_a_known_package_manager(system: System) -> None:
    system.user(0)
    assert system.run() == (
        f"{FETCHED}, install their headers and libraries with its package manager.\n"
    )
