"""Federated rounds: choose clients, let them work, average what they send. FedAvg and FedProx.

    w        global weights (d, c)            n_k     number of examples of client k
    w_k      weights that client k sends      rounds  how often w is sent out
    epochs   E, passes over its own data that a client is asked to make

    FedAvg    mu=0, stragglers=Dropped(fraction)
    FedProx   mu>0, stragglers=Partial(fraction); the proximal term itself is a line of `local.client_update`

`fedavg_rounds` is the algorithm, an iterator of rounds that never ends; `fedavg` takes some of them:

    for round in fedavg_rounds(clients, w, eta=0.1, epochs=5, batch=10, rng=rng):
        if mean(losses(clients, round.w), clients) < 0.5:
            break

Choosing, straggling and shuffling have a random stream each, so two methods run from the same seed use the
same clients, the same stragglers and the same batches.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.parallel.federated.clients import (
    Client,
    ModelWeights,
    PerClient,
    StartWeights,
    check_clients,
    sizes,
)
from lsml_core.parallel.federated.engines import BatchedEngine, ClientEngine, LocalWeights
from lsml_core.parallel.federated.local import ClientOrders, LocalSGD, shuffled
from lsml_core.parallel.federated.model import Family, SoftmaxRegression, check_family
from lsml_core.parallel.federated.records import ClientIds, FederatedRun, Round, RoundLog, run_rounds
from lsml_core.parallel.federated.stragglers import Partial, Stragglers
from lsml_core.validation import Count, check_count, check_finite, check_kind, check_rng, check_share


def fedavg_rounds(
    clients: Sequence[Client],
    w: StartWeights,
    *,
    eta: float | int,
    epochs: Count,
    batch: Count | None,
    rng: np.random.Generator,
    mu: float | int = 0.0,
    participation: float | int = 1.0,
    stragglers: Stragglers = Partial(0.0),  # noqa: B008 - frozen
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> Iterator[Round]:
    """Federated averaging, one round per iteration; it never ends, the caller decides when to stop.

    clients, w, eta, epochs, batch, rng, mu, participation, stragglers, engine, family: as for `fedavg`, which
    takes some of these rounds; so are errors and sources.
    """
    clients, w = check(clients, w, participation, family)
    check_engine(engine)
    check_kind("stragglers", stragglers, Stragglers, "Partial(fraction) or Dropped(fraction)")
    epochs, local, n = check_count("epochs", epochs), LocalSGD(eta, batch, mu, family), sizes(clients)
    choosing, straggling, shuffling = check_rng(rng).spawn(3)

    def rounds(w: ModelWeights) -> Iterator[Round]:
        while True:
            chosen = choose(len(clients), participation, rng=choosing)
            log = RoundLog(chosen, stragglers.completed(len(chosen), epochs, rng=straggling))
            if len(log.used):
                draws = orders(log, clients, epochs, rng=shuffling)
                w_k = engine.run([clients[k] for k in log.used], w, draws, local)
                w = average(w_k, n[log.used])
            yield Round(w, log)

    return rounds(w)


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
    stragglers: Stragglers = Partial(0.0),  # noqa: B008 - frozen
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> FederatedRun:
    """Federated averaging: w ← Σ n_k w_k / Σ n_k over the clients whose work is used.

    clients: client k has x (n_k, d) and y (n_k, c).   w: initial weights, (d, c).
    rounds: number of rounds.   eta: step size of local SGD.   epochs: E, local epochs per round.
    batch: local batch size; None is the client's whole data set.
    mu: weight μ of FedProx's proximal term; 0 is FedAvg.
    participation: fraction of clients chosen per round, in (0, 1], at least one, without replacement.
    stragglers: what happens to clients that do not finish: `Partial` uses their work, `Dropped` discards it.
    engine: who runs the clients.   family: the model and its loss; linear models are built in, and any
    `Family` with a gradient works.

    If every chosen client is dropped, w does not change. Without rounds the run is its start. A run that
    diverges ends in inf and nan and raises nothing.
    ValueError: a value out of range, or clients that are not finite or do not fit w.
    McMahan et al. (AISTATS 2017); with mu > 0 and `Partial`, Li et al. (MLSys 2020).
    """
    every_round = fedavg_rounds(
        clients,
        w,
        eta=eta,
        epochs=epochs,
        batch=batch,
        rng=rng,
        mu=mu,
        participation=participation,
        stragglers=stragglers,
        engine=engine,
        family=family,
    )
    return run_rounds(every_round, w, rounds)


# --- the parts of a round ---------------------------------------------------------------------------


def average(w_k: LocalWeights, n: PerClient) -> ModelWeights:
    """Σ n_k w_k / Σ n_k: the weight of a client is its number of examples.

    w_k: local weights, one per client.   n: their numbers of examples, (clients,).
    """
    return np.tensordot(n / n.sum(), w_k, axes=1)


def choose(
    clients: int,
    participation: float | int,
    *,
    rng: np.random.Generator,
    probabilities: Float[ndarray, " clients"] | None = None,
) -> ClientIds:
    """Ids of the chosen clients in ascending order, without replacement.

    clients: number of clients.   participation: fraction to choose.   probabilities: relative; None is equal.
    """
    check_share(participation=participation)
    p = None if probabilities is None else probabilities / probabilities.sum()
    return np.sort(
        check_rng(rng).choice(clients, size=max(1, round(participation * clients)), replace=False, p=p)
    )


def orders(
    log: RoundLog, clients: Sequence[Client], epochs: int, *, rng: np.random.Generator
) -> ClientOrders:
    """The examples' order for each client whose work is used, (its epochs, n_k).

    log: who was chosen, and the epochs that each of them completed.   clients: all of them.
    epochs: E.   rng: shuffles.
    All E epochs of every chosen client are drawn: a straggler does not change the batches of the others.
    """
    (stream,) = rng.spawn(1)
    drawn = [shuffled(len(clients[k].y), epochs, rng=stream) for k in log.chosen]
    return [order[:e] for order, e in zip(drawn, log.epochs, strict=True) if e]


def check(
    clients: Sequence[Client], w: StartWeights, participation: float | int, family: Family
) -> tuple[list[Client], ModelWeights]:
    """Clients and w in float64.

    clients: at least one.   w: weights.   participation: in (0, 1].   family: tells which shape w must have.
    ValueError: something else than a `Client`, numbers that are not finite, or a client that does not fit w.
    """
    check_share(participation=participation)
    check_family(family)
    clients = check_clients(clients)
    if not clients:
        raise ValueError("clients is empty")
    check_finite(w=w)
    w = np.asarray(w, dtype=float)
    for k, (x, y) in enumerate(clients):
        check_finite(**{f"x of client {k}": x, f"y of client {k}": y})
        clients[k] = Client(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        x, y, needed = *clients[k], family.weight_shape(clients[k])
        if not len(y) or len(x) != len(y) or needed not in (None, w.shape):
            shapes = f"x {x.shape} and y {y.shape}"
            raise ValueError(f"client {k} has {shapes}; w of shape {w.shape} needs (n, d) and (n, c), n ≥ 1")
    return clients, w


def check_engine(engine: ClientEngine) -> None:
    """ValueError unless it is an engine; its class or its name is none."""
    check_kind("engine", engine, ClientEngine, "an engine, such as SerialEngine()")
