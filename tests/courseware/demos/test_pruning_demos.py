"""What the demos of lectures 10 and 11 say about the runs that they make themselves."""

import numpy as np
import pytest
import torch

from courseware.demos.pruning import granularity, layer_collapse
from courseware.demos.pruning import pruning_at_initialization as demos


def error(objective, together, fade):
    """Median over random groups, relative to the change."""
    predicted, true = (change[objective, : demos.GROUPS] for change in demos._changes(together, fade))
    return np.median(abs(true - predicted)) / np.median(abs(true))


@pytest.mark.parametrize("objective", [0, 1])
def test_first_order_is_right_in_its_limit_and_off_several_times_for_thousands(objective):
    assert error(objective, "1", "0.01") < 0.01
    assert error(objective, "6000", "1") > 2


def test_what_snip_would_remove_hardly_changes_the_loss_and_grasp_moves_more_than_it_foretells():
    predicted, true = demos._changes("6000", "1")
    snip, grasp = demos.GROUPS, demos.GROUPS + 1
    assert abs(true[0, snip]) < 2 < np.abs(true[0, : demos.GROUPS]).min()
    assert true[1, grasp] > 5 * predicted[1, grasp] > 0


def test_synflow_dies_first_in_one_round_and_not_at_all_in_a_hundred():
    kept = layer_collapse._pruned().kept
    synflow, snip, magnitude = (kept == 0).any(axis=-1)
    once, hundred = 0, -1
    assert synflow[once].sum() > max(snip[once].sum(), magnitude[once].sum())
    assert not synflow[hundred].any()
    np.testing.assert_array_equal(kept[2], kept[2, :1].repeat(len(layer_collapse.ROUNDS), 0))


def test_a_signal_stops_at_the_first_empty_layer_and_nowhere_else():
    """Here no layer keeps weights that all start at units nothing reaches, though one could."""
    kept, reached = layer_collapse._pruned()
    assert (reached[..., 0] == layer_collapse.WIDTHS[0]).all()
    alive = np.logical_and.accumulate(kept > 0, axis=-1)
    np.testing.assert_array_equal(reached[..., 1:] > 0, alive)
    assert (reached <= layer_collapse.WIDTHS).all()


def test_a_unit_is_reached_through_weights_that_meet():
    first, second = torch.zeros(256, 64, dtype=torch.bool), torch.zeros(128, 256, dtype=torch.bool)
    first[[3, 5], 0] = True
    second[[0, 1], 3] = second[2, 4] = True
    assert layer_collapse._reached({"a": first, "b": second}) == [64, 2, 2]


@pytest.mark.parametrize("init", [name for name in layer_collapse.INITS if "same" not in name])
def test_magnitude_empties_the_layer_of_smallest_variance_first(init):
    kept, _ = layer_collapse._survivors(init, "magnitude")
    first = kept[(kept == 0).any(axis=1).argmax()]
    assert first[layer_collapse.INITS[init].argmin()] == 0


def test_equal_variances_leave_the_smallest_layer_empty_first_like_a_random_mask():
    for init, cutter in (("the same in all layers", "magnitude"), ("2 / inputs (He)", "random")):
        kept, _ = layer_collapse._survivors(init, cutter)
        assert kept[(kept == 0).any(axis=1).argmax()][-1] == 0


def test_as_many_weights_are_kept_one_by_one_as_in_rows():
    for percent in granularity.KEPT:
        one, whole = granularity._masks(percent)
        assert one.mean() == pytest.approx(float(percent) / 100, abs=1e-6)
        assert whole.mean() == pytest.approx(float(percent) / 100, abs=1e-3)


def test_rows_that_are_gone_save_time_and_zeros_that_are_stored_save_none():
    """With margins that a busy machine leaves: a twentieth of the rows is 10 to 20 times as fast."""
    stored, _, rows = granularity._speedups().values()
    assert rows[granularity.KEPT.index("5")] > 3
    assert stored.max() < 2


def test_an_end_of_vgg_16_decides_what_is_saved():
    weights, each = granularity._sizes()
    assert weights @ each == 313_201_664
    saved = [weights @ each / (granularity._kept(32.0, tilt) @ each) for tilt in (-2.0, 2.0)]
    assert saved[0] < 4.5
    assert saved[1] > 100
