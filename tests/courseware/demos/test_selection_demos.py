"""What the page of lecture 07 says about its demos holds at every position of the controls."""

from itertools import product

import numpy as np
import pytest

from courseware.demos.selection import data_pruning, difficulty, el2n
from courseware.demos.selection.data_pruning import amounts, halves, windows
from courseware.demos.selection.difficulty import forgetting, label_noise
from courseware.demos.selection.el2n import probability_triangle
from courseware.studies import stored


def heights(ax):
    """Of all columns, from left to right."""
    boxes = [path.get_extents() for c in ax.collections for path in c.get_paths()]
    return [box.y1 for box in sorted(boxes, key=lambda box: box.x0)]


def lines_of_length(ax, n):
    return [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == n]


def test_the_controls_offer_what_the_study_has_run():
    runs = stored("difficulty")
    assert [100 * noise for noise in runs["noises"]] == pytest.approx(difficulty.NOISES)
    assert [100 * noise for noise in runs["window_noises"]] == pytest.approx(data_pruning.NOISES)
    assert [100 * offset for offset in runs["offsets"]] == pytest.approx(data_pruning.OFFSETS)
    assert [100 * keep for keep in runs["keeps"]] == pytest.approx(data_pruning.KEEPS)
    lengths = (difficulty.PRESENTATIONS, difficulty.NOISY_EPOCHS, data_pruning.PHASE)
    assert tuple(runs["epochs"]) == lengths


# --- forgetting


def test_mnist_is_mostly_unforgettable_and_fashion_less():
    mnist, permuted, fashion = (forgetting.record(name=name).unforgettable for name in difficulty.SETS)
    assert 0.87 < mnist.min() < mnist.max() < 0.9
    assert 0.61 < fashion.min() < fashion.max() < 0.64
    assert abs(mnist.mean() - permuted.mean()) < 0.02


def test_the_share_of_unforgettable_images_of_mnist_rises_and_falls():
    shares = [forgetting.record(epochs=e).unforgettable.mean() for e in forgetting.controls["epochs"].values]
    peak = int(np.argmax(shares))
    assert 0 < peak < len(shares) - 1
    assert max(shares) > shares[0]
    assert max(shares) > shares[-1] + 0.01


def test_a_third_is_forgotten_in_fashion_only():
    assert [forgetting.frame(name=name).reached for name in difficulty.SETS] == [False, False, True]


@pytest.mark.parametrize("epochs", [2, 9, 25])
def test_the_record_of_learning_and_the_histogram_are_drawn_as_recorded(epochs):
    record = forgetting.record(epochs=epochs)
    rows, whole, zoomed = forgetting.figure(epochs=epochs).axes
    shown = np.ma.filled(np.ma.asarray(rows.images[0].get_array(), dtype=float), np.nan)
    np.testing.assert_array_equal(shown[:, :epochs], record.rows.T)
    assert np.isnan(shown[:, epochs:]).all()
    assert heights(whole) == pytest.approx(record.shares.tolist())
    assert heights(zoomed) == pytest.approx(np.minimum(record.shares, 0.1).tolist())
    assert record.shares.sum() == pytest.approx(1)


# --- wrong labels


@pytest.mark.parametrize("noise", difficulty.NOISES)
def test_counted_as_infinity_wrong_labels_stand_out_early_and_counted_as_0_only_late(noise):
    early = {never: label_noise.record(noise=noise, never=never, epochs=10) for never in difficulty.NEVER}
    assert early[difficulty.AS_INFINITY].now.min() > early[difficulty.AS_ZERO].now.max() + 0.2
    late = {never: label_noise.record(noise=noise, never=never, epochs=80) for never in difficulty.NEVER}
    assert abs(late[difficulty.AS_INFINITY].now - late[difficulty.AS_ZERO].now).max() < 0.05
    assert early[difficulty.AS_ZERO].el2n[2:6].min() > 0.9


def test_the_goal_is_reached_in_two_ways_but_not_at_the_start():
    assert not label_noise.frame().reached
    assert label_noise.frame(never=difficulty.AS_INFINITY).reached
    assert any(label_noise.frame(noise=noise, epochs=80).reached for noise in difficulty.NOISES)


@pytest.mark.parametrize(("noise", "never"), [*product(difficulty.NOISES, difficulty.NEVER)])
def test_columns_and_curves_of_wrong_labels_are_those_of_the_record(noise, never):
    record = label_noise.record(noise=noise, never=never)
    left, right = label_noise.figure(noise=noise, never=never).axes
    right_labels, wrong_labels = record.shares.values()
    assert heights(left) == pytest.approx(np.stack([right_labels, wrong_labels], axis=1).ravel().tolist())
    (curve,), (young,) = (lines_of_length(right, len(a)) for a in (record.at, record.el2n))
    np.testing.assert_allclose(curve, record.forgetting.mean(axis=1))
    np.testing.assert_allclose(young, record.el2n.mean(axis=1))


