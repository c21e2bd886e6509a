"""q-FFL: a client with a larger loss gets a larger weight, so that no client is left far behind.

    F_k   loss of client k        p_k   n_k / Σ n_k, its fraction of the examples
    q     0 = the usual mean, larger = fairer, ∞ = the worst client only
    L     1/η, stands for the Lipschitz constant of the gradients

Li, Sanjabi, Beirami & Smith (ICLR 2020), "Fair resource allocation in federated learning".
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy import ndarray

from lsml_core.parallel.federated.clients import Client, ModelWeights, PerClient, StartWeights, sizes
from lsml_core.parallel.federated.engines import BatchedEngine, ClientEngine, LocalWeights
from lsml_core.parallel.federated.local import LocalSGD
from lsml_core.parallel.federated.model import Family, SoftmaxRegression, losses
from lsml_core.parallel.federated.records import FederatedRun, Round, RoundLog, run_rounds
from lsml_core.parallel.federated.rounds import check, check_engine, choose, orders
from lsml_core.validation import Count, check_count, check_not_negative, check_positive, check_rng

SMALLEST = 1e-10  # of a loss: a loss of 0 has no power q − 1 < 0


def qffl_rounds(
    clients: Sequence[Client],
    w: StartWeights,
    *,
    q: float | int,
    eta: float | int,
    epochs: Count,
    batch: Count | None,
    rng: np.random.Generator,
    participation: float | int = 1.0,
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> Iterator[Round]:
    """q-FedAvg, one round per iteration; it never ends, the caller decides when to stop.

    clients, w, q, eta, epochs, batch, rng, participation, engine, family: as for `qffl`, which takes some of
    these rounds, and the same errors.
    """
    check_not_negative(q=q)
    clients, w = check(clients, w, participation, family)
    check_engine(engine)
    epochs, local, n = check_count("epochs", epochs), LocalSGD(eta, batch, family=family), sizes(clients)
    choosing, shuffling = check_rng(rng).spawn(2)

    def rounds(w: ModelWeights) -> Iterator[Round]:
        while True:
            chosen = choose(len(clients), participation, rng=choosing, probabilities=n)
            log, working = RoundLog(chosen, np.full_like(chosen, epochs)), [clients[k] for k in chosen]
            before = losses(working, w, family)
            w_k = engine.run(working, w, orders(log, clients, epochs, rng=shuffling), local)
            w = fair_step(w, w_k, before, q=q, eta=eta)
            yield Round(w, log)

    return rounds(w)


def qffl(
    clients: Sequence[Client],
    w: StartWeights,
    rounds: Count,
    *,
    q: float | int,
    eta: float | int,
    epochs: Count,
    batch: Count | None,
    rng: np.random.Generator,
    participation: float | int = 1.0,
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> FederatedRun:
    """q-FedAvg: minimises Σ p_k F_k^{q+1}/(q+1) with the local work of FedAvg.

    clients: client k has x (n_k, d) and y (n_k, c).   w: initial weights, (d, c).
    rounds: number of rounds.   q: power, at least 0.   eta: step size of local SGD.
    epochs: E, local epochs per round.   batch: local batch size; None is the client's whole data set.
    participation: fraction of clients chosen per round, in (0, 1], at least one.
    engine: who runs the clients.   family: the model and its loss. Errors as for `fedavg`.
    Client k sends Δ_k and h_k (see `fair_step`), with F_k measured on all its examples before it trains.
    Clients are chosen with probabilities p_k and then have equal weight, as published: with everybody chosen
    and clients of unequal size, q = 0 is therefore the plain mean of the w_k, not FedAvg's. The p_k of the
    objective are these probabilities: they do not occur again in Δ_k and h_k.
    """
    every_round = qffl_rounds(
        clients,
        w,
        q=q,
        eta=eta,
        epochs=epochs,
        batch=batch,
        rng=rng,
        participation=participation,
        engine=engine,
        family=family,
    )
    return run_rounds(every_round, w, rounds)


def fair_step(
    w: ModelWeights, w_k: LocalWeights, loss: PerClient, *, q: float | int, eta: float | int
) -> ModelWeights:
    """w ← w − Σ Δ_k / Σ h_k with Δ_k = F_k^q·L(w − w_k) and h_k = q·F_k^{q−1}‖L(w − w_k)‖² + L·F_k^q.

    q: power, at least 0.   eta: 1/L, above 0.
    w: global weights.   w_k: local weights, one per client.   loss: F_k(w), before the local work.
    h_k bounds the curvature of F_k^{q+1}/(q + 1) at w, so one η, tuned for q = 0, works for every q.
    """
    check_not_negative(q=q)
    check_positive(eta=eta)
    F, g = np.maximum(loss, SMALLEST), (w - w_k) / eta
    power = (F / F.max()) ** q  # the factor max F^q cancels; without it a large q gives 0/0 or ∞/∞
    h = q * power / F * (g**2).reshape(len(g), -1).sum(1) + power / eta
    return w - np.tensordot(power, g, axes=1) / h.sum()


def qffl_exact(
    clients: Sequence[Client],
    w: ModelWeights,
    *,
    q: float | int,
    l2: float | int,
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> ModelWeights:
    """The minimiser of (Σ p_k F_k(w)^{q+1})^{1/(q+1)} + l2/2 ‖w‖², by L-BFGS on all data.

    clients: as for `fedavg`.   family: the model and its loss.
    w: start.   q: power, at least 0.   l2: weight of the penalty.
    The root does not change the minimiser without the penalty, and keeps the weight of l2 comparable for all
    q: F^{q+1} alone shrinks where F < 1, and the penalty would dominate.
    RuntimeError: L-BFGS finds no minimum.
    """
    from scipy.optimize import minimize  # lazy import: the package loads without scipy

    check_not_negative(q=q, l2=l2)
    clients, w = check(clients, w, 1.0, family)
    p = sizes(clients) / sizes(clients).sum()

    def value_and_gradient(flat: ndarray) -> tuple[float, ndarray]:
        w_now = flat.reshape(w.shape)
        F = np.maximum(losses(clients, w_now, family), SMALLEST)
        top = F.max()  # powers of F/top do not overflow
        total = (p * (F / top) ** (q + 1)).sum()
        weight = p * (F / top) ** q * total ** (-q / (q + 1))
        gradients = [family.gradient(w_now, c) for c in clients]
        slope = np.tensordot(weight, gradients, axes=1) + l2 * w_now
        return top * total ** (1 / (q + 1)) + l2 / 2 * flat @ flat, slope.ravel()

    result = minimize(value_and_gradient, w.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 5000})
    if not result.success:
        raise RuntimeError(f"L-BFGS did not converge for q={q}: {result.message}")
    return result.x.reshape(w.shape)
