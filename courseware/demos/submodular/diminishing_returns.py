"""Demo of lecture 05: diminishing returns."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.plots import submodular as plots
from courseware.plots.axes import Real, headline
from courseware.plots.canvas import canvas
from lsml_core.submodular.instances import area, gains_along

LAWN, CELL, RADIUS = (0, 12, 0, 10), 0.1, 1.8  # metres
IN_A = ((2.6, 6.8), (4.4, 5.0), (2.6, 3.2))
ONLY_IN_B = ((6.6, 7.0), (8.8, 4.2), (6.2, 2.4), (9.4, 7.6))


class Measure(NamedTuple):
    """F(S) = (area that at least `times` discs cover) ^ power; `top` of the axis."""

    times: int
    power: float
    top: float
    unit: str


MEASURES = {
    "area covered": Measure(1, 1, 11, "m²"),
    "√ of the area covered": Measure(1, 0.5, 3.6, "m"),
    "area covered at least twice": Measure(2, 1, 11, "m²"),
}


class MarginalGain(NamedTuple):
    """The gain of e to 0, 1, …, 7 discs, and the cells of the lawn that it adds."""

    gains: Float[ndarray, " sizes"]
    new: dict[str, Bool[ndarray, "rows columns"]]

    @property
    def to_A(self) -> float:
        return float(self.gains[len(IN_A)])

    @property
    def to_B(self) -> float:
        return float(self.gains[-1])

    @property
    def diminishing(self) -> bool:
        return self.to_A >= self.to_B - 1e-9


def disc(x: Real, y: Real) -> Bool[ndarray, "rows columns"]:
    """The cells of the lawn whose middle lies in a disc.

    x, y: its centre, in the unit of the lawn.
    """
    across, up = (CELL * (np.arange(length / CELL) + 0.5) for length in LAWN[1::2])
    return (across - x) ** 2 + (up[:, None] - y) ** 2 <= RADIUS**2


@cache
def discs_of_B() -> Bool[ndarray, "discs rows columns"]:
    """Those of A first."""
    return np.stack([disc(*center) for center in (*IN_A, *ONLY_IN_B)])


def compute_marginal_gain(x: float, y: float, function: str) -> MarginalGain:
    measure, e, others = MEASURES[function], disc(x, y), discs_of_B()
    f = area(np.concatenate([others, e[None]]), CELL**2, times=measure.times, power=measure.power)
    new_to_A, new_to_B = (
        e & (others[:size].sum(axis=0) == measure.times - 1) for size in (len(IN_A), len(others))
    )
    new = {
        "new to both": new_to_A & new_to_B,
        "to A only": new_to_A & ~new_to_B,
        "to B only": new_to_B & ~new_to_A,
    }
    return MarginalGain(gains_along(f, range(len(others)), len(others)), new)


def draw_marginal_gain(record: MarginalGain, x: float, y: float, function: str) -> Figure:
    measure = MEASURES[function]
    fig, (left, right) = canvas(2)
    A, more = ([plots.circle(center, RADIUS) for center in centers] for centers in (IN_A, ONLY_IN_B))
    plots.two_sets(left, A, more, plots.circle((x, y), RADIUS), record.new, LAWN)
    headline(left, f"e adds {record.to_A:.2f} {measure.unit} to A, {record.to_B:.2f} {measure.unit} to B")
    plots.gain_bars(
        right, record.gains, {"A": len(IN_A), "B": len(IN_A + ONLY_IN_B)}, measure.top, measure.unit
    )
    if not record.diminishing:
        headline(right, "Not submodular: e adds more to B")
    elif record.to_A > record.to_B + 1e-9:
        headline(right, "Gains shrink: e adds less to B")
    else:
        headline(right, "e adds the same to A and B")
    return fig


marginal_gain = Demo(
    compute=compute_marginal_gain,
    draw=draw_marginal_gain,
    controls={
        "x": Slider("x of the new disc e, metres", 1.0, 11.0, 0.2, 6.4),
        "y": Slider("y of the new disc e, metres", 1.0, 9.0, 0.2, 5.6),
        "function": Choice("F", tuple(MEASURES), "area covered"),
    },
    title="One more sprinkler on the lawn: what does it add to A, and to B ⊇ A?",
    goal="let F be the covered area, and move e so that it adds at least 8 m² to A and less than 1 m² to B.",
    reached=lambda record, function, **_: function == "area covered" and record.to_A >= 8 and record.to_B < 1,
    notice="For the area, e never adds more to the larger set: what is new to B is new to A too. The square "
    "root of the area is submodular too. Area that counts only where two discs overlap is not.",
    alt=lambda record, x, y, function: (
        f"For F = {function}, e adds {record.to_A:.2f} {MEASURES[function].unit} to A and {record.to_B:.2f} "
        f"to B. Left: a lawn with three discs of A, four more of B, and a new disc e at {x:g}, {y:g}; what e "
        "adds to A and to B is shaded. Right: bars of the gain of e to larger and larger sets."
    ),
    presets={
        "Far from B": {"x": 11.0, "y": 1.0},
        "Break it": {"x": 6.4, "y": 4.0, "function": "area covered at least twice"},
    },
    live=("x", "y"),
    handles=(Handle("the new disc e", 0, lambda _, x, y, **__: (x, y), x="x", y="y"),),
)
