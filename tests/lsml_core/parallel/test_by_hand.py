"""The derivations of lectures 03 and 04 in numbers: each identity, and each inequality."""

import numpy as np
import pytest

from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.parallel.conflicts import conflicts
from lsml_core.parallel.federated import Client, LinearRegression
from lsml_core.parallel.federated.model import dissimilarity
from lsml_core.parallel.federated.quadratics import (
    QuadraticClients,
    accumulated_steps,
    fixed_point,
    local_paths,
    local_progress,
    prox_decrease,
    prox_fixed_point,
    rotated,
)
from lsml_core.parallel.linear import Loss
from lsml_core.parallel.staleness import delayed_sgd

seeds = pytest.mark.parametrize("seed", range(5))


def some_clients(seed, k=4, *, sizes=True):
    rng = np.random.default_rng(seed)
    H = np.stack([rotated(rng.uniform(0.2, 3, size=2), rng.uniform(0, np.pi)) for _ in range(k)])
    n = rng.uniform(1, 9, size=k) if sizes else np.ones(k)
    return QuadraticClients(H, rng.normal(size=(k, 2)), n / n.sum())


# --- lecture 03


@seeds
def test_the_sums_of_unequal_workers_add_up_to_the_gradient_of_the_whole_batch(seed):
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(11, 3)), rng.normal(size=11), rng.normal(size=3)
    whole = (x @ w - y) @ x
    parts = np.split(np.arange(11), [1, 1, 6])
    np.testing.assert_allclose(sum((x[s] @ w - y[s]) @ x[s] for s in parts), whole)


@pytest.mark.parametrize("k", [2, 5, 10])
def test_k_short_steps_and_one_long_step_agree_up_to_half_the_square(k):
    for step in (0.02, 0.01, 0.005):
        difference = (1 - step) ** k - (1 - k * step)
        assert 0 <= difference <= (k * step) ** 2 / 2


def test_linear_scaling_diverges_from_the_batch_two_b_over_eta_l_on():
    eta, L, b = 0.1, 2.0, 10
    last = 2 * b / (eta * L)
    assert abs(1 - eta * (0.99 * last) / b * L) < 1 < abs(1 - eta * (1.01 * last) / b * L)


@seeds
def test_a_shuffled_epoch_is_a_step_of_gradient_descent_up_to_second_order_and_a_drawn_one_is_not(seed):
    rng = np.random.default_rng(seed)
    f = LeastSquares(rng.normal(size=(12, 3)), rng.normal(size=12))
    w0, order, drawn = rng.normal(size=3), rng.permutation(12), rng.integers(12, size=12)

    def remainder(visits, eta):
        w = w0
        for i in visits:
            w = w - eta * f.batch_grad(w, np.array([i]))
        return np.linalg.norm(w - (w0 - eta * 12 * f.grad(w0)))

    small, smaller = remainder(order, 2e-4), remainder(order, 1e-4)
    assert small / smaller == pytest.approx(4, rel=0.1)  # second order
    assert remainder(drawn, 2e-4) / remainder(drawn, 1e-4) == pytest.approx(2, rel=0.2)  # first order


def sparse_problem(seed, n=40, d=200):
    from scipy.sparse import random as random_matrix

    rng = np.random.default_rng(seed)
    x = random_matrix(n, d, density=3 / d, random_state=rng, format="csr")
    x.data[:] = rng.normal(size=len(x.data))
    return x, rng.normal(size=n), rng


@seeds
def test_a_stale_step_is_a_serial_step_at_perturbed_weights(seed):
    x, y, rng = sparse_problem(seed)
    steps, eta = 60, 0.1
    tau = np.minimum(rng.integers(0, 6, size=steps), np.arange(steps))
    order = rng.integers(x.shape[0], size=steps)
    w = delayed_sgd(x, y, order, tau, eta=eta, loss=Loss.SQUARED)
    a = x.toarray()
    g = np.array([(a[i] @ w[k - tau[k]] - y[i]) * a[i] for k, i in enumerate(order)])
    for k, i in enumerate(order):
        noise = eta * g[k - tau[k] : k].sum(0)
        np.testing.assert_allclose(w[k] + noise, w[k - tau[k]], atol=1e-12)
        slope = (a[i] @ (w[k] + noise) - y[i]) * a[i]
        np.testing.assert_allclose(w[k + 1], w[k] - eta * slope, atol=1e-12)


