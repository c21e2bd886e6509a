"""Pictures of CREST: where its quadratic model holds, when coresets are chosen anew, and what they hold."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from numpy import ndarray

from courseware.plots.axes import legend
from courseware.plots.shapes import Look, Real, columns
from courseware.plots.style import BLUE, RED


def regions(
    ax: Axes,
    loss: Float[ndarray, " steps"],
    refreshes: Int[ndarray, " r"],
    checks: Float[ndarray, "checks 4"],
) -> None:
    """Loss of the mini-batches, the loss measured at each check, and what each region's model predicted.

    checks: step, error, predicted loss and measured loss.
    loss: of the mini-batch at each step.   refreshes: steps at which new coresets are chosen.
    """
    smooth = np.convolve(loss, np.ones(9) / 9, mode="valid")
    ax.plot(np.arange(len(smooth)) + 4, smooth, color="0.8", linewidth=1.5, linestyle="-")
    measured: Look = {"color": BLUE, "marker": "o", "linestyle": "none", "markersize": 4}
    predicted: Look = {"color": RED, "marker": "_", "linestyle": "-", "linewidth": 1.8, "markersize": 8}
    ax.plot(checks[:, 0], checks[:, 3], **measured)
    region = np.searchsorted(refreshes, checks[:, 0], side="left")
    for r in np.unique(region):
        ax.plot(*checks[region == r][:, [0, 2]].T, **predicted)
    ax.vlines(refreshes, 0, 0.05, transform=ax.get_xaxis_transform(), color="0.1", linewidth=1.5)
    legend(
        ax,
        {
            "mini-batches": {"color": "0.8", "linestyle": "-"},
            "measured": measured,
            "quadratic model": predicted,
        },
    )
    ax.set(xlabel="step (short lines: new coresets)", ylabel="loss", xlim=(0, len(loss)))
    ax.set_ylim(0, 1.05 * float(checks[:, 3].max()))


def refreshes_per_part(ax: Axes, counts: Sequence[int] | Int[ndarray, " parts"], what: str) -> None:
    """How many refreshes each part of training has.

    counts: refreshes of each part, (parts,).   what: the parts in words, below the x axis.
    """
    values = np.asarray(counts)
    columns(ax, np.arange(len(values)) + 1.0, values, {"facecolor": BLUE})
    for i, count in enumerate(values):
        ax.text(i + 1, count, f"{count:g}", ha="center", va="bottom", fontsize=12)
    ax.set(
        xlabel=what,
        ylabel="refreshes",
        xlim=(0.4, len(values) + 0.6),
        ylim=(0, 1.2 * max(float(values.max()), 4)),
    )


def chosen_difficulty(
    ax: Axes, ratio: Float[ndarray, "groups epochs"], groups: Sequence[str], limit: Real = 3
) -> None:
    """How often each group of difficulty is chosen, relative to its share of the data; 1 is as often.

    ratio: share among the chosen over share of the data.   groups: names, the lowest row first.
    limit: colours end at this ratio and at its reciprocal; above 1.
    """
    shown = np.clip(np.log2(np.maximum(ratio, 1e-3)), -np.log2(limit), np.log2(limit))
    extent = (0.5, ratio.shape[1] + 0.5, -0.5, len(groups) - 0.5)
    top = float(np.log2(limit))
    ax.imshow(
        shown, cmap="PuOr_r", vmin=-top, vmax=top, extent=extent, aspect="auto", origin="lower", zorder=0.5
    )
    for g in range(len(groups)):
        for epoch in range(ratio.shape[1]):
            color = "w" if abs(shown[g, epoch]) > 0.6 * top else "0.1"  # on a dark square
            text = f"{ratio[g, epoch]:.1f}"
            ax.text(epoch + 1, g, text, ha="center", va="center", fontsize=11, color=color)
    ax.set_yticks(range(len(groups)), groups)
    ax.set(xlabel="epoch; number: chosen, relative to the group's share", ylabel="forgetting events")
    ax.grid(False)
