"""Demos of lecture 05: diminishing returns, and what greedy promises. Gains are `lsml_core.submodular`'s."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import submodular as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Real
from courseware.plots.style import BLUE, RED
from lsml_core.submodular.functions import ByValue, Coverage, SetFunction
from lsml_core.submodular.greedy import brute_force, greedy, random_subset, top_k

# --- diminishing returns ---------------------------------------------------------------------------

LAWN, CELL, RADIUS = (0, 12, 0, 10), 0.1, 1.8  # metres
X, Y = (CELL * (np.arange(length / CELL) + 0.5) for length in LAWN[1::2])
IN_A = ((2.6, 6.8), (4.4, 5.0), (2.6, 3.2))
BESIDE = ((6.6, 7.0), (8.8, 4.2), (6.2, 2.4), (9.4, 7.6))  # what B has beside A


class Measure(NamedTuple):
    """F(S) = the area that at least `level` discs of S cover, perhaps its root or its square."""

    level: int
    power: float
    top: float  # of the axis
    unit: str


FUNCTIONS = {
    "area covered": Measure(1, 1, 11, "m²"),
    "√ of the area covered": Measure(1, 0.5, 3.6, "m"),
    "area covered at least twice": Measure(2, 1, 11, "m²"),
}


def _disc(x: float, y: float) -> Bool[ndarray, "r c"]:
    return (X - x) ** 2 + (Y[:, None] - y) ** 2 <= RADIUS**2


@cache
def _sprinklers() -> Bool[ndarray, "discs r c"]:
    return np.stack([_disc(*center) for center in (*IN_A, *BESIDE)])


def _area(discs: Bool[ndarray, "discs r c"], measure: Measure) -> ByValue:
    """F on these discs."""

    def value(S: tuple[int, ...]) -> float:
        often = discs[np.array(S, dtype=int)].sum(axis=0, dtype=np.int8)
        return float(CELL**2 * np.count_nonzero(often >= measure.level)) ** measure.power

    return ByValue(len(discs), value)


def _gains_of_the_last(discs: Bool[ndarray, "discs r c"], measure: Measure) -> ndarray:
    """What the last disc adds to none of the others, to the first, to the first two, …"""
    f, state, last = _area(discs, measure), (), len(discs) - 1
    gains = [float(f.gains(state, [last])[0])]
    for e in range(last):
        state = f.add(state, e)
        gains.append(float(f.gains(state, [last])[0]))
    return np.array(gains)


def _draw_gain(x: float, y: float, function: str) -> Figure:
    measure, e, others = FUNCTIONS[function], _disc(x, y), _sprinklers()
    gains = _gains_of_the_last(np.concatenate([others, e[None]]), measure)
    a, b = len(IN_A), len(others)
    new_to_A, new_to_B = (e & (others[:size].sum(axis=0) == measure.level - 1) for size in (a, b))
    new = {
        "new to both": new_to_A & new_to_B,
        "to A only": new_to_A & ~new_to_B,
        "to B only": new_to_B & ~new_to_A,
    }
    fig, (left, right) = canvas(2)
    A, more = ([plots.circle(center, RADIUS) for center in centers] for centers in (IN_A, BESIDE))
    plots.two_sets(left, A, more, plots.circle((x, y), RADIUS), new, LAWN)
    headline(left, f"F: {function}")
    looks = {"A": (a, {"facecolor": BLUE}), "B": (b, {"facecolor": RED, "hatch": "//", "edgecolor": "w"})}
    plots.gain_bars(right, gains, looks, measure.top)
    right.set_ylabel(f"what e adds, {measure.unit}")
    holds = gains[a] >= gains[b] - 1e-9
    to_A, to_B = told_apart(gains[a], gains[b], ".2f")
    badge(right, holds, f"F(e|A) = {to_A} {'≥' if holds else '<'} F(e|B) = {to_B}")
    return fig


gain = picture_demo(
    draw=_draw_gain,
    controls={
        "x": Slider("x of the new disc e, metres", 1.0, 11.0, 0.2, 6.4),
        "y": Slider("y of the new disc e, metres", 1.0, 9.0, 0.2, 5.6),
        "function": Choice("F", tuple(FUNCTIONS), "area covered"),
    },
    title="One more sprinkler on the lawn: what does it add to A, and to B ⊇ A?",
    goal="move e so that it adds at least 8 m² to A and less than 1 m² to B. Then try to make it add more to "
    "B than to A: for which F can you?",
    notice="What e adds to the larger set is never more, wherever e lies: what is new to B is new to A too. "
    "The root of the area keeps this order. Area that counts from the second disc on does not: there a disc "
    "makes the next one worth more, and F is not submodular.",
    alt=lambda x, y, function: (
        f"Left: a lawn with three discs of A, four more of B, and a new disc e at {x:g}, {y:g}; shaded what "
        f"is new to A and to B. Right: bars of what e adds to ever larger sets, for F = {function}."
    ),
    presets={
        "Far from B": {"x": 11.0, "y": 1.0},
        "Break it": {"x": 6.4, "y": 4.0, "function": "area covered at least twice"},
    },
)


# --- what greedy promises --------------------------------------------------------------------------

SETS, PEOPLE, DRAWS, MOST, SUBSETS = 20, 600, 10, 8, 20
METHODS = ("greedy", "top-k", "random")


class Instance(NamedTuple):
    f: SetFunction
    shapes: plots.Shapes


def _discs(centers: ndarray, radii: ndarray, rng: np.random.Generator) -> Instance:
    """Each disc covers the people that live in it."""
    people = rng.uniform(0, 1, (PEOPLE, 2))
    reached = ((people - centers[:, None]) ** 2).sum(axis=-1) <= radii[:, None] ** 2
    outlines = [plots.circle(tuple(c), r) for c, r in zip(centers.tolist(), radii.tolist(), strict=True)]
    return Instance(Coverage(reached), plots.Shapes(outlines, people, (-0.08, 1.08, 0, 1)))


@cache
def _crowd(draw: int) -> Instance:
    """Half of the discs are large and in one place."""
    rng = np.random.default_rng(draw)
    near, far = rng.normal((0.35, 0.4), 0.07, (SETS // 2, 2)), rng.uniform(0.1, 0.9, (SETS // 2, 2))
    return _discs(np.vstack([near, far]), np.repeat((0.2, 0.12), SETS // 2), rng)


@cache
def _scattered(draw: int) -> Instance:
    rng = np.random.default_rng(draw)
    return _discs(rng.uniform(0.1, 0.9, (SETS, 2)), rng.uniform(0.08, 0.22, SETS), rng)


@cache
def _trap(k: int) -> Instance:
    """k columns cover the square. Row i takes a k-th of what the rows above left of each, and comes first.

    So row and column always gain the same, and the tie goes to the row. Weights are areas times kᵏ⁺¹, whole
    numbers, so that equal gains are equal in floating point too.
    """
    left = (1 - 1 / k) ** np.arange(k + 1)  # of the height, above row i
    weight = [k ** (k - 1 - i) * (k - 1) ** i for i in range(k)] + [(k - 1) ** k]
    row, column = np.divmod(np.arange((k + 1) * k), k)
    member = np.vstack([row == i for i in range(k)] + [column == j for j in range(k)])
    rows = [(0, 1, float(left[i + 1]), float(left[i])) for i in range(k)]
    outlines = [_rectangle(*r) for r in rows] + [_rectangle(j / k, (j + 1) / k, 0, 1) for j in range(k)]
    shapes = plots.Shapes(outlines, np.zeros((0, 2)), (-0.09, 1.09, -0.01, 1.01))
    return Instance(Coverage(member, np.repeat(weight, k)), shapes)


def _rectangle(left: Real, right: Real, bottom: Real, top: Real) -> ndarray:
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)])


LEGEND = {
    "crowded discs": f"{SETS} discs, and the people they reach",
    "scattered discs": f"{SETS} discs, and the people they reach",
    "the trap": "k rows, k columns; area counts",
}
INSTANCES = tuple(LEGEND)


def _instance(name: str, k: int, draw: int) -> Instance:
    return _trap(k) if name == INSTANCES[2] else (_crowd if name == INSTANCES[0] else _scattered)(draw)


@cache
def _solved(name: str, k: int, draw: int) -> dict[str, tuple[int, ...]]:
    """Method -> what it chooses; `random` is the first of many."""
    f = _instance(name, k, draw).f
    found = {"greedy": greedy(f, k), "top-k": top_k(f, k), "optimum": brute_force(f, k)}
    return {m: s.chosen for m, s in found.items()} | {"random": _random(f, k, draw)[0]}


def _random(f: SetFunction, k: int, draw: int) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(draw)
    return [random_subset(f, k, rng=rng).chosen for _ in range(SUBSETS)]


@cache
def _shares(name: str) -> dict[str, ndarray]:
    """Method -> F over the optimum's, (draws, 8); for `random` the mean of 20 subsets of each draw."""
    draws = 1 if name == INSTANCES[2] else DRAWS
    shares = {method: np.zeros((draws, MOST)) for method in METHODS}
    for draw, k in np.ndindex(draws, MOST):
        f, solved = _instance(name, k + 1, draw).f, _solved(name, k + 1, draw)
        best = f.value(solved["optimum"])
        for method in ("greedy", "top-k"):
            shares[method][draw, k] = f.value(solved[method]) / best
        shares["random"][draw, k] = np.mean([f.value(S) for S in _random(f, k + 1, draw)]) / best
    return shares


