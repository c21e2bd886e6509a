"""Groups from early outputs, importance sampling, and group DRO as mirror ascent."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.selection.spurious import (
    GroupDRO,
    early_groups,
    group_means,
    group_recovery,
    noise_to_signal,
    sampling_weights,
    worst_group_accuracy,
)

SEEDS = st.integers(0, 2**32 - 1)


def two_classes(seed, n=200, minority=0.1):
    """Outputs in which a tenth of each class looks like the other class."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], n // 2)
    rare = np.tile(np.arange(n // 2) < minority * n / 2, 2)
    p = np.where(y ^ rare, 0.9, 0.1) + rng.uniform(-0.05, 0.05, n)
    return np.stack([1 - p, p], axis=1), y, rare


@pytest.mark.parametrize("seed", range(5))
def test_the_minority_is_the_smaller_cluster_of_each_class(seed):
    outputs, y, rare = two_classes(seed)
    groups = early_groups(outputs, y, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(groups, 2 * y + rare)
    assert group_recovery(groups, rare, y) == (1, 1)


def test_clusters_never_mix_classes_even_where_outputs_are_equal():
    outputs, y, _ = two_classes(0)
    groups = early_groups(outputs, y, rng=np.random.default_rng(0))
    assert not set(groups[y == 0]) & set(groups[y == 1])


def test_of_several_numbers_of_clusters_the_most_separate_is_taken():
    outputs, y, _ = two_classes(1)
    groups = early_groups(outputs, y, (2, 3, 4), rng=np.random.default_rng(0))
    assert len(np.unique(groups)) == 4  # two in each class


def test_a_class_whose_outputs_are_all_equal_is_one_group():
    groups = early_groups(np.full((10, 2), 0.5), np.repeat([0, 1], 5), rng=np.random.default_rng(0))
    assert groups.tolist() == [0] * 5 + [1] * 5


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
@settings(max_examples=50)
def test_with_power_one_every_group_is_drawn_equally_often_and_with_power_zero_every_example(groups):
    groups = np.array(groups)
    weights = sampling_weights(groups, 1)
    totals = [weights[groups == g].sum() for g in np.unique(groups)]
    np.testing.assert_allclose(totals, 1 / len(totals))
    np.testing.assert_allclose(sampling_weights(groups, 0), 1 / len(groups))


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.sampled_from([0.5, 1, 2, 3]))
@settings(max_examples=50)
def test_probabilities_sum_to_one_and_the_ratio_of_two_is_that_of_their_sizes_to_the_power(groups, power):
    groups = np.array(groups)
    weights, sizes = sampling_weights(groups, power), np.bincount(groups)[groups]
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights[0] / weights[-1], (sizes[-1] / sizes[0]) ** power)


def test_with_labels_every_class_is_drawn_equally_often():
    groups, y = np.array([0] * 8 + [1] * 2 + [2] * 90), np.array([0] * 10 + [1] * 90)
    for power in (0, 1, 2):
        weights = sampling_weights(groups, power, y)
        assert weights[y == 0].sum() == pytest.approx(0.5)
    assert sampling_weights(groups, 1, y)[:8].sum() == pytest.approx(0.25)


# --- group DRO ---


@given(SEEDS, st.sampled_from([0.01, 0.5, 3]))
@settings(max_examples=40)
def test_group_weights_stay_positive_and_sum_to_one_and_the_order_of_equal_ones_follows_the_losses(seed, eta):
    losses = np.random.default_rng(seed).exponential(size=5)
    q = GroupDRO(eta).step(GroupDRO().init(5), losses)
    assert q.min() > 0
    assert q.sum() == pytest.approx(1)
    np.testing.assert_array_equal(np.argsort(q), np.argsort(losses))
    np.testing.assert_allclose(q, np.exp(eta * losses) / np.exp(eta * losses).sum())


@given(SEEDS)
@settings(max_examples=20)
def test_a_step_maximises_the_linear_gain_minus_the_relative_entropy(seed):
    """argmax_q η Σ q_g ℓ_g − KL(q ‖ q_old) over the simplex, against random points near it."""
    rng = np.random.default_rng(seed)
    old, losses, eta = rng.dirichlet(np.ones(4)), rng.normal(size=4), 0.7

    def objective(q):
        return eta * q @ losses - (q * np.log(q / old)).sum()

    best = GroupDRO(eta).step(old, losses)
    for _ in range(50):
        other = 0.9 * best + 0.1 * rng.dirichlet(np.ones(4))
        assert objective(other) <= objective(best) + 1e-12


def test_many_steps_on_fixed_losses_give_all_weight_to_the_largest():
    q, rule = np.full(3, 1 / 3), GroupDRO(0.1)
    for _ in range(500):
        q = rule.step(q, np.array([0.2, 0.9, 0.5]))
    assert q[1] > 0.999


def test_huge_losses_do_not_overflow():
    q = GroupDRO(1.0).step(np.full(2, 0.5), np.array([5e3, 4e3]))
    np.testing.assert_allclose(q, [1, 0])


def test_the_adjustment_raises_small_groups():
    q = GroupDRO(1.0, adjustment=2.0).step(np.full(2, 0.5), np.array([1.0, 1.0]), np.array([4, 400]))
    assert q[0] / q[1] == pytest.approx(np.exp(2 / 2 - 2 / 20))


def test_the_average_iterate_of_two_players_solves_the_game_up_to_the_mirror_ascent_bound():
    """max_q Σ q_g ℓ_g(w): with fixed sequences of losses in [0, 1], regret is at most ln G/η + ηT/8."""
    rng = np.random.default_rng(0)
    for eta in (0.05, 0.2):
        losses, q, gained = rng.uniform(size=(400, 3)), np.full(3, 1 / 3), 0.0
        for each in losses:
            gained += q @ each
            q = GroupDRO(eta).step(q, each)
        assert losses.sum(axis=0).max() - gained <= np.log(3) / eta + eta * 400 / 8


# --- accuracies ---


def test_the_worst_group_is_the_smallest_accuracy_not_that_of_the_smallest_group():
    groups = np.array([0, 0, 0, 0, 1])
    correct = np.array([True, False, False, False, True])
    assert worst_group_accuracy(correct, groups) == 0.25
    np.testing.assert_allclose(group_means(correct, groups, 3), [0.25, 1, np.nan])


def test_a_group_without_examples_does_not_count():
    assert worst_group_accuracy(np.array([True, True]), np.array([0, 2])) == 1


def test_noise_to_signal_does_not_change_with_the_unit_and_falls_with_the_magnitude():
    noise = np.random.default_rng(0).normal(size=(500, 3))
    at = [noise_to_signal(m + noise) for m in (1.0, 2.0, 4.0)]
    assert at[0] > at[1] > at[2]
    assert noise_to_signal(7 * (2 + noise)) == pytest.approx(at[1])


@pytest.mark.own_checks
def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="eta"):
        GroupDRO(0)
    with pytest.raises(ValueError, match="power"):
        sampling_weights(np.array([0, 1]), -1)
    with pytest.raises(ValueError, match="outputs"):
        early_groups(np.ones((3, 2)), np.array([0, 1]), rng=np.random.default_rng(0))


