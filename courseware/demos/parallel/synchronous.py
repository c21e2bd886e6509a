"""Demos of lecture 03: synchronous workers. Curves are runs of `lsml_core.parallel` or a stored study."""

import numpy as np
from matplotlib.figure import Figure

from courseware.demos.engine.controls import Choice, Numbers, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.demos.parallel.synchronous_runs import (
    ETAS,
    EXAMPLES,
    LAST,
    NAMES,
    RUNS,
    WORKERS,
    LargeBatches,
    Shuffling,
    SynchronousTimeline,
    compute_large_batch,
    compute_shuffling,
    compute_timeline,
    shuffling_errors,
)
from courseware.plots import lines
from courseware.plots import parallel as plots
from courseware.plots.axes import headline, log_axis, percentage, plural, told_apart
from courseware.plots.canvas import canvas
from courseware.studies.large_batch import BATCHES, EPOCHS, REPEATS, RULES

# --- the timeline of synchronous SGD ---------------------------------------------------------------

WINDOWS = (0.03, 0.1, 0.3, 1.0, 3.0)  # seconds on the time axis


def draw_timeline(record: SynchronousTimeline, workers: int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    window = next(w for w in WINDOWS if w >= 2 * record.step[workers - 1])
    plots.gantt(left, *record.timeline, window=window)
    headline(left, f"Workers compute {percentage(record.timeline.utilization)} of the time")
    series = {"stragglers": record.stragglers, "+ network": record.network}
    plots.speed_up(right, WORKERS, series, (workers, record.speed_up(workers)))
    effect = "helps" if record.helps(workers) else "hurts"
    speed = f"{record.speed_up(workers):.1f} times as fast"
    headline(right, f"Worker {workers} {effect}: {speed}" if workers > 1 else "One worker never waits")
    return fig


def alt_timeline(record: SynchronousTimeline, workers: int, spread: float, message: float) -> str:
    best = int(record.network.argmax()) + 1
    return (
        f"With spread {spread:g} and {message:g} ms per message, the speed-up of {plural(workers, 'worker')} "
        f"over one is {record.speed_up(workers):.1f}; without the network it would be "
        f"{record.stragglers[workers - 1]:.1f}. The largest speed-up is {record.speed_up(best):.1f}, with "
        f"{best} workers. The workers compute {percentage(record.timeline.utilization)} of the time; the "
        "rest is waiting for the slowest one and for the all-reduce. Left: each worker's time as bars. "
        "Right: speed-up against the number of workers."
    )


def fastest_cluster(record: SynchronousTimeline, workers: int, **_: Value) -> bool:
    """The last worker helps, and one more would cost time.

    record: the simulated steps.   workers: how many the slider has chosen.
    """
    return 1 < workers < len(WORKERS) and record.helps(workers) and not record.helps(workers + 1)


timeline = Demo(
    compute=compute_timeline,
    draw=draw_timeline,
    controls={
        "workers": Slider("workers P", 1, 64, 1, 16),
        "spread": Slider("spread of the workers' speed (0: all alike)", 0.0, 1.0, 0.1, 0.3),
        "message": Slider("milliseconds per message (a gradient: 50 times that)", 0.0, 4.0, 0.2, 1.0),
    },
    title="Synchronous SGD: all workers wait for the slowest one, then for the network",
    goal="find the largest P whose last worker still makes a step faster. Then find out what limits it: set "
    "the milliseconds per message, or the spread, to 0.",
    reached=fastest_cluster,
    notice="The slowest worker determines the time of a step, and the slowest of many is slower than the "
    "slowest of few. The all-reduce takes longer with P while the computing takes less time. So doubling P "
    "helps less and less, and beyond some P it makes a step slower.",
    alt=alt_timeline,
    presets={
        "No network": {"workers": 64, "message": 0.0},
        "Break it": {"workers": 64, "spread": 1.0, "message": 4.0},
    },
)


# --- what a large batch does to learning -----------------------------------------------------------

LARGE = 512  # the batch size of the goal
GOAL = 0.9


def draw_large_batch(record: LargeBatches, epochs: int, **_: Value) -> Figure:
    fig, axes = canvas(2)
    for ax, name in zip(axes, ("train_loss", "test_accuracy"), strict=True):
        means = {f"{count} epochs": getattr(run, name).mean(0) for count, run in record.all_epochs.items()}
        values = getattr(record.now, name)
        plots.over_batches(ax, BATCHES, means, f"{epochs} epochs", LARGE)
        lines.band(ax, record.now.batch, values.min(0), values.max(0), [*EPOCHS].index(epochs))
    left, right = axes
    left.set(ylabel="training loss", ylim=(0, 4))
    headline(left, f"At B = {LARGE} the training loss is {record.loss_at(LARGE):.2f}")
    right.set(ylabel="test accuracy", ylim=(0, 1))
    accuracy = told_apart(record.accuracy_at(LARGE), GOAL, ".2f")[0]
    headline(right, f"At B = {LARGE} the test accuracy is {accuracy}")
    return fig


def alt_large_batch(record: LargeBatches, rule: str, epochs: int) -> str:
    values = zip(record.now.test_accuracy.mean(0), record.now.batch, strict=True)
    shown = ", ".join(f"{v:.2f} at {B}" for v, B in values)
    return (
        f"After {epochs} epochs with a step size that is {rule}, a batch of {LARGE} has a training loss of "
        f"{record.loss_at(LARGE):.2f} and a test accuracy of {record.accuracy_at(LARGE):.2f}. A small "
        f"network on digits; both against the batch size for {len(EPOCHS)} lengths of training, mean and "
        f"range of {REPEATS} seeds. Accuracies: {shown}."
    )


large_batch = Demo(
    compute=compute_large_batch,
    draw=draw_large_batch,
    controls={
        "rule": Choice("step size η", tuple(RULES), next(iter(RULES))),
        "epochs": Numbers("epochs", EPOCHS, 9),
    },
    title="Large batches at equal epochs: is the training loss still high?",
    goal=f"reach an accuracy of {GOAL} with B = {LARGE}. Neither more epochs nor longer steps do it alone.",
    reached=lambda record, **_: record.accuracy_at(LARGE) >= GOAL,
    notice="At equal epochs a large batch makes few steps, so its training loss is still high: it needs more "
    "epochs. A step size proportional to B makes up for that, until it is too long for the curvature.",
    alt=alt_large_batch,
    presets={
        "More epochs": {"epochs": 27},
        "Longer steps": {"rule": "proportional to B"},
        "Break it": {"rule": "proportional to B", "epochs": 3},
    },
)


# --- shuffling -------------------------------------------------------------------------------------

EXPLAINED = (
    "drawn; × marks a repeated example",
    "one shuffle, repeated in every epoch",
    "reshuffled for every epoch",
)


def draw_shuffling(record: Shuffling, schedule: str, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    explained: dict[str, str] = dict(zip(NAMES, EXPLAINED, strict=True))
    orders, repeated = ({explained[name]: array for name, array in arrays.items()} for arrays in record[1:])
    plots.order_raster(left, orders, repeated)
    missed = EXAMPLES - len(np.unique(record.orders["drawn"][0]))
    headline(left, f"Drawing misses {missed} of {EXAMPLES} examples")
    errors = {name: e[1:] for name, e in record.errors.items()}
    lines.curves(right, np.arange(1, LAST[schedule] + 1), errors)
    log_axis(right, "x")
    right.set(xlabel="epoch K", ylabel="‖w − w*‖²", xlim=(1, LAST[schedule]), ylim=(1e-8, 10))
    lines.line_legend(right, NAMES)
    headline(right, verdict_of_shuffling(record, schedule))
    return fig


def verdict_of_shuffling(record: Shuffling, schedule: str) -> str:
    """What reshuffling gains.

    record: distances to the minimiser by order of the examples.   schedule: name of the step sizes.
    """
    if schedule == "constant":
        return f"Reshuffling ends {record.gain:.0f} times lower"
    drawn, _, reshuffled = (f"{slope:.1f}".replace("-", "−") for slope in record.slopes)
    return f"The slope is {drawn}, reshuffled {reshuffled}"


def alt_shuffling(record: Shuffling, schedule: str, eta: float) -> str:
    ends = ", ".join(f"{name} {e[-1]:.1e}" for name, e in record.errors.items())
    missed = EXAMPLES - len(np.unique(record.orders["drawn"][0]))
    return (
        f"{verdict_of_shuffling(record, schedule)}. Squared distance to the minimum after {LAST[schedule]} "
        f"epochs, mean of {RUNS} runs, step size {schedule}, at first {eta:g}/Lₘₐₓ: {ends}. Drawing with "
        f"replacement misses {missed} of {EXAMPLES} examples in its first epoch, shuffling none. Left: which "
        "example each step uses, for the three orders. Right: the distances against the epochs."
    )


shuffling = Demo(
    compute=compute_shuffling,
    draw=draw_shuffling,
    controls={"schedule": Choice("step size", tuple(LAST), "constant"), "eta": ETAS},
    title="Twenty examples in three orders: shuffling lets errors cancel",
    goal="with a constant η, make reshuffling end 300 times lower than drawing. With the other step size, "
    "find the slopes −1 and −2.",
    reached=lambda record, schedule, **_: schedule == "constant" and record.gain >= 300,
    notice="In a shuffled epoch every example comes once, so the errors of single steps cancel within an "
    "epoch, up to a second-order term. With a small constant η reshuffling then ends far lower; with steps "
    "that shrink like 1/K, ‖w − w*‖² falls like 1/K² instead of 1/K. In the first epochs, while "
    "the influence of the start dominates, the order makes no difference.",
    alt=alt_shuffling,
    presets={
        "Shrinking steps": {"schedule": "like 1/epoch", "eta": 0.215},
        "Break it": {"eta": 0.01},
    },
    prepare=shuffling_errors,
)
