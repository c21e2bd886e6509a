"""What lecture 04 says of the stored straggler runs holds on every seed; a run measures what it says."""

import numpy as np
import pytest

from courseware.studies import federated_stragglers as study

STOPS = (10, 25, 50, 100, 200)


def ends(data, epochs, stop):
    """FedAvg, μ = 0 and μ = 1: loss per seed where we stop."""
    return study.measured(data, epochs).loss[:, :, study.at(stop)].mean(-1)


def wins(data, epochs, stop):
    _, without, with_mu = ends(data, epochs, stop)
    return int((with_mu < without).sum())


@pytest.mark.parametrize("stop", STOPS)
def test_keeping_partial_work_lowers_the_loss_on_every_seed_where_clients_differ_and_work_is_long(stop):
    dropped, partial, _ = ends("differ", 20, stop)
    assert (partial < dropped).all()
    if stop == 25:
        assert (partial < dropped / 2).all()


def test_the_verdict_on_mu_depends_on_when_we_stop():
    assert wins("differ", 20, 25) == 1
    assert wins("differ", 20, 200) == study.SEEDS == 5
    assert all(wins("differ", E, stop) < 5 for E in (1, 5) for stop in STOPS)


def test_where_clients_are_alike_mu_hurts_on_every_seed_and_dropping_costs_little():
    for E in study.LOCAL_EPOCHS:
        assert all(wins("are alike", E, stop) == 0 for stop in STOPS)
        for stop in STOPS:
            dropped, partial, with_mu = ends("are alike", E, stop)
            assert (dropped < 2 * partial).all()
            assert E < 20 or ((with_mu > 1.5 * partial) & (with_mu < 4 * partial)).all()


def test_partial_work_helps_at_every_stopping_round_only_where_local_work_is_long():
    gain = {E: [np.diff(ends("differ", E, stop)[:2], axis=0) for stop in STOPS] for E in (1, 5, 20)}
    helps = {E: [bool((change < 0).all()) for change in found] for E, found in gain.items()}
    assert helps == {1: [True, True, False, False, False], 5: [True] * 4 + [False], 20: [True] * 5}


def test_after_200_rounds_fedprox_has_26_points_more_than_fedavg_on_average():
    accuracy = 100 * study.measured("differ", 20).accuracy[:, :, study.at(200)].mean(-1)
    assert (accuracy[2] - accuracy[0]).mean() == pytest.approx(26, abs=0.5)
    assert (accuracy[1] - accuracy[0]).mean() == pytest.approx(17, abs=0.5)  # by partial work alone
    assert (accuracy[2] > accuracy[0]).all()
    assert np.ptp(accuracy[0]) > 50  # a wide range over the seeds


def test_clients_disagree_more_where_they_differ():
    for E in study.LOCAL_EPOCHS:
        far, near = (study.measured(data, E).variance[:, :, 0] for data in ("differ", "are alike"))
        assert far.min() > near.max()


@pytest.mark.parametrize("data", study.DATA)
def test_a_run_measures_three_methods_every_fifth_round_from_equal_starts(data):
    record = study.run(data, 1, seed=0, rounds=10)
    assert record.loss.shape == record.accuracy.shape == record.variance.shape == (3, 1, 3)
    np.testing.assert_allclose(record.loss[:, 0, 0], np.log(10))
    assert len(study.verdict_line(20, STOPS)) == 10 + 14 * len(STOPS)
