"""What the pages of lectures 05 and 06 say about their demos holds at every position of the controls."""

from itertools import product

import numpy as np
import pytest
from matplotlib.colors import to_hex

from courseware.demos.submodular import diminishing_returns, distributed, greedy, guarantee
from courseware.demos.submodular.diminishing_returns import marginal_gain
from courseware.demos.submodular.distributed import sieves, two_rounds
from courseware.demos.submodular.greedy import exemplars, lazy_queue
from courseware.demos.submodular.guarantee import greedy_guarantee
from courseware.plots import distributed as plots
from courseware.plots import submodular as sets
from courseware.plots.style import BLUE, RED


def texts(ax):
    return [text.get_text() for text in (*ax.texts, ax._left_title)]


def tops(ax):
    """Heights of all columns of a picture, from left to right, legend samples left out."""
    boxes = [path.get_extents() for c in ax.collections for path in c.get_paths()]
    return [box.y1 for box in sorted(boxes, key=lambda box: box.x0)]


# --- diminishing returns

PLACES = [*product(*(marginal_gain.controls[axis].values[::5] for axis in "xy"))]
SUBMODULAR = [name for name in diminishing_returns.MEASURES if "twice" not in name]


@pytest.mark.parametrize("function", SUBMODULAR)
def test_a_disc_never_adds_more_to_a_larger_set(function):
    for x, y in PLACES:
        record = marginal_gain.record(x=x, y=y, function=function)
        assert (np.diff(record.gains) < 1e-9).all()
        assert record.diminishing


def test_area_that_counts_from_the_second_disc_on_breaks_diminishing_gains_at_most_places():
    records = [marginal_gain.record(x=x, y=y, function="area covered at least twice") for x, y in PLACES]
    assert np.mean([record.to_B > record.to_A + 1e-9 for record in records]) > 0.6
    assert not marginal_gain.record(**marginal_gain.presets["Break it"]).diminishing


def test_the_bars_are_the_areas_that_are_shaded():
    for x, y in PLACES[::7]:
        record = marginal_gain.record(x=x, y=y)
        new_to_A, new_to_B = (
            (record.new["new to both"] | record.new[f"to {name} only"]).sum() for name in "AB"
        )
        cell = diminishing_returns.CELL**2
        assert (record.to_A, record.to_B) == pytest.approx((new_to_A * cell, new_to_B * cell))


def test_the_goal_of_the_lawn_is_reached_somewhere_and_only_for_the_area():
    reached = {}
    for function in diminishing_returns.MEASURES:
        settings = [
            {"x": x, "y": y, "function": function}
            for x, y in product(*(marginal_gain.controls[axis].values[::2] for axis in "xy"))
        ]
        reached[function] = sum(marginal_gain.reached(marginal_gain.record(**s), **s) for s in settings)
    assert reached["area covered"] > 0
    assert reached["√ of the area covered"] == reached["area covered at least twice"] == 0


@pytest.mark.parametrize("changes", [{}, *marginal_gain.presets.values()])
def test_the_columns_and_the_verdict_are_those_of_the_record(changes):
    record, right = marginal_gain.record(**changes), marginal_gain.figure(**changes).axes[1]
    assert tops(right) == pytest.approx(record.gains.tolist())
    assert right._left_title.get_text().startswith("Not submodular") == (not record.diminishing)
    assert f"gain to A: {record.to_A:.2f}" in texts(right)
    assert f"gain to B: {record.to_B:.2f}" in texts(right)


def test_a_colour_of_the_lawn_belongs_to_one_set():
    """What e adds to A only has the colour of A's outlines and of A's column; B likewise."""
    left, right = (marginal_gain.figure().axes[i] for i in (0, 1))
    of = {"A": sets.NEW["to A only"], "B": sets.NEW["to B only"]}
    assert [of[name]["facecolor"] for name in "AB"] == [BLUE, RED]
    assert sets.NEW["new to both"]["facecolor"] not in (BLUE, RED)
    outlines = [shapes for shapes in left.collections if len(shapes.get_edgecolor())]
    bars = [column for column in right.collections if len(column.get_paths()) == 1]
    for name, outline, column in zip("AB", outlines, bars, strict=True):
        assert to_hex(outline.get_edgecolor()[0]).upper() == of[name]["facecolor"]
        assert to_hex(column.get_facecolor()[0]).upper() == of[name]["facecolor"]


