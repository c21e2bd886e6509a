"""The derivations of lectures 05 and 06, and of the proofs that sets 05 and 06 ask for, line by line."""

import math
from itertools import chain, combinations, pairwise

import numpy as np
import pytest
from helpers.submodular_examples import SEEDS, cases, coverage, similarity
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.submodular.distributed import greedi_on_parts
from lsml_core.submodular.functions import Coverage, FacilityLocation, FeatureBased, GraphCut, Modular
from lsml_core.submodular.greedy import brute_force, greedy, top_k
from lsml_core.submodular.instances import tight_instance
from lsml_core.submodular.streaming import GUESSES, powers, sieve_states

SLACK = 1e-9
WHOLE = (
    "facility location",
    "coverage",
    "feature-based",
    "saturated coverage",
    "graph cut",
    "log-determinant",
)
monotone = cases(kinds=WHOLE)
epsilons = st.sampled_from([0.1, 0.3, 0.5, 1.0])


def subsets(elements):
    elements = sorted(elements)
    return [
        frozenset(S) for S in chain.from_iterable(combinations(elements, r) for r in range(len(elements) + 1))
    ]


def gain(f, e, S):
    return f.value([*S, e]) - f.value([*S])


def nested(n):
    """All A ⊆ B and e outside B."""
    return [(A, B, e) for B in subsets(range(n)) for A in subsets(B) for e in set(range(n)) - B]


# --- submodularity


@given(SEEDS, st.booleans())
@settings(max_examples=60)
def test_diminishing_gains_and_union_intersection_are_the_same(seed, submodular):
    """Of any function, monotone or not: both hold or neither does."""
    rng = np.random.default_rng(seed)
    sizes = -(np.arange(5.0) ** 2) if submodular else np.zeros(5)
    F = {S: sizes[len(S)] + rng.integers(0, 3) for S in subsets(range(4))}
    gains = all(F[A | {e}] - F[A] >= F[B | {e}] - F[B] for A, B, e in nested(4))
    unions = all(F[S] + F[T] >= F[S | T] + F[S & T] for S in F for T in F)
    assert gains == unions


@given(SEEDS)
@settings(max_examples=10)
def test_the_two_telescoping_sums_of_the_equivalence_differ_term_by_term(seed):
    f, rng = coverage(6, np.random.default_rng(seed)), np.random.default_rng(seed)
    S, T = ({*np.flatnonzero(rng.random(6) < 0.6).tolist()} for _ in range(2))
    D, added = S & T, sorted(T - S)
    small = [gain(f, t, D | set(added[:i])) for i, t in enumerate(added)]
    large = [gain(f, t, S | set(added[:i])) for i, t in enumerate(added)]
    assert all(a >= b for a, b in zip(small, large, strict=True))
    assert sum(small) == pytest.approx(f.value([*T]) - f.value([*D]))
    assert sum(large) == pytest.approx(f.value([*(S | T)]) - f.value([*S]))


@given(SEEDS)
@settings(max_examples=10)
def test_the_gain_of_coverage_is_the_weight_of_what_is_new_and_never_grows(seed):
    rng = np.random.default_rng(seed)
    member, weights = rng.random((4, 9)) < 0.4, rng.random(9)
    f = Coverage(member, weights)
    for A, B, e in nested(4):
        new_to_A, new_to_B = (member[e] & ~member[[*S]].any(axis=0) for S in (A, B))
        assert gain(f, e, A) == pytest.approx(weights[new_to_A].sum())
        assert (new_to_B <= new_to_A).all()
        assert 0 <= weights[new_to_B].sum() <= weights[new_to_A].sum()


@given(SEEDS)
@settings(max_examples=10)
def test_the_gain_of_facility_location_is_a_sum_of_positive_parts_and_never_grows(seed):
    s = similarity(4, np.random.default_rng(seed), m=6)
    f = FacilityLocation(s)
    for A, B, e in nested(4):
        best_A, best_B = (s[:, [*S]].max(axis=1, initial=0) for S in (A, B))
        assert gain(f, e, A) == pytest.approx(np.maximum(0, s[:, e] - best_A).sum())
        assert (best_A <= best_B).all()
        assert (np.maximum(0, s[:, e] - best_B) <= np.maximum(0, s[:, e] - best_A)).all()


