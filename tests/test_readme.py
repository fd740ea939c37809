"""The Python code in the documents runs, and prints what the comments say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from find_tensorflow import NEWEST, OLDEST
from tf_layer_registry import _keras3_private

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]


def code_blocks(document: Path, language: str) -> list[tuple[int, str]]:
    """The document's code blocks in a language, each with the line that it begins on."""
    text = document.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, match.start(1)) + 1, match[1]) for match in found]


def expected_output(code: str) -> list[str]:
    """What the comments behind the calls of `print` say, in order."""
    return [line.partition("  # ")[2] for line in code.splitlines() if line.startswith("print(")]


BLOCKS = [
    pytest.param(code, id=f"{document.name}:{line}")
    for document in DOCUMENTS
    for line, code in code_blocks(document, "python")
]


@pytest.mark.parametrize("code", BLOCKS)
def test_code_prints_what_its_comments_say(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, "document", "exec"), {"__name__": "document"})
    assert capsys.readouterr().out.splitlines() == expected_output(code)


def test_readme_has_an_example_for_each_user() -> None:
    readme = "\n".join(code for _, code in code_blocks(ROOT / "README.md", "python"))
    assert "track_tf1_style_variables" in readme
    assert "RegistryOptimizer" in readme


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: ((?:.*\\\n)*.*)", makefile, re.MULTILINE)[1].split())
    named = re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_linked_files_exist(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing


def test_readme_states_the_versions_that_builds_accept() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first, last = (".".join(map(str, each)) for each in (OLDEST, NEWEST))
    assert f"| TensorFlow | {first} to {last}, " in readme
    assert f"| Keras | {_keras3_private.SUPPORTED}, " in readme


def test_architecture_lists_every_op() -> None:
    sources = [path.read_text() for path in (ROOT / "csrc" / "ops").glob("*.cc")]
    registered = re.findall(r'REGISTER_OP\("LayerRegistry>(\w+)"\)', "\n".join(sources))
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    section = re.search(r"^## The graph ops\n(.*?)^## ", architecture, re.MULTILINE | re.DOTALL)
    assert section
    rows = re.findall(r"^\| (`.*?) \|", section[1], re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", "\n".join(rows))) == sorted(registered)