# --- the guarantee


@pytest.mark.parametrize("k", range(1, guarantee.LARGEST_K + 1))
def test_on_the_tight_instance_greedy_gets_its_bound_and_the_columns_everything(k):
    record = greedy_guarantee.record(instance=guarantee.TIGHT, k=k)
    f, shapes = guarantee.tight(k)
    everything = f.value(range(f.n))
    assert record.share == pytest.approx(record.bound)
    assert f.value(record.optimum) == pytest.approx(everything)
    areas = [np.prod(outline.max(axis=0) - outline.min(axis=0)) for outline in shapes.outlines]
    assert areas == pytest.approx([f.value([e]) / everything for e in range(f.n)])


def test_greedy_keeps_its_guarantee_everywhere_and_is_far_above_it_on_discs():
    k, lowest = np.arange(1, guarantee.LARGEST_K + 1), []
    for name in guarantee.INSTANCES:
        shares = greedy_guarantee.record(instance=name).shares["greedy"]
        assert (shares >= 1 - (1 - 1 / k) ** k - 1e-12).all()
        lowest += [shares.min()] if name != guarantee.TIGHT else []
    assert 0.84 < min(lowest) < 0.85


def test_in_a_crowd_greedy_is_best_and_the_best_single_discs_fall_behind_random_ones_from_k_4_on():
    shares = {m: s.mean(axis=0) for m, s in greedy_guarantee.record(instance="crowded discs").shares.items()}
    assert (shares["greedy"][1:] > np.maximum(shares["top-k"], shares["random"])[1:]).all()
    assert (shares["top-k"][:3] > shares["random"][:3]).all()
    assert (shares["top-k"][3:] < shares["random"][3:]).all()


def test_on_the_tight_instance_the_best_single_sets_are_better_from_k_3_on():
    shares = greedy_guarantee.record(instance=guarantee.TIGHT).shares
    assert (shares["top-k"][0, 2:] > shares["greedy"][0, 2:]).all()


def test_greedy_falls_below_seventy_percent_on_the_tight_instance_only_and_no_preset_shows_it():
    for name, k, method in product(guarantee.INSTANCES, range(1, 9), guarantee.METHODS):
        setting = {"instance": name, "k": k, "method": method}
        expected = name == guarantee.TIGHT and method == "greedy" and k > 3
        assert greedy_guarantee.reached(greedy_guarantee.record(**setting), **setting) == expected
    assert not any(greedy_guarantee.frame(**p).reached for p in ({}, *greedy_guarantee.presets.values()))


@pytest.mark.parametrize("name", guarantee.INSTANCES)
def test_the_headline_of_the_guarantee_holds_for_every_draw_and_k(name):
    record, (_, right) = greedy_guarantee.record(instance=name), greedy_guarantee.figure(instance=name).axes
    shares, text = record.shares["greedy"], right._left_title.get_text()
    if name == guarantee.TIGHT:
        assert text == "Greedy gets exactly its bound"
        np.testing.assert_allclose(shares[0], record.bounds)
    else:
        assert 100 * shares.min() >= int(text.split()[3])


@pytest.mark.parametrize("method", guarantee.METHODS)
def test_the_lines_of_the_guarantee_are_means_over_draws(method):
    setting = greedy_guarantee.setting(method=method, k=6)
    record, (left, right) = greedy_guarantee.record(**setting), greedy_guarantee.figure(**setting).axes
    drawn = [line.get_ydata() for line in right.lines if len(line.get_xdata()) == 8]
    np.testing.assert_allclose(drawn[0], record.bounds)
    for line, shares in zip(drawn[1:], record.shares.values(), strict=True):
        np.testing.assert_allclose(line, shares.mean(axis=0))
    assert ("below the bound" in left._left_title.get_text()) == (record.share < record.bound)
    numbers = [text.get_text() for text in left.texts if text.get_text().isdigit()]
    assert numbers == [str(i + 1) for i in range(6)]


# --- the lazy queue


