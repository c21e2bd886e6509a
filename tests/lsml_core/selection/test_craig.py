"""CRAIG: cluster sizes as weights, the bound on the gradient error, greedy per class, and the cover."""

from functools import partial
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.data import load
from lsml_core.selection.craig import (
    craig,
    craig_cover,
    facility_location,
    gradient_bound,
    gradient_error,
    plain_similarity,
    represent,
)
from lsml_core.selection.gradients import logit_gradients
from lsml_core.selection.kernels.distances import HEIGHT, similarity_matrix
from lsml_core.submodular.distributed import greedi
from lsml_core.submodular.facility_location import FacilityLocation, PlainFacilityLocation
from lsml_core.submodular.greedy import greedy, lazy_greedy, plain_greedy

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed, n=40, classes=3, d=4):
    """Gradients in clusters, and labels of which every one occurs."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), rng.integers(classes, size=n - classes)])
    return rng.normal(size=(n, d)) + 2 * rng.normal(size=(classes, d))[y], y


def relative(error, gradients):
    return error / np.linalg.norm(gradients.sum(axis=0))


@given(SEEDS, st.sampled_from([0.01, 0.1, 0.3, 1.0]))
@settings(max_examples=30)
def test_weights_are_the_sizes_of_clusters_and_sum_to_n(seed, fraction):
    g, y = problem(seed)
    coreset = craig(g, y, fraction)
    assert coreset.weights.sum() == len(y)
    assert coreset.weights.min() >= 1  # an exemplar is closest to itself
    for c in range(3):
        mine = y[coreset.indices] == c
        assert mine.sum() == np.ceil(fraction * (y == c).sum() - 1e-9)
        assert coreset.weights[mine].sum() == (y == c).sum()


@given(SEEDS, st.sampled_from([0.05, 0.2, 0.5]))
@settings(max_examples=40)
def test_the_gradient_is_off_by_no_more_than_the_distances_bridged(seed, fraction):
    g, y = problem(seed)
    coreset = craig(g, y, fraction)
    assert gradient_error(g, coreset) <= gradient_bound(g, y, coreset) + 1e-9


def test_all_examples_are_a_coreset_without_error():
    g, y = problem(0)
    coreset = craig(g, y, 1.0)
    assert sorted(coreset.indices) == list(range(len(y)))
    assert (coreset.weights == 1).all()
    assert gradient_error(g, coreset) == pytest.approx(0, abs=1e-9)
    assert gradient_bound(g, y, coreset) == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_class_is_greedy_facility_location_and_the_order_is_that_of_the_picks(seed):
    g, y = problem(seed)
    coreset = craig(g, y, 0.3)
    for c in range(3):
        members = np.flatnonzero(y == c)
        mine = coreset.indices[y[coreset.indices] == c]
        expected = greedy(facility_location(g[members]), len(mine)).chosen
        np.testing.assert_array_equal(mine, members[list(expected)])


def test_the_first_half_of_a_coreset_bridges_almost_as_much_as_a_coreset_of_that_size():
    """The order is that of decreasing gain over all classes, so any beginning is a sensible subset."""
    g, y = problem(1, n=300)
    whole = craig(g, y, 0.2)
    half = represent(g, y, whole.indices[: len(whole) // 2])
    own = craig(g, y, 0.1)
    assert gradient_bound(g, y, half) <= 1.1 * gradient_bound(g, y, own)


@pytest.mark.parametrize("seed", range(3))
def test_every_maximiser_and_function_will_do(seed):
    g, y = problem(seed, n=90)
    expected = craig(g, y, 0.2)
    np.testing.assert_array_equal(craig(g, y, 0.2, maximize=lazy_greedy).indices, expected.indices)
    distributed = partial(greedi, machines=2, rng=np.random.default_rng(0))
    other = craig(g, y, 0.2, maximize=distributed)
    assert gradient_bound(g, y, other) <= 1.1 * gradient_bound(g, y, expected)
    squared = craig(g, y, 0.2, objective=FacilityLocation.from_features)
    assert gradient_bound(g, y, squared) <= 1.1 * gradient_bound(g, y, expected)
    assert squared.weights.sum() == len(y)


@pytest.mark.parametrize("seed", range(5))
def test_the_digits_gradient_is_followed_better_than_by_random_subsets(seed):
    """Ten percent of each class; the features of a convex model. Random: the same sizes, weights n_c/k_c."""
    data = load("digits")
    g, y = data.x.reshape(len(data), -1).astype(float), data.y
    delta = logit_gradients(np.full((len(y), 10), 0.1), y)
    outer = np.einsum("nc,nd->ncd", delta, g).reshape(len(y), -1)  # the gradient in W at W = 0
    coreset = craig(g, y, 0.1)
    mine = relative(gradient_error(outer, coreset), outer)
    rng, stratified, plain = np.random.default_rng(seed), [], []
    for _ in range(10):
        chosen = np.concatenate(
            [
                rng.choice(np.flatnonzero(y == c), (y[coreset.indices] == c).sum(), replace=False)
                for c in range(10)
            ]
        )
        share = np.bincount(y) / np.bincount(y[chosen])
        stratified.append(relative(np.linalg.norm(outer.sum(0) - share[y[chosen]] @ outer[chosen]), outer))
        anyone = rng.choice(len(y), len(chosen), replace=False)
        plain.append(
            relative(np.linalg.norm(outer.sum(0) - len(y) / len(chosen) * outer[anyone].sum(0)), outer)
        )
    assert mine < np.mean(plain) / 2
    assert mine < np.mean(stratified)


# --- the kernel, and the plain form ---


@given(
    SEEDS,
    st.sampled_from([1, 2, HEIGHT - 1, HEIGHT, HEIGHT + 1, 3 * HEIGHT]),
    st.sampled_from([1, 10, 300]),
    st.sampled_from([1e-30, 1.0, 1e30]),
    st.sampled_from([0.0, 1e4]),
)
@settings(max_examples=60, deadline=None)
def test_the_similarity_matrix_is_its_definition_in_float32(seed, n, d, scale, offset):
    """To two units in the last place of D. `offset`: far from the origin, in units of the spread."""
    rng = np.random.default_rng(seed)
    x = scale * (offset + rng.normal(size=(n, d)) * rng.uniform(0.01, 1, size=(n, 1)))
    found, expected = similarity_matrix(x), plain_similarity(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=2 * np.finfo(np.float32).eps * expected.max())
    np.testing.assert_array_equal(found, found.T)
    assert found.min() >= 0
    assert (found.diagonal() == found.max()).all()


@pytest.mark.parametrize("d", [1, 2, 10, 300, 784, 20_000])
def test_equal_gradients_are_at_distance_0_and_have_equal_similarities(d):
    """The product is rounded, and the roots of what it makes of 0 are large enough for float32 to see."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        distinct = rng.normal(size=(2 + seed, d))
        s = similarity_matrix(np.tile(distinct, (2, 1)))
        np.testing.assert_array_equal(s, np.tile(s[: len(distinct), : len(distinct)], (2, 2)))
        assert (s.diagonal() == s.max()).all()


