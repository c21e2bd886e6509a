"""Fixed points on quadratics, in closed form and as run; fairness against scipy and by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.data.clients import synthetic
from lsml_core.parallel.federated import Client, LinearRegression, client_of, fedavg, qffl, qffl_exact
from lsml_core.parallel.federated.clients import zeros
from lsml_core.parallel.federated.fairness import SMALLEST, fair_step
from lsml_core.parallel.federated.model import losses
from lsml_core.parallel.federated.quadratics import (
    QuadraticClients,
    contraction_factor,
    fixed_point,
    level_line,
    local_paths,
    local_progress,
    prox_fixed_point,
    rotated,
)

SEEDS = st.integers(0, 2**32 - 1)
LINE = QuadraticClients(np.array([[[1.0]], [[10.0]]]), np.array([[-1.0], [1.0]]), np.array([0.5, 0.5]))


def random_quadratics(seed, k=3):
    rng = np.random.default_rng(seed)
    H = np.stack([rotated(rng.uniform(0.2, 3, size=2), rng.uniform(0, np.pi)) for _ in range(k)])
    return QuadraticClients(H, rng.normal(size=(k, 2)), np.full(k, 1 / k))


def ran(problem, rounds, *, eta, T, mu=0.0):
    how = {"eta": eta, "epochs": T, "batch": None, "mu": mu, "family": LinearRegression()}
    w = np.zeros((problem.c.shape[1], 1))
    return fedavg(problem.clients(), w, rounds, rng=np.random.default_rng(0), **how).path[..., 0]


# Quadratics


@given(seed=SEEDS)
@settings(max_examples=20)
def test_a_least_squares_client_has_the_loss_of_its_quadratic(seed):
    problem, w = random_quadratics(seed), np.random.default_rng(seed).normal(size=2)
    np.testing.assert_allclose(
        losses(problem.clients(), w[:, None], LinearRegression()), problem.value(w), rtol=1e-9
    )


@given(seed=SEEDS, T=st.integers(1, 30), mu=st.sampled_from([0.0, 0.5, 2.0]))
@settings(max_examples=25)
def test_a_round_makes_the_step_of_the_closed_form(seed, T, mu):
    """w₁ = Σ p A c from w = 0."""
    problem = random_quadratics(seed)
    A = local_progress(problem, eta=0.2, T=T, mu=mu)
    expected = np.einsum("k,kij,kj->i", problem.p, A, problem.c)
    np.testing.assert_allclose(ran(problem, 1, eta=0.2, T=T, mu=mu)[1], expected, atol=1e-10)


@given(seed=SEEDS, T=st.integers(1, 10), mu=st.sampled_from([0.0, 2.0]))
@settings(max_examples=15)
def test_local_paths_begin_at_the_weights_of_fedavg(seed, T, mu):
    """Every round begins where the mean of the last one ended."""
    problem = random_quadratics(seed)
    found = local_paths(problem, np.zeros(2), 4, eta=0.2, T=T, mu=mu)
    begins = ran(problem, 3, eta=0.2, T=T, mu=mu)
    for k in range(3):
        np.testing.assert_allclose(found[:, k, 0], begins, atol=1e-10)
    np.testing.assert_allclose(found[0, :, -1].mean(0), begins[1], atol=1e-10)


@pytest.mark.parametrize("mu", [0.0, 1.0])
@pytest.mark.parametrize("T", [1, 2, 5, 20, 100])
def test_the_run_ends_at_the_fixed_point_and_as_fast_as_promised(T, mu):
    path, end = ran(LINE, 400, eta=0.05, T=T, mu=mu), fixed_point(LINE, eta=0.05, T=T, mu=mu)
    np.testing.assert_allclose(path[-1], end, atol=1e-6)
    away, ratio = abs(path[:3, 0] - end[0]), contraction_factor(LINE, eta=0.05, T=T, mu=mu)
    np.testing.assert_allclose(away[1:], ratio * away[:-1], atol=1e-9)


def test_one_step_a_round_ends_at_the_optimum_and_many_steps_far_from_it():
    assert LINE.optimum[0] == pytest.approx(9 / 11)
    bias = [abs(fixed_point(LINE, eta=0.05, T=T) - LINE.optimum)[0] for T in (1, 2, 5, 20, 100)]
    assert bias[0] < 1e-12
    assert bias == sorted(bias)
    assert fixed_point(LINE, eta=0.05, T=10**5)[0] == pytest.approx(0, abs=1e-9)  # the mean of the c_k


def test_many_steps_with_a_pull_end_where_exact_proximal_clients_do_and_a_strong_pull_at_the_optimum():
    for mu in (0.0, 0.5, 3.0):
        many = fixed_point(LINE, eta=0.05, T=10**5, mu=mu)
        np.testing.assert_allclose(many, prox_fixed_point(LINE, mu), atol=1e-9)
    bias = [abs(prox_fixed_point(LINE, mu) - LINE.optimum)[0] for mu in (0, 0.1, 1, 10, 100, 1000)]
    assert bias == sorted(bias, reverse=True)
    assert bias[-1] < 0.01


def test_clients_of_one_curvature_end_at_the_optimum_whatever_they_do():
    alike = QuadraticClients(
        np.tile(rotated((0.5, 3.0), 0.4), (3, 1, 1)), random_quadratics(0).c, random_quadratics(0).p
    )
    for T, mu in ((1, 0.0), (50, 0.0), (50, 2.0)):
        np.testing.assert_allclose(fixed_point(alike, eta=0.1, T=T, mu=mu), alike.optimum, atol=1e-12)


def test_local_paths_without_rounds_or_steps_are_empty_or_a_point():
    problem = random_quadratics(0)
    assert local_paths(problem, np.zeros(2), 0, eta=0.2, T=5).shape == (0, 3, 6, 2)
    np.testing.assert_array_equal(local_paths(problem, np.ones(2), 2, eta=0.2, T=0), np.ones((2, 3, 1, 2)))


@pytest.mark.own_checks
@pytest.mark.parametrize("changes", [{"T": 2.5}, {"T": 0}, {"eta": np.nan}, {"eta": np.inf}, {"mu": np.nan}])
def test_local_work_out_of_range_is_refused(changes):
    (name,) = changes
    for closed_form in (local_progress, fixed_point, contraction_factor):
        with pytest.raises(ValueError, match=rf"{name}=.* must be"):
            closed_form(LINE, **{"eta": 0.1, "T": 2, "mu": 0.5} | changes)


def test_quadratics_of_unequal_weight_have_no_clients_of_equal_size():
    with pytest.raises(ValueError, match="must be equal for all clients"):
        LINE._replace(p=np.array([0.2, 0.8])).clients()


@given(seed=SEEDS, height=st.floats(0.01, 5))
@settings(max_examples=20)
def test_a_level_line_is_closed_and_of_one_height(seed, height):
    problem = random_quadratics(seed)
    line = level_line(problem.H[1], problem.c[1], height)
    np.testing.assert_allclose(problem.value(line)[:, 1], height, rtol=1e-9)
    np.testing.assert_allclose(line[0], line[-1], atol=1e-9)


# Fairness


def outlier(seed=0):
    """Five clients of ten examples, four that agree and one that does not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(5, 10, 3))
    models = [rng.normal(size=(3, 2))] * 4 + [rng.normal(size=(3, 2))]
    return [Client(a, a @ m) for a, m in zip(x, models, strict=True)]


