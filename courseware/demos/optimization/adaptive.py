"""Demos of lecture 01, second half: steps that adapt. Every curve is a run of `optimization.steps`."""

from collections import defaultdict
from functools import cache
from itertools import islice

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.demos.optimization.optimization import rules_at
from courseware.plots import lines
from courseware.plots.axes import headline, log_axis
from courseware.plots.canvas import canvas
from lsml_core.optimization.steps import (
    Adagrad,
    Adam,
    RMSProp,
    states,
    torch_optimizer,
)

# --- Adagrad and RMSProp ---------------------------------------------------------------------------

STREAM = 300
BURST = 10


def _stream(burst_at: int, burst_size: float) -> ndarray:
    """Gradients (STREAM, 2): unit noise every step with a burst, and unit noise every 20th step only."""
    g = np.random.default_rng(1).normal(size=(STREAM, 2))
    g[burst_at : burst_at + BURST, 0] *= burst_size
    g[np.arange(STREAM) % 20 != 0, 1] = 0
    return g


def _effective_steps(rule: Adagrad | RMSProp, gradients: ndarray) -> ndarray:
    """η/(δ + √r) after each gradient, per coordinate: the step that a unit gradient would take."""
    left = iter(gradients)
    run = states(rule, lambda _: next(left), np.zeros(2))
    r = np.stack([state for _, state in islice(run, 1, len(gradients) + 1)])
    return rule.eta / (rule.delta + np.sqrt(r))


def _level(sizes: ndarray) -> float:
    """Geometric mean: single steps are noisy."""
    return float(np.exp(np.log(sizes).mean()))


def _draw_adaptive(beta2: float, burst_at: int, burst_size: float) -> Figure:
    gradients = _stream(burst_at, burst_size)
    rules = {"Adagrad": Adagrad(0.1), "RMSProp": RMSProp(0.1, beta2)}
    sizes = {name: _effective_steps(rule, gradients) for name, rule in rules.items()}
    fig, axes = canvas(2)
    time = np.arange(1, STREAM + 1)
    burst = burst_size > 1
    names = (f"dense coordinate, {'with a' if burst else 'no'} burst", "sparse: one gradient in 20")
    for i, (ax, name) in enumerate(zip(axes, names, strict=True)):
        lines.curves(ax, time, {rule: size[:, i] for rule, size in sizes.items()}, floor=1e-5)
        ax.set(xlabel="step", ylabel="effective step η/(δ+√r)", xlim=(0, STREAM), ylim=(1e-5, 1e3))
        headline(ax, name)
        lines.line_legend(ax, [*sizes])
    if burst:
        lines.shaded_interval(axes[0], burst_at, burst_at + BURST, "burst")
    back = {name: _level(size[-40:, 0]) / _level(size[:burst_at, 0][-40:]) for name, size in sizes.items()}
    words = f"end against {'before the burst' if burst else f'step {burst_at}'}:\n"
    words += ", ".join(f"{name} {share:.0%}" for name, share in back.items())
    axes[0].text(0.97, 0.83, words, transform=axes[0].transAxes, ha="right", va="top")
    return fig


adaptive = picture_demo(
    draw=_draw_adaptive,
    controls={
        "beta2": Slider("RMSProp's β₂", 0.5, 0.99, 0.01, 0.97),
        "burst_at": Slider("the burst begins at step", 20, 180, 10, 100),
        "burst_size": LogSlider("burst: gradients times", 1, 1000, 3, 100),
    },
    title="A burst of large gradients: Adagrad never forgets, RMSProp does",
    goal="keep the burst at 100 times and bring RMSProp's step back above 80 %. Does any setting do it "
    "for Adagrad?",
    notice="Adagrad's r only grows, so one burst shrinks every later step. RMSProp's r decays as β₂ᵗ, and "
    "its step returns. The same forgetting makes RMSProp's step grow between rare gradients, more "
    "so for a small β₂.",
    alt=lambda beta2, burst_at, burst_size: (
        "Effective step sizes of Adagrad and RMSProp over 300 steps, logarithmic. "
        f"Left: a coordinate with a burst of {burst_size:g} times larger gradients at step {burst_at}; "
        f"right: a coordinate with one gradient in twenty steps. RMSProp's beta2 is {beta2:g}."
    ),
    presets={
        "No burst": {"burst_size": 1.0},
        "Break it": {"beta2": 0.99, "burst_at": 180, "burst_size": 1000.0},
    },
)


# --- Adam's first steps ----------------------------------------------------------------------------


