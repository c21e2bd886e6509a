"""What the page of lecture 07 says about its demos holds at every position of the controls."""

from itertools import product

import numpy as np
import pytest

from courseware.demos.selection import data_pruning, difficulty, el2n, partitions
from courseware.demos.selection.data_pruning import amounts, images, windows
from courseware.demos.selection.difficulty import forgetting, label_noise
from courseware.demos.selection.el2n import equal_cost, probability_triangle
from courseware.demos.selection.partitions import FORGOTTEN_FIRST, UNFORGETTABLE_FIRST, halves
from courseware.studies import data_pruning as pruning_study
from courseware.studies import difficulty as difficulty_study
from courseware.studies import stored
from lsml_core.selection.difficulty import forgetting_events


def heights(ax):
    """Of all columns, from left to right."""
    boxes = [path.get_extents() for c in ax.collections for path in c.get_paths()]
    return [box.y1 for box in sorted(boxes, key=lambda box: box.x0)]


def lines_of_length(ax, n):
    return [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == n]


def test_the_controls_offer_what_the_studies_have_run():
    runs = stored("difficulty")
    assert [100 * noise for noise in runs["noises"]] == pytest.approx(difficulty.NOISES)
    assert difficulty.NOISES == el2n.NOISES
    assert runs["nets"] == el2n.NETS == difficulty_study.NOISY_NETS
    assert tuple(runs["phase_lengths"]) == partitions.LENGTHS
    d = difficulty_study
    assert tuple(runs["epochs"]) == (difficulty.PRESENTATIONS, difficulty.NOISY_EPOCHS, d.NET_EPOCHS)
    assert max(el2n.COSTS) <= min(d.NOISY_EPOCHS, d.NOISY_NETS * d.NET_EPOCHS)
    runs = stored("data_pruning")
    assert [100 * noise for noise in runs["window_noises"]] == pytest.approx(data_pruning.NOISES)
    assert [100 * offset for offset in runs["offsets"]] == pytest.approx(data_pruning.OFFSETS)
    assert tuple(runs["angles"]) == data_pruning.ANGLES
    assert tuple(runs["alphas"]) == data_pruning.ALPHAS
    assert [100 * f for f in runs["fractions"]] == pytest.approx(data_pruning.PERCENT)
    assert [100 * keep for keep in runs["keeps"]] == pytest.approx(data_pruning.KEEPS)
    assert tuple(runs["amounts"]) == data_pruning.SIZES


