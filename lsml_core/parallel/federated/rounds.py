"""Federated rounds: choose clients, let them work, average what they send. FedAvg, FedProx, distributed SGD.

    w        global weights (d, c)            n_k     examples of client k
    w_k      weights that client k sends      rounds  times that w goes out
    epochs   E, passes over its own data that a client is asked for

    FedAvg            mu=0, stragglers=Dropped(share)
    FedProx           mu>0, stragglers=Partial(share)
    distributed SGD   one step a round, on one batch of every client

Choosing, straggling and shuffling have a random stream each, so two methods run from the same seed meet the
same clients, the same stragglers and the same batches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy import ndarray

from lsml_core.parallel.federated.engines import Batched, Engine, Locals
from lsml_core.parallel.federated.local import Orders, Work, shuffled
from lsml_core.parallel.federated.model import (
    Client,
    Family,
    PerClient,
    Softmax,
    StartWeights,
    Weights,
    sizes,
)
from lsml_core.validation import Count, check_count, check_finite

Chosen = Int64[ndarray, " m"]


@runtime_checkable
class Stragglers(Protocol):
    """How many of E epochs each of m clients gets done; 0 = what it did is not used."""

    def epochs(self, m: int, epochs: int, *, rng: np.random.Generator) -> Chosen: ...


@dataclass(frozen=True)
class Partial:
    """A straggler stops after 1 … E − 1 epochs (E = 1: after that one), and its work counts: FedProx."""

    share: float | int = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share={self.share} must lie between 0 and 1")

    def epochs(self, m: int, epochs: int, *, rng: np.random.Generator) -> Chosen:
        slow, partial = _straggle(m, epochs, self.share, rng)
        return np.where(slow, partial, epochs)


@dataclass(frozen=True)
class Dropped(Partial):
    """A straggler's work is thrown away: the baseline."""

    def epochs(self, m: int, epochs: int, *, rng: np.random.Generator) -> Chosen:
        slow, _ = _straggle(m, epochs, self.share, rng)
        return np.where(slow, 0, epochs)


class Asked(NamedTuple):
    """One round: the clients that were sent w, and how many epochs each of them did."""

    chosen: Chosen
    epochs: Chosen

    @property
    def done(self) -> Int64[ndarray, " s"]:
        """The clients whose work counts."""
        return self.chosen[self.epochs > 0]


class Run(NamedTuple):
    """path[t] is w after t rounds; bytes[t] is all that has travelled until then, in both directions."""

    path: Float64[ndarray, "rounds+1 d c"]
    chosen: Int64[ndarray, "rounds m"]
    epochs: Int64[ndarray, "rounds m"]
    bytes: Int64[ndarray, " rounds+1"]

    @property
    def w(self) -> Weights:
        return self.path[-1]


def fedavg(
    clients: Sequence[Client],
    w: StartWeights,
    rounds: Count,
    *,
    eta: float | int,
    epochs: Count,
    batch: Count | None,
    rng: np.random.Generator,
    mu: float | int = 0.0,
    participation: float | int = 1.0,
    stragglers: Stragglers = Partial(0.0),
    engine: Engine = Batched(),  # noqa: B008 - frozen
    family: Family = Softmax(),  # noqa: B008 - frozen
) -> Run:
    """w ← Σ n_k w_k / Σ n_k over the chosen clients that were not dropped; if all were, w stays.

    A share `participation` of the clients, one at least, is chosen without replacement every round. The
    models are linear, with the losses of `family`. Without rounds the run is its start.
    ValueError: a value out of range, or clients that are not finite or do not fit w. A run that diverges ends
    in inf and nan, and raises nothing.
    McMahan et al. (AISTATS 2017); with mu > 0 and `Partial`, Li et al. (MLSys 2020).
    """
    clients, w = check(clients, w, participation)
    rounds, epochs = check_count("rounds", rounds, 0), check_count("epochs", epochs)
    work, n = Work(eta, batch, mu, family), sizes(clients)
    choosing, straggling, shuffling = rng.spawn(3)

    def one_round(w: Weights) -> tuple[Weights, Asked]:
        chosen = choose(len(clients), participation, rng=choosing)
        asked = Asked(chosen, stragglers.epochs(len(chosen), epochs, rng=straggling))
        if not len(asked.done):
            return w, asked
        draws = orders(asked, clients, epochs, rng=shuffling)
        w_k = engine.run([clients[k] for k in asked.done], w, draws, work)
        return average(w_k, n[asked.done]), asked

    return play(w, rounds, one_round)


