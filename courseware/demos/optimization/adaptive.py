"""Demos of lecture 01: step sizes that adapt. Every curve is a run of `lsml_core.optimization.steps`."""

from itertools import islice
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import LogSlider, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.optimization.looks import by_roster, without_marks
from courseware.plots import lines
from courseware.plots import optimization as plots
from courseware.plots.axes import headline, log_axis, percentage
from courseware.plots.canvas import canvas
from courseware.plots.shapes import Look
from lsml_core.optimization.steps import Adagrad, Adam, RMSProp, optimizers, states

LOOKS = {name: without_marks(look) for name, look in by_roster(optimizers(0.1)).items()}

# --- Adagrad and RMSProp ---------------------------------------------------------------------------

STEPS = 300
BURST = 10  # steps
RARE = 20  # the sparse coordinate has one gradient in so many steps
WINDOW = 40  # steps over which step sizes are averaged
RECOVERED = 0.8


class EffectiveSteps(NamedTuple):
    """Rule -> η/(δ + √r) after each gradient, (STEPS, 2): what a gradient of 1 would be multiplied by.

    recovery: rule -> the dense coordinate's step at the end, divided by its step before the burst.
    rare: rule -> the sparse coordinate's step before the burst, divided by the dense one's.
    Steps are averaged (geometrically) over WINDOW steps.
    """

    sizes: dict[str, ndarray]
    recovery: dict[str, float]
    rare: dict[str, float]


def gradients(burst_at: int, burst_size: float) -> ndarray:
    """(STEPS, 2): unit noise at every step, with a burst, and unit noise at every RARE-th step only.

    burst_at: first step of the burst.   burst_size: its factor.
    """
    g = np.random.default_rng(1).normal(size=(STEPS, 2))
    g[burst_at : burst_at + BURST, 0] *= burst_size
    g[np.arange(STEPS) % RARE != 0, 1] = 0
    return g


def _effective_steps(rule: Adagrad | RMSProp, g: ndarray) -> ndarray:
    stream = iter(g)
    run = states(rule, lambda _: next(stream), np.zeros(2))
    r = np.stack([state for _, state in islice(run, 1, len(g) + 1)])
    return rule.eta / (rule.delta + np.sqrt(r))


def _geometric_mean(sizes: ndarray) -> float:
    return float(np.exp(np.log(sizes).mean()))


def run_adaptive(beta2: float, burst_at: int, burst_size: float) -> EffectiveSteps:
    g = gradients(burst_at, burst_size)
    rules = {"Adagrad": Adagrad(0.1), "RMSProp": RMSProp(0.1, beta2)}
    sizes = {name: _effective_steps(rule, g) for name, rule in rules.items()}
    end = {name: _geometric_mean(size[-WINDOW:, 0]) for name, size in sizes.items()}
    before = {
        name: [_geometric_mean(size[:burst_at, i][-WINDOW:]) for i in (0, 1)] for name, size in sizes.items()
    }
    recovery = {name: end[name] / dense for name, (dense, _) in before.items()}
    return EffectiveSteps(sizes, recovery, {name: sparse / dense for name, (dense, sparse) in before.items()})


def draw_adaptive(record: EffectiveSteps, burst_at: int, burst_size: float, **_: object) -> Figure:
    fig, axes = canvas(2)
    time = np.arange(1, STEPS + 1)
    names = ("a gradient in every step", f"a gradient in every {RARE}th step")
    for i, (ax, name) in enumerate(zip(axes, names, strict=True)):
        plots.named_lines(ax, {rule: (time, size[:, i]) for rule, size in record.sizes.items()}, LOOKS)
        log_axis(ax)
        ax.set(xlabel=f"step ({name})", ylabel="effective step η/√r", xlim=(0, STEPS), ylim=(1e-5, 1e3))
    if burst_size > 1:
        lines.shaded_interval(axes[0], burst_at, burst_at + BURST, "burst")
    headline(axes[0], _recovery_text(record, burst_size))
    headline(axes[1], f"Adagrad: rare steps {record.rare['Adagrad']:.1f} times longer")
    return fig


def _recovery_text(record: EffectiveSteps, burst_size: float) -> str:
    adagrad, rmsprop = (percentage(record.recovery[name]) for name in ("Adagrad", "RMSProp"))
    if burst_size > 1:
        return f"RMSProp recovers to {rmsprop}, Adagrad to {adagrad}"
    return f"RMSProp keeps {rmsprop}, Adagrad {adagrad}"


