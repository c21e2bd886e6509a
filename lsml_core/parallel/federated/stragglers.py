"""Clients that do not complete their local epochs by the deadline, and whether the server uses their work.

m    chosen clients     E    epochs each is asked to make     fraction   share of the m clients that straggle
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from lsml_core.validation import check_fraction

Epochs = Int64[ndarray, " m"]


@dataclass(frozen=True)
class Stragglers:
    """A fraction of the chosen clients, in [0, 1], stops after 1 … E − 1 epochs (after one if E = 1).

    fraction: share of the chosen clients that straggle, in [0, 1].
    """

    fraction: float | int = 0.0

    def __post_init__(self) -> None:
        check_fraction(fraction=self.fraction)

    def completed(self, m: int, epochs: int, *, rng: np.random.Generator) -> Epochs:
        """How many of `epochs` epochs each of m clients contributes; 0 means that its work is not used."""
        slow = rng.permutation(m) < round(self.fraction * m)
        partial = rng.integers(1, max(epochs, 2), size=m)
        return np.where(slow, self.used(partial), epochs)

    def used(self, partial: Epochs) -> Epochs:
        """What counts of the epochs that stragglers completed: all of them."""
        return partial


@dataclass(frozen=True)
class Partial(Stragglers):
    """The work of stragglers is used as far as it goes: FedProx.  Li et al. (MLSys 2020)."""


@dataclass(frozen=True)
class Dropped(Stragglers):
    """The work of stragglers is discarded: the baseline."""

    def used(self, partial: Epochs) -> Epochs:
        return np.zeros_like(partial)
