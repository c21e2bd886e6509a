import math
import tracemalloc

import numpy as np
import pytest
from helpers.submodular_examples import MONOTONE, SEEDS, cases, coverage
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.submodular.functions import ByValue, Coverage, Exemplar, Modular, StreamedFacilityLocation
from lsml_core.submodular.greedy import brute_force, greedy
from lsml_core.submodular.streaming import (
    GUESSES,
    THRESHOLDS,
    powers,
    sieve_states,
    sieve_streaming,
    sieve_streaming_plus_plus,
)

BOTH = [sieve_streaming, sieve_streaming_plus_plus]
both = pytest.mark.parametrize("algorithm", BOTH)
EPSILONS = st.sampled_from([0.05, 0.1, 0.3, 1.0])
exact = cases(kinds=("coverage",), largest=30)  # whole numbers: no threshold is missed by rounding


def the_slide_with_m_known(f, order, k, epsilon):
    """Two passes: the first finds m, the second sends every element through every sieve, one by one."""
    m = max(f.value([e]) for e in range(f.n))
    sieves = {}
    for i in range(-400, 400):
        v = (1 + epsilon) ** i
        if not m <= v <= 2 * k * m:
            continue
        S = sieves[v] = []
        for e in order:
            if len(S) < k and f.value([*S, e]) - f.value(S) >= (v / 2 - f.value(S)) / (k - len(S)):
                S.append(e)
    return sieves


@both
@given(case=cases(kinds=tuple(MONOTONE)), epsilon=EPSILONS)
def test_a_sieve_reaches_half_of_the_optimum_less_epsilon(algorithm, case, epsilon):
    f, rng = case.make()
    for k in range(1, f.n + 1):
        found = algorithm(f, rng.permutation(f.n), k, epsilon)
        assert found.value >= (0.5 - epsilon) * brute_force(f, k).value - 1e-8
        assert found.value == pytest.approx(f.value(found.chosen), abs=1e-8)
        assert len(set(found.chosen)) == len(found.chosen) == len(found.gains) <= k


@given(exact, st.integers(1, 8), EPSILONS)
@settings(max_examples=40)
def test_to_estimate_m_on_the_fly_loses_nothing(case, k, epsilon):
    f, rng = case.make()
    if f.value(range(f.n)) == 0:
        return
    order = rng.permutation(f.n).tolist()
    expected = the_slide_with_m_known(f, order, k, epsilon)
    *_, last = sieve_states(f, order, k, epsilon, GUESSES, block=1)
    assert {v: list(sieve.chosen) for v, sieve in last.sieves.items()} == expected
    best = max(expected.values(), key=f.value)
    assert sieve_streaming(f, order, k, epsilon).value == f.value(best)


@given(exact, st.integers(1, 8), EPSILONS)
@settings(max_examples=40)
def test_the_sieves_do_not_depend_on_how_many_elements_are_looked_at_together(case, k, epsilon):
    f, rng = case.make()
    order = rng.permutation(f.n)
    ends = [[*sieve_states(f, order, k, epsilon, GUESSES, block=block)][-1] for block in (1, 7, 512)]
    for end in ends[1:]:
        assert [*end.sieves] == [*ends[0].sieves]
        assert [s.chosen for s in end.sieves.values()] == [s.chosen for s in ends[0].sieves.values()]


@given(exact, st.integers(1, 8), EPSILONS)
@settings(max_examples=40)
def test_there_is_a_sieve_for_every_guess_that_the_slide_allows(case, k, epsilon):
    f, rng = case.make()
    order, m = rng.permutation(f.n).tolist(), 0.0
    for step, now in enumerate(sieve_states(f, order, k, epsilon, block=1)):
        m = max([m, *(f.value([e]) for e in order[:step][-1:])])
        assert now.m == m
        assert now.seen == step
        assert all(m <= v <= 2 * k * m for v in now.sieves)
        for v, sieve in now.sieves.items():
            assert f.value(sieve.chosen) == sieve.value
            assert f.gains(sieve.state, range(f.n)).tolist() == [
                f.value([*sieve.chosen, e]) - sieve.value for e in range(f.n)
            ]
            if len(sieve.chosen) == k:
                assert sieve.value >= v / 2 - 1e-9


@given(SEEDS, st.integers(1, 8), EPSILONS)
@settings(max_examples=40)
def test_plus_plus_keeps_elements_of_large_gain_only_and_never_loses_its_best(seed, k, epsilon):
    f, rng = coverage(25, np.random.default_rng(seed)), np.random.default_rng(seed)
    best = 0.0
    for now in sieve_states(f, rng.permutation(25), k, epsilon, THRESHOLDS, block=1):
        assert now.best.value >= best
        best = now.best.value
        for tau, sieve in now.sieves.items():
            assert min(sieve.gains, default=tau) >= tau
            assert tau <= now.m
    assert sieve_streaming_plus_plus(f, rng.permutation(25), k, epsilon).value >= 0


@both
@pytest.mark.parametrize("epsilon", [0.1, 0.5])
def test_memory_and_time_an_element_stay_below_their_bounds(algorithm, epsilon):
    """As many sieves as there are powers of 1 + ε from m to 2km, k elements in each, two gains for each."""
    rng, k, n = np.random.default_rng(0), 20, 2000
    f = Coverage(rng.random((n, 200)) < 0.03, rng.random(200))
    most = math.log(2 * k, 1 + epsilon) + 1
    found = algorithm(f, range(n), k, epsilon)
    assert found.seen == n
    assert found.sieves <= most
    assert found.stored <= k * most
    assert found.evaluations / n <= 1 + 2 * most


