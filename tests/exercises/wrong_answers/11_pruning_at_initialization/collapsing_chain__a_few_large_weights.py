"""Some weights of the large layer are the largest of all.

says: magnitude at once leaves something in every layer, or may
"""

import numpy as np


def collapsing_chain():
    large = np.linspace(1.0, 2.2, 36).reshape(6, 6)
    return (np.full((6, 1), 2.0), large, np.full((1, 6), 2.0)), 12 / 48
