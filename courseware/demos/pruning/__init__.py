"""Demos of the topic `lsml_core.pruning`, one module per idea."""
