"""What theory promises after k steps on convex functions: the curves to draw beside a run.

    k       steps made, ≥ 1                         n, b    examples, and examples a step
    L, mu   largest and smallest curvature of f     L_max   largest curvature of a single fᵢ
    R       distance from start to minimiser        kappa   κ = L/μ
    sigma   σ: E‖∇fᵢ(w) − ∇f(w)‖² ≤ σ² wherever the run goes

Each is an upper bound for every function of its kind: a run may be, and usually is, below it. Which
functions reach it is shown in `worst_case`. Everything broadcasts. ValueError: a count below 1, or a constant
that is negative, nan or infinite.
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.validation import check_count, check_not_negative, check_positive

Numbers = float | int | Num[ndarray, "..."]
Values = Float[Any, "..."]


def gradient_descent_bound(k: Numbers, *, L: Numbers, R: Numbers) -> Values:
    """f(w_k) − f* ≤ L R²/(4k + 2) for η = 1/L: the O(1/k) of the slide, with the best possible constant.

    Drori & Teboulle (Math. Programming, 2014).
    """
    check_not_negative(L=L, R=R)
    return L * np.square(R) / (4 * _steps(k) + 2)


def linear_bound(k: Numbers, *, mu: Numbers, L: Numbers, R: Numbers) -> Values:
    """‖w_k − w*‖ ≤ ((κ − 1)/(κ + 1))ᵏ R for η = 2/(μ + L): gradient descent where every direction curves.

    Polyak (1987), "Introduction to Optimization".
    """
    check_not_negative(mu=mu, R=R)
    check_positive(L=L)
    return ((L - mu) / (L + mu)) ** _steps(k) * R


def mini_batch_bound(k: Numbers, *, b: Numbers, L: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """E f(w̄) − f* ≤ Rσ/√(bk) + L R²/(2k) for η = `mini_batch_step`, w̄ the mean of w₁ … w_k.

    The slide's O(1/√(bk) + 1/k): the batch buys down the noise only, so it is spent well up to b ~ k.
    With b = 1 it is the O(1/√k) of SGD.  Lan (Math. Programming, 2012); Dekel et al. (JMLR 2012).
    """
    check_not_negative(L=L, R=R, sigma=sigma)
    check_positive(b=b)
    return R * sigma / np.sqrt(b * _steps(k)) + L * np.square(R) / (2 * k)


def mini_batch_step(k: Numbers, *, b: Numbers, L: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """η = 1/(L + σ√k/(R√b)), the same for all k steps: 1/L without noise, shorter for more of it."""
    check_not_negative(L=L, sigma=sigma)
    check_positive(R=R)
    check_positive(b=b)
    return 1 / (L + sigma * np.sqrt(_steps(k) / b) / R)


def sgd_bound(k: Numbers, *, eta: Numbers, b: Numbers, mu: Numbers, R: Numbers, sigma: Numbers) -> Values:
    """E‖w_k − w*‖² ≤ (1 − ημ)ᵏ R² + 2ησ²/(bμ) for constant η ≤ 1/(2L_max) and draws with replacement.

    Here σ is needed at w* only. The start is forgotten as fast as by gradient descent with that η; then
    comes a floor, which only a smaller η or a larger batch lowers.  Gower et al. (ICML 2019).
    """
    check_positive(eta=eta, mu=mu)
    check_not_negative(R=R, sigma=sigma)
    check_positive(b=b)
    return (1 - eta * mu) ** _steps(k) * np.square(R) + 2 * eta * np.square(sigma) / (b * mu)


def svrg_rate(*, mu: Numbers, L_max: Numbers, eta: Numbers, inner: Numbers) -> Values:
    """Factor of E f(w̃) − f* from anchor to anchor: 1/(μη(1 − 2L_maxη)·inner) + 2L_maxη/(1 − 2L_maxη).

    Promises nothing where it is 1 or more; inf for η ≥ 1/(2L_max).  Johnson & Zhang (NIPS 2013), whose
    anchor is a random one of the inner points.
    """
    check_positive(mu=mu, L_max=L_max, eta=eta, inner=inner)
    rest = 1 - 2 * np.asarray(L_max * eta, dtype=float)
    with np.errstate(divide="ignore"):
        rate = 1 / (mu * eta * rest * inner) + 2 * L_max * eta / rest
    return np.where(rest > 0, rate, np.inf)[()]


def saga_bound(k: Numbers, *, n: Numbers, mu: Numbers, L_max: Numbers, R: Numbers, gap: Numbers) -> Values:
    """E‖w_k − w*‖² ≤ (1 − min(1/(4n), μ/(3L_max)))ᵏ (R² + 2n/(3L_max)·gap) for η = 1/(3L_max).

    gap = f(w₀) − f*. No knowledge of μ is needed to choose η.  Defazio, Bach & Lacoste-Julien (NIPS 2014).
    """
    check_positive(n=n, L_max=L_max)
    check_not_negative(mu=mu, R=R, gap=gap)
    rate = 1 - np.minimum(1 / (4 * np.asarray(n, dtype=float)), mu / (3 * L_max))
    return rate ** _steps(k) * (np.square(R) + 2 * n / (3 * L_max) * gap)


def mini_batch_variance(b: Numbers, *, variance: Numbers, n: int | None = None) -> Values:
    """σ²/b for draws with replacement; given n, (n − b)/(n − 1) · σ²/b for subsets without.

    `variance` σ² is that of a single example. A subset of all n examples has none left.
    ValueError: b < 1, or b > n where n is given: no subset is larger than the whole.
    """
    check_not_negative(variance=variance)
    _check_batch(b)
    if n is not None and (np.asarray(b) > check_count("n", n)).any():
        raise ValueError(f"b={b} must be at most n={n}: a subset has no more examples than there are")
    left = 1.0 if n is None else (n - np.asarray(b, dtype=float)) / max(n - 1, 1)
    return left * variance / np.asarray(b, dtype=float)


def log_slope(x: Num[ndarray, " m"], y: Num[ndarray, "m ..."]) -> Values:
    """The exponent p of the best fit y ≈ c·xᵖ, along the first axis of y: a line in log-log axes."""
    t = np.log(x) - np.log(x).mean()
    return np.tensordot(t, np.log(y), axes=1) / (t @ t)


def _steps(k: Numbers) -> Numbers:
    if not (np.asarray(k) >= 1).all():
        raise ValueError(f"k={k} steps must be at least 1")
    return k


def _check_batch(b: Numbers) -> None:
    if not (np.asarray(b) >= 1).all():
        raise ValueError(f"b={b} must be at least 1")
