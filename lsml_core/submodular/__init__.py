"""Submodular maximisation: set functions, greedy in all its forms, on one machine, on many, and on a stream.

Needs numpy and scipy only.
"""

from lsml_core.submodular import distributed, functions, greedy, streaming

__all__ = ["distributed", "functions", "greedy", "streaming"]