def test_q_0_is_fedavg_where_clients_are_of_equal_size():
    clients, w = outlier(), np.zeros((3, 2))
    how = {"eta": 0.1, "epochs": 2, "batch": None, "family": LinearRegression()}
    fair = qffl(clients, w, 5, q=0, rng=np.random.default_rng(0), **how)
    plain = fedavg(clients, w, 5, rng=np.random.default_rng(0), **how)
    np.testing.assert_allclose(fair.path, plain.path, atol=1e-12)
    np.testing.assert_array_equal(fair.bytes, plain.bytes)


def test_the_fair_step_by_hand():
    """Two clients of one weight, η = ½, q = 1: Δ = F·2(w − w_k), h = (2(w − w_k))² + 2F."""
    w, w_k, F = np.array([[1.0]]), np.array([[[0.5]], [[2.0]]]), np.array([3.0, 0.5])
    delta, h = 3 * 1 + 0.5 * -2, (1 + 6) + (4 + 1)
    assert fair_step(w, w_k, F, q=1, eta=0.5)[0, 0] == pytest.approx(1 - delta / h)


def test_the_loss_that_counts_is_that_before_training():
    clients, w = outlier(), np.zeros((3, 2))
    how = {"eta": 0.1, "epochs": 3, "batch": None, "family": LinearRegression()}
    w_k = np.stack([fedavg([c], w, 1, rng=np.random.default_rng(0), **how).w for c in clients])
    before = losses(clients, w, LinearRegression())
    after = np.array([losses([c], v, LinearRegression())[0] for c, v in zip(clients, w_k, strict=True)])
    found = qffl(clients, w, 1, q=2, rng=np.random.default_rng(0), **how).w
    np.testing.assert_allclose(found, fair_step(w, w_k, before, q=2, eta=0.1), atol=1e-12)
    assert abs(found - fair_step(w, w_k, after, q=2, eta=0.1)).max() > 1e-4


