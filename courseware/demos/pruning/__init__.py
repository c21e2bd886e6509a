"""Demos of the topic `lsml_core.pruning`, a module an idea."""
