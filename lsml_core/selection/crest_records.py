"""The settings of CREST, and the record of what happened in a run of it.

The symbols r, τ, h, b, P, T₁, V, F(δ) and ρ are those of `crest`.
"""

from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import Float, Int
from numpy import ndarray

from lsml_core.validation import check_count, check_not_negative, check_positive


@dataclass(frozen=True)
class Crest:
    """Settings of CREST.

    subset: r, examples per random subset; None means the larger of n/100 and ten mini-batches, at most n.
    threshold: τ, the relative error of the quadratic model at which coresets are chosen anew.
    step_factor: h, steps between checks at the first curvature.   coresets_per_step: b.
    most_coresets: P is never larger.
    learned: α, an example counts as learned while its loss is below.
    patience: an example is left out once it was seen learned this many times in a row; 0 leaves none out.
    """

    subset: int | None = None
    threshold: float | int = 0.05
    step_factor: float | int = 1.0
    coresets_per_step: int = 5
    most_coresets: int = 50
    learned: float | int = 0.1
    patience: int = 5

    def __post_init__(self) -> None:
        if not self.threshold >= 0:  # inf never chooses anew
            raise ValueError(f"threshold={self.threshold} must be at least 0")
        check_positive(step_factor=self.step_factor)
        check_not_negative(learned=self.learned)
        if self.subset is not None:
            check_count("subset", self.subset)
        for name, least in (("coresets_per_step", 1), ("most_coresets", 1), ("patience", 0)):
            check_count(name, getattr(self, name), least)


class Refresh(NamedTuple):
    """One choice of new coresets: before which step, T₁ from there on, |V|, and all examples chosen."""

    step: int
    period: int
    active: int
    chosen: Int[ndarray, " picks"]


class Check(NamedTuple):
    """The error ρ = |predicted − measured| / measured of the quadratic model after `step` steps.

    predicted: F(δ), what the model says.   measured: L(w₀ + δ), mean loss of a random subset.
    """

    step: int
    error: float
    predicted: float
    measured: float


@dataclass(frozen=True, eq=False)
class CrestHistory:
    """What happened: `loss` of every mini-batch before its update, (steps,), test results after every epoch,
    and the refreshes and checks in order. `selection_evaluations` counts examples that went forward through
    the network to choose coresets, and `gradient_evaluations` those that training took gradients of."""

    loss: Float[ndarray, " steps"]
    test_loss: Float[ndarray, " epochs"]
    test_accuracy: Float[ndarray, " epochs"]
    refreshes: tuple[Refresh, ...]
    checks: tuple[Check, ...]
    gradient_evaluations: int
    selection_evaluations: int
