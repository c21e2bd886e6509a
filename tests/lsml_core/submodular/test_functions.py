import math
from itertools import chain, combinations

import numpy as np
import pytest
from helpers.submodular_examples import MONOTONE, OTHERS, SEEDS, cases, points, similarity, sparse_similarity
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from lsml_core.submodular import functions
from lsml_core.submodular.functions import (
    ByValue,
    Coverage,
    Exemplar,
    FacilityLocation,
    FeatureBased,
    GraphCut,
    LogDeterminant,
    Modular,
    Restricted,
    SaturatedCoverage,
    SetFunction,
    StreamedFacilityLocation,
    WeightedSum,
    find_decrease,
    find_violation,
)
from lsml_core.submodular.kernels.neighbors import neighbor_graph
from lsml_core.submodular.set_function import GainTracker

every_kind = pytest.mark.parametrize("kind", MONOTONE | OTHERS)


def make(kind, n, seed):
    return (MONOTONE | OTHERS)[kind](n, np.random.default_rng(seed))


def after(f, S):
    state = f.empty()
    for e in S:
        state = f.add(state, e)
    return state


def subsets(n):
    return chain.from_iterable(combinations(range(n), size) for size in range(n + 1))


# --- every function against its definition -----------------------------------------------------------


@given(SEEDS, st.sets(st.integers(0, 6)))
def test_facility_location_is_the_sum_of_best_similarities(seed, S):
    rng = np.random.default_rng(seed)
    s, x, chosen = similarity(7, rng, m=9), points(7, rng), sorted(S)
    best = s[:, chosen].max(axis=1, initial=0).sum()
    assert FacilityLocation(s).value(chosen) == pytest.approx(best)
    assert FacilityLocation(csr_array(s)).value(chosen) == pytest.approx(best)
    near = cdist(x, x[chosen], "sqeuclidean").min(axis=1, initial=np.inf)
    loss = (np.minimum(near, (x**2).sum(axis=1))).sum()
    assert Exemplar(x).value(chosen) == pytest.approx((x**2).sum() - loss)


@given(SEEDS, st.sets(st.integers(0, 6), min_size=1))
def test_facility_location_of_points_is_a_constant_less_the_k_medoid_loss(seed, S):
    x = points(7, np.random.default_rng(seed))
    f, chosen = FacilityLocation.from_features(x), sorted(S)
    loss = cdist(x, x[chosen], "sqeuclidean").min(axis=1).sum()
    constant = f.value(range(7))  # the loss of everything is 0
    assert f.value(chosen) == pytest.approx(constant - loss)
    assert constant / 7 >= cdist(x, x, "sqeuclidean").max()  # so no similarity is negative


@given(SEEDS, st.sets(st.integers(0, 6)))
def test_the_other_functions_are_what_they_say(seed, S):
    rng, chosen = np.random.default_rng(seed), sorted(S)
    member, w = rng.random((7, 9)) < 0.3, rng.random(9)
    assert Coverage(member, w).value(chosen) == pytest.approx(w[member[chosen].any(axis=0)].sum())
    assert Coverage(csr_array(member)).value(chosen) == member[chosen].any(axis=0).sum()
    x = rng.random((7, 9))
    expected = sum(w[u] * math.sqrt(sum(x[e, u] for e in chosen)) for u in range(9))
    assert FeatureBased(x, weights=w).value(chosen) == pytest.approx(expected)
    s = similarity(7, rng)
    content = [min(s[i, chosen].sum(), 0.3 * s[i].sum()) for i in range(7)]
    assert SaturatedCoverage(s, 0.3).value(chosen) == pytest.approx(sum(content))
    inside = sum(s[i, j] for i in chosen for j in chosen)
    assert GraphCut(s, 0.2).value(chosen) == pytest.approx(s[:, chosen].sum() - 0.2 * inside)
    outside = [i for i in range(7) if i not in S]
    assert GraphCut(s, 1).value(chosen) == pytest.approx(s[np.ix_(outside, chosen)].sum())
    kernel = x @ x.T
    grown = np.eye(len(chosen)) + kernel[np.ix_(chosen, chosen)]
    assert LogDeterminant(kernel).value(chosen) == pytest.approx(math.log(np.linalg.det(grown)))
    assert Modular(w[:7]).value(chosen) == pytest.approx(w[chosen].sum())


