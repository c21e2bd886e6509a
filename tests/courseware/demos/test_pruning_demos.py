"""What the demos of lectures 10 and 11 claim holds in their records, and their pictures show the records."""

from functools import partial

import numpy as np
import pytest

from courseware.demos.pruning import criteria, granularity, layer_collapse, layer_collapse_runs, tickets
from courseware.demos.pruning import pruning_at_initialization as initialization
from courseware.plots import pruning as plots
from courseware.studies import stored
from lsml_core.models import mlp
from lsml_core.pruning.masks import exponential, prune
from lsml_core.pruning.scores import magnitude, synflow


def headlines(fig):
    return [ax._left_title.get_text() for ax in fig.axes]


def line(ax, i):
    return ax.lines[i].get_xdata(), ax.lines[i].get_ydata()


def bar_ends(collection):
    """The right ends of lying bars."""
    return [path.vertices[:, 0].max() for path in collection.get_paths()]


# --- single weights, or rows


@pytest.mark.parametrize("percent", granularity.PERCENT)
def test_as_many_weights_are_kept_one_by_one_as_in_rows(percent):
    for way, tolerance in (("single weights, zeros stored", 1e-6), ("whole rows", 1e-3)):
        mask = granularity.weights_or_rows.record(way=way, percent=percent).mask
        assert mask.mean() == pytest.approx(percent / 100, abs=tolerance)
    assert (mask.all(axis=1) | ~mask.any(axis=1)).all()


def timed(zeros_stored, left_out=0.5, rows=0.2):
    """Seconds as `_measure` returns them: one number per percentage for the zeros stored."""
    stored_, left, whole = granularity.WAYS
    times = {(stored_, p): t for p, t in zip(granularity.PERCENT, zeros_stored, strict=True)}
    return times | {(left, p): left_out for p in times_of()} | {(whole, p): rows for p in times_of()}


def times_of():
    return granularity.PERCENT


def record_of(times):
    mask = granularity.weights_or_rows.record().mask
    return granularity.MatrixProduct(mask, *granularity.speedups_and_noise(times))


def test_equal_work_gives_the_dense_time_and_the_timing_error():
    speedups, noise = granularity.speedups_and_noise(timed([1.0, 1.0, 1.1, 1.0, 0.9, 1.0, 1.2]))
    assert noise == pytest.approx(1.2 / 0.9)
    np.testing.assert_allclose(speedups["whole rows"], 1 / 0.2)
    assert np.median(speedups["single weights, zeros stored"]) == 1


