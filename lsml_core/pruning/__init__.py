"""Pruning: score the weights, keep the largest scores, train the rest; before, after or during training."""

from lsml_core.pruning import checkpoints, masks, metrics, scores, structured, tickets

__all__ = ["checkpoints", "masks", "metrics", "scores", "structured", "tickets"]
