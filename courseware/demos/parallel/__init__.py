"""Demos of the topic `lsml_core.parallel`, a module an idea."""