@given(cases())
def test_a_gain_is_the_difference_of_two_values(case):
    f, rng = case.make()
    S = rng.permutation(f.n)[: rng.integers(f.n + 1)].tolist()
    everything = rng.permutation(f.n).tolist()
    expected = [f.value([*S, e]) - f.value(S) for e in everything]
    np.testing.assert_allclose(f.gains(after(f, S), everything), expected, atol=1e-8)
    np.testing.assert_allclose(f.gains(after(f, S), everything[:2]), expected[:2], atol=1e-8)
    np.testing.assert_allclose(f.gains(after(f, S), S), 0, atol=1e-8)


@given(cases())
def test_the_value_is_that_of_a_set_and_of_the_empty_set_zero(case):
    f, rng = case.make()
    S = rng.integers(f.n, size=5).tolist()
    assert f.value(S) == pytest.approx(f.value(sorted(set(S))), abs=1e-12)
    assert f.value([]) == 0
    assert f.gains(f.empty(), []).shape == (0,)


@given(cases())
def test_adding_leaves_the_old_state_as_it_was(case):
    f, rng = case.make()
    S = rng.permutation(f.n).tolist()
    states = [after(f, S[:size]) for size in range(f.n + 1)]
    before = [f.gains(state, range(f.n)) for state in states]
    for state in states:
        for e in S:
            f.add(state, e)
    for state, gains in zip(states, before, strict=True):
        np.testing.assert_array_equal(f.gains(state, range(f.n)), gains)


@given(cases(kinds=("log-determinant", "graph cut", "feature-based", "saturated coverage", "modular")))
def test_adding_an_element_twice_is_adding_it_once(case):
    f, rng = case.make()
    e, other = rng.permutation(f.n)[:2].tolist()
    np.testing.assert_allclose(f.gains(after(f, [e, e]), [other]), f.gains(after(f, [e]), [other]))


def test_every_public_function_has_an_example_that_all_laws_are_tried_on():
    """A function that is not in `helpers/submodular_examples.py` would pass every test of this folder."""
    public = {getattr(functions, name) for name in functions.__all__}
    missing = {kind for kind in public if isinstance(kind, type) and issubclass(kind, SetFunction)}
    missing -= {SetFunction, *(type(make(kind, 5, 0)) for kind in MONOTONE | OTHERS)}
    assert not missing


@every_kind
def test_every_function_is_a_set_function(kind):
    assert isinstance(make(kind, 5, 0), SetFunction)


# --- the laws of the slide ----------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("seed", range(3))
def test_no_gain_grows_with_the_set(kind, seed):
    assert find_violation(make(kind, 6, seed), rng=np.random.default_rng(0)) is None


@given(cases())
def test_union_and_intersection_hold_no_more_than_the_two_sets(case):
    f, rng = case.make()
    S, T = (set(np.flatnonzero(rng.random(f.n) < 0.5).tolist()) for _ in range(2))
    together = f.value(sorted(S | T)) + f.value(sorted(S & T))
    assert f.value(sorted(S)) + f.value(sorted(T)) >= together - 1e-8


@pytest.mark.parametrize("kind", MONOTONE)
@pytest.mark.parametrize("seed", range(3))
def test_monotone_functions_never_fall(kind, seed):
    assert find_decrease(make(kind, 6, seed), rng=np.random.default_rng(0)) is None


# --- hunting for counterexamples ----------------------------------------------------------------------


@given(SEEDS, st.integers(2, 5))
def test_a_function_without_a_violation_has_none_for_any_pair_of_sets(seed, n):
    """The hunt looks only one element ahead: all pairs A ⊂ B must agree with it."""
    table = dict(zip(subsets(n), np.random.default_rng(seed).integers(0, 4, 2**n).tolist(), strict=True))
    table = {S: value + 2 * len(S) ** 0.5 for S, value in table.items()}  # often submodular, often not
    f = ByValue(n, table.__getitem__)
    violated = {
        len(B)
        for B in subsets(n)
        for A in subsets(n)
        for e in range(n)
        if {*A} < {*B} and e not in B
        if f.value((*A, e)) - f.value(A) < f.value((*B, e)) - f.value(B) - 1e-9
    }
    found = find_violation(f, rng=np.random.default_rng(0))
    assert (found is None) == (not violated)
    if found:
        A, B, e = found
        assert {*A} < {*B}
        assert e not in B
        assert f.value((*A, e)) - f.value(A) < f.value((*B, e)) - f.value(B)
        assert len(B) == min(violated)


