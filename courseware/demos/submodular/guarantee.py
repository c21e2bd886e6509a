"""Demo of lecture 05: what greedy guarantees, and what it reaches."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import submodular as plots
from courseware.plots.axes import headline, percentage, told_apart
from courseware.plots.canvas import canvas
from lsml_core.submodular.functions import SetFunction
from lsml_core.submodular.greedy import brute_force, greedy, random_subset, top_k
from lsml_core.submodular.instances import disc_coverage, tight_instance

SETS, PEOPLE, DRAWS, LARGEST_K, SUBSETS = 20, 600, 10, 8, 20
METHODS = ("greedy", "top-k", "random")
TIGHT = "tight instance"
POOR = 0.7
INSTANCES = {
    "crowded discs": f"{SETS} discs, and the people they reach",
    "scattered discs": f"{SETS} discs, and the people they reach",
    TIGHT: "k rows and k columns; area counts",
}


class Instance(NamedTuple):
    """A set function and how it looks."""

    f: SetFunction
    shapes: plots.Shapes


class Guarantee(NamedTuple):
    """What a method chooses on one instance, and what all methods reach on all draws of it.

    shapes: of the instance, to draw.   chosen, optimum: elements.   share: F(chosen) over F(optimum).
    bounds: the guarantee for every k.   shares: method -> F over the optimum's, (draws, ks).
    """

    shapes: plots.Shapes
    chosen: tuple[int, ...]
    optimum: tuple[int, ...]
    share: float
    bounds: Float[ndarray, " ks"]
    shares: dict[str, Float[ndarray, "draws ks"]]

    @property
    def bound(self) -> float:
        return float(self.bounds[len(self.optimum) - 1])

    @property
    def reaches_bound(self) -> bool:
        return self.share >= self.bound - 1e-12


@cache
def crowded(draw: int) -> Instance:
    """Half of the discs are large and in one place."""
    rng = np.random.default_rng(draw)
    near, far = rng.normal((0.35, 0.4), 0.07, (SETS // 2, 2)), rng.uniform(0.1, 0.9, (SETS // 2, 2))
    return _discs(np.vstack([near, far]), np.repeat((0.2, 0.12), SETS // 2), rng)


@cache
def scattered(draw: int) -> Instance:
    """Discs of different size, anywhere."""
    rng = np.random.default_rng(draw)
    return _discs(rng.uniform(0.1, 0.9, (SETS, 2)), rng.uniform(0.08, 0.22, SETS), rng)


def _discs(centers: ndarray, radii: ndarray, rng: np.random.Generator) -> Instance:
    people = rng.uniform(0, 1, (PEOPLE, 2))
    outlines = [plots.circle((x, y), r) for (x, y), r in zip(centers.tolist(), radii.tolist(), strict=True)]
    return Instance(
        disc_coverage(centers, radii, people), plots.Shapes(outlines, people, (-0.08, 1.08, 0, 1))
    )


@cache
def tight(k: int) -> Instance:
    """Rows cover the square from the top, each a k-th of what is left below."""
    heights = ((1 - 1 / k) ** np.arange(k + 1)).tolist()
    rows = [(0, 1, heights[i + 1], heights[i]) for i in range(k)]
    columns = [(j / k, (j + 1) / k, 0, 1) for j in range(k)]
    outlines = [plots.rectangle(*sides) for sides in (*rows, *columns)]
    return Instance(tight_instance(k), plots.Shapes(outlines, np.zeros((0, 2)), (-0.09, 1.09, -0.01, 1.01)))


def instance_of(name: str, k: int, draw: int) -> Instance:
    """One of the ten draws of discs; of the tight instance there is one for each k.

    name: of the kind of instance.   k: budget.   draw: number of the draw.
    """
    return tight(k) if name == TIGHT else (crowded if name == "crowded discs" else scattered)(draw)


@cache
def solutions(name: str, k: int, draw: int) -> dict[str, list[tuple[int, ...]]]:
    """Method -> what it chooses; `random` chooses many times."""
    f, rng = instance_of(name, k, draw).f, np.random.default_rng(draw)
    found = {"greedy": greedy(f, k), "top-k": top_k(f, k), "optimum": brute_force(f, k)}
    drawn = [random_subset(f, k, rng=rng).chosen for _ in range(SUBSETS)]
    return {method: [selection.chosen] for method, selection in found.items()} | {"random": drawn}


@cache
def shares(name: str) -> dict[str, Float[ndarray, "draws ks"]]:
    """Method -> F over the optimum's, for `random` the mean of 20 subsets."""
    draws = 1 if name == TIGHT else DRAWS
    return {
        method: np.array(
            [
                [_share(name, k, draw, solutions(name, k, draw)[method]) for k in range(1, LARGEST_K + 1)]
                for draw in range(draws)
            ]
        )
        for method in METHODS
    }