@pytest.mark.parametrize("power", [0, 1, 3, 400, 5000])
def test_a_large_power_leaves_weights_to_draw_from(power):
    groups, y = np.repeat([0, 1, 2, 3], [2, 2, 4, 8]), np.repeat([0, 1], [4, 12])
    share = Fraction(1, 2) ** power  # of one example of the group of 4, against one of a group of 2
    total = 4 + 4 * share + 8 * share**2
    expected = [1 / total] * 4 + [share / total] * 4 + [share**2 / total] * 8
    np.testing.assert_allclose(sampling_weights(groups, power), [float(e) for e in expected], atol=1e-300)
    in_class = [Fraction(1, 8)] * 4 + [1 / (8 + 16 * share)] * 4 + [share / (8 + 16 * share)] * 8
    np.testing.assert_allclose(sampling_weights(groups, power, y), [float(e) for e in in_class], atol=1e-300)


@pytest.mark.own_checks
def test_group_dro_refuses_losses_of_other_groups_and_groups_without_examples():
    q = np.array([0.5, 0.5])
    for wrong in (1.0, [1.0, 2.0, 3.0], [[1.0, 2.0]]):
        with pytest.raises(ValueError, match="group_losses of shape"):
            GroupDRO(1.0).step(q, np.array(wrong))
    with pytest.raises(ValueError, match="sizes"):
        GroupDRO(1.0, adjustment=1.0).step(q, np.ones(2), np.array([0, 4]))


@pytest.mark.own_checks
def test_a_feature_without_rows_and_no_number_of_clusters_are_refused():
    for feature in (np.zeros((0, 2)), np.ones(3)):
        with pytest.raises(ValueError, match="feature of shape"):
            noise_to_signal(feature)
    with pytest.raises(ValueError, match="clusters is empty"):
        early_groups(np.eye(3), np.zeros(3, int), [], rng=np.random.default_rng(0))
