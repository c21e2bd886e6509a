"""The runs that the demos of `synchronous.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `synchronous.py`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from courseware.demos.engine.controls import LogSlider
from courseware.studies.large_batch import EPOCHS, LargeBatch, measured
from lsml_core.optimization.bounds import log_slope
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.schedules import InverseTime
from lsml_core.parallel.cluster import Cluster, Timeline
from lsml_core.parallel.shuffling import ORDERS, squared_distances

# --- the timeline of synchronous SGD ---------------------------------------------------------------

BATCH = 1024
WORKERS = np.arange(1, 65)
STEPS = 12  # in one picture


class SynchronousTimeline(NamedTuple):
    """Some steps as they happen, and the expected speed-up of 1, 2, …, 64 workers."""

    timeline: Timeline
    stragglers: Float[ndarray, " 64"]  # speed-up if only waiting costs time
    network: Float[ndarray, " 64"]  # and if the all-reduce does, too
    step: Float[ndarray, " 64"]  # expected seconds per step

    def speed_up(self, workers: int) -> float:
        return float(self.network[workers - 1])

    def helps(self, workers: int) -> bool:
        """Whether the last of the workers makes a step faster."""
        return workers == 1 or self.speed_up(workers) > self.speed_up(workers - 1)


def cluster(spread: float, message: float) -> Cluster:
    """A millisecond per example; `message` milliseconds per message, 50 times that for a whole gradient.

    spread: of the workers' computing times.   message: time of one message, in milliseconds.
    """
    return Cluster(seconds_per_example=1e-3, spread=spread, latency=1e-3 * message, transfer=0.05 * message)


@cache
def _computing(spread: float) -> Float[ndarray, " 64"]:
    """Expected seconds until the slowest of 1, 2, …, 64 workers is done."""
    return np.asarray(cluster(spread, 0.0).step(BATCH, WORKERS))


def compute_timeline(workers: int, spread: float, message: float) -> SynchronousTimeline:
    machines, computing = cluster(spread, message), _computing(spread)
    timeline = machines.timeline(BATCH, workers, STEPS, rng=np.random.default_rng(0))
    step = computing + machines.all_reduce(WORKERS)
    return SynchronousTimeline(timeline, computing[0] / computing, step[0] / step, step)


# --- what a large batch does to learning -----------------------------------------------------------


class LargeBatches(NamedTuple):
    """The runs of one rule for the step size: those of the chosen number of epochs, and all others."""

    now: LargeBatch
    all_epochs: dict[int, LargeBatch]

    def accuracy_at(self, batch: int) -> float:
        """Mean test accuracy over the seeds."""
        return float(self.now.test_accuracy.mean(0)[[*self.now.batch].index(batch)])

    def loss_at(self, batch: int) -> float:
        """Mean training loss over the seeds."""
        return float(self.now.train_loss.mean(0)[[*self.now.batch].index(batch)])


def compute_large_batch(rule: str, epochs: int) -> LargeBatches:
    runs = {count: measured(rule, count) for count in EPOCHS}
    return LargeBatches(runs[epochs], runs)


# --- shuffling -------------------------------------------------------------------------------------

EXAMPLES = 20
ROWS = 4  # epochs of the raster
RUNS = 200
WARM = 10  # epochs in which η hardly shrinks
LAST = {"constant": 200, "like 1/epoch": 400}  # epochs
ETAS = LogSlider("first step η, times 1/Lₘₐₓ", 0.01, 1, 3, 0.1)
NAMES = ("drawn", "one shuffle", "reshuffled")  # the three `ORDERS`


class Shuffling(NamedTuple):
    """Errors of the three orders after every epoch, and which examples their first epochs visit."""

    errors: dict[str, Float[ndarray, " epochs+1"]]  # mean of ‖w − w*‖² over the runs
    orders: dict[str, Int[ndarray, "rows n"]]
    repeated: dict[str, Bool[ndarray, "rows n"]]  # visits to an example that the epoch has visited before

    @property
    def gain(self) -> float:
        """Error of drawing over that of reshuffling, in the last quarter of the epochs."""
        drawn, _, reshuffled = (e[-(len(e) // 4) :].mean() for e in self.errors.values())
        return float(drawn / reshuffled)

    @property
    def slopes(self) -> list[float]:
        """Exponents of the errors in the number of epochs, over the last three quarters."""
        late = np.arange((len(next(iter(self.errors.values()))) - 1) // 4, len(self.errors[NAMES[0]]))
        return [float(log_slope(late, e[late])) for e in self.errors.values()]


@cache
def shuffling_errors() -> dict[str, dict[str, ndarray]]:
    """Step size -> order -> mean of ‖w − w*‖² over the runs, (epochs + 1, values of η)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(EXAMPLES, 3))
    f = LeastSquares(x, x @ np.ones(3) + rng.normal(size=EXAMPLES))  # noise on y: no w fits all examples
    eta = np.array(ETAS.values)[:, None, None] / f.L_max
    errors = {}
    for name, rule in {"constant": eta, "like 1/epoch": InverseTime(eta, WARM)}.items():
        start, rng = np.zeros((RUNS, f.d)), np.random.default_rng(0)
        runs = squared_distances(f, start, eta=rule, epochs=LAST[name], rng=rng)
        errors[name] = {short: runs[order].mean(-1) for short, order in zip(NAMES, ORDERS, strict=True)}
    return errors


@cache
def _first_epochs() -> tuple[dict[str, ndarray], dict[str, ndarray]]:
    """The first epochs of each order, and which visits are repeated within their epoch."""
    orders, repeated = {}, {}
    for name, sampling in zip(NAMES, ORDERS.values(), strict=True):
        stream = sampling(EXAMPLES, EXAMPLES, (), rng=np.random.default_rng(0))
        orders[name] = np.stack([next(stream) for _ in range(ROWS)])
        repeated[name] = np.array([[i in row[:k] for k, i in enumerate(row)] for row in orders[name]])
    return orders, repeated


def compute_shuffling(schedule: str, eta: float) -> Shuffling:
    which = ETAS.values.index(eta)
    return Shuffling(
        {name: e[:, which] for name, e in shuffling_errors()[schedule].items()}, *_first_epochs()
    )
