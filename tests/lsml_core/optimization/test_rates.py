import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.rates import (
    Regime,
    gradient_descent_optimum,
    heavy_ball_optimum,
    momentum_matrix,
    momentum_spectral_radius,
    nesterov_matrix,
    nesterov_spectral_radius,
    regime,
)
from lsml_core.optimization.steps import GradientDescent, Momentum, Nesterov, trajectory

unhurried = settings(deadline=None)  # a busy machine is no reason to fail
ETA_H = st.floats(-0.5, 4.5)
BETA = st.floats(0, 0.99)
CONDITIONS = st.floats(1.5, 1e4)


@pytest.mark.parametrize(
    ("rule", "matrix"), [(Momentum(0.3, 0.8), momentum_matrix), (Nesterov(0.3, 0.8), nesterov_matrix)]
)
@unhurried
@given(h=st.floats(0.1, 10))
def test_the_matrix_takes_one_step_of_the_rule(rule, matrix, h):
    w = trajectory(rule, Quadratic((h,)), (1.0,), 5)[:, 0]
    pairs = np.stack([w[1:], w[:-1]])  # (wₖ₊₁, wₖ) in columns
    np.testing.assert_allclose(matrix(0.3 * h, 0.8) @ pairs[:, :-1], pairs[:, 1:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("radius", "matrix"),
    [(momentum_spectral_radius, momentum_matrix), (nesterov_spectral_radius, nesterov_matrix)],
)
@unhurried
@given(eta_h=ETA_H, beta=BETA)
def test_the_radius_is_the_largest_eigenvalue_of_the_matrix(radius, matrix, eta_h, beta):
    largest = np.abs(np.linalg.eigvals(matrix(eta_h, beta))).max()
    assert radius(eta_h, beta) == pytest.approx(largest, abs=1e-6)  # √ε where two roots meet


@unhurried
@given(eta_h=ETA_H)
def test_without_momentum_both_radii_are_those_of_gradient_descent(eta_h):
    assert momentum_spectral_radius(eta_h, 0.0) == pytest.approx(abs(1 - eta_h))
    assert nesterov_spectral_radius(eta_h, 0.0) == pytest.approx(abs(1 - eta_h))


def test_a_phase_map_is_one_call():
    eta_h, beta = np.linspace(0, 4, 7), np.linspace(0, 0.9, 5)[:, None]
    one = momentum_spectral_radius(eta_h[3], beta[2, 0])
    assert momentum_spectral_radius(eta_h, beta).shape == regime(eta_h, beta).shape == (5, 7)
    assert momentum_matrix(eta_h, beta).shape == (5, 7, 2, 2)
    assert momentum_spectral_radius(eta_h, beta)[2, 3] == one


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9, 0.99])
def test_momentum_is_stable_up_to_twice_one_plus_beta(beta):
    edge = 2 * (1 + beta)
    eta = edge * np.array([[1 - 1e-3], [1 + 1e-3]])
    below, above = abs(trajectory(Momentum(eta, beta), Quadratic((1.0,)), (1.0,), 8_000)[-1, :, 0])
    assert below < 1e-6
    assert not above < 1e6
    assert list(regime(eta[:, 0], beta)) == [Regime.OSCILLATING, Regime.DIVERGENT]


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9, 0.99])
def test_nesterov_is_stable_in_a_shorter_range_than_momentum(beta):
    edge = 2 * (1 + beta) / (1 + 2 * beta)
    assert (
        nesterov_spectral_radius(edge * (1 - 1e-6), beta)
        < 1
        < nesterov_spectral_radius(edge * (1 + 1e-6), beta)
    )
    assert edge <= 2 * (1 + beta)


@unhurried
@given(eta_h=ETA_H, beta=BETA)
def test_the_regime_says_what_the_roots_are(eta_h, beta):
    roots = np.linalg.eigvals(momentum_matrix(eta_h, beta))
    edges = np.array([0, (1 - beta**0.5) ** 2, 2 * (1 + beta)])
    if abs(eta_h - edges).min() < 1e-6:  # there the roots are known no better than √ε
        return
    stable = abs(roots).max() < 1
    positive = np.isrealobj(roots) and (roots >= 0).all()
    expected = (Regime.MONOTONE if positive else Regime.OSCILLATING) if stable else Regime.DIVERGENT
    assert regime(eta_h, beta) == expected


