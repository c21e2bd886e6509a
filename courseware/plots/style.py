"""The look of every figure: readable from the last row, safe for colour-blind eyes, quick to draw.

`canvas.canvas` applies it when it makes the first figure, so a student's own figures then match the course's.
Colours are Okabe & Ito's (2008) cycle; lines also differ by dash, so that no figure needs colour.
"""

from typing import Any

from cycler import cycler

BLUE, ORANGE, GREEN, PINK, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
COLORS = (BLUE, RED, GREEN, PINK, ORANGE, SKY)
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P")
QUIET = "0.55"  # reference lines and everything that is not the point

STYLE = {
    "figure.dpi": 100,
    "font.size": 14,
    "axes.titlesize": 14,
    "axes.labelsize": 14,
    "legend.fontsize": 12,
    "legend.framealpha": 0.9,
    "lines.linewidth": 2.2,
    "axes.prop_cycle": cycler(color=COLORS) + cycler(linestyle=DASHES),
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
}


def line_look(i: int) -> dict[str, Any]:
    """Colour and dash of the i-th line of a figure, i from 0 to 35, all different. ValueError for others."""
    if not 0 <= i < len(COLORS) * len(DASHES):
        raise ValueError(f"i={i} must be between 0 and 35: more lines cannot be told apart")
    turn, place = divmod(i, len(COLORS))
    return {"color": COLORS[place], "linestyle": DASHES[(place + turn) % len(DASHES)]}


def marker_look(i: int) -> dict[str, Any]:
    """As `line_look`, with a marker: those of one colour differ, too.

    i: place of the line, from 0.
    """
    turn, place = divmod(i, len(COLORS))
    return {**line_look(i), "marker": MARKERS[(place + turn) % len(MARKERS)]}
