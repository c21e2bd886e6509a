"""Demos of lecture 10: lottery tickets and ways to retrain, from the runs of `courseware.studies.pruning`."""

from typing import NamedTuple

from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Numbers
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.plots import axes, retraining
from courseware.plots import pruning as plots
from courseware.plots.axes import headline, plural
from courseware.plots.canvas import canvas
from courseware.studies import stored

# --- lottery tickets -------------------------------------------------------------------------------

PERCENT = (1.6, 3.1, 6.2, 12.5, 25, 50, 100)
STEPS = (25, 50, 100, 400)
NEAR, FAR = 2, 40
"""Percentage points: how near the ticket must be to the dense network, how far ahead of its controls."""


class TicketAccuracy(NamedTuple):
    """Test accuracy in percent after the chosen number of steps.

    density: from 1/64 to 1.       accuracy: variant -> one number per seed and density, (seeds, densities).
    """

    density: ndarray
    accuracy: dict[str, ndarray]

    def mean(self, name: str, percent: float | int) -> float:
        """Of a ticket or a control with so many percent of the weights."""
        return float(self.accuracy[name].mean(0)[PERCENT.index(percent)])

    def best_control(self, percent: float | int) -> float:
        return max(self.mean(name, percent) for name in self.accuracy if name != "ticket")


def read_tickets(steps: int, **_: object) -> TicketAccuracy:
    """Accuracy in percent of each variant of a ticket, by density.

    steps: of training, at which accuracy is measured.
    """
    run = stored("pruning", "tickets")
    accuracy = 100 * run["accuracy"][:, :, ::-1, STEPS.index(steps)]  # densities from the smallest
    return TicketAccuracy(
        run["density"][::-1], dict(zip(run["variants"].tolist(), accuracy.swapaxes(0, 1), strict=True))
    )


def draw_tickets(record: TicketAccuracy, percent: float | int, steps: int) -> Figure:
    fig, (ax,) = canvas()
    now, names = PERCENT.index(percent), [*record.accuracy]
    valued = names if percent < 100 else names[:1]  # with all weights three of the four are the same network
    shift = 0.955 if now else 0.97  # the fewest weights are at the right end, where there is less room
    plots.accuracy_lines(ax, record.density, record.accuracy, now, plots.TICKETS, valued=valued, shift=shift)
    axes.legend(ax, {name: plots.TICKETS[name] for name in names})
    axes.named_ticks(ax, record.density.tolist(), [f"{p:g}" for p in PERCENT])
    ax.set(xlabel="percent of the weights kept", ylabel=f"test accuracy after {steps} steps, percent")
    ax.set(xlim=(1.1, 0.0122))
    ahead = record.mean("ticket", percent) - record.best_control(percent)
    above = f"{plural(abs(round(ahead)), 'point')} {'above' if ahead > -0.5 else 'below'}"
    headline(ax, f"With {percent:g} % kept, the ticket is {above} its best control after {steps} steps")
    return fig


def describe_tickets(record: TicketAccuracy, percent: float | int, steps: int) -> str:
    now = ", ".join(f"{name} {record.mean(name, percent):.0f} %" for name in record.accuracy)
    return (
        f"With {percent:g} % of the weights and after {steps} steps: {now}; the dense network has "
        f"{record.mean('ticket', 100):.0f} %. Accuracy against the percentage of weights kept, for "
        "tickets found by iterative magnitude pruning, the same masks on new initial weights, masks "
        "shuffled within layers, and random masks."
    )


