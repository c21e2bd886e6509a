"""Pruning: score the weights, keep the top, train what is left; before training, after it, or in turns."""

from lsml_core.pruning import masks, metrics, scores, structured, tickets

__all__ = ["masks", "metrics", "scores", "structured", "tickets"]
