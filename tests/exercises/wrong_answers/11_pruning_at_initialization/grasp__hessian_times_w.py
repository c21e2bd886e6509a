"""The Hessian is multiplied with w in place of g.

says: so the score w · h · h w = h² w² is above 0
"""


def grasp(grad, w):
    e = 1e-4
    return w * (grad(w + e * w) - grad(w - e * w)) / (2 * e)
