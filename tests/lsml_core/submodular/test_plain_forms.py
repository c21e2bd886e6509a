"""The fast forms choose what the plain ones choose: on random inputs, and on ties of every kind."""

import numpy as np
import pytest
from helpers.submodular_examples import TIED_POINTS, cases, coverage
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from lsml_core.submodular.distributed import greedi_on_parts, plain_greedi
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.functions import Exemplar, FacilityLocation, Modular, Restricted, WeightedSum
from lsml_core.submodular.greedy import greedy, lazy_greedy, plain_greedy, plain_lazy_greedy
from lsml_core.submodular.kernels.similarity import Dense
from lsml_core.submodular.streaming import plain_sieve_streaming, sieve_streaming

points_of = pytest.mark.parametrize("points", TIED_POINTS.values(), ids=TIED_POINTS)
in_both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def similarity(points, n, seed, dtype):
    """reach − ‖xᵢ − x_j‖², in the given precision: equal distances stay equal."""
    x = points(n, np.random.default_rng(seed))
    d = cdist(x, x, "sqeuclidean")
    return (d.max() - d).astype(dtype)


@in_both_precisions
@points_of
def test_facility_location_has_the_gains_of_its_plain_form(points, dtype):
    rng, s = np.random.default_rng(1), similarity(points, 81, 0, dtype)
    plain = PlainFacilityLocation(s)
    sparse = np.where(s > np.median(s), s, 0)
    for f, expected in (
        (FacilityLocation(s), plain),
        (FacilityLocation(Dense(s, symmetric=True)), plain),
        (FacilityLocation(csr_array(sparse)), PlainFacilityLocation(sparse)),
    ):
        state, theirs = f.empty(), expected.empty()
        for e in rng.permutation(f.n)[:6].tolist():
            for c in (np.arange(f.n), rng.permutation(f.n)[: f.n // 3], [e]):
                np.testing.assert_allclose(f.gains(state, c), expected.gains(theirs, c), rtol=1e-9, atol=1e-9)
            state, theirs = f.add(state, e), expected.add(theirs, e)
            np.testing.assert_array_equal(state, theirs)
        assert f.value([1, 5]) == pytest.approx(expected.value([1, 5]))


@in_both_precisions
@points_of
@pytest.mark.parametrize("seed", range(3))
def test_greedy_and_lazy_greedy_make_the_picks_of_the_plain_loops(points, dtype, seed):
    s = similarity(points, 100, seed, dtype)
    plain, fast = PlainFacilityLocation(s), FacilityLocation(s)
    expected = plain_greedy(plain, 40)
    for found in (
        plain_lazy_greedy(plain, 40),
        greedy(fast, 40),
        lazy_greedy(fast, 40),
        lazy_greedy(FacilityLocation(Dense(s, symmetric=True)), 40),
        greedy(Restricted(fast, range(len(s))), 40),
    ):
        assert found.chosen == expected.chosen
        np.testing.assert_allclose(found.gains, expected.gains, rtol=1e-9)


@in_both_precisions
@points_of
def test_features_that_are_kept_give_greedy_and_lazy_greedy_the_picks_of_the_plain_loops(points, dtype):
    x = points(100, np.random.default_rng(3)).astype(dtype)
    for f in (FacilityLocation.from_features(x), Exemplar(x + 2)):
        expected = plain_greedy(f, 40).chosen
        assert plain_lazy_greedy(f, 40).chosen == expected
        assert greedy(f, 40).chosen == lazy_greedy(f, 40).chosen == expected


@given(cases())
@settings(max_examples=60)
def test_on_functions_of_every_kind_the_fast_loops_make_the_picks_of_the_plain_ones(case):
    f, _ = case.make()
    expected = plain_greedy(f, f.n)
    fast = greedy(f, f.n)
    assert fast.chosen == expected.chosen
    # A last round that finds negative gains only adds nothing to the fast form's record.
    tried = [len(fast.chosen), len(fast.chosen) + 1] if len(fast.chosen) < f.n else [f.n]
    counts = [sum(f.n - i for i in range(rounds)) for rounds in tried]
    assert (fast.evaluations, expected.evaluations) == (counts[0], counts[-1])
    lazy = plain_lazy_greedy(f, f.n)
    assert lazy.chosen == lazy_greedy(f, f.n).chosen == expected.chosen
    assert lazy.evaluations <= expected.evaluations


def test_with_costs_in_a_sum_greedy_makes_the_picks_of_the_plain_loop():
    rng = np.random.default_rng(0)
    f = FacilityLocation(rng.random((60, 50)))
    g = WeightedSum([f, Modular(-2 * rng.random(50))], [1, 1])
    for restricted in (g, g.restrict(rng.permutation(50)[:30])):
        assert 0 < len(greedy(restricted, 30).chosen) < 30  # the rest costs more than it brings
        assert greedy(restricted, 30).chosen == plain_greedy(restricted, 30).chosen


@given(
    cases(kinds=("coverage", "facility location", "modular", "feature-based"), largest=20), st.integers(1, 6)
)
@settings(max_examples=40)
def test_the_sieves_choose_what_one_element_after_another_chooses(case, k):
    f, rng = case.make()
    order = rng.permutation(f.n).tolist()
    for epsilon in (0.1, 0.5):
        plain, fast = plain_sieve_streaming(f, order, k, epsilon), sieve_streaming(f, order, k, epsilon)
        assert fast.chosen == plain.chosen
        assert fast.value == pytest.approx(plain.value)


@points_of
@pytest.mark.parametrize("seed", range(3))
def test_two_rounds_choose_what_the_plain_two_rounds_choose(points, seed):
    rng = np.random.default_rng(seed)
    x = points(100, rng)
    parts = np.array_split(rng.permutation(len(x)), 4)
    for f in (FacilityLocation.from_features(x), FacilityLocation(similarity(points, 100, seed, float))):
        sorted_parts = [np.sort(part) for part in parts]
        assert greedi_on_parts(f, 8, parts).chosen == plain_greedi(f, 8, sorted_parts)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_two_rounds_of_coverage_choose_what_the_plain_two_rounds_choose(seed):
    rng = np.random.default_rng(seed)
    f = coverage(30, rng)
    parts = [np.sort(part) for part in np.array_split(rng.permutation(30), 3)]
    assert greedi_on_parts(f, 4, parts).chosen == plain_greedi(f, 4, parts)
