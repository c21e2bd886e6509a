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