@pytest.mark.parametrize("topics", lazy_queue.controls["topics"].values)
def test_lazy_greedy_reaches_greedys_value_at_every_position_of_the_controls(topics):
    for spread, pick in product(lazy_queue.controls["spread"].values, (1, 7, 20)):
        record = lazy_queue.record(topics=topics, spread=spread, pick=pick)
        assert record.value_lazy == pytest.approx(record.value_full, rel=1e-9)


def test_alike_articles_on_one_topic_leave_lazy_greedy_nothing_to_save_and_many_topics_much():
    alike, many = (lazy_queue.record(topics=t, spread=s, pick=20) for t, s in ((1, 0.0), (128, 0.3)))
    assert alike.lazy[-1] == alike.full[-1] == 3810
    assert many.saving(20) >= 15
    assert lazy_queue.frame(topics=128, pick=20).reached
    assert not any(lazy_queue.frame(**p).reached for p in ({}, *lazy_queue.presets.values()))


def test_equal_lengths_save_little_for_any_number_of_topics_because_ties_are_evaluated():
    for topics in lazy_queue.controls["topics"].values:
        assert lazy_queue.record(topics=topics, spread=0.0, pick=20).saving(20) < 1.5


def test_more_topics_save_more():
    savings = [lazy_queue.record(topics=t, pick=20).saving(20) for t in lazy_queue.controls["topics"].values]
    assert savings == sorted(savings)


def test_the_bounds_in_the_queue_are_never_below_the_true_gains():
    for pick in range(1, greedy.PICKS + 1):
        record = lazy_queue.record(pick=pick)
        assert len(set(record.order.tolist())) == greedy.ARTICLES - pick + 1
        assert (record.before >= record.true - 1e-12).all()
        np.testing.assert_allclose(record.now[record.fresh], record.true[record.fresh])
        assert record.now[record.pick] == pytest.approx(record.true.max())


@pytest.mark.parametrize("pick", [1, 6, 20])
def test_the_queue_is_drawn_as_recorded(pick):
    record, (left, right) = lazy_queue.record(pick=pick), lazy_queue.figure(pick=pick).axes
    dots, star = left.lines[0], left.lines[1]
    first = int(dots.get_xdata()[0]) - 1
    shown = slice(first, first + len(dots.get_xdata()))
    np.testing.assert_allclose(dots.get_ydata(), record.true[shown])
    assert star.get_xdata()[0] == record.pick + 1
    assert star.get_ydata()[0] == pytest.approx(record.now[record.pick])
    drawn = [line.get_ydata() for line in right.lines if len(line.get_xdata()) == greedy.PICKS]
    np.testing.assert_array_equal(drawn, [record.full, record.lazy])
    assert f"{record.evaluated} of {len(record.order)}" in left._left_title.get_text()


# --- exemplars


def test_seven_exemplars_are_of_seven_classes_and_five_explain_more_than_twenty_random_images():
    record, five = exemplars.record(k=7), exemplars.record(k=5)
    assert record.kinds == 7
    random = five.explained["random"]
    assert five.explained["greedy"][0, 4] > random[:, -1].mean()
    assert random.max() < greedy.GOAL
    shoe = list(greedy.garments().classes).index("sneaker")
    assert (exemplars.record(k=20, method="top-k").classes == shoe).sum() > 10


def test_half_of_the_variance_is_reached_by_eight_exemplars_and_no_other_setting():
    reached = [
        (k, method)
        for k, method in product(exemplars.controls["k"].values, greedy.METHODS)
        if exemplars.frame(k=k, method=method).reached
    ]
    assert reached == [(8, "greedy")]


def test_the_image_grid_holds_the_chosen_images_in_order():
    record, (left, right) = exemplars.record(k=6), exemplars.figure(k=6).axes
    grid, side = np.asarray(left.images[0].get_array()), record.images.shape[1]
    np.testing.assert_array_equal(grid[:side, :side], record.images[0])
    np.testing.assert_array_equal(grid[side + 2 : 2 * side + 2, :side], record.images[5])
    mark = next(line for line in right.lines if len(line.get_xdata()) == 1)
    assert mark.get_ydata()[0] == record.explained["greedy"][0, 5]


