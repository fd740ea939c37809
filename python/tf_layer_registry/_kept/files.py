"""Files that are not left behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import tensorflow as tf


@contextlib.contextmanager
def removed_on_failure(folder: str) -> Iterator[None]:
    """Removes a folder where what is done meanwhile fails."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(tf.errors.NotFoundError):
            tf.io.gfile.rmtree(folder)
        raise