def test_the_smallest_counterexample_is_found():
    square = ByValue(6, lambda S: len(S) ** 2)
    assert find_violation(square, rng=np.random.default_rng(0)) == ((), (0,), 1)
    late = ByValue(6, lambda S: min(len(S), 3) - (len(S) > 4))
    assert find_decrease(late, rng=np.random.default_rng(0)) == ((0, 1, 2, 3), (0, 1, 2, 3, 4), 4)


@pytest.mark.parametrize("n", [13, 40])
def test_on_large_sets_a_counterexample_is_lessened_until_nothing_can_go(n):
    pair = ByValue(n, lambda S: len(S) + 5 * ({1, 2, 3} <= {*S}))
    A, B, e = find_violation(pair, rng=np.random.default_rng(0))
    assert len(A) == 1
    assert {*B, e} == {1, 2, 3}
    A, B, e = find_decrease(ByValue(n, lambda S: len(S) - 3 * (7 in S)), rng=np.random.default_rng(0))
    assert (A, B, e) == ((), (7,), 7)


def test_rounding_is_no_violation():
    assert find_violation(Modular(np.full(8, 0.1)), rng=np.random.default_rng(0)) is None
    assert find_decrease(Modular(np.zeros(8)), rng=np.random.default_rng(0)) is None


# --- one similarity, three ways to hold it ------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 3200])  # either side of where np.clip takes over
def test_all_ways_to_hold_a_similarity_give_the_same_gains(width):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(width, 3)) + 5
    kept, made = (FacilityLocation.from_features(x, memory=memory) for memory in (1e9, 0))
    reach = kept.value(range(width)) / width
    whole = FacilityLocation(np.maximum(reach - cdist(x, x, "sqeuclidean"), 0))
    sparse = FacilityLocation(csr_array(whole.similarity.s))
    S = rng.permutation(width)[:9].tolist()
    for c in (np.arange(width), rng.permutation(width), rng.permutation(width)[:35], S, [3]):
        for f in (kept, made, sparse):
            for chosen in (S, []):
                expected = whole.gains(after(whole, chosen), c)
                np.testing.assert_allclose(f.gains(after(f, chosen), c), expected, rtol=1e-9, atol=1e-6)


@every_kind
def test_tracked_gains_are_the_gains_asked_for_anew(kind):
    whole = make(kind, 60, 1)
    parts = [whole, Modular(np.linspace(0, 1, 60))]
    for f in (
        whole,
        whole.restrict(range(3, 40)),
        Restricted(whole, range(3, 40)),
        WeightedSum(parts, [2, 1]),
    ):
        rng, track, state = np.random.default_rng(2), f.track_gains(), f.empty()
        wanted = np.ones(f.n, dtype=bool)
        for e in rng.permutation(f.n)[:20].tolist():
            gains = track(state, wanted)[wanted]
            expected = f.gains(state, np.flatnonzero(wanted))
            np.testing.assert_allclose(gains, expected, rtol=1e-9, atol=1e-9)
            state, wanted[e] = f.add(state, e), False


def test_facility_location_inside_other_functions_still_keeps_its_gains_up_to_date():
    """A sum or a part of it takes the fast path too: no tracker of the parts is the default one."""
    f = FacilityLocation(similarity(9, np.random.default_rng(0)))
    for g in (f, f.restrict([1, 2]), Restricted(f, [1, 2]), WeightedSum([f], [1])):
        assert type(g.track_gains()) is not GainTracker
        assert type(g.restrict([0, 1]).track_gains()) is not GainTracker
    assert type(Modular([1.0]).track_gains()) is GainTracker


def test_float32_features_give_the_gains_of_float64_to_six_digits():
    x = np.random.default_rng(0).normal(size=(500, 8)) + 100  # far from the origin: centring is needed
    exact, quick = FacilityLocation.from_features(x), FacilityLocation.from_features(x.astype(np.float32))
    exact_gains, quick_gains = (f.gains(after(f, [3, 5]), range(500)) for f in (exact, quick))
    np.testing.assert_allclose(quick_gains, exact_gains, rtol=1e-4, atol=1e-4 * exact_gains.max())


