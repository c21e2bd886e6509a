"""Upper bounds on the error after k steps on convex functions: the curves to draw beside a run.

    k       steps made, ≥ 1                         n, b    examples, and examples per step
    L, mu   largest and smallest curvature of f     L_max   largest curvature of a single fᵢ
    R       distance from start to minimiser        kappa   κ = L/μ
    sigma   σ: E‖∇fᵢ(w) − ∇f(w)‖² ≤ σ² wherever the run goes

Each bound holds for every function of its class; a single run is usually below it. `worst_case` has functions
that reach it. All arguments broadcast. ValueError: a count below 1, or a constant that is negative, nan or
infinite.
"""

import numpy as np
from jaxtyping import Num
from numpy import ndarray

from lsml_core.optimization.arrays import Numbers, Values
from lsml_core.validation import check_count, check_not_negative, check_positive


def gradient_descent_bound(k: Numbers, *, L: Numbers, R: Numbers) -> Values:
    """Gradient descent with η = 1/L: f(w_k) − f* ≤ L R²/(4k + 2). The slide's O(1/k), with the best constant.

    k: steps.   L: largest curvature.   R: distance from start to minimiser.
    Drori & Teboulle (Math. Programming, 2014).
    """
    check_not_negative(L=L, R=R)
    return L * np.square(R) / (4 * _steps(k) + 2)


def linear_bound(k: Numbers, *, mu: Numbers, L: Numbers, R: Numbers) -> Values:
    """Gradient descent on strongly convex f, η = 2/(μ + L): ‖w_k − w*‖ ≤ ((κ − 1)/(κ + 1))ᵏ R.

    k: steps.   mu, L: smallest and largest curvature; κ = L/mu.   R: distance from start to minimiser.
    Polyak (1987), "Introduction to Optimization".
    """
    check_not_negative(mu=mu, R=R)
    check_positive(L=L)
    return ((L - mu) / (L + mu)) ** _steps(k) * R


