"""Demos of lecture 06: GreeDi on small maps, and the sieves of one pass. Every picture is a run."""

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
from lsml_core.data.datasets import load
from lsml_core.submodular.distributed import GreediSelection, greedi, greedi_on_parts
from lsml_core.submodular.functions import Exemplar
from lsml_core.submodular.greedy import greedy
from lsml_core.submodular.result import Selection
from lsml_core.submodular.streaming import GUESSES, THRESHOLDS, SieveRule, SieveStates, powers, sieve_states

# --- GreeDi ----------------------------------------------------------------------------------------

POINTS = 600
AT_RANDOM, IN_STRIPS = PARTITIONS = ("at random", "in vertical strips")
CLEARLY = 0.05


class TwoRounds(NamedTuple):
    """GreeDi on points in the plane; values are relative to that of greedy on all points.

    points: (n, 2).   parts: the points of each machine.   local: what each machine chose of them.
    answer: GreeDi's choice.   central: the choice of greedy on all points.
    local_values: of each machine's choice.   merged_value: of the second round's.
    answer_value: of GreeDi's.
    """

    points: Float[ndarray, "n 2"]
    parts: tuple[Int[ndarray, " part"], ...]
    local: tuple[tuple[int, ...], ...]
    answer: tuple[int, ...]
    central: tuple[int, ...]
    local_values: Float[ndarray, " machines"]
    merged_value: float
    answer_value: float

    @property
    def best_machine(self) -> float:
        return float(self.local_values.max())


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
    return TwoRounds(
        points(),
        run.parts,
        run.local,
        run.chosen,
        central.chosen,
        np.array(run.local_values) / central.value,
        run.merged.value / central.value,
        run.value / central.value,
    )


def draw_two_rounds(record: TwoRounds, machines: int, partition: str, k: int) -> Figure:
    del machines, partition, k
    fig, (left, right) = canvas(2)
    plots.machine_maps(left, record.points, record.parts, record.local, record.local_values)
    candidates = sorted({e for own in record.local for e in own})
    plots.merged_map(right, record.points, candidates, record.answer, record.central)
    one, both = told_apart(100 * record.best_machine, 100 * record.merged_value, ".0f")
    headline(left, f"The best machine alone reaches {one} %")
    merged_wins = record.merged_value >= record.best_machine
    headline(right, f"The merged set reaches {'' if merged_wins else 'only '}{both} %")
    return fig


two_rounds = Demo(
    compute=compute_two_rounds,
    draw=draw_two_rounds,
    controls={
        "machines": Doubling("machines m", 2, 16, 4),
        "partition": Choice("points are divided", PARTITIONS, IN_STRIPS),
        "k": Doubling("budget k", 4, 16, 8),
    },
    title="GreeDi: greedy on every machine, then greedy on what the machines chose",
    goal="find a setting in which the merged set is worse than the best machine's own set by more than "
    f"{100 * CLEARLY:.0f} percentage points.",
    reached=lambda record, **_: record.best_machine - record.merged_value > CLEARLY,
    notice="A machine that holds a strip chooses well for its strip only, and the second round combines the "
    "strips. If the parts are random, the best machine is about as good as greedy on all points. The "
    "merged set can be worse than a machine's own set, so the better one is returned.",
    alt=lambda record, machines, partition, k: (
        f"The merged set reaches {100 * record.merged_value:.0f} % of greedy on all points, the best of "
        f"{machines} machines alone {100 * record.best_machine:.0f} %. Left: a small map for each machine "
        f"with its part of {POINTS} points, divided {partition}, the {k} points that it chose, and their "
        "value. Right: all points, the machines' choices, GreeDi's answer and the choice of greedy on all."
    ),
    presets={
        "At random": {"machines": 4, "partition": AT_RANDOM},
        "Merged is worse": {"machines": 16, "partition": AT_RANDOM, "k": 4},
        "Break it": {"machines": 16, "partition": IN_STRIPS, "k": 16},
    },
    live=("machines", "partition", "k"),
)


# --- sieves ----------------------------------------------------------------------------------------

IMAGES, BUDGET = 200, 8
EPSILON = Numbers("ε", (0.25, 0.35, 0.5, 0.7, 1.0), 0.35)
AS_GIVEN, SMALLEST_FIRST, LARGEST_FIRST = ORDERS = (
    "as they come",
    "smallest gain first",
    "largest gain first",
)
PLAIN, PLUS_PLUS = "Sieve-Streaming", "Sieve-Streaming++"
RULES = {PLAIN: GUESSES, PLUS_PLUS: THRESHOLDS}
GOAL, GOAL_IMAGES = 0.8, 16


class Sieves(NamedTuple):
    """The sieves after some images; values over that of greedy on the whole stream.

    held: images in memory.   best: the value of the set that would be returned now.
    greedy_so_far: what greedy reaches on the images that have passed.   bound: (½ − ε) of that.
    pictures: all images.   arriving: the one that passed last.
    """

    rows: plots.SieveRows
    held: int
    best: float
    greedy_so_far: float
    bound: float
    pictures: Float[ndarray, "images side side"]
    arriving: int

    @property
    def holds(self) -> bool:
        return self.best >= self.bound - 1e-12


