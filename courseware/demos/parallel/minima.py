"""Demo of lecture 03: a sharp and a flat minimum, and which of them SGD finds with which batch size."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Doubling, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.plots import parallel as plots
from courseware.plots.axes import headline, percentage
from courseware.plots.canvas import canvas
from lsml_core.parallel.large_batches import TwoMinima, noisy_descent

LOSS = TwoMinima()
ETA, SIGMA, STEPS, RUNS = 0.03, 10.0, 1500, 300
START = (-2.4, -1.4)  # left of both minima
GRID = np.linspace(-2.5, 2.5, 401)
BATCHES = Doubling("batch size b", 1, 256, 256)
SHIFTS = Slider("shift of the test loss", 0.0, 0.3, 0.05, 0.15)
FEW, LOW = 0.1, 0.1  # fraction of runs in the sharp minimum, and test loss, of the goal


class MinimaFound(NamedTuple):
    """Where the runs of every batch size end.

    ends: w of each run.   shift: of the test loss against the training loss.   now: place of the batch shown.
    """

    ends: Float[ndarray, "batches runs"]
    shift: float
    now: int

    @property
    def in_sharp(self) -> Float[ndarray, " batches"]:
        """Fraction of the runs that end in the sharp minimum."""
        return LOSS.in_sharp(self.ends).mean(1)

    @property
    def train(self) -> Float[ndarray, " batches"]:
        """Mean training loss at the ends."""
        return LOSS.value(self.ends).mean(1)

    @property
    def test(self) -> Float[ndarray, " batches"]:
        """Mean test loss at the ends: the training loss, moved by the shift."""
        return LOSS.value(self.ends - self.shift).mean(1)


@cache
def _ends() -> Float[ndarray, "batches runs"]:
    start = np.random.default_rng(0).uniform(*START, RUNS)
    options = {"eta": ETA, "sigma": SIGMA, "steps": STEPS}
    rng = np.random.default_rng(1)
    return np.stack([noisy_descent(LOSS, start, batch=b, rng=rng, **options) for b in BATCHES.values])


def compute(batch: int, shift: float) -> MinimaFound:
    return MinimaFound(_ends(), shift, BATCHES.values.index(batch))


def draw(record: MinimaFound, batch: int, shift: float) -> Figure:
    fig, (left, right) = canvas(2)
    ends = record.ends[record.now]
    curves = {"training loss": LOSS.value(GRID), "test loss": LOSS.value(GRID - shift)}
    plots.runs_on_a_loss(left, GRID, curves, ends, LOSS.value(ends))
    headline(left, f"{percentage(record.in_sharp[record.now])} of runs end in the sharp minimum")
    plots.losses_by_batch(right, BATCHES.values, {"training": record.train, "test": record.test}, batch)
    right.set(ylim=(-0.08, 1.6))
    gap = record.test[record.now] - record.train[record.now]
    headline(right, f"Test loss is {gap:.2f} above training loss")
    return fig


def alt(record: MinimaFound, batch: int, shift: float) -> str:
    return (
        f"With batches of {batch}, {percentage(record.in_sharp[record.now])} of {RUNS} runs end in the sharp "
        f"minimum. Their mean training loss is {round(record.train[record.now], 2) + 0.0:.2f}, and their "
        f"mean test loss, on a curve moved by {shift:g}, is {round(record.test[record.now], 2) + 0.0:.2f}. "
        "Left: both curves over one weight, a sharp minimum at −1 and a flat one at 1, with a dot for the "
        "end of every run. Right: both mean losses against the batch size."
    )


def reached(record: MinimaFound, shift: float, **_: Value) -> bool:
    """The largest batch that leaves the sharp minimum, with a shift at which that matters."""
    avoids = record.in_sharp < FEW
    return shift >= 0.15 and record.now == int(np.flatnonzero(avoids)[-1])


sharp_and_flat = Demo(
    compute=compute,
    draw=draw,
    controls={"batch": BATCHES, "shift": SHIFTS},
    title="SGD with a large batch stays in the sharp minimum that it reaches first",
    goal="find the largest batch with fewer than 10 % of the runs in the sharp minimum, at a shift of "
    "0.15 or more. Why is an even smaller batch not better?",
    reached=reached,
    notice="All batch sizes start from the same points. The noise of small batches carries their runs out of "
    "the sharp minimum. If the test loss is shifted a little, it is high at the sharp minimum.",
    alt=alt,
    presets={"Very small batch": {"batch": 1}, "Break it": {"batch": 256, "shift": 0.0}},
    prepare=_ends,
    handles=(
        Handle("the batch size", 1, lambda record, batch, **_: (batch, record.test[record.now]), x="batch"),
    ),
)
