"""CRUST: central gradients have clean labels, exemplars have not; rows near k of them have low rank."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.data import label_noise, load
from lsml_core.models import mlp
from lsml_core.selection.crust import (
    central,
    clean_share,
    crust,
    dense,
    exemplar_error,
    exemplars,
    low_rank_error,
    singular_values,
)
from lsml_core.selection.gradients import logit_gradients
from lsml_core.selection.robust_training import mixup_within_classes
from lsml_core.training import fit, per_example

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed, n=40, classes=3, d=4):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), rng.integers(classes, size=n - classes)])
    return rng.normal(size=(n, d)), y


@pytest.fixture(scope="module")
def half_wrong():
    """p − y of the digits after five epochs with half of the labels wrong, by seed."""
    import torch

    found = []
    for seed in range(3):
        rng, data = np.random.default_rng(seed), load("digits")
        noise = label_noise(data.y, 0.5, 10, rng=rng)
        noisy, model = data.relabel(noise.y), mlp((64, 64, 10), rng=rng)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        fit(model, noisy, optimizer=optimizer, epochs=5, batch=64, rng=rng, progress=False)
        gradients = logit_gradients(per_example(model, noisy)["probabilities"], noisy.y)
        found.append((gradients, noisy.y, noise.indices))
    return found


def test_by_hand_the_middle_of_three_points_is_central_and_weighs_its_neighbours():
    g, y = np.array([[0.0], [1.0], [3.0]]), np.zeros(3, int)
    coreset = crust(g, y, 1 / 3, radius=1)
    assert coreset.indices.tolist() == [1]
    assert coreset.weights.tolist() == [2]  # itself and the point at distance 1, not the one at 2


@given(SEEDS, st.sampled_from([0.05, 0.3, 1.0]), st.sampled_from([central, exemplars, dense(1.0)]))
@settings(max_examples=30)
def test_every_class_gives_its_share_and_no_example_comes_twice(seed, fraction, choose):
    g, y = problem(seed)
    chosen = crust(g, y, fraction, choose=choose).indices
    assert len(set(chosen.tolist())) == len(chosen)
    for c in range(3):
        assert (y[chosen] == c).sum() == np.ceil(fraction * (y == c).sum() - 1e-9)


@given(SEEDS)
@settings(max_examples=20)
def test_central_examples_are_those_of_smallest_summed_distance_within_their_class(seed):
    g, y = problem(seed)
    chosen = crust(g, y, 0.3).indices
    for c in range(3):
        members = np.flatnonzero(y == c)
        sums = {i: sum(np.linalg.norm(g[i] - g[j]) for j in members) for i in members}
        mine = [i for i in chosen if y[i] == c]
        assert mine == sorted(members, key=lambda i: sums[i])[: len(mine)]


def test_weights_are_one_without_a_radius_and_count_neighbours_with_one():
    g, y = problem(0)
    assert set(crust(g, y, 0.3).weights) == {1}
    coreset = crust(g, y, 0.3, radius=1.2)
    for i, weight in zip(coreset.indices, coreset.weights, strict=True):
        assert weight == sum(y[j] == y[i] and np.linalg.norm(g[i] - g[j]) <= 1.2 for j in range(len(y)))
    everyone = crust(g, y, 0.3, radius=1e9)
    assert (everyone.weights == np.bincount(y)[y[everyone.indices]]).all()


def test_a_neighbour_at_exactly_the_radius_counts_and_one_just_outside_does_not():
    """Distances must be those of float64: in float32 the first is above √17, and the second is 1."""
    y = np.zeros(3, int)
    at = crust(np.array([[0.0, 0.0], [1.0, 4.0], [9.0, 9.0]]), y, 1.0, radius=17**0.5)
    outside = crust(np.array([[0.0], [1 + 1e-9], [9.0]]), y, 1.0, radius=1)
    for coreset, weights in ((at, [2, 2, 1]), (outside, [1, 1, 1])):
        np.testing.assert_array_equal(coreset.weights[np.argsort(coreset.indices)], weights)


def test_with_half_of_the_labels_wrong_central_gradients_are_clean(half_wrong):
    shares = [clean_share(crust(g, y, 0.3).indices, wrong) for g, y, wrong in half_wrong]
    assert min(shares) > 0.85


def test_with_half_of_the_labels_wrong_exemplars_are_worse_than_a_random_choice(half_wrong):
    shares = [clean_share(crust(g, y, 0.3, choose=exemplars).indices, wrong) for g, y, wrong in half_wrong]
    assert max(shares) < 0.5


def test_counting_only_near_neighbours_makes_a_few_exemplars_clean(half_wrong):
    """Two percent: once every dense spot has an exemplar, the next ones go to isolated points again."""
    for g, y, wrong in half_wrong:
        few, many = (crust(g, y, fraction, choose=dense(0.25)).indices for fraction in (0.02, 0.3))
        assert clean_share(few, wrong) > 0.8 > 0.6 > clean_share(many, wrong)


def test_the_chosen_gradients_are_of_lower_rank_than_a_random_choice_of_their_number(half_wrong):
    for seed, (g, y, _) in enumerate(half_wrong):
        random, mine = np.random.default_rng(seed), crust(g, y, 0.3).indices
        errors = []
        for c in range(10):
            chosen = mine[y[mine] == c]
            others = random.choice(np.flatnonzero(y == c), len(chosen), replace=False)
            errors.append([low_rank_error(g[some], 2) for some in (chosen, others)])
        assert np.mean(errors, axis=0)[0] < 0.7 * np.mean(errors, axis=0)[1]


@given(SEEDS, st.integers(1, 10))
@settings(max_examples=40)
def test_a_matrix_is_at_most_as_far_from_rank_k_as_its_rows_are_from_any_k_of_them(seed, k):
    g, _ = problem(seed, n=12)
    chosen = np.random.default_rng(seed).choice(12, k, replace=False)
    assert low_rank_error(g, k) <= exemplar_error(g, chosen) + 1e-9


def test_the_low_rank_error_is_the_frobenius_distance_to_the_truncated_svd():
    g, _ = problem(1, n=9)
    u, s, v = np.linalg.svd(g, full_matrices=False)
    np.testing.assert_allclose(singular_values(g), s)
    for rank in range(5):
        truncated = (u[:, :rank] * s[:rank]) @ v[:rank]
        assert low_rank_error(g, rank) == pytest.approx(np.linalg.norm(g - truncated), abs=1e-12)


def test_mixup_keeps_every_example_between_two_of_its_class():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 20)
    x = (y + rng.uniform(0, 0.4, 40)).astype(np.float32)[:, None]
    mixed = mixup_within_classes(x, y, alpha=1.0, rng=rng)
    assert mixed.shape == x.shape
    assert mixed.dtype == x.dtype
    for c in (0, 1):
        assert x[y == c].min() <= mixed[y == c].min()
        assert mixed[y == c].max() <= x[y == c].max()
    assert not np.allclose(mixed, x)


@pytest.mark.own_checks
@pytest.mark.parametrize("fraction", [0, -0.1, 1.1, float("nan")])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ValueError, match="fraction"):
        crust(*problem(0), fraction)


@pytest.mark.own_checks
def test_labels_that_do_not_fit_are_refused():
    g, y = problem(0)
    with pytest.raises(ValueError, match="y is"):
        crust(g, y[:-1], 0.3)
    with pytest.raises(ValueError, match="gradients"):
        crust(g * np.nan, y, 0.3)
    with pytest.raises(ValueError, match="radius"):
        crust(g, y, 0.3, radius=0)


@pytest.mark.own_checks
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, bool])
def test_mixup_refuses_integers_between_which_there_is_nothing(dtype):
    with pytest.raises(ValueError, match=r"x is .* must be floats"):
        mixup_within_classes(np.ones((4, 2), dtype), np.zeros(4, int), rng=np.random.default_rng(0))


@pytest.mark.own_checks
def test_the_clean_share_takes_lists():
    assert clean_share([0, 1, 2, 3], [1]) == 0.75  # pyright: ignore[reportArgumentType]
