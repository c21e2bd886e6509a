import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.optimization.bounds import (
    gradient_descent_bound,
    linear_bound,
    log_slope,
    mini_batch_bound,
    mini_batch_step,
    mini_batch_variance,
    saga_bound,
    sgd_bound,
    svrg_rate,
)
from lsml_core.optimization.finite_sums import LeastSquares, Logistic
from lsml_core.optimization.objectives import Objective, Quadratic
from lsml_core.optimization.rates import gradient_descent_optimum
from lsml_core.optimization.sampling import without_replacement
from lsml_core.optimization.steps import GradientDescent, trajectory
from lsml_core.optimization.stochastic import sgd, svrg
from lsml_core.optimization.worst_case import Huber, averaged_sgd, linear_function_gaps, quadratic_gap

POSITIVE = st.floats(0.1, 10)


# Gradient descent


@given(k=st.integers(1, 500), L=POSITIVE, R=POSITIVE)
def test_the_worst_case_huber_function_reaches_the_bound_of_gradient_descent_exactly(k, L, R):
    f = Huber.worst_case(k, L=L, R=R)
    last = trajectory(GradientDescent(1 / L), f, (R,), k)[-1]
    assert f.value(last) == pytest.approx(gradient_descent_bound(k, L=L, R=R), rel=1e-10)


@given(k=st.integers(1, 60), width=POSITIVE, L=POSITIVE)
def test_no_huber_function_has_a_larger_gap(k, width, L):
    f = Huber(width, L)
    last = trajectory(GradientDescent(1 / L), f, (1.0,), k)[-1]
    assert f.value(last) <= gradient_descent_bound(k, L=L, R=1.0) * (1 + 1e-12)


@given(h=st.floats(1e-4, 1))
def test_no_quadratic_has_a_larger_gap(h):
    f, k = Quadratic((h, 1.0)), np.arange(1, 200)
    gap = f.value(trajectory(GradientDescent(1.0), f, (1.0, 0.0), 199))[1:]
    assert (gap <= gradient_descent_bound(k, L=1.0, R=1.0)).all()


@given(w=st.floats(-5, 5), width=POSITIVE, L=POSITIVE)
def test_hubers_gradient_and_curvature_are_derivatives(w, width, L):
    f, h = Huber(width, L), 1e-6
    at = lambda x: np.array([x])
    slope = (f.value(at(w + h)) - f.value(at(w - h))) / (2 * h)
    assert f.grad(at(w))[0] == pytest.approx(slope, abs=1e-4)
    if abs(abs(w) - width) > 1e-3:
        bend = (f.grad(at(w + h)) - f.grad(at(w - h))) / (2 * h)
        assert f.hessian(at(w))[0, 0] == pytest.approx(bend[0], abs=1e-4)
    assert isinstance(f, Objective)
    assert f.value(f.minimisers) == 0


def test_gradient_descent_on_examples_shrinks_its_worst_direction_by_kappa_minus_1_over_kappa_plus_1():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    f = LeastSquares(x, rng.normal(size=40))
    eta, rate = gradient_descent_optimum(f.mu, f.L)
    assert rate == pytest.approx((f.L / f.mu - 1) / (f.L / f.mu + 1))
    _, directions = np.linalg.eigh(x.T @ x)
    start = f.minimiser + directions.T[[0, -1]]
    run = sgd(f, start, eta=eta, steps=12, batch=40, sampling=without_replacement, rng=rng)
    distance = np.linalg.norm(run.w - f.minimiser, axis=-1)
    np.testing.assert_allclose(distance[1:] / distance[:-1], rate, rtol=1e-6)
    bound = linear_bound(run.steps[1:], mu=f.mu, L=f.L, R=1.0)
    np.testing.assert_allclose(distance[1:], np.stack([bound, bound], axis=1), rtol=1e-6)


# SGD: O(1/√(bk) + 1/k)

LINES = np.geomspace(0.5, 30, 24)  # θ√(bk): the slowest line has about 3


