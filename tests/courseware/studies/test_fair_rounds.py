"""What lecture 04 says of the stored q-FedAvg runs holds on every seed."""

import numpy as np
import pytest

from courseware.studies import fair_rounds as study

FOUND = study.measured()
AT_80, AT_200 = study.SHOWN.index(80), study.SHOWN.index(200)


def q(power):
    return study.POWERS.index(power)


def test_the_variance_of_the_losses_falls_with_q_at_every_stopping_round_and_the_mean_rises():
    assert (np.diff(FOUND.loss.var(-1), axis=0) < 1e-3).all()
    assert (FOUND.loss.var(-1)[q(5)] < 0.6 * FOUND.loss.var(-1)[q(0)]).all()
    assert (np.diff(FOUND.loss.mean(-1), axis=0) > -1e-3).all()


def test_no_q_lowers_the_worst_tenth_after_80_rounds_and_two_do_a_little_after_200():
    worst = study.tail_means(FOUND.loss)[1]
    assert (worst[:, :, AT_80] > worst[q(0), :, AT_80] - 0.005).all()
    for power in (0.1, 1):
        gain = worst[q(0), :, AT_200] - worst[q(power), :, AT_200]
        assert ((gain > 0) & (gain < 0.05)).all()


def test_q_5_has_not_converged():
    mean = np.median(FOUND.loss.mean(-1), axis=1)
    assert mean[q(5), AT_80] - mean[q(5), AT_200] > 0.5
    assert mean[q(0), AT_80] - mean[q(0), AT_200] < 0.05


def test_the_accuracies_of_the_worst_tenth_gain_nothing_and_their_variance_does_not_fall():
    worst, _ = study.tail_means(FOUND.accuracy[:, :, AT_80])
    variance = np.median((100 * FOUND.accuracy[:, :, AT_80]).var(-1), axis=1)
    assert (np.median(worst, axis=1) <= np.median(worst[q(0)]) + 1e-3).all()
    assert (variance > variance[q(0)] - 1).all()


def test_tail_means_are_the_means_of_the_lowest_and_highest_tenth():
    low, high = study.tail_means(np.arange(20.0)[::-1])
    assert (low, high) == (0.5, 18.5)


def test_the_held_out_text_is_a_fifth_of_every_role_and_never_trained_on():
    train, test = study.roles()
    sizes = np.array([(len(a.y), len(b.y)) for a, b in zip(train, test, strict=True)])
    np.testing.assert_allclose(sizes[:, 1] / sizes.sum(1), 0.2, atol=0.05)
    assert FOUND.examples.tolist() == sizes[:, 1].tolist()


@pytest.mark.parametrize("shown", [(1, 2), (2,)])
def test_a_run_measures_every_role_at_the_rounds_that_are_asked_for(shown):
    loss, accuracy = study.run(0, seed=0, shown=shown)
    assert loss.shape == accuracy.shape == (len(shown), len(FOUND.examples))