@pytest.mark.parametrize(("n", "neighbors"), [(300, 7), (5, 5), (700, 40), (257, 1)])
def test_the_neighbour_graph_holds_the_nearest_as_scikit_learn_finds_them(n, neighbors):
    x = np.random.default_rng(0).normal(size=(n, 3))
    graph = neighbor_graph(x, neighbors).toarray()
    distance, index = NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(x).kneighbors(x)
    expected = np.zeros((n, n))
    np.put_along_axis(expected, index, (distance**2).max() - distance**2, axis=1)
    np.testing.assert_allclose(graph, np.maximum(expected, expected.T), atol=1e-9)


def test_a_point_is_its_own_neighbour_even_among_many_equals():
    graph = neighbor_graph(np.array([[0.0]] * 5 + [[1.0], [3.0]]), 2).toarray()
    assert (np.diag(graph) == graph.max()).all()
    assert graph.max() > 0


def test_the_similarity_is_kept_only_if_it_fits_and_never_pickled():
    x = np.random.default_rng(0).normal(size=(50, 3))
    for memory, kept in ((50 * 50 * 8, True), (50 * 50 * 8 - 1, False)):
        f = FacilityLocation.from_features(x, memory=memory)
        f.gains(f.add(f.empty(), 0), range(50))
        assert (f.similarity._kept is not None) == kept
        assert f.similarity.__getstate__()["_kept"] is None


@given(SEEDS)
def test_rows_that_pass_by_gain_what_they_would_as_exemplars(seed):
    x = points(9, np.random.default_rng(seed))
    stays, passes = Exemplar(x), StreamedFacilityLocation(x)
    profiles = passes.look(list(x))
    served = passes.add(passes.add(passes.empty(), profiles[2]), profiles[5])
    expected = stays.gains(after(stays, [2, 5]), range(9))
    np.testing.assert_allclose(passes.gains(served, profiles), expected, atol=1e-9)


@given(cases(kinds=("facility location", "exemplar", "coverage")))
def test_no_gain_is_smaller_where_states_meet(case):
    f, rng = case.make()
    states = [after(f, rng.permutation(f.n)[: rng.integers(f.n)].tolist()) for _ in range(3)]
    gains = [f.gains(state, range(f.n)) for state in states]
    assert (f.gains(f.meet(states), range(f.n)) >= np.max(gains, axis=0) - 1e-9).all()


# --- fewer elements -----------------------------------------------------------------------------------


@given(cases())
def test_a_restricted_function_is_the_same_under_new_names(case):
    f, rng = case.make()
    elements = rng.permutation(f.n)[: rng.integers(1, f.n + 1)]
    g = f.restrict(elements)
    S = rng.permutation(g.n)[: rng.integers(g.n + 1)].tolist()
    assert g.n == len(elements)
    assert g.value(S) == pytest.approx(f.value(elements[S]), abs=1e-9)
    there = f.gains(after(f, elements[S].tolist()), elements)
    np.testing.assert_allclose(g.gains(after(g, S), range(g.n)), there, atol=1e-8)


def test_a_machine_that_holds_a_part_of_the_points_counts_its_own_customers_only():
    x, part = points(12, np.random.default_rng(0)), [2, 3, 7, 11]
    local = FacilityLocation.from_features(x).local(part)
    reach = FacilityLocation.from_features(x).value(range(12)) / 12
    own = np.maximum(reach - cdist(x[part], x[part], "sqeuclidean"), 0)
    assert local.value([1]) == pytest.approx(own[:, 1].sum())
    s = sparse_similarity(12, np.random.default_rng(0))
    assert FacilityLocation(s).local(part).value([1]) == pytest.approx(s.toarray()[:, 3].sum())


