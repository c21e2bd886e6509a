"""Distributed SGD: one step of every chosen client per round, the case of FedAvg that sends most messages.

w    global weights (d, c)      n_k    number of examples of client k      B    one batch of client k
"""

from collections.abc import Iterator, Sequence

import numpy as np

from lsml_core.parallel.federated.clients import Client, ModelWeights, StartWeights, sizes
from lsml_core.parallel.federated.engines import BatchedEngine, ClientEngine
from lsml_core.parallel.federated.local import LocalSGD
from lsml_core.parallel.federated.model import Family, SoftmaxRegression
from lsml_core.parallel.federated.records import FederatedRun, Round, RoundLog, run_rounds
from lsml_core.parallel.federated.rounds import average, check, check_engine, choose
from lsml_core.validation import Count, check_rng


def distributed_sgd_rounds(
    clients: Sequence[Client],
    w: StartWeights,
    *,
    eta: float | int,
    batch: Count | None,
    rng: np.random.Generator,
    participation: float | int = 1.0,
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> Iterator[Round]:
    """Distributed SGD, one step of all chosen clients per iteration; it never ends.

    clients, w, eta, batch, rng, participation, engine, family: as for `distributed_sgd`, which takes some of
    these rounds, and the same errors.
    """
    clients, w = check(clients, w, participation, family)
    check_engine(engine)
    local, n = LocalSGD(eta, batch, family=family), sizes(clients)
    choosing, drawing = check_rng(rng).spawn(2)

    def rounds(w: ModelWeights) -> Iterator[Round]:
        while True:
            chosen = choose(len(clients), participation, rng=choosing)
            draws = [drawing.permutation(int(n[k]))[None, : local.batch_size(int(n[k]))] for k in chosen]
            w = average(engine.run([clients[k] for k in chosen], w, draws, local), n[chosen])
            yield Round(w, RoundLog(chosen, np.ones_like(chosen)))

    return rounds(w)


def distributed_sgd(
    clients: Sequence[Client],
    w: StartWeights,
    rounds: Count,
    *,
    eta: float | int,
    batch: Count | None,
    rng: np.random.Generator,
    participation: float | int = 1.0,
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> FederatedRun:
    """One step on one batch of every chosen client, then the average: w ← w − η Σ n_k ∇F_B,k(w) / Σ n_k.

    clients, w, rounds, eta, batch, participation, engine, family: as for `fedavg`, and the same errors.
    With batch None it is gradient descent, and the same as `fedavg` with one epoch. A client with fewer than
    `batch` examples uses all of them.
    """
    every_round = distributed_sgd_rounds(
        clients, w, eta=eta, batch=batch, rng=rng, participation=participation, engine=engine, family=family
    )
    return run_rounds(every_round, w, rounds)
