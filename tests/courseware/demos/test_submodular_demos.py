"""What the pages of lectures 05 and 06 say about their demos holds at every position of the controls."""

from itertools import product

import numpy as np
import pytest

from courseware.demos.submodular import diminishing_returns, distributed, greedy, guarantee
from courseware.demos.submodular.diminishing_returns import marginal_gain
from courseware.demos.submodular.distributed import sieves, two_rounds
from courseware.demos.submodular.greedy import exemplars, lazy_queue
from courseware.demos.submodular.guarantee import greedy_guarantee
from courseware.plots.style import GREEN, RED


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
    assert right._left_title.get_text().startswith("Law holds" if record.diminishing else "Law broken")
    assert right._left_title.get_color() == (GREEN if record.diminishing else RED)
    assert f"gain to A: {record.to_A:.2f}" in texts(right)
    assert f"gain to B: {record.to_B:.2f}" in texts(right)


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


def test_the_best_single_discs_of_a_crowd_are_worse_than_random_ones_from_k_4_on():
    shares = greedy_guarantee.record(instance="crowded discs").shares
    assert (shares["top-k"].mean(axis=0)[3:] < shares["random"].mean(axis=0)[3:]).all()


def test_the_goal_of_the_guarantee_is_reached_on_the_tight_instance_only():
    for name, k, method in product(guarantee.INSTANCES, (1, 2, 5, 8), guarantee.METHODS):
        setting = {"instance": name, "k": k, "method": method}
        expected = name == guarantee.TIGHT and method == "greedy" and k > 1
        assert greedy_guarantee.reached(greedy_guarantee.record(**setting), **setting) == expected


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
    assert not lazy_queue.frame().reached


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
    assert five.explained["facility location"][0, 4] > random[:, -1].mean()
    assert random.max() < greedy.GOAL
    shoe = list(greedy.garments().classes).index("sneaker")
    assert (exemplars.record(k=20, method="top-k").classes == shoe).sum() > 10


def test_half_of_the_variance_is_reached_by_eight_exemplars_and_no_other_setting():
    reached = [
        (k, method)
        for k, method in product(exemplars.controls["k"].values, greedy.METHODS)
        if exemplars.frame(k=k, method=method).reached
    ]
    assert reached == [(8, "facility location")]


def test_the_image_grid_holds_the_chosen_images_in_order():
    record, (left, right) = exemplars.record(k=6), exemplars.figure(k=6).axes
    grid, side = np.asarray(left.images[0].get_array()), record.images.shape[1]
    np.testing.assert_array_equal(grid[:side, :side], record.images[0])
    np.testing.assert_array_equal(grid[side + 2 : 2 * side + 2, :side], record.images[5])
    mark = next(line for line in right.lines if len(line.get_xdata()) == 1)
    assert mark.get_ydata()[0] == record.explained["facility location"][0, 5]


# --- lecture 06


@pytest.mark.parametrize("k", two_rounds.controls["k"].values)
@pytest.mark.parametrize("machines", two_rounds.controls["machines"].values)
def test_strips_leave_each_machine_behind_and_the_answer_close_to_greedy(machines, k):
    strips = two_rounds.record(machines=machines, partition=distributed.IN_STRIPS, k=k)
    assert strips.local_values.max() < 0.75
    for partition in distributed.PARTITIONS:
        record = two_rounds.record(machines=machines, partition=partition, k=k)
        assert record.answer_value >= 0.96
        assert record.answer_value >= max(*record.local_values, record.merged_value) - 1e-9


def test_the_preset_shows_a_merged_set_that_is_worse_than_a_machines_own():
    record = two_rounds.record(**two_rounds.presets["Merged is worse"])
    assert record.merged_value < 0.97 * record.local_values.max()


def test_sixteen_strips_reach_the_goal_and_random_parts_do_not():
    assert two_rounds.frame(machines=16, partition=distributed.IN_STRIPS).reached
    assert not two_rounds.frame(machines=16).reached


@pytest.mark.parametrize("partition", distributed.PARTITIONS)
def test_the_map_and_the_bars_are_those_of_the_record(partition):
    record = two_rounds.record(partition=partition)
    left, right = two_rounds.figure(partition=partition).axes
    np.testing.assert_array_equal(left.collections[0].get_offsets(), record.points)
    for marker, chosen in (("*", record.answer), ("D", record.central)):
        drawn = [line.get_xydata() for line in left.lines if line.get_marker() == marker]
        assert any(np.array_equal(xy, record.points[list(chosen)]) for xy in drawn)
    assert tops(right) == pytest.approx([*record.local_values, record.merged_value])


@pytest.mark.parametrize("order", distributed.ORDERS)
@pytest.mark.parametrize("epsilon", distributed.EPSILON.values)
def test_both_algorithms_keep_their_guarantee_at_every_moment(order, epsilon):
    for seen in (1, 2, 5, 13, 40, 111, 200):
        record = sieves.record(seen=seen, epsilon=epsilon, order=order)
        assert record.bound == pytest.approx((0.5 - epsilon) * record.greedy_so_far)
        for run in record.runs.values():
            assert run.best >= record.bound - 1e-9
            assert run.best <= 1.05


@pytest.mark.parametrize("order", distributed.ORDERS)
@pytest.mark.parametrize("epsilon", distributed.EPSILON.values)
def test_the_second_algorithm_needs_less_memory_than_the_first(order, epsilon):
    records = [sieves.record(seen=seen, epsilon=epsilon, order=order) for seen in range(1, 201, 3)]
    first, second = ([r.runs[name].images for r in records] for name in distributed.RULES)
    assert max(second) < 0.6 * max(first)


def test_the_goal_of_the_sieves_can_be_reached():
    assert sieves.frame(seen=200, epsilon=0.562).reached
    assert not sieves.frame(seen=200, epsilon=0.1).reached


def test_another_epsilon_is_one_more_number():
    record = sieves.compute(seen=50, epsilon=0.05, order=distributed.AS_GIVEN)
    assert len(record.runs["Sieve-Streaming"].bars.level) > 40


def test_the_bars_of_the_sieves_are_as_long_as_their_values():
    record = sieves.record(seen=120)
    for ax, run in zip(sieves.figure(seen=120).axes, record.runs.values(), strict=True):
        boxes = [p.get_extents() for c in ax.collections for p in c.get_paths()]
        lengths = [box.x1 for box in sorted(boxes, key=lambda box: box.y0)]
        assert lengths == pytest.approx(run.bars.value.tolist())
        assert f"{run.images} images" in ax._left_title.get_text()
