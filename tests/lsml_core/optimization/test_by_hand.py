"""The identities of the derivations "By hand" in lectures 01 and 02, and of their questions "Show that"."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.losses import logistic_curvature, logistic_derivative
from lsml_core.optimization.finite_sums import LeastSquares, Logistic
from lsml_core.optimization.objectives import Quadratic, Saddle
from lsml_core.optimization.rates import (
    Regime,
    gradient_descent_optimum,
    heavy_ball_optimum,
    momentum_spectral_radius,
    nesterov_spectral_radius,
    regime,
)
from lsml_core.optimization.sampling import WithProbabilities
from lsml_core.optimization.schedules import InverseRoot
from lsml_core.optimization.steps import (
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    trajectory,
)
from lsml_core.optimization.stochastic import (
    Snapshot,
    gradient_table,
    gradient_variance,
    saga_gradient,
    sample_gradients,
    svrg_gradient,
)
from lsml_core.optimization.worst_case import Huber

BETAS = st.floats(0.01, 0.98)
ETA_H = st.floats(0.01, 4)


def roots(eta_h, beta):
    return np.roots([1, -(1 + beta - eta_h), beta])


# --- lecture 01: gradient descent


@given(mu=st.floats(0.1, 1), ratio=st.floats(1.1, 50))
def test_no_other_step_size_shrinks_the_slowest_direction_faster_than_2_over_mu_plus_L(mu, ratio):
    L, etas = mu * ratio, np.linspace(0.01, 2, 400) / (mu * ratio)
    best = gradient_descent_optimum(mu, L)
    factors = np.maximum(np.abs(1 - etas * mu), np.abs(1 - etas * L))
    assert best.rate == pytest.approx((ratio - 1) / (ratio + 1))
    assert best.rate <= factors.min() + 1e-12
    assert max(abs(1 - best.eta * mu), abs(1 - best.eta * L)) == pytest.approx(best.rate)


# --- lecture 01: momentum


@pytest.mark.parametrize(("sign", "length"), [(1, 1 / (1 - 0.9)), (-1, 1 / (1 + 0.9))])
def test_equal_gradients_add_up_and_alternating_ones_cancel(sign, length):
    w, dw = np.zeros(1), np.zeros(1)
    for t in range(400):
        w, dw = Momentum(0.1, 0.9).step(lambda _, t=t: np.array([float(sign**t)]), w, dw)
    assert abs(dw[0]) == pytest.approx(0.1 * length)


@given(beta=BETAS, eta_h=ETA_H)
def test_momentum_follows_the_recursion_of_second_order(beta, eta_h):
    w = trajectory(Momentum(1.0, beta), Quadratic((eta_h,)), (1.0,), 8)[:, 0]
    previous = np.append(w[0], w[:-2])  # w before the start equals the start
    np.testing.assert_allclose(w[1:], (1 + beta - eta_h) * w[:-1] - beta * previous, rtol=1e-9, atol=1e-9)


@given(beta=BETAS, eta_h=ETA_H)
def test_the_roots_are_complex_between_the_squares_of_1_minus_and_1_plus_root_beta(beta, eta_h):
    low, high = (1 - beta**0.5) ** 2, (1 + beta**0.5) ** 2
    if min(abs(eta_h - low), abs(eta_h - high)) < 1e-6:
        return
    found = roots(eta_h, beta)
    assert (abs(found.imag) > 0).all() == (low < eta_h < high)
    assert np.prod(found) == pytest.approx(beta)
    if low < eta_h < high:
        np.testing.assert_allclose(np.abs(found), beta**0.5)
        assert momentum_spectral_radius(eta_h, beta) == pytest.approx(beta**0.5)
    if eta_h < low:
        assert (found.real > 0).all()
        assert regime(eta_h, beta) == Regime.MONOTONE


@given(beta=BETAS, eta_h=ETA_H)
def test_momentum_is_stable_exactly_below_2_times_1_plus_beta(beta, eta_h):
    limit = 2 * (1 + beta)
    if abs(eta_h - limit) > 1e-6:
        assert (np.abs(roots(eta_h, beta)).max() < 1) == (eta_h < limit)


@given(mu=st.floats(0.1, 1), ratio=st.floats(1.1, 100))
def test_no_smaller_beta_keeps_every_curvature_in_the_zone_of_root_beta(mu, ratio):
    L = mu * ratio
    eta, beta, rate = heavy_ball_optimum(mu, L)
    assert (eta * mu) ** 0.5 == pytest.approx(1 - beta**0.5)
    assert (eta * L) ** 0.5 == pytest.approx(1 + beta**0.5)
    assert rate == pytest.approx((ratio**0.5 - 1) / (ratio**0.5 + 1))
    smaller, etas = 0.98 * beta, np.geomspace(1e-3, 10, 500) / L
    inside = (etas * mu >= (1 - smaller**0.5) ** 2) & (etas * L <= (1 + smaller**0.5) ** 2)
    assert not inside.any()


def test_the_error_of_a_double_root_is_k_times_the_power():
    eta, beta, rate = heavy_ball_optimum(1.0, 25.0)
    w = trajectory(Momentum(eta, beta), Quadratic((1.0, 25.0)), (1.0, 1.0), 60)[:, 0]
    growth = w / rate ** np.arange(61)  # linear in k
    np.testing.assert_allclose(np.diff(growth, 2), 0, atol=1e-6)
    assert np.diff(growth)[0] > 0.1


# --- lecture 01: Nesterov


@given(beta=BETAS, eta_h=st.floats(0.01, 0.99))
def test_on_a_parabola_nesterov_is_momentum_with_beta_times_1_minus_eta_h(beta, eta_h):
    f = Quadratic((eta_h,))
    ahead, damped = (
        trajectory(rule, f, (1.0,), 20) for rule in (Nesterov(1.0, beta), Momentum(1.0, beta * (1 - eta_h)))
    )
    np.testing.assert_allclose(ahead, damped, rtol=1e-9, atol=1e-12)


@given(beta=BETAS, eta_h=ETA_H)
def test_nesterov_is_stable_exactly_below_its_shorter_limit(beta, eta_h):
    limit = 2 * (1 + beta) / (1 + 2 * beta)
    assert limit < 1 + 1 / beta
    if abs(eta_h - limit) > 1e-6:
        assert (nesterov_spectral_radius(eta_h, beta) < 1) == (eta_h < limit)


# --- lecture 01: the curvature


def logistic_examples(seed, n=4000, d=6):
    """Inputs of different scales, weights, and labels drawn from the model itself."""
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(n, d)) * np.geomspace(0.1, 2, d), rng.normal(size=d)
    y = np.where(rng.random(n) < 1 / (1 + np.exp(-x @ w)), 1, -1)
    return x, w, y


@pytest.mark.parametrize("seed", range(3))
def test_the_score_has_mean_0_and_its_square_is_minus_its_derivative_over_the_models_labels(seed):
    x, w, _ = logistic_examples(seed)
    z = x @ w
    p = {1: 1 / (1 + np.exp(-z)), -1: 1 / (1 + np.exp(z))}
    score = {y: -logistic_derivative(z, np.full(len(z), y)) for y in p}
    np.testing.assert_allclose(sum(p[y] * score[y] for y in p), 0, atol=1e-12)
    np.testing.assert_allclose(sum(p[y] * score[y] ** 2 for y in p), logistic_curvature(z), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_square_of_a_gradient_is_the_curvature_where_the_model_fits_and_not_elsewhere(seed):
    x, w, y = logistic_examples(seed)
    at = {place: place * w for place in (1, -1)}
    f = Logistic(x, y)
    mean_square = {place: (gradient_table(f, v).grads ** 2).mean(0) for place, v in at.items()}
    curvature = {place: (logistic_curvature(x @ v)[:, None] * x**2).mean(0) for place, v in at.items()}
    np.testing.assert_allclose(mean_square[1], curvature[1], rtol=0.15)  # 4,000 examples
    assert (mean_square[-1] > 1.5 * curvature[-1]).all()


@pytest.mark.parametrize("b", [4, 16])
def test_a_batch_of_b_divides_r_by_b_where_the_mean_gradient_is_0(b):
    x, _, y = logistic_examples(0)
    f = Logistic(x, y, l2=1e-6)
    one = (gradient_table(f, f.minimiser).grads ** 2).mean(0)
    batches = sample_gradients(f, f.minimiser, b, draws=4000, rng=np.random.default_rng(0))
    np.testing.assert_allclose((batches**2).mean(0), one / b, rtol=0.12)


def test_at_the_start_of_logistic_regression_r_is_the_curvature_whatever_the_labels():
    x, _, y = logistic_examples(1)
    for labels in (y, -y, np.ones_like(y)):
        r = (gradient_table(Logistic(x, labels), np.zeros(6)).grads ** 2).mean(0)
        np.testing.assert_allclose(r, (0.25 * x**2).mean(0))


def test_on_a_quadratic_root_r_is_proportional_to_the_curvature():
    f, h = Quadratic((1.0, 4.0, 25.0)), np.array([1.0, 4.0, 25.0])
    w = np.array([0.5, -0.5, 0.5])
    _, r = RMSProp(1e-9, 0.9).step(f.grad, w, np.zeros(3))
    np.testing.assert_allclose(np.sqrt(r / (1 - 0.9)), 0.5 * h)


def test_division_by_the_root_of_the_curvature_leaves_the_root_of_the_condition_number():
    h = np.array([1.0, 4.0, 100.0])
    scaled = h / np.sqrt(h)
    assert scaled.max() / scaled.min() == pytest.approx((h.max() / h.min()) ** 0.5)


# --- lecture 01: Adam


@given(beta1=st.floats(0, 0.99), beta2=st.floats(0, 0.999), t=st.integers(1, 50))
def test_the_running_means_of_a_constant_gradient_are_too_small_by_1_minus_beta_to_the_t(beta1, beta2, t):
    rule, w = Adam(0.1, beta1, beta2), np.zeros(1)
    state = rule.init(w)
    for _ in range(t):
        w, state = rule.step(lambda _: np.array([2.0]), w, state)
    np.testing.assert_allclose(state.v, 2 * (1 - beta1**t))
    np.testing.assert_allclose(state.r, 4 * (1 - beta2**t), rtol=1e-6)


# --- set 01: the saddle


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("eta_a", [0.01, 0.1, 1.0])
def test_momentum_leaves_a_saddle_faster_than_gradient_descent(beta, eta_a):
    larger, smaller = sorted(np.roots([1, -(1 + beta + eta_a), beta]).real, reverse=True)
    assert 0 < smaller < 1 < 1 + eta_a < larger
    p = (1 + eta_a) ** 2 - (1 + beta + eta_a) * (1 + eta_a) + beta
    assert p == pytest.approx(-beta * eta_a)
    rules = GradientDescent(eta_a), Momentum(eta_a, beta)
    plain, fast = (trajectory(rule, Saddle(), (0.0, 1.0), 60)[:, 1] for rule in rules)
    np.testing.assert_allclose(plain[1:] / plain[:-1], 1 + eta_a)
    assert fast[-1] / fast[-2] == pytest.approx(larger, rel=1e-3)
    assert (np.diff(fast / plain)[1:] > 0).all()


# --- lecture 02: the noise of a mini-batch


def rows(seed, n=5, d=2):
    return np.random.default_rng(seed).normal(size=(n, d))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("b", [1, 2, 3])
def test_over_all_batches_the_mean_is_the_full_gradient_and_the_noise_is_the_formula(seed, b):
    g = rows(seed)
    n, full = len(g), g.mean(0)
    sigma2 = ((g - full) ** 2).sum(1).mean()
    for ways, noise in (
        (product(range(n), repeat=b), sigma2 / b),
        (combinations(range(n), b), (n - b) / (n - 1) * sigma2 / b),
    ):
        means = np.array([g[[*way]].mean(0) for way in ways])
        np.testing.assert_allclose(means.mean(0), full, atol=1e-12)
        assert ((means - full) ** 2).sum(1).mean() == pytest.approx(noise)


@pytest.mark.parametrize("seed", range(3))
def test_two_draws_without_replacement_have_the_covariance_minus_sigma2_over_n_minus_1(seed):
    g = rows(seed)
    centred = g - g.mean(0)
    inner = [centred[i] @ centred[j] for i in range(5) for j in range(5) if i != j]
    assert np.mean(inner) == pytest.approx(-(centred**2).sum(1).mean() / 4)


# --- lecture 02: gradient descent


@pytest.mark.parametrize("seed", range(3))
def test_a_step_of_1_over_L_lowers_a_convex_function_and_the_distance_as_the_proof_says(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(30, 3))
    f = Logistic(x, np.sign(x[:, 0] + rng.normal(size=30)), l2=1e-3)
    best, eta = f.minimiser, 1 / f.L
    w = 3 * rng.normal(size=(50, 3))
    g, after = f.grad(w), w - eta * f.grad(w)
    gap = f.value(after) - f.value(best)
    descent = f.value(w) - f.value(after) - eta / 2 * (g**2).sum(-1)
    assert (descent > -1e-12).all()  # step 1: smoothness
    fall = ((w - best) ** 2).sum(-1) - ((after - best) ** 2).sum(-1)
    assert (gap <= fall / (2 * eta) + 1e-12).all()  # step 3


@given(k=st.integers(1, 200))
def test_huber_moves_by_r_over_2k_plus_1_and_ends_at_the_bound(k):
    f = Huber.worst_case(k)
    w = trajectory(GradientDescent(1.0), f, (1.0,), k)[:, 0]
    np.testing.assert_allclose(np.diff(w), -1 / (2 * k + 1))
    assert f.value(np.array([w[-1]])) == pytest.approx(1 / (4 * k + 2))


# --- lecture 02: SGD


@pytest.mark.parametrize("seed", range(3))
def test_a_step_of_sgd_keeps_the_inequality_of_the_proof_on_average_over_the_examples(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 3))
    f = LeastSquares(x, rng.normal(size=40))
    eta = 0.5 / f.L
    w = rng.normal(size=3)
    each, full = gradient_table(f, w)
    sigma2 = float(gradient_variance(each, full))
    after = w - eta * each
    distance = ((w - f.minimiser) ** 2).sum() - ((after - f.minimiser) ** 2).sum(1).mean()
    slack = sigma2 / (2 * (1 / eta - f.L))
    assert f.value(after).mean() - f.value(f.minimiser) <= distance / (2 * eta) + slack + 1e-12


@given(k=st.integers(1, 400), L=st.floats(0.1, 5), R=st.floats(0.1, 5), sigma=st.floats(0.1, 5))
def test_the_step_of_the_theorem_balances_both_terms(k, L, R, sigma):
    eta = 1 / (L + sigma * k**0.5 / R)
    promise = R**2 / (2 * eta * k) + sigma**2 / (2 * (1 / eta - L))
    assert promise == pytest.approx(R * sigma / k**0.5 + L * R**2 / (2 * k))


@pytest.mark.parametrize("k", [10, 1000, 100_000])
def test_steps_that_shrink_like_1_over_root_k_keep_the_rate_up_to_a_logarithm(k):
    schedule = InverseRoot(1.0)
    steps = np.array([schedule(j) for j in range(k)])
    assert steps.sum() >= 2 * ((k + 1) ** 0.5 - 1)
    assert (steps**2).sum() <= 1 + np.log(k)
    assert (steps[k // 2 :] ** 2).sum() <= np.log(2) + 2 / k  # no logarithm over the last half


# --- lecture 02: the floor


@pytest.mark.parametrize("h", [0.1, 1.0])
@pytest.mark.parametrize("eta", [0.1, 0.5])
def test_on_a_parabola_with_additive_noise_the_floor_is_the_fixed_point_of_the_recursion(h, eta):
    rng, sigma, w = np.random.default_rng(0), 0.7, np.full(20_000, 3.0)
    expected = 9.0
    for _ in range(800):
        w = w - eta * (h * w + sigma * rng.normal(size=len(w)))
        expected = (1 - eta * h) ** 2 * expected + eta**2 * sigma**2
    floor = eta * sigma**2 / (h * (2 - eta * h))
    assert (w**2).mean() == pytest.approx(expected, rel=0.04)
    assert expected == pytest.approx(floor, rel=1e-3)
    assert floor <= 2 * eta * sigma**2 / h  # the theorem's floor


# --- lecture 02: SVRG and SAGA


@pytest.mark.parametrize("seed", range(3))
def test_svrg_and_saga_are_unbiased_and_have_no_noise_at_the_minimum(seed):
    rng = np.random.default_rng(seed)
    f = LeastSquares(rng.normal(size=(12, 3)), rng.normal(size=12))
    w, old = rng.normal(size=(2, 3))
    each = np.arange(12)[:, None]
    for at, kept in ((w, old), (f.minimiser, f.minimiser)):
        table = gradient_table(f, kept)
        svrg = np.stack([svrg_gradient(f, at, i, Snapshot(kept, f.grad(kept))) for i in each])
        saga = np.stack([saga_gradient(f, at, i, table) for i in each])
        for estimates in (svrg, saga):
            np.testing.assert_allclose(estimates.mean(0), f.grad(at), atol=1e-12)
        if kept is f.minimiser:
            assert max(svrg.var(), saga.var()) < 1e-24
            assert gradient_table(f, at).grads.var() > 0.01


# --- set 02: the probabilities of least noise


@pytest.mark.parametrize("seed", range(3))
def test_no_probabilities_give_less_noise_than_the_lengths_of_the_gradients(seed):
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(6, 2)) * rng.uniform(0.1, 3, size=(6, 1))
    n, full, lengths = len(g), g.mean(0), np.linalg.norm(g, axis=1)

    def noise(p):
        estimates = g / (n * p[:, None])
        np.testing.assert_allclose(p @ estimates, full)
        found = p @ ((estimates - full) ** 2).sum(1)
        assert found == pytest.approx((lengths**2 / p).sum() / n**2 - full @ full)
        return found

    best = lengths / lengths.sum()
    assert noise(best) == pytest.approx(lengths.sum() ** 2 / n**2 - full @ full)
    assert all(noise(p) >= noise(best) for p in rng.dirichlet(np.ones(n), size=200))
    draws = next(WithProbabilities(best)(n, 20_000, rng=rng))
    np.testing.assert_allclose((g / (n * best[:, None]))[draws].mean(0), full, atol=0.1)
