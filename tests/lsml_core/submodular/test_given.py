"""Elements that are chosen already: every maximiser works on what is left, as on the contracted function."""

import numpy as np
import pytest
from helpers.submodular_examples import MONOTONE, SEEDS, cases, coverage
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import ByValue, Exemplar, FacilityLocation, Modular
from lsml_core.submodular.greedy import (
    brute_force,
    greedy,
    greedy_rounds,
    knapsack_greedy,
    lazy_greedy,
    lazy_rounds,
    random_subset,
    stochastic_greedy,
    top_k,
)


def fresh():
    return np.random.default_rng(0)


CHOOSERS = {
    "greedy": greedy,
    "lazy": lazy_greedy,
    "stochastic": lambda f, k, **more: stochastic_greedy(f, k, epsilon=0.3, rng=fresh(), **more),
    "top": top_k,
    "random": lambda f, k, **more: random_subset(f, k, rng=fresh(), **more),
    "optimal": brute_force,
    "greedi": lambda f, k, **more: greedi(f, k, 2, rng=fresh(), **more),
    "knapsack": lambda f, k, **more: knapsack_greedy(f, k, np.ones(f.n), **more),
}
every_chooser = pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)
WHOLE = tuple(kind for kind in MONOTONE if "points" not in kind and "kept" not in kind and kind != "exemplar")


def drawn(case):
    """F, what is given, what is left, and F as a function of what is left, written out."""
    f, rng = case.make()
    order = rng.permutation(f.n)
    chosen = order[: rng.integers(f.n)].tolist()
    rest = sorted({*range(f.n)} - {*chosen})
    g = ByValue(len(rest), lambda S: f.value([*chosen, *(rest[j] for j in S)]))
    return f, chosen, rest, g


@every_chooser
@for_all(case=cases())
@settings(max_examples=25)
def test_values_and_gains_are_what_is_added_to_the_given_elements(choose, case):
    f, chosen, rest, _ = drawn(case)
    for k in (0, 1, len(rest)):
        found = choose(f, k, given=chosen)
        assert {*found.chosen} <= {*rest}
        assert len({*found.chosen}) == len(found.chosen) <= k
        partial = [f.value([*chosen, *found.chosen[:size]]) for size in range(len(found.chosen) + 1)]
        np.testing.assert_allclose(found.gains, np.diff(partial), atol=1e-8)


@for_all(case=cases())
def test_greedy_and_the_optimum_are_those_of_the_contracted_function(case):
    f, chosen, rest, g = drawn(case)
    k = (len(rest) + 1) // 2
    for choose in (greedy, lazy_greedy, brute_force):
        there, here = choose(f, k, given=chosen), choose(g, k)
        assert there.value == pytest.approx(here.value, abs=1e-8)
    assert greedy(f, k, given=chosen).chosen == lazy_greedy(f, k, given=chosen).chosen


@for_all(case=cases(kinds=("coverage", "modular")))  # exact, so that ties are the same
def test_the_picks_are_those_of_the_contracted_function(case):
    f, chosen, rest, g = drawn(case)
    for choose in (greedy, lazy_greedy, top_k, CHOOSERS["stochastic"], CHOOSERS["random"]):
        there, here = choose(f, len(rest), given=chosen), choose(g, len(rest))
        assert there.chosen == tuple(rest[j] for j in here.chosen)


@for_all(SEEDS, st.integers(1, 5))
def test_to_go_on_from_greedys_first_picks_is_to_go_on_with_greedy(seed, first):
    f = coverage(20, np.random.default_rng(seed))
    whole = greedy(f, 9).chosen
    for choose in (greedy, lazy_greedy):
        assert choose(f, 9 - first, given=whole[:first][::-1]).chosen == whole[first:]
    for rounds in (greedy_rounds, lazy_rounds):
        assert [r.e for r in rounds(f, given=whole[:first])][: 9 - first] == [*whole[first:]]


def test_gains_are_asked_for_and_counted_of_elements_that_are_not_given_only():
    f, chosen = coverage(40, fresh()), range(0, 40, 2)
    assert (
        stochastic_greedy(f, 4, epsilon=0.3, rng=fresh(), given=chosen).evaluations == 4 * 7
    )  # ⌈20/4·ln(1/.3)⌉
    assert greedy(f, 3, given=chosen).evaluations == 20 + 19 + 18
    assert top_k(f, 3, given=chosen).evaluations == 20
    assert next(lazy_rounds(f, given=chosen)).evaluations == 20


@for_all(case=cases(kinds=WHOLE), machines=st.integers(1, 3))
@settings(max_examples=25)
def test_greedi_reaches_its_bound_on_top_of_what_is_given(case, machines):
    f, chosen, rest, _ = drawn(case)
    for k in range(1, len(rest) + 1):
        found = greedi(f, k, machines, rng=fresh(), given=chosen)
        optimum = brute_force(f, k, given=chosen).value
        assert found.value >= max((1 - 1 / np.e) / machines, 1 / k) * optimum - 1e-8


def test_machines_that_know_their_own_points_only_know_the_given_ones_too():
    x = np.random.default_rng(0).normal(size=(60, 2)) + 4
    for f in (FacilityLocation.from_features(x), Exemplar(x)):
        parts = [range(0, 30), range(25, 60)]
        found = greedi_on_parts(f, 4, parts, given=[7, 50])
        assert not {*found.chosen, *found.local[0], *found.local[1]} & {7, 50}
        assert found.value > 0.9 * greedy(f, 4, given=[7, 50]).value


@pytest.mark.own_checks
@every_chooser
def test_what_is_given_must_be_elements_and_k_fit_into_the_rest(choose):
    f = Modular(np.ones(4))
    assert choose(f, 2, given=np.array([3, 3, 0])).value == 2
    for wrong in ([4], [-1], [0.5]):
        with pytest.raises(ValueError, match=r"from 0 to 3"):
            choose(f, 1, given=wrong)
    if choose is not CHOOSERS["knapsack"]:
        with pytest.raises(ValueError, match=r"k=3 must be between 0 and .* n=4 less the 2"):
            choose(f, 3, given=[0, 1])
