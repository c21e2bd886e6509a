"""Contour maps of loss surfaces, each computed once."""

from functools import lru_cache

import numpy as np

from courseware.plots.optimization import Landscape, Window, contour_lines
from lsml_core.optimization.objectives import Objective


@lru_cache(maxsize=200)
def landscape(objective: Objective, window: Window) -> Landscape:
    """The map of `objective` in window = (left, right, bottom, top)."""
    left, right, bottom, top = window
    x, y = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    height = np.asarray(objective.value(np.stack([x, y], axis=-1)))
    return Landscape(contour_lines((x, y, height)), objective.minimisers, window)
