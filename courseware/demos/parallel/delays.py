"""Demos of lecture 03: how late an update may be, by theorem and by experiment."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.demos.parallel.asynchronous import DOUBLINGS
from courseware.plots import asynchronous as plots
from courseware.plots.axes import headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data.sparse import zipf_examples
from lsml_core.data.text import bag_of_words
from lsml_core.parallel.conflicts import Conflicts, conflicts
from lsml_core.parallel.linear import CSR, Loss, largest_curvature
from lsml_core.parallel.staleness import Machine, longest_stable_delay, simulate

# --- who can conflict, and how late is too late ----------------------------------------------------

DELAYS = np.array([0, 1, 2, 4, 8, 16, 32, 64])
EXAMPLES = 1000
DRAWN = 40  # examples of the graph
TOLERATED = 1.5  # times the loss without delay


class Problem(NamedTuple):
    """Least squares that planted weights solve: examples, targets, conflicts, and largest curvature."""

    x: CSR
    y: Num[ndarray, " n"]
    conflicts: Conflicts
    L: float


class DelayLimits(NamedTuple):
    """The conflict graph, what it promises, what descent allows, and what delays did to the loss."""

    conflicts: Conflicts
    shares: Bool[ndarray, "drawn drawn"]  # which of the drawn examples share a coordinate
    loss: Float[ndarray, " delays"]  # after five epochs, over the loss without delay
    longest_stable: int  # by the exact limit of delayed gradient descent

    @property
    def harmless(self) -> Bool[ndarray, " delays"]:
        """Whether the loss stays below `TOLERATED` times that without delay."""
        return self.loss <= TOLERATED

    @property
    def bound_holds(self) -> bool:
        """Whether every delay up to the promised one is harmless."""
        return bool(self.harmless[self.conflicts.delay_bound >= DELAYS].all())

    @property
    def longest_harmless(self) -> int:
        """The longest delay up to which all are harmless."""
        return int(DELAYS[-1] if self.harmless.all() else DELAYS[self.harmless.argmin() - 1])


@cache
def _problem(nonzeros: int) -> Problem:
    rng = np.random.default_rng(0)
    data = zipf_examples(EXAMPLES, EXAMPLES, nonzeros, rng=rng, exponent=0.5, max_frequency=0.5)
    y = np.asarray(data.x @ data.planted).ravel()
    return Problem(data.x, y, conflicts(data.x), largest_curvature(data.x))


@cache
def _losses(nonzeros: int, eta: float) -> Float[ndarray, " delays"]:
    """Loss after five epochs for each of `DELAYS`, over the loss without delay; in turn, so τ is exact."""
    x, y, _, _ = _problem(nonzeros)
    ends = []
    for workers in DELAYS + 1:
        options = {"workers": int(workers), "lock": "round robin", "loss": Loss.SQUARED}
        ends.append(simulate(x, y, epochs=5, eta=eta, rng=np.random.default_rng(0), **options).loss[-1])
    return np.nan_to_num(np.array(ends) / ends[0], nan=np.inf)


def _prepare_losses() -> None:
    nonzeros, eta = (control.values for control in conflict_graph.controls.values())
    for task in tqdm([*product(nonzeros, eta)], desc="simulating delays", leave=False):
        _losses(*task)


def compute_limits(nonzeros: int, eta: float) -> DelayLimits:
    problem = _problem(nonzeros)
    drawn = problem.x[:DRAWN]
    shares = (drawn @ drawn.T).toarray() > 0
    stable = longest_stable_delay(eta * problem.L)
    return DelayLimits(problem.conflicts, shares, _losses(nonzeros, eta), stable)


def draw_limits(record: DelayLimits, **_: Value) -> Figure:
    graph = record.conflicts
    fig, (left, right) = canvas(2)
    note = f"Ω = {graph.omega}   Δ = {graph.delta:.3f}   ρ = {graph.rho:.3f}"
    plots.conflict_graph(left, record.shares, note, EXAMPLES)
    headline(left, f"An example conflicts with {graph.mean_degree:.0f} others")
    plots.delay_limits(right, DELAYS, record.loss, graph.delay_bound, record.longest_stable)
    verdict = "no harm up to" if record.bound_holds else "harm above"
    headline(right, f"The bound is {graph.delay_bound:.1f}: {verdict} {record.longest_harmless}")
    return fig


def alt_limits(record: DelayLimits, nonzeros: int, eta: float) -> str:
    graph, verdict = record.conflicts, "holds" if record.bound_holds else "is broken"
    return (
        f"The bound on the delay, τ ≤ {graph.delay_bound:.1f}, {verdict} for {nonzeros} coordinates per "
        f"example and step size {eta:g}: the runs show no harm up to a delay of {record.longest_harmless}, "
        f"and the exact limit of delayed gradient descent is {record.longest_stable}. An example conflicts "
        f"with {graph.mean_degree:.0f} of {EXAMPLES} on average. Left: the conflict graph of {DRAWN} "
        "examples. Right: loss after five epochs against the delay, over the loss without delay."
    )


def promise_below_one(record: DelayLimits, **_: Value) -> bool:
    """The bound allows no delay at all, and a delay of 32 does no harm.

    record: the bound on the delay, and the longest delay that did no harm.
    """
    return record.conflicts.delay_bound < 1 and record.longest_harmless >= 32


conflict_graph = Demo(
    compute=compute_limits,
    draw=draw_limits,
    controls={
        "nonzeros": Doubling("coordinates per example", 2, 128, 8),
        "eta": Slider("step size η", 0.1, 1.5, 0.2, 0.9),
    },
    title="The conflict graph, its bound on the delay, and the exact limit",
    goal="find a setting in which the bound is below τ = 1 and a delay of 32 does no harm.",
    reached=promise_below_one,
    notice="The bound τ ≤ n/(2Δₐᵥ) depends on the conflicts only. For η below 1 it holds, and in most "
    "settings longer delays do no harm: it is sufficient, not necessary. The exact limit of delayed descent, "
    "where ηL = 2 sin(π/(2(2τ + 1))), depends on η. In no run does a delay beyond it leave the loss low.",
    alt=alt_limits,
    presets={
        "All conflict": {"nonzeros": 128, "eta": 0.9},
        "Break it": {"nonzeros": 2, "eta": 1.5},
    },
    prepare=_prepare_losses,
)


# --- sixty-four workers on real text ---------------------------------------------------------------

EPOCHS = 2
SEEDS = 3
TEXTS = {"all words": 1.0, "words in at most 5 %": 0.05}
ETAS = LogSlider("step size η", 0.1, 32, 2, 10.0)
CLOSE = 1.1  # times the loss of one worker


class TextRun(NamedTuple):
    """After 0, 1, … epochs: the loss of each seed, and the time in epochs of one worker."""

    loss: Float[ndarray, "seeds epochs+1"]
    time: Float[ndarray, " epochs+1"]


class ManyWorkers(NamedTuple):
    """The runs of one worker and of P, and the final losses of all numbers of workers on both texts."""

    one: TextRun
    many: TextRun
    ends: dict[str, Float[ndarray, "doublings seeds"]]

    @property
    def ratio(self) -> float:
        """Final loss of P workers over that of one, means over the seeds."""
        return float(self.many.loss[:, -1].mean() / self.one.loss[:, -1].mean())


@cache
def _text_runs() -> dict[tuple[str, float, int], TextRun]:
    """(words, η, workers) -> the runs on the State of the Union."""
    runs, machine = {}, Machine(spread=0.3)
    for words, most in TEXTS.items():
        x, y = bag_of_words(max_document_frequency=most)[:2]
        epoch = len(x.data) * (machine.read + machine.write)
        for eta, P in tqdm([*product(ETAS.values, DOUBLINGS.tolist())], desc=words, leave=False):
            streams = (np.random.default_rng(seed) for seed in range(SEEDS))
            options = {"workers": P, "epochs": EPOCHS, "machine": machine}
            made = [simulate(x, y, eta=eta, rng=rng, **options) for rng in streams]
            losses = np.stack([run.loss for run in made])
            runs[words, eta, P] = TextRun(losses, np.append(0.0, made[0].end[:, -1]) / epoch)
    return runs


def compute_workers(workers: int, words: str, eta: float) -> ManyWorkers:
    runs = _text_runs()
    ends = {name: np.stack([runs[name, eta, P].loss[:, -1] for P in DOUBLINGS.tolist()]) for name in TEXTS}
    return ManyWorkers(runs[words, eta, 1], runs[words, eta, workers], ends)


def draw_workers(record: ManyWorkers, workers: int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    runs = {"one worker": record.one, "P workers": record.many}
    after = {name: (run.time[1:], run.loss[:, 1:]) for name, run in runs.items()}
    plots.losses_over_time(left, after)
    left.set(xlim=(0.01, 3), ylim=(3e-3, 30))
    ratio = told_apart(record.ratio, CLOSE, ".3g")[0]
    headline(left, f"{workers} workers: {ratio} times the loss of one")
    plots.losses_by_workers(right, DOUBLINGS, record.ends, EPOCHS)
    right.set(ylim=(3e-3, 30))
    harmed = [name for name, loss in record.ends.items() if loss[-1].mean() > CLOSE * loss[0].mean()]
    where = ("on no text", f"on {harmed[0]}" if harmed else "", "on both texts")[len(harmed)]
    headline(right, f"64 workers raise the loss {where}")
    return fig


def alt_workers(record: ManyWorkers, workers: int, words: str, eta: float) -> str:
    ends = "; ".join(
        f"{n}: {e[0].mean():.3g} for one worker, {e[-1].mean():.3g} for 64" for n, e in record.ends.items()
    )
    return (
        f"{workers} simulated workers end at {record.ratio:.3g} times the loss of one, with {words}, step "
        f"size {eta:g}, mean of {SEEDS} seeds. Loss after {EPOCHS} epochs: {ends}. Left: training loss "
        f"over time for one and for {workers} workers. Right: loss after {EPOCHS} epochs against the "
        "number of workers."
    )


many_workers = Demo(
    compute=compute_workers,
    draw=draw_workers,
    controls={
        "workers": Doubling("workers P", 2, 64, 64),
        "words": Choice("text", tuple(TEXTS), "all words"),
        "eta": ETAS,
    },
    title="Up to 64 workers on the State of the Union, simulated",
    goal="with all words, bring the loss of 64 workers within 10 % of the loss of one.",
    reached=lambda record, workers, words, **_: (
        workers == 64 and words == "all words" and record.ratio <= CLOSE
    ),
    notice="Rare words: 64 workers reach the loss of one in about a 64th of the time. All words: the same "
    "for small η; for larger η the loss rises with the number of workers, because texts that share many "
    "words make L large. The simulator gives every worker its own core and ideal memory, unlike real "
    "machines.",
    alt=alt_workers,
    presets={"Rare words": {"words": "words in at most 5 %"}, "Break it": {"eta": 31.6}},
    prepare=_text_runs,
    live=("workers", "words", "eta"),
    positions={"eta": (0.1, 0.316, 1.0, 10.0, 31.6)},
)
