"""Pictures of S2L: loss trajectories of a small model, results by topic, and the memory that vectors need."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.axes import legend, log_axis
from courseware.plots.coresets import mean_with_band, method_look
from courseware.plots.shapes import Look, Real, bars
from courseware.plots.style import BLUE, COLORS, QUIET, line_look

FITS: Look = {"facecolor": BLUE}
TOO_LARGE: Look = {"facecolor": "w", "edgecolor": QUIET, "hatch": "///", "linewidth": 1}
LABEL_WIDTH = 16.0
"""Width of a label in `memory_needed`, as a factor on its logarithmic axis."""


def trajectories(
    ax: Axes,
    losses: Float[ndarray, "checkpoints n"],
    group: Int[ndarray, " n"],
    names: Sequence[str],
) -> None:
    """One line per example; examples of one group share a colour, and the last group is grey.

    group: of each example, a position in `names`.
    losses: of every example at each checkpoint.
    """
    looks: dict[str, Look] = {}
    for i in reversed(range(len(names))):
        color = "0.75" if i == len(names) - 1 else COLORS[i]
        style = "-" if i == len(names) - 1 else line_look(i)["linestyle"]
        looks[names[i]] = {"color": color, "linestyle": style}
        if (group == i).any():
            ax.plot(np.arange(len(losses)), losses[:, group == i], **looks[names[i]], linewidth=1.3)
    ax.set(xlabel="epoch of the small model", ylabel="loss of the example", xlim=(0, len(losses) - 1))
    ax.set_ylim(0, None)
    legend(ax, {name: looks[name] for name in names})


def per_topic(ax: Axes, series: Mapping[str, Float[ndarray, "seeds topics"]], what: str) -> None:
    """One line per name over the topics, the most frequent first: mean and range of the seeds.

    what: the value in words, beside the y axis.
    series: name -> values, (seeds, topics).
    """
    looks = {name: method_look(name, i) for i, name in enumerate(series)}
    for name, values in series.items():
        mean_with_band(ax, np.arange(values.shape[1]) + 1.0, values, looks[name])
    legend(ax, {name: {**look, "markersize": 7} for name, look in looks.items()})
    ax.set(xlabel="topic, the most frequent first", ylabel=what)


def memory_needed(
    ax: Axes, names: Sequence[str], gigabytes: Float[ndarray, " kinds"], available: Real
) -> None:
    """Memory on a logarithmic axis, one bar per kind of vector, hatched beyond the line at what there is.

    names: kinds of vectors.   gigabytes: needed for all examples, by kind.   available: in gigabytes.
    """
    rows = np.arange(len(names))[::-1].astype(float)
    low, high = 1e-5, 1e7
    for i, row in enumerate(rows):
        size = float(gigabytes[i])
        look = FITS if size <= available else TOO_LARGE
        bars(ax, row[None], np.array([low]), gigabytes[i : i + 1], look, height=0.6)
        unit = f"{size:,.0f} GB" if size >= 10 else f"{size:.2g} GB" if size >= 1 else f"{1e3 * size:.2g} MB"
        behind: Look = {"facecolor": "w", "edgecolor": "none", "pad": 1}
        inside = available / LABEL_WIDTH < size <= available  # beside the bar: over the line
        side, dx = ("right", -8) if inside else ("left", 8)
        look = {"va": "center", "ha": side, "fontsize": 13, "zorder": 3, "bbox": behind}
        ax.annotate(unit, (size, row), (dx, 0), textcoords="offset points", **look)
    ax.axvline(available, color="0.1", linewidth=1.8, linestyle=(0, (4, 2)))
    ax.text(
        available,
        1.02,
        f"memory: {available:g} GB",
        transform=ax.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=12,
    )
    legend(ax, {"fits": FITS, "too large": TOO_LARGE})
    log_axis(ax, "x")
    ax.set_yticks(rows, names)
    ax.set(xlabel="gigabytes", ylabel="kept per example", xlim=(low, high), ylim=(-0.6, len(names) - 0.4))