def test_clients_are_chosen_with_probabilities_proportional_to_their_sizes():
    """One of two clients, 30 examples against 10: 3/4 of 800 rounds; the standard deviation is 12."""
    rng = np.random.default_rng(0)
    clients = [Client(rng.normal(size=(n, 1)), np.ones((n, 1))) for n in (30, 10)]
    how = {"eta": 1e-3, "epochs": 1, "batch": None, "family": LinearRegression(), "participation": 0.5}
    chosen = qffl(clients, np.zeros((1, 1)), 800, q=1, rng=rng, **how).chosen
    assert abs((chosen == 0).sum() - 600) < 50


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_q_makes_clients_more_equal_and_the_worst_one_better_off(seed):
    clients = [client_of(d) for d in synthetic(0.5, 0.5, 12, rng=np.random.default_rng(seed), largest=100)]
    ends = [losses(clients, qffl_exact(clients, zeros(clients), q=q, l2=5e-4)) for q in (0, 1, 5)]
    worst, variance = [F.max() for F in ends], [np.var(F) for F in ends]
    assert worst[0] > worst[1] > worst[2]
    assert variance[0] > variance[1] > variance[2]


def test_the_exact_solution_for_q_0_is_least_squares():
    clients = outlier()
    x, y = (np.concatenate(a) for a in zip(*clients, strict=True))
    found = qffl_exact(clients, np.zeros((3, 2)), q=0, l2=0.0, family=LinearRegression())
    np.testing.assert_allclose(found, np.linalg.lstsq(x, y)[0], atol=1e-4)


def test_what_the_outlier_gains_the_others_pay():
    """No minimum of the mean is left without raising it."""
    clients, w = outlier(), np.zeros((3, 2))
    ends = [
        losses(clients, qffl_exact(clients, w, q=q, l2=0.0, family=LinearRegression()), LinearRegression())
        for q in (0, 1, 5)
    ]
    means = [float(F.mean()) for F in ends]
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize("q", [0.5, 3])
def test_q_fedavg_with_one_full_step_ends_where_the_exact_objective_does(q):
    clients, w = outlier(), np.zeros((3, 2))
    how = {
        "eta": 0.05,
        "epochs": 1,
        "batch": None,
        "family": LinearRegression(),
        "rng": np.random.default_rng(0),
    }
    ran_to = losses(clients, qffl(clients, w, 2000, q=q, **how).w, LinearRegression())
    exact = losses(
        clients, qffl_exact(clients, w, q=q, l2=0.0, family=LinearRegression()), LinearRegression()
    )
    np.testing.assert_allclose(ran_to, exact, rtol=0.02, atol=1e-3)


def test_a_client_with_loss_0_breaks_nothing():
    x = np.ones((2, 1))
    clients = [Client(x, 0 * x), Client(x, x)]
    how = {
        "eta": 0.1,
        "epochs": 1,
        "batch": None,
        "family": LinearRegression(),
        "rng": np.random.default_rng(0),
    }
    assert np.isfinite(qffl(clients, np.zeros((1, 1)), 10, q=0.5, **how).w).all()


def test_a_negative_q_is_refused():
    for call in (
        lambda: qffl_exact(outlier(), np.zeros((3, 2)), q=-1, l2=0.0, family=LinearRegression()),
        lambda: qffl(
            outlier(),
            np.zeros((3, 2)),
            1,
            q=-1,
            eta=1.0,
            epochs=1,
            batch=None,
            rng=np.random.default_rng(0),
            family=LinearRegression(),
        ),
    ):
        with pytest.raises(ValueError, match="q=-1 must be finite and at least 0"):
            call()


@pytest.mark.parametrize("q", [0, 2, 50, 300, 2000])
@pytest.mark.parametrize("F", [(0.01, 0.02, 0.04), (10.0, 30.0, 40.0), (0.0, 0.0, 0.0), (0.0, 0.5, 0.5)])
def test_a_power_that_leaves_the_range_of_floats_changes_no_fair_step(q, F):
    w_k, L = (0.5, -0.25, 2.0), 4
    losses = [max(Fraction(f), Fraction(SMALLEST)) for f in F]
    g = [-L * Fraction(v) for v in w_k]
    h = [q * f**q / f * slope**2 + L * f**q for f, slope in zip(losses, g, strict=True)]
    exact = -sum(f**q * slope for f, slope in zip(losses, g, strict=True)) / sum(h)
    found = fair_step(np.zeros((1, 1)), np.reshape(w_k, (3, 1, 1)), np.array(F), q=q, eta=1 / L)
    np.testing.assert_allclose(found, [[float(exact)]], rtol=1e-9, atol=1e-30)