def _scalar_run(rule: Adam, gradients: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """w (count + 1,) from 0, and the running means v and r (count,) after each gradient."""
    left = iter(gradients)
    run = [*islice(states(rule, lambda _: np.array([next(left)]), np.zeros(1)), len(gradients) + 1)]
    v, r = np.array([(state.v[0], state.r[0]) for _, state in run[1:]]).T
    return np.array([w[0] for w, _ in run]), v, r


def _draw_adam(beta1: float, beta2: float, scale: float) -> Figure:
    count, eta = 30, 0.01
    gradients = scale * (1 + 0.3 * np.random.default_rng(0).normal(size=count))
    rules = {
        "uncorrected": Adam(eta, beta1, beta2),
        "corrected": Adam(eta, beta1, beta2, bias_correction=True),
    }
    fig, (left, right) = canvas(2)
    time = np.arange(1, count + 1)
    runs = {name: _scalar_run(rule, gradients) for name, rule in rules.items()}
    moves = {name: np.abs(np.diff(w)) / eta for name, (w, _, _) in runs.items()}
    _, v, r = runs["uncorrected"]  # correction changes the moves only
    lines.curves(left, time, {"v": v / scale, "√r": np.sqrt(r) / scale}, log=False)
    lines.reference_level(left, 1, "mean gradient")
    left.set(xlabel="step", ylabel="running means / gradient scale", ylim=(0, 1.5), xlim=(0, count))
    lines.line_legend(left, ["v, mean of g", "√r, root mean of g²"])
    lines.curves(right, time, moves)
    lines.reference_level(right, 1, "η")
    right.set(xlabel="step", ylabel="size of the step / η", xlim=(0, count), ylim=(1e-2, 1e2))
    lines.line_legend(right, [*moves])
    headline(right, f"first step: {moves['uncorrected'][0]:.2f} η and {moves['corrected'][0]:.2f} η")
    return fig


adam = picture_demo(
    draw=_draw_adam,
    controls={
        "beta1": Slider("β₁", 0.0, 0.99, 0.01, 0.9),
        "beta2": Slider("β₂", 0.9, 0.999, 0.001, 0.999),
        "scale": LogSlider("gradients times", 0.001, 1000, 1, 1.0),
    },
    title="Adam's first thirty steps, with and without bias correction",
    goal="find β₁ and β₂ for which the uncorrected first step is exactly η. Then look at its tenth.",
    notice="Both running means start at zero. Uncorrected, the first step is (1−β₁)/√(1−β₂) times η: at "
    "the default √r is still too small beside v, so steps are too long. Gradients a thousand times "
    "larger change no step.",
    alt=lambda beta1, beta2, scale: (
        f"Left: Adam's running means v and root r over 30 steps with beta1 {beta1:g}, beta2 "
        f"{beta2:g} and gradients scaled by {scale:g}. Right: size of each step in units of eta, "
        "with and without bias correction."
    ),
    presets={"Gradients × 1000": {"scale": 1000.0}, "Break it": {"beta1": 0.0, "beta2": 0.999}},
)


# --- the same rules train a network ----------------------------------------------------------------

ETAS = LogSlider("step size η, for all six", 0.0001, 1, 1, 0.001)
SEEDS = (0, 1)
SMOOTH = 10  # batches


@cache
def _training_runs() -> dict[tuple[str, float], tuple[ndarray, ndarray]]:
    """(rule, η) -> smoothed loss per gradient (seeds, evaluations) and test accuracy (seeds,)."""
    from lsml_core.data import load  # these three bring torch
    from lsml_core.models import mlp
    from lsml_core.training import fit

    data, test = load("fashion", side=14), load("fashion", split="test", side=14)
    tasks = [(n, e, rule, seed) for e in ETAS.values for n, rule in rules_at(e).items() for seed in SEEDS]
    losses, accuracies = defaultdict(list), defaultdict(list)
    for name, eta, rule, seed in tqdm(tasks, desc="training small nets", unit="net", leave=False):
        rng = np.random.default_rng(seed)
        model = mlp((196, 32, 10), rng=rng)
        optimizer = torch_optimizer(model.parameters(), rule)
        run = fit(model, data, optimizer=optimizer, epochs=2, batch=50, rng=rng, test=test, progress=False)
        losses[name, eta].append(np.convolve(run.loss, np.ones(SMOOTH) / SMOOTH, mode="valid"))
        accuracies[name, eta].append(run.test_accuracy[-1])
    return {key: (np.stack(losses[key]), np.array(accuracies[key])) for key in losses}


def _draw_training(eta: float) -> Figure:
    runs, names = _training_runs(), [*rules_at(eta)]
    fig, (left, right) = canvas(2)
    evaluations = np.arange(SMOOTH, SMOOTH + runs[names[0], eta][0].shape[1])
    losses = {name: runs[name, eta][0] for name in names}
    lines.curves(left, evaluations, {name: loss.mean(0) for name, loss in losses.items()})
    for i, loss in enumerate(losses.values()):
        lines.band(left, evaluations, loss.min(0), loss.max(0), i)
    left.set(
        xlabel="gradient evaluations (batches of 50)",
        ylabel=f"training loss, mean of {SMOOTH}",
        ylim=(0.3, 30),
    )
    lines.line_legend(left, names)
    tried = np.array([e for e in ETAS.values if e <= eta])  # the rest is for the reader to find
    accuracy = {name: np.array([runs[name, e][1].mean() for e in tried]) for name in names}
    lines.curves(right, tried, accuracy, log=False)
    log_axis(right, "x")
    right.set_xlim(ETAS.low / 1.5, ETAS.high * 1.5)
    lines.mark_x(right, eta)
    right.set(xlabel="step size η", ylabel="test accuracy after 200 gradients", ylim=(0, 0.9))
    top = max(values[-1] for values in accuracy.values())
    best = [name for name, values in accuracy.items() if values[-1] > top - 0.01]
    headline(left, f"within 0.01 of the best, {top:.3f}: {', '.join(best)}")
    return fig


training = picture_demo(
    draw=_draw_training,
    controls={"eta": ETAS},
    title="The same six rules train a small net on Fashion-MNIST",
    goal="find the best η of each rule. Which two want it ten times smaller than the rest?",
    notice="Which rule wins depends on η. RMSProp and Adam peak at a smaller η than the others: they move "
    "about η a step whatever the gradient; at their own best η all but plain descent do nearly as "
    "well.",
    alt=lambda eta: (
        f"Left: training loss of six optimizers over 200 gradient evaluations at step size {eta:g}, "
        "with the range of two seeds. Right: their test accuracy against the step size, logarithmic."
    ),
    presets={"Too timid": {"eta": 0.0001}, "Break it": {"eta": 1.0}},
    prepare=_training_runs,
)
