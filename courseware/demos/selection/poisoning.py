"""Demos of lecture 09, second part: poisons and EPIC. Stored runs: `courseware.studies.poisoning`."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers
from courseware.demos.engine.demo import Demo
from courseware.plots import robust_selection as plots
from courseware.plots.axes import headline, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import stored
from lsml_core.selection.epic import isolated
from lsml_core.selection.poisoning import angle, success_interval

EPSILONS, BUDGETS = (0.05, 0.1, 0.2, 0.3, 0.4), (1, 3)
STOPS, AGES = (10, 20), (1, 2, 4, 8, 15)
DEFENCES = ("no defence", "EPIC 10 %", "EPIC 20 %")


class Match(NamedTuple):
    """Angles of six attacks in degrees, how many flipped their target, and four poisons of the first one."""

    degrees: Float[ndarray, " targets"]
    flipped: int
    before: Float[ndarray, "4 side side"]
    after: Float[ndarray, "4 side side"]


def compute_match(epsilon: float, budget: int) -> Match:
    run, i, j = stored("poisoning", "angle"), EPSILONS.index(epsilon), BUDGETS.index(budget)
    degrees = np.array([angle(float(m)) for m in run["mismatch"][:, i, j]])
    return Match(degrees, int(run["success"][:, i, j].sum()), run["before"][i], run["after"][i])


def draw_match(record: Match, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(1, 1.25))
    plots.dial(left, float(record.degrees.mean()), record.degrees)
    headline(left, f"The attack works on {record.flipped} of {len(record.degrees)} targets")
    rows = {"clean": record.before, "poison": record.after, "change": record.after - record.before}
    plots.image_rows(right, rows)
    most = np.abs(record.after - record.before).max()
    headline(right, f"No pixel changes by more than {most:.2g}")
    return fig


match = Demo(
    compute=compute_match,
    draw=draw_match,
    controls={
        "epsilon": Numbers("ε, largest change of a pixel", EPSILONS, 0.05),
        "budget": Numbers("poisons, percent of the data", BUDGETS, 1),
    },
    title="Turning the poisons' gradient towards that of the target",
    goal="make the attack work on at least four of six targets. Would you notice these images?",
    reached=lambda record, **_: record.flipped >= 4,
    notice="With a larger ε the poisons' gradient comes closer to the target's direction, and more "
    "targets are misclassified. "
    "On 8 × 8 images this takes changes that anybody sees; the paper uses 16/255 on CIFAR-10.",
    alt=lambda record, epsilon, budget: (
        f"The attack works on {record.flipped} of {len(record.degrees)} targets with ε = {epsilon} and "
        f"{budget} % poisons. Left: a dial; the angle between the gradients is {record.degrees.mean():.0f} "
        "degrees, mean of the targets. Right: four digits before and after an attack with 3 % poisons, and "
        "their difference."
    ),
    presets={"Break it": {"epsilon": 0.1, "budget": 3}},
)


# --- isolated medoids -------------------------------------------------------------------------------


class Clusters(NamedTuple):
    """Gradients of the poison class in the plane, that of the target labelled as the attacker wants, poisons,
    effective poisons, and what EPIC would drop."""

    points: Float[ndarray, "n 2"]
    target: Float[ndarray, " 2"]
    poison: Bool[ndarray, " n"]
    effective: Bool[ndarray, " n"]
    dropped: Int[ndarray, " m"]

    @property
    def found(self) -> float:
        """The share of the effective poisons that is dropped."""
        return float(np.isin(np.flatnonzero(self.effective), self.dropped).mean())

    @property
    def lost(self) -> float:
        """The share of the clean images that is dropped."""
        return float(np.isin(np.flatnonzero(~self.poison), self.dropped).mean())


def compute_clusters(age: int, percent: int) -> Clusters:
    run = stored("poisoning", "clusters")
    gradients = run["gradients"][AGES.index(age)].astype(float)
    dropped = isolated(gradients, np.zeros(len(gradients), int), percent / 100)
    mean = gradients.mean(axis=0)
    plane = np.linalg.svd(gradients - mean, full_matrices=False)[2][:2]
    target = (run["target"][AGES.index(age)] - mean) @ plane.T
    return Clusters((gradients - mean) @ plane.T, target, run["poison"], run["effective"], dropped)


def draw_clusters(record: Clusters, **_: object) -> Figure:
    fig, (ax,) = canvas(1)
    names = ("clean", "poison", "dropped: alone in its cluster")
    plots.gradient_scatter(
        ax, record.points, record.poison, record.dropped, names, dropped=True, target=record.target
    )
    found, lost = percentage(record.found), percentage(record.lost)
    headline(ax, f"One round drops {found} of the effective poisons and {lost} of the clean images")
    return fig


clusters = Demo(
    compute=compute_clusters,
    draw=draw_clusters,
    controls={
        "age": Numbers("epochs of training", AGES, 1),
        "percent": Numbers("medoids, percent of the class", (5, 10, 20, 30, 60), 30),
    },
    title="Gradients of the class whose label the poisons carry",
    goal="drop at least 80 % of the effective poisons and at most 10 % of the clean images in one round.",
    reached=lambda record, **_: record.found >= 0.8 and record.lost <= 0.1,
    notice="Effective poisons lie at the gradient of the target, far from those of their own class, so that "
    "facility location gives them medoids, which stand alone. Clean images that are not learned yet stand "
    "alone as well.",
    alt=lambda record, age, percent: (
        f"One round of EPIC with {percent} % medoids drops "
        f"{percentage(record.found)} of the {record.effective.sum()} effective poisons and "
        f"{percentage(record.lost)} of the clean images. Gradients of one class after {plural(age, 'epoch')}."
    ),
    presets={"Break it": {"age": 1, "percent": 60}},
)


# --- with and without -------------------------------------------------------------------------------


PLACES = ("frozen features", "from scratch")


class Defences(NamedTuple):
    """By defence: success with a 95 % interval, and test accuracy, over all targets."""

    names: tuple[str, ...]
    success: Float[ndarray, " defences"]
    low: Float[ndarray, " defences"]
    high: Float[ndarray, " defences"]
    accuracy: Float[ndarray, " defences"]
    targets: int


def compute_defences(trained: str, epochs: int, what: str) -> Defences:
    del what  # both are in the record
    run, i = stored("poisoning", "transfer"), STOPS.index(epochs)
    hits, accuracy = run["success"][:, :, i], run["accuracy"][:, :, i]
    if trained == "from scratch":
        run = stored("poisoning", "scratch")
        hits, accuracy = run["success"], run["accuracy"]
    low, high = np.array([success_interval(int(h), len(hits)) for h in hits.sum(axis=0)]).T
    names = DEFENCES[: hits.shape[1]]
    return Defences(names, hits.mean(axis=0), low, high, accuracy.mean(axis=0), len(hits))


def draw_defences(record: Defences, trained: str, epochs: int, what: str) -> Figure:
    del trained, epochs
    fig, (ax,) = canvas(1)
    if what == "attack success":
        plots.rates(ax, record.success, record.low, record.high, record.names, "defence")
        without, with_epic = (percentage(s) for s in record.success[:2])
        headline(ax, f"The attack succeeds on {without} of the targets without EPIC, on {with_epic} with it")
    else:
        plots.rates(ax, record.accuracy, record.accuracy, record.accuracy, record.names, "defence")
        lost = 100 * (record.accuracy[0] - record.accuracy[1])
        headline(ax, f"EPIC costs {lost:.1f} points of test accuracy")
    ax.set(ylabel=f"{what}, {record.targets} targets")
    return fig


defences = Demo(
    compute=compute_defences,
    draw=draw_defences,
    controls={
        "trained": Choice("trained", PLACES, "frozen features"),
        "epochs": Numbers("epochs of training (frozen features)", STOPS, 20),
        "what": Choice("show", ("attack success", "test accuracy"), "test accuracy"),
    },
    title="Poisoned digits, with and without EPIC",
    goal="find where EPIC lowers the success of the attack to a quarter or less.",
    reached=lambda record, what, **_: what == "attack success" and record.success[1] < record.success[0] / 4,
    notice="Without a defence the attack changes one prediction and leaves test accuracy as it is, so nobody "
    "notices it. With frozen features EPIC drops the poisons that the attack needs.",
    alt=lambda record, trained, epochs, what: (
        f"Trained {trained if trained == 'from scratch' else f'with {trained}'}, {record.targets} targets, "
        f"{epochs} epochs: attack success "
        + ", ".join(f"{name} {percentage(s)}" for name, s in zip(record.names, record.success, strict=True))
        + "; test accuracy "
        + ", ".join(f"{n} {percentage(a, 1)}" for n, a in zip(record.names, record.accuracy, strict=True))
        + f"; shown is {what}."
    ),
    presets={"Break it": {"trained": "from scratch", "what": "attack success"}},
    live=("trained", "epochs", "what"),
)