# --- what is refused ----------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize("bad", [[5], [-1], [True]])
def test_elements_outside_the_ground_set_are_refused(kind, bad):
    with pytest.raises(ValueError, match="integers from 0 to 4"):
        make(kind, 5, 0).value(bad)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: FacilityLocation(np.array([[1.0, -1.0]])), "at least 0"),
        (lambda: FacilityLocation(np.array([[1.0, np.nan]])), "finite"),
        (lambda: FacilityLocation(np.ones(3)), r"must be \(m, n\)"),
        (lambda: FacilityLocation.from_features(np.array([[np.inf]])), "finite"),
        (lambda: FacilityLocation.from_features(np.ones((3, 1)), neighbors=4), "between 1 and n=3"),
        (lambda: Coverage(np.ones((2, 3)), [1.0, 1.0]), "2 weights for 3 items"),
        (lambda: Coverage(np.ones(3)), r"must be \(n, u\)"),
        (lambda: Coverage(np.ones((2, 1)), [-1.0]), "at least 0"),
        (lambda: FeatureBased(np.array([[-1.0]])), "at least 0"),
        (lambda: SaturatedCoverage(np.ones((2, 2)), 0), "alpha=0"),
        (lambda: GraphCut(np.array([[0.0, 1.0], [0.0, 0.0]])), "symmetric"),
        (lambda: GraphCut(np.ones((2, 2)), -0.1), "redundancy=-0.1"),
        (lambda: LogDeterminant(np.array([[1.0, 0.5], [0.4, 1.0]])), "symmetric"),
        (lambda: LogDeterminant(np.array([[1.0, 3.0], [3.0, 1.0]])), "positive semi-definite, .* -2"),
        (lambda: LogDeterminant(np.diag([1.0, -0.01])), "positive semi-definite"),
        (lambda: LogDeterminant(csr_array(np.eye(2))), "dense"),
        (lambda: Exemplar(np.eye(3), phantom=np.full(3, np.nan)), "phantom"),
        (lambda: Exemplar(np.eye(3), phantom=np.ones((3, 1))), "phantom"),
        (lambda: Exemplar(np.eye(3), phantom=np.ones(2)), "phantom"),
        (lambda: Coverage(np.array([[np.nan]])), "finite"),
        (lambda: FeatureBased(csr_array([[-1.0]])), "at least 0"),
        (lambda: FeatureBased(csr_array([[np.inf]])), "finite"),
        (lambda: GraphCut(csr_array([[0.0, 1.0], [0.0, 0.0]])), "symmetric"),
        (lambda: FacilityLocation(csr_array([[-1.0]])), "at least 0"),
        (lambda: FacilityLocation.from_features(np.ones((3, 1)), neighbors=True), "neighbors=True"),
        (lambda: Modular([np.nan]), "finite"),
        (lambda: WeightedSum([], []), "one or more"),
        (lambda: WeightedSum([Modular([1.0]), Modular([1.0, 2.0])], [1, 1]), "on the same"),
        (lambda: WeightedSum([Modular([1.0])], [-1]), "at least 0"),
        (lambda: Restricted(Modular([1.0, 2.0]), [2]), "integers from 0 to 1"),
    ],
)
def test_what_no_function_can_be_made_of_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


# --- sparse input, copies, float32 --------------------------------------------------------------------

TAKES_SPARSE = {
    "facility location": FacilityLocation,
    "coverage": Coverage,
    "feature-based": lambda x: FeatureBased(x, np.log1p),
    "graph cut": lambda x: GraphCut(x, 0.4),
    "saturated coverage": lambda x: SaturatedCoverage(x, 0.3),
}
FORMATS = ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"]


def with_duplicates(a):
    """The same matrix, with every entry stored as two halves, and with zeros stored."""
    row, column = np.indices(a.shape).reshape(2, -1)
    twice = np.concatenate([a.ravel() / 2] * 2), (np.tile(row, 2), np.tile(column, 2))
    return coo_array(twice, shape=a.shape)


@pytest.mark.parametrize("kind", TAKES_SPARSE)
@pytest.mark.parametrize(
    "form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia", "duplicates", "csr doubled"]
)
def test_a_sparse_matrix_of_any_format_gives_what_the_dense_one_gives(kind, form):
    rng = np.random.default_rng(0)
    dense = np.where(rng.random((7, 7)) < 0.5, rng.integers(1, 5, (7, 7)), 0).astype(float)
    dense[2] = dense[:, 2] = 0  # an element of nothing
    dense += dense.T
    if form == "csr doubled":
        given = csr_array(dense)
        given = csr_array((np.repeat(given.data / 2, 2), np.repeat(given.indices, 2), 2 * given.indptr))
    else:
        given = with_duplicates(dense) if form == "duplicates" else coo_array(dense).asformat(form)
    f, g = TAKES_SPARSE[kind](dense), TAKES_SPARSE[kind](given)
    np.testing.assert_allclose(given.toarray(), dense)  # the caller's matrix is as it was
    for S in ([], [2], [0, 3], [6, 5, 1, 0]):
        assert g.value(S) == pytest.approx(f.value(S), abs=1e-12)
        for c in (range(7), [4], []):
            np.testing.assert_allclose(g.gains(after(g, S), c), f.gains(after(f, S), c), atol=1e-12)


