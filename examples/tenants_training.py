"""Trains tenants as they come, and keeps what the table and the plots show."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from tenants_data import TenantStream, name_of
from tenants_model import TenantAdapters


class Record(NamedTuple):
    """What each step was like; arrays of one element per step.

    Attributes:
      losses: the loss before the step.
      ages: how often the tenant was there before.
      tenants: how many tenants have a layer after the step.
      seconds: how long it took.
      traces: how often the step was traced until then.
    """

    losses: np.ndarray
    ages: np.ndarray
    tenants: np.ndarray
    seconds: np.ndarray
    traces: np.ndarray

    def join(self, later: Record) -> Record:
        """This and what came later."""
        return Record(*(np.concatenate(pair) for pair in zip(self, later, strict=True)))


def train(
    console: Console, model: TenantAdapters, stream: TenantStream, end: int, description: str
) -> Record:
    """Trains from the step that the model has come to up to `end`, with a progress bar."""
    begin = int(model.steps)
    rows = []
    bar = Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps, {task.fields[tenants]} tenants"),
        TimeElapsedColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task(description, total=end - begin, tenants=0)
        arrived = int(stream.schedule[:begin].max(initial=-1)) + 1
        for step in range(begin, end):
            tenant, age, examples = stream.visit(step)
            start = time.perf_counter()
            loss = float(model.train_step(tenant, examples.images, examples.labels))
            seconds = time.perf_counter() - start
            arrived += age == 0
            rows.append((loss, age, arrived, seconds, model.traces))
            bar.update(task, advance=1, tenants=arrived)
    return Record(*(np.asarray(column) for column in zip(*rows, strict=True)))


def accuracies(model: TenantAdapters, stream: TenantStream, tenants: int) -> tuple[float, float]:
    """The accuracy over all tenants' test examples: of the shared model, and of their own."""
    shared, own = [], []
    for tenant in range(tenants):
        images, labels = stream.test_examples(tenant)
        shared.append(np.argmax(model.shared_logits(images), 1) == labels)
        own.append(np.argmax(model.logits(name_of(tenant), images), 1) == labels)
    return float(np.mean(shared)), float(np.mean(own))
