"""Demos of lecture 04: where local steps lead. Points and paths are runs; the cross is the closed form."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Numbers, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.plots import federated as plots
from courseware.plots.axes import headline, percentage, plural, told_apart
from courseware.plots.canvas import canvas
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
FLOOR = 1e-3  # of the distances drawn
WINDOW = (-2.4, 2.4, -2.0, 2.2)
CENTERS = np.array([[-1.6, -0.9], [1.6, -0.9], [0.0, 1.6]])
ANGLES = (0.5, 2.0, 1.2)
HEIGHTS = (0.15, 0.6)  # of the level lines
STEEP = 8.0  # κ where only μ changes
START = np.array([-1.9, 1.6])
WEIGHTED = "weighted by size"
AVERAGES = (WEIGHTED, "plain mean")
RATIOS = (1, 3, 10, 30)  # n_k of the top client over those of the others
NEAR_DRIFT, NEAR_PROX = 0.05, 0.15  # distances to the optimum that the goals ask for


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
def _levels(kappa: float) -> tuple[ndarray, ...]:
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


def _draw(record: LocalWork, kappa: float, distances: dict[str, ndarray], near: float) -> Figure:
    """Left the map, right the distances to the optimum. `near` is the distance that the goal asks for."""
    fig, (left, right) = canvas(2)
    optimum = record.clients.optimum
    plots.local_paths(left, _levels(kappa), CENTERS, record.paths, record.means, optimum, record.end, WINDOW)
    plots.distances_to_optimum(right, distances, max(record.bias, 1.05 * FLOOR), FLOOR)
    headline(right, f"w ends {told_apart(record.bias, near, '.2f')[0]} away from the optimum")
    return fig


def approach(record: LocalWork) -> float:
    """The share of the way to its own optimum that a client goes in the first round; mean of three."""
    before, after = (((record.paths[0, :, t] - CENTERS) ** 2).sum(axis=1) ** 0.5 for t in (0, -1))
    return float((1 - after / before).mean())


def draw_drift(record: LocalWork, kappa: float, **_: Value) -> Figure:
    fig = _draw(record, kappa, {"run": record.distance}, NEAR_DRIFT)
    headline(fig.axes[0], f"Clients get {percentage(approach(record))} closer to their optima")
    return fig


def draw_proximal(record: ProximalWork, mu: float, **_: Value) -> Figure:
    distances = {f"μ = {mu:g}": record.tied.distance, "μ = 0": record.free_distance}
    fig = _draw(record.tied, STEEP, distances, NEAR_PROX)
    if mu > 0:
        plots.proximal_springs(fig.axes[0], record.tied.paths[0, 0, 0], record.tied.paths[0, :, -1])
    headline(fig.axes[0], f"With μ = {mu:g} clients get {percentage(approach(record.tied))} closer")
    return fig


def alt_drift(record: LocalWork, T: int, kappa: float, ratio: int, average: str) -> str:
    return (
        f"With {plural(T, 'local step')} per round w ends {record.distance[-1]:.2f} away from the optimum, "
        f"where the closed form says {record.bias:.2f}; it began at {record.distance[0]:.2f}. Left: three "
        f"clients' level lines (curvature ratio {kappa:g}; the top client has {ratio} times the examples; "
        f"the server's average is {average}) and their local paths in four rounds; the optimum is a star, "
        "the fixed point of theory a cross. Right: distance of w to the optimum against rounds."
    )


def alt_proximal(record: ProximalWork, T: int, mu: float) -> str:
    return (
        f"With μ = {mu:g} w ends {record.tied.distance[-1]:.2f} away from the optimum (the closed form says "
        f"{record.tied.bias:.2f}), without the proximal term {record.free_distance[-1]:.2f} away. Left: "
        f"local paths of three clients, {plural(T, 'local step')} per round, with the proximal term drawn as "
        "springs; the optimum is a star, the fixed point of theory a cross. Right: distance to the optimum "
        "against rounds."
    )


LOCAL = Doubling("local steps T", 1, 64, 16)
KAPPAS = Slider("how much clients differ: curvature κ", 1.0, 10.0, 1.0, 8.0)
MUS = Slider("proximal term μ", 0.0, 3.0, 0.25, 0.5)


def _all_runs() -> None:
    """Every setting of both demos: a few seconds."""
    for T in LOCAL.values:
        for kappa in KAPPAS.values:
            for ratio, average in product(RATIOS, AVERAGES):
                _work(T, kappa, 0.0, ratio, average)
        for mu in MUS.values:
            _work(T, STEEP, mu)


client_drift = Demo(
    compute=compute_drift,
    draw=draw_drift,
    controls={
        "T": LOCAL,
        "kappa": KAPPAS,
        "ratio": Numbers("examples of the top client, times those of the others", RATIOS, 1),
        "average": Choice("the server's average", AVERAGES, WEIGHTED),
    },
    title="FedAvg: many local steps take few rounds, and end away from the optimum",
    goal="end within 0.05 of the optimum with 16 local steps although the top client is three times as "
    "large as the others. What must be true of the clients, and of the average?",
    reached=lambda record, T, ratio, **_: T == 16 and ratio == 3 and record.bias < NEAR_DRIFT,
    notice="With one local step a round is gradient descent, and w converges to the optimum. With many, each "
    "client nearly reaches its own optimum, and w ends near their mean, weighted by size: after few rounds, "
    "but with a bias. Clients of equal curvature cause no bias. A plain mean of clients of unequal size "
    "misses the optimum even with one local step.",
    alt=alt_drift,
    presets={
        "One step": {"T": 1},
        "Unequal sizes": {"ratio": 10},
        "Plain mean": {"T": 1, "ratio": 10, "average": "plain mean"},
        "Break it": {"T": 64, "kappa": 10.0},
    },
    prepare=_all_runs,
)

proximal_term = Demo(
    compute=compute_proximal,
    draw=draw_proximal,
    controls={"T": LOCAL, "mu": MUS},
    title="FedProx: the proximal term keeps each client near w, like a spring",
    goal="with 64 local steps, end within 0.15 of the optimum. How many rounds does it take now?",
    reached=lambda record, T, **_: T == 64 and record.tied.bias < NEAR_PROX,
    notice="A larger μ shortens the local paths, moves the fixed point back towards the optimum, and makes "
    "the convergence slower. No μ gives both few rounds and the optimum.",
    alt=alt_proximal,
    presets={
        "μ = 0": {"mu": 0.0},
        "Large μ": {"T": 16, "mu": 3.0},
        "Break it": {"T": 1, "mu": 3.0},
    },
    prepare=_all_runs,
)


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
def _counts() -> dict[float, ndarray]:
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
    return LabelSkew(_counts()[alpha], done, contributed > 0)


def draw_skew(record: LabelSkew, **_: Value) -> Figure:
    fig, (left, right) = canvas(2, height=5.2)
    plots.class_counts(left, record.counts, record.used)
    headline(left, f"A client's largest class is {percentage(record.largest_class)} of it")
    plots.epochs_done(right, record.done, record.used, EPOCHS)
    headline(right, _lost_classes(record))
    return fig


def _lost_classes(record: LabelSkew) -> str:
    if not record.vanished:
        return "No class vanishes"
    return f"{record.vanished} of 10 classes nearly {'vanishes' if record.vanished == 1 else 'vanish'}"


def alt_skew(record: LabelSkew, alpha: float, fraction: float, late: str) -> str:
    return (
        f"{_lost_classes(record)} from the average: {int((~record.used).sum())} of "
        "twelve clients are discarded, and the largest class of a client is "
        f"{percentage(record.largest_class)} of it on average (Dirichlet alpha {alpha:g}). Left: bubbles for "
        "how many images of each class each client holds, hollow where its work is discarded. Right: epochs "
        f"out of ten that each client has completed at the deadline; {percentage(fraction)} straggle, and "
        f"their unfinished work is {late}."
    )


def first_to_vanish(record: LabelSkew, alpha: float, fraction: float, late: str) -> bool:
    """A class vanishes, and none does with the next smaller fraction of stragglers."""
    place = FRACTIONS.values.index(fraction)
    if alpha != ALPHAS.values[0] or late != "discarded" or not place:
        return False
    fewer = compute_skew(alpha, float(FRACTIONS.values[place - 1]), late)
    return record.vanished > 0 and fewer.vanished == 0


label_skew = Demo(
    compute=compute_skew,
    draw=draw_skew,
    controls={
        "alpha": ALPHAS,
        "fraction": FRACTIONS,
        "late": Choice("unfinished work is", tuple(WORK), "discarded"),
    },
    title="Discarding slow clients discards classes, where clients hold few",
    goal="at α = 0.1, find the smallest fraction of stragglers for which a class vanishes. Keep their work, "
    "and look again. (Vanishes: has less than a fifth of its weight.)",
    reached=first_to_vanish,
    notice="Where clients are alike, discarding half of them costs half of the examples and no class. Where "
    "each holds few classes, a discarded client takes classes with it: the round is biased, and if the same "
    "devices are always slow, so is the model. With partial work each client contributes, only less.",
    alt=alt_skew,
    presets={
        "Alike": {"alpha": 1000.0},
        "Partial work": {"alpha": 0.1, "late": "kept"},
        "Break it": {"alpha": 0.1, "fraction": 0.9},
    },
    prepare=_counts,
)
