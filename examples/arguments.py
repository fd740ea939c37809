"""What the examples' command lines have in common."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser_of(description: str, picture: str) -> argparse.ArgumentParser:
    """A parser that shows `description` as it is written, and knows where `picture` goes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("plots"),
        metavar="FOLDER",
        help=f"where {picture} goes; made if it is not there (default: ./plots)",
    )
    return parser
