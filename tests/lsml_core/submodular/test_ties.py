"""Rounding decides nothing: lazy greedy makes greedy's picks, and of equal gains the smallest element's."""

import math

import numpy as np
import pytest
from helpers.submodular_examples import TIED_POINTS
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import (
    ByValue,
    Exemplar,
    FacilityLocation,
    FeatureBased,
    LogDeterminant,
    Modular,
    WeightedSum,
)
from lsml_core.submodular.greedy import (
    brute_force,
    greedy,
    greedy_rounds,
    knapsack_greedy,
    lazy_greedy,
    random_subset,
    stochastic_greedy,
    top_k,
)
from lsml_core.submodular.streaming import sieve_streaming, sieve_streaming_plus_plus


def kernel(x):
    d = cdist(x, x, "sqeuclidean")
    return np.exp(-4 * d / d.mean()).astype(x.dtype)


FUNCTIONS = {
    "kept": FacilityLocation.from_features,
    "graph": lambda x: FacilityLocation.from_features(x, neighbors=10),
    "exemplar": lambda x: Exemplar(x + 3),
    "matrix": lambda x: FacilityLocation(kernel(x)),
    "sparse matrix": lambda x: FacilityLocation(csr_array(np.where((s := kernel(x)) > 0.1, s, 0))),
    "feature-based": lambda x: FeatureBased(abs(x), np.log1p),
    "log-determinant": lambda x: LogDeterminant(kernel(x[:200])),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("points", TIED_POINTS.values(), ids=TIED_POINTS)
@pytest.mark.parametrize("make", FUNCTIONS.values(), ids=FUNCTIONS)
def test_lazy_greedy_makes_all_picks_of_greedy(make, points, dtype):
    for seed in range(3):
        f = make(points(450, np.random.default_rng(seed)).astype(dtype))
        k = min(150, f.n)
        assert lazy_greedy(f, k).chosen == greedy(f, k).chosen


@pytest.mark.parametrize("points", TIED_POINTS.values(), ids=TIED_POINTS)
def test_without_a_kept_similarity_too_in_float64(points):
    f = FacilityLocation.from_features(points(450, np.random.default_rng(0)), memory=0)
    assert lazy_greedy(f, 150).chosen == greedy(f, 150).chosen


@pytest.mark.parametrize("points", TIED_POINTS.values(), ids=TIED_POINTS)
def test_in_float32_without_a_kept_similarity_each_pick_is_the_largest_up_to_rounding(points):
    x = points(450, np.random.default_rng(0)).astype(np.float32)
    f, exact = (FacilityLocation.from_features(a, memory=0) for a in (x, x.astype(float)))
    for choose in (greedy, lazy_greedy):
        state = exact.empty()
        for e in choose(f, 60).chosen:
            gains = exact.gains(state, range(exact.n))
            assert gains[e] >= gains.max() * (1 - 1e-4)
            state = exact.add(state, e)


@pytest.mark.parametrize("noise", [1e-16, 1e-12, 5e-11])
def test_of_gains_that_differ_by_rounding_the_smallest_element_is_taken(noise):
    w = 1 + noise * np.array([0.0, 3, 9, -5, 8, 1])
    f = Modular(w)
    everything = tuple(range(6))
    assert greedy(f, 6).chosen == lazy_greedy(f, 6).chosen == top_k(f, 6).chosen == everything
    one = stochastic_greedy(f, 6, epsilon=1e-9, rng=np.random.default_rng(0))
    assert one.chosen == everything
    assert knapsack_greedy(f, 6, np.full(6, 0.9)).chosen == everything
    assert greedi(f, 4, 3, rng=np.random.default_rng(0)).chosen == everything[:4]
    assert greedi_on_parts(f, 2, [[5, 4], [3, 2, 0], [1]]).chosen == (0, 1)
    for stream in (sieve_streaming, sieve_streaming_plus_plus):
        assert stream(f, range(6), 3, 0.1).chosen == (0, 1, 2)


@pytest.mark.parametrize("difference", [1e-8, 1e-3])
def test_what_is_larger_by_more_than_rounding_is_taken(difference):
    f = Modular([1.0, 1 + difference, 1.0])
    for choose in (greedy, lazy_greedy, top_k):
        assert choose(f, 2).chosen == (1, 0)
    assert stochastic_greedy(f, 1, epsilon=1e-9, rng=np.random.default_rng(0)).chosen == (1,)
    assert knapsack_greedy(f, 1, np.ones(3)).chosen == (1,)
    assert greedi_on_parts(f, 1, [[0], [1], [2]]).chosen == (1,)


def test_the_tie_decides_what_greedy_reaches():
    """{1, 2}, {2, 3}, {3, 4}, and k = 2: by the smallest index 4, and by another rule 3."""
    f = ByValue(3, lambda S: len({item for e in S for item in (e, e + 1)}) * 0.1)
    assert greedy(f, 2).chosen == lazy_greedy(f, 2).chosen == (0, 2)
    assert greedy(f, 2).value == pytest.approx(0.4)


def test_a_weighted_sum_of_float32_distances_has_their_tolerance():
    x = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    f = FacilityLocation.from_features(x)
    assert WeightedSum([Modular(np.ones(9)), f], [1, 1]).tie_tolerance == f.tie_tolerance > 1e-9


def test_a_gain_of_rounding_is_not_below_zero():
    """Where all gains are used up, greedy goes on with zeros, and adds no element of negative gain."""
    f = WeightedSum([Modular([0.1, 0.2, 0.3]), Modular([-0.1, -0.2, -0.3])], [1, 1])
    assert greedy(f, 3).chosen == lazy_greedy(f, 3).chosen == (0, 1, 2)
    costly = Modular([1.0, -1e-20, 0.0, -1.0])
    assert greedy(costly, 4).chosen == lazy_greedy(costly, 4).chosen == (0, 2)
    for run in (greedy, lazy_greedy):
        assert run(Modular([-1e-20, -2.0]), 2).chosen == ()


# --- gains and budgets that are refused ---------------------------------------------------------------

MAXIMISERS = {
    "greedy": greedy,
    "lazy": lazy_greedy,
    "stochastic": lambda f, k: stochastic_greedy(f, k, epsilon=1e-9, rng=np.random.default_rng(0)),
    "top": top_k,
    "optimal": brute_force,
    "random": lambda f, k: random_subset(f, k, rng=np.random.default_rng(0)),
    "greedi": lambda f, k: greedi(f, k, 2, rng=np.random.default_rng(0)),
    "sieve": lambda f, k: sieve_streaming(f, range(f.n), k, 0.2),
    "++": lambda f, k: sieve_streaming_plus_plus(f, range(f.n), k, 0.2),
}
every_maximiser = pytest.mark.parametrize("maximise", MAXIMISERS.values(), ids=MAXIMISERS)


@every_maximiser
@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("late", [False, True])
def test_a_gain_that_is_no_number_is_refused_and_its_element_named(maximise, bad, late):
    f = ByValue(5, lambda S: bad if 3 in S and len(S) > late else len(S) ** 0.5)
    if (maximise is top_k and late) or maximise is MAXIMISERS["random"]:
        return  # they ask for few gains
    with pytest.raises(ValueError, match=r"element \d is (nan|inf)"):
        maximise(f, 5)


def test_minus_infinity_forbids_an_element():
    f = ByValue(4, lambda S: -math.inf if 1 in S else len(S) ** 0.5)
    for choose in (greedy, lazy_greedy):
        assert choose(f, 4).chosen == (0, 2, 3)


class Misshapen(Modular):
    def gains(self, chosen, candidates):
        return super().gains(chosen, candidates)[:, None]


def test_gains_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="shape"):
        greedy(Misshapen(np.ones(3)), 1)


