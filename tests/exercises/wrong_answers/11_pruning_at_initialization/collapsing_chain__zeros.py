"""A layer is empty from the beginning.

says: and none 0
"""

import numpy as np


def collapsing_chain():
    return (np.ones((6, 1)), np.zeros((6, 6)), np.ones((1, 6))), 12 / 48
