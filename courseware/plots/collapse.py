"""Pictures of networks that are pruned until a layer is empty.

layers   names, the first layer first      dense    weights of each layer before pruning
kept     weights left in each layer        reached  units that a signal from the inputs reaches
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy import ndarray

from courseware.plots.axes import legend, log_axis, named_ticks
from courseware.plots.lines import mark_x
from courseware.plots.pruning import CUT, EMPTY, KEPT, layer_axis, method_look
from courseware.plots.shapes import Look, bars
from courseware.plots.style import DASHES, MARKERS, RED

WEIGHTS_RANGE = (0.5, 1e5)  # ends of the axis


def flow(
    ax: Axes,
    layers: Sequence[str],
    units: Sequence[int],
    kept: Int[ndarray, " l"],
    reached: Int[ndarray, " l+1"],
) -> None:
    """The network from left to right: a column per layer of units, a band for the weights between two.

    Heights are logarithms of numbers of units: all in grey, still reached in blue. An empty layer is hatched.
    units: number of units of each layer, the inputs first.
    kept: weights left in each layer.   reached: units that a signal reaches, the inputs first.
    layers: their names, in order.
    """
    whole, now = (np.log1p(np.array(n)) / np.log1p(max(units)) for n in (units, reached))
    _bands(ax, whole, np.arange(len(layers)), CUT)
    _bands(ax, now, np.flatnonzero(kept), KEPT)
    _bands(ax, whole, np.flatnonzero(kept == 0), EMPTY)
    ax.vlines(np.arange(len(units)), -now, now, color="0.1", linewidth=5)
    for column, (before, after) in enumerate(zip(units, reached.tolist(), strict=True)):
        ax.text(column, whole[column] + 0.06, f"{after}\nof {before}", ha="center", va="bottom", fontsize=12)
    for layer, count in enumerate(kept.tolist()):
        ax.text(layer + 0.5, -1.35, f"{count:,}", ha="center", fontsize=14)
    ax.set(xlim=(-0.4, len(layers) + 0.4), ylim=(-1.45, 1.5), yticks=[])
    ax.set(xlabel="layer, and above it the weights it keeps", ylabel="units reached (log scale)")
    ax.xaxis.set_major_locator(FixedLocator([i + 0.5 for i in range(len(layers))]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: str(layers[int(v)])))
    ax.grid(False)
    legend(ax, {"reached": KEPT, "not reached": CUT, "empty": EMPTY})


def _bands(
    ax: Axes, heights: Float[ndarray, " units"], which: Int[ndarray, " b"], look: Look, gap: float = 0.06
) -> None:
    """Bands between these columns and the next ones, as high as the columns at both ends."""
    left, right, low, high = which + gap, which + 1 - gap, heights[which], heights[which + 1]
    corners = np.stack([left, -low, left, low, right, high, right, -high], axis=-1).reshape(-1, 4, 2)
    ax.add_collection(PolyCollection(corners, **look), autolim=False)  # pyright: ignore[reportArgumentType]


def layer_counts(
    ax: Axes, layers: Sequence[str], dense: Int[ndarray, " l"], kept: Int[ndarray, " l"]
) -> None:
    """One bar per layer: weights before pruning and weights left, logarithmic; an empty layer is hatched.

    layers: names, the first layer first.   dense, kept: weights of each layer before and after pruning.
    """
    row, start, alive = np.arange(len(layers)), np.full(len(layers), WEIGHTS_RANGE[0]), kept > 0
    before, left = dense.astype(float), kept.astype(float)
    bars(ax, row, start, before, CUT)
    bars(ax, row[alive], start[alive], left[alive], KEPT)
    bars(ax, row[~alive], start[~alive], before[~alive], EMPTY)
    layer_axis(ax, layers)
    log_axis(ax, "x")
    ax.set(xlabel="weights", xlim=WEIGHTS_RANGE)
    legend(ax, {"kept": KEPT, "pruned": CUT, "empty": EMPTY})


def largest_compressions(
    ax: Axes,
    rounds: Sequence[int],
    compression: Mapping[str, Float[ndarray, " rounds"]],
    now: int,
) -> None:
    """The largest compression without an empty layer against the number of rounds, one line per score.

    rounds: numbers of rounds.   compression: score -> the largest compression for each of them.
    now: index of the marked number of rounds.
    """
    for name, largest in compression.items():
        ax.plot(rounds, largest, markersize=8, label=name, **method_look(name))
    mark_x(ax, rounds[now])
    log_axis(ax)
    named_ticks(ax, rounds, [str(n) for n in rounds])
    ax.set(xlabel="rounds", ylabel="compression, no layer empty", ylim=(0.7, 3e4))
    legend(ax, {name: method_look(name) for name in compression})


def percent_left(
    ax: Axes,
    compression: Sequence[int],
    percentages: Mapping[str, Float[ndarray, " c"]],
    now: int,
    first_empty: str,
) -> None:
    """Percentage of each layer that is left, against compression; a line ends where its layer is empty.

    first_empty: the layer whose line is red.
    percentages: layer -> percent left at each compression.   now: index of the marked compression.
    """
    looks = {
        name: {"color": RED if name == first_empty else "0.35", "linestyle": dash, "marker": marker}
        for name, dash, marker in zip(percentages, DASHES, MARKERS, strict=False)
    }
    for name, percent in percentages.items():
        width = 3.0 if name == first_empty else 1.5
        ax.plot(compression, np.where(percent > 0, percent, np.nan), linewidth=width, **looks[name])
    mark_x(ax, compression[now])
    log_axis(ax)
    log_axis(ax, "x")
    ax.set(xlabel="compression", ylabel="percent of the layer left", ylim=(1e-3, 200))
    legend(ax, looks)
