"""Demos of lecture 04: where local steps lead. Points and paths are runs; the cross is the closed form."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import federated as plots
from courseware.plots import lines
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data import load
from lsml_core.data.clients import dirichlet
from lsml_core.parallel.federated import Dropped, Partial
from lsml_core.parallel.federated.quadratics import Bowls, fans, fixed_point, turned

# --- three clients on a map ------------------------------------------------------------------------

ETA, ROUNDS, SHOWN = 0.3, 25, 4
FLOOR = 1e-3  # of the distances drawn
WINDOW = (-2.4, 2.4, -2.0, 2.2)
CENTERS = np.array([[-1.6, -0.9], [1.6, -0.9], [0.0, 1.6]])
ANGLES = (0.5, 2.0, 1.2)
STEEP = 8.0  # κ where only μ is turned
START = np.array([-1.9, 1.6])


@cache
def _bowls(kappa: float) -> Bowls:
    """Client k is κ times as steep across its valley as along it."""
    H = np.stack([turned((0.3, 0.3 * kappa), angle) for angle in ANGLES])
    return Bowls(H, CENTERS, np.full(3, 1 / 3))


@cache
def _levels(kappa: float) -> tuple[ndarray, ...]:
    """Two level lines of each client, heights 0.15 and 0.6; client by client in turn."""
    bowls, angle = _bowls(kappa), np.linspace(0, 2 * np.pi, 90)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    return tuple(
        c + (np.sqrt(2 * height) * np.linalg.solve(np.linalg.cholesky(H).T, circle)).T
        for height in (0.15, 0.6)
        for H, c in zip(bowls.H, bowls.c, strict=True)
    )


@cache
def _run(T: int, kappa: float, mu: float) -> tuple[ndarray, ndarray, ndarray]:
    """The fans that are drawn, the distance to the optimum after every round, and the end in theory."""
    bowls = _bowls(kappa)
    found = fans(bowls, START, ROUNDS, eta=ETA, T=T, mu=mu)
    away = np.linalg.norm(found[:, 0, 0] - bowls.optimum, axis=1)
    return found[:SHOWN].copy(), away, fixed_point(bowls, eta=ETA, T=T, mu=mu)


def _draw(T: int, kappa: float, mu: float, goal: float, before: tuple[str, float] | None) -> Figure:
    """Left the map, right the distance to the optimum: of `before`, a label and its μ, too.

    The end is good if it is nearer than `goal`.
    """
    bowls, (found, away, end) = _bowls(kappa), _run(T, kappa, mu)
    fig, (left, right) = canvas(2)
    plots.fan(left, _levels(kappa), CENTERS, found, bowls.optimum, end, WINDOW)
    bias = float(np.linalg.norm(end - bowls.optimum))
    if mu > 0:
        plots.leash(left, found[0, 0, 0], found[0, :, -1])
    steps = "one local step" if T == 1 else f"{T} local steps"
    headline(left, f"a round is {steps}" + (f", μ = {mu:g}" if before else ""))
    series = {"run" if not before else f"μ = {mu:g}": away} | (
        {before[0]: _run(T, kappa, before[1])[1]} if before else {}
    )
    lines.curves(right, np.arange(ROUNDS), series, floor=FLOOR)
    lines.bound(right, np.array([0, ROUNDS]), np.full(2, max(bias, 1.05 * FLOOR)))
    lines.line_legend(right, list(series), "end in theory")
    right.set(xlabel="round", ylabel="distance of w to the optimum", xlim=(0, ROUNDS - 1), ylim=(FLOOR, 5))
    badge(right, bias < goal, f"the end is {told_apart(bias, goal, '.2f')[0]} from the optimum")
    return fig


def _draw_fans(T: int, kappa: float) -> Figure:
    return _draw(T, kappa, 0.0, 0.05, None)


def _draw_springs(T: int, mu: float) -> Figure:
    return _draw(T, STEEP, mu, 0.15, ("μ = 0", 0.0))


LOCAL = Doubling("local steps T", 1, 64, 16)
KAPPAS = Slider("how much clients differ: curvature κ", 1.0, 10.0, 1.0, 8.0)
PULLS = Slider("pull μ", 0.0, 3.0, 0.25, 0.5)


def _all_runs() -> None:
    """Every position of both demos: half a second."""
    for T in LOCAL.values:
        for kappa in KAPPAS.values:
            _run(T, kappa, 0.0)
        for mu in PULLS.values:
            _run(T, STEEP, mu)


fan = picture_demo(
    draw=_draw_fans,
    controls={"T": LOCAL, "kappa": KAPPAS},
    title="FedAvg: fewer rounds, and the wrong place",
    goal="be within 0.05 of the optimum in the end, with 16 local steps. What must be true of the clients?",
    notice="With one local step the round is gradient descent, and ends at the optimum. With many, every "
    "client arrives at its own best point, however weakly it cares, and w ends at their plain mean. It is "
    "there in a few rounds: fast, and biased. Clients of equal curvature do no harm.",
    alt=lambda T, kappa: (
        f"Left: three clients' level lines (curvature ratio {kappa:g}) and their local paths of {T} steps, "
        "fanning out of w in four rounds; the optimum is a star, the fixed point of theory a cross. Right: "
        "distance of w to the optimum against rounds, with the closed form dashed."
    ),
    presets={"One step": {"T": 1}, "Alike": {"kappa": 1.0}, "Break it": {"T": 64, "kappa": 10.0}},
    prepare=_all_runs,
)

springs = picture_demo(
    draw=_draw_springs,
    controls={"T": LOCAL, "mu": PULLS},
    title="FedProx: a spring between each client and w",
    goal="with 64 local steps, bring the end within 0.15 of the optimum. How many rounds does it take now?",
    notice="The proximal term is a spring of stiffness μ: it shortens the fans, moves the fixed point back "
    "towards the optimum, and slows every round down. No μ gives all three.",
    alt=lambda T, mu: (
        f"Left: local paths of {T} steps of three clients, each tied to w by a spring of stiffness {mu:g}; "
        "the optimum is a star, the fixed point of theory a cross. Right: distance to the optimum against "
        "rounds, with the spring and without."
    ),
    presets={"No spring": {"mu": 0.0}, "Stiff": {"T": 64, "mu": 3.0}, "Break it": {"T": 1, "mu": 3.0}},
    prepare=_all_runs,
)


# --- who holds what, and who is done in time -------------------------------------------------------

CLIENTS, EPOCHS = 12, 10
ALPHAS = LogSlider("Dirichlet α", 0.1, 1000, 1, 1.0)
WORK = {"thrown away": Dropped, "kept": Partial}


@cache
def _counts() -> dict[float, ndarray]:
    """α -> examples of each class on each client."""
    y = load("fashion", side=14).y[:1200]
    found = {}
    for alpha in ALPHAS.values:
        parts = dirichlet(y, CLIENTS, alpha, rng=np.random.default_rng(0))
        found[alpha] = np.stack([np.bincount(y[part], minlength=10) for part in parts])
    return found


def _draw_mix(alpha: float, share: float, late: str) -> Figure:
    counts = _counts()[alpha]
    done = Partial(share).epochs(CLIENTS, EPOCHS, rng=np.random.default_rng(2))
    used = WORK[late](share).epochs(CLIENTS, EPOCHS, rng=np.random.default_rng(2)) > 0
    fig, (left, right) = canvas(2, height=5.2)
    plots.bubbles(left, counts, used)
    weight, before = (c.sum(0) / c.sum() for c in (counts[used], counts))
    lost = int((weight < before / 5).sum())
    largest = (counts.max(1) / counts.sum(1)).mean()
    headline(left, f"a client's largest class: {largest:.0%} of it")
    plots.work(right, done, used, EPOCHS)
    badge(right, lost == 0, f"nearly gone: {lost} of 10 classes" if lost else "no class vanishes")
    return fig


mix = picture_demo(
    draw=_draw_mix,
    controls={
        "alpha": ALPHAS,
        "share": Slider("share of stragglers", 0.0, 0.9, 0.1, 0.5),
        "late": Choice("unfinished work is", tuple(WORK), "thrown away"),
    },
    title="Two kinds of heterogeneity, and how they meet",
    goal="at α = 0.1, find the smallest share of stragglers for which a class vanishes. Keep their work, and "
    "look again. (Vanishes: weighs less than a fifth of its share.)",
    notice="Where clients are alike, dropping half of them costs half of the examples and no class. Where "
    "each knows few classes, whoever is dropped takes classes along: the round is biased, and if the same "
    "devices are always slow, so is the model. Partial work is less work, of everybody.",
    alt=lambda alpha, share, late: (
        f"Left: bubbles for how many images of ten classes twelve clients hold, Dirichlet alpha {alpha:g}; "
        "hollow where a client's work is thrown away. Right: epochs out of ten that each client has done at "
        f"the deadline, {share:.0%} stragglers, whose unfinished work is {late}."
    ),
    presets={
        "Alike": {"alpha": 1000.0},
        "Partial work": {"alpha": 0.1, "late": "kept"},
        "Break it": {"alpha": 0.1, "share": 0.9},
    },
    prepare=_counts,
)
