"""The derivations of lecture 09, run as numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.selection.crust import exemplar_error, low_rank_error
from lsml_core.selection.spurious import GroupDRO

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 6))
@settings(max_examples=30)
def test_rows_replaced_by_their_nearest_exemplar_have_rank_k_and_bound_the_tail_of_the_spectrum(seed, k):
    rng = np.random.default_rng(seed)
    j = rng.normal(size=(15, 5))
    chosen = rng.choice(15, k, replace=False)
    nearest = chosen[np.linalg.norm(j[:, None] - j[chosen], axis=-1).argmin(axis=1)]
    assert np.linalg.matrix_rank(j[nearest]) <= k
    assert np.linalg.norm(j - j[nearest]) == pytest.approx(exemplar_error(j, chosen))
    assert low_rank_error(j, k) <= exemplar_error(j, chosen) + 1e-9


@given(SEEDS)
@settings(max_examples=20)
def test_gradient_descent_shrinks_the_residual_along_each_singular_vector_by_its_own_factor(seed):
    rng = np.random.default_rng(seed)
    j, y, w, eta = rng.normal(size=(8, 5)), rng.normal(size=8), np.zeros(5), 0.01
    u, sigma, _ = np.linalg.svd(j)
    start = u.T @ (j @ w - y)
    for _ in range(30):
        w = w - eta * j.T @ (j @ w - y)
    factors = np.ones(8)
    factors[:5] = (1 - eta * sigma**2) ** 30
    np.testing.assert_allclose(u.T @ (j @ w - y), factors * start, atol=1e-9)


@given(SEEDS)
@settings(max_examples=20)
def test_an_effective_poison_is_about_root_two_away_from_what_the_network_has_learned(seed):
    """‖g_poison − g_clean‖ ≥ ‖g_target‖ − ρ − ‖g_clean‖, by the triangle inequality."""
    rng = np.random.default_rng(seed)
    target = rng.normal(size=10)
    rho = 0.3
    step = rng.normal(size=10)
    poison = target + rho * rng.random() * step / np.linalg.norm(step)
    clean = 0.1 * rng.normal(size=10)
    bound = np.linalg.norm(target) - rho - np.linalg.norm(clean)
    assert np.linalg.norm(poison - clean) >= bound - 1e-12


@pytest.mark.parametrize("alpha", [0.8, 0.95])
@pytest.mark.parametrize("magnitude", [0.5, 1.0, 2.0])
def test_after_one_step_the_groups_differ_by_the_square_of_the_magnitude(alpha, magnitude):
    n, eta, core = 20_000, 0.1, 1.0
    rng = np.random.default_rng(0)
    y = np.repeat([1.0, -1.0], n // 2)
    aligned = np.tile(np.arange(n // 2) < round(alpha * n / 2), 2)
    cue = np.where(aligned, y, -y)
    x = np.stack([magnitude * cue, core * (y + rng.normal(size=n))], axis=1)
    w = eta * (0.5 * y[:, None] * x).mean(axis=0)  # −η times the gradient at w = 0
    np.testing.assert_allclose(w[0], eta / 2 * magnitude * (2 * alpha - 1), rtol=1e-9)
    np.testing.assert_allclose(w[1], eta / 2 * core, rtol=0.05)
    gap = (x @ w)[(y > 0) & aligned].mean() - (x @ w)[(y > 0) & ~aligned].mean()
    assert gap == pytest.approx(eta * magnitude**2 * (2 * alpha - 1), rel=0.1)


@given(SEEDS)
@settings(max_examples=20)
def test_the_group_weights_make_the_derivative_of_gain_minus_relative_entropy_the_same_for_all(seed):
    rng = np.random.default_rng(seed)
    old, losses, eta = rng.dirichlet(np.ones(5)), rng.exponential(size=5), 0.3
    q = GroupDRO(eta).step(old, losses)
    slopes = eta * losses - np.log(q / old) - 1
    np.testing.assert_allclose(slopes, slopes[0])


def test_without_normalising_the_group_weights_grow_without_limit():
    q = np.full(3, 1 / 3)
    for _ in range(200):
        q = q * np.exp(0.1 * np.array([0.5, 0.6, 0.7]))
    assert q.sum() > 1e4
