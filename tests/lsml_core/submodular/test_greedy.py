import math
from itertools import combinations, islice

import numpy as np
import pytest
import torch
from helpers.submodular_examples import MONOTONE, OTHERS, SEEDS, cases, coverage, points, similarity
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.submodular.distributed import greedi
from lsml_core.submodular.functions import Coverage, FacilityLocation, Modular, SetFunction
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
from lsml_core.submodular.instances import tight_instance
from lsml_core.submodular.streaming import sieve_streaming

monotone = cases(kinds=tuple(MONOTONE))
CHOOSERS = {
    "greedy": greedy,
    "lazy": lazy_greedy,
    "stochastic": lambda f, k: stochastic_greedy(f, k, epsilon=0.3, rng=np.random.default_rng(0)),
    "top": top_k,
    "random": lambda f, k: random_subset(f, k, rng=np.random.default_rng(0)),
    "optimal": brute_force,
}
every_chooser = pytest.mark.parametrize("choose", CHOOSERS.values(), ids=CHOOSERS)


def budgets(f):
    return range(f.n + 1)


def enumerated(f):
    """OPT for |S| ≤ 0, 1, …, n, from all sets."""
    of_size = [max(f.value(S) for S in combinations(range(f.n), size)) for size in budgets(f)]
    return np.maximum.accumulate(of_size)


class Counted(SetFunction):
    """Any set function, with the gains it was asked for counted."""

    def __init__(self, f):
        self.f, self.n, self.asked = f, f.n, 0

    def value(self, indices):
        return self.f.value(indices)

    def empty(self):
        return self.f.empty()

    def gains(self, state, candidates):
        self.asked += len(candidates)
        return self.f.gains(state, candidates)

    def add(self, state, e):
        return self.f.add(state, e)


# --- greedy -------------------------------------------------------------------------------------------


@given(monotone)
def test_greedy_reaches_the_nemhauser_bound(case):
    f, _ = case.make()
    everything, optimum = greedy(f, f.n), enumerated(f)
    for k in range(1, f.n + 1):
        assert everything.chosen[:k] == greedy(f, k).chosen
        assert sum(everything.gains[:k]) >= (1 - (1 - 1 / k) ** k) * optimum[k] - 1e-8


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_on_the_tight_instance_greedy_reaches_the_bound_and_no_more(k):
    f = tight_instance(k)
    assert brute_force(f, k).value == k * k**k
    assert greedy(f, k).value == k * (k**k - (k - 1) ** k)
    assert greedy(f, k).chosen == lazy_greedy(f, k).chosen == tuple(range(k))


@given(cases())
def test_greedy_adds_the_element_of_largest_gain_and_of_equals_the_first(case):
    f, _ = case.make()
    S: list[int] = []
    for e in greedy(f, f.n).chosen:
        gains = {c: round(f.value([*S, c]) - f.value(S), 7) for c in range(f.n) if c not in S}
        if not any(abs(gains[e] - gain) < 1e-6 for c, gain in gains.items() if c != e):  # but for rounding
            assert e == max(gains, key=gains.__getitem__)
        assert gains[e] >= max(gains.values()) - 1e-6
        S.append(e)


def test_ties_go_to_the_smallest_element():
    for choose in (greedy, lazy_greedy, top_k, brute_force):
        assert choose(Modular([1, 2, 2, 1, 2]), 4).chosen == (1, 2, 4, 0)


@given(SEEDS, st.integers(1, 3))
def test_no_element_is_special(seed, k):
    """Renaming the ground set renames the answer: a guard against `if not e:`."""
    rng = np.random.default_rng(seed)
    s, new_name = rng.random((12, 8)), rng.permutation(8)  # no symmetry, so no ties
    f, renamed = FacilityLocation(s), FacilityLocation(s[:, np.argsort(new_name)])
    for choose in (greedy, lazy_greedy, top_k):
        assert choose(renamed, k).chosen == tuple(new_name[list(choose(f, k).chosen)])
    assert brute_force(renamed, k).value == pytest.approx(brute_force(f, k).value)


