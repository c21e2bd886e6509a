from itertools import islice, permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from lsml_core.optimization.bounds import log_slope
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.schedules import InverseTime
from lsml_core.optimization.stochastic import sgd
from lsml_core.parallel.shuffling import (
    ORDERS,
    PARTITIONS,
    averaged_epochs,
    random_reshuffling,
    single_shuffle,
    squared_distances,
)

SHUFFLED = [single_shuffle, random_reshuffling]
shuffled = pytest.mark.parametrize("order", SHUFFLED)


def noisy_line(seed, n=20, d=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return LeastSquares(x, x @ rng.normal(size=d) + rng.normal(size=n))


def epochs_of(order, count, n=10, batch=3, runs=(4,), seed=0):
    """(epochs, *runs, n)"""
    each = -(-n // batch)
    steps = [*islice(order(n, batch, runs, rng=np.random.default_rng(seed)), count * each)]
    return np.stack([np.concatenate(steps[e * each : (e + 1) * each], axis=-1) for e in range(count)])


@shuffled
def test_every_epoch_of_every_run_visits_every_example_once(order):
    visits = epochs_of(order, 5)
    assert visits.shape == (5, 4, 10)
    np.testing.assert_array_equal(np.sort(visits, axis=-1), np.broadcast_to(np.arange(10), (5, 4, 10)))


@shuffled
def test_the_last_batch_of_an_epoch_takes_what_is_left(order):
    steps = islice(order(10, 4, (), rng=np.random.default_rng(0)), 6)
    assert [i.shape for i in steps] == [(4,), (4,), (2,)] * 2


def test_a_single_shuffle_repeats_its_order_and_reshuffling_does_not():
    once, anew = (epochs_of(order, 3) for order in SHUFFLED)
    np.testing.assert_array_equal(once[1:], once[:-1])
    assert (anew[1:] != anew[:-1]).any(axis=-1).all()
    for visits in (once, anew):
        assert (visits[0, 1:] != visits[0, :-1]).any(axis=-1).all()  # nor do two runs share theirs


@shuffled
def test_all_orders_are_equally_likely(order):
    visits = epochs_of(order, 1, n=4, runs=(12_000,))[0]
    found, counts = np.unique(visits, axis=0, return_counts=True)
    assert [*map(tuple, found)] == [*permutations(range(4))]
    assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_orders_gain_like_the_square_of_what_draws_gain(seed):
    """Against 1/η, which grows like the number of epochs; by then the start, (hold/K)¹², is forgotten."""
    f, K, hold = noisy_line(seed), 300, 30
    eta = InverseTime(6 / (f.mu * f.n * hold), hold)
    rng = np.random.default_rng(seed)
    distances = squared_distances(f, np.zeros((200, 3)), eta=eta, epochs=K, rng=rng)
    late = np.arange(K // 4, K + 1)
    slopes = {name: log_slope(late + hold, d[late].mean(1)) for name, d in distances.items()}
    assert slopes["with replacement"] == pytest.approx(-1, abs=0.15)
    assert slopes["single shuffle"] == pytest.approx(-2, abs=0.1)
    assert -3 < slopes["random reshuffling"] < -1.9
    end = {name: d[-1].mean() for name, d in distances.items()}
    assert end["with replacement"] > 20 * end["single shuffle"] > 60 * end["random reshuffling"]


@pytest.mark.parametrize("seed", range(3))
def test_at_a_constant_step_reshuffling_has_the_lower_floor_and_the_gain_grows_as_the_step_shrinks(seed):
    f = noisy_line(seed)
    gains = []
    for eta in (0.1 / f.L_max, 0.02 / f.L_max):
        start = np.tile(f.minimiser, (100, 1))
        floors = squared_distances(f, start, eta=eta, epochs=120, rng=np.random.default_rng(seed))
        late = {name: d[60:].mean() for name, d in floors.items()}
        gains.append(late["with replacement"] / late["random reshuffling"])
    assert 2 < gains[0] < gains[1] / 2


def test_distances_are_those_of_sgd_in_each_order():
    f, start = noisy_line(0), np.ones((2, 3))
    distances = squared_distances(f, start, eta=0.02, epochs=4, batch=6, rng=np.random.default_rng(3))
    assert list(distances) == list(ORDERS)
    for (name, order), stream in zip(ORDERS.items(), np.random.default_rng(3).spawn(3), strict=True):
        run = sgd(f, start, eta=0.02, steps=16, batch=6, sampling=order, every=4, rng=stream)
        np.testing.assert_allclose(distances[name], ((run.w - f.minimiser) ** 2).sum(-1))
        assert distances[name].shape == (5, 2)


def test_an_epoch_costs_n_gradients_however_it_is_cut():
    f, rng = noisy_line(0), np.random.default_rng(0)
    run = sgd(f, np.zeros(3), eta=0.01, steps=9, batch=7, sampling=random_reshuffling, rng=rng)
    np.testing.assert_array_equal(run.evaluations, [0, 7, 14, 20, 27, 34, 40, 47, 54, 60])


def test_a_schedule_is_asked_once_an_epoch():
    asked = []
    f = noisy_line(0)

    def eta(k):
        asked.append(k)
        return 0.01

    squared_distances(f, np.zeros(3), eta=eta, epochs=3, batch=5, rng=np.random.default_rng(0))
    assert set(asked) == {0, 1, 2}
    assert asked.count(1) == asked.count(2) == 4 * len(ORDERS)


# --- parallel: which worker gets which examples


def test_an_averaged_epoch_is_the_mean_of_the_workers_own_epochs():
    f, start = noisy_line(0), np.ones((1, 3))
    found = averaged_epochs(f, start, workers=4, eta=0.05, epochs=1, rng=np.random.default_rng(0))
    ends = []
    for part in np.arange(20).reshape(4, 5):
        w = start[0]
        for i in part:
            w = w - 0.05 * f.batch_grad(w, np.array([i]))
        ends.append(w)
    distance = ((np.mean(ends, axis=0) - f.minimiser) ** 2).sum()
    np.testing.assert_allclose(found[PARTITIONS[0]][1], [distance])


def test_with_one_worker_kept_parts_that_are_shuffled_are_random_reshuffling():
    f, start = noisy_line(1), np.zeros((200, 3))
    options = {"eta": 0.02, "epochs": 20}
    parallel = averaged_epochs(f, start, workers=1, rng=np.random.default_rng(0), **options)
    serial = squared_distances(f, start, rng=np.random.default_rng(1), **options)["random reshuffling"]
    for way in PARTITIONS[1:]:
        assert parallel[way][-5:].mean() == pytest.approx(serial[-5:].mean(), rel=0.1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("epochs", [40, 120])
def test_only_shuffling_everything_repairs_parts_that_are_unlike(seed, epochs):
    f = noisy_line(seed, n=40)
    by_target = np.argsort(f.grads(np.zeros(3), np.arange(40))[:, 0])  # workers whose gradients disagree
    runs = averaged_epochs(
        f,
        np.zeros((30, 3)),
        workers=4,
        eta=0.05,
        epochs=epochs,
        rng=np.random.default_rng(seed),
        parts=by_target,
    )
    kept, shuffled, everything = (runs[way][-10:].mean() for way in PARTITIONS)
    assert everything < 0.5 * shuffled
    assert everything < 0.5 * kept


def test_workers_must_divide_the_examples():
    with pytest.raises(ValueError, match="must divide"):
        averaged_epochs(
            noisy_line(0), np.zeros((1, 3)), workers=3, eta=0.1, epochs=1, rng=np.random.default_rng(0)
        )
