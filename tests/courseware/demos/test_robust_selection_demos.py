"""Demos of lecture 09: what the page claims, on the stored studies and in what is drawn."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba, to_rgba_array
from scipy.spatial.distance import cdist, pdist

from courseware.demos.selection import noisy_labels, poisoning, spurious
from courseware.studies import poisoning as poisoning_study
from courseware.studies import robust_selection as robust_study
from courseware.studies import stored


def test_the_controls_of_stored_runs_are_the_axes_of_their_studies():
    """The demos read the stored arrays by position; an axis that is not stored is a constant of the study."""
    run = stored("robust_selection", "core")
    assert run["ages"].tolist() == [*noisy_labels.AGES]
    assert run["gradients"].shape[0] == len(noisy_labels.AGES)
    assert [*robust_study.METHODS] == [*noisy_labels.METHODS]
    assert robust_study.CLUSTER_AGES == spurious.AGES
    assert (robust_study.MAGNITUDES, robust_study.WIDTHS) == (spurious.MAGNITUDES, spurious.WIDTHS)
    assert (poisoning_study.STOPS, poisoning_study.AGES) == (poisoning.STOPS, poisoning.AGES)
    assert poisoning_study.EPSILONS == poisoning.EPSILONS
    assert [100 * share for share in poisoning_study.BUDGETS] == pytest.approx(poisoning.BUDGETS)


# --- wrong labels ---


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("epoch", [10, 20, 30])
def test_the_central_thirty_percent_are_twenty_five_points_cleaner_than_the_data(seed, epoch):
    clean = stored("robust_selection", "labels")["clean"][seed, :, epoch - 1]
    named = dict(zip(noisy_labels.METHODS, clean, strict=True))
    assert named["central 30 %"] > named["all data"] + 0.25
    assert named["exemplars 30 %"] < named["all data"]
    assert named["random 30 %"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("epoch", [20, 30])
def test_training_on_the_central_thirty_percent_beats_all_data_and_a_random_thirty_percent(seed, epoch):
    accuracy = stored("robust_selection", "labels")["accuracy"][seed, :, epoch - 1]
    named = dict(zip(noisy_labels.METHODS, accuracy, strict=True))
    assert named["central 30 %"] > named["all data"]
    assert named["central 30 %"] > named["random 30 %"]


@pytest.mark.parametrize("epoch", [10, 20, 30])
def test_exemplars_are_worse_than_all_data_and_the_cleanest_subset_is_not_the_best(epoch):
    accuracy = stored("robust_selection", "labels")["accuracy"].mean(axis=0)[:, epoch - 1]
    named = dict(zip(noisy_labels.METHODS, accuracy, strict=True))
    assert named["exemplars 30 %"] < named["all data"] - 0.05
    assert named["central 50 %"] > named["central 30 %"]


def test_accuracy_on_all_data_falls_again_and_on_the_central_subset_it_stays():
    accuracy = stored("robust_selection", "labels")["accuracy"].mean(axis=0)
    everything, central = accuracy[0], accuracy[1]
    assert everything[-1] < everything.max() - 0.03
    assert central[-5:].mean() > central.max() - 0.03


def test_chosen_central_gradients_have_a_faster_falling_spectrum_than_random_ones():
    for age in noisy_labels.AGES:
        record = noisy_labels.core.record(age=age, percent=30, choose="most central")
        assert record.clean > 0.9
        mine, other = (s[1] / s[0] for s in (record.chosen_spectrum, record.random_spectrum))
        assert mine < other


@pytest.mark.parametrize("age", noisy_labels.AGES)
def test_gradients_of_wrong_labels_are_more_spread_out_and_lie_apart_from_those_of_right_ones(age):
    run = stored("robust_selection", "core")
    gradients = run["gradients"][noisy_labels.AGES.index(age)].astype(float)
    right, wrong = gradients[~run["wrong"]], gradients[run["wrong"]]
    among_right, among_wrong = np.median(pdist(right)), np.median(pdist(wrong))
    assert among_right < among_wrong / 2
    assert np.median(cdist(right, wrong)) > among_wrong


def test_thirty_percent_exemplars_have_fewest_right_labels_at_epochs_five_and_ten():
    records = [noisy_labels.core.record(age=a, percent=30, choose="exemplars") for a in noisy_labels.AGES]
    assert all(record.clean < record.base for record in records)
    lowest = np.argsort([record.clean for record in records])[:2]
    assert {noisy_labels.AGES[i] for i in lowest} == {5, 10}


@pytest.mark.parametrize("seed", range(3))
def test_the_best_epoch_of_all_data_is_below_the_central_fifty_percent_at_the_end(seed):
    accuracy = stored("robust_selection", "labels")["accuracy"][seed]
    assert accuracy[0].max() < accuracy[2, -1]


@pytest.mark.parametrize("seed", range(3))
def test_at_the_end_the_central_fifty_percent_are_better_and_less_clean_than_thirty(seed):
    run = stored("robust_selection", "labels")
    assert run["accuracy"][seed, 2, -1] > run["accuracy"][seed, 1, -1]
    assert run["clean"][seed, 2, -1] < run["clean"][seed, 1, -1]


def test_the_rings_are_the_chosen_examples():
    record = noisy_labels.core.record(choose="most central", percent=20)
    fig = noisy_labels.core.figure(choose="most central", percent=20)
    right, wrong, rings = (line.get_xydata() for line in fig.axes[0].lines[:3])
    np.testing.assert_allclose(rings, record.points[record.chosen])
    np.testing.assert_allclose(right, record.points[~record.wrong])
    np.testing.assert_allclose(wrong, record.points[record.wrong])
    assert f"{100 * record.clean:.0f} % of the chosen" in fig.axes[0]._left_title.get_text()


# --- poisons ---


def test_the_angle_closes_as_epsilon_grows():
    run = stored("poisoning", "angle")["mismatch"].mean(axis=0)
    assert (np.diff(run, axis=0) < 0).all()


@pytest.mark.parametrize("stop", [0, 1])
def test_in_transfer_the_attack_works_on_half_of_the_targets_and_epic_leaves_a_quarter_of_that(stop):
    run = stored("poisoning", "transfer")
    success = run["success"][:, :, stop].mean(axis=0)
    assert success[0] >= 0.5
    assert success[1] <= success[0] / 4
    accuracy = run["accuracy"][:, :, stop].mean(axis=0)
    assert accuracy[1] > accuracy[0] - 0.03


def test_epic_drops_effective_poisons_twice_as_often_as_clean_images_in_transfer():
    effective, _, clean = np.nanmean(stored("poisoning", "transfer")["dropped"][:, 1], axis=0)
    assert effective > 2 * clean


def test_from_scratch_poisons_are_not_dropped_more_often_than_clean_images():
    poisons, clean = stored("poisoning", "scratch")["dropped"][:, 1].mean(axis=0)
    assert poisons < 1.5 * clean


def test_the_dial_points_at_the_mean_angle():
    record = poisoning.match.record(epsilon=0.3, budget=3)
    fig = poisoning.match.figure(epsilon=0.3, budget=3)
    hand = fig.axes[0].lines[2 + len(record.degrees)].get_xydata()[1]  # after arc, targets and base line
    assert np.degrees(np.arctan2(hand[1], hand[0])) == pytest.approx(record.degrees.mean())


# --- spurious features ---


def test_a_bright_patch_is_learned_in_the_first_epoch():
    run = stored("robust_selection", "cues")["accuracy"][:, 2:, 1:, 0]  # magnitude 1 and 2, width 64 and 512
    assert run[..., 0].min() > 0.95
    assert run[..., 1].max() < 0.1


def test_a_wider_network_has_a_worse_minority_after_one_epoch_and_a_better_one_after_twenty():
    run = stored("robust_selection", "cues")["accuracy"].mean(axis=0)[..., 1]
    assert (run[:3, 2, 0] < run[:3, 0, 0]).all()
    assert (run[3, :, 0] == 0).all()
    assert (run[1:, 2, -1] > run[1:, 0, -1]).all()


def test_a_brighter_patch_is_worse_for_the_minority_and_for_images_without_it():
    run = stored("robust_selection", "cues")["accuracy"].mean(axis=0)
    for epoch in (9, 19):
        faint, bright = run[0, :, epoch], run[-1, :, epoch]
        assert (bright[:, 1] < faint[:, 1]).all()
        assert (bright[:, 2] < faint[:, 2]).all()


def test_two_clusters_are_exactly_the_groups_after_two_epochs_and_no_longer_after_thirty():
    recovery = stored("robust_selection", "early")["recovery"]
    assert (recovery[:, spurious.AGES.index(2)] == 1).all()
    assert (recovery[:, spurious.AGES.index(30)] < 0.9).all()


@pytest.mark.parametrize("seed", range(3))
def test_erm_fails_in_its_worst_group_and_spare_does_not(seed):
    worst = stored("robust_selection", "groups")["accuracy"][seed].min(axis=-1)
    assert (worst[0] < 0.2).all()  # at every stopping time
    assert worst[1, 31] > 0.6
    assert worst[1, 27] > 0.6


def test_spare_with_groups_found_exactly_equals_sampling_with_true_groups():
    run = stored("robust_selection", "groups")
    assert (run["recovery"] == 1).all()
    np.testing.assert_allclose(run["accuracy"][:, 1, -1], run["accuracy"][:, 3, -1], atol=0.05)


def test_the_bars_are_the_means_of_the_record():
    record = spurious.worst.record(epoch=32, what="worst group")
    fig = spurious.worst.figure(epoch=32, what="worst group")
    heights = [p.vertices[:, 1].max() for c in fig.axes[0].collections[:4] for p in c.get_paths()]
    np.testing.assert_allclose(heights, record.worst[:, :, 31].mean(axis=0))


def test_with_training_time_the_attack_grows_stronger_and_accuracy_does_not_show_it():
    run = stored("poisoning", "transfer")
    early, late = run["success"][:, 0].mean(axis=0)
    assert late > early
    assert abs(np.diff(run["accuracy"][:, 0].mean(axis=0))[0]) < 0.01


def test_medoids_of_ten_percent_cost_less_than_a_point_of_accuracy_and_those_of_twenty_percent_more():
    accuracy = stored("poisoning", "transfer")["accuracy"].mean(axis=0)[:, 1]
    assert 0 < accuracy[0] - accuracy[1] < 0.01 < accuracy[0] - accuracy[2]


@pytest.mark.parametrize("defence", [1, 2])
def test_poisons_that_are_not_effective_are_dropped_less_than_a_third_as_often_as_clean_images(defence):
    run, poisons = stored("poisoning", "transfer"), 43
    effective, every, clean = run["dropped"][:, defence].T
    gone = every * poisons - np.nan_to_num(effective) * run["effective"]
    ineffective = gone / (poisons - run["effective"])
    assert (ineffective < clean).all()
    assert ineffective.mean() < clean.mean() / 3


@pytest.mark.parametrize("percent", [30, 60])
def test_with_many_medoids_a_round_after_epoch_two_or_four_drops_fewer_clean_images_than_after_one(percent):
    lost = {age: poisoning.clusters.record(age=age, percent=percent).lost for age in (1, 2, 4)}
    assert max(lost[2], lost[4]) < lost[1]


def test_from_scratch_the_attack_works_on_few_of_a_hundred_targets_and_epic_shows_no_effect():
    success, accuracy = (stored("poisoning", "scratch")[name] for name in ("success", "accuracy"))
    assert success.shape == (100, 2)
    assert success.sum(axis=0).tolist() == [13, 9]
    assert np.logical_and(*success.T).sum() == 4
    assert accuracy[:, 0].mean() - accuracy[:, 1].mean() == pytest.approx(0.016, abs=0.0005)
    record = poisoning.defences.record(trained="from scratch")
    assert record.low[0] < record.high[1]
    assert record.low[1] < record.high[0]


@pytest.mark.parametrize(("epoch", "sign"), [(8, 1), (16, -1)])
def test_group_dro_is_ahead_of_spare_at_epoch_eight_and_behind_at_sixteen(epoch, sign):
    worst = stored("robust_selection", "groups")["accuracy"].min(axis=-1).mean(axis=0)[:, epoch - 1]
    assert sign * (worst[2] - worst[1]) > 0.05


@pytest.mark.parametrize("epoch", [24, 32])
def test_from_epoch_twenty_four_group_dro_is_about_level_with_spare(epoch):
    worst = stored("robust_selection", "groups")["accuracy"].min(axis=-1).mean(axis=0)[:, epoch - 1]
    assert worst[2] == pytest.approx(worst[1], abs=0.03)


def test_bars_and_lines_of_one_training_have_the_same_colour():
    left, right = spurious.worst.figure(epoch=32, what="worst group").axes[:2]
    bars = [to_rgba_array(c.get_facecolor())[0] for c in left.collections[:3]]
    lines = [to_rgba(line.get_color()) for line in right.lines[:3]]
    np.testing.assert_allclose(bars, lines)


def test_the_legend_says_which_images_wear_which_patch():
    """In the picture the groups are named by what they wear; majority and minority are explained by it."""
    (ax,) = spurious.curves.figure().axes
    samples = [line for line in ax.lines if line.get_transform() == ax.transAxes]
    curves = [line for line in ax.lines if len(line.get_xdata()) == 20]
    names = [text.get_text() for text in ax.texts]
    for sample, curve, name, group in zip(
        samples, curves, spurious.CURVES, spurious.curves.record(), strict=True
    ):
        assert name in names
        assert (sample.get_color(), sample.get_linestyle()) == (curve.get_color(), curve.get_linestyle())
        np.testing.assert_array_equal(curve.get_ydata(), group.mean(axis=0))
    assert "own class's patch" in spurious.CURVES[0]
    assert "other class's patch" in spurious.CURVES[1]
    assert ["training" in name for name in spurious.CURVES] == [True, True, False]


@pytest.mark.parametrize("what", ["worst group", "mean of the groups"])
def test_the_alt_text_has_the_numbers_of_the_columns(what):
    words = spurious.worst.description(epoch=8, what=what)
    assert what in words
    for name, column in zip(
        spurious.TRAININGS, spurious.worst.figure(epoch=8, what=what).axes[0].texts, strict=True
    ):
        assert f"{name} {column.get_text()}" in words
