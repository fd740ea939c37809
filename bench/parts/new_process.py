"""Calls a function in a process of its own, where none before has filled or emptied anything."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

from bench import settings


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Returns what it returns. In a smoke run, whose numbers mean nothing, it runs in this one."""
    if settings.SMOKE:
        return function(*arguments)
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(function, arguments)
