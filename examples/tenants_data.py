"""Tenants that arrive over time, each with scikit-learn's digits as its own scanner sees them."""

from __future__ import annotations

from typing import NamedTuple

import digits_data
import numpy as np
from digits_data import PIXELS, Examples

RANK = 2  # Of what a scanner does to an image, and of what a tenant learns to undo it.
STRENGTH = 6.0
BATCH = 32


class Visit(NamedTuple):
    """One step's tenant, what number its visit has, and its examples."""

    tenant: str
    age: int
    examples: Examples


class TenantStream:
    """Which tenant comes at which step, and what it brings: the same for the same seed.

    The last tenant comes after four fifths of the steps; a tenant comes when it arrives, and then
    as often as any other that is there. A tenant's scanner adds mixtures of pixels to others:
    `image + (image @ mixed) @ onto`, of rank 2.

    Args:
      tenants: how many come.
      steps: how many steps there are.
      seed: of the data, the scanners and the order.
    """

    def __init__(self, tenants: int, steps: int, seed: int) -> None:
        self.plain_train, self.plain_test = digits_data.load(seed)
        self._seed = seed
        random = np.random.default_rng(seed)
        directions = random.normal(size=(tenants, 2, RANK, PIXELS)).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        self._mixed = STRENGTH * directions[:, 0]
        self._onto = directions[:, 1]
        self.schedule = _schedule(tenants, steps, random)
        self._ages = _ages(self.schedule)

    def visit(self, step: int) -> Visit:
        """What a step trains on: 32 examples of one tenant."""
        tenant = int(self.schedule[step])
        random = np.random.default_rng([self._seed, step])
        picked = random.integers(len(self.plain_train.labels), size=BATCH)
        examples = Examples(self.plain_train.images[picked], self.plain_train.labels[picked])
        return Visit(name_of(tenant), int(self._ages[step]), self._scan(tenant, examples))

    def test_examples(self, tenant: int) -> Examples:
        """Thirty-two examples that no step has trained on, as the tenant's scanner sees them."""
        random = np.random.default_rng([self._seed, tenant])
        picked = random.integers(len(self.plain_test.labels), size=BATCH)
        examples = Examples(self.plain_test.images[picked], self.plain_test.labels[picked])
        return self._scan(tenant, examples)

    def _scan(self, tenant: int, examples: Examples) -> Examples:
        mixed = examples.images @ self._mixed[tenant].T @ self._onto[tenant]
        return Examples(examples.images + mixed, examples.labels)


def name_of(tenant: int) -> str:
    """The key of a tenant's layer."""
    return f"tenant-{tenant:04}"


def _schedule(tenants: int, steps: int, random: np.random.Generator) -> np.ndarray:
    arrivals = np.linspace(0, 0.8 * steps, tenants, endpoint=False).astype(int)
    schedule = np.empty(steps, int)
    arrived = 0
    for step in range(steps):
        if arrived < tenants and arrivals[arrived] <= step:
            schedule[step] = arrived
            arrived += 1
        else:
            schedule[step] = random.integers(arrived)
    return schedule


def _ages(schedule: np.ndarray) -> np.ndarray:
    """How often each step's tenant was there before."""
    seen: dict[int, int] = {}
    ages = np.empty(len(schedule), int)
    for step, tenant in enumerate(schedule):
        ages[step] = seen.get(tenant, 0)
        seen[tenant] = ages[step] + 1
    return ages
