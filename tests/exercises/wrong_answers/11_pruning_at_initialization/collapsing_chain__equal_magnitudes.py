"""All weights are 1, so the order of equal magnitudes decides.

says: magnitude at once leaves something in every layer, or may
"""

import numpy as np


def collapsing_chain():
    return (np.ones((6, 1)), np.ones((6, 6)), np.ones((1, 6))), 12 / 48