@seeds
def test_the_perturbed_step_expands_into_four_terms_and_its_mean_obeys_the_bound_of_serial_sgd_and_two_more(
    seed,
):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(30, 3))
    f = LeastSquares(x, x @ rng.normal(size=3) + rng.normal(size=30))
    m, eta, best = float(np.linalg.eigvalsh(x.T @ x / 30)[0]), 0.05, f.minimiser
    w, noise = best + rng.normal(size=3), 0.1 * rng.normal(size=3)
    g = np.array([f.batch_grad(w + noise, np.array([i])) for i in range(30)])
    left = ((w - eta * g - best) ** 2).sum(1)
    right = (
        ((w - best) ** 2).sum()
        - 2 * eta * g @ (w + noise - best)
        + 2 * eta * g @ noise
        + eta**2 * (g**2).sum(1)
    )
    np.testing.assert_allclose(left, right)
    far = 2 * eta * m * (noise**2).sum()
    bound = (
        (1 - eta * m) * ((w - best) ** 2).sum()
        + eta**2 * (g**2).sum(1).mean()
        + far
        + 2 * eta * (g @ noise).mean()
    )
    assert left.mean() <= bound + 1e-12


@seeds
def test_two_random_examples_conflict_with_probability_at_most_two_mean_degrees_over_n(seed):
    x = sparse_problem(seed)[0]
    graph, pattern = conflicts(x), (x.toarray() != 0).astype(float)
    assert graph.mean_degree >= 1
    share = (pattern @ pattern.T > 0).mean()
    assert share <= 2 * graph.mean_degree / x.shape[0]


@pytest.mark.parametrize("step", [0.1, 0.25, 0.5, 0.99, 1.01, 1.5])
def test_with_gradients_one_step_old_descent_converges_below_a_step_of_one_only(step):
    roots = np.roots([1, -1, step])
    assert (abs(roots).max() < 1) == (step < 1)
    if step > 0.25:
        np.testing.assert_allclose(abs(roots), np.sqrt(step))
    else:
        assert ((roots.real > 0) & (roots.real < 1)).all()


# --- lecture 04


@seeds
@pytest.mark.parametrize("T", [1, 3, 20])
def test_local_steps_cover_the_fraction_a_and_rounds_end_where_the_pulls_balance(seed, T):
    clients, eta = some_clients(seed), 0.3
    start = np.array([2.0, -1.0])
    paths, A = local_paths(clients, start, 600, eta=eta, T=T), local_progress(clients, eta=eta, T=T)
    for k in range(4):
        np.testing.assert_allclose(paths[0, k, -1], start + A[k] @ (clients.c[k] - start))
    end = fixed_point(clients, eta=eta, T=T)
    np.testing.assert_allclose(paths[-1, 0, 0], end, atol=1e-6)
    pulls = sum(p * a @ (c - end) for p, a, c in zip(clients.p, A, clients.c, strict=True))
    np.testing.assert_allclose(pulls, 0, atol=1e-12)
    mean = np.tensordot(clients.p, A, axes=1)
    assert ((np.linalg.eigvalsh(mean) > 0) & (np.linalg.eigvalsh(mean) < 2)).all()


@seeds
def test_one_step_ends_at_the_optimum_and_many_at_the_mean_weighted_by_the_sizes(seed):
    clients = some_clients(seed)
    np.testing.assert_allclose(fixed_point(clients, eta=0.3, T=1), clients.optimum)
    np.testing.assert_allclose(fixed_point(clients, eta=0.3, T=2000), clients.p @ clients.c, atol=1e-8)
    alike = clients._replace(H=np.repeat(clients.H[:1], 4, axis=0))
    for T in (2, 7, 50):
        np.testing.assert_allclose(fixed_point(alike, eta=0.3, T=T), clients.optimum * 0 + alike.optimum)


@seeds
def test_exact_fedprox_goes_from_the_weighted_mean_to_the_optimum(seed):
    clients = some_clients(seed)
    np.testing.assert_allclose(prox_fixed_point(clients, 0.0), clients.p @ clients.c)
    np.testing.assert_allclose(prox_fixed_point(clients, 1e7), clients.optimum, atol=1e-5)