@pytest.mark.parametrize("seed", range(3))
def test_plus_plus_holds_fewer_elements(seed):
    rng = np.random.default_rng(seed)
    f = Coverage(rng.random((3000, 300)) < 0.03, rng.random(300))
    classic, plus = (algorithm(f, range(3000), 20, 0.1) for algorithm in BOTH)
    assert plus.stored < classic.stored / 2
    assert plus.value > 0.9 * classic.value


@both
@pytest.mark.parametrize("seed", range(3))
def test_on_ordinary_data_it_comes_close_to_greedy(algorithm, seed):
    x = np.random.default_rng(seed).normal(size=(1500, 5)) + 1
    f = Exemplar(x)
    assert algorithm(f, range(1500), 10, 0.1).value > 0.75 * greedy(f, 10).value


@both
def test_rows_of_features_are_named_by_their_place_and_gain_what_exemplars_gain(algorithm):
    x = np.random.default_rng(0).normal(size=(700, 4)) + 1
    rows, indices = (
        algorithm(f, stream, 8, 0.2)
        for f, stream in ((StreamedFacilityLocation(x), iter(x)), (Exemplar(x), range(700)))
    )
    assert rows.chosen == indices.chosen
    assert rows.value == pytest.approx(indices.value)


@both
def test_the_stream_is_read_once_and_only_as_far_as_it_goes(algorithm):
    f, read = coverage(50, np.random.default_rng(0)), []

    def stream():
        for e in range(50):
            read.append(e)
            yield e

    assert algorithm(f, stream(), 5, 0.2).seen == 50
    assert read == [*range(50)]
    assert algorithm(f, iter([]), 5, 0.2).chosen == ()


def test_memory_is_flat_in_the_length_of_the_stream():
    def peak(n):
        rng = np.random.default_rng(0)
        f = StreamedFacilityLocation(rng.normal(size=(64, 8)))
        tracemalloc.start()
        sieve_streaming(f, (rng.normal(size=8) for _ in range(n)), 10, 0.3)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(20_000) < 1.2 * peak(4_000)


def test_an_element_that_comes_by_again_is_not_kept_again():
    f = Modular(np.array([1.0, 1.0, 0.5]))
    for algorithm in BOTH:
        found = algorithm(f, [0, 0, 0, 1, 1, 2, 2, 0], 3, 0.5)
        assert sorted(found.chosen) == sorted(set(found.chosen))


def test_where_nothing_is_worth_anything_nothing_is_kept():
    for algorithm in BOTH:
        assert algorithm(Modular(np.zeros(5)), range(5), 2, 0.1).chosen == ()


@given(st.floats(0.01, 2), st.integers(-30, 30), st.integers(0, 40))
def test_no_power_is_missed_at_the_ends(epsilon, first, count):
    base = 1 + epsilon
    expected = [base**i for i in range(first, first + count + 1)]
    assert powers(base, expected[0], expected[-1]) == expected
    assert powers(base, expected[0] * (1 + 1e-12), expected[-1] * (1 - 1e-12)) == expected[1:-1]


@both
@pytest.mark.parametrize(
    ("k", "epsilon", "message"),
    [
        (0, 0.1, "k=0 must be at least 1"),
        (True, 0.1, "k=True must be an integer"),
        (1, 0, "epsilon=0 must be finite and above 0"),
        (1, -0.1, "epsilon=-0.1 must be finite and above 0"),
        (1, np.inf, "epsilon=inf must be finite and above 0"),
        (2, 1e-9, "epsilon=1e-09 asks for 1.39e"),
        (2, 1e-17, "sieves; 10000 are the most"),
    ],
)
def test_what_is_refused(algorithm, k, epsilon, message):
    with pytest.raises(ValueError, match=message):
        algorithm(Modular(np.ones(3)), range(3), k, epsilon)


@both
def test_a_gain_that_is_no_number_is_refused_by_name(algorithm):
    f = ByValue(5, lambda S: math.nan if 3 in S else len(S))
    with pytest.raises(ValueError, match="element 3 is nan"):
        algorithm(f, [0, 1, 3], 2, 0.1)
    with pytest.raises(ValueError, match="is nan"):
        algorithm(StreamedFacilityLocation(np.ones((2, 2))), [np.ones(2), np.array([np.nan, 1])], 2, 0.1)


@both
@given(case=cases(kinds=tuple(MONOTONE)), epsilon=EPSILONS)
@settings(max_examples=20)
def test_on_top_of_given_elements_half_of_what_is_left_less_epsilon_is_reached(algorithm, case, epsilon):
    f, rng = case.make()
    given_ = rng.permutation(f.n)[: rng.integers(f.n)].tolist()
    k = max(1, (f.n - len(given_)) // 2)
    found = algorithm(f, rng.permutation(f.n), k, epsilon, given=given_)
    assert not {*found.chosen} & {*given_}
    assert found.value == pytest.approx(f.value([*given_, *found.chosen]) - f.value(given_), abs=1e-8)
    optimum = brute_force(f, min(k, f.n - len(given_)), given=given_).value
    assert found.value >= (0.5 - epsilon) * optimum - 1e-8


def test_rows_can_be_given_to_a_stream_of_rows():
    x = np.random.default_rng(0).normal(size=(60, 4)) + 1
    for algorithm in BOTH:
        rows = algorithm(StreamedFacilityLocation(x), iter(x), 5, 0.2, given=list(x[[3, 8]]))
        assert rows.chosen == algorithm(Exemplar(x), range(60), 5, 0.2, given=[3, 8]).chosen