@cache
def pictures() -> Float[ndarray, "images side side"]:
    return load("fashion", side=14).x[:IMAGES].reshape(IMAGES, 14, 14).astype(float)


@cache
def garments() -> Exemplar:
    x = pictures().reshape(IMAGES, -1)
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
def all_states(order: str, epsilon: float, algorithm: str) -> list[SieveStates]:
    """The sieves after 0, 1, … images."""
    return [*sieve_states(garments(), stream(order), BUDGET, epsilon, RULES[algorithm], block=1)]


def compute_sieves(seen: int, algorithm: str, epsilon: float, order: str) -> Sieves:
    so_far, arriving = greedy_on_prefixes(order), int(stream(order)[seen - 1])
    unit, known = float(so_far[-1]), float(so_far[seen - 1] / so_far[-1])
    now, rule = all_states(order, epsilon, algorithm)[seen], RULES[algorithm]
    rows = _rows(now, rule, arriving, unit)
    returned = float(rows.value.max(initial=0)) if rule is GUESSES else now.best.value / unit
    beside = rule is THRESHOLDS and now.best.chosen not in rows.chosen  # the best sieve was dropped
    held = sum(map(len, rows.chosen)) + beside * len(now.best.chosen)
    return Sieves(rows, held, returned, known, (0.5 - epsilon) * known, pictures(), arriving)


def _rows(now: SieveStates, rule: SieveRule, arriving: int, unit: float) -> plots.SieveRows:
    """Levels are shown as guesses of OPT: a fixed threshold τ stands for v = 2kτ."""
    scale, sieves = 1.0 if rule is GUESSES else 2.0 * BUDGET, now.sieves.values()
    full = np.array([len(s.chosen) == BUDGET for s in sieves], dtype=bool)
    needed = [
        0.0 if f else rule.threshold(v, s, BUDGET) for f, (v, s) in zip(full, now.sieves.items(), strict=True)
    ]
    return plots.SieveRows(
        np.array([*now.sieves], dtype=float) * scale / unit,
        np.array(needed, dtype=float) / unit,
        np.array([s.value for s in sieves], dtype=float) / unit,
        tuple(s.chosen for s in sieves),
        full,
        np.array([s.chosen[-1:] == (arriving,) for s in sieves], dtype=bool),
    )


def draw_sieves(record: Sieves, seen: int, algorithm: str, epsilon: float, order: str) -> Figure:
    del algorithm, order
    fig, (left, right) = canvas(2, widths=(3.0, 2.0))
    rows = len(powers(1 + epsilon, 1.0, 2.0 * BUDGET)) + 1
    plots.sieve_sets(left, record.rows, record.pictures, record.arriving, BUDGET, rows)
    kept, guesses = np.count_nonzero(record.rows.kept), len(record.rows.level)
    headline(left, f"{kept} of {guesses} guesses keep image {seen}")
    line_at = (record.greedy_so_far, record.bound, record.holds)
    plots.sieve_values(right, record.rows, record.best, *line_at, rows)
    best = told_apart(100 * record.best, 100 * record.bound, ".0f")[0]
    headline(right, f"The best has {best} % of greedy")
    return fig


def prepare_sieves() -> None:
    for order, epsilon, algorithm in tqdm(
        [*product(ORDERS, EPSILON.values, RULES)], desc="sieving", leave=False
    ):
        all_states(order, epsilon, algorithm)


sieves = Demo(
    compute=compute_sieves,
    draw=draw_sieves,
    controls={
        "seen": Slider("images that have passed", 1, IMAGES, 1, 7),
        "algorithm": Choice("algorithm", tuple(RULES), PLAIN),
        "epsilon": EPSILON,
        "order": Choice("order of the stream", ORDERS, AS_GIVEN),
    },
    title="Sieve-Streaming: an image is kept for every guess whose threshold its gain reaches",
    goal=f"let all {IMAGES} images pass as they come, and end with {100 * GOAL:.0f} % of greedy's value and "
    f"at most {GOAL_IMAGES} images in memory.",
    reached=lambda record, seen, order, **_: (
        seen == IMAGES and order == AS_GIVEN and record.best >= GOAL and record.held <= GOAL_IMAGES
    ),
    notice="Low guesses fill up with the first images and never change again. High guesses keep few "
    "images. A guess in between is good, and nobody has to know which one. As m grows, guesses are added at "
    "the top and dropped at the bottom; Sieve-Streaming++ also drops those that its best set shows to be too "
    "low.",
    alt=lambda record, seen, algorithm, epsilon, order: (
        f"After {seen} of {IMAGES} images the best set of {algorithm} reaches {100 * record.best:.0f} % of "
        f"greedy on the whole stream. {len(record.rows.level)} guesses hold {record.held} images; "
        f"epsilon {epsilon:g}, order {order}. Left: a row for each guess with its images, and the arriving "
        "image. Right: a bar for each guess, as long as the value of its set."
    ),
    presets={
        "The end": {"seen": IMAGES},
        "Break it": {"seen": IMAGES, "epsilon": 1.0, "order": SMALLEST_FIRST},
    },
    prepare=prepare_sieves,
    live=("seen", "algorithm", "epsilon"),
    positions={"seen": (1, 7, 14, 28, 60, 120, 200), "epsilon": (0.25, 0.35, 0.7, 1.0)},
)
