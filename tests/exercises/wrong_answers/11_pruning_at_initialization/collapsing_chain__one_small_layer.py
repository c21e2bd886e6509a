"""Layers of one size, one of them with small weights: SynFlow does not mind.

says: SynFlow at once leaves something in every layer, or may
"""

import numpy as np


def collapsing_chain():
    small = np.linspace(0.1, 0.15, 16).reshape(4, 4)
    return (1 + small, small, 1 + small.T), 32 / 48