@pytest.mark.parametrize("d", [1000, 20_000, 200_000])
@pytest.mark.parametrize("order", ["C", "F"])
def test_equal_rows_of_equal_entries_are_at_distance_0_too(d, order):
    """The errors of a running sum of equal numbers have one sign, and add up to more than those of others."""
    heights = np.random.default_rng(d).random((5, 1))
    heights[0] = 0  # the origin
    s = similarity_matrix(np.asarray(np.tile(heights * np.ones(d), (2, 1)), order=order))
    np.testing.assert_array_equal(s, np.tile(s[:5, :5], (2, 2)))
    assert (s.diagonal() == s.max()).all()


@pytest.mark.parametrize("scale", [1e39, 1e160, 1e300])
def test_distances_beyond_float32_are_refused_and_not_nan(scale):
    with pytest.raises(ValueError, match=r"the largest distance of two rows must be at most 3\.4e\+38"):
        craig(scale * np.random.default_rng(0).normal(size=(100, 3)), np.zeros(100, int), 0.1)


def test_one_outlier_and_no_features_are_distances_like_others():
    x = np.random.default_rng(0).normal(size=(2 * HEIGHT + 5, 3))
    x[HEIGHT:] = x[: HEIGHT + 5]
    for place in (0, 7, len(x) - 1):  # the first row is the origin
        far = x.copy()
        far[place] = 1e9
        atol = 2 * np.finfo(np.float32).eps * plain_similarity(far).max()
        np.testing.assert_allclose(similarity_matrix(far), plain_similarity(far), rtol=0, atol=atol)
    np.testing.assert_array_equal(similarity_matrix(np.zeros((HEIGHT + 1, 0))), 0)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("seed", range(4))
