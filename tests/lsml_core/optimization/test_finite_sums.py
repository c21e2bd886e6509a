import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

from lsml_core.optimization.finite_sums import FiniteSum, LeastSquares, Logistic

SEEDS = st.integers(0, 2**32 - 1)
MODELS = [LeastSquares, Logistic]
every_model = pytest.mark.parametrize("model", MODELS)


def examples(seed=0, n=30, d=4):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, np.sign(x @ rng.normal(size=d) + rng.normal(size=n))


@every_model
@given(seed=SEEDS, l2=st.sampled_from([0.0, 0.3]))
def test_the_gradient_is_the_slope_of_the_value(model, seed, l2):
    f, rng = model(*examples(seed), l2), np.random.default_rng(seed)
    w, direction, h = rng.normal(size=4), rng.normal(size=4), 1e-5
    slope = (f.value(w + h * direction) - f.value(w - h * direction)) / (2 * h)
    assert slope == pytest.approx(f.grad(w) @ direction, rel=1e-6, abs=1e-8)


@every_model
@given(seed=SEEDS)
def test_the_gradient_is_the_mean_over_the_examples(model, seed):
    f = model(*examples(seed), 0.1)
    w = np.random.default_rng(seed).normal(size=(3, 4))
    np.testing.assert_allclose(f.grads(w, np.arange(f.n)).mean(-2), f.grad(w), atol=1e-12)


@every_model
def test_an_examples_gradient_is_that_of_the_loss_of_it_alone(model):
    x, y = examples()
    f, w = model(x, y, 0.1), np.array([0.3, -1.0, 2.0, 0.0])
    alone = [model(x[i : i + 1], y[i : i + 1], 0.1).grad(w) for i in range(len(y))]
    np.testing.assert_allclose(f.grads(w, np.arange(f.n)), alone, atol=1e-14)


@every_model
@given(seed=SEEDS, b=st.integers(1, 5))
def test_a_batch_gradient_is_the_mean_of_its_examples_for_every_point_and_run(model, seed, b):
    f, rng = model(*examples(seed), 0.1), np.random.default_rng(seed)
    w, i = rng.normal(size=(2, 3, 4)), rng.integers(f.n, size=(3, b))
    g = f.batch_grad(w, i)
    np.testing.assert_allclose(g, f.grads(w, i).mean(-2), atol=1e-12)
    by_hand = [[f.grads(w[e, r], i[r]).mean(0) for r in range(3)] for e in range(2)]
    np.testing.assert_allclose(g, by_hand, atol=1e-12)


@every_model
@given(seed=SEEDS)
def test_no_curvature_leaves_the_range_from_mu_to_L(model, seed):
    f, rng = model(*examples(seed), 0.1), np.random.default_rng(seed)
    a, b = 0.01 * rng.normal(size=(2, 200, 4))
    curvature = ((f.grad(a) - f.grad(b)) * (a - b)).sum(-1) / ((a - b) ** 2).sum(-1)
    assert f.mu - 1e-9 <= curvature.min() <= curvature.max() <= f.L + 1e-9
    assert f.L_max >= f.L


@every_model
def test_the_largest_curvatures_are_reached_along_the_worst_direction(model):
    x, y = examples()
    f, h, zero = model(x, y, 0.1), 1e-4, np.zeros(4)
    worst = np.linalg.eigh(x.T @ x)[1][:, -1]  # the logistic loss bends most at margin 0
    assert (f.grad(h * worst) - f.grad(zero)) @ worst / h == pytest.approx(f.L, rel=1e-6)
    longest = int((x**2).sum(1).argmax())
    unit = x[longest] / np.linalg.norm(x[longest])
    steepest = f.grads(h * unit, np.array([longest])) - f.grads(zero, np.array([longest]))
    assert (steepest[0] @ unit) / h == pytest.approx(f.L_max, rel=1e-6)


def test_minimisers_are_those_of_scikit_learn():
    x, y = examples()
    ridge = Ridge(alpha=0.2 * len(y), fit_intercept=False).fit(x, y)
    np.testing.assert_allclose(LeastSquares(x, y, 0.2).minimiser, ridge.coef_, rtol=1e-9)
    logistic = LogisticRegression(C=1 / (0.2 * len(y)), fit_intercept=False, tol=1e-10).fit(x, y)
    np.testing.assert_allclose(Logistic(x, y, 0.2).minimiser, logistic.coef_[0], rtol=1e-5)


@pytest.mark.parametrize("l2", [1.0, 1e-3, 1e-8])
def test_newton_finds_the_logistic_minimiser_of_separable_examples_too(l2):
    x, _ = examples()
    f = Logistic(100 * x, np.sign(x[:, 0]), l2)
    assert np.linalg.norm(f.grad(f.minimiser)) < 1e-9


