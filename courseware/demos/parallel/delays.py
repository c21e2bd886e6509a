"""Demos of lecture 03: how late an update may be, by theorem and by experiment."""

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Doubling, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.demos.parallel.asynchronous import DOUBLINGS
from courseware.plots import asynchronous as plots
from courseware.plots import lines
from courseware.plots.axes import badge, doubling_axis, headline, log_axis, told_apart
from courseware.plots.canvas import canvas
from courseware.plots.style import line_look
from lsml_core.data.sparse import zipf_examples
from lsml_core.data.text import bag_of_words
from lsml_core.parallel.conflicts import Conflicts, conflicts
from lsml_core.parallel.linear import Loss
from lsml_core.parallel.staleness import Machine, simulate, stability_limit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# --- who can collide, and how late is too late -----------------------------------------------------

DELAYS = np.array([0, 1, 2, 4, 8, 16, 32, 64])
GRAPH = 40  # examples drawn
TOLERATED = 1.5  # times the loss without delay


class Meeting(NamedTuple):
    """A least-squares problem that a planted w solves, who meets whom in it, and its largest curvature."""

    x: "csr_matrix"
    y: ndarray
    conflicts: Conflicts
    L: float


@cache
def _meeting(nonzeros: int) -> Meeting:
    rng = np.random.default_rng(0)
    data = zipf_examples(1000, 1000, nonzeros, rng=rng, exponent=0.5, max_frequency=0.5)
    hessian = (data.x.T @ data.x).toarray() / 1000
    y = np.asarray(data.x @ data.planted).ravel()
    return Meeting(data.x, y, conflicts(data.x), float(np.linalg.eigvalsh(hessian)[-1]))


@cache
def _losses(nonzeros: int, eta: float) -> ndarray:
    """Loss after five epochs for each of `DELAYS`, over the loss without delay; in turn, so τ is exact."""
    x, y, _, _ = _meeting(nonzeros)
    ends = []
    for workers in DELAYS + 1:
        how = {"workers": int(workers), "lock": "round robin", "loss": Loss.SQUARED}
        ends.append(simulate(x, y, epochs=5, eta=eta, rng=np.random.default_rng(0), **how).loss[-1])
    return np.nan_to_num(np.array(ends) / ends[0], nan=np.inf)


def _prepare_conflict() -> None:
    nonzeros, eta = (control.values for control in conflict.controls.values())
    for task in tqdm([*product(nonzeros, eta)], desc="simulating delays", leave=False):
        _losses(*task)


def _longest_stable(step: float) -> int:
    """The longest delay at which gradient descent with ηL = `step` still converges."""
    return int((stability_limit(np.arange(10_000)) > step).sum()) - 1


def _draw_conflict(nonzeros: int, eta: float) -> Figure:
    problem, loss = _meeting(nonzeros), _losses(nonzeros, eta)
    met, some = problem.conflicts, problem.x[:GRAPH]
    fig, (left, right) = canvas(2)
    plots.conflict_graph(left, (some @ some.T).toarray() > 0)
    left.set(xlabel=f"{GRAPH} of 1,000 examples", ylabel="a line: they share a coordinate")
    words = f"Ω = {met.omega}   Δ = {met.delta:.3f}   ρ = {met.rho:.3f}"
    left.text(0, 1.02, words, transform=left.transAxes, va="bottom", fontsize=13)
    headline(left, f"each meets Δ_av = {met.average:.0f} of 999")
    plots.delay_limits(right, DELAYS, loss, met.delay_bound, _longest_stable(eta * problem.L))
    fine = loss <= TOLERATED
    longest = DELAYS[-1] if fine.all() else DELAYS[fine.argmin() - 1]
    kept = bool(fine[met.delay_bound >= DELAYS].all())
    badge(right, kept, f"promised: τ ≤ {met.delay_bound:.1f}, fine up to {longest}")
    return fig


conflict = picture_demo(
    draw=_draw_conflict,
    controls={
        "nonzeros": Doubling("coordinates of an example", 2, 128, 8),
        "eta": Slider("step size η", 0.1, 1.5, 0.2, 0.9),
    },
    title="The conflict graph, the promise, and the wall",
    goal="find examples for which the promise ends below τ = 1 and a delay of 32 does no harm.",
    notice="The promise τ ≤ n/(2Δ_av) knows the conflicts and nothing else. For η below 1 it is kept, and "
    "most of the time delays far beyond it do no harm: it is sufficient, not necessary. The wall is "
    "somewhere else, where ηL = 2 sin(π/(2(2τ + 1))), and it moves with η. No run gets past it.",
    alt=lambda nonzeros, eta: (
        f"Left: conflict graph of 40 examples with {nonzeros} coordinates each, on a circle. Right: loss "
        f"after five epochs against the delay, step size {eta:g}, over the loss without delay: the "
        "promised range is shaded, a dashed line marks the exact limit of delayed gradient descent."
    ),
    presets={
        "Everyone meets everyone": {"nonzeros": 64, "eta": 0.3},
        "Break it": {"nonzeros": 2, "eta": 1.5},
    },
    prepare=_prepare_conflict,
)


