"""Demos of lecture 03: workers that do not wait. Every picture is a run of the simulator."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Doubling, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import asynchronous as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.plots.parallel import workers_axis
from lsml_core.data.sparse import SparseExamples, zipf_examples
from lsml_core.parallel.hogwild import Lock
from lsml_core.parallel.staleness import Machine, Simulation, simulate
from lsml_core.parallel.timelines import Updates, overtaken, updates

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DOUBLINGS = (1, 2, 4, 8, 16, 32, 64)

# --- stale gradients -------------------------------------------------------------------------------

UPDATES = 4000
WINDOW = 6.0  # mean times of one update


@cache
def _single_words() -> "csr_matrix":
    """Examples of one coordinate each, so that an update takes one unit of time on average."""
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(UPDATES), (np.arange(UPDATES), np.arange(UPDATES))))


def _asynchronous(workers: int, machine: Machine) -> Updates:
    rng, y = np.random.default_rng(0), np.ones(UPDATES)
    run = simulate(_single_words(), y, workers=workers, epochs=1, eta=1.0, rng=rng, machine=machine)
    return updates(run.tau[0], run.end[0], workers)


def _gain(run: Updates, workers: int) -> float:
    """Updates a second, over those of workers who wait for the slowest one at every step."""
    seconds = run.seconds[run.tau < np.arange(UPDATES)]
    rounds = seconds[: len(seconds) // workers * workers].reshape(-1, workers)
    return float(rounds.max(axis=1).mean() / rounds.mean())


def _draw_clock(workers: int, spread: float, preemption: float) -> Figure:
    machine = Machine(read=1.0, write=0.0, spread=spread, preemption=preemption, pause=20.0)
    run = _asynchronous(workers, machine)
    middle = float(run.end[UPDATES // 2])
    spans = plots.Spans(run.worker + 1, run.begin - middle, run.end - middle)
    inside = np.flatnonzero((spans.begin >= 1) & (spans.end <= WINDOW))
    stalest = int(inside[run.tau[inside].argmax()])
    missed = np.arange(stalest - run.tau[stalest], stalest)
    fig, (left, right) = canvas(2)
    plots.stale_update(left, spans, stalest, missed, (0.0, WINDOW))
    left.set(xlabel="time, 1 = a mean computation")
    workers_axis(left, workers)
    headline(left, f"stalest drawn: τ = {run.tau[stalest]}; {_gain(run, workers):.1f}× synchronous")
    plots.delays(right, run.tau)
    headline(right, f"in all: mean τ {run.tau.mean():.1f}, largest {run.tau.max()}")
    return fig


clock = picture_demo(
    draw=_draw_clock,
    controls={
        "workers": Doubling("workers P", 2, 16, 8),
        "spread": Slider("spread σ of the workers' speed", 0.0, 1.2, 0.1, 0.3),
        "preemption": Slider("share of updates whose worker loses its core", 0.0, 0.02, 0.002, 0.0),
    },
    title="Asynchronous SGD: nobody waits, and gradients arrive late",
    goal="get twice the updates of synchronous SGD from 16 workers. What happens to the largest delay?",
    notice="While a worker computes, each of the others writes once on average: the mean delay is P − 1, "
    "however uneven the workers are. The more uneven they are, the more is gained by not waiting, and the "
    "larger is the largest delay: that is the one that a bound on τ asks for.",
    alt=lambda workers, spread, preemption: (
        f"Left: {workers} workers over time, each update a bar from reading to writing; the stalest of them "
        "with dots where others wrote meanwhile. Right: distribution of the delay, for spread "
        f"{spread:g} and {preemption:.1%} of updates interrupted."
    ),
    presets={
        "All alike": {"spread": 0.0},
        "Break it": {"workers": 16, "spread": 1.2, "preemption": 0.02},
    },
    prepare=lambda: _asynchronous(2, Machine()),
)


# --- locks and no lock -----------------------------------------------------------------------------

EXAMPLES = 1200
WORDS = 4000
NONZEROS = Doubling("coordinates of an example", 2, 64, 8)
WRITE = Slider("share of a step that is writing", 0.1, 0.9, 0.1, 0.5)
LOCKS: dict[str, Lock] = {"none": None, "each w_j": "coordinate", "in turn": "round robin", "one": "global"}
BAND = 8  # workers of a band
SHOWN = 8.0  # mean times of one update


@cache
def _sparse(nonzeros: int) -> SparseExamples:
    rng = np.random.default_rng(0)
    return zipf_examples(EXAMPLES, WORDS, nonzeros, rng=rng, exponent=0.5, max_frequency=0.2)


def _shared(nonzeros: int, workers: int, write: float, lock: Lock) -> Simulation:
    """A step takes one unit of time on average, and a lock half of what a coordinate takes."""
    data, rng = _sparse(nonzeros), np.random.default_rng(1)
    machine = Machine(read=(1 - write) / nonzeros, write=write / nonzeros, lock=0.5 / nonzeros)
    return simulate(data.x, data.y, workers=workers, epochs=1, eta=1.0, rng=rng, lock=lock, machine=machine)


@cache
def _rates(write: float) -> dict[str, ndarray]:
    """Updates a second for each number of workers, over those of one worker without a lock."""
    seconds = {
        name: np.array([_shared(NONZEROS.start, workers, write, lock).seconds for workers in DOUBLINGS])
        for name, lock in LOCKS.items()
    }
    return {name: seconds["none"][0] / values for name, values in seconds.items()}


@cache
def _free(nonzeros: int, workers: int) -> tuple[Updates, ndarray]:
    """A run without a lock, and which of its updates read what changed."""
    run, rng = _shared(nonzeros, workers, 0.5, None), np.random.default_rng(1)
    found = updates(run.tau[0], run.end[0], workers)
    return found, overtaken(_sparse(nonzeros).x, rng.permutation(EXAMPLES), found)


def _prepare_locks() -> None:
    tasks = [(nonzeros, workers) for nonzeros in NONZEROS.values for workers in DOUBLINGS[1:]]
    for task in tqdm(tasks, desc="simulating threads", leave=False):
        _free(*task)
    for write in WRITE.values:
        _rates(write)


def _draw_locks(workers: int, nonzeros: int, write: float) -> Figure:
    free, changed = _free(nonzeros, workers)
    late = float(free.end[~free.settled].max())  # from here on all is known
    one = _shared(nonzeros, workers, write, "global").end[0]
    holder = plots.Spans(np.arange(len(one)) % workers + 1, np.append(0.0, one[:-1]), one)
    bands = {
        "one lock: its holder reads and writes": (holder, np.zeros(len(one), bool)),
        "no lock": (plots.Spans(free.worker + 1, free.begin - late, free.end - late), changed),
    }
    fig, (left, right) = canvas(2)
    plots.two_timelines(left, bands, BAND, SHOWN)
    left.set(xlabel="time, 1 = a mean update", ylabel="up to eight workers")
    headline(left, f"no lock: {changed[free.settled].mean():.0%} read what changed")
    rates = _rates(write)
    plots.rates(right, np.array(DOUBLINGS), rates, workers)
    turns = float(rates["in turn"][DOUBLINGS.index(workers)])
    headline(right, f"{workers} workers in turn: {turns:.1f}× as fast")
    return fig


locks = picture_demo(
    draw=_draw_locks,
    controls={"workers": Doubling("workers P", 2, 64, 8), "nonzeros": NONZEROS, "write": WRITE},
    title="Hogwild: take the lock away",
    goal="with 16 workers and no lock, let fewer than 10 % of the updates read what changed. Then make 8 "
    "workers that write in turn 3 times as fast as one.",
    notice="Under one lock the workers queue up and are together as fast as one. In turn they gain until "
    "somebody is always writing. A lock for each coordinate costs every step a constant share. Without a "
    "lock P workers make P times the updates, and pay in red: the more workers and coordinates, the more "
    "updates start from weights that others have changed meanwhile.",
    alt=lambda workers, nonzeros, write: (
        f"Left: the updates of up to eight of {workers} simulated workers over time, under one lock, where "
        f"they form a staircase, and without a lock, where all work at once; with {nonzeros} coordinates "
        "an example, updates that read a weight which changed meanwhile are hatched. Right: updates a "
        f"second against the number of workers for four ways to lock, when writing takes {write:.0%} of a "
        "step."
    ),
    presets={
        "Very sparse": {"nonzeros": 2},
        "Break it": {"nonzeros": 64, "workers": 64, "write": 0.9},
    },
    prepare=_prepare_locks,
)