def distributed_sgd(
    clients: Sequence[Client],
    w: StartWeights,
    rounds: Count,
    *,
    eta: float | int,
    batch: Count | None,
    rng: np.random.Generator,
    participation: float | int = 1.0,
    engine: Engine = Batched(),  # noqa: B008 - frozen
    family: Family = Softmax(),  # noqa: B008 - frozen
) -> Run:
    """One step on one batch of every chosen client, then the average: w ← w − η Σ n_k ∇F_B,k(w) / Σ n_k.

    With batch None it is gradient descent, and the same as `fedavg` with one epoch. A client with fewer than
    `batch` examples uses all of them. ValueError as for `fedavg`.
    """
    clients, w = check(clients, w, participation)
    rounds = check_count("rounds", rounds, 0)
    work, n = Work(eta, batch, family=family), sizes(clients)
    choosing, drawing = rng.spawn(2)

    def one_round(w: Weights) -> tuple[Weights, Asked]:
        chosen = choose(len(clients), participation, rng=choosing)
        first = [drawing.permutation(int(n[k]))[None, : work.width(int(n[k]))] for k in chosen]
        w_k = engine.run([clients[k] for k in chosen], w, first, work)
        return average(w_k, n[chosen]), Asked(chosen, np.ones_like(chosen))

    return play(w, rounds, one_round)


# --- the parts of a round ---------------------------------------------------------------------------


def average(w_k: Locals, n: PerClient) -> Weights:
    """Σ n_k w_k / Σ n_k: a client counts as often as it has examples."""
    return np.tensordot(n / n.sum(), w_k, axes=1)


def choose(
    clients: int,
    participation: float | int,
    *,
    rng: np.random.Generator,
    chances: Float[ndarray, " clients"] | None = None,
) -> Chosen:
    """That share of the clients, none twice, in ascending order; `chances` are relative."""
    _check_participation(participation)
    p = None if chances is None else chances / chances.sum()
    return np.sort(rng.choice(clients, size=max(1, round(participation * clients)), replace=False, p=p))


def orders(asked: Asked, clients: Sequence[Client], epochs: int, *, rng: np.random.Generator) -> Orders:
    """All E epochs of every chosen client are drawn: a straggler does not change the others' batches."""
    (stream,) = rng.spawn(1)
    drawn = [shuffled(len(clients[k].y), epochs, rng=stream) for k in asked.chosen]
    return [order[:e] for order, e in zip(drawn, asked.epochs, strict=True) if e]


def play(w: Weights, rounds: int, one_round: Callable[[Weights], tuple[Weights, Asked]]) -> Run:
    """A client that is chosen receives w; one whose work counts sends as many numbers back."""
    path, asked, bytes_ = [w], [], [0]
    for _ in range(rounds):
        w, ask = one_round(w)
        path.append(w)
        asked.append(ask)
        bytes_.append(bytes_[-1] + (len(ask.chosen) + len(ask.done)) * w.nbytes)
    each = len(asked[0].chosen) if asked else 0
    chosen, epochs = (np.array([ask[i] for ask in asked], dtype=int).reshape(rounds, each) for i in (0, 1))
    return Run(np.stack(path), chosen, epochs, np.array(bytes_))


def check(
    clients: Sequence[Client], w: StartWeights, participation: float | int = 1.0
) -> tuple[list[Client], Weights]:
    """Clients and w in float64. ValueError unless all is finite and every client fits w's shape."""
    _check_participation(participation)
    if not len(clients):
        raise ValueError("clients is empty")
    check_finite(w=w)
    w = np.asarray(w, dtype=float)
    for k, (x, y) in enumerate(clients):
        if not len(y) or len(x) != len(y) or (*x.shape[1:], *y.shape[1:]) != w.shape:
            shapes = f"x {x.shape} and y {y.shape}"
            raise ValueError(f"client {k} has {shapes}; w of shape {w.shape} needs (n, d) and (n, c), n ≥ 1")
        check_finite(**{f"x of client {k}": x, f"y of client {k}": y})
    return [Client(np.asarray(x, dtype=float), np.asarray(y, dtype=float)) for x, y in clients], w


def _check_participation(participation: float | int) -> None:
    if not 0 < participation <= 1:
        raise ValueError(f"participation={participation} must be above 0 and at most 1")


def _straggle(m: int, epochs: int, share: float | int, rng: np.random.Generator) -> tuple[ndarray, ndarray]:
    """Which of m clients straggle, round(share·m) of them, and the epochs they would get done."""
    return rng.permutation(m) < round(share * m), rng.integers(1, max(epochs, 2), size=m)
