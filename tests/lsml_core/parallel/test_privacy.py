"""Private federated averaging: what is clipped, what is noise, and ε against a library and an integral."""

from itertools import islice

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from lsml_core.data.clients import synthetic
from lsml_core.parallel.federated import client_of, fedavg
from lsml_core.parallel.federated.clients import zeros
from lsml_core.parallel.federated.privacy import clipped, epsilon, private_fedavg_rounds, renyi_divergence

PEOPLE = [client_of(one) for one in synthetic(1, 1, 12, rng=np.random.default_rng(0), largest=60)]
LOCAL = {"eta": 0.1, "epochs": 1, "batch": 10}


def path(rounds=3, seed=0, **options):
    all_rounds = private_fedavg_rounds(
        PEOPLE, zeros(PEOPLE), rng=np.random.default_rng(seed), **LOCAL, **options
    )
    return [*islice(all_rounds, rounds)]


def test_a_clipped_update_keeps_its_direction_and_is_never_longer_than_the_clip():
    updates = (
        np.random.default_rng(0).normal(size=(6, 3, 2)) * np.array([0.01, 0.1, 1, 2, 5, 0])[:, None, None]
    )
    short = clipped(updates, 1.5)
    before, after = (np.linalg.norm(u.reshape(6, -1), axis=1) for u in (updates, short))
    np.testing.assert_allclose(after, np.minimum(before, 1.5))
    np.testing.assert_allclose(short * before[:, None, None], updates * after[:, None, None])


def test_with_everybody_no_noise_and_a_large_clip_a_round_is_the_plain_mean_of_the_updates():
    (one,) = path(1, clip=1e6, noise=0.0, sampling=1.0)
    equal = [client._replace(x=client.x[:50], y=client.y[:50]) for client in PEOPLE]
    rounds = private_fedavg_rounds(
        equal,
        zeros(equal),
        rng=np.random.default_rng(0),
        clip=1e6,
        noise=0.0,
        sampling=1.0,
        **(LOCAL | {"batch": None}),
    )
    same = fedavg(equal, zeros(equal), 1, rng=np.random.default_rng(1), **(LOCAL | {"batch": None})).w
    np.testing.assert_allclose(next(rounds).w, same)
    assert one.w.shape == same.shape


@pytest.mark.parametrize("clip", [0.01, 0.1])
def test_one_client_more_moves_the_sum_by_at_most_the_clip(clip):
    def moved(people):
        rounds = private_fedavg_rounds(
            people, zeros(PEOPLE), rng=np.random.default_rng(0), clip=clip, noise=0.0, sampling=1.0, **LOCAL
        )
        return len(people) * next(rounds).w

    few, more = moved(PEOPLE[:-1]), moved(PEOPLE)
    assert np.linalg.norm(more - few) <= clip + 1e-12


def test_the_noise_on_the_mean_has_the_deviation_z_s_over_q_k_also_in_a_round_without_clients():
    options = {"clip": 2.0, "sampling": 1e-9, "noise": 3.0}
    steps = np.diff([0 * path(1, **options)[0].w] + [r.w for r in path(40, **options)], axis=0)
    assert steps.std() * options["sampling"] * len(PEOPLE) == pytest.approx(6.0, rel=0.03)


def test_each_client_is_chosen_on_its_own():
    """Poisson sampling: the number of chosen clients is binomial, and pairs are independent."""
    chosen = np.zeros((400, len(PEOPLE)))
    for t, round_ in enumerate(path(400, clip=1.0, noise=0.0, sampling=0.3)):
        chosen[t, round_.log.chosen] = 1
    assert chosen.mean() == pytest.approx(0.3, abs=0.03)
    assert chosen.sum(1).var() == pytest.approx(12 * 0.3 * 0.7, rel=0.25)
    assert abs(np.corrcoef(chosen.T)[np.triu_indices(12, 1)]).max() < 0.25


@pytest.mark.parametrize(
    ("q", "z", "order"), [(0.1, 1.0, 2), (0.1, 1.0, 8), (0.5, 2.0, 5), (0.01, 0.8, 3), (1.0, 3.0, 4)]
)
def test_the_renyi_divergence_is_that_of_its_integral(q, z, order):
    """D_α(Q ‖ P) with P = N(0, z²) and Q = (1 − q)P + q N(1, z²), integrated numerically."""

    def integrand(v):
        p = norm.pdf(v, 0, z)
        return p * ((1 - q) + q * np.exp((2 * v - 1) / (2 * z**2))) ** order

    integral = quad(integrand, -12 * z, 12 * z + order, limit=500)[0]
    assert renyi_divergence(order, sampling=q, noise=z) == pytest.approx(
        np.log(integral) / (order - 1), rel=1e-6
    )


LIBRARY = [
    (0.1, 1.0, 100, 1e-5, 7.903850223578231),
    (0.01, 1.1, 1000, 1e-5, 1.7117701662429012),
    (0.05, 0.7, 50, 1e-3, 4.7289514240246735),
    (1.0, 4.0, 10, 1e-5, 3.617099772983339),
    (0.1, 2.0, 200, 1e-4, 3.1967131489212894),
]
"""q, z, rounds, δ, and ε of dp-accounting 0.6.0: its RdpAccountant, add or remove one, its own orders."""


@pytest.mark.parametrize(("q", "z", "rounds", "delta", "found"), LIBRARY)
def test_epsilon_is_that_of_the_library_or_a_few_percent_above(q, z, rounds, delta, found):
    ours = float(epsilon(rounds, sampling=q, noise=z, delta=delta))
    assert found - 1e-9 <= ours <= 1.06 * found


def test_with_integer_orders_the_library_finds_the_same_epsilon():
    """dp-accounting 0.6.0 with orders 2 … 256: q = 0.1, z = 0.5, δ = 1e-3, after 1, 2 and 3 rounds."""
    found = epsilon(np.arange(1, 4), sampling=0.1, noise=0.5, delta=1e-3)
    np.testing.assert_allclose(found, [5.052687667069335, 6.379800099058046, 6.808969689655946])


def test_epsilon_falls_with_noise_and_grows_with_rounds_and_sampling():
    e = lambda T=10, q=0.1, z=1.0, delta=1e-4: float(epsilon(T, sampling=q, noise=z, delta=delta))
    assert e(z=0.0) == np.inf
    assert e(T=0) == 0
    assert e(z=2.0) < e() < e(z=0.5)
    assert e(T=5) < e() < e(T=50)
    assert e(q=0.05) < e() < e(q=0.5)
    assert e(delta=1e-3) < e() < e(delta=1e-6)


@pytest.mark.parametrize("wrong", [{"clip": 0.0}, {"noise": -1.0}, {"sampling": 0.0}, {"sampling": 1.5}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        path(1, **({"clip": 1.0, "noise": 1.0, "sampling": 0.5} | wrong))
