"""Demos of lecture 03: workers that do not wait. Every picture is a run of the simulator."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Doubling, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.plots import asynchronous as plots
from courseware.plots import parallel as parallel_plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from lsml_core.data.sparse import SparseExamples, zipf_examples
from lsml_core.parallel.hogwild import Lock
from lsml_core.parallel.linear import CSR
from lsml_core.parallel.staleness import Machine, Simulation, simulate
from lsml_core.parallel.timelines import (
    UpdateTimeline,
    conflicting_reads,
    speed_up_over_synchronous,
    update_timeline,
)

DOUBLINGS = np.array([1, 2, 4, 8, 16, 32, 64])

# --- stale gradients -------------------------------------------------------------------------------

UPDATES = 4000
WINDOW = 6.0  # mean times of one update
LONGEST = 150  # delay of the goal


class AsynchronousTimeline(NamedTuple):
    """The updates of a run, the stalest of those drawn, and what not waiting gains."""

    updates: UpdateTimeline
    start: float  # time at which the picture begins
    stalest: int
    speed_up: float  # updates per second over synchronous workers

    @property
    def missed(self) -> ndarray:
        """The updates that the stalest one had not seen."""
        return np.arange(self.stalest - self.updates.tau[self.stalest], self.stalest)


@cache
def _single_words() -> CSR:
    """Examples of one coordinate each, so that an update takes one unit of time on average."""
    from scipy.sparse import csr_matrix  # lazy import: the demo's module loads without scipy

    return csr_matrix((np.ones(UPDATES), (np.arange(UPDATES), np.arange(UPDATES))))


def compute_timeline(workers: int, spread: float, preemption: float) -> AsynchronousTimeline:
    machine = Machine(read=1.0, write=0.0, spread=spread, preemption=preemption, pause=20.0)
    rng, y = np.random.default_rng(0), np.ones(UPDATES)
    run = simulate(_single_words(), y, workers=workers, epochs=1, eta=1.0, rng=rng, machine=machine)
    updates = update_timeline(run.tau[0], run.end[0], workers)
    start = float(updates.end[UPDATES // 2])
    inside = np.flatnonzero((updates.begin >= start + 1) & (updates.end <= start + WINDOW))
    stalest = int(inside[updates.tau[inside].argmax()])
    return AsynchronousTimeline(updates, start, stalest, speed_up_over_synchronous(updates, workers))


def draw_timeline(record: AsynchronousTimeline, workers: int, **_: Value) -> Figure:
    updates = record.updates
    spans = plots.Spans(updates.worker + 1, updates.begin - record.start, updates.end - record.start)
    fig, (left, right) = canvas(2)
    plots.stale_update(left, spans, record.stalest, record.missed, WINDOW, workers)
    headline(left, f"{record.speed_up:.1f} times the updates of synchronous SGD")
    plots.delay_histogram(right, updates.tau)
    headline(right, f"Mean delay is {updates.tau.mean():.1f}, the largest {updates.tau.max()}")
    return fig


def alt_timeline(record: AsynchronousTimeline, workers: int, spread: float, preemption: float) -> str:
    tau = record.updates.tau
    return (
        f"{workers} workers that do not wait make {record.speed_up:.1f} times the updates of synchronous "
        f"SGD, with spread {spread:g} and {percentage(preemption, 1)} of the updates interrupted. Their mean "
        f"delay is {tau.mean():.1f} updates, the largest {tau.max()}. Left: each update as a bar from "
        f"reading to writing; the stalest one shown missed {plural(len(record.missed), 'update')} by others, "
        "marked by dots. Right: distribution of the delay."
    )


timeline = Demo(
    compute=compute_timeline,
    draw=draw_timeline,
    controls={
        "workers": Doubling("workers P", 2, 16, 8),
        "spread": Slider("spread of the workers' speed (0: all alike)", 0.0, 1.2, 0.1, 0.3),
        "preemption": Slider("fraction of updates whose worker loses its core", 0.0, 0.02, 0.002, 0.0),
    },
    title="Asynchronous SGD: no worker waits, and gradients are stale",
    goal="make 16 workers twice as fast as synchronous SGD, and keep the largest delay below "
    f"{LONGEST} updates.",
    reached=lambda record, workers, **_: (
        workers == 16 and record.speed_up >= 2 and record.updates.tau.max() < LONGEST
    ),
    notice="Each update counts once in a delay of each of the P − 1 other workers: the mean delay is P − 1, "
    "however uneven the workers are. The more uneven they are, the more is gained by not waiting, and the "
    "larger is the largest delay, which is what a bound on τ restricts.",
    alt=alt_timeline,
    presets={
        "All alike": {"spread": 0.0},
        "Break it": {"workers": 16, "spread": 1.2, "preemption": 0.02},
    },
)


# --- locks and no lock -----------------------------------------------------------------------------

EXAMPLES = 1200
WORDS = 4000
NONZEROS = Doubling("coordinates per example", 2, 64, 8)
WRITE = Slider("fraction of a step that is writing", 0.1, 0.9, 0.1, 0.5)
LOCKS: dict[str, Lock] = {
    "none": None,
    "coordinate": "coordinate",
    "RR": "round robin",
    "global": "global",
}
BAND = 8  # workers of a band
SHOWN = 8.0  # mean times of one update


class SharedWeights(NamedTuple):
    """Updates with one lock and without, and how fast four ways to lock are."""

    free: UpdateTimeline
    changed: Bool[ndarray, " n"]  # whether a weight that the update read was changed before it wrote
    locked: Float[ndarray, " n"]  # time of every update under one lock
    rates: dict[str, Float[ndarray, " doublings"]]  # updates per second over one worker without a lock

    @property
    def conflicting(self) -> float:
        """Fraction of the traceable updates whose weights were changed by others."""
        return float(self.changed[self.free.traceable].mean())

    @property
    def start(self) -> float:
        """From here on all updates are traceable."""
        return float(self.free.end[~self.free.traceable].max())

    def rate(self, lock: str, workers: int) -> float:
        return float(self.rates[lock][[*DOUBLINGS].index(workers)])


@cache
def _sparse(nonzeros: int) -> SparseExamples:
    rng = np.random.default_rng(0)
    return zipf_examples(EXAMPLES, WORDS, nonzeros, rng=rng, exponent=0.5, max_frequency=0.2)


def _simulated(nonzeros: int, workers: int, write: float, lock: Lock) -> Simulation:
    """A step takes one unit of time on average, and a lock half of what a coordinate takes."""
    data, rng = _sparse(nonzeros), np.random.default_rng(1)
    machine = Machine(read=(1 - write) / nonzeros, write=write / nonzeros, lock=0.5 / nonzeros)
    return simulate(data.x, data.y, workers=workers, epochs=1, eta=1.0, rng=rng, lock=lock, machine=machine)


@cache
def _rates(write: float) -> dict[str, ndarray]:
    """Updates per second for each number of workers, over those of one worker without a lock."""
    seconds = {
        name: np.array([_simulated(NONZEROS.start, int(P), write, lock).seconds for P in DOUBLINGS])
        for name, lock in LOCKS.items()
    }
    return {name: seconds["none"][0] / values for name, values in seconds.items()}


@cache
def _without_lock(nonzeros: int, workers: int) -> tuple[UpdateTimeline, ndarray]:
    """A run without a lock, and which of its updates read weights that were changed before it wrote."""
    run, rng = _simulated(nonzeros, workers, 0.5, None), np.random.default_rng(1)
    updates = update_timeline(run.tau[0], run.end[0], workers)
    return updates, conflicting_reads(_sparse(nonzeros).x, rng.permutation(EXAMPLES), updates)


def _prepare_locks() -> None:
    tasks = [(nonzeros, int(P)) for nonzeros in NONZEROS.values for P in DOUBLINGS[1:]]
    for task in tqdm(tasks, desc="simulating threads", leave=False):
        _without_lock(*task)
    for write in WRITE.values:
        _rates(write)


def compute_locks(workers: int, nonzeros: int, write: float) -> SharedWeights:
    locked = _simulated(nonzeros, workers, write, "global").end[0]
    return SharedWeights(*_without_lock(nonzeros, workers), locked, _rates(write))


def draw_locks(record: SharedWeights, workers: int, **_: Value) -> Figure:
    free, n = record.free, len(record.locked)
    holder = plots.Spans(np.arange(n) % workers + 1, np.append(0.0, record.locked[:-1]), record.locked)
    parallel = plots.Spans(free.worker + 1, free.begin - record.start, free.end - record.start)
    bands = {
        "one lock: its holder reads and writes": (holder, np.zeros(n, bool)),
        "no lock": (parallel, record.changed),
    }
    fig, (left, right) = canvas(2)
    plots.two_timelines(left, bands, BAND, SHOWN)
    headline(left, f"Without a lock {percentage(record.conflicting)} of updates conflict")
    parallel_plots.update_rates(right, DOUBLINGS, record.rates, workers)
    headline(right, f"No lock: {record.rate('none', workers):.1f} times the updates")
    return fig


def alt_locks(record: SharedWeights, workers: int, nonzeros: int, write: float) -> str:
    rates = ", ".join(f"{name} {record.rate(name, workers):.1f}" for name in record.rates)
    return (
        f"Without a lock {percentage(record.conflicting)} of the updates conflict, for {workers} simulated "
        f"workers and {nonzeros} coordinates per example: another worker changed a weight between their "
        f"reading and writing. When writing takes {percentage(write)} of a step, the updates per second over "
        f"those of one worker are, by lock: {rates}. Left: the updates over time, one after another under "
        "one lock and in parallel without a lock; conflicting ones are hatched. Right: updates per second "
        "against the number of workers."
    )


locks = Demo(
    compute=compute_locks,
    draw=draw_locks,
    controls={"workers": Doubling("workers P", 2, 64, 8), "nonzeros": NONZEROS, "write": WRITE},
    title="Hogwild, simulated: without a lock P workers make P times the updates",
    goal="with 16 workers and no lock, let fewer than 10 % of the updates conflict.",
    reached=lambda record, workers, **_: workers == 16 and record.conflicting < 0.1,
    notice="Under one global lock the workers queue, and all together are as fast as one. With round "
    "robin (RR) they gain until one of them is always writing. A lock per coordinate costs every step a "
    "constant fraction. Without a lock P workers make P times the updates, but the more workers and "
    "coordinates there are, the more updates start from weights that others have changed meanwhile.",
    alt=alt_locks,
    presets={
        "Very sparse": {"nonzeros": 2},
        "Break it": {"nonzeros": 64, "workers": 64, "write": 0.9},
    },
    prepare=_prepare_locks,
)
