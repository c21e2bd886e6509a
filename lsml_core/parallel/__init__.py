"""Parallel SGD: many workers on one set of weights, in step with each other or not.

Needs numpy only; torch is imported where a network is trained or machines talk to each other.
"""

from lsml_core.parallel import cluster, engines, shuffling, synchronous

__all__ = ["cluster", "engines", "shuffling", "synchronous"]
