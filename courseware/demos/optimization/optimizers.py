"""Demos of lectures 00 and 01: the optimizers of the course on one surface, and on a small network.

`lsml_core.optimization.steps.optimizers` decides which optimizers there are; names, keys and counts here
follow from it.
"""

import numpy as np
from matplotlib.figure import Figure

from courseware.demos.engine.controls import Choice, LogSlider, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.demos.optimization.landscapes import landscape
from courseware.demos.optimization.looks import by_roster, without_marks
from courseware.demos.optimization.momentum_runs import RAVINE, VALLEY
from courseware.demos.optimization.optimizers_runs import (
    ALL,
    CLOSE,
    COUNT,
    FAR,
    FIRST,
    LENGTH,
    NAMES,
    STEPS,
    SURFACES,
    Comparison,
    Start,
    Training,
    roster,
    run_comparison,
    run_start,
    run_training,
)
from courseware.demos.optimization.phrases import join, spell
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, legend, log_axis, plural, power_of_ten
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Look
from courseware.studies.optimizer_comparison import BATCH, BATCHES_PER_EPOCH, BLOCK, EPOCHS, SEEDS
from courseware.studies.optimizer_comparison import ETAS as TRIED


def _looks() -> dict[str, Look]:
    return by_roster(roster(0.1))


# --- two optimizers in one valley ------------------------------------------------------------------


