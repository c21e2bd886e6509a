import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.optimization.objectives import Beale, Himmelblau, Objective, Quadratic, Rosenbrock, Saddle

unhurried = settings(deadline=None)  # a busy machine is no reason to fail
SURFACES = [Quadratic.ravine(25.0), Rosenbrock(), Beale(), Himmelblau(), Saddle()]
POINTS = st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(np.array)

every_surface = pytest.mark.parametrize("surface", SURFACES, ids=lambda s: type(s).__name__)


def slope(f, w, step=1e-3):
    """∂f/∂wⱼ along the last axis by five points: exact up to degree four, rounding aside."""
    moves = step * np.eye(len(w))
    near, far = ([f(w + k * move) - f(w - k * move) for move in moves] for k in (1, 2))
    return np.stack([(8 * n - m) / (12 * step) for n, m in zip(near, far, strict=True)], axis=-1)


@every_surface
@unhurried
@given(w=POINTS)
def test_the_gradient_is_the_slope_of_the_value(surface, w):
    np.testing.assert_allclose(surface.grad(w), slope(surface.value, w), rtol=1e-6, atol=1e-6)


@every_surface
@unhurried
@given(w=POINTS)
def test_the_hessian_is_the_slope_of_the_gradient(surface, w):
    np.testing.assert_allclose(surface.hessian(w), slope(surface.grad, w), rtol=1e-6, atol=1e-6)


@every_surface
@unhurried
@given(w=POINTS)
def test_autograd_finds_the_same_gradient_in_torch(surface, w):
    leaf = torch.tensor(w, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(surface.value(leaf), leaf)
    np.testing.assert_allclose(surface.grad(w), by_autograd, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(surface.grad(leaf).detach(), by_autograd, rtol=1e-9, atol=1e-9)


@every_surface
def test_a_batch_of_points_is_the_points_one_by_one(surface):
    w = np.random.default_rng(0).normal(size=(3, 4, 2))
    for batched, one in [(surface.value(w), surface.value), (surface.grad(w), surface.grad)]:
        np.testing.assert_array_equal(batched[2, 1], one(w[2, 1]))
    np.testing.assert_array_equal(surface.hessian(w)[2, 1], surface.hessian(w[2, 1]))
    assert surface.hessian(w).shape == (3, 4, 2, 2)


@every_surface
def test_every_minimiser_is_flat_and_curves_upwards(surface):
    w = surface.minimisers
    np.testing.assert_allclose(surface.grad(w), 0, atol=1e-12)
    assert (np.linalg.eigvalsh(surface.hessian(w)) > 0).all()


@every_surface
@unhurried
@given(w=POINTS)
def test_no_point_is_lower_than_the_minimisers(surface, w):
    assert all(surface.value(w) >= surface.value(best) for best in surface.minimisers)


def test_a_saddle_falls_for_ever_and_has_no_minimiser():
    assert Saddle().minimisers.shape == (0, 2)
    assert Saddle().value(np.array([0.0, 1e3])) == -5e5


def test_himmelblau_has_four_different_minimisers_of_equal_depth():
    w = Himmelblau().minimisers
    distance = np.linalg.norm(w[:, None] - w, axis=-1)
    assert distance[~np.eye(4, dtype=bool)].min() > 3
    np.testing.assert_allclose(Himmelblau().value(w), 0, atol=1e-24)


def test_the_bottom_of_rosenbrocks_valley_has_condition_2508():
    assert np.linalg.cond(Rosenbrock().hessian(np.ones(2))) == pytest.approx(2508, abs=0.5)


@unhurried
@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5))
def test_mu_and_L_are_the_ends_of_the_spectrum(curvatures):
    surface = Quadratic(tuple(curvatures))
    spectrum = np.linalg.eigvalsh(surface.hessian(np.zeros(len(curvatures))))
    assert (surface.mu, surface.L) == pytest.approx((spectrum[0], spectrum[-1]))
    assert surface.condition == pytest.approx(np.linalg.cond(surface.hessian(np.zeros(len(curvatures)))))


@every_surface
def test_every_surface_is_an_objective_and_compares_by_value(surface):
    assert isinstance(surface, Objective)
    assert surface in {Quadratic((1, 25)), Rosenbrock(), Beale(), Himmelblau(), Saddle()}


@pytest.mark.parametrize("curvatures", [(), (1.0, 0.0), (1.0, -2.0), (np.inf,), (np.nan, 1.0)])
def test_a_curvature_that_is_not_a_positive_number_is_refused(curvatures):
    with pytest.raises(ValueError, match=r"curvatures=.* must be one or more finite numbers > 0"):
        Quadratic(curvatures)


@every_surface
@pytest.mark.parametrize("shape", [(3,), (2, 1)])
def test_a_point_of_the_wrong_size_is_refused(surface, shape):
    for method in (surface.value, surface.grad, surface.hessian):
        with pytest.raises(ValueError, match="must have 2 coordinates along its last axis"):
            method(np.ones(shape))


def test_the_optimization_room_loads_neither_torch_nor_matplotlib_nor_scipy():
    code = "import sys, lsml_core.optimization; print(*{'torch', 'matplotlib', 'scipy'} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