# --- EL2N


def test_wrong_labels_have_large_scores_after_some_epochs_and_untrained_networks_know_nothing():
    untrained, trained = (probability_triangle.record(labels=el2n.FIFTH_WRONG, epoch=e) for e in (0, 8))
    assert el2n.separation(untrained) < 0.7
    assert el2n.separation(trained) > 0.9
    assert trained.life.wrong.sum() == round(0.2 * len(trained.score))


def test_the_goal_of_el2n_is_reached_at_some_epoch_and_not_with_right_labels():
    epochs = probability_triangle.controls["epoch"].values
    assert any(probability_triangle.frame(labels=el2n.FIFTH_WRONG, epoch=epoch).reached for epoch in epochs)
    assert not any(probability_triangle.frame(epoch=epoch).reached for epoch in epochs[::5])


@pytest.mark.parametrize("place", [0, 50, 100])
def test_the_example_stands_at_its_place_and_the_bars_count_all(place):
    setting = {"labels": el2n.FIFTH_WRONG, "place": place}
    record = probability_triangle.record(**setting)
    _, image, scores = probability_triangle.figure(**setting).axes
    below = (record.score < record.score[record.example]).mean()
    assert below == pytest.approx(place / 100, abs=0.02)
    np.testing.assert_array_equal(image.images[0].get_array(), record.life.x[record.example])
    assert sum(heights(scores)) == len(record.score)
    assert scores.lines[0].get_xdata()[0] == record.score[record.example]


# --- data pruning


def test_the_forgotten_half_loses_more_and_random_halves_little():
    random, split = (halves.record(split=name) for name in data_pruning.SPLITS)
    assert split.lost[0] > 2 * split.lost[1]
    assert max(random.lost) < 0.02
    assert 0.6 < split.accuracy[data_pruning.PHASE - 1, 1].mean() < 0.75  # before it was trained on
    assert [halves.frame(split=name).reached for name in data_pruning.SPLITS] == [False, True]


@pytest.mark.parametrize("split", data_pruning.SPLITS)
def test_the_halves_are_drawn_as_means_or_seed_by_seed(split):
    record = halves.record(split=split)
    for seeds in data_pruning.SHOWN:
        (ax,) = halves.figure(split=split, seeds=seeds).axes
        drawn = lines_of_length(ax, len(record.accuracy))
        expected = [record.accuracy[:, i] for i in (0, 1)]
        if seeds == data_pruning.MEAN:
            np.testing.assert_allclose(drawn, [a.mean(axis=1) for a in expected])
        else:
            np.testing.assert_allclose(np.transpose(drawn), np.concatenate(expected, axis=1))


def test_only_with_a_fifth_wrong_does_a_window_beat_random_on_every_seed():
    settings = [{"noise": n, "offset": o} for n, o in product(data_pruning.NOISES, data_pruning.OFFSETS)]
    wins = {(s["noise"], s["offset"]): windows.frame(**s).reached for s in settings}
    assert [setting for setting, all_seeds in wins.items() if all_seeds] == [(20, 40)]


@pytest.mark.parametrize(("noise", "offset"), [(0, 60), (20, 0), (10, 30)])
def test_a_windows_accuracy_and_its_wrong_labels_are_drawn_as_recorded(noise, offset):
    record = windows.record(noise=noise, offset=offset)
    left, right = windows.figure(noise=noise, offset=offset).axes
    assert heights(left) == pytest.approx(record.wrong.tolist())
    (curve,) = lines_of_length(right, len(data_pruning.OFFSETS))
    np.testing.assert_allclose(curve, record.windows.mean(axis=1))
    mark = right.lines[-1]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == pytest.approx((offset, record.kept.mean()))
    assert f"on {record.wins} of 3 seeds" in right._left_title.get_text()


def test_for_the_perceptron_easy_examples_win_first_and_hard_ones_later_the_more_is_kept():
    records = [amounts.record(keep=keep) for keep in data_pruning.KEEPS]
    for record in records:
        easiest, hardest, _ = record.perceptron.mean(axis=-1).T
        assert easiest[0] < hardest[0]
    first = [data_pruning.hardest_wins_from(record) for record in records]
    assert first[0] == "never"
    assert "never" not in first[1:]
    assert [amounts.frame(keep=keep).reached for keep in data_pruning.KEEPS] == [True, False, False]


@pytest.mark.parametrize("keep", data_pruning.KEEPS)
def test_errors_by_amount_are_means_over_seeds(keep):
    record = amounts.record(keep=keep)
    for ax, errors in zip(amounts.figure(keep=keep).axes, (record.perceptron, record.images), strict=True):
        np.testing.assert_allclose(lines_of_length(ax, len(errors)), errors.mean(axis=-1).T)
