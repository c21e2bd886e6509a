"""What lecture 04 says of the stored private runs holds; the study's run is the library's algorithm."""

import numpy as np
import pytest

from courseware.studies import private_federated as study
from lsml_core.parallel.federated.privacy import epsilon


def accuracy(K, S, z, rounds=study.ROUNDS):
    return study.measured(K, S, z).accuracy[:, rounds]


@pytest.mark.parametrize("rounds", [20, 50])
def test_the_same_noise_costs_little_among_many_clients_and_much_among_few(rounds):
    cost = {K: accuracy(K, 1.0, 0.0, rounds) - accuracy(K, 1.0, 4.0, rounds) for K in study.CLIENTS}
    assert cost[1000].max() < 0.1
    assert (cost[100] > cost[1000] + 0.15).all()
    if rounds == 50:
        assert cost[1000].mean() == pytest.approx(0.02, abs=0.008)
        assert cost[100].mean() > 0.3


@pytest.mark.parametrize("rounds", [20, 50])
def test_a_clip_can_be_too_small_and_too_large(rounds):
    assert (accuracy(1000, 0.1, 0.0, rounds) < accuracy(1000, 1.0, 0.0, rounds)).all()
    assert (accuracy(1000, 3.0, 4.0, rounds) < accuracy(1000, 1.0, 4.0, rounds)).all()


def test_our_epsilon_is_never_below_the_library_and_close_where_it_is_small():
    for K in study.CLIENTS:
        for z in study.NOISES[1:]:
            found = study.measured(K, 1.0, z).epsilon
            ours = epsilon(
                np.arange(study.ROUNDS + 1), sampling=study.SAMPLING, noise=z, delta=study.delta(K)
            )
            assert (ours >= found - 1e-9).all()
            small = found < 5
            assert (ours[small] <= 1.07 * found[small] + 1e-6).all()
            assert ours[-1] <= 1.5 * found[-1]


@pytest.mark.parametrize("rounds", [10, 50])
def test_the_worst_setting_stays_below_an_accuracy_of_three_tenths(rounds):
    assert accuracy(100, 3.0, 4.0, rounds).mean() < 0.3


def test_a_run_starts_at_the_accuracy_of_zero_weights_and_has_one_entry_per_round():
    path = study.run(100, 1.0, 1.0, seed=0, rounds=2)
    assert path.shape == (3,)
    assert path[0] == pytest.approx(0.1, abs=0.02)
