"""Search for a counterexample: is F submodular, is it monotone?

    A ⊂ B    sets, as sorted tuples             e       an element outside A
    added    B without A, and e                 drop    Σ_{T⊆added} (−1)^|T| F(A ∪ T), above 0 for a violation

With added = {e} the drop is F(A) − F(A ∪ {e}), never above 0 if F is monotone. With added = {x, e} it is the
increase of e's gain when x joins A. No larger B needs to be tried: along A ⊂ A ∪ {b₁} ⊂ … ⊂ B a gain
cannot grow overall without growing in one step.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, combinations

import numpy as np

from lsml_core.submodular.set_function import SetFunction, check_set_function
from lsml_core.validation import Count, check_count, check_rng

SMALL = 12
"""Up to this n all sets are tried, smallest first: None is then a proof, up to rounding."""
ROUNDING = 1e-9
"""A drop must be larger than this, relative to the values it is the difference of."""

Set = tuple[int, ...]
Violation = tuple[Set, Set, int]


def find_violation(f: SetFunction, *, rng: np.random.Generator, tries: Count = 2000) -> Violation | None:
    """(A, B, e) with A ⊂ B and F(e | A) < F(e | B), or None. For n ≤ 12 B is the smallest, else minimal.

    f: only `n` and `value` are used.   tries: random sets tried beyond n = 12, where None proves nothing.
    """
    found = _search(f, 2, rng, tries)
    return found and (found[0], tuple(sorted((*found[0], found[1][0]))), found[1][1])


def find_decrease(f: SetFunction, *, rng: np.random.Generator, tries: Count = 2000) -> Violation | None:
    """(A, B, e) with B = A ∪ {e} and F(B) < F(A), or None. Smallest as in `find_violation`.

    f: only `n` and `value` are used.   tries: as for `find_violation`.
    """
    found = _search(f, 1, rng, tries)
    return found and (found[0], tuple(sorted((*found[0], *found[1]))), found[1][0])


def _search(f: SetFunction, size: int, rng: np.random.Generator, tries: Count) -> tuple[Set, Set] | None:
    """A and an `added` of the given size with a drop above rounding."""
    check_rng(rng)
    tries = check_count("tries", tries)
    value = lru_cache(maxsize=None)(check_set_function(f).value)
    places = _all_places(f.n, size) if f.n <= SMALL else _random_places(f.n, size, tries, rng)
    for A, added in places:
        if _drops(value, A, added):
            return _reduced(value, A, added), added
    return None


def _drops(value: Callable[[Set], float], A: Set, added: Set) -> bool:
    terms = [
        (-1) ** len(T) * value(tuple(sorted(A + T)))
        for size in range(len(added) + 1)
        for T in combinations(added, size)
    ]
    return sum(terms) > ROUNDING * max(map(abs, terms))


def _reduced(value: Callable[[Set], float], A: Set, added: Set) -> Set:
    """A without every element that can be left out, one after another, while the drop stays."""
    for a in A:
        fewer = tuple(b for b in A if b != a)
        if _drops(value, fewer, added):
            return _reduced(value, fewer, added)
    return A


def _all_places(n: int, size: int) -> Iterator[tuple[Set, Set]]:
    for A in chain.from_iterable(combinations(range(n), a) for a in range(n - size + 1)):
        rest = [e for e in range(n) if e not in A]
        yield from ((A, added) for added in combinations(rest, size))


def _random_places(n: int, size: int, tries: int, rng: np.random.Generator) -> Iterator[tuple[Set, Set]]:
    for _ in range(tries):
        order = rng.permutation(n).tolist()
        a = int(rng.integers(n - size + 1))
        yield tuple(sorted(order[:a])), tuple(order[a : a + size])