def mini_batch_bound(k: Numbers, *, b: Numbers, L: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """Mini-batch SGD: E f(w̄) − f* ≤ Rσ/√(bk) + L R²/(2k); w̄ is the mean of w₁ … w_k, η is `mini_batch_step`.

    k: steps.   b: examples per step.   L: largest curvature.   R: distance from start to minimiser.
    sigma: σ, E‖∇fᵢ − ∇f‖² ≤ σ².
    The slide's O(1/√(bk) + 1/k): a larger batch reduces the first term only, so it pays up to about b = k.
    With b = 1 it is SGD's O(1/√k).  Lan (Math. Programming, 2012); Dekel et al. (JMLR 2012).
    """
    check_not_negative(L=L, R=R, sigma=sigma)
    check_positive(b=b)
    return R * sigma / np.sqrt(b * _steps(k)) + L * np.square(R) / (2 * k)


def mini_batch_step(k: Numbers, *, b: Numbers, L: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """The step size of `mini_batch_bound`: η = 1/(L + σ√k/(R√b)), constant over all k steps.

    k, b, L, R, sigma: as in `mini_batch_bound`.
    Without noise it is 1/L; more noise makes it smaller.
    """
    check_not_negative(L=L, sigma=sigma)
    check_positive(R=R)
    check_positive(b=b)
    return 1 / (L + sigma * np.sqrt(_steps(k) / b) / R)


def sgd_bound(k: Numbers, *, eta: Numbers, b: Numbers, mu: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """SGD: E‖w_k − w*‖² ≤ (1 − ημ)ᵏ R² + 2ησ²/(bμ), constant η ≤ 1/(2L_max), draws with replacement.

    k: steps.   eta: step size.   b: examples per step.   mu: smallest curvature.   R: distance from start to
    minimiser.   sigma: σ, E‖∇fᵢ(w*)‖² = σ².
    Here σ is needed at w* only. The first term falls as fast as for gradient descent with the same η; the
    second is a floor, which only a smaller η or a larger batch lowers.  Gower et al. (ICML 2019).
    """
    check_positive(eta=eta, mu=mu)
    check_not_negative(R=R, sigma=sigma)
    check_positive(b=b)
    return (1 - eta * mu) ** _steps(k) * np.square(R) + 2 * eta * np.square(sigma) / (b * mu)


def svrg_rate(*, mu: Numbers, L_max: Numbers, eta: Numbers, inner: Numbers) -> Values:
    """SVRG: factor of E f(w̃) − f* between snapshots, 1/(μη(1 − 2L_maxη)·inner) + 2L_maxη/(1 − 2L_maxη).

    mu: smallest curvature of f.   L_max: largest curvature of a single fᵢ.   eta: step size.
    inner: steps between snapshots.
    A factor of 1 or more promises nothing; it is inf for η ≥ 1/(2L_max).  Johnson & Zhang (NIPS 2013), whose
    snapshot is a random one of the inner points.
    """
    check_positive(mu=mu, L_max=L_max, eta=eta, inner=inner)
    rest = 1 - 2 * np.asarray(L_max * eta, dtype=float)
    with np.errstate(divide="ignore"):
        rate = 1 / (mu * eta * rest * inner) + 2 * L_max * eta / rest
    return np.where(rest > 0, rate, np.inf)[()]


def saga_bound(k: Numbers, *, n: Numbers, mu: Numbers, L_max: Numbers, R: Numbers, gap: Numbers) -> Values:
    """SAGA, η = 1/(3L_max): E‖w_k − w*‖² ≤ (1 − min(1/(4n), μ/(3L_max)))ᵏ (R² + 2n/(3L_max)·gap).

    k: steps.   n: examples.   mu: smallest curvature of any single fᵢ.   L_max: largest one.
    R: distance from start to minimiser.
    gap: f(w₀) − f*.
    The theorem assumes that every fᵢ is μ-strongly convex, not f alone. (w·xᵢ − yᵢ)²/2 has curvature 0 across
    xᵢ: for least squares in two or more dimensions μ is l2 here, and without l2 the theorem promises nothing.
    The step size does not depend on μ.  Defazio, Bach & Lacoste-Julien (NIPS 2014).
    """
    check_positive(n=n, L_max=L_max)
    check_not_negative(mu=mu, R=R, gap=gap)
    rate = 1 - np.minimum(1 / (4 * np.asarray(n, dtype=float)), mu / (3 * L_max))
    return rate ** _steps(k) * (np.square(R) + 2 * n / (3 * L_max) * gap)


def mini_batch_variance(b: Numbers, *, variance: Numbers, n: int | None = None) -> Values:
    """σ²/b for draws with replacement; given n, (n − b)/(n − 1) · σ²/b for subsets without.

    variance: σ² of a single example's gradient. The subset of all n examples has variance 0.
    ValueError: b < 1, or b > n where n is given.
    """
    check_not_negative(variance=variance)
    _check_batch(b)
    if n is not None and (np.asarray(b) > check_count("n", n)).any():
        raise ValueError(f"b={b} must be at most n={n}, because a subset has at most n examples")
    correction = 1.0 if n is None else (n - np.asarray(b, dtype=float)) / max(n - 1, 1)
    return correction * variance / np.asarray(b, dtype=float)


def log_slope(x: Num[ndarray, " m"], y: Num[ndarray, "m ..."]) -> Values:
    """The exponent p of the best fit y ≈ c·xᵖ, along the first axis of y: the slope in log-log axes.

    x: positive numbers, (m,), at least two of them different.   y: positive numbers, (m, …); one that is not
    makes the slope nan.
    """
    check_positive(x=x)
    if len(np.unique(x)) < 2:
        raise ValueError(f"x={x} must hold at least two different numbers")
    t = np.log(x) - np.log(x).mean()
    return np.tensordot(t, np.log(y), axes=1) / (t @ t)


def _steps(k: Numbers) -> Numbers:
    if not (np.asarray(k) >= 1).all():
        raise ValueError(f"k={k} must be at least 1")
    return k


def _check_batch(b: Numbers) -> None:
    if not (np.asarray(b) >= 1).all():
        raise ValueError(f"b={b} must be at least 1")
