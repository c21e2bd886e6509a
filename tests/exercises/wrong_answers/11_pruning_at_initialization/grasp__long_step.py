"""A difference over the whole length of g, which a quadratic loss forgives.

says: s = w ⊙ ∂R/∂w
"""


def grasp(grad, w):
    g = grad(w)
    return w * (grad(w + g) - grad(w - g)) / 2
