"""The derivations of lecture 08, each identity and inequality on numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.selection.craig import facility_location, gradient_bound, gradient_error, represent

SEEDS = st.integers(0, 2**32 - 1)


def sigma(a):
    return 1 / (1 + np.exp(-a))


def logistic_gradient(x, y, w):
    return -y * sigma(-y * w @ x) * x


@given(SEEDS)
@settings(max_examples=50)
def test_gradients_of_a_class_differ_by_at_most_a_constant_times_the_distance_of_the_inputs(seed):
    """‖∇f_i − ∇f_j‖ ≤ (1 + BR/4)‖x_i − x_j‖ for logistic regression and equal labels."""
    rng = np.random.default_rng(seed)
    a, b, w = rng.normal(size=(3, 4)) * rng.uniform(0.1, 5, size=(3, 1))
    B, R = np.linalg.norm(w), max(np.linalg.norm(a), np.linalg.norm(b))
    for y in (-1, 1):
        difference = logistic_gradient(a, y, w) - logistic_gradient(b, y, w)
        assert np.linalg.norm(difference) <= (1 + B * R / 4) * np.linalg.norm(a - b) + 1e-12


@given(SEEDS)
def test_equal_inputs_of_two_classes_have_gradients_as_far_apart_as_the_input_is_long(seed):
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(2, 4))
    difference = logistic_gradient(x, 1, w) - logistic_gradient(x, -1, w)
    assert np.linalg.norm(difference) == pytest.approx(np.linalg.norm(x))


@given(SEEDS)
@settings(max_examples=50)
def test_gradients_of_the_last_layer_differ_by_no_more_than_their_parts(seed):
    """‖δ_i h_iᵀ − δ_j h_jᵀ‖ ≤ ‖δ_i − δ_j‖‖h_i‖ + √2‖h_i − h_j‖."""
    rng = np.random.default_rng(seed)
    p, h = rng.dirichlet(np.ones(5), size=2), rng.normal(size=(2, 7))
    delta = p - np.eye(5)[rng.integers(5, size=2)]
    assert (np.linalg.norm(delta, axis=1) <= np.sqrt(2) + 1e-12).all()
    left = np.linalg.norm(np.outer(delta[0], h[0]) - np.outer(delta[1], h[1]))
    first = np.linalg.norm(delta[0] - delta[1]) * np.linalg.norm(h[0])
    assert left <= first + np.sqrt(2) * np.linalg.norm(h[0] - h[1]) + 1e-12


@given(SEEDS)
@settings(max_examples=30)
def test_similar_trajectories_mean_similar_gradients_along_the_path(seed):
    """|(∇f_i − ∇f_j)·Δ| ≤ 2ε + c‖Δ‖² for quadratics whose Hessians have norm at most c."""
    rng = np.random.default_rng(seed)
    w, delta = rng.normal(size=(2, 6))
    raw = rng.normal(size=(2, 6, 6))
    hessians = raw + raw.transpose(0, 2, 1)
    c = max(np.abs(np.linalg.eigvalsh(H)).max() for H in hessians)
    linear, constant = rng.normal(size=(2, 6)), rng.normal(size=2)
    losses = lambda w: np.array(
        [a + b @ w + w @ H @ w / 2 for a, b, H in zip(constant, linear, hessians, strict=True)]
    )
    gradients = np.array([b + H @ w for b, H in zip(linear, hessians, strict=True)])
    epsilon = max(abs(np.diff(losses(w))[0]), abs(np.diff(losses(w + delta))[0]))
    assert abs((gradients[0] - gradients[1]) @ delta) <= 2 * epsilon + c * delta @ delta + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_facility_location_is_n_times_the_largest_distance_less_the_bound(seed):
    """F(S) = nD − L(S), and the weighted gradient is off by no more than L(S)."""
    rng = np.random.default_rng(seed)
    g, y = rng.normal(size=(20, 3)), np.zeros(20, dtype=int)
    S = rng.permutation(20)[:4]
    largest = max(np.linalg.norm(a - b) for a in g for b in g)
    coreset = represent(g, y, S)
    bound = gradient_bound(g, y, coreset)
    assert facility_location(g).value(S) == pytest.approx(20 * largest - bound, rel=1e-5)
    assert gradient_error(g, coreset) <= bound + 1e-9
