"""Demos of the topic `lsml_core.optimization`, a module an idea."""
