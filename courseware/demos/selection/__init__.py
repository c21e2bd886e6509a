"""Demos of the topic `lsml_core.selection`, a module an idea."""
