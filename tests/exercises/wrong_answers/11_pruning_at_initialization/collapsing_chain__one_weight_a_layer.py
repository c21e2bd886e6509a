"""So few weights stay that ten rounds are too coarse.

says: SynFlow in 10 rounds leaves no path
"""

import numpy as np


def collapsing_chain():
    large = np.linspace(1.0, 1.5, 64).reshape(8, 8)
    return (np.full((8, 2), 2.0), large, large, np.full((2, 8), 2.0)), 4 / 160
