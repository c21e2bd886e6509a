"""How many weights each layer keeps, if the layers do not all keep the same fraction.

sizes      number of weights of each layer, (layers,)
density    fraction of all weights that is kept
ratio      density of a layer divided by that of the layer before it
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.optimize import brentq

from lsml_core.validation import check_fraction_of_weights, check_positive


def geometric_densities(
    sizes: Int[ndarray, " layers"], density: float | int, ratio: float | int
) -> Float[ndarray, " layers"]:
    """Densities min(a·ratioˡ, 1) of the layers l = 0, 1, …, with a such that Σ sizes·densities = density·N.

    ratio: above 1 prunes more at the start of the network, below 1 more at its end; above 0.
    ValueError: density outside (0, 1], or a size or a ratio that is not above 0.
    """
    density = check_fraction_of_weights("density", density, "kept")
    if not density:
        raise ValueError("density=0 must be above 0: layers that keep nothing have no ratio")
    check_positive(sizes=sizes, ratio=ratio)
    sizes = np.asarray(sizes)
    if sizes.ndim != 1 or not len(sizes):
        raise ValueError(f"sizes of shape {sizes.shape} must hold one number for each layer")
    slope = ratio ** np.arange(len(sizes), dtype=float)
    if density == 1:
        return np.ones(len(sizes))

    def excess(log_a: float) -> float:
        return float(np.minimum(np.exp(log_a) * slope, 1) @ sizes - density * sizes.sum())

    lowest = np.log(density) - np.log(slope.max())  # every layer keeps at most the fraction `density`
    highest = -np.log(slope.min())  # every layer keeps everything
    log_a = brentq(excess, lowest - 1e-9, highest + 1e-9, full_output=False)
    return np.minimum(np.exp(float(log_a)) * slope, 1)  # pyright: ignore[reportArgumentType]
