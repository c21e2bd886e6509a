"""Where FedAvg and FedProx end on quadratics, in closed form: not at the optimum, if clients differ.

    H, c   curvature (d, d) and minimiser (d,) of F_k(w) = ½(w − c)ᵀH(w − c)
    p      weights of the clients, of sum 1       T      local steps on all of a client's data
    A_k    share of its way to c that client k covers in a round: w_k = w + A_k(c_k − w)

A round is w ← w + Σ p_k A_k(c_k − w), so it ends at (Σ p_k A_k)⁻¹ Σ p_k A_k c_k. The optimum has H_k in
place of A_k. With one step A_k = ηH_k and the two agree; many steps bring every A_k to 1, whatever H_k is.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.parallel.federated.model import Client
from lsml_core.validation import check_count, check_finite, check_not_negative, check_positive

Vector = Float[ndarray, " d"]
Matrices = Float[ndarray, "k d d"]


class Bowls(NamedTuple):
    """A quadratic for each client, and the clients' weights."""

    H: Matrices
    c: Float[ndarray, "k d"]
    p: Float[ndarray, " k"]

    @property
    def optimum(self) -> Vector:
        return _balance(self.H, self)

    def clients(self) -> list[Client]:
        """Least-squares clients with these F_k and d examples each, to be run with `family=Squares()`.

        ValueError unless all p_k are equal: clients of d examples count alike.
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


def fans(
    bowls: Bowls, w: Vector, rounds: int, *, eta: float | int, T: int, mu: float | int = 0.0
) -> Float[ndarray, "rounds k points d"]:
    """The local paths of every round: all clients start from the mean of where the last ones ended.

    ValueError: rounds or T negative or not integers; eta or mu out of range.
    """
    rounds, T = check_count("rounds", rounds, 0), check_count("T", T, 0)
    check_positive(eta=eta)
    check_not_negative(mu=mu)
    found = [np.empty((0, *bowls.c.shape[:1], T + 1, len(w)))]
    for _ in range(rounds):
        w_k = np.tile(w, (len(bowls.p), 1))
        path = [w_k]
        for _ in range(T):
            g = (bowls.H @ (w_k - bowls.c)[..., None])[..., 0]
            w_k = w_k - eta * (g + mu * (w_k - w))
            path.append(w_k)
        found.append(np.stack(path, axis=1)[None])
        w = bowls.p @ w_k
    return np.concatenate(found)


def coverage(bowls: Bowls, *, eta: float | int, T: int, mu: float | int = 0.0) -> Matrices:
    """A_k = (1 − (1 − η(H_k + μ))^T)(H_k + μ)⁻¹H_k: T steps of the way to the client's own optimum, which
    the pull moves to w + (H_k + μ)⁻¹H_k(c_k − w)."""
    T = check_count("T", T)
    check_positive(eta=eta)
    check_not_negative(mu=mu)
    one = np.eye(bowls.c.shape[1])
    pulled = bowls.H + mu * one
    left = np.stack([np.linalg.matrix_power(one - eta * h, T) for h in pulled])
    return (one - left) @ np.linalg.solve(pulled, bowls.H)


def fixed_point(bowls: Bowls, *, eta: float | int, T: int, mu: float | int = 0.0) -> Vector:
    """Where rounds of T local steps end, if they converge."""
    return _balance(coverage(bowls, eta=eta, T=T, mu=mu), bowls)


def prox_fixed_point(bowls: Bowls, mu: float | int) -> Vector:
    """The same for clients that minimise F_k + μ/2 ‖w_k − w‖² exactly: T → ∞. At μ → ∞ it is the optimum."""
    check_not_negative(mu=mu)
    one = np.eye(bowls.c.shape[1])
    return _balance(np.linalg.solve(bowls.H + mu * one, bowls.H), bowls)


def contraction(bowls: Bowls, *, eta: float | int, T: int, mu: float | int = 0.0) -> float:
    """Factor by which a round shrinks the distance to the fixed point in the end; 1 and more diverges."""
    mean = np.tensordot(bowls.p, coverage(bowls, eta=eta, T=T, mu=mu), axes=1)
    return float(np.abs(np.linalg.eigvals(np.eye(len(mean)) - mean)).max())


def turned(curvatures: Sequence[float] | Float[ndarray, "2"], angle: float) -> Float[ndarray, "2 2"]:
    """A 2 × 2 matrix with these eigenvalues, turned by `angle` radians."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag(curvatures) @ turn.T


def _balance(weight: Matrices, bowls: Bowls) -> Vector:
    """The w with Σ p_k weight_k (c_k − w) = 0."""
    pull = np.einsum("k,kij,kj->i", bowls.p, weight, bowls.c)
    return np.linalg.solve(np.tensordot(bowls.p, weight, axes=1), pull)
