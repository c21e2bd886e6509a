"""What a client holds and what it minimises: a linear model whose gradient is inputs times residuals.

    x    inputs (n, d)      y    targets (n, c): one-hot labels, or numbers
    w    weights (d, c)     z    margins xw, (…, n, c)           F_k   mean loss of client k's n_k examples

For both families ∇F_k(w) = xᵀ(predict(xw) − y)/n_k, so one client function serves classifiers and quadratics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray

from lsml_core.data.clients import Parts
from lsml_core.data.datasets import Dataset, checked_indices

Weights = Float64[ndarray, "d c"]
StartWeights = Float[ndarray, "d c"]
"""What a caller starts from; it is taken by its values in float64."""
PerClient = Float64[ndarray, " clients"]


class Client(NamedTuple):
    """One device and the examples that never leave it. The arrays are the caller's own, not copies."""

    x: Float64[ndarray, "n d"]
    y: Float64[ndarray, "n c"]


@runtime_checkable
class Family(Protocol):
    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]: ...
    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]: ...


@dataclass(frozen=True)
class Softmax:
    """Multinomial logistic regression: loss −log p_y with p = softmax(z)."""

    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]:
        p = z - z.max(-1, keepdims=True)  # the largest margin is 0: no overflow
        np.exp(p, out=p)
        p /= p.sum(-1, keepdims=True)
        return p

    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]:
        top = z.max(-1, keepdims=True)
        return np.log(np.exp(z - top).sum(-1)) + top[:, 0] - (y * z).sum(-1)


@dataclass(frozen=True)
class Squares:
    """Least squares: loss ½‖z − y‖². Without noise on y, F_k is the quadratic ½(w − c)ᵀH(w − c)."""

    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]:
        return z

    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]:
        return ((z - y) ** 2).sum(-1) / 2


def client_of(data: Dataset) -> Client:
    """Inputs flattened, with a constant 1 as the last one (its weight is the intercept); labels one-hot."""
    flat = data.x.reshape(len(data), -1).astype(np.float64)
    return Client(np.hstack([flat, np.ones((len(data), 1))]), np.eye(len(data.classes))[data.y])


def deal(data: Dataset, parts: Parts) -> list[Client]:
    """One client for each index array of `data.clients`; an example may go to several.

    ValueError: indices outside 0 … n − 1, or a client without examples.
    """
    for k, part in enumerate(parts):
        if not len(checked_indices(part, len(data))):
            raise ValueError(f"client {k} has no examples")
    whole = client_of(data)
    return [Client(whole.x[part], whole.y[part]) for part in parts]


def zeros(clients: Sequence[Client]) -> Weights:
    """w = 0, in the clients' shape."""
    return np.zeros((clients[0].x.shape[1], clients[0].y.shape[1]))


def sizes(clients: Sequence[Client]) -> PerClient:
    """n_k."""
    return np.array([len(client.y) for client in clients], dtype=float)


def losses(clients: Sequence[Client], w: Weights, family: Family = Softmax()) -> PerClient:
    """F_k(w) of every client."""
    return np.array([family.losses(client.x @ w, client.y).mean() for client in clients])


def accuracies(clients: Sequence[Client], w: Weights) -> PerClient:
    """Share of every client's examples whose largest margin is that of their label; nan if w diverged."""
    margins = [c.x @ w for c in clients]
    correct = [(z.argmax(1) == c.y.argmax(1)).mean() for z, c in zip(margins, clients, strict=True)]
    return np.where([np.isfinite(z).all() for z in margins], correct, np.nan)


def mean(values: PerClient, clients: Sequence[Client]) -> float:
    """Σ n_k values_k / Σ n_k: the mean over examples."""
    return float(np.average(values, weights=sizes(clients)))


def gradient(clients: Sequence[Client], w: Weights, family: Family = Softmax()) -> Weights:
    """∇f(w) of f = Σ n_k F_k / Σ n_k."""
    sums = [c.x.T @ (family.predict(c.x @ w) - c.y) for c in clients]
    return np.sum(sums, axis=0) / sizes(clients).sum()