@given(SEEDS, st.sampled_from([np.sqrt, np.log1p]))
@settings(max_examples=10)
def test_the_gain_of_concave_over_modular_is_an_increment_that_shrinks_to_the_right(seed, phi):
    w = np.random.default_rng(seed).random(4)
    f = FeatureBased(w[:, None], phi)
    for A, B, e in nested(4):
        at_A, at_B = w[[*A]].sum(), w[[*B]].sum()
        assert gain(f, e, A) == pytest.approx(phi(at_A + w[e]) - phi(at_A))
        assert at_A <= at_B + SLACK
        assert phi(at_A + w[e]) - phi(at_A) >= phi(at_B + w[e]) - phi(at_B) - SLACK


@given(SEEDS)
@settings(max_examples=10)
def test_the_gain_of_a_cut_is_what_e_has_outside_less_what_it_has_inside(seed):
    """The proof that set 05 asks for: an edge from e to B without A changes from plus to minus."""
    w = similarity(5, np.random.default_rng(seed))
    np.fill_diagonal(w, 0)
    cut = GraphCut(w, 1.0)
    assert [cut.value([]), cut.value(range(5))] == pytest.approx([0, 0])
    for A, B, e in nested(5):
        inside, outside = w[e, [*A]].sum(), w[e, [*(set(range(5)) - A - {e})]].sum()
        assert gain(cut, e, A) == pytest.approx(outside - inside)
        assert gain(cut, e, A) - gain(cut, e, B) == pytest.approx(2 * w[e, [*(B - A)]].sum())


# --- greedy


@given(monotone)
@settings(max_examples=40)
def test_every_line_of_the_proof_of_greedys_guarantee(case):
    f, _ = case.make()
    for k in range(1, f.n + 1):
        best, order = brute_force(f, k), greedy(f, k).chosen
        for i in range(len(order) - 1):
            S, now = order[:i], f.value(order[:i])
            together = f.value([*S, *best.chosen])
            alone = sum(gain(f, o, S) for o in best.chosen if o not in S)
            step = f.value(order[: i + 1]) - now
            assert best.value <= together + SLACK  # monotone
            assert together <= now + alone + SLACK  # submodular
            assert alone <= k * step + SLACK  # the largest gain
            assert best.value - now - step <= (1 - 1 / k) * (best.value - now) + SLACK  # the recursion


@pytest.mark.parametrize("k", range(1, 7))
def test_the_recursion_holds_with_equality_on_the_tight_instance(k):
    f = tight_instance(k)
    optimum, order = f.value(range(k, 2 * k)), greedy(f, k).chosen
    gaps = [optimum - f.value(order[:i]) for i in range(k + 1)]
    assert all(after == pytest.approx((1 - 1 / k) * before) for before, after in pairwise(gaps))
    assert gaps[k] == pytest.approx((1 - 1 / k) ** k * optimum)
    assert (1 - 1 / k) ** k <= 1 / math.e


@given(monotone)
@settings(max_examples=30)
def test_the_k_largest_gains_that_are_left_bound_the_optimum(case):
    f, _ = case.make()
    for k in range(1, f.n + 1):
        found = greedy(f, k)
        left = sorted((gain(f, e, found.chosen) for e in set(range(f.n)) - set(found.chosen)), reverse=True)
        assert brute_force(f, k).value <= found.value + sum(left[:k]) + SLACK


@given(monotone)
@settings(max_examples=30)
def test_the_best_single_elements_reach_a_kth_of_the_optimum(case):
    f, _ = case.make()
    for k in range(1, f.n + 1):
        assert top_k(f, k).value >= brute_force(f, k).value / k - SLACK


@pytest.mark.parametrize("epsilon", [0.05, 0.1, 0.3])
def test_stochastic_greedy_never_samples_about_epsilon_of_the_elements(epsilon):
    n, k, seeds = 2000, 100, range(5)
    size = math.ceil(n / k * math.log(1 / epsilon))
    never = []
    for seed in seeds:
        rng, seen = np.random.default_rng(seed), np.zeros(n, bool)
        for _ in range(k):
            seen[rng.choice(n, size, replace=False)] = True
        never.append(1 - seen.mean())
    assert (1 - size / n) ** k == pytest.approx(epsilon, rel=0.12)
    assert np.mean(never) == pytest.approx(epsilon, rel=0.25)