adaptive = Demo(
    compute=run_adaptive,
    draw=draw_adaptive,
    controls={
        "beta2": Slider("RMSProp's β₂", 0.5, 0.99, 0.01, 0.97),
        "burst_at": Slider("the burst begins at step", 20, 180, 10, 100),
        "burst_size": LogSlider("size of the burst's gradients", 1, 1000, 3, 100),
    },
    title="A burst of large gradients: Adagrad never forgets it, RMSProp does",
    goal=f"keep the burst at 100 or more and bring RMSProp's step back above {percentage(RECOVERED)}. Does "
    "any setting do it for Adagrad?",
    reached=lambda record, burst_size, **_: burst_size >= 100 and record.recovery["RMSProp"] > RECOVERED,
    notice="Adagrad's r only grows, so one burst shrinks every later step. RMSProp's r decays as β₂ᵗ, "
    "and its step returns. For the same reason RMSProp's step grows between rare gradients, more so for "
    "a small β₂.",
    alt=lambda record, beta2, burst_at, burst_size: (
        f"{_recovery_text(record, burst_size)}. Effective step sizes of Adagrad and RMSProp (beta2 "
        f"{beta2:g}) "
        f"over {STEPS} steps, logarithmic. Left: a weight with a gradient in every step, {burst_size:g} "
        "times "
        f"as large in a burst at step {burst_at}. Right: a weight with a gradient in every {RARE}th step; "
        "before "
        f"the burst Adagrad's steps are {record.rare['Adagrad']:.1f} times longer there."
    ),
    presets={
        "No burst": {"burst_size": 1.0},
        "Break it": {"beta2": 0.99, "burst_at": 180, "burst_size": 1000.0},
    },
)


# --- Adam's first steps ----------------------------------------------------------------------------

COUNT, ETA = 30, 0.01
FIRST_LOOKS: dict[str, Look] = {
    "v": LOOKS["Momentum"],  # each mean has the colour of the rule that it comes from
    "√r": LOOKS["RMSProp"],
    "uncorrected": {**LOOKS["Adam"], "linestyle": "-"},
    "corrected": {**LOOKS["Adam"], "linestyle": (0, (2, 1.5)), "linewidth": 3},
}


class FirstSteps(NamedTuple):
    """v and √r in units of the gradient's scale, and the size of each step in units of η, (COUNT,) each."""

    v: ndarray
    root_r: ndarray
    moves: dict[str, ndarray]


def _run(rule: Adam, g: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """w (COUNT + 1,) from 0, and the running means v and r after each gradient."""
    stream = iter(g)
    run = [*islice(states(rule, lambda _: np.array([next(stream)]), np.zeros(1)), len(g) + 1)]
    v, r = np.array([(state.v[0], state.r[0]) for _, state in run[1:]]).T
    return np.array([w[0] for w, _ in run]), v, r


def run_adam(beta1: float, beta2: float, scale: float) -> FirstSteps:
    g = scale * (1 + 0.3 * np.random.default_rng(0).normal(size=COUNT))
    w, v, r = _run(Adam(ETA, beta1, beta2), g)
    corrected, _, _ = _run(Adam(ETA, beta1, beta2, bias_correction=True), g)
    paths = {"uncorrected": w, "corrected": corrected}
    moves = {name: np.abs(np.diff(path)) / ETA for name, path in paths.items()}
    return FirstSteps(v / scale, np.sqrt(r) / scale, moves)


def draw_adam(record: FirstSteps, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    time = np.arange(1, COUNT + 1)
    for ax, series in ((left, {"v": record.v, "√r": record.root_r}), (right, record.moves)):
        for name, y in series.items():
            ax.plot(time, y, **FIRST_LOOKS[name])
        looks = {name: FIRST_LOOKS[name] for name in series}
        plots.level(ax, looks, "mean gradient" if ax is left else "η")
    log_axis(right)
    left.set(xlabel="step", ylabel="running means / gradient scale", ylim=(0, 1.5), xlim=(0, COUNT))
    right.set(xlabel="step", ylabel="size of the step / η", xlim=(0, COUNT), ylim=(1e-2, 1e2))
    headline(left, f"After one step v is {record.v[0] / record.root_r[0]:.1f} times √r")
    headline(right, _first_step_text(record))
    return fig


def _first_step_text(record: FirstSteps) -> str:
    plain, _ = (moves[0] for moves in record.moves.values())
    return f"Uncorrected, the first step is {plain:.2f} η"


adam = Demo(
    compute=run_adam,
    draw=draw_adam,
    controls={
        "beta1": Slider("β₁", 0.0, 0.99, 0.01, 0.9),
        "beta2": Slider("β₂", 0.9, 0.999, 0.001, 0.999),
        "scale": LogSlider("scale of the gradients", 0.001, 1000, 1, 1.0),
    },
    title=f"Adam's first {COUNT} steps, with and without bias correction",
    goal="find β₁ and β₂ for which the uncorrected first step is η, up to 1 %. Then look at its tenth.",
    reached=lambda record, **_: abs(record.moves["uncorrected"][0] - 1) < 0.01,
    notice="Both running means start at zero. Uncorrected, the first step is (1−β₁)/√(1−β₂) times η: at "
    "the default √r is still too small compared with v, so the steps are too long. Gradients a thousand "
    "times larger change no step.",
    alt=lambda record, beta1, beta2, scale: (
        f"{_first_step_text(record)}; corrected, it is {[*record.moves.values()][1][0]:.2f} η. Left: Adam's "
        f"running means v and root r over {COUNT} steps with beta1 {beta1:g}, beta2 {beta2:g} and gradients "
        f"scaled by {scale:g}; after one step v is {record.v[0]:.2f} and root r {record.root_r[0]:.2f} of "
        "the scale. Right: size of each step in units of eta."
    ),
    presets={"Gradients × 1000": {"scale": 1000.0}, "Break it": {"beta1": 0.0, "beta2": 0.999}},
    live=("beta1", "beta2"),
    positions={
        "beta1": (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99),
        "beta2": (0.9, 0.92, 0.94, 0.96, 0.98, 0.99, 0.995, 0.999),
    },
)
