"""Client-level differential privacy: clip each client's update, add noise to the sum, and count what leaks.

    w      global weights            u_k    w_k − w, the update of client k
    S      clip, a limit on ‖u_k‖    z      noise multiplier: the noise on the sum has standard deviation zS
    q      probability that a client takes part in a round       K    number of clients
    ε, δ   (epsilon, delta): neighbouring sets of clients differ by one client, added or removed; then any
           outcome of the whole run is at most e^ε times as probable with one as with the other, up to δ

A round is w ← w + (Σ_{k chosen} u_k·min(1, S/‖u_k‖) + N(0, z²S²I)) / (qK). Every client is chosen on its own
with probability q (Poisson sampling), which is what the accountant assumes; a fixed number of clients is
another mechanism with another ε. All clients have equal weight: with weights n_k the size of a client would
leak, and a large client would need more noise.
McMahan, Ramage, Talwar & Zhang (ICLR 2018), "Learning differentially private recurrent language models".
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.parallel.federated.clients import Client, ModelWeights, StartWeights
from lsml_core.parallel.federated.engines import BatchedEngine, ClientEngine, LocalWeights
from lsml_core.parallel.federated.local import LocalSGD
from lsml_core.parallel.federated.model import Family, SoftmaxRegression
from lsml_core.parallel.federated.records import Round, RoundLog
from lsml_core.parallel.federated.rounds import check, check_engine, orders
from lsml_core.validation import (
    Count,
    check_count,
    check_not_negative,
    check_positive,
    check_rng,
    check_share,
)

ORDERS = np.arange(2, 257)
"""Rényi orders over which ε is minimised."""


def private_fedavg_rounds(
    clients: Sequence[Client],
    w: StartWeights,
    *,
    clip: float | int,
    noise: float | int,
    sampling: float | int,
    eta: float | int,
    epochs: Count,
    batch: Count | None,
    rng: np.random.Generator,
    engine: ClientEngine = BatchedEngine(),  # noqa: B008 - frozen
    family: Family = SoftmaxRegression(),  # noqa: B008 - frozen
) -> Iterator[Round]:
    """Private federated averaging, one round per iteration; it never ends: see the top of this module.

    clip: S, above 0.   noise: z, at least 0.   sampling: q, in (0, 1].
    clients, w, eta, epochs, batch, engine, family: as for `fedavg`.
    What a round tells about the clients is in its `w` alone; its log is not private and not sent to anybody.
    ValueError: a value out of range, or clients that do not fit w.
    """
    check_positive(clip=clip)
    check_not_negative(noise=noise)
    check_share(sampling=sampling)
    clients, w = check(clients, w, 1.0, family)
    check_engine(engine)
    epochs, local = check_count("epochs", epochs), LocalSGD(eta, batch, family=family)
    choosing, shuffling, hiding = check_rng(rng).spawn(3)

    def rounds(w: ModelWeights) -> Iterator[Round]:
        while True:
            chosen = np.flatnonzero(choosing.random(len(clients)) < sampling)
            log = RoundLog(chosen, np.full(len(chosen), epochs))
            total = clip * noise * hiding.normal(size=w.shape)
            if len(chosen):
                draws = orders(log, clients, epochs, rng=shuffling)
                w_k = engine.run([clients[k] for k in chosen], w, draws, local)
                total = total + clipped(w_k - w, clip).sum(0)
            w = w + total / (sampling * len(clients))
            yield Round(w, log)

    return rounds(w)


def clipped(updates: LocalWeights, clip: float | int) -> LocalWeights:
    """u_k·min(1, S/‖u_k‖): each update keeps its direction, and no norm is above S.

    updates: one per client, (k, …).   clip: S, above 0.
    """
    check_positive(clip=clip)
    norm = np.sqrt((updates**2).reshape(len(updates), -1).sum(1))
    shrink = np.minimum(1.0, clip / np.maximum(norm, 1e-300))
    return updates * shrink.reshape(-1, *[1] * (updates.ndim - 1))


def renyi_divergence(order: Count, *, sampling: float | int, noise: float | int) -> float:
    """The Rényi divergence of one round, for an integer order α ≥ 2:

        1/(α − 1) · log Σ_j C(α, j) (1 − q)^(α−j) q^j exp(j(j − 1)/(2z²)),   j = 0 … α

    It is exact for the Gaussian with Poisson sampling when a client is added or removed; rounds add up.
    order: α.   sampling: q, in (0, 1].   noise: z, above 0.
    Mironov, Talwar & Zhang (2019), "Rényi differential privacy of the sampled Gaussian mechanism".
    """
    from scipy.special import gammaln, logsumexp  # lazy import: the package loads without scipy

    alpha, j = check_count("order", order, 2), np.arange(check_count("order", order, 2) + 1)
    check_share(sampling=sampling)
    check_positive(noise=noise)
    with np.errstate(divide="ignore", invalid="ignore"):
        binomial = gammaln(alpha + 1) - gammaln(j + 1) - gammaln(alpha - j + 1)
        left_out = np.where(j == alpha, 0.0, (alpha - j) * np.log1p(-sampling))
    terms = binomial + left_out + j * np.log(sampling) + j * (j - 1) / (2 * noise**2)
    return float(np.asarray(logsumexp(terms))) / (alpha - 1)


def epsilon(
    rounds: Count | Num[ndarray, " n"],
    *,
    sampling: float | int,
    noise: float | int,
    delta: float | int,
) -> Float[ndarray, "*n"]:
    """ε after some rounds: min over α of T·RDP(α) + log(1 − 1/α) − (log δ + log α)/(α − 1), at least 0.

    rounds: T, a number or an array.   sampling: q.   noise: z; without noise ε is inf.   delta: δ, in (0, 1).
    Only integer orders 2 … 256 are tried, so ε may be above that of a library that also tries others: a few
    percent up to ε = 5, and up to a half for useless values above 10.
    The conversion from Rényi to (ε, δ) is that of Canonne, Kamath & Steinke (NeurIPS 2020).
    """
    check_not_negative(noise=noise, rounds=rounds)
    check_share(sampling=sampling)
    if not 0 < delta < 1:
        raise ValueError(f"delta={delta} must be between 0 and 1")
    T = np.asarray(rounds, dtype=float)
    if noise == 0:
        return np.where(T > 0, np.inf, 0.0)
    rdp = np.array([renyi_divergence(int(a), sampling=sampling, noise=noise) for a in ORDERS])
    convert = np.log1p(-1 / ORDERS) - (np.log(delta) + np.log(ORDERS)) / (ORDERS - 1)
    found = (T[..., None] * rdp + convert).min(-1)
    return np.where(T > 0, np.maximum(found, 0.0), 0.0)
