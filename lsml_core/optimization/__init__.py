"""Optimization: losses, deterministic and stochastic methods, and the theory of their convergence rates.

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
