"""Demos of lecture 04: where local steps lead. Points and paths are runs; the cross is the closed form."""

from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Value
from courseware.demos.engine.demo import Demo
from courseware.demos.parallel.federated_runs import (
    ALPHAS,
    AVERAGES,
    CENTERS,
    EPOCHS,
    FRACTIONS,
    KAPPAS,
    LOCAL,
    MUS,
    RATIOS,
    STEEP,
    WEIGHTED,
    WORK,
    LabelSkew,
    LocalWork,
    ProximalWork,
    class_counts,
    compute_drift,
    compute_proximal,
    compute_skew,
    level_lines,
    prepare_maps,
)
from courseware.plots import federated as plots
from courseware.plots.axes import headline, percentage, plural, told_apart
from courseware.plots.canvas import canvas

# --- three clients on a map ------------------------------------------------------------------------

FLOOR = 1e-3  # of the distances drawn
WINDOW = (-2.4, 2.4, -2.0, 2.2)
NEAR_DRIFT, NEAR_PROX = 0.05, 0.15  # distances to the optimum that the goals ask for


def _draw(record: LocalWork, kappa: float, distances: dict[str, ndarray], near: float) -> Figure:
    """Left the map, right the distances to the optimum. `near` is the distance that the goal asks for."""
    fig, (left, right) = canvas(2)
    optimum = record.clients.optimum
    plots.local_paths(
        left, level_lines(kappa), CENTERS, record.paths, record.means, optimum, record.end, WINDOW
    )
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
    prepare=prepare_maps,
    live=("T", "kappa", "ratio"),
    positions={"T": (1, 4, 16, 64), "kappa": (1.0, 2.0, 4.0, 8.0, 10.0), "ratio": (1, 3, 10)},
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
    prepare=prepare_maps,
    live=("T", "mu"),
)


# --- who holds what, and who is done in time -------------------------------------------------------


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
    """A class vanishes, and none does with the next smaller fraction of stragglers.

    record: the clients' classes.   alpha: of the Dirichlet distribution.   fraction: of late clients.
    late: what becomes of their work.
    """
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
    prepare=class_counts,
)
