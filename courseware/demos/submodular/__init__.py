"""Demos of the topic `lsml_core.submodular`, a module an idea."""