@pytest.mark.parametrize("step", [0.1, 0.5, 1.5])
def test_the_loop_that_never_resets_its_step_circles_for_ever(step):
    path = accumulated_steps(np.array([[step]]), np.zeros(1), np.ones(1), eta=1.0, T=3000)[:, 0]
    assert abs(path[-200:]).max() > 0.9
    np.testing.assert_allclose(abs(np.roots([1, -(2 - step), 1])), 1)
    reset = local_paths(
        QuadraticClients(np.array([[[step]]]), np.zeros((1, 1)), np.ones(1)), np.ones(1), 1, eta=1.0, T=3000
    )
    assert abs(reset[0, 0, -1, 0]) < 1e-12


def as_clients(problem):
    """Least squares with these curvatures and minimisers, d examples each."""
    d = problem.c.shape[1]
    roots = [np.sqrt(d) * np.linalg.cholesky(H).T for H in problem.H]
    return [Client(r, (r @ c)[:, None]) for r, c in zip(roots, problem.c, strict=True)]


@seeds
@pytest.mark.parametrize("factor", [1.01, 3.0, 30.0])
def test_a_round_of_exact_fedprox_lowers_f_by_what_dissimilarity_allows(seed, factor):
    """Every step of the derivation, for convex quadratics of equal size."""
    problem = some_clients(seed, sizes=False)
    w, L = np.array([3.0, -2.0]), float(np.linalg.eigvalsh(problem.H).max())
    g = np.einsum("kij,kj->ki", problem.H, w - problem.c)
    slope = problem.p @ g
    B = dissimilarity(as_clients(problem), w[:, None], LinearRegression())
    np.testing.assert_allclose(B**2, problem.p @ (g**2).sum(1) / (slope @ slope))
    mu = factor * (L * B + L * B**2 / 2)
    w_k = w - np.linalg.solve(problem.H + mu * np.eye(2), g[..., None])[..., 0]
    local = np.einsum("kij,kj->ki", problem.H, w_k - problem.c)
    np.testing.assert_allclose(local + mu * (w_k - w), 0, atol=1e-9)
    moved, norm = np.linalg.norm(w_k - w, axis=1), np.linalg.norm(slope)
    assert (moved <= np.linalg.norm(g, axis=1) / mu + 1e-12).all()
    assert problem.p @ moved <= B / mu * norm + 1e-12
    M = problem.p @ (local - g)
    np.testing.assert_allclose(problem.p @ w_k - w, -(slope + M) / mu, atol=1e-12)
    assert np.linalg.norm(M) <= L * B / mu * norm + 1e-12

    def f(v):
        return sum(
            p * (v - c) @ H @ (v - c) / 2 for p, H, c in zip(problem.p, problem.H, problem.c, strict=True)
        )

    rho = prox_decrease(B, L=L, mu=mu)
    assert rho > 0
    assert f(problem.p @ w_k) <= f(w) - rho * norm**2 + 1e-12


def test_dissimilarity_is_one_for_equal_clients_and_without_bound_towards_the_optimum():
    problem = some_clients(0, sizes=False)
    clients = as_clients(problem)
    same = [clients[0]] * 3
    assert dissimilarity(same, np.ones((2, 1)), LinearRegression()) == pytest.approx(1)
    near = [
        dissimilarity(clients, (problem.optimum + away)[:, None], LinearRegression())
        for away in (1.0, 0.1, 0.01)
    ]
    assert near[0] < near[1] < near[2]
    assert near[2] > 20


@seeds
def test_h_bounds_the_curvature_of_a_power_of_the_loss(seed):
    rng = np.random.default_rng(seed)
    H, w, offset = rotated(rng.uniform(0.2, 3, size=2), 1.0), rng.normal(size=2), 0.3
    F, slope, L = w @ H @ w / 2 + offset, H @ w, float(np.linalg.eigvalsh(H)[-1])
    for q in (0, 0.5, 1, 3):
        curvature = q * F ** (q - 1) * np.outer(slope, slope) + F**q * H
        assert np.linalg.eigvalsh(curvature)[-1] <= q * F ** (q - 1) * slope @ slope + L * F**q + 1e-12
