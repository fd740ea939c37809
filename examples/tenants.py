"""A layer for each of 1,000 tenants, in one compiled step that is traced once.

The tenants arrive over time, each with handwritten digits (scikit-learn's) as a scanner of its own
sees them. A dense layer is shared and frozen; each tenant trains a low-rank update of it, made and
found in the compiled step by the tenant's name, a string tensor, and trained by a
RegistryOptimizer. See tenants_model.py.

Half-way the program saves a checkpoint, then goes on to the end. A new process restores the
checkpoint, with all tenants' layers and what the optimizer keeps for them, and goes on too. Both
must come to the same losses, step for step. The program fails if they do not, if the step was
traced more than once, or if the tenants' layers did not help.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # No word of TensorFlow on the CPU it found.

import numpy as np
import tenants_plot
import tensorflow as tf
from arguments import parser_of
from rich.console import Console
from rich.table import Table
from tenants_data import TenantStream
from tenants_model import TenantAdapters
from tenants_training import Record, accuracies, train

SHARED_EPOCHS = 20
GAIN = 0.2  # By how much tenants' own layers must raise the accuracy.


def parse_arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, "tenants.png")
    parser.add_argument(
        "--tenants",
        type=int,
        default=1000,
        metavar="N",
        help="how many arrive (default: 1000)",
    )
    parser.add_argument(
        "--steps-per-tenant",
        type=int,
        default=20,
        metavar="N",
        help="on average; the first to come get more, the last fewer (default: 20)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the data, the order and the starting values; on one machine the same seed gives "
        "the same losses (default: 0)",
    )
    parser.add_argument("--resume", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.tenants < 2 or arguments.steps_per_tenant < 2:
        parser.error("--tenants and --steps-per-tenant must be at least 2.")
    return arguments


def checkpoints(model: TenantAdapters, folder: Path) -> tf.train.CheckpointManager:
    """What saves and restores the shared layers, every tenant's, and the optimizer's state."""
    return tf.train.CheckpointManager(tf.train.Checkpoint(model=model), str(folder), max_to_keep=1)


def resume(console: Console, arguments: argparse.Namespace, stream: TenantStream) -> int:
    """In a new process: restores the checkpoint, trains to the end and writes the losses down."""
    model = TenantAdapters(arguments.seed)
    checkpoints(model, arguments.resume).restore_or_initialize()
    console.print(
        f"A new process restored step {int(model.steps)}: {len(model.registry)} entries.",
        highlight=False,
    )
    record = train(console, model, stream, len(stream.schedule), "resumed in a new process")
    np.save(arguments.resume / "losses.npy", record.losses)
    return 0


def show(console: Console, record: Record, half: int) -> None:
    """Prints what a tenth of the steps was like, for each tenth."""
    table = Table(title="As the tenants arrived")
    for heading in (
        "steps",
        "tenants",
        "loss, new tenants",
        "loss, after 10 steps",
        "traces",
        "us",
    ):
        table.add_column(heading, justify="right")
    for part in np.array_split(np.arange(len(record.losses)), 10):
        losses, ages = record.losses[part], record.ages[part]
        new, old = losses[ages == 0], losses[ages >= 10]
        table.add_row(
            f"{part[-1] + 1:,}{' (saved)' if part[0] < half <= part[-1] + 1 else ''}",
            f"{record.tenants[part[-1]]:,}",
            f"{new.mean():.3f}" if new.size else "",
            f"{old.mean():.3f}" if old.size else "",
            str(record.traces[part[-1]]),
            f"{np.median(record.seconds[part]) * 1e6:.0f}",
        )
    console.print(table)


def main() -> int:
    arguments = parse_arguments()
    console = Console()
    steps = arguments.tenants * arguments.steps_per_tenant
    stream = TenantStream(arguments.tenants, steps, arguments.seed)
    if arguments.resume:
        return resume(console, arguments, stream)

    start = time.monotonic()
    console.rule(f"{arguments.tenants:,} tenants, a layer for each, one compiled step")
    model = TenantAdapters(arguments.seed)
    model.train_shared(stream.plain_train, SHARED_EPOCHS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        half = steps // 2
        first = train(console, model, stream, half, "first half")
        saved = checkpoints(model, folder).save()
        size = sum(path.stat().st_size for path in folder.glob("ckpt*"))
        console.print(f"Saved {len(model.registry)} entries, {size / 1e6:.1f} MB.", highlight=False)
        record = first.join(train(console, model, stream, steps, "second half, unbroken"))
        command = [sys.executable, *sys.argv, "--resume", str(Path(saved).parent)]
        subprocess.run(command, check=True)
        resumed = np.load(folder / "losses.npy")

    show(console, record, half)
    difference = float(np.abs(resumed - record.losses[half:]).max())
    shared, own = accuracies(model, stream, arguments.tenants)
    console.print(f"Largest difference of a resumed step's loss: {difference:.3g}")
    console.print(f"Test accuracy: {shared:.1%} of the shared layer alone, {own:.1%} with updates.")
    plot = arguments.output / "tenants.png"
    tenants_plot.save(plot, record)
    console.print(f"Plots: {plot}", highlight=False)

    failures = []
    if difference > 0:
        failures.append(f"the resumed run's losses differ by up to {difference:.3g}")
    if model.traces != 1:
        failures.append(f"the step was traced {model.traces} times, wanted once")
    if own < shared + GAIN:
        failures.append(f"updates raised the accuracy from {shared:.1%} to {own:.1%} only")
    for failure in failures:
        console.print(f"[bold red]Failed:[/] {failure}.")
    console.print(f"{time.monotonic() - start:.0f} seconds in all")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