# --- sixty-four workers on real text ---------------------------------------------------------------

EPOCHS = 2
SEEDS = 3
TEXTS = {"all words": 1.0, "words in at most 5 %": 0.05}
ETAS = LogSlider("step size η", 0.1, 32, 2, 10.0)


class TextRun(NamedTuple):
    """After 0, 1, … epochs: the loss of each seed, and the time in epochs of one worker."""

    loss: ndarray
    time: ndarray


@cache
def _text_runs() -> dict[tuple[str, float, int], TextRun]:
    """(words, η, workers) -> the runs on the State of the Union."""
    runs, machine = {}, Machine(spread=0.3)
    for words, most in TEXTS.items():
        x, y = bag_of_words(max_document_frequency=most)[:2]
        epoch = len(x.data) * (machine.read + machine.write)
        for eta, workers in tqdm([*product(ETAS.values, DOUBLINGS)], desc=words, leave=False):
            streams = (np.random.default_rng(seed) for seed in range(SEEDS))
            how = {"workers": workers, "epochs": EPOCHS, "machine": machine}
            found = [simulate(x, y, eta=eta, rng=rng, **how) for rng in streams]
            losses = np.stack([run.loss for run in found])
            runs[words, eta, workers] = TextRun(losses, np.append(0.0, found[0].end[:, -1]) / epoch)
    return runs


def _draw_workers(workers: int, words: str, eta: float) -> Figure:
    runs = _text_runs()
    fig, (left, right) = canvas(2)
    for i, P in enumerate((1, workers)):
        loss, time = (values[..., 1:] for values in runs[words, eta, P])  # from the first epoch on
        lines.band(left, time, loss.min(0), loss.max(0), i)
        left.plot(time, loss.mean(0), **line_look(i), marker="o")
    log_axis(left)
    log_axis(left, "x")
    left.set(xlabel="time, in epochs of one worker", ylabel="training loss, epoch by epoch")
    left.set(xlim=(0.01, 3), ylim=(3e-3, 30))
    lines.line_legend(left, ["one worker", "P workers"])
    ends = {name: np.stack([runs[name, eta, P].loss[:, -1] for P in DOUBLINGS]) for name in TEXTS}
    for i, end in enumerate(ends.values()):
        lines.band(right, np.array(DOUBLINGS), end.min(1), end.max(1), i)
        right.plot(DOUBLINGS, end.mean(1), **line_look(i))
    log_axis(right)
    doubling_axis(right, "x", DOUBLINGS)
    right.set(xlabel="workers P", ylabel=f"training loss after {EPOCHS} epochs", ylim=(3e-3, 30))
    lines.line_legend(right, [*TEXTS])
    means = ends[words].mean(1)
    ratio = float(means[DOUBLINGS.index(workers)] / means[0])
    badge(left, ratio <= 1.1, f"P = {workers}: loss {told_apart(ratio, 1.1, '.3g')[0]}× one worker's")
    return fig


workers = picture_demo(
    draw=_draw_workers,
    controls={
        "workers": Doubling("workers P", 2, 64, 64),
        "words": Choice("text", tuple(TEXTS), "all words"),
        "eta": ETAS,
    },
    title="Up to 64 workers on the State of the Union, simulated",
    goal="bring the loss of 64 workers within 10 % of one worker's, in two ways.",
    notice="Rare words: 64 workers end where one does, in a 64th of the time. All words: the same for "
    "small η; for larger ones the loss rises with the workers, because texts that share many words make L "
    "large. The simulator gives every worker a core and memory of its own speed: no real machine does.",
    alt=lambda workers, words, eta: (
        f"Left: training loss over time for one and for {workers} simulated workers, {words}, step size "
        f"{eta:g}, range of {SEEDS} seeds. Right: loss after {EPOCHS} epochs against the number of "
        "workers, for all words and for rare ones."
    ),
    presets={"Rare words": {"words": "words in at most 5 %"}, "Break it": {"eta": 31.6}},
    prepare=_text_runs,
)