tickets = Demo(
    compute=read_tickets,
    draw=draw_tickets,
    controls={
        "percent": Numbers("percent of the weights kept", PERCENT, 25),
        "steps": Numbers("steps of training", STEPS, 400),
    },
    title="Lottery tickets: the mask, the weights, or both?",
    goal=f"find a setting in which the ticket is within {NEAR} points of the dense network (100 % kept) "
    f"while every control is at least {FAR} points below the ticket.",
    reached=lambda record, percent, **_: (
        record.mean("ticket", percent) >= record.mean("ticket", 100) - NEAR
        and record.mean("ticket", percent) >= record.best_control(percent) + FAR
    ),
    notice="A ticket needs its mask and its own initial weights together. On new initial weights the same "
    "mask learns later and ends lower. Below a tenth of the weights, the same initial weights under a "
    "shuffled or a random mask end lower still.",
    alt=describe_tickets,
    presets={"Half the weights": {"percent": 50}, "Break it": {"percent": 1.6, "steps": 400}},
    handles=(
        Handle(
            "how much is kept",
            0,
            lambda record, percent, **_: (percent / 100, record.mean("ticket", percent)),
            x="percent",
        ),
    ),
)


# --- what is restored ------------------------------------------------------------------------------

T = 400
DROPS = (200, 300)
KS = (0, 50, 100, 200)
CUTS = (2.5, 5, 10, 20)
GAIN = 30
"""Percentage points that count as a large gain."""


class Retrained(NamedTuple):
    """accuracy: way -> test accuracy in percent, one per seed.   dense: mean of the dense networks."""

    accuracy: dict[str, ndarray]
    dense: float

    @property
    def gain(self) -> float:
        """Percentage points of learning-rate rewinding above fine-tuning, mean of the seeds."""
        return float((self.accuracy["learning-rate rewinding"] - self.accuracy["fine-tuning"]).mean())


def read_retrained(k: int, percent: float | int) -> Retrained:
    """Accuracy in percent of each way to retrain.

    k: step that is rewound to.   percent: weights kept, in percent.
    """
    run = stored("pruning", "rewinding")
    found = 100 * run["accuracy"][:, :, KS.index(k), len(CUTS) - 1 - CUTS.index(percent)]  # seeds, ways
    return Retrained(dict(zip(run["ways"].tolist(), found.T, strict=True)), float(100 * run["dense"].mean()))


def draw_retrained(record: Retrained, k: int, **_: object) -> Figure:
    sources = ((T, T), (k, k), (T, k), (k, T))  # weights from, schedule from
    tracks = [retraining.Track(name, *source) for name, source in zip(record.accuracy, sources, strict=True)]
    fig, (left, right) = canvas(2, widths=(1.5, 1))
    retraining.timeline(left, tracks, DROPS, T, k)
    retraining.accuracy_bars(right, record.accuracy, record.dense)
    headline(left, f"Two of the ways repeat the schedule from step {k}")
    verb = "gains" if record.gain >= 0 else "loses"
    headline(right, f"Repeating it {verb} {abs(record.gain):.1f} points")
    return fig


def describe_retrained(record: Retrained, k: int, percent: float | int) -> str:
    found = ", ".join(f"{name} {a.mean():.1f}" for name, a in record.accuracy.items())
    return (
        f"With {percent:g} % of the weights kept, learning-rate rewinding is {record.gain:.1f} "
        f"points above fine-tuning. Means in percent: {found}; dense {record.dense:.1f}. Left: for four "
        "ways to retrain, the step that the weights come from and the steps of the schedule that are "
        f"repeated, from step {k} of {T} on. Right: test accuracy, one dot per seed."
    )


rewinding = Demo(
    compute=read_retrained,
    draw=draw_retrained,
    controls={
        "k": Numbers("rewind to step k", KS, 100),
        "percent": Numbers("percent of the weights kept", CUTS, 20),
    },
    title="After pruning: which weights, and which step sizes?",
    goal="find a setting in which learning-rate rewinding gains at least "
    f"{GAIN} points over fine-tuning. Does it matter whether the weights are rewound, too?",
    reached=lambda record, **_: record.gain >= GAIN,
    notice="Repeating the large steps restores accuracy, whichever weights the retraining starts from. The "
    "small last step size alone restores less. Rewound to step 200, from which on all steps are small, "
    "both rewindings end lower.",
    alt=describe_retrained,
    presets={"From the start": {"k": 0}, "Break it": {"k": 200}},
    handles=(Handle("the step to rewind to", 0, lambda _, k, **__: (k, 3.3), x="k"),),
)