def _prepare_promise() -> None:
    for name in tqdm(INSTANCES, desc="searching for optima", leave=False):
        _shares(name)


def _draw_promise(instance: str, k: int, method: str) -> Figure:
    f, shapes = _instance(instance, k, 0)
    solved, promise = _solved(instance, k, 0), 1 - (1 - 1 / np.arange(1, MOST + 1)) ** np.arange(1, MOST + 1)
    reached = f.value(solved[method]) / f.value(solved["optimum"])
    fig, (left, right) = canvas(2)
    plots.chosen_shapes(left, shapes, solved[method], solved["optimum"])
    left.set(xlabel=LEGEND[instance], ylabel=instance)
    holds = bool(reached >= promise[k - 1] - 1e-12)
    share, bound = told_apart(reached, promise[k - 1], ".3f")
    badge(left, holds, f"k = {k}, {method}: {share} {'≥' if holds else '<'} {bound}")
    plots.shares_of_optimum(right, _shares(instance), promise, k)
    headline(
        right, "one instance for each k" if instance == INSTANCES[2] else f"{DRAWS} draws: mean and range"
    )
    return fig


promise = picture_demo(
    draw=_draw_promise,
    controls={
        "instance": Choice("sets", INSTANCES, INSTANCES[0]),
        "k": Slider("budget k", 1, MOST, 1, 5),
        "method": Choice("chosen by", METHODS, "greedy"),
    },
    title="Greedy, the best single sets, and chance, beside the optimum",
    goal="find the sets on which greedy gets exactly what is promised and no more. Who is better there?",
    notice="On discs greedy is near the optimum, never below 1 − (1 − 1/k)ᵏ. The best single sets all say "
    "the same where sets crowd: from k = 4 on they are worse than chance. In the trap greedy falls to the "
    "bound, and they happen to do better: a promise is about the worst case, not about this one.",
    alt=lambda instance, k, method: (
        f"Left: {instance}; the {k} sets chosen by {method} are shaded and numbered, the optimum is dashed. "
        "Right: value against k, the optimum = 1, for greedy, top-k and random, and greedy's bound."
    ),
    presets={
        "Best single sets": {"method": "top-k"},
        "Break it": {"instance": INSTANCES[2], "k": 3},
    },
    prepare=_prepare_promise,
)