@every_chooser
@given(case=monotone)
@settings(max_examples=30)
def test_a_selection_is_in_order_without_duplicates_and_adds_up(choose, case):
    f, _ = case.make()
    for k in (0, 1, f.n // 2, f.n):
        found = choose(f, k)
        assert len(set(found.chosen)) == len(found.chosen) == len(found.gains) <= k
        assert all(type(e) is int for e in found.chosen)
        assert found.value == pytest.approx(f.value(found.chosen), abs=1e-8)
        partial = [f.value(found.chosen[:size]) for size in range(len(found.chosen) + 1)]
        np.testing.assert_allclose(found.gains, np.diff(partial), atol=1e-8)


@given(cases())
def test_the_gains_of_greedy_never_grow(case):
    f, _ = case.make()
    assert (np.diff(greedy(f, f.n).gains) <= 1e-8).all()


@given(cases(kinds=tuple(OTHERS)))
def test_an_element_that_would_do_harm_is_not_added(case):
    f, _ = case.make()
    for choose in (greedy, lazy_greedy, CHOOSERS["stochastic"]):
        found = choose(f, f.n)
        assert min(found.gains, default=0) >= 0
    left = [e for e in range(f.n) if e not in (S := greedy(f, f.n).chosen)]
    assert all(f.value([*S, e]) < f.value(S) for e in left)


def test_greedy_asks_for_every_gain_that_is_left():
    f = Counted(coverage(40, np.random.default_rng(0)))
    assert greedy(f, 7).evaluations == f.asked == sum(40 - t for t in range(7))


# --- lazy greedy --------------------------------------------------------------------------------------


@given(cases())
def test_lazy_greedy_reaches_what_greedy_reaches(case):
    f, _ = case.make()
    lazy, eager = lazy_greedy(f, f.n), greedy(f, f.n)
    np.testing.assert_allclose(np.cumsum(lazy.gains), np.cumsum(eager.gains), atol=1e-8)
    assert lazy_greedy(f, f.n // 2).chosen == lazy.chosen[: f.n // 2]


@given(SEEDS, st.integers(1, 60))
def test_lazy_greedy_chooses_what_greedy_chooses_ties_included(seed, n):
    f = coverage(n, np.random.default_rng(seed), items=15)
    assert lazy_greedy(f, n // 2).chosen == greedy(f, n // 2).chosen


def test_lazy_greedy_asks_for_fewer_gains_and_counts_them():
    f = FacilityLocation.from_features(points(600, np.random.default_rng(0)))
    for k, times in ((5, 1.3), (20, 3), (50, 6)):
        counted = Counted(f)
        lazy = lazy_greedy(counted, k)
        assert lazy.evaluations == counted.asked < greedy(f, k).evaluations / times


@given(cases(), st.booleans())
def test_lazy_greedy_never_asks_for_more_gains_than_greedy(case, alike):
    f, _ = case.make()
    f = Coverage(np.ones((f.n, 3))) if alike else f
    for k in budgets(f):
        assert lazy_greedy(f, k).evaluations <= greedy(f, k).evaluations


def test_lazy_greedy_asks_for_little_more_than_one_at_a_time_would():
    f = FacilityLocation.from_features(points(400, np.random.default_rng(0)))
    state, bounds, asked, chosen = f.empty(), f.gains(f.empty(), range(400)), 400, []
    while len(chosen) < 40:  # the textbook: look at the top, and look again
        fresh = np.zeros(400, dtype=bool)
        while not fresh[e := int(np.argmax(bounds))]:
            bounds[e], fresh[e], asked = f.gains(state, [e])[0], True, asked + (bool(chosen))
        chosen.append(e)
        state, bounds[e] = f.add(state, e), -np.inf
    assert lazy_greedy(f, 40).chosen == tuple(chosen)
    assert asked <= lazy_greedy(f, 40).evaluations <= 2.5 * asked


@given(cases())
def test_what_a_round_calls_fresh_is_the_gain_and_all_else_a_bound(case):
    f, _ = case.make()
    for rounds in (greedy_rounds, lazy_rounds):
        S: list[int] = []
        for r in rounds(f):
            rest = [e for e in range(f.n) if e not in S]
            truth = np.array([f.value([*S, e]) - f.value(S) for e in rest])
            assert (r.bounds[rest] >= truth - 1e-8).all()
            fresh = r.fresh[rest]
            np.testing.assert_allclose(r.bounds[rest][fresh], truth[fresh], atol=1e-8)
            assert r.fresh[r.e]
            best = r.bounds[rest].max()
            largest = [e for e in rest if r.bounds[e] >= best * (1 - 1e-9)]
            assert r.gain == r.bounds[r.e] >= best - 1e-8
            assert r.e == largest[0]
            S.append(r.e)


def test_rounds_can_be_taken_one_by_one():
    f = coverage(10, np.random.default_rng(0))
    first = [r.e for r in islice(greedy_rounds(f), 3)]
    assert tuple(first) == greedy(f, 3).chosen
    assert [r.evaluations for r in islice(greedy_rounds(f), 3)] == [10, 19, 27]


# --- stochastic greedy, and what greedy is compared with ----------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_stochastic_greedy_keeps_its_promise_on_average_for_few_gains(seed):
    rng = np.random.default_rng(seed)
    f, k, epsilon = coverage(20, rng, items=30), 5, 0.2
    runs = [stochastic_greedy(f, k, epsilon=epsilon, rng=stream) for stream in rng.spawn(100)]
    assert np.mean([run.value for run in runs]) >= (1 - 1 / math.e - epsilon) * brute_force(f, k).value
    assert {run.evaluations for run in runs} == {k * math.ceil(20 / k * math.log(1 / epsilon))}
    assert len({run.chosen for run in runs}) > 10


def test_stochastic_greedy_that_looks_at_everything_is_greedy():
    f = FacilityLocation(similarity(15, np.random.default_rng(0)))
    rng = np.random.default_rng(0)
    assert stochastic_greedy(f, 6, epsilon=1e-9, rng=rng).chosen == greedy(f, 6).chosen


class Watched(FacilityLocation):
    """Remembers how many gains it was asked for at a time."""

    def __init__(self, similarity):
        super().__init__(similarity)
        self.asked = []

    def gains(self, best, candidates):
        self.asked.append(len(candidates))
        return super().gains(best, candidates)


def test_greedy_leaves_it_to_the_function_to_keep_its_gains_up_to_date():
    f = Watched(similarity(60, np.random.default_rng(0)))
    assert greedy(f, 20).evaluations == sum(60 - t for t in range(20))
    assert f.asked == [60, 60]  # before the first pick and after it


def test_gains_that_a_function_keeps_up_to_date_must_be_numbers_too():
    class Broken(Watched):
        def track_gains(self):
            track = super().track_gains()
            return lambda state, wanted: np.where(np.arange(self.n) == 2, np.nan, track(state, wanted))

    with pytest.raises(ValueError, match="element 2 is nan"):
        greedy(Broken(similarity(5, np.random.default_rng(0))), 3)


def test_a_function_of_ones_own_defines_five_names_and_works_everywhere():
    class Roots(SetFunction):
        """√|S|, weighted by nothing: the smallest subclass there can be."""

        n = 6

        def value(self, indices):
            return len(set(indices)) ** 0.5

        def empty(self):
            return frozenset()

        def gains(self, state, candidates):
            return np.array([len(state | {e}) ** 0.5 - len(state) ** 0.5 for e in candidates])

        def add(self, state, e):
            return state | {e}

    f, rng = Roots(), np.random.default_rng(0)
    for found in (greedy(f, 3), lazy_greedy(f, 3), greedi(f, 3, 2, rng=rng), brute_force(f, 3)):
        assert found.value == pytest.approx(3**0.5)
    assert sieve_streaming(f, range(6), 3, 0.1).value >= 0.4 * 3**0.5
    assert f.restrict([1, 4]).value([0, 1]) == 2**0.5


def test_a_subclass_that_lacks_a_method_is_refused():
    class Half(SetFunction):
        n = 2

    with pytest.raises(TypeError, match="abstract"):
        Half()


def test_the_top_k_of_losses_are_the_smallest():
    assert top_k(Modular([-3.0, -1.0, -2.0]), 3).chosen == (1, 2, 0)


@given(SEEDS)
def test_the_top_k_are_those_of_largest_value_alone(seed):
    f = coverage(9, np.random.default_rng(seed))
    alone = [f.value([e]) for e in range(9)]
    assert top_k(f, 4).chosen == tuple(sorted(range(9), key=lambda e: -alone[e])[:4])


def test_the_top_k_can_all_say_the_same():
    copies = Coverage(np.repeat(np.eye(4, 8) + np.eye(4, 8, 4), [5, 1, 1, 1], axis=0), [2, 1, 1, 1] * 2)
    assert top_k(copies, 4).value == 4
    assert greedy(copies, 4).value == 10


def test_every_random_subset_is_equally_likely():
    f, rng = Modular(np.ones(5)), np.random.default_rng(0)
    drawn = [frozenset(random_subset(f, 2, rng=rng).chosen) for _ in range(3000)]
    counts = [drawn.count(frozenset(pair)) for pair in combinations(range(5), 2)]
    assert min(counts) > 230
    assert max(counts) < 370  # 300 expected, 16 the standard deviation


# --- brute force --------------------------------------------------------------------------------------


@given(cases())
def test_brute_force_finds_what_enumeration_finds(case):
    f, _ = case.make()
    found = [brute_force(f, k).value for k in budgets(f)]
    np.testing.assert_allclose(found, enumerated(f), atol=1e-8)


def test_brute_force_looks_at_few_of_the_sets():
    f = FacilityLocation.from_features(points(25, np.random.default_rng(0)))
    best = brute_force(f, 5)
    assert best.value >= greedy(f, 5).value
    assert best.evaluations < math.comb(25, 5) / 5


# --- costs --------------------------------------------------------------------------------------------


@given(monotone)
@settings(max_examples=50)
def test_knapsack_greedy_keeps_its_promise_and_the_budget(case):
    f, rng = case.make()
    costs, budget = 0.2 + rng.random(f.n), 1.5
    affordable = [
        f.value(S)
        for size in range(f.n + 1)
        for S in combinations(range(f.n), size)
        if costs[list(S)].sum() <= budget
    ]
    found = knapsack_greedy(f, budget, costs)
    assert costs[list(found.chosen)].sum() <= budget + 1e-12
    assert found.value >= 0.5 * (1 - 1 / math.e) * max(affordable) - 1e-8


@given(cases(kinds=("coverage", "modular")))  # exact: elsewhere rounding can break ties
def test_with_equal_costs_it_is_greedy(case):
    f, _ = case.make()
    assert knapsack_greedy(f, 3.0, np.ones(f.n)).chosen == greedy(f, min(3, f.n)).chosen


def test_knapsack_greedy_counts_the_gains_of_both_its_runs():
    f = Counted(coverage(20, np.random.default_rng(0)))
    found = knapsack_greedy(f, 3, np.linspace(0.5, 2, 20))
    assert found.evaluations == f.asked > 2 * 20


def test_neither_rule_alone_would_do():
    big_or_many = Modular([10.0, *[2.0] * 10])
    assert knapsack_greedy(big_or_many, 10, [10.0, *[1.0] * 10]).value == 20  # by gain: 10
    bait = Modular([1.5, 10.0])
    assert knapsack_greedy(bait, 10, [1.0, 10.0]).value == 10  # by gain per cost: 1.5


# --- what is refused ----------------------------------------------------------------------------------


@every_chooser
@pytest.mark.parametrize("k", [-1, 4])
def test_a_budget_outside_the_ground_set_is_refused(choose, k):
    with pytest.raises(ValueError, match=f"k={k} must be between 0 and the ground set's size n=3"):
        choose(Modular(np.ones(3)), k)


def test_other_wrong_arguments_are_refused():
    f = Modular(np.ones(3))
    for epsilon in (0, 1, -0.1):
        with pytest.raises(ValueError, match=f"epsilon={epsilon}"):
            stochastic_greedy(f, 1, epsilon=epsilon, rng=np.random.default_rng(0))
    for costs in ([1.0, 1.0], [0.0, 1.0, 1.0], [-1.0, 1.0, 1.0]):
        with pytest.raises(ValueError, match=r"costs=|at least 0"):
            knapsack_greedy(f, 1, costs)
    with pytest.raises(ValueError, match="n=26"):
        brute_force(Modular(np.ones(26)), 2)


@pytest.mark.own_checks
@pytest.mark.parametrize("budget", [None, "2", np.nan])
def test_a_budget_that_is_not_a_number_is_refused_by_name(budget):
    with pytest.raises(ValueError, match="budget"):
        knapsack_greedy(Modular(np.ones(3)), budget, np.ones(3))


@pytest.mark.own_checks
def test_a_tensor_that_requires_a_gradient_is_refused_by_name():
    with pytest.raises(ValueError, match=r"similarity, .* requires a gradient"):
        FacilityLocation(torch.ones(3, 3, requires_grad=True))
