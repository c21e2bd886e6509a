"""What lecture 11's demos say about the runs that they make themselves."""

import numpy as np
import pytest

from lsml_core.demos import pruning_at_initialization as demos


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
    empty = (demos._kept() == 0).any(axis=-1)
    synflow, snip, magnitude = empty
    once, hundred = 0, -1
    assert synflow[once].sum() > max(snip[once].sum(), magnitude[once].sum())
    assert not synflow[hundred].any()
    np.testing.assert_array_equal(demos._kept()[2], demos._kept()[2, :1].repeat(len(demos.ROUNDS), 0))


@pytest.mark.parametrize("init", [name for name in demos.INITS if "same" not in name])
def test_magnitude_empties_the_layer_of_smallest_variance_first(init):
    kept = demos._survivors(init, "magnitude")
    first = kept[(kept == 0).any(axis=1).argmax()]
    assert first[demos.INITS[init].argmin()] == 0


def test_equal_variances_leave_the_smallest_layer_empty_first_like_a_random_mask():
    for init, cutter in (("the same in all layers", "magnitude"), ("2 / inputs (He)", "random")):
        kept = demos._survivors(init, cutter)
        assert kept[(kept == 0).any(axis=1).argmax()][-1] == 0
