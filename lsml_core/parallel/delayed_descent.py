"""Gradient descent with old gradients on ½hw²: how long a delay it stands, known without a simulation.

tau (τ)   delay of every gradient, in steps      eta (η)   step size      h   curvature
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Num
from numpy import ndarray

from lsml_core.validation import Count, check_count, check_finite, check_positive

Real = float | int | Num[ndarray, "..."]


def stability_limit(tau: Real) -> Float[Any, "..."]:
    """The exact limit of ηh for delayed gradient descent: 2 sin(π/(2(2τ + 1))).

    w_{k+1} = w_k − ηh w_{k−τ} converges below it and grows above it. It is 2 without delay and about π/(2τ)
    for a long one. The largest curvature h of f decides.
    tau: delay in steps, a number or an array.   ValueError: tau < 0.
    It is where a root of z^{τ+1} − z^τ + ηh leaves the unit circle.  Levin & May (Theor. Popul. Biol., 1976).
    """
    delay = np.asarray(tau, dtype=float)
    if not (delay >= 0).all():
        raise ValueError(f"tau={tau} must be at least 0")
    return 2 * np.sin(np.pi / (2 * (2 * delay + 1)))


def longest_stable_delay(step: float | int, longest: Count = 10_000) -> int:
    """The longest delay below `longest` at which descent with ηL = `step`, above 0, converges; −1 if none."""
    check_positive(step=step)
    return int((stability_limit(np.arange(check_count("longest", longest))) > step).sum()) - 1


def delayed_descent(eta: Real, *, tau: Count, steps: Count, h: Real = 1.0) -> Float[ndarray, "time ..."]:
    """Gradient descent on ½hw² with every gradient τ steps old: w_0, …, w_steps; before that, w = 1.

    eta: step size, a number or an array.   tau: delay in steps.   steps: number of steps.   h: curvature.
    ValueError: tau or steps negative or not integers, eta or h not finite.
    """
    tau, steps = check_count("tau", tau, 0), check_count("steps", steps, 0)
    check_finite(eta=eta, h=h)
    step = np.asarray(eta, dtype=float) * np.asarray(h, dtype=float)
    w = np.ones((steps + 1, *step.shape))
    with np.errstate(all="ignore"):
        for k in range(steps):
            w[k + 1] = w[k] - step * w[max(k - tau, 0)]
    return w
