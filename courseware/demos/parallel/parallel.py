"""Demos of lecture 03: workers in step. Every curve is a run of `lsml_core.parallel`."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, LogSlider, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import lines
from courseware.plots import parallel as plots
from courseware.plots.axes import badge, headline, log_axis, told_apart
from courseware.plots.canvas import canvas
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.optimization.schedules import InverseTime
from lsml_core.parallel.cluster import Cluster
from lsml_core.parallel.shuffling import ORDERS, squared_distances
from lsml_core.parallel.synchronous import ALEXNET, FixedStep, LargeBatch, LinearScaling, large_batch

# --- the clock of synchronous SGD ------------------------------------------------------------------

BATCH = 1024
WORKERS = np.arange(1, 65)
MOST_STEPS = 12  # in one picture


def _cluster(spread: float, message: float) -> Cluster:
    """A millisecond an example; `message` milliseconds a message, 50 times that for a whole gradient."""
    return Cluster(example=1e-3, spread=spread, latency=1e-3 * message, transfer=0.05 * message)


@cache
def _computing(spread: float) -> ndarray:
    """Expected seconds until the slowest of 1 … 64 workers is done."""
    return np.asarray(_cluster(spread, 0.0).step(BATCH, WORKERS))


def _window(step: float) -> float:
    """Seconds on the time axis: room for two steps at least, and few different axes."""
    return next(w for w in (0.03, 0.1, 0.3, 1.0, 3.0) if w >= 2 * step)


def _draw_clock(workers: int, spread: float, message: float) -> Figure:
    cluster = _cluster(spread, message)
    timeline = cluster.timeline(BATCH, workers, MOST_STEPS, rng=np.random.default_rng(0))
    compute = _computing(spread)
    step = compute + cluster.all_reduce(WORKERS)
    stragglers, network = compute[0] / compute, step[0] / step
    reached = float(network[workers - 1])
    fig, (left, right) = canvas(2)
    plots.gantt(left, *timeline, window=_window(step[workers - 1]))
    headline(left, f"P = {workers}: busy {timeline.busy:.0%} of the time")
    plots.speed_up(right, WORKERS, {"stragglers": stragglers, "+ network": network}, (workers, reached))
    helps = workers == 1 or reached > float(network[workers - 2])
    verdict = f"worker {workers} {'helps' if helps else 'costs time'}" if workers > 1 else "one worker alone"
    badge(right, helps, f"{reached:.1f}× as fast; {verdict}")
    return fig


clock = picture_demo(
    draw=_draw_clock,
    controls={
        "workers": Slider("workers P", 1, 64, 1, 16),
        "spread": Slider("spread σ of the workers' speed", 0.0, 1.0, 0.1, 0.3),
        "message": Slider("milliseconds a message (a gradient: 50 times that)", 0.0, 4.0, 0.2, 1.0),
    },
    title="Synchronous SGD: everybody waits for the slowest worker, then for the network",
    goal="find the largest P whose last worker still helps. Then make 64 workers 30 times as fast as one: is "
    "it the stragglers or the network that has to go?",
    notice="The slowest worker sets the clock, and the slowest of many is slower than the slowest of few. "
    "The all-reduce gets longer with P while the computing gets shorter. So doubling P pays less and "
    "less, and on any network costs time in the end.",
    alt=lambda workers, spread, message: (
        f"Left: a batch shared by {workers} workers, as bars over time: computing, waiting for the slowest "
        f"one, all-reduce. Right: speed-up against the number of workers, for spread {spread:g} and "
        f"{message:g} milliseconds a message, below the ideal diagonal."
    ),
    presets={
        "No network": {"workers": 64, "message": 0.0},
        "Break it": {"workers": 64, "spread": 1.0, "message": 4.0},
    },
)


# --- what a large batch does to learning -----------------------------------------------------------

BATCHES = (64, 128, 256, 512, 1437)  # the last one is all of the training images
EPOCHS = ("3", "9", "27")
REPEATS = 3
RULES = {"the same for every B": FixedStep(0.1), "grows like B": LinearScaling(0.1, 64)}
MEASURES = ("test accuracy", "training loss")


@cache
def _large_batches() -> dict[tuple[str, str], LargeBatch]:
    """(rule, epochs) -> what `large_batch` measured on the digits."""
    from lsml_core.data import load  # brings torch, when a net is trained

    data, test = load("digits"), load("digits", split="test")
    tasks = [(rule, epochs) for epochs in EPOCHS for rule in RULES]
    return {
        (rule, epochs): large_batch(
            data,
            test,
            BATCHES,
            eta=RULES[rule],
            epochs=int(epochs),
            repeats=REPEATS,
            rng=np.random.default_rng(0),
        )
        for rule, epochs in tqdm(tasks, desc="training small nets", unit="batch table", leave=False)
    }


def _draw_large_batch(rule: str, epochs: str, measure: str) -> Figure:
    run = _large_batches()[rule, epochs]
    values = run.test_accuracy if measure == "test accuracy" else run.train_loss
    fig, (left, right) = canvas(2)
    lines.curves(left, np.array(ALEXNET.batch), {"top-1": np.array(ALEXNET.top1)}, log=False)
    left.set(ylabel="top-1 accuracy, percent", ylim=(55, 60))
    plots.batch_axis(left, ALEXNET.batch)
    headline(left, "the slide: AlexNet on ImageNet")
    lines.curves(right, run.batch, {"mean": values.mean(0)}, log=False)
    lines.band(right, run.batch, values.min(0), values.max(0), 0)
    lines.line_legend(right, [f"mean and range of {REPEATS} seeds"])
    plots.batch_axis(right, BATCHES)
    right.set(ylabel=measure, ylim=(0, 1) if measure == "test accuracy" else (0, 4))
    reached = float(run.test_accuracy.mean(0)[BATCHES.index(256)])
    badge(right, reached >= 0.9, f"digits: accuracy {told_apart(reached, 0.9, '.3f')[0]} at B = 256")
    return fig


batches = picture_demo(
    draw=_draw_large_batch,
    controls={
        "rule": Choice("the step η", tuple(RULES), next(iter(RULES))),
        "epochs": Choice("epochs", EPOCHS, "9"),
        "measure": Choice("show", MEASURES, MEASURES[0]),
    },
    title="Large batches at equal epochs",
    goal="bring the accuracy at B = 256 above 0.9, in two ways. One costs passes over the data, the other "
    "one nothing; up to which B does it work?",
    notice="At equal epochs a large batch makes few steps, so its training loss is still high: it needs more "
    "passes. A step that grows like B makes up for that, until it is too long for the curvature. "
    "Our net loses far more than AlexNet on the slide (mind the two scales); which kind of minimum it "
    "finds is not tested here.",
    alt=lambda rule, epochs, measure: (
        "Left: top-1 accuracy of AlexNet against the batch size from the slide, 58.4 percent at 256, 59.2 "
        f"at 512, 55.9 at 8192. Right: {measure} of a small net on digits after {epochs} epochs against "
        f"the batch size, with the range of {REPEATS} seeds; the step size is {rule}."
    ),
    presets={
        "More passes": {"epochs": "27"},
        "Scaled": {"rule": "grows like B"},
        "Break it": {"rule": "grows like B", "measure": "training loss"},
    },
    prepare=_large_batches,
)


# --- shuffling -------------------------------------------------------------------------------------

EXAMPLES = 20
ROWS = 4  # epochs of the raster
RUNS = 200
HOLD = 10  # epochs
LAST = {"constant": 200, "like 1/epoch": 400}  # epochs
ETAS = LogSlider("first step η, times 1/L_max", 0.01, 1, 3, 0.1)
SHORT = ("drawn", "one shuffle", "reshuffled")  # the three `ORDERS`


def _noisy_line() -> LeastSquares:
    """Twenty examples of three inputs with noise on y, so that no w fits them all."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(EXAMPLES, 3))
    return LeastSquares(x, x @ np.ones(3) + rng.normal(size=EXAMPLES))


