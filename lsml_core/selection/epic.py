"""EPIC: drop examples whose gradient is isolated, because poisons that work are.

    g_i       gradient of example i at the logits, p − y, (n, classes)
    medoids   k = ⌈fraction · n_c⌉ of each class, by greedy facility location; every example belongs to the
              nearest medoid of its class
    isolated  a medoid whose cluster holds nobody else

A poison works if its gradient is close to that of the target with the adversarial label. The target comes
from another class, so such a gradient is far from those of the poison's own class, and from those of the
poisons that do not work. A medoid chosen for it stands alone. Gradients move, so this is repeated.

Clean examples that are rare are dropped as well. And the fraction is one of what is left: with many rounds,
EPIC also thins out the dense part, where gradients are nearly zero and medoids stand alone by chance.

Yang, Liu & Mirzasoleiman (ICML 2022).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, Integer, Real
from numpy import ndarray

from lsml_core.selection.craig import craig
from lsml_core.validation import check_count, check_share


@dataclass(frozen=True)
class Epic:
    """When EPIC looks, and how closely.

    fraction: medoids per class, as a share of its remaining examples, above 0 and at most 1.
    start: epochs of ordinary training before the first round.   every: T, epochs between rounds.
    stop: no round after this epoch; None goes on until the end.
    """

    fraction: float | int = 0.2
    start: int = 5
    every: int = 1
    stop: int | None = None

    def __post_init__(self) -> None:
        check_share(fraction=self.fraction)
        check_count("start", self.start, 0)
        check_count("every", self.every)
        if self.stop is not None:
            check_count("stop", self.stop, 0)

    def looks_after(self, epoch: int) -> bool:
        """Whether a round follows epoch number `epoch`, counted from 1."""
        ended = self.stop is not None and epoch > self.stop
        return not ended and epoch >= self.start and (epoch - self.start) % self.every == 0


def isolated(
    gradients: Real[ndarray, "n d"], y: Integer[ndarray, " n"], medoids: float | int
) -> Int[ndarray, " dropped"]:
    """Examples to drop: medoids that represent only themselves, ascending.

    gradients: g_i, (n, d), finite.   y: labels, (n,).
    medoids: how many per class, as a share of its examples, above 0 and at most 1.
    Of two medoids that are equally close to an example, the one chosen first represents it. A class with a
    single example keeps it.
    Cost: O(n_c² d) per class.   ValueError: as in `craig`.
    """
    check_share(medoids=medoids)
    coreset = craig(gradients, y, medoids)
    alone = coreset.indices[coreset.weights == 1]
    labels, counts = np.unique(y, return_counts=True)
    return np.sort(alone[~np.isin(np.asarray(y)[alone], labels[counts == 1])])