def draw_start(record: Start, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    looks = _looks()
    plots.landscape(left, landscape(RAVINE, VALLEY))
    plots.paths(left, {name: path[: record.steps + 1] for name, path in record.paths.items()}, looks)
    time = np.arange(LENGTH + 1)
    thin = {name: without_marks(look) for name, look in looks.items()}
    plots.named_lines(right, {name: (time, y) for name, y in record.losses.items()}, thin, key=left)
    log_axis(right)
    lines.mark_x(right, record.steps)
    right.set(xlabel="step", ylabel="loss", xlim=(0, LENGTH), ylim=(1e-10, 1e4))
    headline(left, _start_verdict(record))
    return fig


def _start_verdict(record: Start) -> str:
    if record.diverging:
        verb = "diverges" if len(record.diverging) == 1 else "diverge"
        return f"{join(record.diverging)} {verb}"
    last = {name: y[record.steps] for name, y in record.losses.items()}
    best = min(last, key=lambda name: last[name])
    if len(last) > 2:
        return f"{best} has the lowest loss after {plural(record.steps, 'step')}"
    ratio = max(last.values()) / max(last[best], 1e-300)
    if ratio < 1.005:
        return f"Both have the same loss after {plural(record.steps, 'step')}"
    if ratio < 1000:
        times = f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"
    else:
        times = f"about {power_of_ten(ratio)}"
    return f"{best}'s loss is {times} times lower after {plural(record.steps, 'step')}"


def _optimizers(shown: str) -> str:
    return f"{ALL} optimizers" if shown == ALL else f"{FIRST.lower()} and {shown}"


two_optimizers = Demo(
    compute=run_start,
    draw=draw_start,
    controls={
        "eta": LogSlider("step size η", 0.01, 1, 12, 0.0464),
        "shown": Choice(f"{FIRST} and", (*NAMES[1:], ALL), NAMES[1]),
        "steps": Slider("steps", 1, LENGTH, 1, 40),
    },
    title="Two optimizers in the same valley, from the same start, with the same step size",
    goal=f"find a step size at which {FIRST.lower()} diverges and {NAMES[1].lower()} still arrives.",
    reached=lambda record, shown, **_: shown == NAMES[1] and record.diverging == [FIRST],
    notice=f"{FIRST} swings across the valley and is slow along it. {NAMES[1]} keeps half of its last "
    "move in "
    "every step: along the valley its moves add up, across the valley they cancel.",
    alt=lambda record, eta, shown, steps: (
        f"{_start_verdict(record)}. Left: the paths of {_optimizers(shown)} in a valley 25 times steeper "
        f"across than along, with step size {eta:g}. Right: their losses over {LENGTH} steps; at step "
        f"{steps} " + join([f"{name} is at {y[steps]:.1e}" for name, y in record.losses.items()]) + "."
    ),
    presets={ALL.capitalize(): {"shown": ALL}, "Break it": {"eta": 0.178}},
)


# --- on one surface --------------------------------------------------------------------------------

WINDOW = (-4.5, 4.5, -4.5, 4.5)


def draw_comparison(record: Comparison, surface: str, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.landscape(left, landscape(SURFACES[surface], WINDOW))
    looks, time = _looks(), np.arange(STEPS + 1)
    plots.paths(left, record.paths, looks)
    for name, loss in record.losses.items():
        shown = np.where(np.abs(loss) < 1e30, np.maximum(loss, 1e-12) if record.has_minimum else loss, np.nan)
        right.plot(time, shown, **without_marks(looks[name]))
    if record.has_minimum:
        log_axis(right)
    right.set(xlabel="step (one gradient each)", xlim=(0, STEPS))
    right.set_ylabel("loss above the minimum" if record.has_minimum else "loss")
    right.set_ylim((1e-12, FAR) if record.has_minimum else (-12, 12))
    legend(left, {name: {**looks[name], "markersize": 7} for name in record.paths})
    headline(left, _comparison_verdict(record))
    return fig


def _comparison_verdict(record: Comparison) -> str:
    if record.stuck:
        return f"{_every(record)} stay on the ridge of the saddle"
    if not record.lowest:
        return f"{_every(record)} diverge"
    ends = f"{join(record.lowest)} {'end' if len(record.lowest) > 1 else 'ends'} lowest"
    return ends + (f"; {spell(len(record.left))} left the picture" if record.left else "")


def _every(record: Comparison) -> str:
    return "Both optimizers" if len(record.paths) == 2 else f"All {spell(len(record.paths))} optimizers"


comparison = Demo(
    compute=run_comparison,
    draw=draw_comparison,
    controls={
        "surface": Choice("surface", tuple(SURFACES), next(iter(SURFACES))),
        "shown": Choice(f"{FIRST} and", (*NAMES[1:], ALL), ALL),
        "eta": LogSlider("step size η, the same for all", 0.0001, 1, 6, 0.0464),
        "beta": Slider("β (and Adam's β₁)", 0.0, 0.98, 0.02, 0.9),
        "w1": Slider("start w₁", -4.0, 4.0, 0.5, -4.0),
        "w2": Slider("start w₂", -4.0, 4.0, 0.5, 2.0),
    },
    title=f"{COUNT.capitalize()} optimizers, one surface, one step size",
    goal="Adagrad comes last here. Find an η at which it comes first.",
    reached=lambda record, shown, **_: shown == ALL and "Adagrad" in record.lowest,
    notice="No optimizer wins everywhere. RMSProp and Adam move by about η per step whatever the slope, "
    "Adagrad by less and less; the others move in proportion to the slope, so one η is too small on one "
    "surface and too large on the next.",
    alt=lambda record, surface, shown, eta, beta, w1, w2: (
        f"{_comparison_verdict(record)}. Left: {STEPS} steps of {_optimizers(shown)} on the surface "
        f"'{surface}' from ({w1:g}, {w2:g}) with step size {eta:g} and beta {beta:g}. Right: their loss over "
        "the steps. " + ", ".join(f"{name} ends at {y[-1]:.1e}" for name, y in record.losses.items()) + "."
    ),
    presets={
        "Rosenbrock's valley": {"surface": "Rosenbrock", "eta": 0.001, "w1": -1.5, "w2": 2.0},
        "Four minima": {"surface": "Himmelblau", "eta": 0.01, "w1": 0.0, "w2": 0.0},
        "On the ridge": {"surface": "saddle", "eta": 0.1, "w1": -4.0, "w2": 0.0},
        "Break it": {"surface": "Beale", "eta": 0.01, "w1": 4.0, "w2": 4.0},
    },
    live=("surface", "eta"),
    positions={"eta": (0.001, 0.01, 0.0464, 0.1, 0.215, 1.0)},
    handles=(Handle("the start of all runs", 0, lambda _, w1, w2, **__: (w1, w2), x="w1", y="w2"),),
)


# --- the same rules train a network ----------------------------------------------------------------

ETAS = Numbers("step size η, the same for all", TRIED, 0.001)


def draw_training(record: Training, eta: float, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    looks = _looks()
    thin = {name: without_marks(look) for name, look in looks.items()}
    gradients = BLOCK * np.arange(1, len(record.losses[NAMES[0]]) + 1)
    plots.named_lines(left, {name: (gradients, y) for name, y in record.losses.items()}, thin)
    for i, name in enumerate(record.losses):
        high = np.minimum(record.high[name], 1e30)
        lines.band(left, gradients, record.low[name], high, i)
    log_axis(left)
    left.set(xlabel=f"gradients (batches of {BATCH})", ylabel=f"training loss, mean of {BLOCK}")
    left.set(xlim=(0, gradients[-1]), ylim=(0.1, 30))
    for name, accuracy in record.accuracy.items():
        right.errorbar(record.etas, accuracy, record.spread[name], markersize=7, linewidth=1.2, **looks[name])
    log_axis(right, "x")
    lines.mark_x(right, eta)
    right.set(xlabel="step size η", ylabel="test accuracy at the end", ylim=(0, 0.95))
    right.set_xlim(TRIED[0] / 1.5, TRIED[-1] * 1.5)
    headline(left, _training_verdict(record))
    return fig


def _training_verdict(record: Training) -> str:
    verb = "is" if len(record.best) == 1 else "are"
    best = join([FIRST.lower() if name == FIRST else name for name in record.best])
    return f"At η = {record.etas[-1]:g} {best} {verb} best after {plural(record.epochs, 'epoch')}"


training = Demo(
    compute=run_training,
    draw=draw_training,
    controls={"eta": ETAS, "epochs": Numbers("epochs: when to stop", EPOCHS, 2)},
    title=f"The same {COUNT} optimizers train a small network on Fashion-MNIST",
    goal="find the best η of each optimizer. Then go to an η where both momentum rules are ahead of "
    "RMSProp and Adam.",
    reached=lambda record, **_: _momentum_rules_lead(record),
    notice="Which optimizer is best depends on η. RMSProp and Adam have their best accuracy at a smaller "
    "η than the others, because they move by about η per step whatever the gradient.",
    alt=lambda record, eta, epochs: (
        f"{_training_verdict(record)}. Left: training loss of {COUNT} optimizers at step size {eta:g} over "
        f"{epochs * BATCHES_PER_EPOCH} gradients, with the range of {spell(len(SEEDS))} seeds. Right: their "
        "test accuracy against the step size. "
        + ", ".join(f"{name} reaches {values[-1]:.3f}" for name, values in record.accuracy.items())
        + "."
    ),
    presets={"Break it": {"eta": 1.0}},
)


def _momentum_rules_lead(record: Training) -> bool:
    """Whether both momentum rules are ahead of RMSProp and Adam here, by more than CLOSE."""
    last = {name: values[-1] for name, values in record.accuracy.items()}
    return bool(min(last["Momentum"], last["Nesterov"]) > max(last["RMSProp"], last["Adam"]) + CLOSE)