@cache
def _shuffled_runs() -> dict[str, dict[str, ndarray]]:
    """Step size -> order -> mean of ‖w − w*‖² over the runs, shape (epochs + 1, values of η)."""
    f = _noisy_line()
    eta = np.array(ETAS.values)[:, None, None] / f.L_max
    found = {}
    for name, rule in {"constant": eta, "like 1/epoch": InverseTime(eta, HOLD)}.items():
        start, rng = np.zeros((RUNS, f.d)), np.random.default_rng(0)
        runs = squared_distances(f, start, eta=rule, epochs=LAST[name], rng=rng)
        found[name] = {short: runs[order].mean(-1) for short, order in zip(SHORT, ORDERS, strict=True)}
    return found


@cache
def _raster() -> tuple[dict[str, ndarray], dict[str, ndarray]]:
    """The first epochs of each order, and which visits are not the first one of their epoch."""
    orders, again = {}, {}
    words = (": a cross, if seen already", ", then always the same", " for every epoch")
    for short, sampling, word in zip(SHORT, ORDERS.values(), words, strict=True):
        stream = sampling(EXAMPLES, EXAMPLES, (), rng=np.random.default_rng(0))
        order = np.stack([next(stream) for _ in range(ROWS)])
        orders[short + word] = order
        again[short + word] = np.array([[i in row[:k] for k, i in enumerate(row)] for row in order])
    return orders, again


