"""Demos of lecture 06: GreeDi on a map, and the ladders of two sieves. Every picture is a run."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import distributed as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data.datasets import load
from lsml_core.submodular.distributed import TwoRounds, greedi, greedi_on_parts
from lsml_core.submodular.functions import Exemplar
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.result import Selection
from lsml_core.submodular.streaming import GUESSES, THRESHOLDS, Ladder, Rule, ladders

# --- GreeDi ----------------------------------------------------------------------------------------

POINTS = 600
PARTITIONS = ("at random", "by the first feature")


@cache
def _points() -> ndarray:
    return np.random.default_rng(0).uniform(size=(POINTS, 2))


@cache
def _shops() -> Exemplar:
    return Exemplar(_points(), phantom=_points().mean(axis=0))


@cache
def _central(k: int) -> Selection:
    return greedy(_shops(), k)


@cache
def _two_rounds(machines: int, partition: str, k: int) -> TwoRounds:
    if partition == PARTITIONS[0]:
        return greedi(_shops(), k, machines, rng=np.random.default_rng(0))
    return greedi_on_parts(_shops(), k, np.array_split(np.argsort(_points()[:, 0]), machines))


def _draw_machines(machines: int, partition: str, k: int) -> Figure:
    run, central = _two_rounds(machines, partition, k), _central(k)
    owner = np.empty(POINTS, dtype=int)
    for p, part in enumerate(run.parts):
        owner[part] = p
    local = np.array(run.local_values) / central.value
    answer, merged = run.value / central.value, run.merged.value / central.value
    fig, (left, right) = canvas(2)
    plots.machines_map(left, _points(), owner, run.local, run.chosen, central.chosen)
    headline(left, f"{machines} machines, {partition}")
    plots.machine_bars(right, local, merged)
    share = told_apart(answer, 0.99, ".3f")[0]
    badge(right, answer >= 0.99, f"answer {share}, best machine {local.max():.3f}")
    return fig


machines = picture_demo(
    draw=_draw_machines,
    controls={
        "machines": Doubling("machines m", 2, 16, 8),
        "partition": Choice("points are dealt", PARTITIONS, PARTITIONS[0]),
        "k": Doubling("budget k", 4, 16, 8),
    },
    title="GreeDi: greedy on every machine, then greedy on what they found",
    goal="find a partition where no machine alone reaches 0.6: what is the merged answer worth there? "
    "Then find one where the merged set is worse than a machine's own.",
    notice="A machine that holds a random part finds nearly what greedy finds on all points. One that holds "
    "a strip knows nothing of the rest; but all strips together do, and the second round picks from them. "
    "The merged set can lose to a single machine's, so the better one is returned.",
    alt=lambda machines, partition, k: (
        f"Left: {POINTS} points dealt to {machines} machines {partition}, the {k} that each chose, the "
        "answer and what greedy on all points chooses. Right: the value of each machine's set and of the "
        "merged one."
    ),
    presets={
        "Merged is worse": {"machines": 16, "k": 4},
        "Break it": {"machines": 16, "partition": PARTITIONS[1], "k": 16},
    },
)


# --- the threshold ladder --------------------------------------------------------------------------

IMAGES, BUDGET = 200, 8
EPSILON = LogSlider("ε", 0.1, 1, 4, 0.316)
ORDERS = ("as they come", "smallest gain first", "largest gain first")
RULES = {"Sieve-Streaming": GUESSES, "Sieve-Streaming++": THRESHOLDS}


class Stream(NamedTuple):
    """The runs, and what greedy on the first 1, 2, … elements reaches."""

    order: ndarray
    ladders: dict[str, list[Ladder]]
    greedy: ndarray


@cache
def _garments() -> Exemplar:
    x = load("fashion", side=14).x[:IMAGES].reshape(IMAGES, -1).astype(float)
    return Exemplar(x, phantom=x.mean(axis=0))


@cache
def _order(name: str) -> ndarray:
    f = _garments()
    rank = np.argsort(f.gains(f.empty(), np.arange(IMAGES)), kind="stable")
    return {ORDERS[0]: np.arange(IMAGES), ORDERS[1]: rank, ORDERS[2]: rank[::-1]}[name]


@cache
def _greedy_on_what_was_seen(name: str) -> ndarray:
    f, order = _garments(), _order(name)
    return np.array([greedy(f.restrict(order[:i]), min(i, BUDGET)).value for i in range(1, IMAGES + 1)])


@cache
def _stream(name: str, epsilon: float) -> Stream:
    f, order = _garments(), _order(name)
    runs = {rule: [*ladders(f, order, BUDGET, epsilon, how, block=1)] for rule, how in RULES.items()}
    return Stream(order, runs, _greedy_on_what_was_seen(name))


def _prepare_sieves() -> None:
    tasks = [*product(ORDERS, EPSILON.values)]
    for task in tqdm(tasks, desc="sieving", leave=False):
        _stream(*task)


def _rungs(before: Ladder, run: Ladder, rule: Rule, last: int, unit: float) -> plots.Rungs:
    """Rungs as guesses of OPT: a threshold τ stands for v = 2kτ."""
    times = 1.0 if rule is GUESSES else 2.0 * BUDGET
    sieves = run.sieves.values()
    low, high = rule.span(run.m, before.best.value, BUDGET)
    return plots.Rungs(
        np.array([*run.sieves]) * times / unit,
        np.array([s.value for s in sieves]) / unit,
        np.array([len(s.chosen) == BUDGET for s in sieves], dtype=bool),
        np.array([s.chosen[-1:] == (last,) for s in sieves], dtype=bool),
        low * times / unit,
        high * times / unit,
    )


def _draw_sieves(seen: int, epsilon: float, order: str) -> Figure:
    stream = _stream(order, epsilon)
    unit, last = float(stream.greedy[-1]), int(stream.order[seen - 1])
    fig, axes = canvas(2)
    for ax, (name, rule) in zip(axes, RULES.items(), strict=True):
        before, run = stream.ladders[name][seen - 1 : seen + 1]
        known = float(stream.greedy[seen - 1]) / unit
        floor = (0.5 - epsilon) * known
        plots.ladder(ax, _rungs(before, run, rule, last, unit), epsilon, known, floor, (0.006, 6))
        held = sum(len(sieve.chosen) for sieve in run.sieves.values())
        value = max(s.value for s in run.sieves.values()) / unit
        ax.set_ylabel("guess v of OPT" if rule is GUESSES else "threshold τ, times 2k")
        best = told_apart(value, floor, ".2f")[0]
        badge(ax, value >= floor - 1e-12, f"{len(run.sieves)} sieves, {held} images: best {best}")
    return fig


sieves = picture_demo(
    draw=_draw_sieves,
    controls={
        "seen": Slider("images that have passed", 1, IMAGES, 1, 60),
        "epsilon": EPSILON,
        "order": Choice("order of the stream", ORDERS, ORDERS[0]),
    },
    title="The ladder of Sieve-Streaming (left), and of Sieve-Streaming++ (right)",
    goal="as the images come, reach 0.8 of greedy with 16 images in memory: which ladder, which ε?",
    notice="Each rung is a guess of OPT with a set of its own. Low guesses take whatever comes first and are "
    "soon full; high ones wait too long; one in between is right, and nobody has to know which. As m grows, "
    "rungs are added at the top and dropped at the bottom. ++ also drops those below what its best set "
    "makes possible.",
    alt=lambda seen, epsilon, order: (
        f"Two ladders after {seen} of {IMAGES} images, epsilon {epsilon:g}, {order}: a bar for each sieve, "
        "as long as the value of its set, at the height of its guess. Left Sieve-Streaming, right ++."
    ),
    presets={
        "The end": {"seen": IMAGES},
        "Break it": {"seen": IMAGES, "epsilon": 1.0, "order": ORDERS[1]},
    },
    prepare=_prepare_sieves,
)