def envelope(b, k, seed, runs=500):
    theta = LINES / np.sqrt(b * k)
    rng = np.random.default_rng(seed)
    return linear_function_gaps(theta, batch=b, steps=k, runs=runs, rng=rng).mean.max()


@pytest.mark.parametrize("b", [1, 4, 16, 64])
def test_the_worst_linear_function_stays_close_below_the_bound_for_every_batch_and_every_k(b):
    k = np.array([100, 400, 1600])
    gaps = np.array([envelope(b, int(steps), seed=b) for steps in k])
    share = gaps / mini_batch_bound(k, b=b, L=0, R=1, sigma=1)
    assert (share < 1.05).all()  # 500 runs know the mean to about 3 %
    assert (share > 0.8).all()
    assert log_slope(k, gaps) == pytest.approx(-0.5, abs=0.06)


def test_a_quadratic_is_faster_than_its_class():
    k = np.array([100, 400, 1600])
    rng = np.random.default_rng(0)
    gaps = np.array([quadratic_gap(batch=1, steps=int(steps), runs=500, rng=rng).mean for steps in k])
    assert log_slope(k, gaps) < -0.85
    assert (gaps < mini_batch_bound(k, b=1, L=1, R=1, sigma=1)).all()


def test_the_average_is_of_the_points_after_the_steps():
    seen = averaged_sgd(
        lambda _: -1.0, 0.0, batch=10**12, steps=4, runs=2, rng=np.random.default_rng(0), eta=0.1
    )
    np.testing.assert_allclose(seen, (0.1 + 0.2 + 0.3 + 0.4) / 4, atol=1e-5)
    clipped = averaged_sgd(
        lambda _: -1.0, 0.0, batch=10**12, steps=2, runs=1, rng=np.random.default_rng(0), eta=5.0
    )
    np.testing.assert_allclose(clipped, 1.0, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 25])
def test_the_noise_of_a_mini_batch_has_variance_one_over_b(batch):
    w = averaged_sgd(
        lambda _: 0.0, 0.0, batch=batch, steps=1, runs=20_000, rng=np.random.default_rng(0), eta=0.1
    )
    assert w.var() == pytest.approx(0.01 / batch, rel=0.05)


@pytest.mark.parametrize("b", [1, 10])
def test_a_real_loss_with_known_noise_stays_below_the_mini_batch_bound(b):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 4))
    f = Logistic(x, np.sign(x[:, 0] + 2 * rng.normal(size=60)), 1e-3)
    sigma = np.sqrt((x**2).sum(1).mean())  # |slope of φ| < 1; l2 adds no noise
    R, k = np.linalg.norm(f.minimiser), 400
    eta = float(mini_batch_step(k, b=b, L=f.L, R=R, sigma=sigma))
    run = sgd(f, np.zeros((50, 4)), eta=eta, steps=k, batch=b, rng=rng)
    gap = f.value(run.w[1:].mean(0)).mean() - f.value(f.minimiser)
    assert 0 < gap < mini_batch_bound(k, b=b, L=f.L, R=R, sigma=sigma)


@given(b=POSITIVE, L=POSITIVE, R=POSITIVE, sigma=POSITIVE)
def test_no_other_step_size_has_a_smaller_bound_than_the_mini_batch_step(b, L, R, sigma):
    """Of the proof's R²/(2ηk) + cσ²/(2b) with 1/η = L + 1/c, over a grid of c."""
    k, c = 50, np.geomspace(1e-6, 1e6, 4001)
    promises = R**2 * (L + 1 / c) / (2 * k) + c * sigma**2 / (2 * b)
    bound = mini_batch_bound(k, b=b, L=L, R=R, sigma=sigma)
    assert promises.min() == pytest.approx(bound, rel=1e-4)
    best = 1 / (L + 1 / c[promises.argmin()])
    assert mini_batch_step(k, b=b, L=L, R=R, sigma=sigma) == pytest.approx(best, rel=0.02)