def test_newton_is_not_thrown_off_by_examples_of_very_different_length():
    """Whole Newton steps never come back from some of these."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.standard_t(1.2, size=(10, 4)) * np.exp(2 * rng.normal(size=(10, 1)))
        f = Logistic(x, rng.choice([-1.0, 1.0], 10), 1e-7)
        assert np.linalg.norm(f.grad(f.minimiser)) < 1e-9


def test_of_many_minimisers_the_shortest_is_given():
    f = LeastSquares(np.array([[1.0, 1.0]]), np.array([2.0]))
    np.testing.assert_allclose(f.minimiser, [1.0, 1.0])
    assert f.mu == pytest.approx(0, abs=1e-12)


@given(
    seed=SEEDS,
    n=st.integers(1, 12),
    d=st.integers(1, 6),
    rank=st.integers(1, 6),
    l2=st.sampled_from([0.0, 1e-3]),
)
def test_the_least_squares_minimiser_is_that_of_the_pseudoinverse(seed, n, d, rank, l2):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, d)), rng.normal(size=n)
    padded = np.vstack([x, (n * l2) ** 0.5 * np.eye(d)])
    expected = np.linalg.lstsq(padded, np.append(y, np.zeros(d)), rcond=1e-10)[0]
    np.testing.assert_allclose(LeastSquares(x, y, l2).minimiser, expected, rtol=1e-5, atol=1e-7)


@given(seed=SEEDS, powers=st.lists(st.integers(-12, 12), min_size=3, max_size=3))
def test_the_unit_of_a_feature_changes_the_minimiser_by_that_unit_only(seed, powers):
    """Normal equations take what is small because of its unit for rounding."""
    rng, units = np.random.default_rng(seed), 10.0 ** np.array(powers)
    x = rng.normal(size=(40, 3))
    y = x @ rng.normal(size=3) + rng.normal(size=40)
    plain, scaled = LeastSquares(x, y).minimiser, LeastSquares(x * units, y).minimiser
    np.testing.assert_allclose(scaled * units, plain, rtol=1e-6, atol=1e-9)


def test_curvatures_of_features_in_very_different_units_are_all_found():
    x = np.linalg.qr(np.random.default_rng(0).normal(size=(50, 2)))[0] * np.sqrt(50) * [1e6, 1e-4]
    f = LeastSquares(x, np.ones(50))
    assert pytest.approx(1e12, rel=1e-9) == f.L
    assert f.mu == pytest.approx(1e-8, rel=1e-3)


@given(seed=SEEDS, powers=st.lists(st.integers(-6, 6), min_size=2, max_size=2))
def test_newton_is_not_thrown_off_by_units(seed, powers):
    rng, units = np.random.default_rng(seed), 10.0 ** np.array(powers)
    x = rng.normal(size=(30, 2)) * units
    f = Logistic(x, rng.choice([-1.0, 1.0], 30), 1e-3)
    assert abs(f.grad(f.minimiser) / units).max() < 1e-8


@every_model
def test_what_is_cached_or_given_cannot_change_the_loss_afterwards(model):
    x, y = examples()
    f = model(x, y, 0.1)
    value = f.value(np.ones(4))
    x[:], y[:] = 0, 0
    assert f.value(np.ones(4)) == value
    for array in (f.x, f.y, f.minimiser):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_huge_margins_do_not_overflow():
    f = Logistic(np.array([[1e4]]), np.array([1.0]))
    with np.errstate(over="raise", invalid="raise"):
        assert f.value(np.array([-1.0])) == pytest.approx(1e4)
        np.testing.assert_allclose(f.grad(np.array([[-1.0], [1.0]])), [[-1e4], [0.0]])


@every_model
def test_every_model_is_a_finite_sum(model):
    assert isinstance(model(*examples()), FiniteSum)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("x", "y", "l2", "complaint"),
    [
        (np.ones(3), np.ones(3), 0.0, r"must be \(n, d\)"),
        (np.ones((3, 2)), np.ones(2), 0.0, r"must be \(n, d\)"),
        (np.ones((0, 2)), np.ones(0), 0.0, r"must be \(n, d\)"),
        (np.full((3, 2), np.nan), np.ones(3), 0.0, "must be finite"),
        (np.ones((3, 2)), np.ones(3), -0.1, "l2=-0.1 must be finite, and l2 at least 0"),
    ],
)
@every_model
def test_examples_that_do_not_fit_are_refused(model, x, y, l2, complaint):
    with pytest.raises(ValueError, match=complaint):
        model(x, y, l2)


def test_labels_other_than_signs_and_a_minimum_at_infinity_are_refused():
    with pytest.raises(ValueError, match="must be −1 or \\+1"):
        Logistic(np.ones((2, 1)), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match=r"l2=0\.0 must be above 0"):
        _ = Logistic(np.ones((2, 1)), np.ones(2)).minimiser
