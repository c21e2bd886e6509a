"""Optimization: losses, deterministic and stochastic methods, and the theory of their convergence rates.

    objectives, finite_sums    losses: functions of a few weights; means over examples
    steps, schedules           optimizers, from gradient descent to Adam; step sizes that change
    stochastic, sampling       SGD, SVRG, SAGA; which examples a step sees
    rates                      rates on a quadratic, and the η and β that are best there
    bounds, worst_case         upper bounds on the error after k steps, and functions that reach them

Needs numpy only; torch is imported when `steps.torch_optimizer` is called.
"""

from lsml_core.optimization import (
    bounds,
    finite_sums,
    objectives,
    rates,
    sampling,
    schedules,
    steps,
    stochastic,
    worst_case,
)

__all__ = [
    "bounds",
    "finite_sums",
    "objectives",
    "rates",
    "sampling",
    "schedules",
    "steps",
    "stochastic",
    "worst_case",
]