def test_craig_chooses_what_the_plain_forms_choose(seed, kind):
    """Rounded to few values, so that there are equal gradients and equal distances too."""
    g, y = problem(seed, n=150)
    g = np.round(4 * g).astype(kind)
    found = craig(g, y, 0.2)
    plain = craig(
        g, y, 0.2, objective=lambda g: PlainFacilityLocation(plain_similarity(g)), maximize=plain_greedy
    )
    assert gradient_bound(g, y, found) == pytest.approx(gradient_bound(g, y, plain), rel=1e-9)
    np.testing.assert_array_equal(np.sort(found.indices), np.sort(plain.indices))


# --- the cover ---


def smallest(g, y, error):
    """By brute force: the size of the smallest set with an element per class and bound at most `error`."""
    for size in range(len(set(y)), len(y) + 1):
        for chosen in combinations(range(len(y)), size):
            chosen = np.array(chosen)
            if len(set(y[chosen])) < len(set(y)):
                continue
            if gradient_bound(g, y, represent(g, y, chosen)) <= error:
                return size
    raise AssertionError("all examples are without error")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cover_keeps_its_bound_and_is_not_much_larger_than_the_smallest(seed, share):
    g, y = problem(seed, n=10, classes=2, d=2)
    alone = craig_cover(g, y, 1e9)
    assert len(alone.coreset) == 2
    found = craig_cover(g, y, share * alone.bound)
    assert found.bound <= share * alone.bound
    assert found.bound == pytest.approx(gradient_bound(g, y, found.coreset))
    assert len(found.coreset) <= smallest(g, y, share * alone.bound) + 1


def test_a_cover_without_error_needs_every_different_gradient_and_no_more():
    g, y = problem(3, n=12)
    doubled, labels = np.concatenate([g, g]), np.concatenate([y, y])
    found = craig_cover(doubled, labels, 0)
    assert found.bound == 0
    assert len(found.coreset) == len(g)
    assert (found.coreset.weights == 2).all()


def test_a_smaller_error_takes_more_examples_and_begins_with_the_same():
    g, y = problem(4, n=120)
    bound = craig_cover(g, y, 1e9).bound
    covers = [craig_cover(g, y, share * bound).coreset.indices for share in (0.8, 0.5, 0.2)]
    for small, large in pairwise(covers):
        assert len(small) < len(large)
        np.testing.assert_array_equal(large[: len(small)], small)


# --- what it refuses, and logits ---


def test_p_minus_y_is_the_gradient_at_the_logits():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    logits = torch.tensor(z, requires_grad=True)
    torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum").backward()
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    before = p.copy()
    np.testing.assert_allclose(logit_gradients(p, y), logits.grad.numpy(), atol=1e-12)
    np.testing.assert_array_equal(p, before)


def test_one_label_and_one_example_are_enough():
    coreset = craig(np.ones((1, 2)), np.array([7]), 0.5)
    assert (coreset.indices.tolist(), coreset.weights.tolist()) == ([0], [1])
    equal = craig(np.ones((5, 2)), np.zeros(5, int), 0.2)
    assert (equal.indices.tolist(), equal.weights.tolist()) == ([0], [5])


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fraction": 0}, "fraction=0 must be above 0"),
        ({"fraction": 1.5}, r"fraction=1.5 must be above 0 and at most 1"),
        ({"gradients": np.full((4, 2), np.nan)}, "finite numbers"),
        ({"gradients": np.ones(4)}, r"\(n, d\)"),
        ({"gradients": np.ones((0, 2)), "y": np.ones(0, int)}, "n ≥ 1"),
        ({"y": np.ones(3, int)}, "4 integer labels"),
        ({"y": np.ones(4)}, "4 integer labels"),
        ({"objective": partial(facility_location, memory=10)}, "memory=10"),
    ],
)
def test_what_has_no_coreset_is_refused(change, message):
    arguments = {"gradients": np.arange(8.0).reshape(4, 2), "y": np.array([0, 0, 1, 1]), "fraction": 0.5}
    with pytest.raises(ValueError, match=message):
        craig(**arguments | change)


def test_a_class_that_nothing_represents_is_named():
    g, y = problem(0)
    with pytest.raises(ValueError, match="class 2 has no chosen example"):
        represent(g, y, np.flatnonzero(y < 2)[:4])


@pytest.mark.parametrize("error", [-1, np.nan, np.inf])
def test_an_error_that_bounds_nothing_is_refused(error):
    with pytest.raises(ValueError, match="error="):
        craig_cover(*problem(0), error)
