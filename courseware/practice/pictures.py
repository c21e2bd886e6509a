"""The plots that "read this plot" questions ask about, drawn by `plots` from stored studies.

A question names the lines A, B, C, … in an order of its own, so that the answer is read and not remembered.
Everything is computed from the record: the numbers that a question asks for are returned beside the picture.
"""

import io
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.plots.axes import doubling_axis, log_axis, log_log, plural
from courseware.plots.canvas import canvas
from courseware.plots.difficulty import event_histogram
from courseware.plots.lines import line_legend, measured_points
from courseware.plots.style import BLUE, RED
from courseware.practice.question import Picture
from courseware.studies import stored

LINE_LETTERS = "ABCDEF"


class Lines(NamedTuple):
    """A picture of lines and what it holds: x, (n,), and y of each line by its name."""

    picture: Picture
    x: Float[ndarray, " n"]
    y: dict[str, Float[ndarray, " n"]]


def mean_of_seeds(topic: str, values: str) -> str:
    """How many runs a line of a picture is the mean of: "mean of 3 seeds".

    topic: name of the study.   values: name of a stored array whose first axis is the seed, such as
        "compression.accuracy".
    """
    return f"mean of {plural(len(stored(topic)[values]), 'seed')}"


@cache
def large_batches(scaled: bool) -> Lines:
    """Training loss on the digits against batch size after 3, 9 and 27 epochs, mean of the seeds.

    scaled: whether the step size grows with the batch size; else it is the same for all.
    """
    x, y = np.zeros(0), {}
    for epochs in (3, 9, 27):
        part = stored("large_batch", f"{int(scaled)}_{epochs}")
        x, y[f"{epochs} epochs"] = part["batch"].astype(float), part["train_loss"].mean(axis=0)
    (fig, (ax,)) = _one()
    _draw(ax, x, y)
    doubling_axis(ax, "x", [int(b) for b in x])
    ax.set(xlabel="batch size", ylabel="training loss", ylim=(0, None))
    alt = f"Training loss against batch size from {x[0]:g} to {x[-1]:g}, one line each for {', '.join(y)}."
    return Lines(_picture(fig, alt), x, y)


@cache
def pruned_before_training(order: tuple[str, ...]) -> Lines:
    """Accuracy on Fashion-MNIST against compression, mean of the seeds; the methods are lettered in this
    order.

    order: methods of the study "pruning.compression", at most six.
    """
    part = stored("pruning", "compression")
    methods, x = [*map(str, part["methods"])], part["compression"].astype(float)
    y = {name: part["accuracy"].mean(axis=0)[methods.index(name)] for name in order}
    (fig, (ax,)) = _one()
    _draw(ax, x, dict(zip(LINE_LETTERS, y.values(), strict=False)))
    log_axis(ax, "x")
    ax.set(xlabel="compression", ylabel="accuracy after training", ylim=(0, 1))
    alt = f"Accuracy against compression from 1 to 10,000, one line each for {len(order)} methods, lettered."
    return Lines(_picture(fig, alt), x, y)


@cache
def lottery_tickets(order: tuple[str, ...], column: int) -> Lines:
    """Accuracy against density for a ticket and its controls, mean of the seeds, after `at[column]` steps.

    order: variants of the study "pruning.tickets", at most six.   column: index of `at`.
    """
    part = stored("pruning", "tickets")
    variants, x = [*map(str, part["variants"])], part["density"].astype(float)
    y = {name: part["accuracy"].mean(axis=0)[variants.index(name), :, column] for name in order}
    (fig, (ax,)) = _one()
    _draw(ax, 1 / x, dict(zip(LINE_LETTERS, y.values(), strict=False)))
    ax.set(xlabel="compression (all weights / weights kept)", ylabel="accuracy", ylim=(0, 1))
    doubling_axis(ax, "x", [round(1 / d) for d in x])
    alt = f"Accuracy against compression from 1 to {1 / x[-1]:g}, {len(order)} lettered lines."
    return Lines(_picture(fig, alt), 1 / x, y)


@cache
def maximisers(order: tuple[str, ...]) -> Lines:
    """Gains evaluated against the number of elements, k = 50, by maximiser; lettered in this order.

    order: methods of the study "submodular_scaling", at most six.
    """
    study = stored("submodular_scaling")
    methods, x = [*map(str, study["methods"])], study["sizes"].astype(float)
    y = {name: study["gains"][methods.index(name)] for name in order}
    (fig, (ax,)) = _one()
    _draw(ax, x, dict(zip(LINE_LETTERS, y.values(), strict=False)))
    finite = np.concatenate([v[np.isfinite(v)] for v in y.values()])
    log_log(ax, (float(x[0]), float(x[-1])), (float(finite.min()) / 2, float(finite.max()) * 2))
    ax.set(xlabel="elements n", ylabel="gains evaluated")
    alt = f"Gains evaluated against n from {x[0]:g} to {x[-1]:g}, {len(order)} lettered lines."
    return Lines(_picture(fig, alt), x, y)


@cache
def noisy_labels(swapped: bool) -> tuple[Picture, dict[str, Float[ndarray, " bars"]]]:
    """Shares of examples by EL2N at an early epoch, labels 20 % wrong: right and wrong ones, lettered A
    and B.

    swapped: whether A is the group of wrong labels.
    """
    study = stored("difficulty")
    score, wrong = study["noise0.2_el2n_runs"][5].astype(float), study["noise0.2_wrong_runs"]
    edges = np.linspace(0, 1.5, 9)
    shares = {}
    for name, rows in (("right labels", ~wrong), ("wrong labels", wrong)):
        counts = np.histogram(np.minimum(score[rows], edges[-1]), edges)[0]
        shares[name] = counts / counts.sum()
    (fig, (ax,)) = _one()
    names = ["wrong labels", "right labels"] if swapped else ["right labels", "wrong labels"]
    looks = [{"facecolor": BLUE}, {"facecolor": RED, "hatch": "//"}]
    event_histogram(ax, dict(zip("AB", (shares[n] for n in names), strict=True)), looks, "share of the group")
    middles = [f"{(a + b) / 2:.2g}" for a, b in pairwise(edges)]
    ax.set(
        xlabel="EL2N after five epochs",
        xticks=range(len(middles)),
        xticklabels=middles,
        xlim=(-0.6, len(middles) - 0.4),
    )
    alt = "Histogram of EL2N scores of two groups of examples, A and B; one of them has wrong labels."
    return _picture(fig, alt), shares


def _one() -> tuple[Figure, list[Axes]]:
    return canvas(height=4.2)


def _draw(ax: Axes, x: Float[ndarray, " n"], y: dict[str, Float[ndarray, " n"]]) -> None:
    for i, line in enumerate(y.values()):
        measured_points(ax, x, line, i)
    line_legend(ax, [*y], marks=True)


def _picture(fig: Figure, alt: str) -> Picture:
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=80)
    return Picture(file.getvalue(), alt)