def test_on_a_busy_machine_the_picture_claims_no_speed_up_of_zeros():
    busy = record_of(timed([0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    stored_ = granularity.STORED
    assert busy.speedups[stored_][0] == 2
    assert not busy.faster(stored_, 2)
    assert not granularity.weights_or_rows.reached(busy, way=stored_, percent=2)
    assert granularity.in_words(busy, stored_, 10) == "not clearly faster than dense"
    assert granularity.in_words(busy, granularity.ROWS, 10) == "5 times as fast as dense"


def test_on_a_quiet_machine_zeros_that_are_left_out_are_slower():
    quiet = record_of(timed([1.0] * 7, left_out=4.0))
    assert granularity.in_words(quiet, granularity.STORED, 10) == "not clearly faster than dense"
    assert granularity.in_words(quiet, granularity.LEFT_OUT, 10) == "4 times slower than dense"
    assert granularity.weights_or_rows.reached(
        record_of(timed([1.0] * 7)), way=granularity.LEFT_OUT, percent=10
    )


def test_rows_that_are_gone_save_time_and_zeros_that_are_stored_are_never_faster():
    """With margins that a busy machine leaves: a twentieth of the rows is 10 to 20 times as fast."""
    record = granularity.weights_or_rows.record()
    assert record.speedups["whole rows"][granularity.PERCENT.index(5)] > 2
    assert not any(record.faster(granularity.STORED, percent) for percent in granularity.PERCENT)


def test_the_measured_speedups_are_the_lines_that_are_drawn():
    demo = granularity.weights_or_rows
    setting = {"way": "single weights, zeros left out", "percent": 5}
    record, fig = demo.record(**setting), demo.figure(**setting)
    for i, speedup in enumerate(record.speedups.values()):
        x, y = line(fig.axes[1], i)
        np.testing.assert_array_equal(x, granularity.PERCENT)
        np.testing.assert_array_equal(y, speedup)
    corner = fig.axes[0].images[0].get_array()
    np.testing.assert_array_equal(corner < 0.5, record.mask[: granularity.CORNER, : granularity.CORNER])
    assert demo.reached(record, **setting) == record.faster(**setting)


# --- parameters and operations


def test_the_pruned_end_of_vgg_16_decides_what_is_saved():
    demo = granularity.parameters_and_operations
    assert demo.record().weights @ demo.record().uses == 313_201_664
    for compression in (4, 32):
        ends = [demo.record(compression=compression, tilt=tilt) for tilt in (-2.0, 0.0, 2.0)]
        assert [r.compression for r in ends] == pytest.approx([compression] * 3, rel=0.01)
        end, even, start = (r.speedup for r in ends)
        assert end < even / 2 < even < start / 2
    assert 4 < demo.record(compression=32, tilt=-2.0).speedup < 4.5


def test_bars_are_the_percentages_of_parameters_and_of_operations():
    record, fig = (
        f(tilt=1.0)
        for f in (granularity.parameters_and_operations.record, granularity.parameters_and_operations.figure)
    )
    for ax, times in zip(fig.axes, (1, record.uses), strict=True):
        dense, kept = record.weights * times, record.kept * times
        for drawn, expected in zip(ax.collections, (dense, kept), strict=True):
            np.testing.assert_allclose(bar_ends(drawn), 100 * expected / dense.sum())
    first, second = headlines(fig)
    assert first == "4.0 times fewer parameters …"
    assert second == f"… and {record.speedup:.1f} times fewer operations"


# --- thresholds


@pytest.mark.parametrize("criterion", criteria.CRITERIA)
def test_a_threshold_for_each_layer_keeps_the_same_fraction_of_all(criterion):
    record = criteria.criteria.record(criterion=criterion, scope="each layer")
    assert [*record.density.values()] == pytest.approx([0.1] * 3, abs=1e-3)
    one = criteria.criteria.record(criterion=criterion)
    assert min(one.density, key=one.density.get) == "layer 2"
    assert len(set(one.threshold.values())) == 1


def test_one_threshold_empties_layer_2_and_the_gradient_magnitude_spares_it():
    demo = criteria.criteria
    setting = {"density": 0.00316}
    assert demo.record(**setting).density["layer 2"] == 0 < demo.record(**setting).density["layer 1"]
    assert demo.record(criterion="gradient magnitude", **setting).density["layer 2"] > 0
    assert headlines(demo.figure(**setting))[1] == "Layer 2 is empty"


def test_the_goal_is_the_last_fraction_before_a_layer_is_empty():
    demo = criteria.criteria
    reached = [d for d in criteria.DENSITIES.values if demo.frame(density=d).reached]
    (smallest,) = reached
    below = criteria.DENSITIES.values[criteria.DENSITIES.values.index(smallest) - 1]
    assert min(demo.record(density=smallest).density.values()) > 0
    assert min(demo.record(density=below).density.values()) == 0


def test_the_threshold_is_drawn_at_the_smallest_score_that_is_kept():
    demo = criteria.criteria
    for scope in criteria.SCOPES:
        record, fig = demo.record(scope=scope), demo.figure(scope=scope)
        for ax, layer in zip(fig.axes, record.counts, strict=True):
            assert ax.lines[0].get_xdata()[0] == pytest.approx(np.log10(record.threshold[layer]))
            threshold, counts = np.log10(record.threshold[layer]), record.counts[layer]
            surely, possibly = (
                counts[ends > threshold].sum() for ends in (record.edges[:-1], record.edges[1:])
            )
            assert surely <= record.density[layer] * counts.sum() <= possibly


@pytest.mark.parametrize(
    ("heights", "placed"),
    [
        ([50.0, 10.0], [50, 10]),
        ([10.0, 10.0, 10.0], [4, 10, 16]),
        ([80.0, 20.0, 78.0], [82, 20, 76]),
        ([10.0, 12.0, 20.0], [8, 14, 20]),
        ([10.0, 12.0, 19.0], [23 / 3, 41 / 3, 59 / 3]),
    ],
)
def test_texts_that_would_touch_fan_out_around_their_mean(heights, placed):
    np.testing.assert_allclose(plots.apart(np.array(heights), 6), placed)


# --- tickets


def test_the_ticket_needs_its_mask_and_its_weights_at_every_small_density():
    for percent in (1.6, 3.1, 6.2):
        record = tickets.tickets.record(percent=percent, steps=50)
        assert record.mean("ticket", percent) > record.best_control(percent) + 40


def test_the_goal_of_the_tickets_takes_few_steps_and_few_weights():
    demo = tickets.tickets
    for percent in tickets.PERCENT:
        for steps in tickets.STEPS:
            record = demo.record(percent=percent, steps=steps)
            near = record.mean("ticket", percent) >= record.mean("ticket", 100) - 2
            far = record.mean("ticket", percent) >= record.best_control(percent) + 40
            assert demo.frame(percent=percent, steps=steps).reached == (near and far)
    assert demo.frame(percent=3.1, steps=50).reached
    assert not demo.frame(percent=3.1, steps=400).reached


def test_accuracy_lines_hold_the_stored_runs():
    run, setting = stored("pruning", "tickets"), {"percent": 12.5, "steps": 100}
    record, fig = tickets.tickets.record(**setting), tickets.tickets.figure(**setting)
    d, s = run["density"].tolist().index(1 / 8), run["at"].tolist().index(100)
    written = [text.get_text() for text in fig.axes[0].texts]
    for i, name in enumerate(run["variants"]):
        x, y = line(fig.axes[0], i)
        mean = 100 * run["accuracy"][:, i, d, s].mean()
        assert y[x == 1 / 8] == pytest.approx(mean)
        assert f"{mean:.1f} %" in written
        assert record.accuracy[str(name)].shape == (3, 7)


# --- rewinding


@pytest.mark.parametrize("k", [0, 50, 100])
@pytest.mark.parametrize("percent", [2.5, 5])
def test_repeating_the_large_steps_matters_and_the_weights_hardly_do(k, percent):
    found = {name: a.mean() for name, a in tickets.rewinding.record(k=k, percent=percent).accuracy.items()}
    assert abs(found["weight rewinding"] - found["learning-rate rewinding"]) < 3
    assert found["weight rewinding"] > max(found["fine-tuning"], found["weights only"]) + 10


def test_rewinding_ends_lower_once_the_large_steps_are_over():
    for percent in tickets.CUTS:
        early, late = (tickets.rewinding.record(k=k, percent=percent).accuracy for k in (0, 200))
        for way in ("weight rewinding", "learning-rate rewinding"):
            assert late[way].mean() < early[way].mean()


def test_the_goal_of_rewinding_is_reached_with_the_fewest_weights_only():
    demo = tickets.rewinding
    for percent in tickets.CUTS:
        reached = {demo.frame(k=k, percent=percent).reached for k in tickets.KS}
        assert reached == {percent == 2.5}


def test_bars_and_dots_are_the_accuracies_of_each_way():
    setting = {"k": 50, "percent": 10}
    record, fig = tickets.rewinding.record(**setting), tickets.rewinding.figure(**setting)
    left, right = fig.axes
    assert [t.get_text() for t in left.texts][:4] == [*record.accuracy]
    assert [t.get_text() for t in right.texts][:4] == [f"{a.mean():.1f} %" for a in record.accuracy.values()]
    for row, accuracy in enumerate(record.accuracy.values()):
        assert bar_ends(right.collections[row]) == pytest.approx([accuracy.mean()])
        np.testing.assert_array_equal(right.lines[row].get_xdata(), accuracy)
    sources = [line_.get_xdata()[0] for line_ in left.lines[:4]]
    assert sources == [400, 50, 400, 50]


# --- layer collapse


def test_the_goal_is_a_network_with_weights_in_every_layer_that_learns_nothing():
    demo = layer_collapse.collapse
    for setting in (
        {"method": "magnitude", "compression": 300},
        {"method": "GraSP in rounds", "compression": 100},
    ):
        record = demo.record(**setting)
        assert record.kept[:, layer_collapse_runs.COMPRESSIONS.index(setting["compression"])].all()
        assert record.chosen.mean() < 12
        assert demo.frame(**setting).reached
    assert not demo.frame(method="SynFlow", compression=100).reached
    assert not demo.frame(method="magnitude", compression=1000).reached


@pytest.mark.parametrize("images", layer_collapse_runs.PARTS)
def test_only_synflow_empties_no_layer_and_it_is_most_accurate_at_300(images):
    records = {
        m: layer_collapse.collapse.record(images=images, method=m, compression=300)
        for m in layer_collapse_runs.PAPERS
    }
    assert [m for m, r in records.items() if r.kept.all()] == ["SynFlow"]
    assert max(records, key=lambda m: records[m].chosen.mean()) == "SynFlow"


def test_bars_are_the_weights_of_each_layer_and_empty_layers_are_named():
    setting = {"method": "magnitude", "compression": 1000}
    record, fig = layer_collapse.collapse.record(**setting), layer_collapse.collapse.figure(**setting)
    kept = record.kept[0, layer_collapse_runs.COMPRESSIONS.index(1000)]
    dense_bars, kept_bars, empty_bars = fig.axes[1].collections
    np.testing.assert_array_equal(bar_ends(dense_bars), record.kept[0, 0])
    np.testing.assert_array_equal(bar_ends(kept_bars), kept[kept > 0])
    np.testing.assert_array_equal(bar_ends(empty_bars), record.kept[0, 0][kept == 0])
    assert headlines(fig) == ["Magnitude is at chance at compression 1,000", "Layer 2 is empty"]


def test_a_method_has_one_colour_in_all_pictures_of_the_lecture():
    looks = {name: plots.method_look(name)["color"] for name in layer_collapse_runs.PAPERS}
    assert len(set(looks.values())) == 5
    for name in (*layer_collapse_runs.PAPERS, *layer_collapse_runs.OTHERS):
        fig = layer_collapse.collapse.figure(method=name)
        thick = [ln for ln in fig.axes[0].lines if ln.get_linewidth() == 2.6]
        assert looks[name.partition(" ")[0]] in {ln.get_color() for ln in thick}
    lines = layer_collapse.rounds.figure().axes[1].lines[:3]
    assert [ln.get_color() for ln in lines] == [looks[name] for name in layer_collapse_runs.SCORES]
    for objective in initialization.OBJECTIVES:
        diamond = initialization.prediction.figure(objective=objective).axes[0].lines[2]
        assert diamond.get_color() == looks[objective.partition(":")[0]]


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([3, 1, 1, 1, 1], "no layer is empty"),
        ([3, 1, 1, 1, 0], "the output layer is empty"),
        ([0, 1, 1, 1, 0], "layers 1 and output are empty"),
        ([0, 0, 0, 1, 1], "layers 1, 2 and 3 are empty"),
    ],
)
def test_empty_layers_are_named_in_words(kept, words):
    assert layer_collapse.empty_layers(np.array(kept)) == words


# --- rounds


def test_synflow_collapses_first_in_one_round_and_not_at_all_in_a_hundred():
    once, hundred = (
        {
            score: layer_collapse.rounds.record(rounds=n).largest[score][i]
            for score in layer_collapse_runs.SCORES
        }
        for i, n in ((0, 1), (-1, 100))
    )
    assert once["SynFlow"] < min(once["SNIP"], once["magnitude"])
    assert hundred["SynFlow"] == max(layer_collapse_runs.TARGETS)
    assert hundred["magnitude"] == once["magnitude"]


def test_a_signal_stops_at_the_first_empty_layer_and_nowhere_else():
    """Here no layer keeps weights that all start at units nothing reaches, though one could."""
    run = stored("pruning", "rounds")
    assert (run["reached"][..., 0] == layer_collapse_runs.WIDTHS[0]).all()
    alive = np.logical_and.accumulate(run["kept"] > 0, axis=-1)
    np.testing.assert_array_equal(run["reached"][..., 1:] > 0, alive)
    assert (run["reached"] <= layer_collapse_runs.WIDTHS).all()


def test_the_stored_rounds_are_those_of_this_code():
    """Two of the 105 masks again, and the axes of the demo."""
    run = stored("pruning", "rounds")
    assert run["scores"].tolist() == [*layer_collapse_runs.SCORES]
    assert run["rounds"].tolist() == [*layer_collapse_runs.ROUNDS]
    assert run["compression"].tolist() == [*layer_collapse_runs.TARGETS]
    net = mlp(layer_collapse_runs.WIDTHS, rng=np.random.default_rng(0))
    for score, function, n, c in (
        ("SynFlow", partial(synflow, shape=(64,)), 10, 300),
        ("magnitude", magnitude, 1, 100),
    ):
        mask = prune(net, function, exponential(1 / c, n))
        record = layer_collapse.rounds.record(score=score, rounds=n, compression=c)
        np.testing.assert_allclose(record.kept, [int(m.count_nonzero()) for m in mask.values()], atol=2)


def test_the_flow_names_the_weights_and_the_units_of_the_record():
    setting = {"score": "SNIP", "rounds": 10, "compression": 1000}
    record, fig = layer_collapse.rounds.record(**setting), layer_collapse.rounds.figure(**setting)
    texts = [t.get_text() for t in fig.axes[0].texts]
    assert texts[:6] == [
        f"{r}\nof {n}" for r, n in zip(record.reached, layer_collapse_runs.WIDTHS, strict=True)
    ]
    assert texts[6:11] == [f"{k:,}" for k in record.kept]
    for i, largest in enumerate(record.largest.values()):
        np.testing.assert_array_equal(line(fig.axes[1], i)[1], largest)


# --- which layer is emptied first


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("variance", ["2 / inputs (He)", "2 / outputs"])
def test_magnitude_empties_the_layer_of_smallest_variance_first(variance, seed):
    record = layer_collapse_runs.prune_at_once(variance, "magnitude", seed)
    assert record.first_empty == layer_collapse_runs.LAYERS[layer_collapse_runs.VARIANCES[variance].argmin()]


@pytest.mark.parametrize("seed", range(4))
def test_with_glorots_variance_it_empties_one_of_two_layers_that_start_nearly_equal(seed):
    variance = "2 / (inputs + outputs) (Glorot)"
    assert layer_collapse_runs.prune_at_once(variance, "magnitude", seed).first_empty in ("1", "2")


def test_equal_variances_leave_the_smallest_layer_empty_first_like_a_random_mask():
    for variance, method in (("the same in all layers", "magnitude"), ("2 / inputs (He)", "random")):
        assert layer_collapse.initialization.record(variance=variance, method=method).first_empty == "out"


def test_a_layer_is_empty_beyond_its_limit():
    for variance in layer_collapse_runs.VARIANCES:
        record = layer_collapse.initialization.record(variance=variance)
        limits = np.array([*record.limits.values()])
        beyond = np.array(layer_collapse_runs.TARGETS)[:, None] > 1.01 * limits
        within = np.array(layer_collapse_runs.TARGETS)[:, None] < 0.99 * limits
        assert not record.kept[beyond].any()
        assert record.kept[within].all()


def test_the_percentages_left_are_drawn_until_a_layer_is_empty():
    record, fig = (
        f(variance="2 / outputs")
        for f in (layer_collapse.initialization.record, layer_collapse.initialization.figure)
    )
    for i, size in enumerate(layer_collapse_runs.INPUTS * layer_collapse_runs.OUTPUTS):
        percent = 100 * record.kept[:, i] / size
        np.testing.assert_allclose(line(fig.axes[1], i)[1], np.where(percent > 0, percent, np.nan))
    assert headlines(fig)[1] == "Layer 1 is emptied first"


# --- first order


@pytest.mark.parametrize("objective", initialization.OBJECTIVES)
def test_first_order_is_right_in_its_limit_and_off_several_times_for_thousands(objective):
    demo = initialization.prediction
    assert demo.record(objective=objective, together=1, fade=0.01).error < 0.01
    assert demo.record(objective=objective, together=6000, fade=1).error > 2


def test_what_snip_would_remove_hardly_changes_the_loss_and_grasp_moves_more_than_predicted():
    snip, grasp = (
        initialization.prediction.record(objective=objective, together=6000, fade=1)
        for objective in initialization.OBJECTIVES
    )
    assert abs(snip.true[-1]) < 2 < np.abs(snip.true[:-1]).min()
    assert grasp.true[-1] > 5 * grasp.predicted[-1] > 0


def test_dots_are_random_groups_and_the_diamond_the_methods_choice():
    setting = {"together": 100, "fade": 1}
    record, fig = initialization.prediction.record(**setting), initialization.prediction.figure(**setting)
    _, dots, diamond = fig.axes[0].lines[:3]
    np.testing.assert_array_equal(dots.get_xdata(), record.predicted[:-1])
    np.testing.assert_array_equal(dots.get_ydata(), record.true[:-1])
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (record.predicted[-1], record.true[-1])
    words = "holds" if record.error < initialization.SMALL_ERROR else "fails"
    assert words in headlines(fig)[0]


def test_snip_changes_the_loss_little_though_seventy_times_the_prediction():
    record = initialization.prediction.record(together=6000, fade=1)
    assert 60 < record.true[-1] / record.predicted[-1] < 80
    assert abs(record.true[-1] - 1.6) < 0.1
    assert abs(record.predicted[-1] - 0.022) < 0.002


# --- transfer


def test_other_data_cost_a_ticket_more_than_another_optimizer_where_few_weights_are_left():
    for data in initialization.DATA:
        record = initialization.transfer.record(data=data, percent=2.6)
        assert record.loss(2) > record.loss(1) + 4


def test_the_goal_of_transfer_needs_few_weights_and_the_right_data():
    demo = initialization.transfer
    assert not demo.frame().reached
    assert not any(demo.frame(**preset).reached for preset in demo.presets.values())
    assert demo.frame(data="MNIST", percent=2.6).reached


def test_the_slopes_are_the_stored_runs_and_the_levels_their_controls():
    run, setting = stored("pruning", "transfer"), {"data": "MNIST", "percent": 6.4}
    fig = initialization.transfer.figure(**setting)
    sources, target = run["sources"].tolist(), run["targets"].tolist().index("MNIST, SGD")
    found = 100 * run["accuracy"][:, target, :, 2].mean(0)
    expected = [found[sources.index(name)] for name in ("MNIST, SGD", "MNIST, Adam", "Fashion, SGD")]
    solid = [ln for ln in fig.axes[0].lines if len(ln.get_xdata()) == 3 and ln.get_color() == "0.1"]
    assert any(np.allclose(ln.get_ydata(), expected) for ln in solid)
    words = [text.get_text() for text in fig.axes[0].texts]
    assert f"new weights, SGD: {found[sources.index('re-initialised')]:.0f}" in words
    assert all(f"{mean:.0f}" in words for mean in expected)


@pytest.mark.parametrize("data", initialization.DATA)
@pytest.mark.parametrize("percent", initialization.PERCENT)
def test_the_higher_number_of_a_station_stands_above_the_lower_one(data, percent):
    (ax,) = initialization.transfer.figure(data=data, percent=percent).axes
    record = initialization.transfer.record(data=data, percent=percent)
    for station in range(3):
        means = sorted(found.mean(0)[station] for found in record.accuracy.values())
        written = sorted(
            (t for t in ax.texts if t.get_position()[0] == station), key=lambda t: t.get_position()[1]
        )
        assert [t.get_text() for t in written] == [f"{mean:.0f}" for mean in means]
        low, high = (t.get_position()[1] for t in written)
        assert low < means[0] <= means[1] < high


def test_the_controls_of_stored_runs_are_the_axes_of_their_studies():
    """The demos read the stored arrays by position."""
    run = stored("pruning", "tickets")
    np.testing.assert_allclose(tickets.PERCENT, 100 * run["density"][::-1], atol=0.05)
    assert list(tickets.STEPS) == run["at"].tolist()
    run = stored("pruning", "rewinding")
    assert list(tickets.KS) == run["k"].tolist()
    np.testing.assert_allclose(tickets.CUTS, 100 * run["density"][::-1])
    run = stored("pruning", "transfer")
    np.testing.assert_allclose(initialization.PERCENT, 100 * run["density"][::-1], atol=0.05)
    for part in layer_collapse_runs.PARTS.values():
        assert stored("pruning", part)["compression"].tolist() == [*layer_collapse_runs.COMPRESSIONS]