KEEPS_ARRAYS = {
    "modular": (Modular, [np.arange(1.0, 5)]),
    "coverage": (Coverage, [csr_array(np.eye(4)), np.arange(1.0, 5)]),
    "feature-based": (lambda x, w: FeatureBased(x, np.sqrt, w), [np.eye(4), np.arange(1.0, 5)]),
    "sparse feature-based": (FeatureBased, [csr_array(np.eye(4))]),
    "saturated": (lambda s: SaturatedCoverage(s, 0.5), [np.eye(4)]),
    "graph cut": (GraphCut, [np.eye(4)]),
    "log-determinant": (LogDeterminant, [np.eye(4)]),
    "facility location": (FacilityLocation, [np.eye(4)]),
    "sparse facility location": (FacilityLocation, [csr_array(np.eye(4))]),
    "points": (FacilityLocation.from_features, [np.eye(4)]),
    "points, S not kept": (lambda x: FacilityLocation.from_features(x, memory=0), [np.eye(4)]),
    "exemplar": (lambda x, p: Exemplar(x, phantom=p), [np.eye(4), np.ones(4)]),
    "restricted": (lambda i: Restricted(Modular(np.arange(1.0, 6)), i), [np.array([0, 2, 3, 4])]),
}


@pytest.mark.parametrize("kind", KEEPS_ARRAYS)
def test_what_the_caller_does_to_the_arrays_later_changes_nothing(kind):
    make, arrays = KEEPS_ARRAYS[kind]
    mine = [a.copy() for a in arrays]
    f, untouched = make(*mine), make(*[a.copy() for a in arrays])
    for a in mine:
        (a if isinstance(a, np.ndarray) else a.data)[...] = 1
    assert f.value([1, 2]) == untouched.value([1, 2])
    np.testing.assert_array_equal(f.gains(after(f, [1]), range(4)), untouched.gains(after(f, [1]), range(4)))


@pytest.mark.parametrize("far", [1e3, 1e5, 1e6])
@pytest.mark.parametrize("groups", [1, 3])
def test_points_far_away_do_not_drown_the_near_distances_of_float32_features(far, groups):
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(120, 4)) + far * (np.arange(120) % groups)[:, None]).astype(np.float32)
    x[-1] = 2 * far
    whole = cdist(x.astype(float), x.astype(float), "sqeuclidean")
    f = FacilityLocation.from_features(x)
    state = after(f, [0, 1, 2, 119])
    gains = (np.minimum(whole[:, [0, 1, 2, 119]].min(axis=1)[:, None], np.inf) - whole).clip(0).sum(axis=0)
    rounding = 1e-2 + 1e-13 * far**2  # of squares as large as ‖x‖², in float64
    np.testing.assert_allclose(f.gains(state, range(120)), gains, rtol=1e-3, atol=rounding)


def test_gains_of_float32_similarities_are_summed_in_float64():
    s = np.full((1_000_000, 2), 0.1, np.float32)
    s[:, 1] = 0.2
    f, true = FacilityLocation(s), float(np.float32(0.2)) - float(np.float32(0.1))
    state = f.add(f.empty(), 0)
    for c in ([1], range(2)):
        assert f.gains(state, c)[-1] == pytest.approx(1e6 * true, rel=1e-12)
    assert f.value([1]) == pytest.approx(1e6 * float(np.float32(0.2)), rel=1e-12)


@given(SEEDS, st.integers(1, 6))
def test_the_kernel_of_any_features_is_taken_also_in_float32(seed, d):
    x = np.random.default_rng(seed).normal(size=(12, d))
    for kernel in (x @ x.T, (x.astype(np.float32) @ x.T.astype(np.float32)), np.zeros((3, 3))):
        f = LogDeterminant(kernel)
        S = [0, 2, 1]
        gained = sum(f.gains(after(f, S[:i]), [e])[0] for i, e in enumerate(S))
        assert gained == pytest.approx(f.value(S), abs=1e-5)