def test_the_stored_runs_have_the_axes_that_the_studies_state():
    d, p = difficulty_study, pruning_study
    runs = stored("difficulty")
    for length in d.PHASE_LENGTHS:
        assert runs[f"halves{length}_runs"].shape == (3, d.PHASES * length, 2, d.CONTINUAL_SEEDS)
    for noise in d.NOISES:
        assert runs[f"noise{noise:g}_el2n_runs"].shape == (1 + d.NET_EPOCHS, 1300, d.SEEDS)
    assert runs["original_correct_runs"].shape == (d.NOISY_EPOCHS // 8, 1300, d.SEEDS)
    runs = stored("data_pruning")
    choices = 1 + len(p.OFFSETS)
    assert runs["windows_runs"].shape == (len(p.WINDOW_NOISES), choices, p.SEEDS)
    assert runs["amounts_runs"].shape == (len(p.AMOUNTS), len(p.KEEPS), 3, p.SEEDS)
    assert runs["perceptrons_runs"].shape == (len(p.ANGLES), len(p.ALPHAS), len(p.FRACTIONS), 3, p.DRAWS)


# --- forgetting


def test_mnist_is_mostly_unforgettable_and_fashion_less():
    mnist, permuted, fashion = (forgetting.record(name=name).unforgettable for name in difficulty.SETS)
    assert 0.875 < mnist.min() < mnist.max() < 0.895
    assert 0.875 < permuted.min() < permuted.max() < 0.895
    assert 0.615 < fashion.min() < fashion.max() < 0.635
    forgotten = [forgetting.record(name=name).forgotten for name in difficulty.SETS]
    assert 2.5 < forgotten[2] / forgotten[0] < 3.5


def test_the_share_of_unforgettable_images_of_mnist_rises_and_falls():
    shares = [forgetting.record(epochs=e).unforgettable.mean() for e in forgetting.controls["epochs"].values]
    peak = int(np.argmax(shares))
    assert 0 < peak < len(shares) - 1
    assert max(shares) > shares[0]
    assert max(shares) > shares[-1] + 0.01


def test_a_quarter_is_forgotten_somewhere_in_fashion_only():
    epochs = forgetting.controls["epochs"].values
    reached = {
        name: [forgetting.frame(name=name, epochs=e).reached for e in epochs] for name in difficulty.SETS
    }
    assert [any(found) for found in reached.values()] == [False, False, True]
    assert not any(forgetting.frame(**preset).reached for preset in forgetting.presets.values())


@pytest.mark.parametrize("epochs", [2, 9, 25])
def test_the_record_of_learning_and_the_histogram_are_drawn_as_recorded(epochs):
    record = forgetting.record(epochs=epochs)
    rows, histogram = forgetting.figure(epochs=epochs).axes
    shown = np.ma.filled(np.ma.asarray(rows.images[0].get_array(), dtype=float), np.nan)
    np.testing.assert_array_equal(shown[:, :epochs], record.rows.T)
    assert np.isnan(shown[:, epochs:]).all()
    assert heights(histogram) == pytest.approx(record.shares.tolist())
    assert record.shares.sum() == pytest.approx(1)
    numbers = [text.get_text() for text in histogram.texts]
    assert numbers[0] == f"{100 * record.shares[0]:.0f} %"


# --- wrong labels


@pytest.mark.parametrize("noise", difficulty.NOISES)
def test_counted_as_infinity_wrong_labels_stand_out_early_and_counted_as_0_only_late(noise):
    early, late = (label_noise.record(noise=noise, epochs=epochs) for epochs in (10, 80))
    assert early.as_infinity[early.now].min() > early.as_zero[early.now].max() + 0.2
    assert abs(late.as_infinity[late.now] - late.as_zero[late.now]).max() < 0.05
    assert late.now == len(late.at) - 1


def test_after_ten_epochs_with_many_wrong_labels_a_count_of_0_is_worse_than_guessing():
    record = label_noise.record(**label_noise.presets["Break it"])
    assert record.as_zero[record.now].max() < 0.5
    assert "worse than guessing" in label_noise.description(**label_noise.presets["Break it"])


@pytest.mark.parametrize(("noise", "epochs"), [*product(difficulty.NOISES, (40, 60, 80))])
def test_the_same_images_are_forgotten_more_often_with_a_changed_label_than_with_their_own(noise, epochs):
    same, others = (
        label_noise.record(noise=noise, compared=compared, epochs=epochs)
        for compared in (difficulty.THEMSELVES, difficulty.OTHERS)
    )
    assert same.events[1] == others.events[1]
    assert same.ratio > 2
    assert same.events[0] < others.events[0]


@pytest.mark.parametrize(("noise", "epochs"), [*product(difficulty.NOISES, (20, 40, 60, 80))])
def test_nearly_all_changed_examples_are_forgotten_more_often_than_with_their_own_label(noise, epochs):
    original = difficulty.correct_record("original_correct_runs", epochs)
    correct, wrong = difficulty.noisy_run(noise)
    for seed in range(wrong.shape[1]):
        changed, own = (forgetting_events(c[:epochs, :, seed])[wrong[:, seed]] for c in (correct, original))
        assert (changed > own).mean() > 0.925
        assert round(float(own[np.isfinite(own)].mean()), 1) == 0.1


def test_the_goal_is_reached_by_training_longer_but_not_at_the_start_nor_by_a_preset():
    assert not label_noise.frame().reached
    assert not any(label_noise.frame(**preset).reached for preset in label_noise.presets.values())
    epochs = label_noise.controls["epochs"].values
    assert any(label_noise.frame(noise=n, epochs=e).reached for n in difficulty.NOISES for e in epochs)


@pytest.mark.parametrize(("noise", "compared"), [*product(difficulty.NOISES, difficulty.COMPARED)])
def test_columns_and_curves_of_wrong_labels_are_those_of_the_record(noise, compared):
    record = label_noise.record(noise=noise, compared=compared)
    left, right = label_noise.figure(noise=noise, compared=compared).axes
    right_labels, wrong_labels = record.shares.values()
    assert heights(left) == pytest.approx(np.stack([right_labels, wrong_labels], axis=1).ravel().tolist())
    infinite, zero = lines_of_length(right, len(record.at))
    np.testing.assert_allclose(infinite, record.as_infinity.mean(axis=1))
    np.testing.assert_allclose(zero, record.as_zero.mean(axis=1))


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


@pytest.mark.parametrize("noise", el2n.NOISES)
def test_both_scores_are_drawn_at_equal_cost(noise):
    """Ten networks of a tenth of the age cost as much as one."""
    record = equal_cost.record(noise=noise, cost=30)
    assert record.cost[record.now] == 30
    assert (record.cost % el2n.NETS == 0).all()
    (ax,) = equal_cost.figure(noise=noise, cost=30).axes
    norms, events = lines_of_length(ax, len(record.cost))
    np.testing.assert_allclose(norms, record.el2n.mean(axis=1))
    np.testing.assert_allclose(events, record.forgetting.mean(axis=1))


@pytest.mark.parametrize("noise", el2n.NOISES)
def test_el2n_is_ahead_at_equal_cost_from_twenty_epochs_on_and_about_equal_at_ten(noise):
    record = equal_cost.record(noise=noise)
    gap = record.el2n - record.forgetting
    assert (gap[record.cost >= 20] > 0.01).all()
    assert abs(gap[record.cost == 10]).max() < 0.02


def test_forgetting_gets_worse_while_wrong_labels_are_learned_and_recovers_later():
    record = equal_cost.record(noise=20)
    auc = {int(c): float(a) for c, a in zip(record.cost, record.forgetting.mean(axis=1), strict=True)}
    assert [round(auc[c], 2) for c in (40, 80)] == [0.92, 0.95]
    assert auc[10] > auc[20] > auc[40] < auc[80]
    first = [round(float(runs[0].mean()), 3) for runs in (record.el2n, record.forgetting)]
    assert first == [0.984, 0.987]
    worst = equal_cost.record(**equal_cost.presets["Break it"])
    assert [round(float(r[worst.now].mean()), 2) for r in (worst.forgetting, worst.el2n)] == [0.84, 0.99]


def test_the_goal_of_equal_cost_is_reached_at_ten_epochs_only_and_by_no_preset():
    reached = [
        (n, c) for n, c in product(el2n.NOISES, el2n.COSTS) if equal_cost.frame(noise=n, cost=c).reached
    ]
    assert reached == [(20, 10), (40, 10)]
    assert not any(equal_cost.frame(**preset).reached for preset in equal_cost.presets.values())


# --- partitions by forgetting


@pytest.mark.parametrize("split", partitions.SPLITS)
def test_the_halves_are_drawn_as_means_in_the_order_of_training(split):
    record = halves.record(split=split)
    (ax,) = halves.figure(split=split).axes
    first, second = lines_of_length(ax, len(record.accuracy))
    np.testing.assert_allclose(first, record.accuracy[:, 0].mean(axis=1))
    np.testing.assert_allclose(second, record.accuracy[:, 1].mean(axis=1))
    names = [text.get_text() for text in ax.texts]
    assert f"accuracy on {partitions.NAMES[split][0]}" in names


@pytest.mark.parametrize("length", partitions.LENGTHS)
def test_in_each_turn_the_half_that_is_trained_on_gains_and_losses_are_counted_in_the_others_turns(length):
    record = halves.record(split=FORGOTTEN_FIRST, length=length)
    a = record.accuracy
    by_hand = [
        (a[3 * length - 1, 0] - a[4 * length - 1, 0] + a[5 * length - 1, 0] - a[6 * length - 1, 0]) / 2
    ]
    by_hand += [
        (a[2 * length - 1, 1] - a[3 * length - 1, 1] + a[4 * length - 1, 1] - a[5 * length - 1, 1]) / 2
    ]
    np.testing.assert_allclose(record.lost, by_hand)
    np.testing.assert_allclose(record.known, a[length - 1, 1])
    np.testing.assert_allclose(record.first_change, a[2 * length - 1, 0] - a[length - 1, 0])


def first_turn(length):
    """What a network knows of the other half after the forgotten, and after the unforgettable half."""
    return [halves.record(split=s, length=length).known for s in (FORGOTTEN_FIRST, UNFORGETTABLE_FIRST)]


@pytest.mark.parametrize(
    ("length", "after_forgotten", "after_unforgettable"), [(5, 0.65, 0.45), (10, 0.80, 0.48)]
)
def test_the_forgotten_half_teaches_more_of_the_other_on_every_seed(
    length, after_forgotten, after_unforgettable
):
    forgotten, unforgettable = first_turn(length)
    assert forgotten.min() > unforgettable.max() + 0.1
    assert round(float(forgotten.mean()), 2) == after_forgotten
    assert round(float(unforgettable.mean()), 2) == after_unforgettable


def test_after_two_epochs_the_forgotten_half_teaches_more_in_the_mean_only():
    forgotten, unforgettable = first_turn(2)
    assert forgotten.mean() > unforgettable.mean() + 0.05
    assert forgotten.min() < unforgettable.max()


def test_the_unforgettable_half_teaches_nearly_as_much_of_the_forgotten_one_as_that_half_itself():
    own = {n: halves.record(split=FORGOTTEN_FIRST, length=n).after(1, 0).mean() for n in (5, 10)}
    assert [round(float(a), 2) for a in own.values()] == [0.47, 0.56]
    for length, accuracy in own.items():
        assert 0 < accuracy - first_turn(length)[1].mean() < 0.1


def test_which_half_loses_more_in_later_turns_depends_on_their_length():
    short, long = (halves.record(split=FORGOTTEN_FIRST, length=n).lost for n in (2, 10))
    assert (short[0] < 0).all()
    assert (short[1] > 0).all()
    assert (long[0] > long[1]).all()
    percent = [round(100 * float(lost.mean()), 1) for lost in (*short, *long)]
    assert percent == pytest.approx([-2.5, 4.4, 7.1, 3.1], abs=0.11)


def test_the_goal_of_the_halves_needs_short_turns_and_the_unforgettable_half_first():
    reached = [
        (split, length)
        for split, length in product(partitions.SPLITS, partitions.LENGTHS)
        if halves.frame(split=split, length=length).reached
    ]
    assert reached == [(UNFORGETTABLE_FIRST, 2)]


# --- data pruning


@pytest.mark.parametrize(("noise", "offset"), [(0, 60), (20, 0), (10, 30)])
def test_a_windows_accuracy_and_its_wrong_labels_are_drawn_as_recorded(noise, offset):
    setting = {"noise": noise, "offset": offset}
    record, (left, right) = windows.record(**setting), windows.figure(**setting).axes
    tops = [path.get_extents() for c in left.collections[:2] for path in c.get_paths()]
    assert [box.y1 for box in tops[10:]] == pytest.approx(record.wrong.tolist())
    (curve,) = lines_of_length(right, len(data_pruning.OFFSETS))
    np.testing.assert_allclose(curve, record.windows.mean(axis=1))
    mark = right.lines[-1]
    while len(mark.get_xdata()) != 1 or mark.get_transform() == right.transAxes:
        mark = right.lines[right.lines[:].index(mark) - 1]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == pytest.approx((offset, record.kept.mean()))


@pytest.mark.parametrize("demo", [amounts, images], ids=["perceptron", "images"])
def test_every_cell_of_the_map_has_the_colour_of_the_choice_with_the_lowest_mean_error(demo):
    record, (left, right) = demo.record(), demo.figure().axes
    cells = [[], [], []]
    for i in range(6):  # clear and pale cells of each choice, in this order
        boxes = [path.get_extents() for path in left.collections[i].get_paths()]
        cells[i // 2] += [(round(b.x0 + 0.5), round(b.y0 + 0.5)) for b in boxes]
    for i, found in enumerate(cells):
        assert sorted(found) == sorted(map(tuple, np.argwhere(record.winner == i).tolist()))
    shown = [path.get_extents().y1 for c in right.collections for path in c.get_paths()]
    assert shown == pytest.approx(record.here.mean(axis=1).tolist())


def test_a_winner_is_clear_only_if_enough_seeds_agree():
    errors = np.array(
        [[[[0.1, 0.1, 0.1], [0.2, 0.2, 0.2], [0.3, 0.3, 0.3]], [[0.1, 0.1, 0.4], [0.2] * 3, [0.3] * 3]]]
    )
    record = data_pruning.Amounts(errors, (0, 0), agree=3)
    assert record.winner.tolist() == [[0, 0]] or record.winner.tolist() == [[0, 1]]
    assert record.clear.tolist()[0] == [True, False]


def test_with_a_perfect_probe_the_easiest_win_when_data_is_scarce_and_the_hardest_when_it_is_plentiful():
    record = amounts.record(angle=0.0)
    percent, alphas = np.array(data_pruning.PERCENT), np.array(data_pruning.ALPHAS)
    assert (record.winner[alphas == 1] == data_pruning.EASIEST).all()
    plenty = np.ix_(alphas >= 16, (percent >= 20) & (percent <= 50))
    assert (record.winner[plenty] == data_pruning.HARDEST).all()
    assert record.clear[plenty].all()
    assert record.wins(data_pruning.RANDOM) == 0


def test_the_worse_the_probe_the_more_settings_random_examples_win():
    wins = [amounts.record(angle=angle).wins(data_pruning.RANDOM) for angle in data_pruning.ANGLES]
    assert wins == sorted(wins)
    assert wins[-1] > 0.5
    hardest = [amounts.record(angle=angle).wins(data_pruning.HARDEST) for angle in data_pruning.ANGLES]
    assert hardest[-1] < hardest[0] / 1.5


def test_the_published_result_is_hidden_by_a_probe_at_six_tenths_of_a_radian():
    good, poor = (amounts.record(angle=angle, alpha=8, keep=40) for angle in (0.0, 0.6))
    assert good.winner[good.picked] == data_pruning.HARDEST
    assert poor.winner[poor.picked] == data_pruning.RANDOM
    assert good.clear[good.picked]
    assert poor.clear[poor.picked]


def test_half_the_error_of_random_is_reached_with_a_perfect_probe_only_and_by_no_preset():
    def reached(angle):
        settings = product(data_pruning.ALPHAS, data_pruning.PERCENT)
        return [
            data_pruning.half_of_random(amounts.record(angle=angle, alpha=a, keep=k)) for a, k in settings
        ]

    assert [any(reached(angle)) for angle in data_pruning.ANGLES] == [True, False, False, False, False]
    assert not any(amounts.frame(**preset).reached for preset in (*amounts.presets.values(), {}))


def test_only_with_a_fifth_wrong_does_a_window_beat_random_on_every_seed():
    settings = [{"noise": n, "offset": o} for n, o in product(data_pruning.NOISES, data_pruning.OFFSETS)]
    wins = {(s["noise"], s["offset"]): windows.frame(**s).reached for s in settings}
    assert [setting for setting, all_seeds in wins.items() if all_seeds] == [(20, 40)]


def test_the_more_labels_are_wrong_the_earlier_the_best_window_ends():
    records = [windows.record(noise=noise) for noise in data_pruning.NOISES]
    best = [data_pruning.OFFSETS[r.windows.mean(axis=1).argmax()] for r in records]
    assert best == [50, 40, 30]
    clean, tenth = records[:2]
    assert (tenth.windows < tenth.random).all()
    assert round(float(clean.windows[-1].mean()), 2) == 0.64
    assert round(float(clean.random.mean()), 2) == 0.80
    assert abs(float(clean.windows.mean(axis=1).max() - clean.random.mean())) < 0.005
    assert round(float(records[2].wrong[-1]), 2) == 0.95
    window = windows.record(noise=20, offset=40)
    assert round(window.wrong_kept, 2) == 0.08
    assert 0 < float((window.kept - window.random).mean()) < 0.01


def test_the_hardest_images_beat_the_easiest_if_80_percent_are_kept_and_the_gap_closes_at_40_but_not_at_20():
    errors = images.record().errors.mean(axis=-1)
    gap = errors[:, :, data_pruning.HARDEST] - errors[:, :, data_pruning.EASIEST]
    assert (gap[:, data_pruning.KEEPS.index(80)] < 0).all()
    at_forty = gap[:, data_pruning.KEEPS.index(40)]
    assert [round(100 * float(at_forty[i])) for i in (0, -1)] == [11, 1]
    assert (gap[:, data_pruning.KEEPS.index(20)] > 0.11).all()
    assert errors[0, data_pruning.KEEPS.index(20), data_pruning.HARDEST] > 0.5


def test_random_images_win_in_all_settings_but_one():
    record = images.record()
    others = np.argwhere(record.winner != data_pruning.RANDOM)
    assert others.tolist() == [[data_pruning.SIZES.index(1000), data_pruning.KEEPS.index(80)]]
    (place,) = map(tuple, others.tolist())
    assert not record.clear[place]
    error = record.errors[place].mean(axis=-1)
    assert error[data_pruning.RANDOM] - error[data_pruning.HARDEST] < 0.01


def test_the_goal_of_the_images_needs_most_of_them():
    reached = [
        keep
        for size, keep in product(data_pruning.SIZES, data_pruning.KEEPS)
        if images.frame(size=size, keep=keep).reached
    ]
    assert set(reached) == {80}
    assert not any(images.frame(**preset).reached for preset in ({}, *images.presets.values()))
