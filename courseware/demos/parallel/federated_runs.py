"""The runs that the demos of `federated.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `federated.py`.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from courseware.demos.engine.controls import Doubling, LogSlider, Slider
from lsml_core.data import load
from lsml_core.data.clients import dirichlet
from lsml_core.parallel.federated import Dropped, Partial
from lsml_core.parallel.federated.quadratics import (
    QuadraticClients,
    fixed_point,
    level_line,
    local_paths,
    rotated,
)

# --- three clients on a map ------------------------------------------------------------------------

ETA, ROUNDS, SHOWN = 0.3, 25, 4
CENTERS = np.array([[-1.6, -0.9], [1.6, -0.9], [0.0, 1.6]])
ANGLES = (0.5, 2.0, 1.2)
HEIGHTS = (0.15, 0.6)  # of the level lines
STEEP = 8.0  # κ where only μ changes
START = np.array([-1.9, 1.6])
WEIGHTED = "weighted by size"
AVERAGES = (WEIGHTED, "plain mean")
RATIOS = (1, 3, 10, 30)  # n_k of the top client over those of the others


class LocalWork(NamedTuple):
    """Rounds of local steps on three quadratics."""

    clients: QuadraticClients
    paths: Float[ndarray, "shown 3 steps 2"]  # of the first rounds
    means: Float[ndarray, "shown+1 2"]  # w at the start of these rounds, and after the last one
    distance: Float[ndarray, " rounds"]  # of w from the optimum, at the start of every round
    end: Float[ndarray, " 2"]  # where it converges, in closed form

    @property
    def bias(self) -> float:
        """Distance of the end from the optimum."""
        return float(np.linalg.norm(self.end - self.clients.optimum))


class ProximalWork(NamedTuple):
    """The same with the proximal term, and the distances without it."""

    tied: LocalWork
    free_distance: Float[ndarray, " rounds"]


@cache
def _clients(kappa: float, ratio: int = 1) -> QuadraticClients:
    """Each client is κ times as steep across its valley as along it; n₃ is `ratio` times n₁ and n₂."""
    H = np.stack([rotated((0.3, 0.3 * kappa), angle) for angle in ANGLES])
    n = np.array([1.0, 1.0, ratio])
    return QuadraticClients(H, CENTERS, n / n.sum())


@cache
def level_lines(kappa: float) -> tuple[ndarray, ...]:
    """Two level lines of each client, client by client."""
    clients = _clients(kappa)
    return tuple(
        level_line(H, c, height) for height in HEIGHTS for H, c in zip(clients.H, clients.c, strict=True)
    )


@cache
def _work(T: int, kappa: float, mu: float, ratio: int = 1, average: str = WEIGHTED) -> LocalWork:
    """The optimum is that of all examples; the server's weights may be other ones."""
    clients = _clients(kappa, ratio)
    averaged = clients if average == WEIGHTED else clients._replace(p=np.full(3, 1 / 3))
    paths = local_paths(averaged, START, ROUNDS, eta=ETA, T=T, mu=mu)
    distance = np.linalg.norm(paths[:, 0, 0] - clients.optimum, axis=1)
    means, end = paths[: SHOWN + 1, 0, 0].copy(), fixed_point(averaged, eta=ETA, T=T, mu=mu)
    return LocalWork(clients, paths[:SHOWN].copy(), means, distance, end)


def compute_drift(T: int, kappa: float, ratio: int, average: str) -> LocalWork:
    return _work(T, kappa, 0.0, ratio, average)


def compute_proximal(T: int, mu: float) -> ProximalWork:
    return ProximalWork(_work(T, STEEP, mu), _work(T, STEEP, 0.0).distance)


LOCAL = Doubling("local steps T", 1, 64, 16)
KAPPAS = Slider("how much clients differ: curvature κ", 1.0, 10.0, 1.0, 8.0)
MUS = Slider("proximal term μ", 0.0, 3.0, 0.25, 0.5)


def prepare_maps() -> None:
    """Every setting of both demos: a few seconds."""
    for T in LOCAL.values:
        for kappa in KAPPAS.values:
            for ratio, average in product(RATIOS, AVERAGES):
                _work(T, kappa, 0.0, ratio, average)
        for mu in MUS.values:
            _work(T, STEEP, mu)


# --- who holds what, and who is done in time -------------------------------------------------------

CLIENTS, EPOCHS = 12, 10
ALPHAS = LogSlider("Dirichlet α", 0.1, 1000, 1, 1.0)
FRACTIONS = Slider("fraction of stragglers", 0.0, 0.9, 0.1, 0.5)
WORK = {"discarded": Dropped, "kept": Partial}
NEARLY_GONE = 1 / 5  # of the weight that a class has if all clients count


class LabelSkew(NamedTuple):
    """Which classes each client holds, what it completed, and whether its work is used."""

    counts: Int[ndarray, "clients classes"]
    done: Int[ndarray, " clients"]  # epochs completed at the deadline
    used: Bool[ndarray, " clients"]

    @property
    def vanished(self) -> int:
        """Number of classes with less than a fifth of their weight left in the average."""
        weight, before = (c.sum(0) / c.sum() for c in (self.counts[self.used], self.counts))
        return int((weight < NEARLY_GONE * before).sum())

    @property
    def largest_class(self) -> float:
        """Fraction of a client's examples that its largest class has, mean over the clients."""
        return float((self.counts.max(1) / self.counts.sum(1)).mean())


@cache
def class_counts() -> dict[float, ndarray]:
    """α -> examples of each class on each client."""
    y = load("fashion", side=14).y[:1200]
    counts = {}
    for alpha in ALPHAS.values:
        parts = dirichlet(y, CLIENTS, alpha, rng=np.random.default_rng(0))
        counts[alpha] = np.stack([np.bincount(y[part], minlength=10) for part in parts])
    return counts


def compute_skew(alpha: float, fraction: float, late: str) -> LabelSkew:
    done, contributed = (
        stragglers(fraction).completed(CLIENTS, EPOCHS, rng=np.random.default_rng(2))
        for stragglers in (Partial, WORK[late])
    )
    return LabelSkew(class_counts()[alpha], done, contributed > 0)
