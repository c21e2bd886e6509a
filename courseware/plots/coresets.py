"""Pictures of coresets: exemplars and what they stand for, gradients added head to tail, and stored runs.

points   gradients of examples in the plane, (n, 2)      weights   of the exemplars, (m,)
steps    arrows to be added, (m, 2)                      nearest   exemplar of each, place in `chosen`, (n,)
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy import ndarray

from courseware.plots.axes import legend, log_axis
from courseware.plots.shapes import Look, Real, bars, columns
from courseware.plots.style import (
    BLUE,
    COLORS,
    DASHES,
    GREEN,
    MARKERS,
    ORANGE,
    PINK,
    QUIET,
    RED,
    SKY,
    line_look,
)

DARK_PINK = "#8C4F73"  # CRAIG's colour, for coresets that are chosen once
_METHODS: dict[str, Look] = {
    "all": {"color": "0.4", "marker": "o", "linestyle": DASHES[0]},
    "random": {"color": ORANGE, "marker": "s", "linestyle": DASHES[1]},
    "stratified": {"color": SKY, "marker": "v", "linestyle": DASHES[4]},
    "CRAIG": {"color": PINK, "marker": "D", "linestyle": DASHES[3]},
    "S2L": {"color": GREEN, "marker": "^", "linestyle": DASHES[2]},
}
FITS: Look = {"facecolor": BLUE}
TOO_LARGE: Look = {"facecolor": "w", "edgecolor": QUIET, "hatch": "///", "linewidth": 1}
SUM: Look = {"marker": "*", "color": "0.1", "linestyle": "none", "markersize": 14}
EXEMPLAR: Look = {"marker": "o", "markerfacecolor": "none", "markeredgecolor": "0.1", "linestyle": "none"}


def method_look(name: str, i: int = 0) -> Look:
    """Colour, dash and marker of a way to choose examples, the same in every picture; dark: chosen once.

    name: such as "CRAIG" or "CRAIG, once"; "full" is another word for "all".   i: place of another name.
    """
    base, _, when = name.replace("full", "all").partition(",")
    base = base.partition(":")[0]
    if base not in _METHODS:
        return {**line_look(i), "marker": MARKERS[i]}
    once: Look = {"color": DARK_PINK, "linestyle": DASHES[2]}
    return _METHODS[base] | (once if when.strip() == "once" else {})


def exemplars(
    ax: Axes,
    points: Float[ndarray, "n 2"],
    y: Int[ndarray, " n"],
    chosen: Int[ndarray, " m"],
    weights: Float[ndarray, " m"],
    nearest: Int[ndarray, " n"],
) -> None:
    """Every example is tied to its exemplar; an exemplar's ring grows with its weight.

    points: gradients in the plane.   y: class of each.   chosen: indices of the exemplars.
    weights: of the exemplars.   nearest: the exemplar of each example, as a place in `chosen`.
    """
    spokes = np.stack([points, points[chosen[nearest]]], axis=1)
    ax.add_collection(LineCollection(list(spokes), colors="0.75", linewidths=1), autolim=False)
    looks: dict[str, Look] = {}
    for c in np.unique(y):
        look: Look = {"color": COLORS[c], "marker": MARKERS[c], "linestyle": "none", "markersize": 5}
        ax.plot(*points[y == c].T, **look)
        looks[f"class {c}"] = look
    for j, weight in zip(chosen, weights, strict=True):
        ax.plot(*points[j], markersize=6 + 3 * np.sqrt(weight), markeredgewidth=2, **EXEMPLAR)
    ax.set(xlabel="first entry of the gradient", ylabel="second entry")
    legend(ax, {**looks, "exemplar": {**EXEMPLAR, "markersize": 12, "markeredgewidth": 2}})


def head_to_tail(ax: Axes, full: Float[ndarray, "n 2"], subsets: Mapping[str, Float[ndarray, "_ 2"]]) -> None:
    """The sum of all gradients, and the weighted gradients of subsets added one after the other.

    full: gradients of all examples.   subsets: name -> weighted gradients, in the order of adding.
    """
    everything: Look = {**method_look("all"), "linewidth": 1.4, "marker": "."}
    looks: dict[str, Look] = {"all": everything}
    ax.plot(*_path(full).T, **everything, markersize=3)
    for name, steps in subsets.items():
        looks[name] = {**method_look(name), "linestyle": "-", "linewidth": 2.4}
        ax.plot(*_path(steps).T, **looks[name], markersize=6)
    ax.plot(*full.sum(axis=0), **{**SUM, "markersize": 18}, zorder=6)
    ax.set(xlabel="sum of first entries", ylabel="sum of second entries")
    legend(ax, {**looks, "their sum": SUM})


def _path(steps: Float[ndarray, "m 2"]) -> Float[ndarray, "m+1 2"]:
    """Partial sums, from the origin."""
    return np.concatenate([np.zeros((1, 2)), steps.cumsum(axis=0)])


# --- runs: lines with the range of the seeds ---


def runs(
    ax: Axes,
    x: Float[ndarray, " t"] | Int[ndarray, " t"],
    series: Mapping[str, Float[ndarray, "seeds t"]],
    *,
    of_the_mean: bool = False,
) -> None:
    """One line per name: the mean over the seeds, with a band.

    x: common to all lines.
    of_the_mean: the band is one standard error on both sides; otherwise it is the range of the seeds.
    series: name -> values, (seeds, t).
    """
    looks = {name: {**method_look(name, i), "marker": ""} for i, name in enumerate(series)}
    for name, values in series.items():
        _with_band(ax, x, values, looks[name], of_the_mean)
    legend(ax, looks)


def _with_band(
    ax: Axes,
    x: Float[ndarray, " t"] | Int[ndarray, " t"],
    values: Float[ndarray, "seeds t"],
    look: Look,
    of_the_mean: bool = False,
) -> None:
    mean, seeds = values.mean(axis=0), len(values)
    ax.plot(x, mean, **look, markersize=7)
    low, high = values.min(axis=0), values.max(axis=0)
    if of_the_mean:
        error = values.std(axis=0, ddof=1) / seeds**0.5
        low, high = mean - error, mean + error
    ax.fill_between(x, low, high, color=look["color"], alpha=0.18, linewidth=0)


def bars_with_range(
    ax: Axes, names: Sequence[str], values: Sequence[Float[ndarray, " seeds"]], texts: Sequence[str]
) -> None:
    """One column per name, as high as the mean over the seeds, with their range and a text above it.

    A column is grey unless its name is a way to choose examples.
    values: for each name, one number per seed.   texts: one for each name.
    names: below the columns.
    """
    means = np.array([float(np.mean(v)) for v in values])
    for i, (v, text) in enumerate(zip(values, texts, strict=True)):
        color = method_look(names[i])["color"] if names[i].replace("full", "all") in _METHODS else "0.6"
        columns(ax, np.array([float(i)]), means[i : i + 1], {"facecolor": color}, width=0.6)
        ax.plot([i, i], [np.min(v), np.max(v)], color="0.1", linewidth=1.6, linestyle="-")
        place = max(float(np.max(v)), 0.0)
        ax.annotate(
            text, (i, place), (0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=12
        )
    ax.set_xticks(range(len(names)), names, fontsize=11)
    ax.set(xlim=(-0.6, len(names) - 0.4))


def stopping_time(ax: Axes, x: Real, text: str) -> None:
    """A vertical line at the chosen stopping time, named at its top.

    x: the stopping time, in data units.   text: its name.
    """
    ax.axvline(x, color="0.3", linewidth=1.4, linestyle=(0, (2, 2)))
    low, high = ax.get_xlim()
    side = "right" if x > (low + high) / 2 else "left"
    ax.text(x, 0.99, f" {text} ", transform=ax.get_xaxis_transform(), ha=side, va="top", color="0.3")


# --- CREST ---


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


# --- S2L ---


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
        _with_band(ax, np.arange(values.shape[1]) + 1.0, values, looks[name])
    legend(ax, {name: {**look, "markersize": 7} for name, look in looks.items()})
    ax.set(xlabel="topic, the most frequent first", ylabel=what)


LABEL_WIDTH = 16.0
"""Width of a label in `memory_needed`, as a factor on its logarithmic axis."""


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
