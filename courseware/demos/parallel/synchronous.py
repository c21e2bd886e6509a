"""Demos of lecture 03: synchronous workers. Curves are runs of `lsml_core.parallel` or a stored study."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, LogSlider, Numbers, Slider, Value
from courseware.demos.engine.demo import Demo
from courseware.plots import lines
from courseware.plots import parallel as plots
from courseware.plots.axes import headline, log_axis, percentage, plural, told_apart
from courseware.plots.canvas import canvas
from courseware.studies.large_batch import BATCHES, EPOCHS, REPEATS, RULES, LargeBatch, measured
from lsml_core.optimization.bounds import log_slope
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.schedules import InverseTime
from lsml_core.parallel.cluster import Cluster, Timeline
from lsml_core.parallel.shuffling import ORDERS, squared_distances

# --- the timeline of synchronous SGD ---------------------------------------------------------------

BATCH = 1024
WORKERS = np.arange(1, 65)
STEPS = 12  # in one picture
WINDOWS = (0.03, 0.1, 0.3, 1.0, 3.0)  # seconds on the time axis


class SynchronousTimeline(NamedTuple):
    """Some steps as they happen, and the expected speed-up of 1, 2, …, 64 workers."""

    timeline: Timeline
    stragglers: Float[ndarray, " 64"]  # speed-up if only waiting costs time
    network: Float[ndarray, " 64"]  # and if the all-reduce does, too
    step: Float[ndarray, " 64"]  # expected seconds per step

    def speed_up(self, workers: int) -> float:
        return float(self.network[workers - 1])

    def helps(self, workers: int) -> bool:
        """Whether the last of the workers makes a step faster."""
        return workers == 1 or self.speed_up(workers) > self.speed_up(workers - 1)


def cluster(spread: float, message: float) -> Cluster:
    """A millisecond per example; `message` milliseconds per message, 50 times that for a whole gradient."""
    return Cluster(seconds_per_example=1e-3, spread=spread, latency=1e-3 * message, transfer=0.05 * message)


@cache
def _computing(spread: float) -> Float[ndarray, " 64"]:
    """Expected seconds until the slowest of 1, 2, …, 64 workers is done."""
    return np.asarray(cluster(spread, 0.0).step(BATCH, WORKERS))


def compute_timeline(workers: int, spread: float, message: float) -> SynchronousTimeline:
    machines, computing = cluster(spread, message), _computing(spread)
    timeline = machines.timeline(BATCH, workers, STEPS, rng=np.random.default_rng(0))
    step = computing + machines.all_reduce(WORKERS)
    return SynchronousTimeline(timeline, computing[0] / computing, step[0] / step, step)


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
    """The last worker helps, and one more would cost time."""
    return 1 < workers < len(WORKERS) and record.helps(workers) and not record.helps(workers + 1)


timeline = Demo(
    compute=compute_timeline,
    draw=draw_timeline,
    controls={
        "workers": Slider("workers P", 1, 64, 1, 16),
        "spread": Slider("spread σ of the workers' speed", 0.0, 1.0, 0.1, 0.3),
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


class LargeBatches(NamedTuple):
    """The runs of one rule for the step size: those of the chosen number of epochs, and all others."""

    now: LargeBatch
    all_epochs: dict[int, LargeBatch]

    def accuracy_at(self, batch: int) -> float:
        """Mean test accuracy over the seeds."""
        return float(self.now.test_accuracy.mean(0)[[*self.now.batch].index(batch)])

    def loss_at(self, batch: int) -> float:
        """Mean training loss over the seeds."""
        return float(self.now.train_loss.mean(0)[[*self.now.batch].index(batch)])


def compute_large_batch(rule: str, epochs: int) -> LargeBatches:
    runs = {count: measured(rule, count) for count in EPOCHS}
    return LargeBatches(runs[epochs], runs)


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

EXAMPLES = 20
ROWS = 4  # epochs of the raster
RUNS = 200
WARM = 10  # epochs in which η hardly shrinks
LAST = {"constant": 200, "like 1/epoch": 400}  # epochs
ETAS = LogSlider("first step η, times 1/Lₘₐₓ", 0.01, 1, 3, 0.1)
NAMES = ("drawn", "one shuffle", "reshuffled")  # the three `ORDERS`
EXPLAINED = (
    "drawn; × marks a repeated example",
    "one shuffle, repeated in every epoch",
    "reshuffled for every epoch",
)


class Shuffling(NamedTuple):
    """Errors of the three orders after every epoch, and which examples their first epochs visit."""

    errors: dict[str, Float[ndarray, " epochs+1"]]  # mean of ‖w − w*‖² over the runs
    orders: dict[str, Int[ndarray, "rows n"]]
    repeated: dict[str, Bool[ndarray, "rows n"]]  # visits to an example that the epoch has visited before

    @property
    def gain(self) -> float:
        """Error of drawing over that of reshuffling, in the last quarter of the epochs."""
        drawn, _, reshuffled = (e[-(len(e) // 4) :].mean() for e in self.errors.values())
        return float(drawn / reshuffled)

    @property
    def slopes(self) -> list[float]:
        """Exponents of the errors in the number of epochs, over the last three quarters."""
        late = np.arange((len(next(iter(self.errors.values()))) - 1) // 4, len(self.errors[NAMES[0]]))
        return [float(log_slope(late, e[late])) for e in self.errors.values()]


@cache
def _all_errors() -> dict[str, dict[str, ndarray]]:
    """Step size -> order -> mean of ‖w − w*‖² over the runs, (epochs + 1, values of η)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(EXAMPLES, 3))
    f = LeastSquares(x, x @ np.ones(3) + rng.normal(size=EXAMPLES))  # noise on y: no w fits all examples
    eta = np.array(ETAS.values)[:, None, None] / f.L_max
    errors = {}
    for name, rule in {"constant": eta, "like 1/epoch": InverseTime(eta, WARM)}.items():
        start, rng = np.zeros((RUNS, f.d)), np.random.default_rng(0)
        runs = squared_distances(f, start, eta=rule, epochs=LAST[name], rng=rng)
        errors[name] = {short: runs[order].mean(-1) for short, order in zip(NAMES, ORDERS, strict=True)}
    return errors


@cache
def _first_epochs() -> tuple[dict[str, ndarray], dict[str, ndarray]]:
    """The first epochs of each order, and which visits are repeated within their epoch."""
    orders, repeated = {}, {}
    for name, sampling in zip(NAMES, ORDERS.values(), strict=True):
        stream = sampling(EXAMPLES, EXAMPLES, (), rng=np.random.default_rng(0))
        orders[name] = np.stack([next(stream) for _ in range(ROWS)])
        repeated[name] = np.array([[i in row[:k] for k, i in enumerate(row)] for row in orders[name]])
    return orders, repeated


def compute_shuffling(schedule: str, eta: float) -> Shuffling:
    which = ETAS.values.index(eta)
    return Shuffling({name: e[:, which] for name, e in _all_errors()[schedule].items()}, *_first_epochs())


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
    prepare=_all_errors,
)
