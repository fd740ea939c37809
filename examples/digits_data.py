"""The handwritten digits that scikit-learn ships, whole and split among tenants."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIDE = 8  # An image has 8 x 8 pixels.
PIXELS = SIDE * SIDE
CLASSES = 10


class Examples(NamedTuple):
    """Images, float32 of shape [n, 64] from 0 to 1, and their digits, int32 of shape [n]."""

    images: np.ndarray
    labels: np.ndarray


class Tenant(NamedTuple):
    """One tenant's name and own examples, as its scanner delivers them."""

    name: str
    train: Examples
    test: Examples


def load(seed: int) -> tuple[Examples, Examples]:
    """Returns the 1,797 digits as 1,347 examples to train on and 450 to test with."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32)
    labels = labels.astype(np.int32)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels, test_size=450, random_state=seed, stratify=labels
    )
    return Examples(train_images, train_labels), Examples(test_images, test_labels)


def split_among_tenants(train: Examples, test: Examples, count: int, seed: int) -> list[Tenant]:
    """Deals the examples out to tenants: about 27 to train on and 9 to test with, for 50 of them.

    Each tenant has a scanner of its own. Its eight sensors, one for each column of the image,
    differ in gain and offset, so that a model trained on clean images reads them badly.
    """
    random = np.random.default_rng(seed)
    train_parts = np.array_split(random.permutation(len(train.labels)), count)
    test_parts = np.array_split(random.permutation(len(test.labels)), count)
    tenants = []
    for number, (train_part, test_part) in enumerate(zip(train_parts, test_parts, strict=True)):
        gain = random.uniform(0.3, 1.2, SIDE).astype(np.float32)
        offset = random.uniform(-0.6, 0.6, SIDE).astype(np.float32)
        tenants.append(
            Tenant(
                name=f"tenant-{number:02}",
                train=_scan(train, train_part, gain, offset),
                test=_scan(test, test_part, gain, offset),
            )
        )
    return tenants


def _scan(examples: Examples, part: np.ndarray, gain: np.ndarray, offset: np.ndarray) -> Examples:
    columns = examples.images[part].reshape(-1, SIDE, SIDE)
    return Examples((columns * gain + offset).reshape(-1, PIXELS), examples.labels[part])
