"""Demos of lecture 06: GreeDi on a map, and the sieves of one pass. Every picture is a run."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import distributed as plots
from courseware.plots.axes import headline, told_apart
from courseware.plots.canvas import canvas
from courseware.plots.style import GREEN, RED
from lsml_core.data.datasets import load
from lsml_core.submodular.distributed import GreediSelection, greedi, greedi_on_parts
from lsml_core.submodular.functions import Exemplar
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.result import Selection
from lsml_core.submodular.streaming import GUESSES, THRESHOLDS, SieveRule, SieveStates, sieve_states

# --- GreeDi ----------------------------------------------------------------------------------------

POINTS = 600
AT_RANDOM, IN_STRIPS = PARTITIONS = ("at random", "in vertical strips")


class TwoRounds(NamedTuple):
    """Points and the machine of each, what was chosen, and values over that of greedy on all points."""

    points: Float[ndarray, "n 2"]
    owner: Int[ndarray, " n"]
    local: tuple[tuple[int, ...], ...]
    answer: tuple[int, ...]
    central: tuple[int, ...]
    local_values: Float[ndarray, " machines"]
    merged_value: float
    answer_value: float


@cache
def points() -> Float[ndarray, "n 2"]:
    return np.random.default_rng(0).uniform(size=(POINTS, 2))


@cache
def spread_out() -> Exemplar:
    return Exemplar(points(), phantom=points().mean(axis=0))


@cache
def greedy_on_all(k: int) -> Selection:
    return greedy(spread_out(), k)


@cache
def run_greedi(machines: int, partition: str, k: int) -> GreediSelection:
    if partition == AT_RANDOM:
        return greedi(spread_out(), k, machines, rng=np.random.default_rng(0))
    return greedi_on_parts(spread_out(), k, np.array_split(np.argsort(points()[:, 0]), machines))


def compute_two_rounds(machines: int, partition: str, k: int) -> TwoRounds:
    run, central = run_greedi(machines, partition, k), greedy_on_all(k)
    owner = np.empty(POINTS, dtype=int)
    for p, part in enumerate(run.parts):
        owner[part] = p
    return TwoRounds(
        points(),
        owner,
        run.local,
        run.chosen,
        central.chosen,
        np.array(run.local_values) / central.value,
        run.merged.value / central.value,
        run.value / central.value,
    )


def draw_two_rounds(record: TwoRounds, machines: int, partition: str, k: int) -> Figure:
    del k
    fig, (left, right) = canvas(2)
    plots.machines_map(left, record.points, record.owner, record.local, record.answer, record.central)
    headline(left, f"{machines} machines, points dealt {partition}")
    plots.machine_bars(right, record.local_values, record.merged_value)
    answer, best = (f"{100 * value:.0f} %" for value in (record.answer_value, record.local_values.max()))
    headline(right, f"Answer {answer}, best machine {best}")
    return fig


two_rounds = Demo(
    compute=compute_two_rounds,
    draw=draw_two_rounds,
    controls={
        "machines": Doubling("machines m", 2, 16, 8),
        "partition": Choice("points are dealt", PARTITIONS, AT_RANDOM),
        "k": Doubling("budget k", 4, 16, 8),
    },
    title="GreeDi: greedy on every machine, then greedy on what they chose",
    goal="find a partition where no machine alone reaches 60 % of greedy: what does the answer reach there? "
    "Then find one where the merged set is worse than a machine's own.",
    reached=lambda record, **_: bool(record.local_values.max() < 0.6),
    notice="A machine with a random part finds nearly what greedy finds on all points; one with a strip does "
    "not, but the second round picks well from all strips together. The merged set can be worse than a "
    "machine's own, so the better one is returned.",
    alt=lambda record, machines, partition, k: (
        f"Left: {POINTS} points dealt to {machines} machines {partition}, the {k} that each chose, the "
        "answer and what greedy on all points chooses. Right: values over greedy's on all points: the best "
        f"machine {record.local_values.max():.3f}, the merged set {record.merged_value:.3f}, the answer "
        f"{record.answer_value:.3f}."
    ),
    presets={
        "Merged is worse": {"machines": 16, "k": 4},
        "Break it": {"machines": 16, "partition": IN_STRIPS, "k": 16},
    },
)


# --- sieves ----------------------------------------------------------------------------------------

IMAGES, BUDGET = 200, 8
EPSILON = Numbers("ε", (0.1, 0.178, 0.316, 0.562, 1.0), 0.316)
AS_GIVEN, SMALLEST_FIRST, LARGEST_FIRST = ORDERS = (
    "as they come",
    "smallest gain first",
    "largest gain first",
)
RULES = {"Sieve-Streaming": GUESSES, "Sieve-Streaming++": THRESHOLDS}
GOAL, GOAL_IMAGES = 0.8, 16


class SievesNow(NamedTuple):
    """One algorithm's sieves; values over greedy's on the whole stream.   images: held by all sieves."""

    bars: plots.SieveBars
    images: int
    best: float


class Sieves(NamedTuple):
    """Both algorithms after some images, what greedy reaches on these, and the bound (½ − ε) of that."""

    runs: dict[str, SievesNow]
    greedy_so_far: float
    bound: float


@cache
def garments() -> Exemplar:
    x = load("fashion", side=14).x[:IMAGES].reshape(IMAGES, -1).astype(float)
    return Exemplar(x, phantom=x.mean(axis=0))


@cache
def stream(order: str) -> Int[ndarray, " images"]:
    f = garments()
    rank = np.argsort(f.gains(f.empty(), np.arange(IMAGES)), kind="stable")
    return {AS_GIVEN: np.arange(IMAGES), SMALLEST_FIRST: rank, LARGEST_FIRST: rank[::-1]}[order]


@cache
def greedy_on_prefixes(order: str) -> Float[ndarray, " images"]:
    """What greedy reaches on the first 1, 2, … images."""
    f, images = garments(), stream(order)
    return np.array([greedy(f.restrict(images[:i]), min(i, BUDGET)).value for i in range(1, IMAGES + 1)])


@cache
def all_states(order: str, epsilon: float) -> dict[str, list[SieveStates]]:
    """Algorithm -> its sieves after 0, 1, … images."""
    f, images = garments(), stream(order)
    return {name: [*sieve_states(f, images, BUDGET, epsilon, rule, block=1)] for name, rule in RULES.items()}


def compute_sieves(seen: int, epsilon: float, order: str) -> Sieves:
    so_far = greedy_on_prefixes(order)
    unit, last = float(so_far[-1]), int(stream(order)[seen - 1])
    states = all_states(order, epsilon)
    runs = {
        name: _sieves_now(states[name][seen - 1], states[name][seen], rule, last, unit)
        for name, rule in RULES.items()
    }
    known = float(so_far[seen - 1]) / unit
    return Sieves(runs, known, (0.5 - epsilon) * known)


def _sieves_now(before: SieveStates, now: SieveStates, rule: SieveRule, last: int, unit: float) -> SievesNow:
    """Levels are drawn as guesses of OPT: a threshold τ stands for v = 2kτ."""
    scale = (1.0 if rule is GUESSES else 2.0 * BUDGET) / unit
    sieves = now.sieves.values()
    low, high = rule.span(now.m, before.best.value, BUDGET)
    bars = plots.SieveBars(
        np.array([*now.sieves]) * scale,
        np.array([s.value for s in sieves]) / unit,
        np.array([len(s.chosen) == BUDGET for s in sieves], dtype=bool),
        np.array([s.chosen[-1:] == (last,) for s in sieves], dtype=bool),
        low * scale,
        high * scale,
    )
    return SievesNow(bars, sum(len(s.chosen) for s in sieves), float(bars.value.max(initial=0)))


def draw_sieves(record: Sieves, seen: int, epsilon: float, order: str) -> Figure:
    del seen, order
    fig, axes = canvas(2)
    for ax, (name, run) in zip(axes, record.runs.items(), strict=True):
        plots.sieve_bars(ax, run.bars, epsilon, record.greedy_so_far, record.bound, (0.006, 6))
        ax.set_ylabel("guess v of OPT" if RULES[name] is GUESSES else "threshold τ, times 2k")
        holds = run.best >= record.bound - 1e-12
        best = told_apart(run.best, record.bound, ".2f")[0]
        text = f"{len(run.bars.value)} sieves, {run.images} images: best {best}"
        headline(ax, text if holds else f"{text}, bound broken", color=GREEN if holds else RED)
    return fig


def prepare_sieves() -> None:
    for task in tqdm([*product(ORDERS, EPSILON.values)], desc="sieving", leave=False):
        all_states(*task)


sieves = Demo(
    compute=compute_sieves,
    draw=draw_sieves,
    controls={
        "seen": Slider("images that have passed", 1, IMAGES, 1, 60),
        "epsilon": EPSILON,
        "order": Choice("order of the stream", ORDERS, AS_GIVEN),
    },
    title="The sieves of Sieve-Streaming (left), and of Sieve-Streaming++ (right)",
    goal=f"as the images come, reach {GOAL} of greedy with {GOAL_IMAGES} images in memory: which algorithm, "
    "which ε?",
    reached=lambda record, order, **_: (
        order == AS_GIVEN
        and any(run.best >= GOAL and run.images <= GOAL_IMAGES for run in record.runs.values())
    ),
    notice="Each bar is a guess of OPT with a set of its own: low guesses fill up with whatever comes first, "
    "high ones wait too long, and one in between is right without anybody knowing which. As m grows, sieves "
    "are added at the top and dropped at the bottom; ++ also drops those below what its best set implies.",
    alt=lambda record, seen, epsilon, order: (
        f"Sieves after {seen} of {IMAGES} images, epsilon {epsilon:g}, {order}: one bar for each, as long as "
        "the value of its set, at the height of its guess. "
        + " ".join(
            f"{name}: {len(run.bars.value)} sieves hold {run.images} images, the best reaches {run.best:.2f}."
            for name, run in record.runs.items()
        )
    ),
    presets={
        "The end": {"seen": IMAGES},
        "Break it": {"seen": IMAGES, "epsilon": 1.0, "order": SMALLEST_FIRST},
    },
    prepare=prepare_sieves,
)
