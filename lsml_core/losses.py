"""The losses of linear models, one value per example, with their derivatives. numpy only.

    z    linear prediction xᵢᵀw, shape (…)              y    target, broadcasts against z
    logits, one_hot    shape (…, classes)

Each formula is stable: no overflow warning, inf or nan for any finite z, and a small result keeps its digits.
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

Numbers = float | int | Num[ndarray, "..."]
Values = Float[Any, "..."]


def logistic(z: Numbers, y: Numbers) -> Values:
    """log(1 + exp(−yz)) for y = ±1: the negative log-likelihood of label y, if P(y = 1) = 1/(1 + exp(−z))."""
    return np.logaddexp(0.0, -_as_float(y) * z)


def logistic_derivative(z: Numbers, y: Numbers) -> Values:
    """∂/∂z log(1 + exp(−yz)) = −y/(1 + exp(yz)), between −1 and 1."""
    y = _as_float(y)
    with np.errstate(over="ignore"):  # exp overflows to inf, and the quotient is then 0, as it should be
        return -y / (1.0 + np.exp(y * z))


def logistic_curvature(z: Numbers) -> Values:
    """∂²/∂z² log(1 + exp(−yz)) = p(1 − p) with p = 1/(1 + exp(−z)): at most ¼, the same for y = ±1."""
    p = -logistic_derivative(np.abs(z), 1.0)  # the smaller of p and 1 − p
    return p * (1.0 - p)


def softmax(logits: Num[ndarray, "*batch classes"]) -> Float[ndarray, "*batch classes"]:
    """exp(zⱼ)/Σ exp(z_l), with the largest logit moved to 0 first.

    logits: (…, classes), any finite numbers.
    """
    p = np.exp(logits - logits.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


def cross_entropy(
    logits: Num[ndarray, "*batch classes"], one_hot: Num[ndarray, "*batch classes"]
) -> Float[Any, "*batch"]:
    """−log softmax(logits)_y = log Σ exp(z_l) − z_y. The derivative by the logits is softmax − one_hot."""
    top = logits.max(-1, keepdims=True)
    return np.log(np.exp(logits - top).sum(-1)) + top[..., 0] - (one_hot * logits).sum(-1)


def _as_float(values: Numbers) -> Values:
    """Unsigned integers have no −y, and bool has neither."""
    return np.asarray(values, dtype=float)
