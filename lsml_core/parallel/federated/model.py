"""What a client holds and what it minimises.

    x    inputs (n, d)      y    targets (n, c): one-hot labels, or numbers
    w    weights (d, c)     z    margins xw, (…, n, c)           F_k   mean loss of client k's n_k examples

A `Family` gives the loss of a client and its gradient; the algorithms ask for nothing else. The two families
here are linear models with ∇F_k(w) = xᵀ(predict(xw) − y)/n_k, and have compiled local work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray

from lsml_core.data.clients import Partition
from lsml_core.data.datasets import Dataset, checked_indices
from lsml_core.losses import cross_entropy, softmax
from lsml_core.validation import check_kind, kind_of

ModelWeights = Float64[ndarray, "*shape"]
StartWeights = Float[ndarray, "*shape"]
"""What a caller starts from; converted to float64."""
PerClient = Float64[ndarray, " clients"]


class Client(NamedTuple):
    """One device and the examples that never leave it. The arrays belong to the caller and are not copied.

    x: inputs, (n, d).   y: targets, (n, c): one-hot labels, or numbers.
    """

    x: Float64[ndarray, "n d"]
    y: Float64[ndarray, "n c"]


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


def check_clients(clients: Any) -> list[Client]:
    """The clients as a list. ValueError unless all are records of `Client`; a pair of arrays is none."""
    needed = "a Client(x, y); `client_of` and `partition` make them of a Dataset"
    if isinstance(clients, Client | Dataset) or not isinstance(clients, Iterable):
        raise ValueError(f"clients is {kind_of(clients)}, and must be a list, each {needed}")
    return [check_kind(f"clients[{k}]", client, Client, needed) for k, client in enumerate(clients)]


def client_of(data: Dataset) -> Client:
    """A data set as one client: flat inputs with a constant 1 appended (the intercept), one-hot labels.

    data: n examples.   ValueError: something else than a `Dataset`.
    """
    check_kind("data", data, Dataset, "a Dataset")
    flat = data.x.reshape(len(data), -1).astype(np.float64)
    return Client(np.hstack([flat, np.ones((len(data), 1))]), np.eye(len(data.classes))[data.y])


def partition(data: Dataset, parts: Partition) -> list[Client]:
    """One client per index array in `parts`, as made by `data.clients`; an example may go to several.

    ValueError: an index outside 0 … n − 1, or a client without examples.
    """
    check_kind("data", data, Dataset, "a Dataset")
    for k, part in enumerate(parts):
        if not len(checked_indices(part, len(data))):
            raise ValueError(f"client {k} has no examples")
    whole = client_of(data)
    return [Client(whole.x[part], whole.y[part]) for part in parts]


def zeros(clients: Sequence[Client]) -> ModelWeights:
    """w = 0 of shape (d, c), for linear models on these clients."""
    first = check_clients(clients)[0]
    return np.zeros((first.x.shape[1], first.y.shape[1]))


def sizes(clients: Sequence[Client]) -> PerClient:
    """n_k of every client.

    clients: each with n_k examples.
    """
    return np.array([len(client.y) for client in check_clients(clients)], dtype=float)


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


def mean(values: PerClient, clients: Sequence[Client]) -> float:
    """Σ n_k values_k / Σ n_k: the mean over all examples.

    values: one number per client.   clients: whose sizes n_k weigh them.
    """
    return float(np.average(values, weights=sizes(clients)))


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
