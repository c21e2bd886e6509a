"""The sign of the paper, which removes the largest: here the largest are kept.

says: so the score w · h · h w = h² w² is above 0
"""


def grasp(grad, w):
    g, e = grad(w), 1e-4
    return -w * (grad(w + e * g) - grad(w - e * g)) / (2 * e)
