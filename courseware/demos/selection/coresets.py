"""Demos of lecture 08: CRAIG. Their runs are in `coresets_runs`, those of training stored by a study."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.selection.coresets_runs import (
    AGES,
    HEIGHTS,
    HIGH,
    LEVELS,
    LOW,
    SHOWN,
    Arrows,
    Convex,
    Refreshed,
    compute_arrows,
    compute_convex,
    compute_refreshed,
)
from courseware.plots import coresets as plots
from courseware.plots.axes import headline, percentage
from courseware.plots.canvas import canvas
from courseware.plots.lines import reference_level


def draw_arrows(record: Arrows, **_: object) -> Figure:
    fig, (left, right) = canvas(2)
    plots.exemplars(left, record.gradients, record.y, record.chosen, record.weights, record.nearest)
    headline(left, f"{len(record.chosen)} exemplars stand for {len(record.y)} examples")
    steps = {"CRAIG": (record.chosen, record.weights), "random": (record.random, record.random_weights)}
    subsets = {name: by_class(record, *subset) for name, subset in steps.items()}
    everyone = np.arange(len(record.y))
    plots.head_to_tail(right, by_class(record, everyone, np.ones(len(everyone))), subsets)
    craig_error, random_error = record.errors
    headline(right, f"CRAIG is {percentage(craig_error, 1)} off, random {percentage(random_error, 1)}")
    return fig


def by_class(
    record: Arrows, chosen: Int[ndarray, " m"], weights: Float[ndarray, " m"]
) -> Float[ndarray, "m 2"]:
    """Weighted gradients, those of class 0 first.

    record: gradients, (n, 2), and classes, (n,).   chosen: indices, (m,).   weights: of the chosen, (m,).
    """
    order = np.argsort(record.y[chosen], kind="stable")
    return (weights[:, None] * record.gradients[chosen])[order]


arrows = Demo(
    compute=compute_arrows,
    draw=draw_arrows,
    controls={
        "per_class": Slider("exemplars per class", 1, 12, 1, 4),
        "age": Numbers("training steps since they were chosen", AGES, 0),
        "draw": Slider("random subset number", 1, 8, 1, 1),
    },
    title="Gradients of a weighted subset, added head to tail",
    goal="find the smallest coreset that misses the full gradient by less than 2 % when it is fresh.",
    reached=lambda record, age, **_: age == 0 and len(record.chosen) <= 14 and record.errors[0] < 0.02,
    notice="An exemplar counts as often as there are examples closest to it, so the weighted sum ends near "
    "the full gradient. As training goes on the gradients move, and an old coreset follows them less well.",
    alt=lambda record, **_: (
        f"Exemplars of CRAIG miss the full gradient by {percentage(record.errors[0], 1)} of its length, "
        f"random examples, equally many per class, by {percentage(record.errors[1], 1)}. Left: gradients of "
        f"{len(record.y)} examples of two classes, each tied to one of {len(record.chosen)} exemplars. "
        "Right: all gradients added head to tail, and the weighted ones of CRAIG and of the random examples."
    ),
    presets={
        "One per class": {"per_class": 1},
        "Break it": {"per_class": 4, "age": 100},
    },
)


def times(ratio: float) -> str:
    """A ratio as the lecture's table shows it.

    ratio: gradient evaluations over those of training on all examples; inf if the level is never reached.
    """
    return f"{ratio:.2f}" if np.isfinite(ratio) else "never"


def draw_convex(record: Convex, **_: object) -> Figure:
    fig, (left, right) = canvas(2, widths=(1.2, 1))
    plots.runs(left, record.passes, record.loss)
    reference_level(left, record.level, "")
    low = min(float(runs.min()) for runs in record.loss.values())
    left.set(xlabel="gradient evaluations / n", ylabel="loss over all examples")
    left.set(xlim=(0, float(record.passes[-1])), ylim=(0.8 * low, 3.5 * record.level))
    ratio = record.ratio("CRAIG")
    needs = f"CRAIG needs {ratio:.2f} times the gradients"
    headline(left, needs if np.isfinite(ratio) else f"CRAIG never reaches loss {record.level:g}")
    names = list(record.loss)
    values = [np.minimum(record.reached[name].passes, record.passes[-1]) for name in names]
    plots.bars_with_range(right, names, values, [times(record.ratio(name)) for name in names])
    right.set(xlabel="number: relative to full", ylabel=f"gradient evaluations / n, to {record.level:g}")
    right.set_ylim(0, 1.2 * max(float(v.max()) for v in values))
    headline(right, needs_in_words(record))
    return fig


def needs_in_words(record: Convex) -> str:
    """What reaches the level with the fewest gradient evaluations.

    record: losses and, by method, when the level is reached.
    """
    first = min(record.loss, key=record.ratio)
    needs = "All data need" if first == "full" else f"{first[0].upper()}{first[1:]} needs"
    return f"{needs} the fewest gradients"


convex = Demo(
    compute=compute_convex,
    draw=draw_convex,
    controls={
        "data": Choice("images", tuple(LEVELS), "digits"),
        "level": Choice("loss level", HEIGHTS, HIGH),
    },
    title="Softmax regression on all examples, and on three kinds of 10 %",
    goal="find a level that CRAIG reaches with fewer gradients than all data, and a random tenth never.",
    reached=lambda record, **_: record.ratio("CRAIG") < 1 and not np.isfinite(record.ratio("random")),
    notice="To a middle loss CRAIG needs fewer gradient evaluations than all data. A subset minimises a loss "
    "of its own, so that the loss over all examples stops falling: first for a random tenth, later for "
    "CRAIG.",
    alt=lambda record, data, **_: (
        f"{needs_in_words(record)}. Left: loss over all images ({data}) against gradient evaluations, mean "
        "and range of the seeds, for all examples and for a tenth chosen at random, per class at random, and "
        f"by CRAIG. Right: gradient evaluations until loss {record.level:g}, relative to all examples: "
        + ", ".join(f"{name} {times(record.ratio(name))}" for name in record.loss)
        + "."
    ),
    presets={"Fashion": {"data": "fashion"}, "Break it": {"data": "fashion", "level": LOW}},
)


ACCURACY, ERROR = QUANTITIES = ("test accuracy", "gradient error")
LEVEL = 0.005
"""Accuracies closer than this are called level: about one standard error of their difference."""


def draw_refreshed(record: Refreshed, show: str, passes: int) -> Figure:
    fig, (ax,) = canvas(1)
    if show == ACCURACY:
        plots.runs(ax, record.at, record.accuracy, of_the_mean=True)
        ax.set(ylabel="test accuracy", ylim=(0.69, 0.82))
    else:
        nothing = np.full((2, len(record.at)), np.nan)
        plots.runs(ax, record.at, {"full: none": nothing, **record.error}, of_the_mean=True)
        ax.set(ylabel="error of the subset's gradient", ylim=(0, None))
    ax.set(xlabel="passes over a tenth of the examples", xlim=(4, float(record.at[-1]) + 1))
    plots.stopping_time(ax, passes, f"{passes} passes")
    headline(ax, order_of_choices(record, show))
    return fig


def order_of_choices(record: Refreshed, show: str) -> str:
    """The three ways to choose a tenth, the best one first; the best two may be level.

    record: accuracies and gradient errors.   show: which of the two is compared.
    """
    names, accuracy = ("CRAIG, anew", "random, anew", "CRAIG, once"), show == ACCURACY
    errors = {name: float(record.error[name][:, record.stop].mean()) for name in names}
    found = {name: record.final(name) for name in names} if accuracy else errors
    first, second, third = sorted(names, key=lambda name: found[name], reverse=accuracy)
    a, b, c = (percentage(found[n], 1) if accuracy else f"{found[n]:.3f}" for n in (first, second, third))
    if accuracy and found[first] - found[second] < LEVEL:
        return f"{first} and {second} are level: {a} and {b}; {third}: {c}"
    return f"{first} is the best tenth: {a}; {second}: {b}; {third}: {c}"


refreshed = Demo(
    compute=compute_refreshed,
    draw=draw_refreshed,
    controls={
        "show": Choice("show", QUANTITIES, ACCURACY),
        "passes": Slider("passes over the subset until the stop", 5, 60, 5, 60),
    },
    title="A network on Fashion-MNIST: a tenth of the examples, chosen once or after every pass",
    goal="find a stopping time at which choosing anew by CRAIG is a point or more ahead of drawing anew at "
    "random.",
    reached=lambda record, **_: record.final("CRAIG, anew") - record.final("random, anew") >= 0.01,
    notice="The gradient error of a coreset that is chosen once, before training, grows, and in the end its "
    "network is less accurate than one that gets a new coreset after every pass. But a random tenth, drawn "
    "anew, ends as high.",
    alt=lambda record, show, passes: (
        f"{order_of_choices(record, show)}. {show.capitalize()} against passes over a tenth of the examples, "
        f"mean and standard error of {len(record.accuracy['full'])} seeds. "
        f"Test accuracy after {passes} passes: "
        + "; ".join(f"{name} {percentage(record.final(name), 1)}" for name in SHOWN)
        + "."
    ),
    presets={"Errors": {"show": ERROR}, "Break it": {"passes": 5}},
)
