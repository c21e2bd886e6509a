"""Weighted subsets of a data set: every weighted selection returns one, and `training.fit` trains on it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, Real
from numpy import ndarray


@dataclass(frozen=True, eq=False)
class Coreset:
    """Examples of a data set and their weights γ: an example that should count twice has weight 2.

    indices: positions in the data set, (m,), all different.
    weights: γ of each of them, (m,), finite and not negative, not all zero.
    Both arrays are copied and cannot be changed afterwards. ValueError: other indices or weights.
    """

    indices: Int[ndarray, " m"]
    weights: Real[ndarray, " m"]

    def __post_init__(self) -> None:
        for name in ("indices", "weights"):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        indices, weights = self.indices, self.weights
        if indices.ndim != 1 or indices.dtype.kind not in "iu" or len(indices) == 0 or indices.min() < 0:
            raise ValueError(
                f"indices={indices} must be integers in one dimension, one or more, none negative"
            )
        if len(np.unique(indices)) < len(indices):
            raise ValueError(f"indices={indices} must be all different; use weights to count one repeatedly")
        if weights.shape != indices.shape:
            raise ValueError(
                f"weights has shape {weights.shape}; indices has {indices.shape}, and both must agree"
            )
        if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.max() > 0):
            raise ValueError(f"weights={weights} must be finite and at least 0, and not all 0")

    def __len__(self) -> int:
        return len(self.indices)