def _share(name: str, k: int, draw: int, sets: Sequence[tuple[int, ...]]) -> float:
    f, (best,) = instance_of(name, k, draw).f, solutions(name, k, draw)["optimum"]
    return float(np.mean([f.value(S) for S in sets]) / f.value(best))


def compute_guarantee(instance: str, k: int, method: str) -> Guarantee:
    shapes, solved, ks = (
        instance_of(instance, k, 0).shapes,
        solutions(instance, k, 0),
        np.arange(1, LARGEST_K + 1),
    )
    chosen, (optimum,) = solved[method][0], solved["optimum"]
    share, bounds = _share(instance, k, 0, [chosen]), 1 - (1 - 1 / ks) ** ks
    return Guarantee(shapes, chosen, optimum, share, bounds, shares(instance))


def draw_guarantee(record: Guarantee, instance: str, k: int, method: str) -> Figure:
    fig, (left, right) = canvas(2)
    plots.chosen_shapes(left, record.shapes, record.chosen, record.optimum)
    left.set(xlabel=INSTANCES[instance], ylabel=instance)
    headline(left, verdict(record, method))
    plots.shares_of_optimum(right, record.shares, record.bounds, k)
    lowest = int(100 * record.shares["greedy"].min())
    exactly = "Greedy gets exactly its bound"
    headline(right, exactly if instance == TIGHT else f"Greedy always gets {lowest} % or more")
    return fig


def verdict(record: Guarantee, method: str) -> str:
    """What the method reaches, beside greedy's bound.

    record: values of all methods.   method: its name.
    """
    share, bound = told_apart(100 * record.share, 100 * record.bound, ".0f")
    name = method[0].upper() + method[1:]
    if record.share > 1 - 1e-12:
        return f"{name} finds the optimum (bound {bound} %)"
    if record.reaches_bound:
        return f"{name} reaches {share} % (bound {bound} %)"
    return f"{name} gets {share} %, below the bound ({bound} %)"


def prepare_guarantee() -> None:
    for name in tqdm(INSTANCES, desc="searching for optima", leave=False):
        shares(name)


greedy_guarantee = Demo(
    compute=compute_guarantee,
    draw=draw_guarantee,
    controls={
        "instance": Choice("sets", tuple(INSTANCES), "crowded discs"),
        "k": Slider("budget k", 1, LARGEST_K, 1, 5),
        "method": Choice("chosen by", METHODS, "greedy"),
    },
    title="Greedy, the best single sets (top-k), and random sets, compared with the optimum",
    goal=f"find sets and a budget for which greedy gets less than {100 * POOR:.0f} % of the optimum.",
    reached=lambda record, method, **_: method == "greedy" and record.share < POOR,
    notice="On discs greedy is close to the optimum, far above its bound 1 − (1 − 1/k)ᵏ. On the tight "
    "instance it reaches exactly the bound, and from k = 3 on the best single sets do better: the guarantee "
    "is about the worst case.",
    alt=lambda record, instance, k, method: (
        f"With budget {k} ({instance}) {method} reaches {percentage(record.share)} of the optimum; greedy's "
        f"bound is {percentage(record.bound)}. Left: the sets chosen by {method} are shaded and numbered, "
        "the optimum is dashed. Right: F(S) over the optimum's against k for greedy, top-k and random, and "
        "the bound."
    ),
    presets={
        "Best single sets": {"method": "top-k"},
        "Break it": {"instance": TIGHT, "k": 3},
    },
    prepare=prepare_guarantee,
)