# --- GreeDi


@given(cases(kinds=("coverage", "feature-based", "graph cut")), st.integers(1, 4))
@settings(max_examples=40)
def test_every_line_of_the_proof_of_greedis_guarantee_without_the_merged_set(case, m):
    f, rng = case.make()
    owner = rng.integers(m, size=f.n)
    parts = [np.flatnonzero(owner == p) for p in range(m)]
    for k in range(1, f.n + 1):
        best, run = brute_force(f, k), greedi_on_parts(f, k, parts)
        pieces = [f.value([o for o in best.chosen if owner[o] == p]) for p in range(m)]
        assert best.value <= sum(pieces) + SLACK
        assert max(pieces) >= best.value / m - SLACK
        for piece, own in zip(pieces, run.local_values, strict=True):
            assert own >= (1 - 1 / math.e) * piece - SLACK
        singles = [f.value([o]) for o in best.chosen]
        assert best.value <= sum(singles) + SLACK
        o = best.chosen[int(np.argmax(singles))] if singles else 0
        assert run.local_values[owner[o]] >= f.value([o]) - SLACK
        assert max(run.local_values) >= (1 - 1 / math.e) / min(m, k) * best.value - SLACK


@pytest.mark.parametrize(("n", "k"), [(60_000, 200), (10_000, 50), (5_000, 10)])
def test_greedis_cost_is_smallest_at_the_root_of_n_over_k(n, k):
    m = np.linspace(1, n / k, 200_001)
    cost = n * k / m + m * k**2
    assert m[np.argmin(cost)] == pytest.approx(math.sqrt(n / k), rel=0.01)
    assert cost.min() == pytest.approx(2 * k * math.sqrt(n * k), rel=1e-4)
    assert (n / k) * k**2 == n * k  # with n/k machines round 2 costs what greedy costs