@pytest.mark.parametrize(
    ("eta_h", "code"), [(1.0, Regime.MONOTONE), (1.5, Regime.OSCILLATING), (2.0, 2), (0.0, 2)]
)
def test_the_edges_of_gradient_descents_regimes(eta_h, code):
    assert regime(eta_h, 0.0) == code


@unhurried
@given(kappa=CONDITIONS)
def test_best_gradient_descent_shrinks_every_step_by_its_rate(kappa):
    eta, rate = gradient_descent_optimum(1.0, kappa)
    error = np.linalg.norm(trajectory(GradientDescent(eta), Quadratic.ravine(kappa), (1.0, 1.0), 5), axis=-1)
    np.testing.assert_allclose(error[1:] / error[:-1], rate, rtol=1e-9)
    assert rate == pytest.approx((kappa - 1) / (kappa + 1))


@unhurried
@given(kappa=CONDITIONS)
def test_no_step_size_beats_the_best_gradient_descent(kappa):
    eta, rate = gradient_descent_optimum(1.0, kappa)
    h, etas = np.geomspace(1, kappa, 50), eta * np.geomspace(0.1, 10, 200)[:, None]
    assert (momentum_spectral_radius(etas * h, 0.0).max(axis=-1) >= rate - 1e-12).all()


@unhurried
@given(kappa=CONDITIONS)
def test_the_best_heavy_ball_has_radius_root_beta_in_every_direction(kappa):
    eta, beta, rate = heavy_ball_optimum(1.0, kappa)
    np.testing.assert_allclose(
        momentum_spectral_radius(eta * np.geomspace(1, kappa, 50), beta), rate, atol=1e-6
    )
    assert rate == pytest.approx(beta**0.5) == pytest.approx((kappa**0.5 - 1) / (kappa**0.5 + 1))


@pytest.mark.parametrize("kappa", [2.0, 10.0, 100.0, 1000.0])
def test_no_heavy_ball_beats_the_best_one(kappa):
    eta, _, rate = heavy_ball_optimum(1.0, kappa)
    h = np.array([1.0, kappa])  # the worst direction is an end of the spectrum
    etas, betas = np.meshgrid(eta * np.geomspace(0.05, 5, 400), np.linspace(0, 0.999, 500))
    worst = momentum_spectral_radius(etas[..., None] * h, betas[..., None]).max(axis=-1)
    assert worst.min() >= rate - 1e-9
    assert worst.min() == pytest.approx(rate, abs=0.02)  # and the grid comes near it


def test_the_heavy_ball_pays_the_root_of_the_condition_number():
    assert heavy_ball_optimum(1, 1e4).rate == pytest.approx(gradient_descent_optimum(1, 100).rate)


def test_early_steps_of_the_best_heavy_ball_are_slower_than_its_rate():
    eta, beta, rate = heavy_ball_optimum(1.0, 100.0)
    w = trajectory(Momentum(eta, beta), Quadratic.ravine(100.0), (1.0, 1.0), 100)
    average = (np.linalg.norm(w[-1]) / np.linalg.norm(w[0])) ** (1 / 100)
    assert rate < average < 1
    assert np.linalg.norm(w[-1]) > 10 * rate**100 * np.linalg.norm(w[0])


@pytest.mark.parametrize("beta", [-0.1, 1.0, np.nan, np.array([0.5, 1.2])])
def test_a_share_outside_zero_to_one_is_refused(beta):
    for function in (
        momentum_matrix,
        nesterov_matrix,
        momentum_spectral_radius,
        nesterov_spectral_radius,
        regime,
    ):
        with pytest.raises(ValueError, match=r"beta=.* must be at least 0 and below 1"):
            function(0.5, beta)


@pytest.mark.parametrize(("mu", "L"), [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (1.0, np.inf), (np.nan, 1.0)])
def test_curvatures_out_of_order_are_refused(mu, L):
    for optimum in (gradient_descent_optimum, heavy_ball_optimum):
        with pytest.raises(ValueError, match="must satisfy 0 < mu <= L < inf"):
            optimum(mu, L)
