"""What the pages of lectures 05 and 06 say about their demos holds for every position of the sliders."""

from itertools import product

import numpy as np
import pytest

from courseware.demos.submodular import distributed, greedy, submodular

SUBMODULAR = [*submodular.FUNCTIONS][:2]

# --- lecture 05


def gains_of_a_disc(x, y, function):
    discs = np.concatenate([submodular._sprinklers(), submodular._disc(x, y)[None]])
    return submodular._gains_of_the_last(discs, submodular.FUNCTIONS[function])


PLACES = [*product(*(submodular.gain.controls[axis].values[::5] for axis in "xy"))]


@pytest.mark.parametrize("function", SUBMODULAR)
def test_a_disc_never_adds_more_to_a_larger_set(function):
    assert all((np.diff(gains_of_a_disc(*place, function)) < 1e-9).all() for place in PLACES)


def test_area_that_counts_from_the_second_disc_on_breaks_diminishing_gains_at_most_places():
    a, b = len(submodular.IN_A), len(submodular.IN_A + submodular.BESIDE)
    gains = [gains_of_a_disc(*place, "area covered at least twice") for place in PLACES]
    assert np.mean([g[b] > g[a] + 1e-9 for g in gains]) > 0.6


def test_the_bars_are_the_areas_that_are_shaded():
    others, e = submodular._sprinklers(), submodular._disc(5.0, 5.0)
    new = e & ~others[: len(submodular.IN_A)].any(axis=0)
    gain = gains_of_a_disc(5.0, 5.0, "area covered")[len(submodular.IN_A)]
    assert gain == pytest.approx(new.sum() * submodular.CELL**2)


@pytest.mark.parametrize("k", range(1, submodular.MOST + 1))
def test_in_the_trap_greedy_gets_its_bound_and_the_columns_everything(k):
    f, shapes = submodular._trap(k)
    solved, everything = submodular._solved("the trap", k, 0), f.value(range(f.n))
    assert f.value(solved["greedy"]) == pytest.approx((1 - (1 - 1 / k) ** k) * everything)
    assert f.value(solved["optimum"]) == pytest.approx(everything)
    areas = [np.prod(outline.max(axis=0) - outline.min(axis=0)) for outline in shapes.outlines]
    assert areas == pytest.approx([f.value([e]) / everything for e in range(f.n)])


def test_greedy_keeps_its_promise_everywhere_and_is_far_above_it_on_discs():
    k = np.arange(1, submodular.MOST + 1)
    for name in submodular.INSTANCES:
        assert (submodular._shares(name)["greedy"] >= 1 - (1 - 1 / k) ** k - 1e-12).all()
    discs = [submodular._shares(name)["greedy"] for name in submodular.INSTANCES[:2]]
    assert 0.84 < np.min(discs) < 0.85


def test_the_best_single_discs_of_a_crowd_are_worse_than_chance_from_k_4_on():
    shares = submodular._shares("crowded discs")
    assert (shares["top-k"].mean(axis=0)[3:] < shares["random"].mean(axis=0)[3:]).all()


TOPICS, SPREADS = (greedy.queue.controls[name].values for name in ("topics", "spread"))


@pytest.mark.parametrize("topics", TOPICS)
def test_lazy_greedy_reaches_greedys_value_at_every_position_of_the_sliders(topics):
    for spread in SPREADS:
        lazy, full = ([r.gain for r in rounds] for rounds in greedy._race(topics, spread))
        assert np.cumsum(lazy) == pytest.approx(np.cumsum(full), rel=1e-9)


def test_alike_articles_on_one_topic_leave_lazy_greedy_nothing_to_save_and_many_topics_much():
    alike, many = greedy._race(1, 0.0), greedy._race(128, 0.3)
    assert alike.lazy[-1].evaluations == alike.full[-1].evaluations == 3810
    assert many.full[-1].evaluations > 15 * many.lazy[-1].evaluations


def test_the_bounds_in_the_queue_are_never_below_the_true_gains():
    f, picks = greedy._articles(16, 0.3), [r.e for r in greedy._race(16, 0.3).lazy]
    for pick in range(1, greedy.PICKS + 1):
        order, before = greedy._queue_before(greedy._race(16, 0.3), pick)
        assert set(order) == set(range(f.n)) - set(picks[: pick - 1])
        assert (before >= greedy._true_gains(f, picks[: pick - 1])[order] - 1e-12).all()


def test_seven_exemplars_are_of_seven_kinds_and_five_explain_more_than_twenty_random_images():
    found, y = greedy._exemplars(), greedy._images().y
    first = found["facility location"]
    assert len(set(y[list(first.order[:7])])) == 7
    assert first.share[0, 4] > found["random"].share[:, -1].mean()
    assert (y[list(found["top-k"].order[:20])] == list(greedy._images().classes).index("sneaker")).sum() > 10
    assert first.share[0, 7] >= greedy.GOAL > first.share[0, 6]
    assert found["random"].share.max() < greedy.GOAL


# --- lecture 06


@pytest.mark.parametrize("k", [4, 8, 16])
@pytest.mark.parametrize("machines", [2, 4, 8, 16])
def test_strips_leave_each_machine_behind_and_the_answer_close_to_greedy(machines, k):
    central = distributed._central(k).value
    strips = distributed._two_rounds(machines, distributed.PARTITIONS[1], k)
    assert max(strips.local_values) < 0.75 * central
    for partition in distributed.PARTITIONS:
        run = distributed._two_rounds(machines, partition, k)
        assert run.value >= 0.96 * central
        assert run.value >= max(*run.local_values, run.merged.value) - 1e-9


def test_the_preset_shows_a_merged_set_that_is_worse_than_a_machines_own():
    preset = distributed.machines.setting(**distributed.machines.presets["Merged is worse"])
    run = distributed._two_rounds(**preset)
    assert run.merged.value < 0.97 * max(run.local_values)


@pytest.mark.parametrize("order", distributed.ORDERS)
@pytest.mark.parametrize("epsilon", distributed.EPSILON.values)
def test_both_ladders_keep_their_promise_at_every_moment(order, epsilon):
    stream = distributed._stream(order, epsilon)
    for ladders in stream.ladders.values():
        best = np.array([max(s.value for s in ladder.sieves.values()) for ladder in ladders[1:]])
        assert (best >= (0.5 - epsilon) * stream.greedy - 1e-9).all()


@pytest.mark.parametrize("order", distributed.ORDERS)
@pytest.mark.parametrize("epsilon", distributed.EPSILON.values)
def test_the_second_ladder_needs_less_memory_than_the_first(order, epsilon):
    peak = [
        max(sum(len(s.chosen) for s in ladder.sieves.values()) for ladder in ladders)
        for ladders in distributed._stream(order, epsilon).ladders.values()
    ]
    assert peak[1] < 0.6 * peak[0]


def test_the_goal_of_the_ladders_can_be_reached():
    stream = distributed._stream(distributed.ORDERS[0], 0.562)
    end = stream.ladders["Sieve-Streaming++"][-1].sieves.values()
    assert max(s.value for s in end) > 0.8 * stream.greedy[-1]
    assert sum(len(s.chosen) for s in end) <= 16
