"""What a client minimises, and how unlike the clients are.

    x    inputs (n, d)      y    targets (n, c): one-hot labels, or numbers
    w    weights (d, c)     z    margins xw, (…, n, c)           F_k   mean loss of client k's n_k examples

A `Family` gives the loss of a client and its gradient; the algorithms ask for nothing else. The two families
here are linear models with ∇F_k(w) = xᵀ(predict(xw) − y)/n_k, and have compiled local work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from lsml_core.losses import cross_entropy, softmax
from lsml_core.parallel.federated.clients import (
    Client,
    ModelWeights,
    PerClient,
    check_clients,
    sizes,
)
from lsml_core.validation import check_kind


class Family:
    """A model with its loss. Any subclass with `loss` and `gradient` can be trained by FedAvg and q-FFL."""

    def loss(self, w: ModelWeights, client: Client) -> float:
        """F_k(w), the mean loss of the client's examples."""
        raise NotImplementedError

    def gradient(self, w: ModelWeights, client: Client) -> ModelWeights:
        """∇F_k(w), of w's shape."""
        raise NotImplementedError

    def weight_shape(self, client: Client) -> tuple[int, ...] | None:  # noqa: ARG002 - a default
        """The shape that w must have for this client; None if any shape may fit."""
        return None


class LinearFamily(Family):
    """Models of margins z = xw, w of shape (d, c), whose loss has the gradient predict(z) − y in z."""

    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]:
        """Expected targets for the margins z."""
        raise NotImplementedError

    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]:
        """Loss of each example with margins z and target y."""
        raise NotImplementedError

    def loss(self, w: ModelWeights, client: Client) -> float:
        return float(self.losses(client.x @ w, client.y).mean())

    def gradient(self, w: ModelWeights, client: Client) -> ModelWeights:
        return client.x.T @ (self.predict(client.x @ w) - client.y) / len(client.y)

    def weight_shape(self, client: Client) -> tuple[int, ...]:
        return (*client.x.shape[1:], *client.y.shape[1:])


@dataclass(frozen=True)
class SoftmaxRegression(LinearFamily):
    """Multinomial logistic regression: loss −log p_y with p = softmax(z)."""

    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]:
        return softmax(z)

    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]:
        return cross_entropy(z, y)


@dataclass(frozen=True)
class LinearRegression(LinearFamily):
    """Least squares: loss ½‖z − y‖². Without noise on y, F_k is the quadratic ½(w − c)ᵀH(w − c)."""

    def predict(self, z: Float64[ndarray, "... c"]) -> Float64[ndarray, "... c"]:
        return z

    def losses(self, z: Float64[ndarray, "n c"], y: Float64[ndarray, "n c"]) -> Float64[ndarray, " n"]:
        return ((z - y) ** 2).sum(-1) / 2


def check_family(family: Any) -> Family:
    """`family`, if it is a model with its loss. ValueError for a name, a class or a dict."""
    return check_kind("family", family, Family, "a model with its loss, such as SoftmaxRegression()")


def losses(clients: Sequence[Client], w: ModelWeights, family: Family = SoftmaxRegression()) -> PerClient:
    """F_k(w) of every client.

    clients: each with n_k examples.   w: weights, (d, c).   family: the model and its loss.
    """
    check_family(family)
    return np.array([family.loss(w, client) for client in check_clients(clients)])


def accuracies(clients: Sequence[Client], w: ModelWeights) -> PerClient:
    """Accuracy of the linear classifier w on every client, in [0, 1]; nan if w diverged.

    clients: inputs and one-hot labels.   w: weights, (d, c).
    """
    margins = [c.x @ w for c in check_clients(clients)]
    correct = [(z.argmax(1) == c.y.argmax(1)).mean() for z, c in zip(margins, clients, strict=True)]
    return np.where([np.isfinite(z).all() for z in margins], correct, np.nan)


def gradient(
    clients: Sequence[Client], w: ModelWeights, family: Family = SoftmaxRegression()
) -> ModelWeights:
    """∇f(w) of f = Σ n_k F_k / Σ n_k.

    clients: each with n_k examples.   w: weights, (d, c).   family: the model and its loss.
    """
    check_family(family)
    n = sizes(clients)
    return np.average([family.gradient(w, c) for c in clients], axis=0, weights=n)


def gradient_variance(
    clients: Sequence[Client], w: ModelWeights, family: Family = SoftmaxRegression()
) -> float:
    """Σ p_k ‖∇F_k(w) − ∇f(w)‖² with p_k = n_k / Σ n_k: how far the clients' gradients disagree at w.

    clients, w, family: as in `gradient`.
    """
    check_family(family)
    p = sizes(clients) / sizes(clients).sum()
    g = np.array([family.gradient(w, c) for c in clients])
    apart = g - np.tensordot(p, g, axes=1)
    return float(p @ (apart**2).reshape(len(g), -1).sum(1))


def dissimilarity(clients: Sequence[Client], w: ModelWeights, family: Family = SoftmaxRegression()) -> float:
    """B(w) = (Σ p_k ‖∇F_k(w)‖² / ‖∇f(w)‖²)^½, at least 1: how unlike the clients are at w.

    clients, w, family: as in `gradient`.
    1 if all gradients agree; it grows without limit towards the minimiser of f, where ∇f = 0 and the clients'
    own gradients are not 0. FedProx's guarantee assumes a bound on it wherever ‖∇f‖² is above some ε.
    Li et al. (MLSys 2020), definition of B-local dissimilarity.
    """
    check_family(family)
    p = sizes(clients) / sizes(clients).sum()
    g = np.array([family.gradient(w, c) for c in clients])
    mean_square = p @ (g**2).reshape(len(g), -1).sum(1)
    square_of_mean = (np.tensordot(p, g, axes=1) ** 2).sum()
    return float(np.sqrt(mean_square / square_of_mean)) if square_of_mean > 0 else np.inf
