"""Print requirements that pyproject.toml lists, one per line, for `pip install -r`.

Usage: requirements.py SECTION...; a section is `build`, `run` or the name of an extra.
"""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib  # Python 3.10 has no tomllib; every pip has this.


def requirements(sections: list[str]) -> list[str]:
    """Returns the requirements of `sections` in order, each once."""
    path = Path(__file__).resolve().parent.parent / "pyproject.toml"
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    lists: dict[str, list[str]] = {
        "build": config["build-system"]["requires"] + ["cmake>=3.25", "ninja>=1.11"],
        "run": config["project"]["dependencies"],
        **config["project"]["optional-dependencies"],
    }
    return list(dict.fromkeys(line for section in sections for line in lists[section]))


if __name__ == "__main__":
    print("\n".join(requirements(sys.argv[1:])))
