"""Where FedAvg and FedProx converge on quadratics, in closed form: not to the optimum if clients differ.

    H, c   curvature (d, d) and minimiser (d,) of F_k(w) = ½(w − c)ᵀH(w − c)
    p      weights of the clients, summing to 1   T      local steps on all of a client's data
    A_k    local progress: the fraction of its way to c_k that client k covers, w_k = w + A_k(c_k − w)

A round is w ← w + Σ p_k A_k(c_k − w), so it converges to (Σ p_k A_k)⁻¹ Σ p_k A_k c_k. The optimum has H_k in
place of A_k. With one step A_k = ηH_k and the two agree; many steps bring every A_k to I, whatever H_k is.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.parallel.federated.clients import Client
from lsml_core.validation import check_count, check_finite, check_kind, check_not_negative, check_positive

Vector = Float[ndarray, " d"]
Matrices = Float[ndarray, "k d d"]


class QuadraticClients(NamedTuple):
    """One quadratic per client: curvatures H, minimisers c, and the clients' weights p."""

    H: Matrices
    c: Float[ndarray, "k d"]
    p: Float[ndarray, " k"]

    @property
    def optimum(self) -> Vector:
        """The minimiser of Σ p_k F_k."""
        return _balance_point(self.H, self)

    def clients(self) -> list[Client]:
        """Least-squares clients with these F_k and d examples each, for `family=LinearRegression()`.

        ValueError unless all p_k are equal: clients with equally many examples have equal weight.
        """
        if not np.allclose(self.p, 1 / len(self.p)):
            raise ValueError(f"p={self.p} must be equal for all clients")
        check_finite(H=self.H, c=self.c)
        d = self.c.shape[1]
        roots = [np.sqrt(d) * np.linalg.cholesky(H).T for H in self.H]
        return [Client(x, (x @ c)[:, None]) for x, c in zip(roots, self.c, strict=True)]

    def value(self, w: Float[ndarray, "... d"]) -> Float[ndarray, "... k"]:
        """F_k(w) of every client."""
        away = w[..., None, :] - self.c
        return np.einsum("...ki,kij,...kj->...k", away, self.H, away) / 2


def local_paths(
    clients: QuadraticClients, w: Vector, rounds: int, *, eta: float | int, T: int, mu: float | int = 0.0
) -> Float[ndarray, "rounds k points d"]:
    """The local weights of every client after 0, 1, …, T steps of every round.

    clients: the quadratics.   w: start, (d,).   eta: step size.   T: local steps.   mu: proximal term.
    All clients start a round from the weighted mean of where they ended the last one.
    ValueError: rounds or T negative or not integers; eta or mu out of range.
    """
    _check_clients(clients)
    rounds, T = check_count("rounds", rounds, 0), check_count("T", T, 0)
    check_finite(w=w)
    check_positive(eta=eta)
    check_not_negative(mu=mu)
    paths = np.empty((rounds, len(clients.p), T + 1, len(w)))
    for path in paths:
        w_k = path[:, 0] = np.tile(w, (len(clients.p), 1))
        for t in range(1, T + 1):
            g = (clients.H @ (w_k - clients.c)[..., None])[..., 0]
            w_k = path[:, t] = w_k - eta * (g + mu * (w_k - w))
        w = clients.p @ w_k
    return paths


def accumulated_steps(
    H: Float[ndarray, "d d"], c: Vector, w: Vector, *, eta: float | int, T: int
) -> Float[ndarray, "times d"]:
    """Δw ← Δw − η∇F(w), w ← w + Δw, from Δw = 0: a local loop that never resets Δw. All weights w_0, …, w_T.

    H, c: curvature and minimiser of F(w) = ½(w − c)ᵀH(w − c).   w: start.   eta: step size.   T: local steps.
    Each step adds all earlier steps once more: this is momentum with β = 1. On a quadratic with ηh < 4 both
    roots of z² − (2 − ηh)z + 1 have modulus 1, so w circles around c for ever. Local SGD has Δw = −η∇F(w).
    """
    check_finite(H=H, c=c, w=w)
    check_positive(eta=eta)
    path, dw = np.empty((check_count("T", T, 0) + 1, len(w))), np.zeros(len(w))
    path[0] = w
    for t in range(T):
        dw = dw - eta * H @ (path[t] - c)
        path[t + 1] = path[t] + dw
    return path


