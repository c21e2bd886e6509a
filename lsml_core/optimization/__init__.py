"""Optimisation: loss surfaces, step rules that move on them, and the theory that predicts how fast.

Needs numpy only; torch is imported when `steps.torch_optimizer` is called.
"""

from lsml_core.optimization import objectives, rates, steps

__all__ = ["objectives", "rates", "steps"]
