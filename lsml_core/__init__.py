"""The real implementations behind the lectures, a package a topic: `from lsml_core import optimization`."""