@pytest.mark.own_checks
@every_maximiser
def test_k_is_an_integer_of_python_or_numpy(maximise):
    f = Modular(np.arange(1.0, 5))
    for k in (2, np.int64(2), np.uint8(2)):
        assert len(maximise(f, k).chosen) == 2
    for k in (2.0, 2.5, np.float64(2), "2", None, True, np.True_, math.nan):
        with pytest.raises(ValueError, match=r"k=.* must be an integer"):
            maximise(f, k)


@pytest.mark.own_checks
def test_machines_are_counted_and_budgets_are_numbers():
    f = Modular(np.ones(3))
    for machines in (0, True, 1.5):
        with pytest.raises(ValueError, match=r"machines="):
            greedi(f, 1, machines, rng=np.random.default_rng(0))
    for budget in (-1, math.nan):
        with pytest.raises(ValueError, match="budget="):
            knapsack_greedy(f, budget, np.ones(3))
    assert len(knapsack_greedy(f, 0.3, np.full(3, 0.1)).chosen) == 3  # though 0.1 + 0.1 + 0.1 > 0.3


def test_a_round_belongs_to_its_reader():
    f = FacilityLocation.from_features(np.random.default_rng(0).normal(size=(40, 2)))
    picks = []
    for r in greedy_rounds(f):
        picks.append(r.e)
        r.bounds[:], r.fresh[:] = 1e9, False
    assert tuple(picks) == greedy(f, 40).chosen


def test_gains_kept_up_to_date_lose_no_digits_when_most_of_them_is_gone():
    """One customer in a million times the others' distance: what is left is asked for anew."""
    x = np.random.default_rng(0).normal(size=(200, 2))
    x[77] = 1e7
    f = FacilityLocation.from_features(x)
    for r in list(greedy_rounds(f))[2:]:
        assert r.gain >= 0
    found = greedy(f, 40)
    state = f.empty()
    for e, gain in zip(found.chosen, found.gains, strict=True):
        if e not in (found.chosen[0], 77):
            assert gain == pytest.approx(f.gains(state, range(200)).max(), rel=2e-9)
        state = f.add(state, e)
