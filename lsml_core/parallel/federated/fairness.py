"""q-FFL: a client with a larger loss counts more, so that nobody is left far behind.

    F_k   loss of client k        p_k   n_k / Σ n_k, its share of the examples
    q     0 = the usual mean, larger = fairer, ∞ = the worst client only
    L     1/η, stands for the Lipschitz constant of the gradients

Li, Sanjabi, Beirami & Smith (ICLR 2020), "Fair resource allocation in federated learning".
"""

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from lsml_core.parallel.federated.engines import Batched, Engine, Locals
from lsml_core.parallel.federated.local import Work
from lsml_core.parallel.federated.model import (
    Client,
    Family,
    PerClient,
    Softmax,
    StartWeights,
    Weights,
    losses,
    sizes,
)
from lsml_core.parallel.federated.rounds import Asked, Run, check, choose, orders, play
from lsml_core.validation import Count, check_count, check_not_negative

SMALLEST = 1e-10  # of a loss: a loss of 0 has no power q − 1 < 0


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
    engine: Engine = Batched(),  # noqa: B008 - frozen
    family: Family = Softmax(),  # noqa: B008 - frozen
) -> Run:
    """q-FedAvg: minimises Σ p_k F_k^{q+1}/(q+1) with the local work of FedAvg.

    Client k sends Δ_k and h_k (see `fair_step`), with F_k measured on all its examples before it trains.
    Clients are chosen with chances p_k and then count alike, as published: with everybody chosen and
    clients of unequal size, q = 0 is therefore the plain mean of the w_k, not FedAvg's. The p_k of the
    objective are these chances: they do not occur again in Δ_k and h_k. ValueError as for `fedavg`.
    """
    check_not_negative(q=q)
    clients, w = check(clients, w, participation)
    rounds, epochs = check_count("rounds", rounds, 0), check_count("epochs", epochs)
    work, n = Work(eta, batch, family=family), sizes(clients)
    choosing, shuffling = rng.spawn(2)

    def one_round(w: Weights) -> tuple[Weights, Asked]:
        chosen = choose(len(clients), participation, rng=choosing, chances=n)
        asked, those = Asked(chosen, np.full_like(chosen, epochs)), [clients[k] for k in chosen]
        before = losses(those, w, family)
        w_k = engine.run(those, w, orders(asked, clients, epochs, rng=shuffling), work)
        return fair_step(w, w_k, before, q=q, eta=eta), asked

    return play(w, rounds, one_round)


def fair_step(w: Weights, w_k: Locals, loss: PerClient, *, q: float | int, eta: float | int) -> Weights:
    """w ← w − Σ Δ_k / Σ h_k with Δ_k = F_k^q·L(w − w_k) and h_k = q·F_k^{q−1}‖L(w − w_k)‖² + L·F_k^q.

    h_k bounds the curvature of F_k^{q+1}/(q + 1) at w, so one η, found for q = 0, does for every q.
    """
    F, g = np.maximum(loss, SMALLEST), (w - w_k) / eta
    h = q * F ** (q - 1) * (g**2).sum((1, 2)) + F**q / eta
    return w - np.tensordot(F**q, g, axes=1) / h.sum()


def qffl_exact(
    clients: Sequence[Client],
    w: Weights,
    *,
    q: float | int,
    l2: float | int,
    family: Family = Softmax(),  # noqa: B008 - frozen
) -> Weights:
    """The minimiser of (Σ p_k F_k(w)^{q+1})^{1/(q+1)} + l2/2 ‖w‖², from `w`, by L-BFGS on all data.

    The root changes no minimiser without the penalty, and keeps l2 of one weight for every q: F^{q+1} alone
    shrinks where F < 1, and the penalty would take over. RuntimeError where L-BFGS finds no minimum.
    """
    from scipy.optimize import minimize  # here, so that the room opens without scipy

    check_not_negative(q=q, l2=l2)
    clients, w = check(clients, w)
    p = sizes(clients) / sizes(clients).sum()

    def value_and_gradient(flat: ndarray) -> tuple[float, ndarray]:
        w_now = flat.reshape(w.shape)
        F = np.maximum(losses(clients, w_now, family), SMALLEST)
        top = F.max()  # powers of F/top do not overflow
        total = (p * (F / top) ** (q + 1)).sum()
        weight = p * (F / top) ** q * total ** (-q / (q + 1))
        gradients = [c.x.T @ (family.predict(c.x @ w_now) - c.y) / len(c.y) for c in clients]
        slope = np.tensordot(weight, gradients, axes=1) + l2 * w_now
        return top * total ** (1 / (q + 1)) + l2 / 2 * flat @ flat, slope.ravel()

    found = minimize(value_and_gradient, w.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 5000})
    if not found.success:
        raise RuntimeError(f"L-BFGS did not converge for q={q}: {found.message}")
    return found.x.reshape(w.shape)
