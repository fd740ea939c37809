"""Names for layers and variables, on real data: scikit-learn's handwritten digits.

Part 1, for code that comes from TF1. A Keras 3 layer takes its inner model from
`get_or_create_layer` within a decorated `call`. It is trained in a loop compiled by `tf.function`,
and once more by `model.fit`. See digits_layer.py.

Part 2, for variables by key. The images are dealt out to 50 tenants, each with a scanner whose
sensors are off in their own way. Every tenant gets a scale and a bias, made and found inside one
compiled step by a key that is a string tensor. The last ten tenants come only half way through;
the step is not traced again for them. See digits_tenants.py.

The program prints what the registry then holds, and draws the learning curves. It fails if a
training misses its goal, or if the step was traced more than once.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # No word of TensorFlow on the CPU it found.

import digits_data
import digits_layer
import digits_plot
from arguments import parser_of
from digits_tenants import TenantCalibration
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

GOAL = 0.95
TENANTS, LATE_TENANTS = 50, 10


class EpochProgress:
    """A progress bar for each training, and the test accuracy after each epoch."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            TextColumn("epoch {task.completed:>2.0f}/{task.total:.0f}"),
            TextColumn("test accuracy {task.fields[accuracy]:6.1%}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> EpochProgress:
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def training(self, description: str, epochs: int) -> tuple[list[float], digits_layer.OnEpoch]:
        """Starts a bar; returns the accuracies as they come, and what to call with the next."""
        bar: TaskID = self._bars.add_task(description, total=epochs, accuracy=0)
        accuracies: list[float] = []

        def on_epoch(accuracy: float) -> None:
            accuracies.append(accuracy)
            self._bars.update(bar, advance=1, accuracy=accuracy)

        return accuracies, on_epoch


def train_layer_twice(
    console: Console, arguments: argparse.Namespace
) -> tuple[digits_layer.DigitClassifier, list[float], list[float]]:
    """Part 1; returns the layer that `fit` trained, and the accuracies of both trainings."""
    console.rule("1. get_or_create_layer in a Keras 3 layer")
    train, test = digits_data.load(arguments.seed)
    with EpochProgress(console) as progress:
        epochs, seed = arguments.epochs, arguments.seed
        loop, on_epoch = progress.training("loop compiled by tf.function", epochs)
        digits_layer.train_in_compiled_loop(train, test, epochs, seed, on_epoch)
        fit, on_epoch = progress.training("model.fit", epochs)
        classifier = digits_layer.train_by_fit(train, test, epochs, seed, on_epoch)
    console.print("The weights that the layer keeps:")
    for weight in classifier.trainable_weights:
        console.print(f"  {weight.path:<44} {weight.shape}", highlight=False)
    return classifier, loop, fit


def train_tenants(
    console: Console,
    classifier: digits_layer.DigitClassifier,
    arguments: argparse.Namespace,
) -> tuple[TenantCalibration, float, list[float], list[float]]:
    """Part 2; returns the accuracies without calibration, of the early and the late tenants."""
    console.rule(f"2. Variables by key for {TENANTS} tenants")
    train, test = digits_data.load(arguments.seed)
    tenants = digits_data.split_among_tenants(train, test, TENANTS, arguments.seed)
    early, late = tenants[:-LATE_TENANTS], tenants[-LATE_TENANTS:]
    calibration = TenantCalibration(classifier)
    epochs = arguments.tenant_epochs
    first_late = epochs // 2
    with EpochProgress(console) as progress:
        early_curve, on_early = progress.training(f"{len(early)} tenants", epochs)
        for _ in range(first_late):
            train_one_epoch(calibration, early, on_early)
        # Names that the compiled step has never seen.
        late_curve, on_late = progress.training(f"{len(late)} that come later", epochs - first_late)
        for _ in range(first_late, epochs):
            train_one_epoch(calibration, early, on_early)
            train_one_epoch(calibration, late, on_late)
    uncalibrated = calibration.accuracy_without_calibration(tenants)
    console.print(
        f"Test accuracy over all tenants: {uncalibrated:.1%} without scale and bias, "
        f"{calibration.accuracy(tenants):.1%} with."
    )
    return calibration, uncalibrated, early_curve, late_curve


def train_one_epoch(
    calibration: TenantCalibration,
    tenants: list[digits_data.Tenant],
    on_epoch: digits_layer.OnEpoch,
) -> None:
    for tenant in tenants:
        calibration.train(tenant)
    on_epoch(calibration.accuracy(tenants))


def parse_arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, "digits.png")
    parser.add_argument(
        "--epochs",
        type=int,
        default=20,
        metavar="N",
        help="rounds over the data for each training of part 1; one or two miss the goal "
        "(default: 20)",
    )
    parser.add_argument(
        "--tenant-epochs",
        type=int,
        default=30,
        metavar="N",
        help="steps for each tenant in part 2; the late tenants get half of them (default: 30)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of the split, the starting values and the scanners; on one machine the same seed "
        "gives the same numbers (default: 0)",
    )
    arguments = parser.parse_args()
    if arguments.epochs < 1 or arguments.tenant_epochs < 2:
        parser.error("--epochs must be at least 1 and --tenant-epochs at least 2.")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    start = time.monotonic()
    console = Console()
    classifier, loop, fit = train_layer_twice(console, arguments)
    calibration, uncalibrated, early, late = train_tenants(console, classifier, arguments)

    calibration.registry.summary(max_rows=12)
    console.print(f"Traces of the tenants' training step: {calibration.traces}")
    plot = arguments.output / "digits.png"
    digits_plot.save(
        plot,
        loop=loop,
        fit=fit,
        goal=GOAL,
        early_tenants=early,
        late_tenants=late,
        uncalibrated=uncalibrated,
    )
    console.print(f"Learning curves: {plot}", highlight=False)

    failures = [
        f"the {name} reached {curve[-1]:.1%} test accuracy, wanted {GOAL:.0%}"
        for name, curve in (("compiled loop", loop), ("model.fit", fit))
        if curve[-1] < GOAL
    ]
    if calibration.traces != 1:
        failures.append(f"the tenants' step was traced {calibration.traces} times, wanted once")
    for failure in failures:
        console.print(f"[bold red]Failed:[/] {failure}.")
    console.print(
        f"compiled loop {loop[-1]:.1%}, model.fit {fit[-1]:.1%}, "
        f"{time.monotonic() - start:.0f} seconds in all"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
