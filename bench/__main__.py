"""`python -m bench`."""

import importlib.util
import sys

NEEDED = {
    "tf_layer_registry": "tf-layer-registry",
    "matplotlib": "matplotlib",
    "pytest": "pytest",
    "pytest_benchmark": "pytest-benchmark",
}


def missing() -> list[str]:
    """The distributions that are needed and not installed."""
    return [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]


if __name__ == "__main__":
    if missing():
        sys.exit(
            f"python -m bench needs {', '.join(missing())}. make bench installs everything into "
            ".venv; elsewhere install the package with its extra: python -m pip install '.[bench]'"
        )
    from bench.command import main

    sys.exit(main(sys.argv[1:]))
