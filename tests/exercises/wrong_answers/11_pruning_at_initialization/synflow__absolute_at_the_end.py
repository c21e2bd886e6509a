"""The absolute value is taken of the scores, after paths have cancelled.

says: the last weight lies on both
"""

import numpy as np


def synflow(weights):
    front, back = [np.ones(weights[0].shape[1])], [np.ones(len(weights[-1]))]
    for A in weights[:-1]:
        front.append(A @ front[-1])
    for A in weights[:0:-1]:
        back.append(A.T @ back[-1])
    return [abs(b[:, None] * A * f) for A, f, b in zip(weights, front, back[::-1], strict=True)]
