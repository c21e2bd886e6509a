"""Small set functions for the questions: random ones, and how they stand in a prompt."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from courseware.practice.writing import a_set, num, table
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.greedy import plain_greedy
from lsml_core.submodular.set_function import state_after

NAMES = "ABCDEFGH"


Sets = list[tuple[int, ...]]


def random_sets(rng: np.random.Generator, count: int, items: int, most: int) -> Sets:
    """Sets of 1 … most of the items 1 … items."""
    sizes = rng.integers(1, most + 1, size=count)
    return [tuple(sorted((rng.choice(items, size=int(s), replace=False) + 1).tolist())) for s in sizes]


def coverage(sets: Sets, weights: np.ndarray | None = None) -> PlainFacilityLocation:
    """Coverage as facility location: item i is a customer that is served, with its weight, by the sets that hold it.

    The same function as `functions.Coverage`, and quicker on a few elements. weights: of the items 1, 2, …
    """
    items = range(1, max(chain.from_iterable(sets)) + 1) if weights is None else range(1, len(weights) + 1)
    served = np.array([[float(item in s) for s in sets] for item in items])
    return PlainFacilityLocation(served if weights is None else served * weights[:, None])


def as_table(sets: Sets) -> str:
    return table(["element", "covers"], [[NAMES[i], f"${a_set(s)}$"] for i, s in enumerate(sets)])


def named(elements: Sequence[int]) -> str:
    return ", ".join(NAMES[e] for e in elements)


def gains_given(f: PlainFacilityLocation, chosen: Sequence[int]) -> str:
    rest = [e for e in range(f.n) if e not in chosen]
    gains = f.gains(state_after(f, chosen), rest)
    return ", ".join(f"{NAMES[e]} {num(g)}" for e, g in zip(rest, gains, strict=True))


def clear_winners(f: PlainFacilityLocation, k: int) -> bool:
    """Whether greedy's largest gain is unique in each of k rounds."""
    state, chosen = f.empty(), []
    for e in plain_greedy(f, k).chosen:
        gains = np.sort(f.gains(state, [i for i in range(f.n) if i not in chosen]))
        if len(gains) > 1 and gains[-1] == gains[-2]:
            return False
        state, chosen = f.add(state, e), [*chosen, e]
    return True
