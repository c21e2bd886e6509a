"""Hg alone.

says: so the score w · h · h w = h² w² is above 0
"""


def grasp(grad, w):
    g, e = grad(w), 1e-4
    return (grad(w + e * g) - grad(w - e * g)) / (2 * e)