def test_the_gains_that_greedi_evaluates_are_those_of_the_formula():
    n, k, m = 400, 8, 5
    f = coverage(n, np.random.default_rng(0), items=60)
    run = greedi_on_parts(f, k, np.array_split(np.arange(n), m))
    together = len({e for own in run.local for e in own})
    first, second = (size * k - k * (k - 1) // 2 for size in (n // m, together))
    assert together <= m * k
    assert run.evaluations == m * first + second <= m * (n * k // m) + m * k**2


# --- the sieve


@given(monotone, st.integers(1, 5), epsilons)
@settings(max_examples=60)
def test_a_sieve_has_its_share_of_its_guess_at_all_times_so_its_threshold_is_at_most_v_over_2k(
    case, k, epsilon
):
    f, rng = case.make()
    for now in sieve_states(f, rng.permutation(f.n), k, epsilon, block=1):
        for v, sieve in now.sieves.items():
            size = len(sieve.chosen)
            assert sieve.value >= v * size / (2 * k) * (1 - SLACK)
            if size < k:
                assert GUESSES.threshold(v, sieve, k) <= v / (2 * k) * (1 + SLACK)


@given(monotone, st.integers(1, 5), epsilons)
@settings(max_examples=60)
def test_a_sieve_ends_with_half_of_its_guess_or_with_the_optimum_less_that_half(case, k, epsilon):
    f, rng = case.make()
    k = min(k, f.n)
    optimum = brute_force(f, k)
    *_, end = sieve_states(f, rng.permutation(f.n), k, epsilon, block=1)
    for v, sieve in end.sieves.items():
        if len(sieve.chosen) == k:
            assert sieve.value >= v / 2 * (1 - SLACK)
            continue
        missing = [gain(f, o, sieve.chosen) for o in optimum.chosen if o not in sieve.chosen]
        assert all(g < v / (2 * k) * (1 + SLACK) + SLACK for g in missing)
        assert sieve.value >= optimum.value - v / 2 - SLACK


def guess_that_the_proof_uses(f, k, epsilon, optimum, m):
    """The largest power up to OPT if its sieve is alive at the end, else the next one."""
    v = max(p for p in powers(1 + epsilon, optimum / (1 + epsilon) ** 2, optimum) if p <= optimum)
    return (v, "up to OPT") if v >= m else (v * (1 + epsilon), "above OPT")


@given(monotone, st.integers(1, 5), st.sampled_from([0.1, 0.3, 0.49]))
@settings(max_examples=60)
def test_the_guess_of_the_proof_exists_and_gives_half_less_half_of_epsilon(case, k, epsilon):
    f, rng = case.make()
    k, optimum = min(k, f.n), brute_force(f, min(k, f.n)).value
    if optimum <= 0:
        return
    *_, end = sieve_states(f, rng.permutation(f.n), k, epsilon, block=1)
    v, place = guess_that_the_proof_uses(f, k, epsilon, optimum, end.m)
    if place == "above OPT":
        assert optimum < v < (1 + epsilon) * optimum * (1 + SLACK)
    else:
        assert optimum / (1 + epsilon) < v * (1 + SLACK) <= optimum * (1 + 2 * SLACK)
    (sieve,) = (s for level, s in end.sieves.items() if level == pytest.approx(v))
    assert sieve.value >= (0.5 - epsilon / 2) * optimum - SLACK


@pytest.mark.parametrize(
    ("weights", "k", "place"), [([1.0, 1.0, 1.0, 1.0], 4, "up to OPT"), ([1.3, 0.2], 1, "above OPT")]
)
def test_both_cases_of_the_proof_occur(weights, k, place):
    f = Modular(np.array(weights))
    optimum = brute_force(f, k).value
    v, found = guess_that_the_proof_uses(f, k, 0.25, optimum, max(weights))
    assert found == place
    *_, end = sieve_states(f, range(len(weights)), k, 0.25, block=1)
    assert min(end.sieves) > optimum if place == "above OPT" else min(end.sieves) <= v <= optimum


def sieve_that_appears(v, gains, k, factor):
    """The gains kept by the sieve for v if guesses go up to factor·m, and elements share nothing."""
    m, kept = 0.0, []
    for g in gains:
        m = max(m, g)
        if v <= factor * m and len(kept) < k and g >= (v / 2 - sum(kept)) / (k - len(kept)):
            kept.append(g)
    return kept


@given(st.lists(st.floats(0.01, 5), min_size=2, max_size=6), st.integers(1, 4), st.floats(0.5, 20))
def test_a_sieve_that_appears_late_has_missed_nothing_if_guesses_go_up_to_2km(gains, k, v):
    late, always = (sieve_that_appears(v, gains, k, factor) for factor in (2 * k * (1 + SLACK), np.inf))
    if v <= 2 * k * max(gains):
        assert late == always


def test_guesses_up_to_km_would_miss_an_element_that_the_sieve_keeps():
    """k = 2, gains 1 and then 1.1: with guesses up to km, 2.2 appears after the first element has passed."""
    k, gains, v = 2, [1.0, 1.1], 2.2
    assert sieve_that_appears(v, gains, k, factor=2 * k) == gains
    assert sieve_that_appears(v, gains, k, factor=k * (1 + SLACK)) == [1.1]


@given(monotone, st.integers(1, 5), st.floats(0.1, 2.0))
@settings(max_examples=60)
def test_a_fixed_threshold_gives_k_tau_or_the_optimum_less_k_tau(case, k, share):
    """The proof that set 06 asks for; share = 1 is τ = OPT/2k, which gives half of OPT."""
    f, rng = case.make()
    k = min(k, f.n)
    optimum = brute_force(f, k).value
    tau, S = share * optimum / (2 * k), []
    for e in rng.permutation(f.n).tolist():
        if len(S) < k and gain(f, e, S) >= tau:
            S.append(e)
    value = f.value(S)
    assert value >= len(S) * tau - SLACK
    assert value >= (k * tau if len(S) == k else optimum - k * tau) - SLACK
    if share <= 1:
        assert value >= share / 2 * optimum - SLACK
