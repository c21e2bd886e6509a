"""The types of arrays that several modules of this package take and return."""

from typing import Any

from jaxtyping import Float, Int, Num
from numpy import ndarray

Numbers = float | int | Num[ndarray, "..."]
"""A number, or an array of numbers that broadcasts."""
Values = Float[Any, "..."]
"""What comes out of them: an array, or a numpy scalar where all arguments are numbers."""
Points = Float[ndarray, "... d"]
"""Weights w: a point in d dimensions, or any batch of points."""
BatchIndices = Int[ndarray, "... b"]
"""The examples of one mini-batch per run, as positions in the data set."""
Coordinates = Float[Any, "*batch d"]
"""A point w on a loss surface, or any batch of points, numpy or torch."""
Heights = Float[Any, "*batch"]
"""The loss at each point."""
Hessians = Float[ndarray, "*batch d d"]
"""The Hessian at each point."""


def check_size(w: Coordinates, d: int) -> None:
    """ValueError unless w has d coordinates along its last axis."""
    if w.shape[-1:] != (d,):
        raise ValueError(f"w of shape {tuple(w.shape)} must have {d} coordinates along its last axis")
