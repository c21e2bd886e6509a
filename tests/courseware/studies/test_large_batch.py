"""Large batches at equal epochs: what the study's networks learn, and that its stored results are its own."""

import numpy as np
import pytest

from courseware.studies.large_batch import (
    ALEXNET,
    BATCHES,
    EPOCHS,
    REPEATS,
    RULES,
    FixedStep,
    LinearScaling,
    large_batch,
    measured,
)
from lsml_core.data import load


@pytest.fixture(scope="module")
def digits():
    return load("digits"), load("digits", split="test")


@pytest.fixture(scope="module")
def trained(digits):
    """Three repeats of fixed and scaled steps at equal epochs."""
    rules = {"fixed": FixedStep(0.05), "scaled": LinearScaling(0.05, base=16)}
    return {
        name: large_batch(
            *digits, (16, 256, 1437), eta=rule, epochs=10, repeats=3, rng=np.random.default_rng(0)
        )
        for name, rule in rules.items()
    }


def test_at_equal_epochs_and_a_fixed_step_a_larger_batch_has_learned_less(trained):
    fixed = trained["fixed"]
    np.testing.assert_array_equal(fixed.steps, [900, 60, 10])
    assert (np.diff(fixed.train_loss, axis=1) > 0).all()
    assert (fixed.test_accuracy[:, 0] - fixed.test_accuracy[:, 2] > 0.2).all()


def test_scaling_the_step_with_the_batch_makes_up_for_it_until_the_step_is_too_long(trained):
    fixed, scaled = trained["fixed"], trained["scaled"]
    np.testing.assert_allclose(scaled.eta, 0.05 * scaled.batch / 16)
    np.testing.assert_array_equal(scaled.train_loss[:, 0], fixed.train_loss[:, 0])  # the base batch
    assert (scaled.train_loss[:, 1] < 0.5 * fixed.train_loss[:, 1]).all()
    assert (scaled.test_accuracy[:, 1] > fixed.test_accuracy[:, 1] + 0.1).all()
    assert (scaled.test_accuracy[:, 1] > fixed.test_accuracy[:, 0] - 0.06).all()
    assert (scaled.test_accuracy[:, 2] < 0.5).all()


def test_repeats_differ_and_a_batch_size_does_not_depend_on_its_neighbours(digits, trained):
    alone = large_batch(
        *digits, (256,), eta=FixedStep(0.05), epochs=10, repeats=2, rng=np.random.default_rng(0)
    )
    assert alone.train_loss[0, 0] != alone.train_loss[1, 0]
    np.testing.assert_array_equal(alone.train_loss[:, 0], trained["fixed"].train_loss[:2, 1])


def test_all_batch_sizes_of_a_repeat_start_from_the_same_weights(digits):
    untrained = large_batch(
        *digits, (16, 1437), eta=FixedStep(0.1), epochs=0, repeats=3, rng=np.random.default_rng(0)
    )
    np.testing.assert_array_equal(untrained.train_loss[:, 0], untrained.train_loss[:, 1])
    assert len(set(untrained.train_loss[:, 0])) == 3


def test_the_slides_table_has_three_full_rows_and_falls_at_its_end():
    assert len(ALEXNET.batch) == len(ALEXNET.top1) == len(ALEXNET.top5) == 6
    assert all(t1 < t5 for t1, t5 in zip(ALEXNET.top1, ALEXNET.top5, strict=True))
    assert ALEXNET.top1[-1] == min(ALEXNET.top1)


@pytest.mark.parametrize(
    ("batches", "repeats", "message"),
    [
        *(
            (sizes, 1, r"batches=\[.*\] must be one or more sizes between 1 and 1437")
            for sizes in ((), (0,), (1438,))
        ),
        ((16,), 0, "repeats=0 must be at least 1"),
    ],
)
def test_batches_that_cannot_be_drawn_are_refused(digits, batches, repeats, message):
    with pytest.raises(ValueError, match=message):
        large_batch(
            *digits, batches, eta=FixedStep(0.1), epochs=1, repeats=repeats, rng=np.random.default_rng(0)
        )


def test_a_stored_run_is_what_the_study_makes_today(digits):
    """The shortest one: three epochs, the two largest batches. Rounding may differ on another machine."""
    for rule, eta in RULES.items():
        kept = measured(rule, 3)
        assert tuple(kept.batch) == BATCHES
        assert kept.train_loss.shape == kept.test_accuracy.shape == (REPEATS, len(BATCHES))
        np.testing.assert_allclose(kept.eta, [eta(B) for B in BATCHES])
        made = large_batch(*digits, (512, 1437), eta=eta, epochs=3, repeats=1, rng=np.random.default_rng(0))
        np.testing.assert_allclose(made.train_loss[0], kept.train_loss[0, -2:], rtol=1e-3)


def test_every_rule_and_number_of_epochs_is_stored():
    for rule in RULES:
        for epochs in EPOCHS:
            run = measured(rule, epochs)
            np.testing.assert_array_equal(run.steps, [epochs * -(-1437 // B) for B in BATCHES])
