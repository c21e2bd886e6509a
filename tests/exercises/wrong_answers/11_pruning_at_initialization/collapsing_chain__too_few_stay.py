"""Two weights for three layers.

says: too few for a path
"""

import numpy as np


def collapsing_chain():
    large = np.linspace(1.0, 1.5, 36).reshape(6, 6)
    return (np.full((6, 1), 2.0), large, np.full((1, 6), 2.0)), 2 / 48