def prox_decrease(B: float | int, *, L: float | int, mu: float | int) -> float:
    """ρ = (1 − LB/μ − LB²/(2μ))/μ: a round of FedProx lowers f by at least ρ‖∇f(w)‖² if ρ > 0.

    B: dissimilarity of the clients at w, see `model.dissimilarity`.   L: smoothness of every F_k.   mu: μ.
    For convex F_k that are minimised exactly, with all clients in the round. Li et al. (MLSys 2020) prove it
    also for inexact local work, a part of the clients, and some non-convexity.
    """
    check_positive(L=L, mu=mu)
    return float((1 - L * B / mu - L * B**2 / (2 * mu)) / mu)


def local_progress(clients: QuadraticClients, *, eta: float | int, T: int, mu: float | int = 0.0) -> Matrices:
    """A_k = (I − (I − η(H_k + μI))^T)(H_k + μI)⁻¹H_k, one matrix per client.

    clients: the quadratics.   eta: step size.   T: local steps.   mu: weight of the proximal term.
    T steps go the first factor of the way to the client's own optimum, which the proximal term moves to
    w + (H_k + μI)⁻¹H_k(c_k − w).
    """
    _check_clients(clients)
    T = check_count("T", T)
    check_positive(eta=eta)
    check_not_negative(mu=mu)
    identity = np.eye(clients.c.shape[1])
    H_prox = clients.H + mu * identity
    remaining = np.stack([np.linalg.matrix_power(identity - eta * h, T) for h in H_prox])
    return (identity - remaining) @ np.linalg.solve(H_prox, clients.H)


def fixed_point(clients: QuadraticClients, *, eta: float | int, T: int, mu: float | int = 0.0) -> Vector:
    """Where rounds of T local steps converge, if they do.

    clients: the quadratics.   eta: step size.   T: local steps.   mu: weight of the proximal term.
    """
    return _balance_point(local_progress(clients, eta=eta, T=T, mu=mu), clients)


def prox_fixed_point(clients: QuadraticClients, mu: float | int) -> Vector:
    """The same for clients that minimise F_k + μ/2 ‖w_k − w‖² exactly: T → ∞. For μ → ∞ it is the optimum.

    clients: the quadratics.   mu: weight of the proximal term, at least 0.
    """
    _check_clients(clients)
    check_not_negative(mu=mu)
    identity = np.eye(clients.c.shape[1])
    return _balance_point(np.linalg.solve(clients.H + mu * identity, clients.H), clients)


def contraction_factor(
    clients: QuadraticClients, *, eta: float | int, T: int, mu: float | int = 0.0
) -> float:
    """Factor by which a round eventually shrinks the distance to the fixed point; from 1 on it diverges.

    clients: the quadratics.   eta: step size.   T: local steps.   mu: weight of the proximal term.
    """
    progress = local_progress(clients, eta=eta, T=T, mu=mu)
    mean = np.tensordot(clients.p, progress, axes=1)
    return float(np.abs(np.linalg.eigvals(np.eye(len(mean)) - mean)).max())


def rotated(curvatures: Sequence[float] | Float[ndarray, "2"], angle: float) -> Float[ndarray, "2 2"]:
    """The 2 × 2 matrix with these eigenvalues, whose eigenvectors are rotated by `angle` radians.

    curvatures: the two eigenvalues.   angle: in radians.
    """
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return rotation @ np.diag(curvatures) @ rotation.T


def level_line(
    H: Float[ndarray, "2 2"], c: Float[ndarray, " 2"], height: float | int, points: int = 90
) -> Float[ndarray, "points 2"]:
    """The closed curve on which ½(w − c)ᵀH(w − c) equals `height`.

    H, c: curvature and minimiser.   height: at least 0.   points: how many points of the curve to return.
    """
    angle = np.linspace(0, 2 * np.pi, points)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    return c + (np.sqrt(2 * height) * np.linalg.solve(np.linalg.cholesky(H).T, circle)).T


def _balance_point(weight: Matrices, clients: QuadraticClients) -> Vector:
    """The w with Σ p_k weight_k (c_k − w) = 0."""
    pull = np.einsum("k,kij,kj->i", clients.p, weight, clients.c)
    return np.linalg.solve(np.tensordot(clients.p, weight, axes=1), pull)


def _check_clients(clients: QuadraticClients) -> None:
    check_kind("clients", clients, QuadraticClients, "QuadraticClients(H, c, p)")
