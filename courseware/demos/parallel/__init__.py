"""Demos of the topic `lsml_core.parallel`, one module per idea."""
