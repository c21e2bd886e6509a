"""Demos of lecture 10: lottery tickets and ways to retrain, from the runs of `courseware.studies.pruning`."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Numbers
from courseware.demos.engine.demo import Demo
from courseware.plots import axes
from courseware.plots import pruning as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.studies import stored

# --- lottery tickets -------------------------------------------------------------------------------

PERCENT = (1.6, 3.1, 6.2, 12.5, 25, 50, 100)
STEPS = (25, 50, 100, 400)
VARIANTS = {"ticket": "ticket", "re-initialised": "re-init", "shuffled": "shuffled", "random": "random"}


class TicketAccuracy(NamedTuple):
    """Test accuracy in percent, by variant.

    by_density: (seeds, densities) after the chosen number of steps.       density: from 1/64 to 1.
    by_step: (seeds, steps) at the chosen density.
    """

    density: ndarray
    by_density: dict[str, ndarray]
    by_step: dict[str, ndarray]

    @property
    def smallest_winner(self) -> int:
        """Index of the smallest density at which the ticket is as accurate as the dense network."""
        ticket = self.by_density["ticket"].mean(0)
        return int((ticket >= ticket[-1]).argmax())


def read_tickets(percent: float | int, steps: int) -> TicketAccuracy:
    run = stored("pruning", "tickets")
    accuracy = 100 * run["accuracy"][:, :, ::-1]  # seeds, variants, densities from the smallest, steps
    names, r, s = [VARIANTS[name] for name in run["variants"]], PERCENT.index(percent), STEPS.index(steps)
    return TicketAccuracy(
        run["density"][::-1],
        dict(zip(names, accuracy[..., s].swapaxes(0, 1), strict=True)),
        dict(zip(names, accuracy[:, :, r].swapaxes(0, 1), strict=True)),
    )


def draw_tickets(record: TicketAccuracy, percent: float | int, steps: int) -> Figure:
    fig, (left, right) = canvas(2)
    r, s, names = PERCENT.index(percent), STEPS.index(steps), [*VARIANTS.values()]
    plots.accuracy_lines(left, record.density, record.by_density, r, names[:2])
    axes.named_ticks(left, record.density.tolist(), [f"{p:g}" for p in PERCENT])
    left.set(xlabel="percent of the weights kept", ylabel="test accuracy, percent", xlim=(1.1, 0.0142))
    plots.accuracy_lines(right, np.array(STEPS), record.by_step, s, names[2:])
    axes.named_ticks(right, STEPS, [str(n) for n in STEPS])
    right.set(xlabel="steps of training", ylabel="test accuracy, percent")
    ticket, fresh = (record.by_step[name].mean(0)[s] for name in names[:2])
    headline(left, f"Accuracy after {steps} steps")
    headline(right, f"{percent:g} % kept: ticket {ticket:.0f} %, re-init {fresh:.0f} %")
    return fig


def describe_tickets(record: TicketAccuracy, percent: float | int, steps: int) -> str:
    now = ", ".join(
        f"{name} {a.mean(0)[STEPS.index(steps)]:.0f} percent" for name, a in record.by_step.items()
    )
    return (
        f"Left: accuracy after {steps} steps against the percentage of weights kept, for tickets found by "
        "iterative magnitude pruning, the same masks re-initialised, masks shuffled within layers, and "
        f"random masks. Right: accuracy against steps with {percent:g} percent kept. At the chosen point: "
        f"{now}."
    )


tickets = Demo(
    compute=read_tickets,
    draw=draw_tickets,
    controls={
        "percent": Numbers("percent of the weights kept", PERCENT, 6.2),
        "steps": Numbers("steps of training", STEPS, 50),
    },
    title="Lottery tickets: the mask, the weights, or both?",
    goal="after 50 steps, find the smallest ticket that is as accurate as the dense network (100 %). And the "
    "smallest of its controls?",
    reached=lambda record, percent, steps: steps == 50 and PERCENT.index(percent) == record.smallest_winner,
    notice="A ticket needs its mask and its own initial weights together. With other initial weights the "
    "same mask learns later and less; below a tenth of the weights, the same initial weights under "
    "another mask are even worse.",
    alt=describe_tickets,
    presets={"At the end": {"steps": 400}, "Break it": {"percent": 1.6, "steps": 400}},
)


# --- what is restored ------------------------------------------------------------------------------

T = 400
DROPS = (200, 300)
KS = (0, 50, 100, 200)
CUTS = (2.5, 5, 10)
LOSS = 10
"""Percentage points that count as a loss."""


class Retrained(NamedTuple):
    """accuracy: way -> test accuracy in percent, one per seed.   at_0: the same for k = 0.   dense: mean."""

    accuracy: dict[str, ndarray]
    at_0: dict[str, ndarray]
    dense: float

    @property
    def loss(self) -> float:
        """Percentage points that weight rewinding loses compared with k = 0."""
        return float((self.at_0["weight rewinding"] - self.accuracy["weight rewinding"]).mean())


def read_retrained(k: int, percent: float | int) -> Retrained:
    run = stored("pruning", "rewinding")
    found = 100 * run["accuracy"][..., len(CUTS) - 1 - CUTS.index(percent)]  # seeds, ways, k
    names = [str(name) for name in run["ways"]]
    at_k, at_0 = (dict(zip(names, found[..., i].T, strict=True)) for i in (KS.index(k), 0))
    return Retrained(at_k, at_0, float(100 * run["dense"].mean()))


def draw_retrained(record: Retrained, k: int, percent: float | int) -> Figure:
    sources = ((T, T), (k, k), (T, k), (k, T))  # weights from, schedule from
    tracks = [plots.Track(name, *source) for name, source in zip(record.accuracy, sources, strict=True)]
    fig, (left, right) = canvas(2, widths=(1.5, 1))
    plots.timeline(left, tracks, DROPS, T, k)
    plots.accuracy_bars(right, record.accuracy, record.dense)
    headline(left, f"Rewind to step k = {k} of {T}, {percent:g} % kept")
    rewound, tuned = (record.accuracy[name].mean() for name in ("weight rewinding", "fine-tuning"))
    headline(right, f"Rewinding gains {rewound - tuned:.0f} points")
    return fig


def describe_retrained(record: Retrained, k: int, percent: float | int) -> str:
    found = ", ".join(f"{name} {a.mean():.0f}" for name, a in record.accuracy.items())
    return (
        "Left: for four ways to retrain, the step that the weights come from and the steps of the schedule "
        f"that are run again, k = {k}. Right: test accuracy with {percent:g} percent of the weights kept, "
        f"both seeds, beside the dense network ({record.dense:.0f} percent). Means in percent: {found}."
    )


rewinding = Demo(
    compute=read_retrained,
    draw=draw_retrained,
    controls={
        "k": Numbers("rewind to step k", KS, 100),
        "percent": Numbers("percent of the weights kept", CUTS, 5),
    },
    title="After pruning: which weights, and which step sizes?",
    goal="does restoring the weights make the difference, or repeating the schedule? Then find a k at which "
    f"weight rewinding loses {LOSS} points compared with k = 0.",
    reached=lambda record, **_: record.loss >= LOSS,
    notice="Whatever weights one starts from, repeating the large steps brings the accuracy back; the "
    "small last step size alone does not. Rewound to a k after which the large steps are over, both "
    "rewindings lose.",
    alt=describe_retrained,
    presets={"Early": {"k": 0}, "Break it": {"k": 200, "percent": 2.5}},
)