def _verdict(errors: dict[str, ndarray], schedule: str) -> str:
    """How far the floors lie apart, or how steep the last three quarters of the run are."""
    quarter = LAST[schedule] // 4
    if schedule == "constant":
        drawn, _, reshuffled = (values[-quarter:].mean() for values in errors.values())
        return f"reshuffled ends {drawn / reshuffled:.0f}× lower"
    late = np.arange(quarter, LAST[schedule] + 1)
    slopes = (np.polyfit(np.log(late), np.log(values[late]), 1)[0] for values in errors.values())
    return "slopes " + ", ".join(f"{slope:.1f}" for slope in slopes).replace("-", "−")


def _draw_shuffling(schedule: str, eta: float) -> Figure:
    which = ETAS.values.index(eta)
    errors = {order: values[:, which] for order, values in _shuffled_runs()[schedule].items()}
    fig, (left, right) = canvas(2)
    plots.order_raster(left, *_raster())
    headline(left, "a shade is an example")
    epochs = np.arange(1, LAST[schedule] + 1)
    lines.curves(right, epochs, {order: values[1:] for order, values in errors.items()})
    log_axis(right, "x")
    right.set(xlabel="epoch K", ylabel="‖w − w*‖²", xlim=(1, LAST[schedule]), ylim=(1e-8, 10))
    lines.line_legend(right, SHORT)
    headline(right, _verdict(errors, schedule))
    return fig


shuffling = picture_demo(
    draw=_draw_shuffling,
    controls={"schedule": Choice("step size", tuple(LAST), "constant"), "eta": ETAS},
    title="Twenty examples in three orders",
    goal="with a constant η, make reshuffling end 300 times lower than drawing. With the other steps, "
    "find the slopes −1 and −2.",
    notice="In a shuffled epoch every example comes once, so what one step does wrong the others put "
    "right, up to a second-order rest. A small constant η then ends far lower; steps that shrink like 1/K "
    "bring ‖w − w*‖² down like 1/K² in place of 1/K. Where the start is not forgotten yet, the order does "
    "not matter.",
    alt=lambda schedule, eta: (
        "Left: which of twenty examples each step uses, four epochs for each of three orders: drawn with "
        "repeats, one shuffle kept, reshuffled. Right: squared distance to the minimum over the epochs "
        f"for the three orders, mean of {RUNS} runs, step size {schedule} from {eta:g} over L_max."
    ),
    presets={
        "Shrinking steps": {"schedule": "like 1/epoch", "eta": 0.215},
        "Break it": {"eta": 0.01},
    },
    prepare=_shuffled_runs,
)