def test_the_three_best_single_images_are_sneakers_and_explain_less_than_greedys():
    three = exemplars.record(k=3, method="top-k")
    assert {greedy.garments().classes[c] for c in three.classes} == {"sneaker"}
    alone, together = three.explained["top-k"][0], three.explained["greedy"][0]
    assert alone[2] - alone[0] < 0.02
    assert (together[1:] > alone[1:]).all()


# --- lecture 06: machines


@pytest.mark.parametrize("k", two_rounds.controls["k"].values)
@pytest.mark.parametrize("machines", two_rounds.controls["machines"].values)
def test_strips_leave_each_machine_behind_and_the_answer_close_to_greedy(machines, k):
    strips = two_rounds.record(machines=machines, partition=distributed.IN_STRIPS, k=k)
    assert strips.local_values.max() < 0.75
    for partition in distributed.PARTITIONS:
        record = two_rounds.record(machines=machines, partition=partition, k=k)
        assert record.answer_value >= 0.96
        assert record.answer_value >= max(*record.local_values, record.merged_value) - 1e-9


def test_random_parts_leave_no_best_machine_far_behind():
    for machines, k in product(two_rounds.controls["machines"].values, two_rounds.controls["k"].values):
        record = two_rounds.record(machines=machines, partition=distributed.AT_RANDOM, k=k)
        assert record.best_machine > 0.98


def test_two_presets_show_a_merged_set_that_is_worse_and_the_loss_without_a_second_round():
    worse = two_rounds.record(**two_rounds.presets["Merged is worse"])
    assert worse.merged_value < 0.97 * worse.best_machine
    assert worse.answer_value == pytest.approx(worse.best_machine)
    broken = two_rounds.record(**two_rounds.presets["Break it"])
    assert broken.best_machine < 0.6 < 0.99 < broken.merged_value


def test_the_goal_of_the_machines_is_reached_at_one_setting_which_is_no_preset():
    controls = two_rounds.controls
    settings = [dict(zip(controls, s, strict=True)) for s in product(*(c.values for c in controls.values()))]
    reached = [s for s in settings if two_rounds.reached(two_rounds.record(**s), **s)]
    assert reached == [{"machines": 4, "partition": distributed.AT_RANDOM, "k": 4}]
    assert not any(two_rounds.frame(**p).reached for p in ({}, *two_rounds.presets.values()))


@pytest.mark.parametrize("machines", two_rounds.controls["machines"].values)
@pytest.mark.parametrize("partition", distributed.PARTITIONS)
def test_the_maps_are_those_of_the_record(machines, partition):
    record = two_rounds.record(partition=partition, machines=machines)
    left, right = two_rounds.figure(partition=partition, machines=machines).axes
    percents = [text.get_text() for text in left.texts if text.get_text().endswith("%")]
    assert percents == [f"{100 * value:.0f} %" for value in record.local_values]
    held, chosen = (line.get_xydata() for line in left.lines[:2])
    assert len(held) == distributed.POINTS
    assert len(chosen) == sum(map(len, record.local))
    # each choice lies in the map of its own machine
    rows, columns = plots.GRIDS[machines]
    cells = np.floor(chosen).astype(int)
    owner = (rows - 1 - cells[:, 1]) * columns + cells[:, 0]
    np.testing.assert_array_equal(owner, np.repeat(range(machines), [len(own) for own in record.local]))
    for marker, picked in (("*", record.answer), ("D", record.central)):
        drawn = [line.get_xydata() for line in right.lines if line.get_marker() == marker]
        assert any(np.array_equal(xy, record.points[list(picked)]) for xy in drawn)
    assert ("only" in right._left_title.get_text()) == (record.merged_value < record.best_machine)


# --- lecture 06: sieves

EACH = [*product(distributed.RULES, distributed.EPSILON.values, distributed.ORDERS)]
SEEN = (1, 2, 5, 13, 40, 111, 200)


@pytest.mark.parametrize(("algorithm", "epsilon", "order"), EACH)
def test_both_algorithms_keep_their_guarantee_at_every_moment(algorithm, epsilon, order):
    for seen in SEEN:
        record = sieves.record(seen=seen, epsilon=epsilon, order=order, algorithm=algorithm)
        assert record.bound == pytest.approx((0.5 - epsilon) * record.greedy_so_far)
        assert record.bound - 1e-9 <= record.best <= 1.05
        assert record.holds
        largest_optimum = record.greedy_so_far / (1 - np.exp(-1))  # by greedy's own guarantee
        assert record.best > (0.5 - epsilon) * largest_optimum