def test_the_bound_counts_gradients_while_the_batch_is_small_and_steps_when_it_is_large():
    bound = lambda b, k: mini_batch_bound(k, b=b, L=1, R=1, sigma=1)
    same_gradients = bound(np.array([1, 2, 4]), np.array([4, 2, 1]) * 10**6)
    np.testing.assert_allclose(same_gradients, same_gradients[0], rtol=2e-3)
    assert bound(10**8, 100) == pytest.approx(bound(10**9, 100), rel=0.02)


# Linear rates of the other methods


@pytest.mark.parametrize("seed", range(3))
def test_svrg_shrinks_its_gap_between_snapshots_at_least_by_its_rate(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 4))
    f = LeastSquares(x / np.linalg.norm(x, axis=1, keepdims=True), rng.normal(size=50))
    eta, inner = 0.1 / f.L_max, 500
    rate = svrg_rate(mu=f.mu, L_max=f.L_max, eta=eta, inner=inner)
    run = svrg(f, np.zeros((30, 4)), eta=eta, steps=4 * inner, inner=inner, every=inner, rng=rng)
    gap = (f.value(run.w) - f.value(f.minimiser)).mean(-1)
    assert rate < 1
    assert (gap[1:] < rate * gap[:-1] + 1e-15).all()


def test_svrg_promises_nothing_for_long_steps():
    rates = svrg_rate(mu=0.1, L_max=1.0, eta=np.array([0.1, 0.3, 0.5, 0.7]), inner=10**6)
    assert rates[0] < 1 < rates[1] < rates[2] == rates[3] == np.inf
    by_hand = 1 / (0.1 * 0.1 * 0.8 * 1000) + 0.2 / 0.8
    assert svrg_rate(mu=0.1, L_max=1.0, eta=0.1, inner=1000) == pytest.approx(by_hand)


def test_rates_forget_the_start_like_the_factors_they_name():
    k = np.array([10.0, 11.0])
    before, after = saga_bound(k, n=100, mu=0.1, L_max=1.0, R=1.0, gap=1.0)
    assert after / before == pytest.approx(1 - 1 / 400)
    before, after = saga_bound(k, n=10, mu=0.01, L_max=1.0, R=1.0, gap=1.0)
    assert after / before == pytest.approx(1 - 0.01 / 3)
    floor = sgd_bound(10**6, eta=0.1, b=4, mu=0.1, R=1.0, sigma=2.0)
    assert floor == pytest.approx(2 * 0.1 * 4.0 / (4 * 0.1))


# Helpers


@given(p=st.floats(-3, 3), c=POSITIVE)
def test_the_log_slope_of_a_power_is_its_exponent(p, c):
    x = np.array([1.0, 3.0, 10.0, 50.0])
    assert log_slope(x, c * x**p) == pytest.approx(p, abs=1e-9)
    np.testing.assert_allclose(log_slope(x, np.stack([x**p, c * x], axis=1)), [p, 1.0], atol=1e-9)


def test_a_subset_of_one_or_of_all_is_what_it_must_be():
    assert mini_batch_variance(1, variance=3.0, n=10) == mini_batch_variance(1, variance=3.0) == 3.0
    assert mini_batch_variance(10, variance=3.0, n=10) == mini_batch_variance(1, variance=3.0, n=1) == 0.0


def test_arguments_outside_their_range_are_refused():
    for bound in (
        lambda k: gradient_descent_bound(k, L=1, R=1),
        lambda k: linear_bound(k, mu=1, L=2, R=1),
        lambda k: mini_batch_bound(k, b=1, L=1, R=1, sigma=1),
        lambda k: mini_batch_step(k, b=1, L=1, R=1, sigma=1),
    ):
        with pytest.raises(ValueError, match="must be at least 1"):
            bound(np.array([3, 0]))
    with pytest.raises(ValueError, match=r"width=0.* must be finite and above 0"):
        Huber(0.0)
    with pytest.raises(ValueError, match="k=-1 must be at least 0"):
        Huber.worst_case(-1)
    with pytest.raises(ValueError, match="batch=0 must be at least 1"):
        averaged_sgd(np.sign, 0.0, batch=0, steps=5, runs=2, rng=np.random.default_rng(0))
