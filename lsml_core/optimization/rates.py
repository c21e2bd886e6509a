"""Convergence rates on a quadratic, one direction of curvature h at a time.

    eta_h   ηh, step size times curvature: a step depends on both only through this product
    beta    β, momentum, 0 ≤ β < 1      mu, L    smallest and largest curvature
    rate    asymptotic factor per step by which the distance to the minimum shrinks

In one direction a momentum rule is linear: (wₖ₊₁, wₖ) = M (wₖ, wₖ₋₁), so the error behaves like
ρ(M)ᵏ, with ρ the spectral radius. That is asymptotic: M is not symmetric, and where its two eigenvalues
coincide the error is of the order k·ρᵏ, so compute ρ instead of measuring the slope of a short run.
All arguments broadcast: a whole (ηh, β) stability map is one call.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.optimization.arrays import Numbers, Values

Matrices = Float[ndarray, "*batch 2 2"]


class Regime(IntEnum):
    """How w behaves along one direction: converges without changing sign, converges with sign changes, or
    does not converge.
    """

    MONOTONE = 0
    OSCILLATING = 1
    DIVERGENT = 2


class GradientDescentOptimum(NamedTuple):
    """The best step size, and its rate."""

    eta: float
    rate: float


class HeavyBallOptimum(NamedTuple):
    """The best step size and momentum, and their rate.

    eta: η, step size.   beta: β, weight of the last update.   rate: factor of the error per step, below 1.
    """

    eta: float
    beta: float
    rate: float


def momentum_matrix(eta_h: Numbers, beta: Numbers) -> Matrices:
    """M = [[1 + β − ηh, −β], [1, 0]] of `steps.Momentum`.

    eta_h: ηh, step size times curvature, a number or an array.   beta: β, in [0, 1), broadcasts against it.
    """
    return _companion(*_momentum(eta_h, beta))


def nesterov_matrix(eta_h: Numbers, beta: Numbers) -> Matrices:
    """M = [[(1 + β)(1 − ηh), −β(1 − ηh)], [1, 0]] of `steps.Nesterov`.

    eta_h: ηh, step size times curvature, a number or an array.   beta: β, in [0, 1), broadcasts against it.
    Exactly momentum with β(1 − ηh) in place of β, so steep directions converge faster.
    """
    return _companion(*_nesterov(eta_h, beta))


def momentum_spectral_radius(eta_h: Numbers, beta: Numbers) -> Values:
    """ρ of `momentum_matrix`: the larger modulus of the two roots of r² − (1 + β − ηh)r + β.

    eta_h: ηh, step size times curvature, a number or an array.   beta: β, in [0, 1), broadcasts against it.
    Complex roots have modulus √β whatever the curvature: this is why momentum is fast on ravines.
    """
    return _largest_root(*_momentum(eta_h, beta))


def nesterov_spectral_radius(eta_h: Numbers, beta: Numbers) -> Values:
    """ρ of `nesterov_matrix`: below 1 for ηh < 2(1 + β)/(1 + 2β), a shorter range than momentum's.

    eta_h: ηh, step size times curvature, a number or an array.   beta: β, in [0, 1), broadcasts against it.
    """
    return _largest_root(*_nesterov(eta_h, beta))


def regime(eta_h: Numbers, beta: Numbers) -> Int[Any, "..."]:
    """The `Regime` of momentum, as integers: the zones of the (ηh, β) stability map.

    eta_h: ηh, step size times curvature, a number or an array.   beta: β, in [0, 1), broadcasts against it.
    Real positive roots up to ηh = (1 − √β)², then oscillation up to the stability limit 2(1 + β). The limit
    itself counts as divergent (a root of modulus 1), and so does curvature h ≤ 0, a saddle.
    """
    a, b = _arrays(eta_h, beta)
    converging = np.where(a > (1 - np.sqrt(b)) ** 2, Regime.OSCILLATING, Regime.MONOTONE)
    return np.where((a > 0) & (a < 2 * (1 + b)), converging, Regime.DIVERGENT)[()]


def gradient_descent_optimum(mu: float | int, L: float | int) -> GradientDescentOptimum:
    """η = 2/(μ + L) makes |1 − ημ| and |1 − ηL| equal: rate (κ − 1)/(κ + 1), κ = L/μ.

    ValueError unless 0 < mu ≤ L < ∞.
    """
    _check_curvatures(mu, L)
    return GradientDescentOptimum(eta=2 / (mu + L), rate=(L - mu) / (L + mu))


def heavy_ball_optimum(mu: float | int, L: float | int) -> HeavyBallOptimum:
    """η = 4/(√L + √μ)², β = ((√κ − 1)/(√κ + 1))²: rate √β in every direction of the spectrum.

    Gradient descent's κ becomes √κ. At h = μ and h = L the roots coincide, so early steps are slower
    than the rate. ValueError unless 0 < mu ≤ L < ∞.  Polyak (1964).
    """
    _check_curvatures(mu, L)
    small, large = mu**0.5, L**0.5
    rate = (large - small) / (large + small)
    return HeavyBallOptimum(eta=4 / (large + small) ** 2, beta=rate**2, rate=rate)


def _momentum(eta_h: Numbers, beta: Numbers) -> tuple[Values, Values]:
    """Trace and determinant of `momentum_matrix`."""
    a, b = _arrays(eta_h, beta)
    return 1 + b - a, b


def _nesterov(eta_h: Numbers, beta: Numbers) -> tuple[Values, Values]:
    """Trace and determinant of `nesterov_matrix`."""
    a, b = _arrays(eta_h, beta)
    damped = b * (1 - a)
    return 1 + damped - a, damped


def _arrays(eta_h: Numbers, beta: Numbers) -> tuple[Values, Values]:
    a, b = np.broadcast_arrays(np.asarray(eta_h, dtype=float), np.asarray(beta, dtype=float))
    if np.isnan(a).any():
        raise ValueError(f"eta_h={eta_h} must be a number, not nan")
    if not ((b >= 0) & (b < 1)).all():
        raise ValueError(f"beta={beta} must be at least 0 and below 1")
    return a, b


def _companion(trace: Values, det: Values) -> Matrices:
    matrix = np.zeros((*trace.shape, 2, 2))
    matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0] = trace, -det, 1
    return matrix


def _largest_root(trace: Values, det: Values) -> Values:
    """Largest modulus of the roots of r² − trace·r + det: a complex pair has modulus √det."""
    discriminant = trace**2 - 4 * det
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.maximum(det, 0)), real)[()]


def _check_curvatures(mu: float | int, L: float | int) -> None:
    if not 0 < mu <= L < np.inf:
        raise ValueError(f"mu={mu} and L={L} must satisfy 0 < mu <= L < inf")