@pytest.mark.parametrize("order", distributed.ORDERS)
@pytest.mark.parametrize("epsilon", distributed.EPSILON.values)
def test_the_second_algorithm_needs_less_memory_than_the_first(order, epsilon):
    peaks = [
        max(
            sieves.record(seen=seen, epsilon=epsilon, order=order, algorithm=name).held
            for seen in range(1, 201, 3)
        )
        for name in distributed.RULES
    ]
    assert peaks[1] < 0.75 * peaks[0]


def test_low_guesses_are_full_after_a_few_images_and_high_ones_keep_few():
    for epsilon in distributed.EPSILON.values:
        rows = sieves.record(seen=60, epsilon=epsilon).rows
        assert rows.full[0]
        assert len(rows.chosen[-1]) <= 4
        assert rows.value[0] < rows.value.max() > rows.value[-1]


def test_the_last_stop_of_the_break_it_preset_is_above_seventy_percent():
    for algorithm in distributed.RULES:
        record = sieves.record(**sieves.presets["Break it"], algorithm=algorithm)
        assert record.bound < 0
        assert record.best > 0.7


def test_the_goal_of_the_sieves_is_reached_by_one_algorithm_and_epsilon_which_is_no_preset():
    settings = [
        {"seen": 200, "algorithm": a, "epsilon": e, "order": o}
        for a, e, o in EACH
        if sieves.frame(seen=200, algorithm=a, epsilon=e, order=o).reached
    ]
    only = {"algorithm": distributed.PLUS_PLUS, "epsilon": 0.7, "order": distributed.AS_GIVEN}
    assert settings == [{"seen": 200, **only}]
    assert not any(sieves.frame(**p).reached for p in ({}, *sieves.presets.values()))


def test_another_epsilon_is_one_more_number():
    record = sieves.compute(seen=50, algorithm=distributed.PLAIN, epsilon=0.05, order=distributed.AS_GIVEN)
    assert len(record.rows.level) > 40


@pytest.mark.parametrize(("algorithm", "seen"), [*product(distributed.RULES, (1, 7, 120))])
def test_the_picture_of_the_sieves_is_that_of_the_record(algorithm, seen):
    record = sieves.record(seen=seen, algorithm=algorithm)
    rows, (left, right) = record.rows, sieves.figure(seen=seen, algorithm=algorithm).axes
    boxes = [path.get_extents() for c in right.collections for path in c.get_paths()]
    assert [box.x1 for box in sorted(boxes, key=lambda box: box.y0)] == pytest.approx(rows.value.tolist())
    sheet, side = np.asarray(left.images[0].get_array()), record.pictures.shape[1]
    for r, chosen in enumerate(rows.chosen):
        top = (len(rows.chosen) - 1 - r) * (side + 2) + 1
        for i, e in enumerate(chosen):
            start = i * (side + 2) + 1
            cell = sheet[top : top + side, start : start + side]
            np.testing.assert_array_equal(cell, record.pictures[e])
    kept = f"{np.count_nonzero(rows.kept)} of {len(rows.level)} guesses"
    assert kept in left._left_title.get_text()
    assert f"{100 * record.best:.0f} %" in right._left_title.get_text()
    np.testing.assert_array_equal(left.images[1].get_array(), record.pictures[record.arriving])


def test_an_image_is_kept_where_its_gain_reaches_the_threshold():
    """The numbers beside the bars are what the next image must gain."""
    f = distributed.garments()
    unit = distributed.greedy_on_prefixes(distributed.AS_GIVEN)[-1]
    for seen in (3, 9, 40):
        before, now = (sieves.record(seen=s).rows for s in (seen, seen + 1))
        e = int(distributed.stream(distributed.AS_GIVEN)[seen])
        for v, tau, chosen, full in zip(
            before.level, before.threshold, before.chosen, before.full, strict=True
        ):
            at = np.flatnonzero(np.isclose(now.level, v))
            if len(at) and not full:
                gain = (f.value([*chosen, e]) - f.value(chosen)) / unit
                assert bool(now.kept[at[0]]) == (gain >= tau - 1e-9)
